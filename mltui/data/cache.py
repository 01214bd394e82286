"""The cache folder: what was too large for memory, kept on disk under a name that says what it was made from.

An entry is made under a temporary name and renamed when it is whole, so that half of one is never used. Whoever uses
or makes one holds a lock on it while its process lives; entries that nobody uses go, the least recently used first,
where together they are larger than the cache may be, and at once where a file they were made from has changed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.data import memory

VARIABLE = "MLTUI_CACHE"
"""The environment variable that bounds the cache folder, such as 50GB."""
LARGEST, SHARE = 20_000_000_000, 0.1
"""Without it: the smaller of so many bytes and such a share of the disk."""
ABOUT = "about.json"
_FORMAT = 1
_LOCK = "lock"
_SPARE = 200_000_000
"""So much of the disk is left to others."""
_ABANDONED = 172_800.0
"""Seconds after which an unfinished entry is given up where the file system cannot say whether its maker lives."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
_held: list[int] = []
"""The locks of this process, kept until it ends: what was opened once may be looked at until then."""
Hold = Callable[[], None]


@dataclass(frozen=True)
class Usage:
    """What the cache folder holds: bytes, entries, and how large it may grow."""

    path: Path
    used: int
    entries: int
    most: int


def root() -> Path:
    """Where entries lie, whether there are any or not: in $MLTUI_HOME where that is set, else in the system's place."""
    home = os.environ.get("MLTUI_HOME", "")
    if home:
        return Path(os.path.expanduser(home)).absolute() / "cache" / "tables"
    import platformdirs

    return platformdirs.user_cache_path("mltui", appauthor=False) / "tables"


def usage(said: str | None = None) -> Usage:
    """How much the cache holds and may hold.

    Args:
        said: what the user's settings say of how much; else MLTUI_CACHE does.

    Raises:
        InputError: where MLTUI_CACHE is not a size.
    """
    entries = list(_entries())
    return Usage(root(), sum(_size(entry) for entry in entries), len(entries), most(said))


def most(said: str | None = None) -> int:
    """How many bytes the cache may keep beyond what is in use.

    Raises:
        InputError: where MLTUI_CACHE is not a size.
    """
    text = said or os.environ.get(VARIABLE, "").strip()
    if text:
        try:
            return memory.read_size(text)
        except ValueError as error:
            raise InputError(f"{VARIABLE} {error}") from None
    place = next(folder for folder in (root(), *root().parents) if folder.exists())
    return min(LARGEST, int(shutil.disk_usage(place).total * SHARE))


def entry(
    key: Mapping[str, Any], needed: int, make: Callable[[Path], Mapping[str, Any]], hold: Hold = lambda: None
) -> tuple[Path, dict[str, Any]]:
    """The folder of what was made from a key, made now where it is not there, and what `make` said of it.

    Of several processes that want the same at the same time, one makes it and the others wait.

    Args:
        key: all that the entry depends on, as JSON holds it. `files` in it, a list of [path, size, time of change],
            are the files it was made from: an entry whose files have changed is removed.
        needed: about how many bytes it will take.
        make: writes into the empty folder given and returns what to remember of it, as JSON holds it.
        hold: called every now and then while another process makes it; may raise to give up.

    Raises:
        InputError: where the disk has no room for it or refuses.
    """
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]
    path = root() / name
    try:
        with _one_at_a_time(name, hold):
            about = _opened(path, key)
            if about is None:
                _make(path, key, needed, make)
                about = _opened(path, key)
    except OSError as error:
        raise InputError(
            f"the table is larger than memory and cannot be kept in {root()}: {_why(error)}; make room there, "
            "take fewer features or files, or set MLTUI_HOME to another folder",
            key="data.files",
        ) from None
    if about is None:
        raise InputError(f"the table on disk, {path}, is gone as soon as it was made; run again", key="data.files")
    _make_room(most())
    return path, about


def tidy() -> None:
    """Remove what is abandoned, out of date, or beyond what the cache may keep. What cannot be removed stays."""
    with contextlib.suppress(OSError, InputError):
        for path in root().glob(".*"):
            if path.suffix == ".tmp" and _abandoned(path):
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".lock" and time.time() - _time(path) > _ABANDONED:
                path.unlink(missing_ok=True)
        for path in list(_entries()):
            if _out_of_date(path):
                _remove(path)
        _make_room(most())


