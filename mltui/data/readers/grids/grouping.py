"""Which arrays of a file belong together as one table: those of one length, or of one part such as train and test."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from mltui.core.errors import InputError, nearest
from mltui.data.readers.grids.slots import Rows
from mltui.data.readers.raw import How
from mltui.data.readers.words import decoded

_PART = "train|training|test|testing|val|valid|validation|dev"
_AT_END = re.compile(rf"(.+?)[_.]?({_PART})", re.IGNORECASE)
_AT_START = re.compile(rf"({_PART})[_.]?(.+)", re.IGNORECASE)
_NAMES = re.compile(r".*(columns?|names?|features?|fields?|variables?|vars)", re.IGNORECASE)


@dataclass(frozen=True)
class Group:
    """Arrays with as many rows as each other, by what their columns are called; `members` are their own names."""

    name: str
    arrays: Mapping[str, Rows]
    members: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]

    @property
    def rows(self) -> int:
        """Of each of the arrays."""
        return next(iter(self.arrays.values())).shape[0]

    @property
    def values(self) -> int:
        """How many in all, by which the largest table is found."""
        return self.rows * sum(_columns(array) for array in self.arrays.values())


def _columns(array: Rows) -> int:
    if array.dtype.names is not None:
        return len(array.dtype.names)
    return array.shape[1] if len(array.shape) > 1 else 1


def groups(arrays: Mapping[str, Rows]) -> list[Group]:
    """The tables that these arrays make; what is single, empty, or only names another's columns is left out."""
    names = {name: _names_for(array, arrays) for name, array in arrays.items()}
    used = {source for source, _ in names.values() if source}
    told = {name: words for name, (_, words) in names.items() if words}
    rows = {name: array for name, array in arrays.items() if array.shape and array.shape[0] and name not in used}
    parts = _by_part(rows)
    if parts:
        return [
            Group(
                part,
                {stem: rows[name] for stem, name in members.items()},
                tuple(members.values()),
                {stem: told[name] for stem, name in members.items() if name in told},
            )
            for part, members in parts.items()
        ]
    lengths: dict[int, dict[str, Rows]] = {}
    for name, array in rows.items():
        lengths.setdefault(array.shape[0], {})[name] = array
    return [
        Group(next(iter(members)), members, tuple(members), {name: told[name] for name in members if name in told})
        for members in lengths.values()
    ]


def _names_for(array: Rows, arrays: Mapping[str, Rows]) -> tuple[str, tuple[str, ...]]:
    """The array that names this one's columns, and the names."""
    if len(array.shape) != 2 or array.shape[1] < 2:
        return "", ()
    for name, other in arrays.items():
        if other.shape == array.shape[1:] and other.dtype.kind in "SU" and _NAMES.fullmatch(name):
            texts = [decoded(text) if isinstance(text, bytes) else str(text) for text in other[:]]
            if len(set(texts)) == len(texts):
                return name, tuple(texts)
    return "", ()


def _by_part(rows: Mapping[str, Rows]) -> dict[str, dict[str, str]]:
    """Arrays by part and stem, x_train as x of train, where every name tells a part and each part has one length."""
    parts: dict[str, dict[str, str]] = {}
    for name in rows:
        if match := _AT_END.fullmatch(name):
            stem, part = match.groups()
        elif match := _AT_START.fullmatch(name):
            part, stem = match.groups()
        else:
            return {}
        parts.setdefault(part.lower(), {})[stem] = name
    same = all(len({rows[name].shape[0] for name in members.values()}) == 1 for members in parts.values())
    return parts if same and len(parts) > 1 else {}


class Choice(Protocol):
    """A table that `data.tree` may name."""

    @property
    def name(self) -> str:
        """Of the table."""
        ...

    @property
    def members(self) -> tuple[str, ...]:
        """Other names for it: of the arrays in it."""
        ...

    @property
    def rows(self) -> int:
        """How many."""
        ...

    @property
    def values(self) -> int:
        """Of all columns."""
        ...


Chosen = TypeVar("Chosen", bound=Choice)


def pick(found: Sequence[Chosen], how: How, path: Path) -> Chosen:
    """The table the user names by its own or a member's name, or the only one, or by leave the largest.

    Raises:
        InputError: where there are several and none is named, or none of that name.
    """
    if how.tree is not None:
        wanted = how.tree.strip("/")
        for table in found:
            if wanted in (table.name, *table.members):
                return table
        names = [table.name for table in found]
        raise InputError(f"there is no table {how.tree!r} in {path.name}; {nearest(wanted, names)}", key="data.tree")
    several = [table for table in found if table.rows > 1] or list(found)
    if len(several) > 1 and not how.guess_table:
        names = [f"{table.name} ({table.rows:,} rows)" for table in found]
        more = f" and {len(names) - 12} more" if len(names) > 12 else ""
        raise InputError(
            f"{path.name} has {len(names)} tables, choose one of {', '.join(names[:12])}{more}", key="data.tree"
        )
    training = [table for table in several if table.name.split("/")[-1].startswith("train")]
    return max(training or several, key=lambda table: table.values)
