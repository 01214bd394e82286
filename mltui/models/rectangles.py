"""Rectangular cuts: for each of some signal efficiencies a range of every input, and the score that they give a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats


@dataclass(frozen=True)
class Rectangles:
    """Ranges of the inputs, from tight to loose; where there is no bound it is infinite.

    Attributes:
        efficiencies: shape (rectangles,), rising, each above 0 and below 1: the share of the signal that must be in it.
        lower, upper: shape (rectangles, inputs); in a rectangle is a row with lower <= x < upper for every input.
    """

    efficiencies: Floats
    lower: Floats
    upper: Floats

    def passing(self, x: NDArray[np.floating], place: int) -> NDArray[np.bool_]:
        """Which rows, shape (rows, inputs), are in one of the rectangles."""
        inside = np.full(len(x), True)
        for values, lower, upper in zip(x.T, self.lower[place], self.upper[place], strict=True):
            exact = values.astype(np.float64)
            inside &= (lower <= exact) & (exact < upper)
        return inside

    @property
    def levels(self) -> Floats:
        """The score of a row whose tightest rectangle is each of them, and of one that is in none.

        Shape (rectangles + 1,): 1 less the signal efficiency halfway between that of the rectangle and that of the next
        tighter one, so that a score above 1 - efficiency says that a row is in the rectangle of that efficiency.

        >>> Rectangles(np.array([0.25, 0.5]), np.zeros((2, 1)), np.ones((2, 1))).levels
        array([0.875, 0.625, 0.25 ])
        """
        edges: Floats = np.concatenate([[0.0], self.efficiencies, [1.0]])
        found: Floats = 1 - (edges[1:] + edges[:-1]) / 2
        return found

    def scores(self, x: NDArray[np.floating]) -> Floats:
        """Of each row, shape (rows,): the level of the tightest rectangle that it is in."""
        found = np.full(len(x), self.levels[-1])
        for place in reversed(range(len(self.efficiencies))):
            found[self.passing(x, place)] = self.levels[place]
        return found
