"""Deals rows into folds: the share of the rows that each of several models is judged by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Split
from mltui.core.table import Table
from mltui.data.division import Rows, chunks
from mltui.data.grouping import Groups
from mltui.data.where_from import where_from

Folds = NDArray[np.int8]


def dealt(table: Table, spec: Split, pool: Rows, groups: Groups | None, rng: np.random.Generator) -> Folds:
    """The fold of each row of the pool, from 0, shape (len(pool),).

    By chance the folds are equal within one row, and where stratified each class's are; groups and files stay whole;
    `fold_by` says it row by row.

    Raises:
        InputError: where there are too few rows, groups, or rows of a class; for a fold without a row, and one whose
            model would be trained without a class; where fold_by gives no fold, or divides a group.
    """
    assert spec.folds is not None
    if spec.fold_by is not None:
        fold = _said(table, spec.fold_by, spec.folds, pool)
        if groups is not None:
            _check_whole(table, spec, pool, groups, fold)
    elif groups is not None:
        shares = np.full(spec.folds, 1 / spec.folds)
        fold = groups.shared_out(table, spec, pool, shares, f"{spec.folds} folds one each", rng)
    else:
        fold = _by_chance(table, spec, spec.folds, pool)
    _check(table, spec, pool, fold)
    return fold


def _by_chance(table: Table, spec: Split, folds: int, pool: Rows) -> Folds:
    """In the pool's order, which is random, class by class."""
    if len(pool) < folds:
        raise InputError(f"there are {len(pool)} rows to train on, too few for {folds} folds", key="split.folds")
    if table.task != "classification" or not spec.stratify:
        return np.asarray(np.arange(len(pool)) % folds, np.int8)
    fold = np.empty(len(pool), np.int8)
    dealt = 0
    for code, label in enumerate(table.classes):
        found = [part.start + np.flatnonzero(table.target[pool[part]] == code) for part in chunks(len(pool))]
        places = np.concatenate(found)
        if len(places) < folds:
            raise InputError(
                f"the class {label!r} has {len(places)} {'row' if len(places) == 1 else 'rows'} to train on, too few "
                f"to give {folds} folds one each; take fewer folds or leave the class out",
                key="split.folds",
            )
        fold[places] = (dealt + np.arange(len(places))) % folds
        dealt += len(places)
    return fold


def _said(table: Table, fold_by: str, folds: int, pool: Rows) -> Folds:
    values: NDArray[Any] = table.others[fold_by]
    fold = np.empty(len(pool), np.int8)
    for part in chunks(len(pool)):
        given = values[pool[part]]
        wrong = np.flatnonzero(~((given >= 0) & (given < folds) & (given == np.floor(given))))
        if len(wrong):
            row = int(pool[part][wrong[0]])
            raise InputError(
                f"split.fold_by = {fold_by!r} gives {_shown(values[row])} for {where_from(table, row)}, and must give "
                f'a whole number from 0 to {folds - 1} for every row, as "event % {folds}" does',
                key="split.fold_by",
            )
        fold[part] = given.astype(np.int8)
    return fold


def _shown(value: Any) -> str:
    if isinstance(value, np.integer):
        return str(value)
    return "no value" if np.isnan(value) else f"{value:g}"


def _check_whole(table: Table, spec: Split, pool: Rows, groups: Groups, fold: Folds) -> None:
    """See that fold_by leaves every group whole."""
    first = np.full(groups.count, -1, np.int8)
    first[groups.of[pool][::-1]] = fold[::-1]
    divided = np.flatnonzero(first[groups.of[pool]] != fold)
    if len(divided):
        place = divided[0]
        row = int(pool[place])
        what = "a file" if groups.said == "files" else f"a group of {groups.said}"
        raise InputError(
            f"split.fold_by divides {what}: it gives {fold[place]} for {where_from(table, row)}, and "
            f"{first[groups.of[row]]} for other rows of it; leave split.by or split.fold_by out",
            key="split.fold_by",
        )


def _check(table: Table, spec: Split, pool: Rows, fold: Folds) -> None:
    """See that every fold has rows, and that its model is trained on every class."""
    assert spec.folds is not None
    classes = max(1, len(table.classes))
    total = np.zeros(spec.folds * classes, np.int64)
    for part in chunks(len(pool)):
        codes = table.target[pool[part]].astype(np.int64) if table.classes else 0
        total += np.bincount(fold[part].astype(np.int64) * classes + codes, minlength=len(total))
    counts = total.reshape(spec.folds, classes)
    key = "split.folds" if spec.fold_by is None else "split.fold_by"
    empty = np.flatnonzero(counts.sum(axis=1) == 0)
    if len(empty):
        said = f", which {spec.fold_by} = {empty[0]} would say" if spec.fold_by is not None else ""
        raise InputError(f"fold {empty[0] + 1} of {spec.folds} has no row{said}", key=key)
    alone = np.argwhere(counts.sum(axis=0) == counts)
    if table.classes and len(alone):
        number, code = alone[0]
        one = counts[number, code] == 1
        raise InputError(
            f"{'the only row' if one else f'all {counts[number, code]:,} rows'} of the class {table.classes[code]!r} "
            f"{'is' if one else 'are'} in fold {number + 1}, so that its model would be trained without; take other "
            "folds or leave the class out",
            key=key,
        )
