"""The worker's sign of life: a thread that writes the status every two seconds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status

SECONDS = 2.0


class Heartbeat:
    """Beats from its making until `end`. A status that cannot be written is tried again at the next beat.

    Args:
        trouble: asked at each beat for a sentence that the status should carry, empty where all is well.
        usage: asked at each beat what the worker takes of the machine.
    """

    def __init__(
        self,
        folder: RunFolder,
        attempt: int,
        trouble: Callable[[], str],
        every: float = SECONDS,
        usage: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._path = folder.status
        self._status = Status.here("starting", attempt=attempt)
        self._trouble, self._usage = trouble, usage
        self._every = every
        self._lock = threading.Lock()
        self._leave = threading.Event()
        self._beat()
        self._thread = threading.Thread(target=self._run, name="mltui-heartbeat", daemon=True)
        self._thread.start()

    def say(self, state: str) -> None:
        """Write a new state at once."""
        self._beat(state=state)

    def end(self, state: str, message: str = "") -> None:
        """Stop beating and write the last state."""
        self._leave.set()
        self._thread.join()
        self._beat(state=state, message=message)

    def _run(self) -> None:
        while not self._leave.wait(self._every):
            self._beat(message=self._trouble())

    def _beat(self, **changes: Any) -> None:
        with self._lock:
            beats = self._status.heartbeat + 1
            self._status = replace(self._status, heartbeat=beats, **{**self._usage(), **changes})
            with contextlib.suppress(OSError):
                write_status(self._path, self._status)
