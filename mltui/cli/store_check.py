"""Where runs are kept: the folder, whether it can be written, the room left, and the quota."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.data.cache import Usage


@dataclass(frozen=True)
class Store:
    """The run store's folder; why it cannot be written, if so; free bytes, file system and quota where known."""

    path: str
    problem: str = ""
    free: int | None = None
    file_system: str = ""
    quota: str = ""


def store() -> Store:
    """Look at the run store by writing a small file into it."""
    from mltui.runs.home import home

    try:
        path = home()
    except InputError as error:
        return Store(error.sentence, error.sentence)
    problem = ""
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"mltui")
            file.flush()
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
    try:
        free = shutil.disk_usage(path).free
    except OSError:
        free = None
    system = _file_system(path)
    return Store(str(path), problem, free, system, _quota(path, system))


def cache() -> Usage:
    """What the cache of large tables takes.

    Raises:
        InputError: where the settings cannot be read.
    """
    from mltui.data.cache import usage
    from mltui.runs.home import Config

    return usage(Config.load().cache)


def _file_system(path: Path) -> str:
    """The type of the file system that holds a path, such as ext4, nfs4 or afs."""
    here = path.resolve()
    around = [
        (len(Path(partition.mountpoint).parts), partition.fstype)
        for partition in psutil.disk_partitions(all=True)
        if here.is_relative_to(partition.mountpoint)
    ]
    return max(around, default=(0, ""))[1]


def _quota(path: Path, system: str) -> str:
    """One line on the user's quota where its own tool is at hand: `fs` on AFS, `quota` elsewhere."""
    command = ["fs", "listquota", "-path", str(path)] if system == "afs" else ["quota", "-w", "-s"]
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    return lines[-1] if len(lines) > 1 else ""
