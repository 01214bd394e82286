"""Small random data with scores, weights, a number, a label and a process for each row; what laws are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Table

CLASSES: dict[str, tuple[str, ...]] = {"two": ("b", "s"), "three": ("a", "b", "c"), "regression": ()}
PROCESSES = ("p", "q")
LABELS = ("x", "y", "z")
Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """Rows with all that any number of `evaluation` is computed from.

    Attributes:
        kind: two or three classes, or a regression.
        number: a column of numbers, some missing. label: one of codes into LABELS, -1 for missing.
        part: which rows are in the part that is judged; the others are in the data only.
    """

    kind: str
    target: Array
    values: Array
    weights: Array
    number: Array
    label: Array
    process: Array
    part: Array

    @property
    def task(self) -> Task:
        return "regression" if self.kind == "regression" else "classification"

    @property
    def classes(self) -> tuple[str, ...]:
        return CLASSES[self.kind]

    @property
    def scores(self) -> Scores:
        return Scores(self.target, self.values, self.weights, self.process.astype(np.int16))

    @property
    def table(self) -> Table:
        return Table(
            columns=(), values={}, task=self.task, target=self.target, target_name="t", classes=self.classes,
            weights=self.weights, processes=PROCESSES, process=self.process,
        )  # fmt: skip

    def changed(self, **arrays: Array) -> Case:
        return Case(**{**self.__dict__, **arrays})

    def take(self, rows: Array) -> Case:
        return self.changed(**{name: array[rows] for name, array in self._arrays().items()})

    def joined(self, other: Case) -> Case:
        theirs = other._arrays()
        return self.changed(**{name: np.concatenate([array, theirs[name]]) for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, Array]:
        return {name: array for name, array in self.__dict__.items() if name != "kind"}


POSITIVE = st.integers(1, 50)
ANY = st.integers(-20, 50)


@st.composite
def cases(draw: st.DrawFn, kind: str, weights: st.SearchStrategy[int] = ANY) -> Case:
    """Rows of every class; weights in tenths, whose sums round; scores and numbers on grids, so that many are equal."""
    count = max(2, len(CLASSES[kind]))
    rows = draw(st.integers(count, 14))

    def column(of: st.SearchStrategy[Any], size: int = rows) -> Array:
        return np.array(draw(st.lists(of, min_size=size, max_size=size)), np.float64)

    if kind == "regression":
        target = column(st.integers(-30, 30)) / 4
        target[:2] = 0, 1
        values = column(st.integers(-30, 30)) / 4
    else:
        target = np.append(np.arange(count), column(st.integers(0, count - 1), rows - count)).astype(np.int64)
        values = column(st.integers(0, 10)) / 10
        if count > 2:
            values = column(st.integers(1, 8), count * rows).reshape(rows, count)
            values = values / values.sum(axis=1, keepdims=True)
    grid = np.array([-6.0, -1, 0, 1, 2, 5, 0.25, 1e3, np.nan])
    by_chance = np.random.default_rng(draw(st.integers(0, 99)))  # cheaper than to draw each; these shrink to nothing
    return Case(
        kind=kind,
        target=target,
        values=values,
        weights=column(weights) / 10,
        number=by_chance.choice(grid, rows),
        label=by_chance.integers(-1, len(LABELS), rows),
        process=by_chance.integers(0, len(PROCESSES), rows),
        part=by_chance.random(rows) < 0.7,
    )


def some(rows: int) -> st.SearchStrategy[Array]:
    """Any of so many rows, shape (rows,)."""
    return st.integers(0, 2**rows - 1).map(lambda bits: np.array([bits >> row & 1 for row in range(rows)], np.bool_))


@st.composite
def nothings(draw: st.DrawFn, kind: str) -> Case:
    """Rows that nothing may come of when their weight is zero: far, missing, and of any class."""
    case = draw(cases(kind, st.just(0)))
    odd = np.array([np.nan, 1e300, -np.inf, 0.31])
    rows = np.arange(len(case.target))
    return case.changed(values=case.values + odd[rows % 4].reshape(-1, *[1] * (case.values.ndim - 1)),
                        number=odd[(rows + 1) % 4])  # fmt: skip
