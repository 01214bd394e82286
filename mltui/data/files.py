"""Finds the user's files, with one sentence for each that cannot be read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from mltui.core.errors import InputError, nearest


def found(files: Sequence[str], folder: Path, key: str = "data.files") -> list[Path | str]:
    """The absolute paths of the files named, relative to a folder; globs widened and sorted, each path once.

    Addresses such as root://host//file.root stay as they are.

    Raises:
        InputError: naming the file that is not there, empty, a directory or not readable.
    """
    paths: dict[Path | str, None] = {}
    for name in files:
        if "://" in name:
            paths[name] = None
            continue
        for path in _widened(name, folder, key):
            _check(path, name if path.name == os.path.basename(name) else _beside(path, folder), key)
            paths[path] = None
    return list(paths)


def _widened(name: str, folder: Path, key: str) -> list[Path]:
    try:
        path = Path(os.path.abspath(folder / os.path.expanduser(name)))
        if os.path.lexists(path) or not any(sign in name for sign in "*?["):
            return [path]
        anchor = Path(path.anchor)
        matches = sorted(match for match in anchor.glob(str(path.relative_to(anchor))) if not match.is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{name!r} is not a file name: {error}", key=key) from None
    if not matches:
        raise InputError(f"no file matches {name} in {folder}", key=key)
    return matches


def _beside(path: Path, folder: Path) -> str:
    """A file that a glob found, by its name relative to the folder."""
    return os.path.relpath(path, folder) if path.is_relative_to(os.path.abspath(folder)) else str(path)


def _check(path: Path, name: str, key: str) -> None:
    try:
        if path.is_dir():
            raise InputError(f"{name} is a directory, not a file; {name.rstrip('/')}/* takes every file in it", key=key)
        if path.is_symlink() and not path.exists():
            raise InputError(f"{name} is a link to {os.readlink(path)}, which is not there", key=key)
        if not path.exists():
            raise InputError(f"there is no file {name} in {_where(path, name)}; {_near(path)}", key=key)
        if not path.is_file():
            raise InputError(f"{name} is not a plain file", key=key)
        if not path.stat().st_size:
            raise InputError(f"{name} is empty, 0 bytes", key=key)
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}", key=key) from None


def _where(path: Path, name: str) -> str:
    return str(path.parent) if not Path(name).is_absolute() else "its folder"


def _near(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    names = [entry.name for entry in os.scandir(path.parent) if not entry.name.startswith(".")]
    if not names:
        return "that folder is empty"
    return nearest(path.name, names, at_most=6)


def located(name: str) -> Path | str:
    """A file's path, or its address where the name is one."""
    return name if "://" in name else Path(name)
