"""What is said of the reading of data while it goes on, within bounds, and how a stop is heard meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mltui.training.gate import Gate, Stopped

INTERVAL = 0.25
"""Seconds between two events; reading that is done before says nothing."""
STEP = 0.005
"""Less than this is not worth an event: so there are at most two hundred, however long it takes."""


class Reading:
    """Told how far the reading is, tells it on.

    Args:
        emit: called as emit(kind, **fields).
        clock: seconds, never going back.
    """

    def __init__(self, emit: Callable[..., Any], gate: Gate, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit, self._gate, self._clock = emit, gate, clock
        self._due = clock() + INTERVAL
        self._share = -STEP

    def tell(self, share: float) -> None:
        """So much of the data is read and made ready, from 0 to 1; it never goes back.

        Raises:
            Stopped: where the run is asked to stop.
        """
        if self._gate.stopping:
            raise Stopped
        now, share = self._clock(), min(1.0, share)
        if now < self._due or share < self._share + STEP:
            return
        self._due, self._share = now + INTERVAL, share
        self._emit("progress", reading=round(share, 4))
