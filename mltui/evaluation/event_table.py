"""The events of a sample as columns: what each is, what the model says of it, where it came from, and its variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mltui.core.sample import Sample, SampleRows
from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.evaluation.confusion import said
from mltui.evaluation.picking import losses, own_scores

_WHOLE = 2.0**53
_ENOUGH = 1000
"""So many numbers tell how far a column is spread."""


@dataclass(frozen=True)
class Extent:
    """How far numbers reach.

    Attributes:
        count: how many there are; with none, all else is 0.
        low, high: their ends; of whole numbers exact.
        whole: whether all are whole.
        middle: how far their middle nine tenths reach.
        small, large: sizes that a tenth of those other than 0 stay below, and a twentieth exceed.
    """

    count: int = 0
    low: float | int = 0
    high: float | int = 0
    whole: bool = True
    middle: float = 0.0
    small: float = 0.0
    large: float = 0.0


@dataclass(frozen=True, eq=False)
class EventColumn:
    """One column for every row of a part's sample.

    Attributes:
        name: as JSON calls it: true, said, score, loss, predicted, residual, weight, process, file, entry, or the
            variable's own name.
        title: what it is called above the numbers, with its unit.
        values: shape (rows,): numbers, or codes into `labels`, where -1 is missing.
        labels: of codes; none where the values are numbers.
        variable: whether it is one of the data's variables.
    """

    name: str
    title: str
    values: NDArray[np.generic]
    labels: tuple[str, ...] = ()
    variable: bool = False

    @cached_property
    def extent(self) -> Extent:
        """How far the numbers reach, of those that are numbers."""
        return _extent(self.values)

    def text(self, row: int) -> str | float | None:
        """The label or the number of a row; None where it is missing."""
        value = self.values[row]
        if self.labels:
            return self.labels[int(value)] if value >= 0 else None
        number = value.item()
        return number if np.isfinite(number) else None


def judged_columns(
    scores: Scores, task: Task, classes: tuple[str, ...], threshold: float = 0.5, target: int = 0
) -> tuple[EventColumn, ...]:
    """What each row is and what the model says of it.

    Args:
        scores: of a part's sample.
        classes: their labels; none for a regression.
        threshold: as `confusion.said` takes it.
        target: which of several targets is looked at.
    """
    return tuple(_values(scores.of(target)) if task == "regression" else _classes(scores, classes, threshold))


def given_columns(sample: Sample, part: str) -> tuple[EventColumn, ...]:
    """What the data have of each row of a part's sample: weight, where they differ, origin, and the variables."""
    rows = sample.parts[part]
    return (*_weight(rows), *_origin(sample, rows), *_variables(sample, rows))


def _classes(scores: Scores, classes: tuple[str, ...], threshold: float) -> Iterator[EventColumn]:
    yield EventColumn("true", "true", scores.target.astype(np.int64), classes)
    yield EventColumn("said", "said", said(scores.scores, threshold), classes)
    own = own_scores(scores) if scores.scores.ndim == 2 else scores.scores
    yield EventColumn("score", "score", own)
    yield EventColumn("loss", "loss", losses(scores, "classification"))


def _values(scores: Scores) -> Iterator[EventColumn]:
    true = scores.target.astype(np.float64)
    yield EventColumn("true", "true", true)
    yield EventColumn("predicted", "predicted", scores.scores)
    with np.errstate(all="ignore"):
        yield EventColumn("residual", "residual", scores.scores - true)


def _weight(rows: SampleRows) -> Iterator[EventColumn]:
    if (rows.weights != 1).any():
        yield EventColumn("weight", "weight", rows.weights)


def _origin(sample: Sample, rows: SampleRows) -> Iterator[EventColumn]:
    if sample.processes and len(rows.process):
        yield EventColumn("process", "process", rows.process, sample.processes)
    trees = sample.trees or ("",) * len(sample.files)
    names = tuple(f"{file}:{tree}" if tree else file for file, tree in zip(sample.files, trees, strict=True))
    yield EventColumn("file", "file", rows.file, names)
    yield EventColumn("entry", "entry", rows.entry)


def _variables(sample: Sample, rows: SampleRows) -> Iterator[EventColumn]:
    for column in sample.columns:
        yield EventColumn(column.name, column.label, rows.values[column.name], column.categories, variable=True)


def _extent(values: NDArray[np.generic]) -> Extent:
    numbers = values.astype(np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return Extent()
    exact = values.dtype.kind in "biu"
    ends = values if exact else numbers
    whole = exact or bool(np.abs(numbers).max() < _WHOLE and (numbers == np.round(numbers)).all())
    some = numbers[:: 1 + len(numbers) // _ENOUGH]
    sizes = np.abs(some[some != 0])
    small, large = (_share(sizes, share) for share in (0.1, 0.95))
    with np.errstate(over="ignore"):
        middle = _share(some, 0.95) - _share(some, 0.05)
    return Extent(len(numbers), ends.min().item(), ends.max().item(), whole, middle, small, large)


def _share(values: NDArray[np.float64], share: float) -> float:
    """The value that so large a share stays below; 0 of none."""
    return float(np.sort(values)[round(share * (len(values) - 1))]) if len(values) else 0.0
