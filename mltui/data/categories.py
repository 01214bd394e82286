"""Categories as numbers: which of a column's labels occurred, and each row's place among those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats, Integers, Table
from mltui.data.matrix import block, chunked

Seen = tuple[int, ...]
"""The codes of a category that occurred in training, sorted."""


def seen(table: Table, column: Column, rows: NDArray[np.integer]) -> Seen:
    """The codes of a category that occur in rows, sorted; none where all are missing."""
    found = np.zeros(len(column.categories) + 1, np.bool_)
    for part in chunked(len(rows), 8):
        found[block(table, column, rows[part]).astype(np.int64).ravel()] = True
    return tuple(int(code) for code in np.flatnonzero(found[:-1]))


def places(table: Table, column: Column, known: Seen, rows: NDArray[np.integer]) -> Integers:
    """Each row's place among the known codes, shape (rows,); -1 for a missing label or any other."""
    codes = block(table, column, rows)[:, 0].astype(np.int64)
    place_of = np.full(len(column.categories) + 1, -1)
    place_of[list(known)] = np.arange(len(known))
    found: Integers = place_of[codes]  # the last one is that of a missing label, -1
    return found


def encoded(table: Table, columns: Sequence[Column], known: Mapping[str, Seen], rows: NDArray[np.integer]) -> Floats:
    """Every category as the number of its label, shape (rows, columns)."""
    found = [places(table, column, known[column.name], rows).astype(np.float64) for column in columns]
    return np.stack(found, axis=1)


def indicated(table: Table, column: Column, known: Seen, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """A category as a column for each known label, 1 where it is, shape (rows, labels); one of zeros where none is."""
    found = np.zeros((len(rows), max(1, len(known))), np.float32)
    at = places(table, column, known, rows)
    told = np.flatnonzero(at >= 0)
    found[told, at[told]] = 1
    return found


def indicators(column: Column, known: Seen) -> list[str]:
    """The names of those columns."""
    return [f"{column.name}={column.categories[code]}" for code in known] or [f"{column.name}=?"]


def unseen(table: Table, column: Column, known: Seen, rows: NDArray[np.integer]) -> int:
    """How many rows have a label that is not known; a missing label is none.

    An ordered column's labels are numbers, of which every one in its order is known.
    """
    count = 0
    for part in chunked(len(rows), 24):
        told = np.asarray(table.values[column.name])[rows[part]] != -1
        if column.kind == "ordered":
            here = ~np.isnan(block(table, column, rows[part])[:, 0])
        else:
            here = places(table, column, known, rows[part]) >= 0
        count += int((told & ~here).sum())
    return count
