"""The one who writes into a run folder: a worker claims its attempt, and leaves where another is at work already."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

from mltui.record import process
from mltui.record.files import replace_file
from mltui.record.folder import RunFolder
from mltui.record.state import ENDED
from mltui.record.status import read_object, read_status

ELSEWHERE_SECONDS = 60.0
"""A worker that began on another machine less than so long before is taken to live: its heartbeat cannot tell yet."""
NAMELESS_SECONDS = 2.0
"""How long one that has claimed its attempt is given to say which process it is."""


class Taken(Exception):
    """Another worker is at work on the run; the sentence says where."""


def claim(folder: RunFolder, *, first: bool = False) -> int:
    """Take the run's next attempt, counted from 1. Of two that claim at once the one with the lower number works.

    Args:
        first: whether it has to be the first one.

    Raises:
        Taken: where a worker of an earlier attempt lives, or the first one is wanted and taken. Nothing is kept then.
        OSError: where the folder cannot be written.
    """
    try:
        number = folder.claim_first_attempt() if first else folder.claim_attempt()
    except FileExistsError:
        raise Taken(f"another worker has begun run {folder.id}; this one leaves it alone") from None
    own = _owner(folder, number)
    replace_file(own, json.dumps(_here()).encode() + b"\n")
    for earlier in range(number - 1, 0, -1):
        where = _at_work(folder, earlier, own)
        if where:
            with contextlib.suppress(OSError):
                own.unlink()
                own.parent.rmdir()
            raise Taken(f"another worker is at work on run {folder.id} ({where}); this one leaves it alone")
    return number


def _at_work(folder: RunFolder, attempt: int, own: Path) -> str:
    """Which process works on an earlier attempt, as far as can be told; empty where none does."""
    path = _owner(folder, attempt)
    owner = _named(path, own)
    if owner is None:
        return ""
    pid, started, boot = owner.get("pid"), owner.get("started"), owner.get("boot")
    if not isinstance(pid, int) or not isinstance(started, int | float) or pid == os.getpid():
        return ""
    if boot == process.boot():
        return f"process {pid}" if process.lives(pid, started) else ""
    status = read_status(folder.status)
    over = status is not None and (status.attempt > attempt or (status.attempt == attempt and status.state in ENDED))
    new = 0 <= _changed(own) - _changed(path) < ELSEWHERE_SECONDS and owner.get("host") != process.host()
    return f"on {owner.get('host')}" if new and not over else ""


def _named(path: Path, own: Path) -> dict[str, object] | None:
    """What an attempt's process says of itself; one that has just claimed it is given a moment."""
    until = time.monotonic() + NAMELESS_SECONDS
    while (owner := read_object(path)) is None:
        fresh = path.parent.is_dir() and abs(_changed(own) - _changed(path.parent)) < NAMELESS_SECONDS
        if not fresh or time.monotonic() > until:
            return None
        time.sleep(0.02)
    return owner


def _owner(folder: RunFolder, attempt: int) -> Path:
    return folder.attempts / f"{attempt:04d}" / "owner.json"


def _here() -> dict[str, object]:
    pid = os.getpid()
    return {"host": process.host(), "boot": process.boot(), "pid": pid, "started": process.start_time(pid)}


def _changed(path: Path) -> float:
    """When, by the clock of whoever keeps the files, so that two of these can be compared."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
