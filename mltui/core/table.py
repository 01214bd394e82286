"""The table: named columns with their kinds, the target, the weights, and where each row came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Task

ColumnKind = Literal["number", "ordered", "category", "image"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """One column's name and meaning.

    Attributes:
        name: as the experiment writes it; an expression is its own name.
        kind: a category's and an ordered column's values are codes into `categories`, -1 is missing; the codes of an
            ordered column are numbers that mean something. A date is a number of days. An image has a value for each
            of its pixels.
        unit: of the values, as an axis shows it.
        categories: the labels; those of an ordered column in their order.
        title: what a plot calls it, where that is not the name.
        shape: of one row's value; () but for an image.
    """

    name: str
    kind: ColumnKind = "number"
    unit: str = ""
    categories: tuple[str, ...] = ()
    title: str = ""
    shape: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The title with its unit, as an axis shows it."""
        title = self.title or self.name
        return f"{title} [{self.unit}]" if self.unit else title


@dataclass(frozen=True)
class Table:
    """Rows of features with a target and weights, in memory or memory-mapped.

    Attributes:
        columns: the features, in order.
        values: by feature name, shape (rows, *column.shape): floating, NaN and infinities meaning missing; or whole
            numbers: values, or codes with -1 for missing.
        task: what the target asks for.
        target: shape (rows,): class codes (int64, into `classes`) or the values to predict (float64); shape
            (rows, targets) where there are several values to predict.
        target_name: the column the target came from, or what the samples are told apart by; of several all names.
        target_title: what a plot calls it, where that is not the name.
        targets: of several targets each one's name, unit and title, in the order of their columns; else empty.
        classes: the class labels; with two, the second is the positive one, which high scores mean.
        weights: shape (rows,), or None where every row counts as one.
        training_weights: shape (rows,), what the fit takes in place of the weights; None where that is the weights.
        scaled_up: by what all weights were multiplied since the rows were drawn from so many times their number.
        weight_name: the column or expression they came from; weight_title: what a plot calls it, where not that.
        file: shape (rows,), index into `files`.
        entry: shape (rows,), the row's number in its file, from 0.
        processes: the names of the processes that the samples declare; none without samples.
        process: shape (rows,), index into `processes`; empty without samples.
        luminosity: in 1/fb, where the weights are expected events by the samples' cross-sections; else None.
        others: what is no feature and yet was asked for, such as the column to split by, by name or expression: shape
            (rows,), numbers, or codes of texts as numbers; NaN is missing.
        files: where the rows came from; a catalogue dataset is its own name; twice where from two trees of one file.
        trees: the tree in each of the files, where samples name any; else empty.
    """

    columns: tuple[Column, ...]
    values: Mapping[str, NDArray[np.generic]]
    task: Task
    target: NDArray[np.generic]
    target_name: str
    classes: tuple[str, ...] = ()
    weights: Floats | None = None
    training_weights: Floats | None = None
    scaled_up: float = 1.0
    weight_name: str = ""
    weight_title: str = ""
    target_unit: str = ""
    target_title: str = ""
    targets: tuple[Column, ...] = ()
    files: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    file: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    entry: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    processes: tuple[str, ...] = ()
    process: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, np.int16))
    luminosity: float | None = None
    others: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.target)

    @property
    def features(self) -> tuple[str, ...]:
        """The features' names."""
        return tuple(column.name for column in self.columns)

    @property
    def target_names(self) -> tuple[str, ...]:
        """The name of each target; of one alone its name."""
        return tuple(column.name for column in self.targets) or (self.target_name,)

    @property
    def target_labels(self) -> tuple[str, ...]:
        """Of each target its name with its unit, as an axis shows it."""
        return tuple(column.label for column in self.targets) or (self.target_label,)

    @property
    def target_label(self) -> str:
        """The target's name with its unit, as an axis shows it; of several one after the other."""
        if self.targets:
            return ", ".join(column.label for column in self.targets)
        return Column(self.target_name, unit=self.target_unit, title=self.target_title).label

    def take(self, rows: NDArray[np.integer]) -> Table:
        """The table of these rows, in this order."""
        return replace(
            self,
            values={name: array[rows] for name, array in self.values.items()},
            target=self.target[rows],
            weights=None if self.weights is None else self.weights[rows],
            training_weights=None if self.training_weights is None else self.training_weights[rows],
            others={name: array[rows] for name, array in self.others.items()},
            file=self.file[rows],
            entry=self.entry[rows],
            process=self.process[rows] if self.processes else self.process,
        )

    def weights_or_ones(self) -> Floats:
        """The weights, shape (rows,); ones where the table has none."""
        return np.ones(len(self)) if self.weights is None else self.weights
