"""A curve's points, growing at the end, shared between states without copying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class _Buffer:
    """Room for points; `used` of them are taken by the longest series that shares it."""

    def __init__(self, capacity: int) -> None:
        self.points = np.empty((2, capacity))
        self.used = 0


@dataclass(frozen=True, eq=False)
class Series:
    """Points of one curve. Extending gives a new series and leaves this one as it was, at amortised constant cost."""

    _buffer: _Buffer
    length: int

    @classmethod
    def empty(cls) -> Series:
        """A series without points."""
        return cls(_Buffer(16), 0)

    @property
    def steps(self) -> Floats:
        """Where the points stand on the axis, shape (length,)."""
        return self._buffer.points[0, : self.length]

    @property
    def values(self) -> Floats:
        """The points' values, shape (length,); NaN where the run had none to give."""
        return self._buffer.points[1, : self.length]

    def extended(self, steps: Sequence[float], values: Sequence[float | None]) -> Series:
        """A series with these points added; None becomes NaN, and so does what is not finite.

        Raises:
            ValueError, TypeError: where there is not one number or None for each step.
        """
        if len(steps) != len(values):
            raise ValueError("a curve has one value for each step")
        count = self.length + len(steps)
        buffer = self._buffer
        if buffer.used != self.length or count > buffer.points.shape[1]:
            buffer = _Buffer(max(16, 2 * count))
            buffer.points[:, : self.length] = self._buffer.points[:, : self.length]
        buffer.points[0, self.length : count] = steps
        added = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        buffer.points[1, self.length : count] = np.where(np.isfinite(added), added, np.nan)
        buffer.used = count
        return Series(buffer, count)

    def thinned(self, most: int) -> Series:
        """The series with fewer than so many points, its outline kept: of each four neighbours the lowest and the
        highest stay, in their order, first among the oldest. The same, however often it is asked while points come.

        Args:
            most: a multiple of 4.
        """
        points = self._buffer.points[:, : self.length]
        while points.shape[1] >= most:
            fours = points[:, :most].reshape(2, -1, 4)
            low = np.where(np.isnan(fours[1]), np.inf, fours[1]).argmin(axis=1)
            high = np.where(np.isnan(fours[1]), -np.inf, fours[1]).argmax(axis=1)
            high = np.where(high == low, (low + 1) % 4, high)  # of four alike, or without a value, any two
            kept = np.sort(np.stack([low, high], axis=1), axis=1)
            half = np.take_along_axis(fours, kept[None], axis=2).reshape(2, -1)
            points = np.concatenate([half, points[:, most:]], axis=1)
        if points.shape[1] == self.length:
            return self
        buffer = _Buffer(most)
        buffer.points[:, : points.shape[1]] = points
        buffer.used = points.shape[1]
        return Series(buffer, buffer.used)

    def before(self, step: float) -> Series:
        """The points at or before a step, for a run that resumed from there."""
        return Series(self._buffer, int(np.searchsorted(self.steps, step, side="right")))
