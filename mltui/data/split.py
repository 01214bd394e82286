"""Divides the rows of a table into train, validation and test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part, Split
from mltui.core.table import Table

Rows = NDArray[np.integer]
_CHUNK = 1_000_000


def split(table: Table, spec: Split) -> dict[Part, Rows]:
    """Row numbers of each part, in random order; the parts are disjoint and the same seed gives the same parts.

    Each part's size is within one row of its share (of every class, where stratified), and at least one where the
    share is not zero. Shares below 1 in sum leave rows unused.

    Raises:
        InputError: where there are too few rows, or rows of one class, to give every part one.
    """
    rng = np.random.default_rng(spec.seed)
    shares = np.array([spec.train, spec.validation, spec.test])
    chosen: list[list[Rows]] = [[] for _ in PARTS]
    for rows, name in _groups(table, spec):
        rng.shuffle(rows)
        ends = np.cumsum(_sizes(len(rows), shares, name))
        for place, piece in enumerate(np.split(rows, ends)[:-1]):
            chosen[place].append(piece.copy())
    parts: dict[Part, Rows] = {}
    for part in PARTS:
        parts[part] = np.concatenate(chosen.pop(0))
        rng.shuffle(parts[part])
    if table.task == "classification":
        _check_classes(table, parts["train"])
    return parts


def _groups(table: Table, spec: Split) -> Iterator[tuple[Rows, str]]:
    """Row numbers to be shared out among the parts, group by group, each with what a sentence calls it."""
    if table.task != "classification" or not spec.stratify:
        yield _numbered(len(table)), "the data"
        return
    for code, label in enumerate(table.classes):
        found = [part.start + np.flatnonzero(table.target[part] == code) for part in _chunks(len(table))]
        yield np.concatenate([numbers.astype(_type(len(table))) for numbers in found]), f"the class {label!r}"


def _chunks(rows: int) -> Iterator[slice]:
    for start in range(0, max(rows, 1), _CHUNK):
        yield slice(start, min(start + _CHUNK, rows))


def _numbered(rows: int) -> Rows:
    return np.arange(rows, dtype=_type(rows))


def _type(rows: int) -> type[np.integer]:
    """Row numbers of large tables are kept in half the memory."""
    return np.int32 if _CHUNK < rows < 1 << 31 else np.int64


def _sizes(rows: int, shares: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    """How many of so many rows each part gets: the largest remainders round up, and nobody with a share gets none."""
    wanted = int(np.sum(shares > 0))
    if rows < wanted:
        parts = ", ".join(part for part, share in zip(PARTS, shares, strict=True) if share > 0)
        raise InputError(
            f"{name} has {rows} {'row' if rows == 1 else 'rows'}, too few to give {parts} one each; "
            "leave a part or the class out",
            key="split.train" if name == "the data" else "split.stratify",
        )
    # the rows left unused take part in the rounding, as a last share
    exact = np.append(shares, max(0.0, 1 - shares.sum())) * rows
    sizes = np.floor(exact + 1e-9).astype(np.int64)
    by_remainder = np.argsort(-np.round(exact - sizes, 9), kind="stable")
    sizes[by_remainder[: rows - sizes.sum()]] += 1
    needed = np.append(shares > 0, False).astype(np.int64)
    for part in np.flatnonzero(sizes < needed):
        sizes[np.argmax(sizes - needed)] -= 1
        sizes[part] = 1
    return sizes[:-1]


def _check_classes(table: Table, train: Rows) -> None:
    """Without stratification, luck may leave the training part without a class."""
    present = np.zeros(len(table.classes), np.bool_)
    for part in _chunks(len(train)):
        present[table.target[train[part]]] = True
    absent = np.flatnonzero(~present)
    if len(absent):
        raise InputError(
            f"the training part has no row of the class {table.classes[absent[0]]!r}; "
            "set split.stratify = true, another split.seed or a larger split.train",
            key="split.stratify",
        )
