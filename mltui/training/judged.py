"""What a fitted model is worth on the opened parts, said in events and kept row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Table
from mltui.evaluation.metrics import metrics
from mltui.record.predictions import PartPredictions, Predictions
from mltui.training.problem import Fitted, Rows


def judge(emit: Callable[..., Any], table: Table, part: Part, scores: Scores, **also: Any) -> None:
    """Say the metrics of one part of a table in an evaluated event."""
    found = metrics(scores, table.task, table.classes, table.weights is not None)
    emit("evaluated", part=part, metrics=found, **also)


def scored(fitted: Fitted, parts: Mapping[Part, Rows]) -> dict[Part, Scores]:
    """What the model says of every row of these parts."""
    return {part: rows.scored(fitted.predict(rows.x)) for part, rows in parts.items()}


def predictions(parts: Mapping[Part, Rows], scores: Mapping[Part, Scores], table: Table) -> Predictions:
    """The scores of the parts with each row's origin."""
    return Predictions(
        {part: PartPredictions(scores[part], rows.table.file, rows.table.entry) for part, rows in parts.items()},
        table.files,
        table.classes,
    )
