"""Where each input of a model comes from: its name, its unit in the data, and its values turned back into that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats
from mltui.data.matrix import width
from mltui.data.preprocess import Preprocessing
from mltui.data.scaling import CARRYING


@dataclass(frozen=True, eq=False)
class Origins:
    """The inputs of a model as the data know them, in the order of the preprocessing's outputs.

    Attributes:
        names: as a picture calls them, without units.
        units: of each in the data; empty where it has none, or is no column of the data.
        scale: shape (inputs,): how much of its unit is a step of one in the input; NaN where that depends on the place,
            or the input is a sum of several columns.
        indicators: shape (inputs,): whether the input is 1 where a category is the one named, and 0 elsewhere.
        steps: what turned a block of inputs, its first and last column, into what the model sees, and whether each of
            them still stands for itself.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    scale: Floats
    indicators: NDArray[np.bool_]
    steps: tuple[tuple[slice, tuple[Any, ...], bool], ...] = ()

    @classmethod
    def plain(cls, inputs: int) -> Origins:
        """Of inputs that nothing is known of: x1, x2 and so on, as the model sees them."""
        return cls(
            tuple(f"x{place}" for place in range(1, inputs + 1)),
            ("",) * inputs,
            np.ones(inputs),
            np.zeros(inputs, np.bool_),
        )

    @classmethod
    def of(cls, preprocessing: Preprocessing) -> Origins:
        """Of what a preprocessing gives."""
        numbers = [column for column in preprocessing.columns if column.kind != "category"]
        scale = preprocessing.spec.scale
        own = [pair for column in numbers for pair in _named(column)]
        if "pca" in scale:
            own = [("", "")] * (preprocessing.turned[-1] if numbers else 0)
        first, last = slice(0, len(own)), slice(len(own), len(preprocessing.names))
        pairs = [*own, *[("", "")] * (last.stop - last.start)]
        blocks = (
            (first, preprocessing.steps, "pca" not in scale),
            (last, preprocessing.codes_steps, True),
        )
        steady = all(name in ("none", *CARRYING) for name in scale)
        return cls(
            names=tuple(name or given for (name, _), given in zip(pairs, preprocessing.names, strict=True)),
            units=tuple(unit for _, unit in pairs),
            scale=np.concatenate([_scale(first, preprocessing.steps, steady), _scale(last, blocks[1][1], True)]),
            indicators=np.repeat([False, preprocessing.spec.encode == "onehot"], [len(own), last.stop - last.start]),
            steps=blocks,
        )

    def raw(self, values: Floats) -> Floats:
        """Inputs turned back into the units of the data; NaN where they are sums of several columns.

        Args:
            values: shape (rows, inputs), as the model sees them.
        """
        found = np.array(values, np.float64)
        for place, steps, alone in self.steps:
            block = found[:, place]
            found[:, place] = _undone(steps, block) if alone else np.full_like(block, np.nan)
        return found

    def raw_at(self, inputs: Sequence[int] | Any, values: Floats) -> Floats:
        """Values of single inputs turned back: shape (values,), of the inputs with these numbers."""
        inputs = np.asarray(inputs, np.int64)
        if not len(inputs):
            return np.zeros(0)
        order = np.argsort(inputs, kind="stable")
        first = np.searchsorted(inputs[order], inputs[order])
        row = np.empty(len(inputs), np.int64)
        row[order] = np.arange(len(inputs)) - first  # the how manieth of its input
        table = np.zeros((int(row.max()) + 1, len(self.names)))
        table[row, inputs] = values
        back: Floats = self.raw(table)[row, inputs]
        return back


def _named(column: Column) -> list[tuple[str, str]]:
    """The name and the unit of each raw input of a column; the preprocessing has the names where there is no other."""
    return [("" if column.shape else column.title, column.unit)] * width(column)


def _scale(place: slice, steps: Sequence[Any], steady: bool) -> Floats:
    """How far apart in the data 0 and 1 are, where they are that far apart everywhere."""
    inputs = place.stop - place.start
    if not steady or not inputs:
        return np.full(inputs, np.nan)
    low, high = _undone(steps, np.array([[0.0], [1.0]]).repeat(inputs, axis=1))
    return np.asarray(high - low, np.float64)


def _undone(steps: Sequence[Any], values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        for step in reversed(steps):
            values = step.inverse_transform(values)
    return np.asarray(values, np.float64)
