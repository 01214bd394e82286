"""A ticket: the note in the store by which a run waits for its turn, one small file each in the folder `queue`.

Nothing else says that a run waits, so that whoever dies at whatever moment loses none: a ticket whose run no worker
has claimed is one that waits.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mltui.record import process
from mltui.record.files import private_folder, replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object


@dataclass(frozen=True)
class Ticket:
    """One run in the queue.

    Attributes:
        run: its id. month: the folder of the store that it lies in.
        rank: its place: lower ones start first, of equal ones the lower id.
        host: the machine that is to run it.
        unseal: whether its test part is scored too. threads: that it may use, or None for a modest share.
    """

    run: str
    month: str
    rank: float
    host: str
    unseal: bool = False
    threads: int | None = None

    @classmethod
    def read(cls, path: Path) -> Ticket | None:
        """The ticket in a file, or None where there is none or it cannot be read."""
        note = read_object(path)
        try:
            if note is None:
                return None
            threads = note.get("threads")
            rank = float(note["rank"])
            ticket = cls(
                run=path.stem,
                month=str(note["month"]),
                rank=rank if math.isfinite(rank) else 0.0,
                host=str(note["host"]),
                unseal=bool(note.get("unseal")),
                threads=None if threads is None else int(threads),
            )
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        return None if os.sep in ticket.month or ticket.month in ("", ".", "..") else ticket

    @property
    def order(self) -> tuple[float, int]:
        """By which tickets are sorted."""
        return self.rank, int(self.run)

    @property
    def here(self) -> bool:
        """Whether this machine is to run it."""
        return self.host == process.host()

    def folder(self, home: Path) -> RunFolder:
        """The run that it is for."""
        return RunFolder(home / "runs" / self.month / self.run)


def place(home: Path) -> Path:
    """The folder of the tickets."""
    return home / "queue"


def ticket_of(folder: RunFolder) -> Ticket | None:
    """The ticket of a run, or None where it has none. One look at a file that is mostly not there."""
    parents = folder.path.parents
    if len(parents) < 3 or not folder.id.isdigit():
        return None
    ticket = Ticket.read(place(parents[2]) / f"{folder.id}.json")
    return ticket if ticket is not None and ticket.month == folder.path.parent.name else None


def tickets(home: Path) -> Sequence[Ticket]:
    """All tickets in their order, those of runs that have begun as well. Cheap where there are none."""
    try:
        names = os.listdir(place(home))
    except OSError:
        return []
    runs = (name.removesuffix(".json") for name in names if name.endswith(".json"))
    found = [Ticket.read(place(home) / f"{run}.json") for run in runs if run.isascii() and run.isdigit()]
    return sorted((ticket for ticket in found if ticket is not None), key=lambda ticket: ticket.order)


def write(home: Path, ticket: Ticket) -> None:
    """Put a ticket down, in place of an older one of the same run.

    Raises:
        OSError: where it cannot be written.
    """
    private_folder(place(home))
    note = {name: value for name, value in asdict(ticket).items() if name != "run"}
    replace_file(place(home) / f"{ticket.run}.json", json.dumps(note).encode() + b"\n")


def drop(home: Path, run: str) -> None:
    """Take a ticket away.

    Raises:
        OSError: where it cannot be.
    """
    (place(home) / f"{run}.json").unlink(missing_ok=True)


def moved(waiting: Sequence[Ticket], run: str, to: int) -> Sequence[Ticket]:
    """The tickets that have to be written anew so that a run comes to a place among those that wait.

    Args:
        waiting: in their order. to: the place, from 0; beyond the last it is the last.
    """
    one = next(ticket for ticket in waiting if ticket.run == run)
    others = [ticket for ticket in waiting if ticket.run != run]
    to = max(0, min(to, len(others)))
    before = others[to - 1].rank if to else None
    after = others[to].rank if to < len(others) else None
    rank = _between(before, after)
    if rank is not None:
        return [replace(one, rank=rank)]
    # their ranks leave no number in between: all are numbered anew
    order = [*others[:to], one, *others[to:]]
    return [replace(ticket, rank=float(number)) for number, ticket in enumerate(order, 1)]


def _between(before: float | None, after: float | None) -> float | None:
    """A rank strictly between two others, None for no bound; None where there is no such number."""
    if before is None:
        return 1.0 if after is None else after - 1.0
    if after is None:
        return before + 1.0
    middle = before / 2 + after / 2
    return middle if before < middle < after else None
