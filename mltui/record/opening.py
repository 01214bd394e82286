"""The one who opens the sealed test part: others wait their turn, and one that died is not waited for."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from mltui.record import process
from mltui.record.files import replace_file
from mltui.record.folder import RunFolder
from mltui.record.status import read_object

FORGOTTEN_SECONDS = 3600.0
"""An opening by a process that this machine cannot ask about is taken as given up after so long."""
NAMELESS_SECONDS = 60.0
"""One whose process has not come to say which it is, after so long."""


class Busy(Exception):
    """Another process is opening the test part of this run."""


@contextlib.contextmanager
def opening(folder: RunFolder) -> Iterator[None]:
    """Be the only one to open a run's test part.

    Raises:
        Busy: where another process is at it.
        OSError: where the run folder cannot be written.
    """
    place = folder.opening
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        if not _given_up(place):
            raise Busy from None
        _clear(place)
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            raise Busy from None
    try:
        owner = {"boot": process.boot(), "pid": os.getpid(), "started": process.start_time(os.getpid())}
        replace_file(place / "owner.json", json.dumps(owner).encode() + b"\n")
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _given_up(place: Path) -> bool:
    """Whether whoever made the folder has died, as far as this machine can tell."""
    try:
        age = time.time() - place.stat().st_mtime
    except OSError:
        return True
    owner = read_object(place / "owner.json")
    if owner is None:
        return age > NAMELESS_SECONDS
    pid, started = owner.get("pid"), owner.get("started")
    if owner.get("boot") != process.boot() or not isinstance(pid, int) or not isinstance(started, int | float):
        return age > FORGOTTEN_SECONDS
    return not process.lives(pid, started)


def _clear(place: Path) -> None:
    """Put a dead one's folder aside at one stroke, then remove it; one that a quicker process has made goes back."""
    aside = place.with_name(f".{place.name}-{os.getpid()}")
    with contextlib.suppress(OSError):
        place.rename(aside)
        if _given_up(aside):
            shutil.rmtree(aside)
        else:
            aside.rename(place)
