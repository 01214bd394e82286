"""The queue: runs that wait for their turn, added, moved and taken out; a dispatcher of the user's own starts them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.record import process
from mltui.record.files import private_folder, why
from mltui.record.folder import RunFolder
from mltui.record.status import read_object
from mltui.runs import ticket
from mltui.runs.judge import Judge
from mltui.runs.launch import environment
from mltui.runs.store import Store
from mltui.runs.ticket import Ticket


@dataclass(frozen=True)
class Dispatcher:
    """The process that starts the runs of a store's queue on one machine.

    Attributes:
        boot, pid, started: which process it is, as in a run's status.
        waits: what the first run waits for, as the end of a sentence; empty where it is about to start.
    """

    boot: str
    pid: int
    started: float
    waits: str = ""

    @classmethod
    def read(cls, home: Path) -> Dispatcher | None:
        """This machine's, if it lives."""
        note = read_object(note_path(home)) or {}
        try:
            one = cls(str(note["boot"]), int(note["pid"]), float(note["started"]), str(note.get("waits", "")))
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        return one if one.boot == process.boot() and process.lives(one.pid, one.started) else None


class Queue:
    """The queue of one home. What it holds lies in files, so that it outlives whoever looks at it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def waiting(self) -> Sequence[Ticket]:
        """Those that wait, of every machine, the next one first."""
        return [one for one in ticket.tickets(self.home) if Judge(one.folder(self.home)).verdict().life == "queued"]

    def add(
        self, experiment: Experiment, asked: str, folder: Path, *, unseal: bool = False, threads: int | None = None
    ) -> RunFolder:
        """Put an experiment at the end of the queue; the run that waits.

        Args:
            asked, folder: as `Store.create` takes them.
            unseal: whether its test part is scored too. threads: that it may use; None: a modest share.

        Raises:
            InputError: where the store cannot be written.
        """
        run = Store(self.home).create(experiment, asked, folder)
        rank = max((one.rank for one in ticket.tickets(self.home)), default=0.0) + 1.0
        one = Ticket(run.id, run.path.parent.name, rank, process.host(), unseal, threads)
        try:
            ticket.write(self.home, one)
        except OSError as error:
            Store(self.home).delete(run, unbegun=True)
            raise InputError(f"the run cannot be put into the queue: {why(error)} ({self.home})") from None
        return run

    def move(self, folder: RunFolder, to: int) -> None:
        """Bring a run that waits to a place, from 0 for the next to start; beyond the last it is the last.

        Raises:
            InputError: where it does not wait, or the queue cannot be written.
        """
        waiting = self.waiting()
        self._one(folder, waiting)
        self._write(ticket.moved(waiting, folder.id, to))

    def take_over(self, folder: RunFolder) -> None:
        """Have this machine run what waits for another.

        Raises:
            InputError: where it does not wait, or the queue cannot be written.
        """
        self._write([replace(self._one(folder, self.waiting()), host=process.host())])

    def cancel(self, folder: RunFolder) -> None:
        """Take a run that waits out of the queue and remove it; nothing of it was trained.

        The claim that every worker makes is made here too, so that it is either taken out or starts, never both.

        Raises:
            InputError: where it does not wait, has just begun, or cannot be removed.
        """
        self._one(folder, self.waiting())
        begun = InputError(f"run {folder.id} has just begun; mltui runs stop {folder.id} ends it")
        try:
            folder.claim_first_attempt()
            ticket.drop(self.home, folder.id)
        except FileExistsError:
            raise begun from None
        except OSError as error:
            raise InputError(f"run {folder.id} cannot be taken out of the queue: {why(error)}") from None
        Store(self.home).delete(folder, unbegun=True)

    def tend(self) -> bool:
        """See to it that what waits for this machine is started: whether a dispatcher had to be started for that.

        Raises:
            InputError: where the system refuses another process.
        """
        mine = [one for one in ticket.tickets(self.home) if one.here]
        if not mine or Dispatcher.read(self.home) is not None:
            return False
        try:
            start_dispatcher(self.home)
        except OSError as error:
            raise InputError(f"the process that starts queued runs cannot be started: {why(error)}") from None
        return True

    def _one(self, folder: RunFolder, waiting: Sequence[Ticket]) -> Ticket:
        for one in waiting:
            if one.folder(self.home).path == folder.path:
                return one
        raise InputError(f"run {folder.id} does not wait in the queue; mltui queue list shows what does")

    def _write(self, changed: Sequence[Ticket]) -> None:
        try:
            for one in changed:
                ticket.write(self.home, one)
        except OSError as error:
            raise InputError(f"the queue cannot be changed: {why(error)} ({self.home})") from None


def note_path(home: Path) -> Path:
    """Where this machine's dispatcher says which process it is."""
    return ticket.place(home) / f"dispatcher-{_host()}.note"


def lock_path(home: Path) -> Path:
    """What this machine's dispatcher holds as long as it lives."""
    return ticket.place(home) / f"dispatcher-{_host()}.lock"


def start_dispatcher(home: Path) -> None:
    """Start a dispatcher that outlives this process and its terminal; it leaves at once where there is one already.

    Raises:
        OSError: where it cannot be started.
    """
    private_folder(ticket.place(home))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    log = os.open(ticket.place(home) / f"dispatcher-{_host()}.log", flags, 0o600)
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "mltui.runs.dispatcher", str(home)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment(), cwd=home,
        )  # fmt: skip
    finally:
        os.close(log)
    threading.Thread(target=child.wait, name="mltui-dispatcher", daemon=True).start()  # else it would stay a zombie


def _host() -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in process.host()) or "host"
