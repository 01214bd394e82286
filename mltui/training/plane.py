"""The plane of two features, or the line of one, that answers are drawn over, and the rows drawn as points in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Part
from mltui.core.snapshot import Points, Surface
from mltui.core.table import Column, Floats, Table
from mltui.inference.fitted import Inputs
from mltui.training.problem import Rows

WIDTH, HEIGHT = 80, 60
LONG = 240
"""Places along a line."""
COARSE = 20
"""Rows, and columns, of the grid that each neuron is asked at; it divides both numbers above."""
POINTS: Mapping[Part, int] = {"train": 350, "validation": 150}
ON_DISK = 100_000
"""So many of the training rows lay the plane where they are not in memory."""
MOST_FEATURES = 30
"""With more features, as the pixels of an image, a slice along two of them shows nothing of the model."""


class Transform(Protocol):
    """What turns raw rows into a model's inputs."""

    def transform(self, table: Table) -> Inputs:
        """Shape (rows, inputs)."""
        ...


class Plane:
    """A grid over the two features that the dataset's preview shows: those that tell most of the target.

    Of data with one feature it is a line: a grid of one row. With other features beside the two it is a slice: they
    stand at their median, categories at the most common one, over the training rows. It reaches over the middle 99 % of
    the training rows and a tenth of that beyond each side.

    Attributes:
        rows: the centres of the cells, row by row from the lowest y, as the data have them.
        inputs: shape (cells, inputs): the same, preprocessed.
        points: at most 500 rows of train and validation.
        point_inputs: shape (points, inputs): the same rows, preprocessed; None along a line.
        coarse: shape (COARSE, COARSE, inputs): the inputs at every few cells, row by row from the lowest y; None along
            a line.
    """

    def __init__(
        self, parts: Mapping[Part, Rows], preprocessing: Transform, table: Table, x: Column, y: Column | None
    ) -> None:
        self._names = x.label, y.label if y else ""
        self._shape = height, width = (HEIGHT, WIDTH) if y else (1, LONG)
        x_low, x_high = _reach(table, x)
        y_low, y_high = _reach(table, y) if y else (0.0, 1.0)
        self._extent = (x_low, x_high, y_low, y_high)
        grid = np.meshgrid(_centres(x_low, x_high, width), _centres(y_low, y_high, height))
        rows = table.take(np.zeros(width * height, np.int64))
        values = {c.name: np.full(len(rows), _typical(table, c)) for c in table.columns}
        values |= {column.name: centres.ravel() for column, centres in zip((x, y), grid, strict=True) if column}
        self.rows = replace(rows, values=values)
        self.inputs = preprocessing.transform(self.rows)
        self.points, inputs = _points(parts, x, y)
        self.point_inputs: Inputs | None = None
        self.coarse: Inputs | None = None
        if y:
            down, along = HEIGHT // COARSE, WIDTH // COARSE
            self.point_inputs = inputs
            self.coarse = self.inputs.reshape(HEIGHT, WIDTH, -1)[down // 2 :: down, along // 2 :: along]

    @classmethod
    def of(cls, parts: Mapping[Part, Rows], preprocessing: Transform, features: Sequence[str]) -> Plane | None:
        """The plane of two features, or the line of the only one; None where they span none worth drawing.

        Args:
            features: their names; such as do not vary in the training rows do not count.
        """
        columns = parts["train"].whole.columns
        if len(columns) > MOST_FEATURES or any(column.kind == "image" for column in columns):
            return None
        table = _spoken_for(parts["train"])
        by_name = {column.name: column for column in columns}
        varying = [by_name[name] for name in features if _varies(table, by_name[name])]
        if len(varying) == 2:
            return cls(parts, preprocessing, table, varying[0], varying[1])
        return cls(parts, preprocessing, table, varying[0], None) if len(varying) == len(columns) == 1 else None

    def surface(self, scores: Floats) -> Surface:
        """The surface from the scores of `inputs`; of several targets, as the points have them, one for each."""
        if scores.ndim == 2 and self.points.target.ndim == 1:
            scores = scores.argmax(axis=1).astype(np.float64)
        values = scores.T.reshape(*scores.shape[1:], *self._shape)
        return Surface(values, *self._names, self._extent)


def _spoken_for(rows: Rows) -> Table:
    """The training rows that the plane is laid by: all of them, but of those on disk a fixed sample."""
    return rows.sample(ON_DISK).table if rows.on_disk else rows.table


def _varies(table: Table, column: Column) -> bool:
    if column.kind != "number":
        return False
    known = _known(table, column)
    return len(known) > 1 and bool(known.min() < known.max())


def _known(table: Table, column: Column) -> Floats:
    values = np.asarray(table.values[column.name], np.float64)
    return values[np.isfinite(values)]


def _reach(table: Table, column: Column) -> tuple[float, float]:
    known = _known(table, column)
    low, high = (float(edge) for edge in np.quantile(known, (0.005, 0.995)))
    if not low < high:
        low, high = float(known.min()), float(known.max())
    margin = 0.1 * (high - low)
    return low - margin, high + margin


def _centres(low: float, high: float, count: int) -> Floats:
    return low + (np.arange(count) + 0.5) * (high - low) / count


def _typical(table: Table, column: Column) -> np.generic:
    values = table.values[column.name]
    if column.kind == "number":
        known = _known(table, column)
        return np.float64(np.median(known) if len(known) else np.nan)
    codes, counts = np.unique(values, return_counts=True)
    return np.int64(codes[counts.argmax()])


def _points(parts: Mapping[Part, Rows], x: Column, y: Column | None) -> tuple[Points, Inputs]:
    drawn = [rows.sample(POINTS[part]) for part, rows in parts.items()]
    codes: NDArray[np.int64] = np.repeat(
        np.array([part != "train" for part in parts], np.int64), [len(r) for r in drawn]
    )
    tables = [rows.table for rows in drawn]
    xs = np.concatenate([np.asarray(t.values[x.name], np.float64) for t in tables])
    ys = np.concatenate([np.asarray(t.values[y.name], np.float64) for t in tables]) if y else np.zeros(len(xs))
    seen = np.isfinite(xs) & np.isfinite(ys)
    target = np.concatenate([rows.target for rows in drawn])[seen]
    inputs: Inputs = np.concatenate([rows.x for rows in drawn])[seen]
    return Points(xs[seen], ys[seen], target, codes[seen]), inputs
