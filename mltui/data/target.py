"""Finds out what the target asks for, a column or several, and codes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Task
from mltui.data.kinds import number_labels
from mltui.data.readers.raw import Raw

MOST_CLASSES = 100
"""More distinct values than this are not taken for classes, even on demand."""
_FIRST = 10_000
_CHUNK = 1_000_000
_TRUTHS = {"true": "1", "false": "0"}
FEW_WHOLE_NUMBERS = 20
"""Up to so many distinct whole numbers are taken for classes."""


@dataclass(frozen=True)
class Target:
    """A coded target: class codes (int64) or values (float64), shape (rows,); rows not `present` have neither.

    Of several columns to learn the values are of shape (rows, targets), in the order of `names`, and a row is present
    where it has a value of each; of one column `names` is empty.
    """

    task: Task
    values: NDArray[np.generic]
    classes: tuple[str, ...]
    present: NDArray[np.bool_]
    names: tuple[str, ...] = ()

    def each(self) -> list[Target]:
        """Every target by itself, its values of shape (rows,); one alone is the only one."""
        if not self.names:
            return [self]
        return [replace(self, values=column, names=()) for column in self.values.T]

    def take(self, rows: NDArray[np.integer]) -> Target:
        """The target of these rows; the classes stay."""
        return replace(self, values=self.values[rows], present=self.present[rows])


def coded_together(raws: Mapping[str, Raw], task: Task | None, positive: str | None) -> Target:
    """Code the columns to learn, by name: one as `code` does, several for a regression of several values.

    Raises:
        InputError: as `code`; and where one of several is for classification, or no row has a value of each.
    """
    if len(raws) == 1:
        return next(code(raw, name, task, positive) for name, raw in raws.items())
    if task == "classification":
        raise InputError(
            f'data.task = "classification" takes one target, and data.target names several ({", ".join(raws)}); name '
            "one, or leave data.task out for a regression of them",
            key="data.task",
        )
    if task is None:
        for name, raw in raws.items():
            _refuse_classes(raw, name)
    found = [code(raw, name, "regression", positive) for name, raw in raws.items()]
    together = _side_by_side(found, raws)
    if not together.present.any():
        raise InputError(f"no row has a value of each target ({', '.join(raws)})", key="data.target")
    for name, values in zip(raws, together.values[together.present].T, strict=True):
        if np.all(values == values[0]):
            raise InputError(
                f"the target {name} has the same value in every row that has a value of each, nothing to learn",
                key="data.target",
            )
    return together


def _refuse_classes(raw: Raw, name: str) -> None:
    """See that one of several targets looks like numbers to predict."""
    present = ~raw.missing
    distinct = _distinct(raw, present)
    if not len(distinct) or _looks_like(raw, distinct, int(present.sum())) == "regression":
        return
    labels, _ = _labels(raw, distinct, present)
    numbers = "" if raw.categories is not None else ', or set data.task = "regression" to predict its numbers'
    raise InputError(
        f"several targets are for regression, and of data.target {name} holds classes such as {labels[0]!r}; name one "
        f"column{numbers}",
        key="data.target",
    )


def _side_by_side(found: list[Target], names: Mapping[str, Raw]) -> Target:
    values = np.column_stack([each.values for each in found])
    present = np.all([each.present for each in found], axis=0)
    return Target("regression", values, (), present, tuple(names))


def code(raw: Raw, name: str, task: Task | None, positive: str | None) -> Target:
    """Code the target's column for a task, or for the one it looks like.

    Classes are in numerical or alphabetical order, so that by default the larger label of two is the positive one;
    `positive` puts the class it names second.

    Raises:
        InputError: for a target without values, of one value only, or unfit for the task; or a positive class that is
            not there.
    """
    present = ~raw.missing
    if not present.any():
        raise InputError(f"the target {name} has no value in any row", key="data.target")
    distinct = _distinct(raw, present)
    labels, codes = _labels(raw, distinct, present)
    task = task or _looks_like(raw, distinct, int(present.sum()))
    if task == "regression":
        return _values(raw, name, labels, present, positive)
    if len(labels) > MOST_CLASSES:
        raise InputError(
            f"the target {name} has {len(labels):,} different values, too many for classes (at most {MOST_CLASSES})",
            key="data.target",
        )
    if len(labels) < 2:
        raise InputError(
            f"the target {name} has one class only, {labels[0]!r}; two are needed to tell apart", key="data.target"
        )
    if positive is not None:
        labels, codes = turned(labels, codes, positive)
    return Target("classification", codes, labels, present)


def coded_as(raws: Mapping[str, Raw], task: Task, classes: tuple[str, ...]) -> Target:
    """Code the columns to learn, by name, as others were: each class by its label. They may lack values and classes.

    Raises:
        InputError: for a class that the other does not have, or text where numbers are wanted.
    """
    found = [_coded_as(raw, name, task, classes) for name, raw in raws.items()]
    return found[0] if len(found) == 1 else _side_by_side(found, raws)


def _coded_as(raw: Raw, name: str, task: Task, classes: tuple[str, ...]) -> Target:
    present = ~raw.missing
    if task == "regression":
        if raw.categories is not None and present.any():
            raise InputError(f"the target {name} holds text, and regression needs numbers", key="data.target")
        values = np.full(len(present), np.nan) if raw.categories is not None else raw.numbers()
        return Target(task, values, (), present)
    labels, codes = _labels(raw, _distinct(raw, present), present)
    recode = np.full(len(labels) + 1, -1, np.int64)
    for code_there, label in enumerate(labels):
        same = [place for place, known in enumerate(classes) if label == known or _same_value(label, known)]
        if not same:
            raise InputError(
                f"the target {name} holds {label!r}, which is none of the classes {', '.join(classes[:5])}",
                key="data.target",
            )
        recode[code_there] = same[0]
    return Target(task, recode[codes], classes, present)


def turned(
    labels: tuple[str, ...], codes: NDArray[np.generic], positive: str
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The labels and codes with the positive class as the second of two.

    Raises:
        InputError: where there is no such class, or there are not two.
    """
    same = [label for label in labels if label == positive or _same_value(label, positive)]
    if not same:
        raise InputError(
            f"data.positive: there is no class {positive!r}; {nearest(positive, labels)}", key="data.positive"
        )
    if len(labels) != 2:
        raise InputError(
            f"data.positive is for two classes, and the target has {len(labels)}; leave it out", key="data.positive"
        )
    if labels[1] == same[0]:
        return labels, codes.astype(np.int64)
    whole = codes.astype(np.int64)
    return (labels[1], labels[0]), np.where(whole >= 0, 1 - whole, -1)


