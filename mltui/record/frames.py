"""Live frames: what the model says right now, for whoever looks, in a private folder on this machine alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.snapshot import Snapshot
from mltui.record.folder import RunFolder
from mltui.record.snapshots import read_snapshot, write_snapshot

LOOKING_SECONDS = 5.0
LEFTOVER_SECONDS = 86400.0


def frame_path(folder: RunFolder) -> Path:
    """Where the one live frame of a run lies on this machine.

    Raises:
        InputError: where the private folder is not ours alone, and so is left untouched.
    """
    return _private() / f"{_key(folder)}.npz"


def watch(folder: RunFolder) -> bool:
    """Say that somebody looks at this run; to be said again about every second. False where frames cannot be had."""
    try:
        path = _watch_path(folder)
        path.touch(mode=0o600)
    except (OSError, InputError):
        return False
    return True


def watched(folder: RunFolder) -> bool:
    """Whether somebody on this machine has looked at this run within the last seconds."""
    try:
        return abs(time.time() - _watch_path(folder).stat().st_mtime) < LOOKING_SECONDS
    except (OSError, InputError):
        return False


def write_frame(folder: RunFolder, snapshot: Snapshot) -> bool:
    """Replace the live frame; false where it could not be, which costs nobody anything."""
    try:
        write_snapshot(frame_path(folder), snapshot, sync=False)
    except (OSError, InputError):
        return False
    return True


def read_frame(folder: RunFolder) -> Snapshot | None:
    """The live frame, or None where there is none."""
    try:
        return read_snapshot(frame_path(folder))
    except InputError:
        return None


def forget(folder: RunFolder) -> None:
    """Remove what frames and looks have left of a run."""
    with contextlib.suppress(OSError, InputError):
        frame_path(folder).unlink(missing_ok=True)
        _watch_path(folder).unlink(missing_ok=True)


def sweep() -> None:
    """Remove what workers that were killed have left, once nobody has touched it for a day."""
    with contextlib.suppress(OSError, InputError):
        for path in _private().iterdir():
            if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                path.unlink(missing_ok=True)


def _watch_path(folder: RunFolder) -> Path:
    return _private() / f"{_key(folder)}.watched"


def _key(folder: RunFolder) -> str:
    return hashlib.sha256(os.path.realpath(folder.path).encode(errors="surrogateescape")).hexdigest()[:20]


def _private() -> Path:
    """The user's own folder for frames on this machine, made where absent and trusted only if it is nobody else's."""
    path = _base() / f"mltui-{os.getuid()}"
    with contextlib.suppress(OSError):
        path.mkdir(mode=0o700)
    try:
        found = path.lstat()
    except OSError as error:
        raise InputError(f"{path} cannot be made; live pictures need it") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise InputError(f"{path} is not a folder of yours alone (owner you, mode 0700); live pictures do without it")
    return path


def _base() -> Path:
    """Where the system keeps a user's passing files; found also by a worker that did not inherit the variable."""
    for place in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}"):
        if place.startswith("/") and os.path.isdir(place) and os.access(place, os.W_OK):
            return Path(place)
    return Path(tempfile.gettempdir())