# -- making ----------------------------------------------------------------------------------------------------------
def _make(path: Path, key: Mapping[str, Any], needed: int, make: Callable[[Path], Mapping[str, Any]]) -> None:
    _check_disk(needed)
    _remove(path)  # one that could not be read
    making = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    making.mkdir(mode=0o700)
    lock = _locked(making / _LOCK, shared=False)
    try:
        about = {"format": _FORMAT, "key": key, "about": make(making)}
        (making / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        try:
            making.rename(path)
        except OSError:
            if not path.is_dir():  # else another process was quicker, where the file system knows no locks
                raise
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(making, ignore_errors=True)


def _check_disk(needed: int) -> None:
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(root()).free - _SPARE
    if needed > free:
        _make_room(0, until=needed - free)
        free = shutil.disk_usage(root()).free - _SPARE
    if needed > free:
        raise InputError(
            f"the table is larger than memory; on disk it needs {memory.shown(needed)}, and "
            f"{memory.shown(max(0, free))} may be used in {root()}: make room there, take fewer features or files, or "
            "set MLTUI_HOME to a folder on another disk",
            key="data.files",
        )


@contextlib.contextmanager
def _one_at_a_time(name: str, hold: Hold) -> Iterator[None]:
    """Wait until no other process makes the entry; on file systems without locks, do not wait."""
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = root() / f".{name}.lock"
    while True:
        lock = _locked(path, shared=False)
        if lock is not None or not _busy(path):
            break
        hold()
        time.sleep(0.1)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


# -- using -----------------------------------------------------------------------------------------------------------
def _opened(path: Path, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is known of an entry, which from now on stays; None where there is none that is whole."""
    lock = _locked(path / _LOCK, shared=True)
    if lock is None and _busy(path / _LOCK):  # it is being removed
        return None
    try:
        document = json.loads((path / ABOUT).read_text(encoding="utf-8"))
        os.utime(path)
    except (OSError, ValueError):
        document = None
    sound = isinstance(document, dict) and document.get("format") == _FORMAT and document.get("key") == key
    if not sound:
        if lock is not None:
            os.close(lock)
        return None
    if lock is not None:
        _held.append(lock)
    about: dict[str, Any] = document["about"]
    return about


# -- cleaning --------------------------------------------------------------------------------------------------------
def _entries() -> Iterator[Path]:
    with contextlib.suppress(OSError), os.scandir(root()) as found:
        for place in found:
            if len(place.name) == 32 and place.is_dir(follow_symlinks=False):
                yield Path(place.path)


def _make_room(keep: int, until: int | None = None) -> None:
    """Remove entries that nobody uses, the least recently used first, until the rest is small enough.

    Args:
        keep: so many bytes may stay.
        until: stop as soon as so many bytes are gone.
    """
    by_age = sorted(((_time(path), _size(path), path) for path in _entries()), key=lambda found: found[0])
    excess = sum(size for _, size, _ in by_age) - keep
    if until is not None:
        excess = min(excess, until)
    for _, size, path in by_age:
        if excess <= 0:
            return
        if _remove(path):
            excess -= size


def _remove(path: Path) -> bool:
    """Remove an entry unless somebody uses it; whether it is gone."""
    lock = _locked(path / _LOCK, shared=False)
    if lock is None and _busy(path / _LOCK):
        return False
    try:
        going = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
        path.rename(going)
        shutil.rmtree(going, ignore_errors=True)
    except OSError:
        return False
    finally:
        if lock is not None:
            os.close(lock)
    return True


def _out_of_date(path: Path) -> bool:
    try:
        files = json.loads((path / ABOUT).read_text(encoding="utf-8"))["key"].get("files", [])
        return any(identity(name) != [name, *rest] for name, *rest in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return True


def identity(name: str | Path) -> list[Any]:
    """What tells a file from the same file changed: its path, size and time of change; of an address, itself alone."""
    text = str(name)
    if "://" in text:
        return [text, 0, 0]
    try:
        found = os.stat(text)
    except OSError:
        return [text, -1, 0]
    return [text, found.st_size, found.st_mtime_ns]


def _abandoned(path: Path) -> bool:
    lock = _locked(path / _LOCK, shared=False)
    if lock is not None:
        os.close(lock)
        return time.time() - _time(path) > 60  # just made, its lock may come in a moment
    return not _busy(path / _LOCK) and time.time() - _time(path) > _ABANDONED


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(path) as files:
        for file in files:
            with contextlib.suppress(OSError):
                total += file.stat(follow_symlinks=False).st_size
    return total


# -- locks -----------------------------------------------------------------------------------------------------------
def _locked(path: Path, *, shared: bool) -> int | None:
    """A lock on a file, made where absent in a folder that is there; None where it is not to be had."""
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _busy(path: Path) -> bool:
    """Whether another process holds a lock on a file: asked again, so that its kind of refusal tells."""
    import fcntl

    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def _why(error: OSError) -> str:
    if error.errno in _FULL:
        return "no space is left there"
    return (error.strerror or type(error).__name__).lower()
