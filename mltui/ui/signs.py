"""The signs of the lab, and what stands for them where only ASCII is wanted."""

from __future__ import annotations

_PLAIN = str.maketrans(
    {
        "▾": "v",
        "▸": ">",
        "▲": "!",
        "●": "*",
        "○": "o",
        "◌": ".",
        "‖": "=",
        "■": "#",
        "✓": "+",
        "✗": "x",
        "→": "->",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "↵": "enter",
        "·": "-",
        "…": "~",
        "━": "=",
        "╸": "-",
        "─": "-",
        "×": "x",
        "−": "-",
        "±": "+-",
    }
)


def said(words: str, ascii_only: bool) -> str:
    """The words as they are, or with every sign in ASCII."""
    return words.translate(_PLAIN) if ascii_only else words
