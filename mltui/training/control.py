"""The control thread: hears commands in the run folder and signals, and passes them to the gate.

Signals reach it through a wakeup socket that the interpreter's own handler writes to, so it hears them also while the
main thread is deep in a library and cannot run Python.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from mltui.record.control import take
from mltui.record.folder import RunFolder
from mltui.training.gate import Gate

POLL_SECONDS = 0.5
STOPS = (signal.SIGTERM, signal.SIGINT)
DOORBELL = signal.SIGUSR1
INTERRUPTED = 130
GONE_SECONDS = 60.0
"""How long a run folder may be gone before its worker leaves."""
ORPHANED = 1


class Control:
    """Listens while it is entered; to be entered by the main thread, to which signals belong.

    The first SIGTERM or SIGINT means stop and keep, the second leave at once.

    Args:
        tick: called now and then, whatever happens.
    """

    def __init__(self, folder: RunFolder, gate: Gate, tick: Callable[[], None]) -> None:
        self._folder, self._gate, self._tick = folder, gate, tick
        self._stops = 0
        self._seen = time.monotonic()
        self._ear, self._bell = socket.socketpair()
        self._before: dict[int, Any] = {}
        self._wakeup = -1
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="mltui-control", daemon=True)

    def __enter__(self) -> Control:
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        for number in (*STOPS, DOORBELL):
            self._before[number] = signal.signal(number, _heard_elsewhere)
        self._hear()  # what was asked before the start, such as to pause after one step, holds from the first step on
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave.set()
        with contextlib.suppress(OSError):
            self._bell.send(b"\0")
        self._thread.join()
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            # a doorbell that rings late, at a worker that is leaving, must not end it by the system's default
            signal.signal(number, signal.SIG_IGN if number == DOORBELL else handler)
        self._ear.close()
        self._bell.close()

    def _listen(self) -> None:
        while not self._leave.is_set():
            ready, _, _ = select.select([self._ear], [], [], POLL_SECONDS)
            rung = self._ear.recv(4096) if ready else b""
            for number in rung:
                if number in STOPS:
                    self._stop()
            self._hear()
            self._tick()
            self._leave_if_orphaned()

    def _hear(self) -> None:
        for command in take(self._folder):
            if command.kind == "change":
                self._gate.ask_change(command.key, command.value)
            else:
                self._gate.ask(command.kind)

    def _stop(self) -> None:
        self._stops += 1
        if self._stops > 1:
            os._exit(INTERRUPTED)
        self._gate.ask("stop")

    def _leave_if_orphaned(self) -> None:
        """A run whose folder was removed has nobody to work for; a mount that is away for a while comes back."""
        try:
            self._folder.resolved.stat()
        except FileNotFoundError:
            if time.monotonic() - self._seen > GONE_SECONDS:
                os._exit(ORPHANED)
            return
        except OSError:
            pass
        self._seen = time.monotonic()


def _heard_elsewhere(number: int, frame: FrameType | None) -> None:
    """Does nothing, but has to stand: without a handler the interpreter does not write to the wakeup socket."""
