"""The table: named columns with their kinds, the target, the weights, and where each row came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Task

ColumnKind = Literal["number", "category"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """One column's name and meaning. A category's values are codes into `categories`; -1 is missing."""

    name: str
    kind: ColumnKind = "number"
    unit: str = ""
    categories: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name with its unit, as an axis shows it."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True)
class Table:
    """Rows of features with a target and weights.

    Attributes:
        columns: the features, in order.
        values: by feature name, shape (rows,); float64 with NaN for missing, or int64 codes with -1 for missing.
        task: what the target asks for.
        target: shape (rows,): class codes (int64, into `classes`) or the values to predict (float64).
        target_name: the column the target came from.
        classes: the class labels; with two, the second is the positive one, which high scores mean.
        weights: shape (rows,), or None where every row counts as one.
        file: shape (rows,), index into `files`.
        entry: shape (rows,), the row's number in its file, from 0.
        files: where the rows came from; a catalogue dataset is its own name.
    """

    columns: tuple[Column, ...]
    values: Mapping[str, NDArray[np.generic]]
    task: Task
    target: NDArray[np.generic]
    target_name: str
    classes: tuple[str, ...] = ()
    weights: Floats | None = None
    weight_name: str = ""
    target_unit: str = ""
    files: tuple[str, ...] = ()
    file: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    entry: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.target)

    @property
    def features(self) -> tuple[str, ...]:
        """The features' names."""
        return tuple(column.name for column in self.columns)

    @property
    def target_label(self) -> str:
        """The target's name with its unit, as an axis shows it."""
        return Column(self.target_name, unit=self.target_unit).label

    def take(self, rows: NDArray[np.integer]) -> Table:
        """The table of these rows, in this order."""
        return replace(
            self,
            values={name: array[rows] for name, array in self.values.items()},
            target=self.target[rows],
            weights=None if self.weights is None else self.weights[rows],
            file=self.file[rows],
            entry=self.entry[rows],
        )

    def weights_or_ones(self) -> Floats:
        """The weights, shape (rows,); ones where the table has none."""
        return np.ones(len(self)) if self.weights is None else self.weights
