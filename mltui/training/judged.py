"""What the fitted models are worth on the opened parts, said in events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.process import Process
from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Table
from mltui.data.disk import on_disk
from mltui.data.laid_out import put_away
from mltui.evaluation.cuts import cuts
from mltui.evaluation.large import metrics_of_many
from mltui.evaluation.metrics import metrics
from mltui.evaluation.yields import yields
from mltui.inference.fitted import Fitted
from mltui.record.predictions import PartPredictions, Predictions
from mltui.training.problem import Rows

MANY = 500_000
"""Rows of a part on disk from which its numbers come chunk by chunk."""
_ROUNDING = 1e-12
THRESHOLD = 0.5
"""Above this score a row of two classes counts as selected, where nobody has chosen another."""
Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Judge:
    """Says what scores are worth.

    Args:
        emit: called as emit(kind, **fields).
        processes: what all rows add up to, which the yields of a part are scaled to.
        uncertainty: of the background, relative, which the significance of the best cut counts.
    """

    emit: Callable[..., Any]
    table: Table
    processes: Sequence[Process] = field(default=())
    uncertainty: float = 0.0

    def say(self, part: Part, scores: Scores, **also: Any) -> None:
        """Say the metrics of one part, and the yields of its processes, in an evaluated event."""
        fields: dict[str, Any] = {"part": part, "metrics": numbers(self.table, scores)}
        if self.processes:
            table = self.table
            told = yields(scores, self.processes, table.processes, table.classes, THRESHOLD).document()
            fields["yields"] = {**told, "best_cut": self._best_cut(scores)}
        self.emit("evaluated", **fields, **{name: value for name, value in also.items() if value})

    def _best_cut(self, scores: Scores) -> dict[str, Any] | None:
        """Where a discovery would be most significant; None where it is nowhere, or rows are too many to sort."""
        table = self.table
        if len(table.classes) != 2 or (on_disk(scores.scores) and len(scores) > MANY):
            return None
        found = cuts(scores, self.processes, table.processes, table.classes)
        best = found.best("asimov", self.uncertainty) if found else None
        return None if best is None else {"formula": "asimov", "uncertainty": self.uncertainty, **best.document()}


def numbers(table: Table, scores: Scores) -> dict[str, Any]:
    """The metrics of rows of a table."""
    many = on_disk(scores.scores) and len(scores.target) > MANY
    of = metrics_of_many if many else metrics
    return of(scores, table.task, table.classes, table.weights is not None, tuple(c.name for c in table.targets))


def spread(found: Sequence[Numbers]) -> dict[str, dict[str, float]]:
    """The mean and the deviation (of a sample: n - 1) over models of each metric that is one number for all of them.

    Nothing where there are fewer than two.
    """
    if len(found) < 2:
        return {}
    single = [name for name in found[0] if all(_is_number(one.get(name)) for one in found)]
    columns = {name: np.array([one[name] for one in found], np.float64) for name in single}
    return {name: {"mean": float(values.mean()), "deviation": _deviation(values)} for name, values in columns.items()}


def _deviation(values: Floats) -> float:
    """The deviation of a sample; zero where it is nothing but rounding."""
    found = float(values.std(ddof=1))
    return found if found > _ROUNDING * float(np.abs(values).max()) else 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def score(fitted: Fitted, rows: Rows) -> Scores:
    """What the model says of every row; of those on disk, on disk."""
    scores = fitted.predict(rows.x)
    return rows.scored(put_away(scores) if rows.on_disk else scores)


def named(table: Table) -> Predictions:
    """Predictions without any rows, with the names that those of this table's rows refer to."""
    targets = tuple(column.name for column in table.targets)
    return Predictions({}, table.files, table.classes, table.processes, trees=table.trees, targets=targets)


def of_table(
    table: Table, rows: NDArray[np.integer], scores: Floats, fold: NDArray[np.integer] | None = None
) -> PartPredictions:
    """Scores of these rows of a table, with all that is known of them there; of a table on disk, on disk."""
    away = put_away if any(map(on_disk, table.values.values())) else lambda values: values
    process = table.process[rows] if table.processes else table.process[:0]
    weights = np.ones(len(rows)) if table.weights is None else table.weights[rows]
    return PartPredictions(
        Scores(away(table.target[rows]), away(scores), away(weights), process),
        away(table.file[rows]),
        away(table.entry[rows]),
        fold,
    )
