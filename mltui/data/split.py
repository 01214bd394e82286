"""Divides the rows of a table into train, validation and test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part, Split
from mltui.core.table import Table

Rows = NDArray[np.int64]


def split(table: Table, spec: Split) -> dict[Part, Rows]:
    """Row numbers of each part, in random order; the parts are disjoint and the same seed gives the same parts.

    Each part's size is within one row of its share (of every class, where stratified), and at least one where the
    share is not zero. Shares below 1 in sum leave rows unused.

    Raises:
        InputError: where there are too few rows, or rows of one class, to give every part one.
    """
    rng = np.random.default_rng(spec.seed)
    shares = np.array([spec.train, spec.validation, spec.test])
    classification = table.task == "classification"
    if classification and spec.stratify:
        groups = [np.flatnonzero(table.target == code) for code in range(len(table.classes))]
        names = [f"the class {label!r}" for label in table.classes]
    else:
        groups, names = [np.arange(len(table))], ["the data"]
    chosen: list[list[Rows]] = [[] for _ in PARTS]
    for rows, name in zip(groups, names, strict=True):
        shuffled = rng.permutation(rows)
        ends = np.cumsum(_sizes(len(rows), shares, name))
        for part, piece in enumerate(np.split(shuffled, ends)[:-1]):
            chosen[part].append(piece)
    parts = {part: rng.permutation(np.concatenate(pieces)) for part, pieces in zip(PARTS, chosen, strict=True)}
    if classification:
        _check_classes(table, parts["train"])
    return parts


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
    absent = np.setdiff1d(np.arange(len(table.classes)), table.target[train])
    if len(absent):
        raise InputError(
            f"the training part has no row of the class {table.classes[absent[0]]!r}; "
            "set split.stratify = true, another split.seed or a larger split.train",
            key="split.stratify",
        )
