"""What steps of a preprocessing learn from, however many rows there are: whole raw columns, and the rows in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats, Table
from mltui.data.matrix import block, chunked, width

LARGEST = float(np.finfo(np.float32).max)
"""No number in a chain of steps is larger, so that a square of one is still a number."""
SAMPLE = 100_000
"""So many rows give the quantiles of what is no plain column; always the same ones, on disk as in memory."""
_SAMPLE_BYTES = 64_000_000
_COLUMN_BYTES = 64_000_000
"""So many inputs of an image are looked at together as give about so much; of a table, one column at a time."""
QUARTILES = (25.0, 50.0, 75.0)
Tell = Callable[[float], None]
"""Told the share that is done; it may raise to give up."""
Make = Callable[[NDArray[np.integer]], Floats]
"""Gives the numbers of rows, shape (rows, inputs)."""


def tame(values: Floats) -> Floats:
    """The same array with every entry a number that single precision can hold; NaN becomes 0."""
    np.nan_to_num(values, copy=False, nan=0.0, posinf=LARGEST, neginf=-LARGEST)
    return np.clip(values, -LARGEST, LARGEST, out=values)


def through(steps: Sequence[Any], values: Floats) -> Floats:
    """What fitted steps make of numbers, one after the other, every entry finite after each."""
    for step in steps:
        with np.errstate(all="ignore"):
            values = tame(step.transform(values))
    return values


def looked_at(
    table: Table, columns: Sequence[Column], rows: NDArray[np.integer], impute: str, *, quartiles: bool, tell: Tell
) -> tuple[Floats, Floats | None]:
    """What stands in for a missing value of each raw input, and its quartiles with those in place.

    Both need whole columns, which are taken one after the other.

    Args:
        impute: median, mean or zero, which all do without missing values; an input that has no other is 0.
        quartiles: whether they are wanted.

    Returns:
        Shape (inputs,), and shape (3, inputs) or None.
    """
    inputs = sum(width(column) for column in columns)
    stand_ins, found = np.zeros(inputs), np.zeros((len(QUARTILES), inputs))
    if impute != "zero" or quartiles:
        place = 0
        for together in _columns(table, columns, rows):
            for values in together.T:
                stand_ins[place] = _stand_in(values, impute)
                if quartiles:
                    values[np.isnan(values)] = stand_ins[place]
                    found[:, place] = np.percentile(values, QUARTILES, overwrite_input=True)
                place += 1
            tell(place / inputs)
    return stand_ins, found if quartiles else None


def _stand_in(values: Floats, impute: str) -> float:
    if impute == "zero":
        return 0.0
    absent = np.isnan(values)
    known = values[~absent] if absent.any() else values.copy()
    if not len(known):
        return 0.0
    return float(np.median(known, overwrite_input=True) if impute == "median" else known.mean())


def _columns(table: Table, columns: Sequence[Column], rows: NDArray[np.integer]) -> Iterator[Floats]:
    """Every column's values over all rows, one at a time; of an image, some pixels at a time."""
    for column in columns:
        if not column.shape:
            yield _clipped(block(table, column, rows))
            continue
        together = max(1, _COLUMN_BYTES // (8 * max(1, len(rows))))
        for start in range(0, width(column), together):
            yield _clipped(block(table, column, rows, slice(start, start + together)))


def _clipped(values: Floats) -> Floats:
    return np.clip(values, -LARGEST, LARGEST, out=values)


def filled(values: Floats, stand_ins: Floats) -> Floats:
    """The same array with the stand-in of each input where it is NaN, and no number too large for the steps."""
    np.copyto(values, stand_ins, where=np.isnan(values))
    return _clipped(values)


class Stream:
    """The rows that steps learn from, as the steps so far leave them, as often as it takes.

    A step is learnt from all rows in parts; what needs a whole order of values takes the quartiles of the raw columns,
    which scalings of each input by itself carry along exactly, and after any other step those of a fixed random sample.

    Attributes:
        inputs: of the rows as the steps so far leave them.
        steps: learnt so far.
        passes: how often the rows will be gone through.
    """

    def __init__(
        self, make: Make, rows: NDArray[np.integer], inputs: int, quartiles: Floats | None, *, at_once: int, tell: Tell
    ) -> None:
        """A stream without steps.

        `make` gives the numbers of rows, `quartiles` those of all of them if known, shape (3, inputs). Of so many bytes
        (`at_once`) or fewer, all are made once and held. `tell` is told the share of a pass that is done.
        """
        whole = 8 * len(rows) * inputs <= at_once
        self._make, self._at_once, self._tell = make, at_once, tell
        self._rows = rows if whole else np.sort(rows)
        self._whole = make(rows) if whole else None
        self._quartiles = quartiles
        self._width = self.inputs = inputs
        self.steps: list[Any] = []
        self.passes = 1

    def add(self, step: Any, *, carries: bool = False) -> None:
        """Let a learnt step change what comes next; it `carries` quartiles along where it only scales each input."""
        self.steps.append(step)
        if self._whole is not None:
            self._whole = through([step], self._whole)
        known = carries and self._quartiles is not None
        self._quartiles = through([step], self._quartiles) if known and self._quartiles is not None else None

    def parts(self) -> Iterator[Floats]:
        """All rows, some at a time, shape (some, inputs)."""
        if self._whole is not None:
            self._told(0.0)
            yield self._whole
            return
        for part in chunked(len(self._rows), 8 * self._width, self._at_once):
            self._told(part.start / len(self._rows))
            yield through(self.steps, self._make(self._rows[part]))

    def sample(self) -> Floats:
        """A fixed random sample of the rows, or all where they are no more."""
        self._told(0.0)
        places = self._places()
        if self._whole is not None:
            chosen: Floats = self._whole[np.argsort(self._rows, kind="stable")[places]]
            return chosen
        return through(self.steps, self._make(self._rows[places]))

    def _told(self, share: float) -> None:
        self._tell(min(1.0, (len(self.steps) + share) / self.passes))

    def _places(self) -> NDArray[np.integer]:
        """Where the sample lies among the rows in the order of the table."""
        rows = len(self._rows)
        most = max(1_000, min(SAMPLE, _SAMPLE_BYTES // (8 * self._width)))
        if rows <= most:
            return np.arange(rows)
        return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))

    def quartiles(self) -> Floats:
        """Of every input, shape (3, inputs)."""
        if self._quartiles is not None:
            return self._quartiles
        found: Floats = np.percentile(self.sample(), QUARTILES, axis=0)
        return found
