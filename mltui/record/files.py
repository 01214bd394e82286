"""Private files written so that a reader never sees half of one, with the system's refusals put into words."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_NUMBERS = itertools.count()
_REASONS = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission was denied; a ticket or token may have ended",
    errno.EPERM: "permission was denied; a ticket or token may have ended",
    errno.EIO: "the file system reported a fault",
    errno.ESTALE: "the file system has lost the file",
    errno.ENOENT: "the folder is gone",
    errno.ENOTDIR: "a file stands where a folder should be",
}
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


def why(error: OSError) -> str:
    """What the system refused and why, as the end of a sentence, without its full stop."""
    return _REASONS.get(error.errno or 0, (error.strerror or type(error).__name__).lower())


def open_plain(path: Path) -> BinaryIO:
    """A plain file to read. A pipe or a device in its place, which might never answer, is refused.

    Raises:
        OSError: where it cannot be opened, or is something else.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(handle, "rb")


def private_folder(path: Path) -> Path:
    """The folder, made with its parents where absent, open to its owner alone.

    Raises:
        OSError: where it cannot be made, or a file stands in its place.
    """
    missing = []
    place = path
    while not place.exists():
        missing.append(place)
        place = place.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    return path


def private_part(path: Path) -> Path:
    """The folder, made where absent inside one that stands, open to its owner alone.

    Raises:
        OSError: where it cannot be made; `FileNotFoundError` where what it is a part of is gone, as with a mount.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    return path


def replace_file(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Put a whole new file in place of an old one at one stroke, readable by its owner alone.

    With `sync`, the content has reached the disk (or the file server) before the old file goes.

    Raises:
        OSError: and then the old file stands untouched; refusals that come only at fsync or close count too.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBERS)}.tmp")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            write_all(handle, content, 0)
            if sync:
                to_disk(handle)
        finally:
            os.close(handle)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into; when that has gone well it takes the place of an old one at one stroke.

    Raises:
        OSError: as `replace_file`.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}-{next(_NUMBERS)}.tmp")
    handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            to_disk(handle)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_all(handle: int, content: bytes, offset: int) -> None:
    """Write everything at an offset, however few bytes the system takes at a time."""
    done = 0
    while done < len(content):
        done += os.pwrite(handle, content[done:], offset + done)


def to_disk(handle: int) -> None:
    """Wait until what was written is safe, on file systems that can say so.

    Raises:
        OSError: where it is not; a quota or an ended token may show only here.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
