"""What ROOT's trees and RNTuples share: a column that knows what it is, and the group that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from mltui.data.readers.names import distinct
from mltui.data.readers.raw import Field, Raw
from mltui.data.readers.root.source import printable

MOST_COMPRESSED = 40_000
"""No byte of a file holds more than so many: zstd, the densest of ROOT's methods, makes 32,000 zeros of one byte."""
BLOCK_HEADER = 9


class Group(Protocol):
    """Columns that lie together in the file and are unpacked together."""

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """The members' values in the rows from `start` until `stop`.

        Raises:
            InputError: where the bytes are not what the file's index says.
        """
        ...


@dataclass(frozen=True)
class Leaf:
    """One column of a tree or an RNTuple.

    Attributes:
        field: what it is.
        row_bytes: what one row of it takes in memory, about.
        group, member: what reads it, and its name there; None where it cannot be read.
    """

    field: Field
    row_bytes: float = 0.0
    group: Group | None = None
    member: str = ""


def unusable(name: str, why: str) -> Leaf:
    """A column that cannot be read; `why` follows "it"."""
    return Leaf(Field(name, "unusable", why=why))


def several(name: str, kind: str) -> Leaf:
    """A column whose rows hold something else than a number, an array or list of numbers, or a text; `kind` in C++."""
    held = printable(kind.removeprefix("std::")) or "objects or lists of lists"
    return unusable(name, f"holds {held} in each row, neither a number, a text nor a list of numbers")


def told_apart(leaves: Iterable[Leaf]) -> list[Leaf]:
    """The same columns, a repeated name followed by a number, as in the other formats."""
    every = list(leaves)
    names = distinct(leaf.field.name for leaf in every)
    return [replace(leaf, field=replace(leaf.field, name=name)) for leaf, name in zip(every, names, strict=True)]


def of_dtype(field: Field, dtype: np.dtype[Any], group: Group, member: str = "") -> Leaf:
    """A column of one number, or of one array of numbers, a row; `field` gives the name, the title and the unit."""
    base, shape = (dtype.base, dtype.shape) if dtype.subdtype else (dtype, ())
    if base.kind not in "biuf":
        return unusable(field.name, "is of a type that cannot be used")
    size = float(base.itemsize * np.prod(shape, dtype=np.float64))
    if not size:
        return unusable(field.name, "holds arrays without values")
    if size == base.itemsize:
        return Leaf(field, size * (1 if base.kind != "u" else 2), group, member)
    return Leaf(replace(field, kind="image", shape=shape), size, group, member)


def of_lists(field: Field, dtype: np.dtype[Any], per_row: float, group: Group, member: str = "") -> Leaf:
    """A column of a list of numbers a row; `per_row` says how many, about."""
    if dtype.subdtype or dtype.names or dtype.kind not in "biuf":
        return unusable(field.name, "holds a list of arrays in each row")
    why = "holds a list in each row; an expression such as name[0] or max(name) makes a number of it"
    return Leaf(replace(field, kind="list", why=why), 8 + per_row * dtype.itemsize, group, member)


def unpacked_bytes(packed: bytes | memoryview, claimed: int) -> int:
    """How many bytes a compressed piece says that it holds, by the headers of its blocks.

    ROOT's compressed blocks begin with a method (2 bytes), a level, and the sizes before and after (3 bytes each, the
    smallest first); see core/zip/src/RZip.cxx. A piece as long as `claimed` is not compressed.
    """
    if len(packed) == claimed:
        return claimed
    place = total = 0
    while place + BLOCK_HEADER <= len(packed):
        inside = int.from_bytes(packed[place + 3 : place + 6], "little")
        total += int.from_bytes(packed[place + 6 : place + 9], "little")
        if total == claimed:
            break
        place += BLOCK_HEADER + inside
    return total
