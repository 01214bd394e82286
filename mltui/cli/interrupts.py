"""Ctrl+C while a run goes: the first stops it and keeps what it has, the second kills it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder


class Interrupts:
    """Counts the interrupts, and passes them on to the run as soon as there is one.

    A request to end (SIGTERM, as `timeout` and batch systems send it) counts as one too.
    """

    def __init__(self) -> None:
        self.count = 0
        self._passed_on = 0

    def _came(self, signum: int, frame: FrameType | None) -> None:
        self.count += 1

    def pass_on(self, *folders: RunFolder) -> None:
        """Stop or kill the runs where that was newly asked for; called from the loop that watches them."""
        from mltui.runs import steer

        while self._passed_on < min(self.count, 2):
            self._passed_on += 1
            if self._passed_on == 1:
                print("stopping, and keeping what is trained; Ctrl+C again kills it", file=sys.stderr, flush=True)
            else:
                print("killing the run", file=sys.stderr, flush=True)
            for folder in folders:
                with suppress(InputError):  # it has ended in the meantime
                    (steer.stop if self._passed_on == 1 else steer.kill)(folder)


@contextmanager
def counted() -> Iterator[Interrupts]:
    """Count interrupts inside, and give the signals back as they were."""
    interrupts = Interrupts()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupts._came) for number in signals}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
