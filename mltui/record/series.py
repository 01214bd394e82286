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

    def before(self, step: float) -> Series:
        """The points at or before a step, for a run that resumed from there."""
        return Series(self._buffer, int(np.searchsorted(self.steps, step, side="right")))
