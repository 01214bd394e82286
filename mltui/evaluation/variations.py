"""What a systematic variation does to what a model says: to AUC, yields and significance, and to the score's shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mltui.core.process import Process
from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.cuts import cuts
from mltui.evaluation.histogram import Histogram, histogram, score_edges
from mltui.evaluation.metrics import quick
from mltui.evaluation.significance import with_error
from mltui.evaluation.yields import Yield, places, same, scales_of, yields

BINS = 20
PREDICTED = "predicted"
"""What stands for the classes in the shape of a regression."""


@dataclass(frozen=True)
class Judged:
    """Some rows as a model scored them, and what their whole data add up to.

    Attributes:
        scores: of the rows; the weights of the varied ones bring each process to the share of it that the nominal part
            holds, so that the AUC mixes the processes as the nominal one does.
        processes: of all rows of the data, as `yields.processes` gives them; each yield is scaled to its total.
    """

    scores: Scores
    processes: Sequence[Process]


def compared(
    nominal: Judged,
    varied: Judged,
    task: Task,
    classes: tuple[str, ...],
    names: tuple[str, ...] = (),
    threshold: float = 0.5,
    uncertainty: float = 0.0,
) -> dict[str, Any]:
    """The numbers of the varied rows, and yields and shapes beside the nominal ones.

    - loss, accuracy and auc (a regression: loss, rmse and r2) of the varied rows; rows: how many of them have a weight.
    - yields, by process: nominal and varied, the expected events; error, the varied one's statistical one; the same of
      those above the threshold as selected_nominal, selected_varied and selected_error.
    - significance, of two classes: nominal and varied, that of a discovery (Asimov) with the cut that is best for the
      nominal; error, the varied one's statistical one; threshold, where that cut is.
    - shape: the scores in expected events, nominal and varied, on common edges by true class, with the varied one's
      statistical errors; with many classes the score of the true class, of a regression the predicted values (of
      several targets those of the first).

    What is not defined is None.

    Args:
        nominal, varied: what is compared.
        task: classification or regression.
        classes: the labels; with two, the second is the signal.
        names: what `scores.process` is an index into: `Table.processes`.
        threshold: of the score, for what is selected.
        uncertainty: of the background, relative, which the significance counts.
    """
    found = quick(varied.scores, task, classes)
    numbers = {name: value if math.isfinite(value) else None for name, value in found.items()}
    return {
        **numbers,
        "rows": int(np.count_nonzero(varied.scores.weights)),
        "yields": _yields(nominal, varied, names, classes, threshold),
        "significance": _significance(nominal, varied, names, classes, uncertainty),
        "shape": _shape(_in_events(nominal, names, classes), _in_events(varied, names, classes), classes),
    }


def _yields(
    nominal: Judged, varied: Judged, names: tuple[str, ...], classes: tuple[str, ...], threshold: float
) -> dict[str, Any]:
    ours, theirs = (
        yields(judged.scores, judged.processes, names, classes, threshold).processes for judged in (nominal, varied)
    )
    return {one.name: _both(one, next((other for other in theirs if same(one, other)), None)) for one in ours}


def _significance(
    nominal: Judged, varied: Judged, names: tuple[str, ...], classes: tuple[str, ...], uncertainty: float
) -> dict[str, float | None] | None:
    """With one cut for both; None without two classes, or where no cut is best."""
    if len(classes) != 2:
        return None
    found = cuts(nominal.scores, nominal.processes, names, classes)
    best = found.best("asimov", uncertainty) if found else None
    if best is None:
        return None
    (plain, _), (moved, error) = (
        _at(judged, names, classes, best.threshold, uncertainty) for judged in (nominal, varied)
    )
    return {"threshold": best.threshold, "nominal": plain, "varied": moved, "error": error}


def _at(
    judged: Judged, names: tuple[str, ...], classes: tuple[str, ...], threshold: float, uncertainty: float
) -> tuple[float | None, float | None]:
    found = yields(judged.scores, judged.processes, names, classes, threshold)
    sums = (found.signal, found.background, found.signal_error, found.background_error)
    s, b, s_error, b_error = (math.nan if value is None else value for value in sums)
    value, error = (float(one) for one in with_error(s, b, s_error, b_error, "asimov", uncertainty))
    return (value if math.isfinite(value) else None), (error if math.isfinite(error) else None)


def _both(one: Yield, other: Yield | None) -> dict[str, float | None]:
    """A process's yield before and after; it may have no row left."""
    nothing = None if one.selected is None else 0.0
    return {
        "nominal": one.expected,
        "varied": other.expected if other else 0.0,
        "error": other.error if other else None,
        "selected_nominal": one.selected,
        "selected_varied": other.selected if other else nothing,
        "selected_error": other.selected_error if other else None,
    }


def _in_events(judged: Judged, names: tuple[str, ...], classes: tuple[str, ...]) -> Scores:
    """The scores with weights that add up to the whole data's of each process; zero where that cannot be."""
    scores = judged.scores
    if not judged.processes:
        return scores
    at = places(scores, judged.processes, names, classes)
    known = [0.0 if scale is None else scale for scale in scales_of(judged.processes, at, scores.weights)]
    return replace(scores, weights=scores.weights * np.array([*known, 0.0])[at])


def _shape(nominal: Scores, varied: Scores, classes: tuple[str, ...]) -> dict[str, Any]:
    ours, theirs = _values(nominal), _values(varied)
    counting = (ours[nominal.weights != 0], theirs[varied.weights != 0])
    edges = score_edges(np.concatenate(counting), BINS) if classes else _span(np.concatenate(counting))
    found = {}
    for code, label in enumerate(classes or (PREDICTED,)):
        own, other = (
            _histogram(label, values, scores, code if classes else None, edges)
            for values, scores in ((ours, nominal), (theirs, varied))
        )
        found[label] = {
            "nominal": own.sums.tolist(),
            "varied": other.sums.tolist(),
            "errors": other.errors.tolist(),
        }
    return {"edges": edges.tolist(), "classes": found}


def _values(scores: Scores) -> Floats:
    """What a row has in the histogram of its class, shape (rows,); of several targets the first."""
    scores = scores.of(0)
    if scores.scores.ndim == 1:
        return scores.scores
    return np.asarray(scores.scores[np.arange(len(scores)), scores.target.astype(np.int64)])


def _histogram(label: str, values: Floats, scores: Scores, code: int | None, edges: Floats) -> Histogram:
    rows = np.ones(len(values), np.bool_) if code is None else scores.target == code
    return histogram(label, values[rows], scores.weights[rows], edges)


def _span(values: Floats) -> Floats:
    """Edges over predicted values, shape (BINS + 1,); from 0 to 1 where there is none."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return np.linspace(low, high, BINS + 1) if high > low else np.linspace(low - 0.5, high + 0.5, BINS + 1)
