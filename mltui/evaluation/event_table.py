"""The events of a sample as columns: what each is, what the model says of it, where it came from, and its variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.sample import Sample, SampleRows
from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.evaluation.confusion import said
from mltui.evaluation.picking import losses, own_scores


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

    def text(self, row: int) -> str | float | None:
        """The label or the number of a row; None where it is missing."""
        value = self.values[row]
        if self.labels:
            return self.labels[int(value)] if value >= 0 else None
        number = value.item()
        return number if np.isfinite(number) else None


def event_columns(
    sample: Sample,
    part: str,
    scores: Scores,
    task: Task,
    classes: tuple[str, ...],
    threshold: float = 0.5,
    target: int = 0,
) -> tuple[EventColumn, ...]:
    """The columns of a part's sample: what is judged first, then weight and origin, then the variables.

    Args:
        scores: what the model says of just these rows, in their order.
        classes: their labels; none for a regression.
        threshold: as `confusion.said` takes it.
        target: which of several targets is looked at.
    """
    rows = sample.parts[part]
    judged = _values(scores.of(target)) if task == "regression" else _classes(scores, classes, threshold)
    return (*judged, *_weight(scores), *_origin(sample, rows), *_variables(sample, rows))


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


def _weight(scores: Scores) -> Iterator[EventColumn]:
    if (scores.weights != 1).any():
        yield EventColumn("weight", "weight", scores.weights)


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
