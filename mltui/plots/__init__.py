"""Numbers to styled rows of text; it alone knows plotext, and knows no Textual."""
