"""A part of an expression as Python writes it, and how strongly it holds together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How strongly signs bind in Python, the loosest first; unlike in an experiment, comparisons come last."""

    COMPARE = 0
    OR = 1
    AND = 2
    ADD = 3
    MULTIPLY = 4
    SIGN = 5
    POWER = 6
    ATOM = 7


@dataclass(frozen=True)
class Piece:
    """A part of an expression in Python.

    Attributes:
        code: as Python writes it. level: how strongly its outermost sign binds.
        truth, label, whole: whether it is true or false, a text, a whole number.
        missing: whether it may have no value in some row.
        constant: whether it is written out.
        labels: of a column of texts, all that occur.
    """

    code: str
    level: Level = Level.ATOM
    truth: bool = False
    label: bool = False
    whole: bool = False
    missing: bool = False
    constant: bool = False
    labels: tuple[str, ...] = ()

    def at(self, level: Level) -> str:
        """The code where signs of this strength stand beside it, in brackets where it needs them."""
        return self.code if self.level >= level else f"({self.code})"

    def number(self, level: Level = Level.COMPARE) -> str:
        """The code as a number: true is 1."""
        return f"{self.at(Level.ATOM)}.astype(int)" if self.truth and not self.constant else self.at(level)

    def floating(self, level: Level = Level.COMPARE) -> str:
        """The code as a number that may have a fraction."""
        changes = (self.truth or self.whole) and not self.constant
        return f"{self.at(Level.ATOM)}.astype(float)" if changes else self.at(level)

    def condition(self, level: Level) -> str:
        """The code as true or false: of numbers 1 is true."""
        return self.at(level) if self.truth else _bracketed(f"{self.at(Level.OR)} == 1", Level.COMPARE, level)


def _bracketed(code: str, own: Level, level: Level) -> str:
    return code if own >= level else f"({code})"
