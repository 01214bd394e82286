"""The variables behind the scores of the moment looked at, of the sample's rows, and which of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores
from mltui.core.table import Column, Floats
from mltui.views.derived import remembered
from mltui.views.scored import fits
from mltui.views.shown import Shown

MOST = 200
"""So many variables are looked at, the first ones."""


@dataclass(frozen=True, eq=False)
class Behind:
    """Rows with what is known of them and what the model says.

    Attributes:
        part: whose rows they are.
        columns: the variables that are numbers.
        values: by their names, shape (rows,), NaN for missing.
        scores: target, scores and weights of the same rows.
    """

    part: str
    columns: tuple[Column, ...]
    values: Mapping[str, Floats]
    scores: Scores


def behind(shown: Shown) -> Behind | None:
    """The sample's rows of the part asked for, of validation or train; None where none has scores."""
    found = _judging(shown)
    return _behind(*found) if found else None


def names(shown: Shown) -> tuple[str, ...]:
    """The names of the variables that have a score to be held against; none where there is none."""
    found = _judging(shown)
    return tuple(column.name for column in _numbers(found[0])) if found else ()


def _judging(shown: Shown) -> tuple[Sample, str, Scores] | None:
    if shown.sample is None or not _numbers(shown.sample):
        return None
    for part in (shown.part, "validation", "train"):
        scores = shown.sampled.get(part)
        if scores is not None and len(scores) and part in shown.sample.parts and fits(scores, shown):
            return shown.sample, part, scores
    return None


def _numbers(sample: Sample) -> tuple[Column, ...]:
    return tuple(column for column in sample.columns if column.kind in ("number", "ordered"))[:MOST]


@remembered
def _behind(sample: Sample, part: str, scores: Scores) -> Behind:
    columns = _numbers(sample)
    rows = sample.parts[part]
    return Behind(part, columns, {column.name: _floats(rows, column) for column in columns}, scores)


def _floats(rows: SampleRows, column: Column) -> Floats:
    values = rows.values[column.name].astype(np.float64)
    return np.where(values < 0, np.nan, values) if column.categories else values


def chosen(shown: Shown, found: Behind, ranked: Sequence[str]) -> Column:
    """The variable that a person chose, or the first of those ranked."""
    wanted = shown.variable if shown.variable in found.values else next(iter(ranked), found.columns[0].name)
    return next(column for column in found.columns if column.name == wanted)
