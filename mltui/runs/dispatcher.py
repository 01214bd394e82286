"""The dispatcher: a process that starts the runs of a store's queue on this machine, as many at once as it has room
for, and leaves when the queue is empty. Started by command, as `python -m mltui.runs.dispatcher HOME`.

It knows nothing that the store does not say, and what it starts claims its run for itself. So it may be killed at any
moment, and another one goes on.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from mltui.core.errors import InputError
from mltui.record import process
from mltui.record.files import private_folder, replace_file, why
from mltui.record.status import read_status
from mltui.runs import ticket
from mltui.runs.home import Config
from mltui.runs.judge import Judge, Launched
from mltui.runs.launch import launch
from mltui.runs.queue import Dispatcher, lock_path, note_path
from mltui.runs.room import Need, need, refusal
from mltui.runs.ticket import Ticket

PAUSE = 1.0
"""Seconds between two looks at the queue."""
LOCK_SECONDS = 3.0
"""How long a dispatcher that may just be leaving is waited for."""
NICENESS = 5
Start = Callable[..., object]


class Turns:
    """Looks at the queue, one turn at a time, and starts at most one run a turn: the next one sees what it takes."""

    def __init__(self, home: Path, start: Start = launch) -> None:
        self._home, self._start = home, start
        self._here = Dispatcher(process.boot(), os.getpid(), process.start_time(os.getpid()) or 0.0)
        self._said: str | None = None
        self._waited: set[str] = set()

    def turn(self) -> bool:
        """See to this machine's tickets; False where there are none.

        Of those that waited when they were last looked at only the first is looked at again: a long queue costs little.
        """
        mine = [one for one in ticket.tickets(self._home) if one.here]
        first: Ticket | None = None
        running: list[Need] = []
        for one in mine:
            if first is not None and one.run in self._waited:
                continue
            state = self._state(one)
            self._waited.discard(one.run)
            if state == "waiting":
                self._waited.add(one.run)
                first = first or one
            elif state == "begun" and (found := self._running(one)):
                running.append(found)
        if first is not None:
            self._next(first, running)
        return bool(mine)

    def say(self, waits: str) -> bool:
        """Tell everybody which process this is, and what the first run waits for; whether that could be written."""
        if waits == self._said:
            return True
        try:
            replace_file(note_path(self._home), json.dumps({**asdict(self._here), "waits": waits}).encode() + b"\n")
        except OSError as error:
            print(f"the dispatcher's note cannot be written: {why(error)}", file=sys.stderr, flush=True)
            return False
        self._said = waits
        return True

    def forget(self) -> None:
        """Take the note back."""
        self._said = None
        with contextlib.suppress(OSError):
            note_path(self._home).unlink(missing_ok=True)

    def _state(self, one: Ticket) -> str:
        """waiting; begun; or gone, and then without a ticket: ended, taken out, or dead before it had begun."""
        folder = one.folder(self._home)
        life = Judge(folder).verdict().life if os.path.lexists(folder.resolved) else "dead"
        if life == "queued":
            return "waiting"
        if life == "dead":
            with contextlib.suppress(OSError):
                ticket.drop(self._home, one.run)
            return "gone"
        return "begun"

    def _running(self, one: Ticket) -> Need | None:
        """What a run that has begun wants; nothing of one that is paused, which may be for days."""
        folder = one.folder(self._home)
        status, launched = read_status(folder.status), Launched.read(folder)
        if not os.path.lexists(folder.resolved) or (status is not None and status.state == "paused"):
            return None
        pid = status.pid if status is not None and status.boot == process.boot() else launched.pid if launched else 0
        return need(folder, one.threads, pid)

    def _next(self, one: Ticket, running: Sequence[Need]) -> None:
        folder = one.folder(self._home)
        try:
            waits = refusal(self._home, need(folder, one.threads), running, _at_once())
        except InputError as error:
            waits = f"settings that can be read: {error.sentence}"
        # a note that can be written down is the best sign that the run's own reports can be
        if not self.say(waits) or waits:
            return
        self._waited.discard(one.run)
        try:
            self._start(folder, unseal=one.unseal, threads=one.threads, first=True)
        except OSError as error:
            self.say(f"a process that can be started: {why(error)}")


def _at_once() -> int | None:
    return Config.load().at_once


@contextlib.contextmanager
def alone(home: Path, seconds: float = LOCK_SECONDS) -> Iterator[bool]:
    """Be this machine's only dispatcher of a store; False where there is another one.

    Where the file system knows no locks, only the note of the other tells; runs are claimed by their workers, so that
    two dispatchers start none twice.
    """
    private_folder(ticket.place(home))
    handle = os.open(lock_path(home), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        locked = _locked(handle, seconds)
        yield Dispatcher.read(home) is None if locked is None else locked
    finally:
        os.close(handle)


def _locked(handle: int, seconds: float) -> bool | None:
    """Whether the lock was had in time; None where there are none."""
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        except OSError:
            return None
        else:
            return True


def serve(home: Path) -> int:
    """Start what waits until nothing of this machine is left in the queue; the exit code."""
    with alone(home) as only:
        if not only:
            return 0
        turns = Turns(home)
        while True:
            turns.say("")
            while turns.turn():
                time.sleep(PAUSE)
            # Whoever adds a run looks for the note after that: it is found there, or the run is found here.
            turns.forget()
            if not any(one.here for one in ticket.tickets(home)):
                return 0


def main(arguments: Sequence[str]) -> int:
    """Serve the store of a home."""
    os.nice(max(0, NICENESS - os.nice(0)))
    return serve(Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