def labels_of(raw: Raw) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The labels of a column that occur, in order, and a code for each row, -1 where there is no value.

    Of more than `MOST_CLASSES` numbers there are empty labels, at least some of them, and no codes.
    """
    present = ~raw.missing
    return _labels(raw, _distinct(raw, present), present)


def _labels(
    raw: Raw, distinct: NDArray[np.generic], present: NDArray[np.bool_]
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The labels that occur, in order, and a code for each row, -1 where there is no value.

    Of more than can be classes there are empty labels, at least some of them, and no codes.
    """
    if raw.categories is None and len(distinct) > MOST_CLASSES:
        return ("",) * len(distinct), np.zeros(0, np.int64)
    codes = np.full(len(present), -1, np.int64)
    for part in _chunks(len(present)):
        codes[part][present[part]] = np.searchsorted(distinct, raw.values[part][present[part]])
    if raw.categories is not None:
        return tuple(raw.categories[int(code)] for code in distinct), codes
    return tuple(number_labels(distinct)), codes


def _distinct(raw: Raw, present: NDArray[np.bool_]) -> NDArray[np.generic]:
    """The values that occur, in order; of many numbers those of the first rows that show that they are many."""
    found = np.unique(raw.values[:_FIRST][present[:_FIRST]])
    for part in _chunks(len(present)):
        if raw.categories is None and len(found) > MOST_CLASSES:
            break
        values = raw.values[part][present[part]]
        found = np.union1d(found, values[~np.isin(values, found)])  # few are new, so that few are sorted
    return found


def _chunks(rows: int) -> Iterator[slice]:
    """A column at most a part at a time: it may lie on disk, larger than memory."""
    for start in range(0, rows, _CHUNK):
        yield slice(start, min(start + _CHUNK, rows))


def _looks_like(raw: Raw, distinct: NDArray[np.generic], rows: int) -> Task:
    if raw.categories is not None or raw.values.dtype.kind == "b":
        return "classification"
    if len(distinct) > max(2, min(FEW_WHOLE_NUMBERS, rows // 5)):
        return "regression"
    values = distinct.astype(np.float64)
    return "classification" if bool(np.all(values == np.round(values))) else "regression"


def _values(raw: Raw, name: str, labels: tuple[str, ...], present: NDArray[np.bool_], positive: str | None) -> Target:
    if raw.categories is not None:
        raise InputError(
            f"the target {name} holds text such as {labels[0]!r}, and regression needs numbers", key="data.target"
        )
    if positive is not None:
        raise InputError("data.positive is for classification, and the target asks for regression", key="data.positive")
    if len(labels) < 2:
        raise InputError(f"the target {name} has the same value in every row, nothing to learn", key="data.target")
    return Target("regression", raw.numbers(), (), present)


def _same_value(label: str, other: str) -> bool:
    """Whether both are one number; true is 1, as which a column of truth values is read where some are missing."""
    try:
        return float(_TRUTHS.get(label, label)) == float(_TRUTHS.get(other, other))
    except ValueError:
        return False
