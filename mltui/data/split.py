"""Divides the rows of a table into train, validation and test, or into folds and test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part, Split
from mltui.core.table import Table
from mltui.data import folds, grouping, in_time, testing_files
from mltui.data.division import Division, Rows, chunks, row_type
from mltui.data.grouping import Groups

Free = NDArray[np.bool_] | None
"""Which rows the shares divide, shape (rows,); None: all."""


def split(table: Table, spec: Split, folder: Path) -> Division:
    """Row numbers of each part, in random order; the parts are disjoint and the same seed gives the same parts.

    By chance each part's size is within one row of its share (of every class, where stratified), and at least one
    where the share is not zero; whole groups, files and times come as near as they can. Shares below 1 in sum leave
    rows unused, in time the earliest. Folds divide what would be train and validation without them; the test part is
    the same as without.

    Args:
        folder: what `spec.test_files` are relative to.

    Raises:
        InputError: where there are too few rows, groups, or rows of one class, to give every part and fold one; for
            rows without a time, and for rows whose fold is none.
    """
    rng = np.random.default_rng(spec.seed)
    groups = grouping.groups(table, spec)
    fixed = testing_files.chosen(table, spec, folder, groups)
    free = None if fixed is None else fixed.free
    if groups is not None:
        parts = _by_group(table, spec, groups, free, rng)
    elif spec.by == "time":
        parts = in_time.divided(table, spec, free)
    else:
        parts = _by_chance(table, spec, free, rng)
    notes = groups.notes if groups is not None else ()
    if fixed is not None:
        parts["test"] = fixed.test
        notes += fixed.notes
        notes += in_time.notes(table, spec, parts)
    for part in PARTS:
        rng.shuffle(parts[part])
    if spec.folds is None:
        _check_classes(table, parts["train"], spec, "the training part")
        return Division(parts, table, refit=spec.refit, notes=notes)
    pool = np.concatenate([parts["train"], parts["validation"]])
    _check_classes(table, pool, spec, "train and validation together")
    fold = folds.dealt(table, spec, pool, groups, rng)
    parts = {"train": pool, "validation": pool[:0], "test": parts["test"]}
    return Division(parts, table, fold, spec.folds, spec.refit, notes)


def _by_chance(table: Table, spec: Split, free: Free, rng: np.random.Generator) -> dict[Part, Rows]:
    shares = np.array([spec.train, spec.validation, spec.test])
    chosen: list[list[Rows]] = [[] for _ in PARTS]
    for rows, name in _strata(table, spec, free):
        rng.shuffle(rows)
        ends = np.cumsum(_sizes(len(rows), shares, name))
        for place, piece in enumerate(np.split(rows, ends)[:-1]):
            chosen[place].append(piece.copy())
    parts: dict[Part, Rows] = {}
    for part in PARTS:
        parts[part] = np.concatenate(chosen.pop(0))
    return parts


def _strata(table: Table, spec: Split, free: Free) -> Iterator[tuple[Rows, str]]:
    """Row numbers to be shared out among the parts, class by class, each with what a sentence calls it."""
    if table.task != "classification" or not spec.stratify:
        yield _numbered(len(table)) if free is None else _where(table, free=free), "the data"
        return
    for code, label in enumerate(table.classes):
        yield _where(table, code, free), f"the class {label!r}"


def _where(table: Table, code: int | None = None, free: Free = None) -> Rows:
    """The rows that are free and of one class."""
    found = []
    for part in chunks(len(table)):
        wanted = np.ones(part.stop - part.start, np.bool_) if code is None else table.target[part] == code
        if free is not None:
            wanted = wanted & free[part]
        found.append((part.start + np.flatnonzero(wanted)).astype(row_type(len(table))))
    return np.concatenate(found)


def _numbered(rows: int) -> Rows:
    return np.arange(rows, dtype=row_type(rows))


def _by_group(table: Table, spec: Split, groups: Groups, free: Free, rng: np.random.Generator) -> dict[Part, Rows]:
    shares = np.array([spec.train, spec.validation, spec.test])
    rows = _numbered(len(table)) if free is None else _where(table, free=free)
    wanted = [part for part, share in zip(PARTS, shares, strict=True) if share > 0]
    place = groups.shared_out(table, spec, rows, shares, f"{', '.join(wanted)} one each", rng)
    return {part: rows[place == number] for number, part in enumerate(PARTS)}


def _sizes(rows: int, shares: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    """How many of so many rows each part gets: the largest remainders round up, and nobody with a share gets none."""
    wanted = int(np.sum(shares > 0))
    if rows < wanted:
        whole = name == "the data"
        parts = ", ".join(part for part, share in zip(PARTS, shares, strict=True) if share > 0)
        raise InputError(
            f"{name} has {rows} {'row' if rows == 1 else 'rows'}, too few to give {parts} one each; "
            f"leave a part{'' if whole else ' or the class'} out",
            key="split.train" if whole else "split.stratify",
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


def _check_classes(table: Table, train: Rows, spec: Split, said: str) -> None:
    """Without stratification by chance, luck may leave the training part without a class."""
    if table.task != "classification":
        return
    present = np.zeros(len(table.classes), np.bool_)
    for part in chunks(len(train)):
        present[table.target[train[part]]] = True
    absent = np.flatnonzero(~present)
    if len(absent):
        ways = ["split.stratify = true"] if not spec.stratify and spec.by != "time" else []
        ways += ["another split.seed"] if spec.by != "time" else []
        raise InputError(
            f"{said} {'have' if spec.folds else 'has'} no row of the class {table.classes[absent[0]]!r}; "
            f"set {', '.join(ways)}{' or ' if ways else ''}a larger split.train",
            key="split.stratify" if spec.by == "random" else "split.by",
        )
