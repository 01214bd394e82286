"""The columns' names: each once, and where the user gives them, as many as there are columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mltui.core.errors import InputError

_KEY = "data.columns"


def distinct(names: Iterable[str]) -> list[str]:
    """The names, a repeated one followed by a number.

    >>> distinct(["x", "y", "x", "x"])
    ['x', 'y', 'x_2', 'x_3']
    """
    counts: dict[str, int] = {}
    taken: dict[str, None] = {}
    for name in names:
        count, free = counts.get(name, 1), name
        while free in taken:
            count += 1
            free = f"{name}_{count}"
        counts[name] = count
        taken[free] = None
    return list(taken)


def check_given(names: Sequence[str], columns: int, file: str) -> None:
    """See that the user's own names fit the columns of a file.

    Raises:
        InputError: where there are more or fewer, or one stands twice.
    """
    if len(names) != columns:
        raise InputError(
            f"data.columns has {len(names):,} {'name' if len(names) == 1 else 'names'}, and {file} "
            f"has {columns:,} {'column' if columns == 1 else 'columns'}",
            key=_KEY,
        )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"data.columns names {name!r} twice", key=_KEY)
        seen.add(name)
