"""Which snapshots are kept: a choice by step alone, so that two runs of one experiment keep the same ones."""

from __future__ import annotations

import math

AT_MOST = 24
EVEN = 8
ALL = 4
"""Up to so many steps all are kept: beside an epoch of a second, more pictures in a row would weigh."""


class Schedule:
    """Keeps step 0, the powers of two, and every stride-th step, the stride doubling as the run grows longer.

    Early training, where most changes, is kept densely, and the rest evenly. Never more than `AT_MOST` - 1 steps, so
    that the kept model's own snapshot always finds room.

    Args:
        every: keep every step that is offered, as long as there is room: for an axis whose steps are few and uneven.
    """

    def __init__(self, *, every: bool = False) -> None:
        self.kept: list[float] = []
        self._stride = 1
        self._every = every

    def offer(self, step: float) -> list[float] | None:
        """None where this step is not kept; else the earlier steps that it pushes out."""
        while step > (EVEN * self._stride if self._stride > 1 else ALL):
            self._stride *= 2
        if not self._wanted(step) or step in self.kept:
            return None
        before = self.kept
        self.kept = [*(s for s in before if self._wanted(s)), step]
        while len(self.kept) > AT_MOST - 1:
            del self.kept[1]
        return [s for s in before if s not in self.kept]

    def _wanted(self, step: float) -> bool:
        return self._every or step % self._stride == 0 or math.log2(step).is_integer()
