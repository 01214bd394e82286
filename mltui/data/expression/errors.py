"""What is wrong with an expression, and at which of its characters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mltui.core.text import clean

_AROUND = 30


class ExpressionError(ValueError):
    """An expression cannot be used.

    `sentence` says what is wrong, where, and what would be right; `position` is the character, counted from 1.
    """

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.position = position


class Wrong(Exception):
    """Something wrong at a character, told before the whole text is at hand."""

    def __init__(self, position: int, phrase: str) -> None:
        super().__init__(phrase)
        self.position = position
        self.phrase = phrase


@contextmanager
def explained(text: str) -> Iterator[None]:
    """Put what is wrong into a sentence that shows the text around it.

    Raises:
        ExpressionError: in place of `Wrong`.
    """
    try:
        yield
    except Wrong as wrong:
        around = _around(text, wrong.position)
        quote = "'" if '"' in around else '"'
        sentence = f"character {wrong.position} of {quote}{around}{quote}: {wrong.phrase}"
        raise ExpressionError(sentence, wrong.position) from None


def shown(text: str, at_most: int = 40) -> str:
    """A piece of an expression as a sentence may hold it: without control signs, and not too long."""
    piece = text if len(text) <= at_most else f"{text[: at_most - 1]}…"
    return clean(piece)


def _around(text: str, position: int) -> str:
    """The text, or where it is long what stands around a character."""
    if len(text) <= 2 * _AROUND:
        return shown(text, 2 * _AROUND)
    first = max(0, min(position - 1 - _AROUND, len(text) - 2 * _AROUND))
    last = first + 2 * _AROUND
    before, after = "…" if first else "", "…" if last < len(text) else ""
    return f"{before}{shown(text[first:last], 2 * _AROUND)}{after}"
