"""Whether a file's columns will fit into memory, asked before they are read."""

from __future__ import annotations

from mltui.core.errors import InputError
from mltui.data import cgroups

_ROOM = 2.5
"""What reading takes at its peak, in sizes of the finished table: the file's columns, their copies, the matrix."""


def available() -> int:
    """Bytes that this process may still take: the machine's, or what its control groups leave."""
    import psutil

    free = int(psutil.virtual_memory().available)
    return max(0, min([free, *(limit - used for limit, used in cgroups.memory_limits())]))


def check_room(rows: int, columns: int) -> None:
    """Refuse a table that would not fit.

    Raises:
        InputError: with its size and what is free.
    """
    needed, free = rows * columns * 8 * _ROOM, available()
    if needed > free:
        raise InputError(
            f"{rows:,} rows of {columns:,} columns need {_size(needed)} of memory and {_size(free)} is free; "
            "choose fewer features or files",
            key="data.files",
        )


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
