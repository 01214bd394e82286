"""Lists a folder for who looks for a file: folders first, hidden ones left out, readable ones by their ending."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.data.readers.registry import READERS

AT_MOST = 1_000
"""Entries that one answer holds where nothing else is asked for."""
_KEY = "data.files"


def browse(folder: Path, pattern: str = "", at_most: int = AT_MOST) -> dict[str, Any]:
    """The folder's entries in order, of a large one the first, and how many there are.

    Args:
        folder: absolute, or relative to where this process was started.
        pattern: a glob, or some letters that the name must hold; upper and lower case are the same. A pattern that
            begins with a dot shows hidden entries too.
        at_most: so many entries.

    Sizes are looked up only of what is shown, so that a folder of 10,000 files costs one reading of the folder.

    Raises:
        InputError: where the folder is none or cannot be read.
    """
    path = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        with os.scandir(path) as entries:
            found = sorted(_matching(entries, pattern.lower()))
    except FileNotFoundError:
        raise InputError(f"there is no folder {path}", key=_KEY) from None
    except NotADirectoryError:
        raise InputError(f"{path} is a file, not a folder", key=_KEY) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"the folder {path} cannot be read: {reason}", key=_KEY) from None
    return {
        "folder": str(path),
        "parent": str(path.parent),
        "entries": [_entry(path, name, not is_file) for is_file, _, name in found[: max(0, at_most)]],
        "total": len(found),
    }


def _matching(entries: Iterator[os.DirEntry[str]], pattern: str) -> Iterator[tuple[bool, str, str]]:
    """Sorting keys: folders before files, then by name without regard to case."""
    glob = any(sign in pattern for sign in "*?[")
    for entry in entries:
        name = entry.name.lower()
        if name.startswith(".") and not pattern.startswith("."):
            continue
        if fnmatchcase(name, pattern) if glob else pattern in name:
            yield not _is_folder(entry), name, entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def _entry(folder: Path, name: str, is_folder: bool) -> dict[str, Any]:
    size = None if is_folder else _size(folder / name)
    readable = is_folder or (size is not None and name.lower().endswith(_ENDINGS))
    return {"name": name, "folder": is_folder, "bytes": size, "readable": readable}


def _size(path: Path) -> int | None:
    """A file's bytes; None for what is no plain file or not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size if path.is_file() else None


_ENDINGS = tuple(ending for reader in READERS for ending in reader.endings)
