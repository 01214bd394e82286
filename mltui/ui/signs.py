"""The signs of the lab, and what stands for them where only ASCII is wanted."""

from __future__ import annotations

_PLAIN = str.maketrans(
    {
        "▾": "v",
        "▸": ">",
        "▲": "!",
        "●": "*",
        "○": "o",
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
    }
)


def axis_words(axis: str) -> str:
    """What a run's steps are, as a person says it: ``epoch``, ``tree``, ``rows`` of a curve along training size."""
    return "rows" if axis == "training_size" else axis.replace("_", " ")


def said(words: str, ascii_only: bool) -> str:
    """The words as they are, or with every sign in ASCII."""
    return words.translate(_PLAIN) if ascii_only else words
