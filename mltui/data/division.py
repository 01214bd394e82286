"""What a split gives: which rows each part and each model of a run has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Part
from mltui.core.table import Table
from mltui.data import duplicates

Rows = NDArray[np.integer]
CHUNK = 1_000_000
"""So many rows are looked at together."""


def chunks(rows: int) -> Iterator[slice]:
    """Consecutive slices that cover so many rows; one empty slice for none."""
    for start in range(0, max(rows, 1), CHUNK):
        yield slice(start, min(start + CHUNK, rows))


def row_type(rows: int) -> type[np.integer]:
    """The type of row numbers: those of large tables are kept in half the memory."""
    return np.int32 if CHUNK < rows < 1 << 31 else np.int64


@dataclass(frozen=True)
class Division:
    """The rows of a table, divided.

    Attributes:
        parts: row numbers, in random order; the parts are disjoint. With folds, `train` has every row that any of
            the models is trained on, and `validation` is empty.
        table: what is divided.
        fold: shape (len(parts["train"]),), from 0, the fold that holds each of those rows out; None without folds.
        folds: how many; 1 without.
        refit: whether one more model is trained on train and validation together.
        notes: sentences of what the split had to decide, such as of rows that it left out.
    """

    parts: Mapping[Part, Rows]
    table: Table = field(repr=False, compare=False)
    fold: NDArray[np.integer] | None = None
    folds: int = 1
    refit: bool = False
    notes: tuple[str, ...] = ()

    @property
    def pool(self) -> Rows:
        """The rows of train and validation together, which a refit is trained on."""
        return np.concatenate([self.parts["train"], self.parts["validation"]])

    def member(self, number: int) -> dict[Part, Rows]:
        """What one of the models is trained on and judged by, from 0; without folds each on the same."""
        if self.fold is None:
            return {"train": self.parts["train"], "validation": self.parts["validation"]}
        out = self.fold == number
        return {"train": self.parts["train"][~out], "validation": self.parts["train"][out]}

    @cached_property
    def duplicates(self) -> dict[Part, int]:
        """How many rows of validation and test have the same features as a row trained on.

        With folds, rows that equal a row of another fold count as validation's. The table is read once, when this is
        asked for the first time.
        """
        return duplicates.counted(self.table, self.parts, self.fold, refit=self.refit)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user: the notes, and how many rows are repeated."""
        judged = self.parts["train" if self.fold is not None else "validation"]
        repeated = duplicates.warning(self.duplicates, {"validation": len(judged), "test": len(self.parts["test"])})
        return (*self.notes, *([repeated] if repeated else []))
