"""What a fitted model is worth on the opened parts, said in events and kept row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Table
from mltui.data.disk import on_disk
from mltui.data.laid_out import put_away
from mltui.evaluation.large import metrics_of_many
from mltui.evaluation.metrics import metrics
from mltui.inference.fitted import Fitted
from mltui.record.predictions import PartPredictions, Predictions
from mltui.training.problem import Rows

MANY = 500_000
"""Rows of a part on disk from which its numbers come chunk by chunk."""


def judge(emit: Callable[..., Any], table: Table, part: Part, scores: Scores, **also: Any) -> None:
    """Say the metrics of one part of a table in an evaluated event."""
    many = on_disk(scores.scores) and len(scores.target) > MANY
    found = (metrics_of_many if many else metrics)(scores, table.task, table.classes, table.weights is not None)
    emit("evaluated", part=part, metrics=found, **also)


def scored(fitted: Fitted, parts: Mapping[Part, Rows]) -> dict[Part, Scores]:
    """What the model says of every row of these parts; of those on disk, on disk."""
    return {part: score(fitted, rows) for part, rows in parts.items()}


def score(fitted: Fitted, rows: Rows) -> Scores:
    """What the model says of every row."""
    scores = fitted.predict(rows.x)
    return rows.scored(put_away(scores) if rows.on_disk else scores)


def predictions(parts: Mapping[Part, Rows], scores: Mapping[Part, Scores], table: Table) -> Predictions:
    """The scores of the parts with each row's origin."""
    return Predictions(
        {part: PartPredictions(scores[part], rows.file, rows.entry) for part, rows in parts.items()},
        table.files,
        table.classes,
    )
