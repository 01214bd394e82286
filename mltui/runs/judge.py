"""Whether the worker of a run still lives, from what it and its launcher left in the folder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mltui.record import process
from mltui.record.files import open_plain
from mltui.record.folder import RunFolder
from mltui.record.state import ENDED
from mltui.record.status import Status, read_object, read_status
from mltui.runs.ticket import ticket_of

NOT_STARTED_SECONDS = 60.0
SILENT_SECONDS = 120.0
LONG_AGO_SECONDS = 3600.0
SMALLEST_FILE = 4096
_LOG_REACH = 1 << 18
_FATAL = re.compile(rb"^Fatal Python error: ([ -~]{1,80})", re.MULTILINE)
Life = Literal["lives", "dead", "silent", "waiting", "queued"]
_SIGNALS = {
    signal.SIGKILL: "was killed (signal 9), by somebody or by the system, as when memory runs out",
    signal.SIGSEGV: "crashed inside a native library (signal 11, segmentation fault)",
    signal.SIGBUS: "crashed inside a native library (signal 7, bus error)",
    signal.SIGABRT: "gave up inside a native library (signal 6, abort)",
    signal.SIGILL: "met an instruction this processor does not know (signal 4)",
    signal.SIGFPE: "crashed inside a native library (signal 8, arithmetic)",
    signal.SIGTERM: "was ended from outside (signal 15)",
    signal.SIGHUP: "was ended with the terminal or the login session (signal 1)",
    signal.SIGXCPU: "used up the processor time it was allowed (signal 24)",
}


@dataclass(frozen=True)
class Verdict:
    """What is known of the worker.

    Attributes:
        life: lives; dead; silent (another machine's worker that was not heard of); waiting (not started yet); queued
            (it waits for its turn).
        sentence: where it does not live, one sentence that says so; where it does, what troubles it, if anything.
        status: its last sign of life, if any.
    """

    life: Life
    sentence: str = ""
    status: Status | None = None


@dataclass(frozen=True)
class Launched:
    """Which process the launcher started as which attempt, which process the launcher is, and the exit code if known.

    Attributes:
        attempt: 0 where an older mltui did not note it.
    """

    boot: str
    pid: int
    started: float
    launcher: int
    launcher_started: float
    exit: int | None
    attempt: int = 0

    @classmethod
    def read(cls, folder: RunFolder) -> Launched | None:
        """What the launcher noted, or None."""
        note = read_object(folder.launch)
        try:
            if note is None:
                return None
            code = note.get("exit")
            return cls(
                boot=str(note["boot"]),
                pid=int(note["pid"]),
                started=float(note["started"]),
                launcher=int(note.get("launcher", 0)),
                launcher_started=float(note.get("launcher_started", 0.0)),
                exit=None if code is None else int(code),
                attempt=int(note.get("attempt", 0)),
            )
        except (KeyError, ValueError, TypeError, OverflowError):
            return None


class Judge:
    """Watches one run's worker. On the same machine the process itself is asked for; on another only its heartbeat
    tells, by this process's own clock.

    Args:
        patience: how many seconds a death may stay unsaid while a living launcher has yet to note the exit code,
            which tells more. A judge that is asked only once has none.
    """

    def __init__(
        self, folder: RunFolder, *, patience: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._patience = patience
        self._clock = clock
        self._beat: tuple[int, int] | None = None
        self._heard = clock()
        self._gone: float | None = None

    def verdict(self) -> Verdict:
        """What can be said now."""
        launched = Launched.read(self._folder)
        verdict = self._from(launched)
        if verdict.life != "dead" or launched is None or not _note_will_come(launched):
            self._gone = None
            return verdict
        if self._gone is None:
            self._gone = self._clock()
        waits = self._clock() - self._gone < self._patience
        return Verdict("lives", status=verdict.status) if waits else verdict

    def _from(self, launched: Launched | None) -> Verdict:
        status = read_status(self._folder.status)
        if (launched is not None and _lives(launched)) or (status is not None and _lives(status)):
            return self._living(status)
        if status is None or (launched is not None and launched.attempt > status.attempt):
            return self._without_status(launched)
        if status.state in ENDED:
            lost = f"the run has {status.state}, but the worker could not write its last reports"
            return Verdict("dead", status.message or lost, status)
        if _same_machine(status) or (launched is not None and launched.pid == status.pid and launched.exit is not None):
            return Verdict("dead", self._death(status, launched), status)
        return self._by_heartbeat(status)

    def _living(self, status: Status | None) -> Verdict:
        trouble = status.message if status is not None and status.state not in ENDED else ""
        if _full(self._folder.path):
            trouble = "No space is left on the disk that holds the run; what it has to say waits in its memory."
        return Verdict("lives", trouble, status)

    def _without_status(self, launched: Launched | None) -> Verdict:
        if (launched is None or launched.boot != process.boot()) and self._queued():
            return Verdict("queued")
        if launched is not None and (launched.boot == process.boot() or launched.exit is not None):
            return Verdict("dead", self._death(None, launched))
        if not self._folder.path.is_dir():
            return Verdict("dead", f"the run's folder is gone ({self._folder.path})")
        if _age(self._folder.path) > NOT_STARTED_SECONDS and launched is None:
            return Verdict("dead", f"the run was never started; mltui runs resume {self._folder.id} starts it")
        if _age(self._folder.path) > LONG_AGO_SECONDS:
            return Verdict("silent", f"the worker never reported from where it was started; {_onward(self._folder)}")
        return Verdict("waiting")

    def _queued(self) -> bool:
        """Whether it has a ticket, and no worker has claimed it."""
        try:
            return ticket_of(self._folder) is not None and self._folder.last_attempt == 0
        except OSError:
            return False

    def _death(self, status: Status | None, launched: Launched | None) -> str:
        how = _how_it_died(status, launched, self._folder)
        if not _full(self._folder.path):
            return how
        if launched is not None and launched.exit is not None and launched.exit < 0:
            return f"no space is left on the disk that holds the run, and {how}"
        return (
            "no space is left on the disk that holds the run, and its worker is gone without a last word; "
            f"make room, then {_onward(self._folder)}"
        )

    def _by_heartbeat(self, status: Status) -> Verdict:
        now = self._clock()
        beat = (status.attempt, status.heartbeat)
        if beat != self._beat:
            first, self._beat, self._heard = self._beat is None, beat, now
            if first and (age := _age(self._folder.status)) > LONG_AGO_SECONDS:
                self._heard = now - age
        silence = now - self._heard
        if silence <= SILENT_SECONDS:
            return Verdict("lives", status=status)
        where = status.host or "another machine"
        silent = f"nothing was heard from {where} for {_spell(silence)}; the worker there may have died"
        return Verdict("silent", f"{silent}, and then {_onward(self._folder)}", status)


def last_sign(folder: RunFolder, otherwise: float | None) -> float | None:
    """When the run's worker was last heard of, in seconds since 1970."""
    for path in (folder.status, folder.events, folder.launch):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return otherwise


def _note_will_come(launched: Launched) -> bool:
    return (
        launched.exit is None
        and launched.boot == process.boot()
        and process.lives(launched.launcher, launched.launcher_started)
    )


def _lives(one: Status | Launched) -> bool:
    return one.boot == process.boot() and process.lives(one.pid, one.started)


def _same_machine(status: Status) -> bool:
    """Whether the worker ran here, in this or an earlier start of the machine, so that its absence is its death."""
    if status.boot == process.boot():
        return True
    here, there = process.boot().partition(":")[0], status.boot.partition(":")[0]
    named = status.host not in ("", "localhost", "localhost.localdomain")
    return here != there and named and status.host == process.host()


def _full(path: Path) -> bool:
    """Whether not even a last word can be written there."""
    try:
        room = os.statvfs(path)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < SMALLEST_FILE


def _how_it_died(status: Status | None, launched: Launched | None, folder: RunFolder) -> str:
    again = f"; {_onward(folder)}"
    code = launched.exit if launched is not None and (status is None or launched.pid == status.pid) else None
    if code is not None and code < 0:
        return f"the worker {_by_signal(-code)}{again}"
    if code is not None:
        return f"the worker left with exit code {code} and no last word; its log may say why"
    if status is not None and status.boot.partition(":")[0] != process.boot().partition(":")[0]:
        return f"{status.host} was restarted while the run trained{again}"
    crash = _crash(folder.log)
    if crash:
        return f"the worker crashed inside a native library ({crash}){again}"
    return f"the worker is gone and left no last word; it was killed or it crashed{again}"


def _onward(folder: RunFolder) -> str:
    """What to do with a run whose worker is gone."""
    kept = os.path.exists(folder.checkpoint) or os.path.exists(folder.done)
    return f"mltui runs resume {folder.id} {'goes on from its last checkpoint' if kept else 'starts it again'}"


def _crash(log: Path) -> str:
    """What the interpreter left in the log where a native library brought it down, in its words; empty if nothing."""
    try:
        with open_plain(log) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_REACH))
            found = _FATAL.search(file.read(_LOG_REACH))
    except OSError:
        return ""
    return found.group(1).decode("ascii").strip().lower() if found else ""


def _by_signal(number: int) -> str:
    try:
        return _SIGNALS.get(signal.Signals(number), f"was ended by signal {number}")
    except ValueError:
        return f"was ended by signal {number}"


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _spell(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"
