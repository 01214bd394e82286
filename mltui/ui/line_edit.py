"""A line of text being typed: where the cursor stands and what each key does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class LineEdit:
    """A text with a cursor. `fresh` means nothing was typed yet: the first character replaces it all."""

    text: str
    cursor: int
    fresh: bool = False

    @classmethod
    def opened(cls, text: str) -> LineEdit:
        """A field just opened, its cursor at the end, its text to be replaced by typing or kept by moving."""
        return cls(text, len(text), fresh=True)

    def insert(self, typed: str) -> LineEdit:
        """The line with characters typed or pasted; a pasted line break is a blank."""
        typed = "".join(c if c.isprintable() else " " for c in typed)
        if self.fresh:
            return LineEdit(typed, len(typed))
        return LineEdit(self.text[: self.cursor] + typed + self.text[self.cursor :], self.cursor + len(typed))

    def press(self, key: str) -> LineEdit | None:
        """The line after an editing key, or None where the key is none."""
        act = _KEYS.get(key)
        return None if act is None else act(self)

    def _at(self, cursor: int) -> LineEdit:
        return LineEdit(self.text, max(0, min(cursor, len(self.text))))

    def _without(self, start: int, end: int) -> LineEdit:
        start = max(0, start)
        return LineEdit(self.text[:start] + self.text[end:], start)

    def seen(self, width: int) -> tuple[str, int]:
        """The part of the line that fits, and where the cursor stands in it; one cell is the cursor's own."""
        start = max(0, self.cursor - width + 1)
        return self.text[start : start + width], self.cursor - start


_KEYS: dict[str, Callable[[LineEdit], LineEdit]] = {
    "left": lambda e: e._at(e.cursor - 1),
    "right": lambda e: e._at(e.cursor + 1),
    "home": lambda e: e._at(0),
    "ctrl+a": lambda e: e._at(0),
    "end": lambda e: e._at(len(e.text)),
    "ctrl+e": lambda e: e._at(len(e.text)),
    "backspace": lambda e: LineEdit("", 0) if e.fresh else e._without(e.cursor - 1, e.cursor),
    "delete": lambda e: LineEdit("", 0) if e.fresh else e._without(e.cursor, e.cursor + 1),
    "ctrl+u": lambda e: e._without(0, e.cursor),
    "ctrl+k": lambda e: e._without(e.cursor, len(e.text)),
}
