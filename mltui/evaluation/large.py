"""The numbers of a part with more rows than memory holds, chunk by chunk.

Sums are exact. A ROC curve is taken at levels that each hold the same number of rows, `LEVELS` of them, rows of one
level together: what it gives, such as the AUC, differs from the exact figure by about 1 / LEVELS at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation import probability
from mltui.evaluation.confusion import Confusion, confusion
from mltui.evaluation.events import told
from mltui.evaluation.histogram import Histogram, histogram, score_edges
from mltui.evaluation.metrics import SEPARATION_BINS, against_rest, class_sums, together, undefined
from mltui.evaluation.regression import uniform
from mltui.evaluation.roc import roc
from mltui.evaluation.separation import of_histograms
from mltui.evaluation.sums import Total, summed

LEVELS = 50_000
_ASKED = 4 * LEVELS
"""So many rows, evenly spaced, tell where the levels lie."""
CHUNK = 250_000
Number = float | None


def metrics_of_many(
    scores: Scores, task: Task, classes: tuple[str, ...], weighted: bool, targets: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `metrics.metrics` gives, of arrays that are looked at a chunk at a time: they may be memory maps."""
    with np.errstate(all="ignore"):
        found = _numbers(scores, task, classes, weighted, targets)
        return {**found, "unweighted": _numbers(scores, task, classes, False, targets)} if weighted else found


def _numbers(
    scores: Scores, task: Task, classes: tuple[str, ...], weighted: bool, targets: tuple[str, ...]
) -> dict[str, Any]:
    if task == "regression":
        each = [_regression(scores.of(target), weighted) for target in range(scores.targets)]
        own = {"targets": dict(zip(targets, each, strict=True))} if targets else {}
        return {**uniform(each), **own, "events": _events(scores, weighted)}
    return {**_classes(scores, classes, weighted), "events": _events(scores, weighted)}


def _events(scores: Scores, weighted: bool) -> dict[str, Number]:
    rows, total, squares = 0, Total(), Total()
    for chunk in _chunks(scores, weighted):
        rows += len(chunk.weights)
        total.add(chunk.weights)
        squares.add(chunk.weights**2)
    return told(rows, total.value, squares.value)


def _classes(scores: Scores, classes: tuple[str, ...], weighted: bool) -> dict[str, Any]:
    sums = np.zeros(len(classes))
    for chunk in _chunks(scores, weighted):
        sums += class_sums(chunk, len(classes))
    every = [_edges_of(chunk.scores) for chunk in _chunks(scores, weighted) if len(chunk.target)]
    if not every or not all(sound for _, _, sound in every):
        return undefined(classes, sums)
    low, high = min(low for low, _, _ in every), max(high for _, high, _ in every)
    return _Classification(scores, classes, weighted, np.array([low, high])).numbers(sums)


def _chunks(scores: Scores, weighted: bool) -> Iterator[Scores]:
    """The rows that count, chunk by chunk, in memory."""
    for start in range(0, len(scores.target), CHUNK):
        part = slice(start, start + CHUNK)
        target, values, weights = (np.array(a[part]) for a in (scores.target, scores.scores, scores.weights))
        if not weighted:
            yield Scores(target, values, np.ones(len(target)))
            continue
        used = weights != 0
        yield Scores(target[used], values[used], weights[used])


def _edges_of(values: Floats) -> tuple[float, float, bool]:
    return float(values.min()), float(values.max()), bool(np.isfinite(values).all())


def _regression(scores: Scores, weighted: bool) -> dict[str, Number]:
    total, squared, absolute, first, spread = Total(), Total(), Total(), Total(), Total()
    low, high = math.inf, -math.inf
    for chunk in _chunks(scores, weighted):
        true, weights = chunk.target.astype(np.float64), chunk.weights
        error = chunk.scores - true
        total.add(weights)
        squared.add(weights * error**2)
        absolute.add(weights * np.abs(error))
        first.add(weights * true)
        low, high = min(low, float(true.min(initial=low))), max(high, float(true.max(initial=high)))
    loss, mae, centre = (_ratio(value, total) for value in (squared, absolute, first))
    r2 = None
    if loss is not None and centre is not None and low < high:
        for chunk in _chunks(scores, weighted):
            spread.add(chunk.weights * (chunk.target.astype(np.float64) - centre) ** 2)
        variance = _ratio(spread, total)
        r2 = probability.number(1 - loss / variance) if variance is not None and variance > 0 else None
    return {"loss": loss, "rmse": math.sqrt(loss) if loss is not None and loss >= 0 else None, "mae": mae, "r2": r2}


class _Classification:
    """Sums over all rows.

    Args:
        reach: the lowest and the highest score.
    """

    def __init__(self, scores: Scores, classes: tuple[str, ...], weighted: bool, reach: Floats) -> None:
        self._scores, self._classes, self._weighted = scores, classes, weighted
        self._codes = against_rest(scores)
        self._levels = [_levels(_of(scores.scores, code)) for code in self._codes]
        self._bins = [score_edges(reach, SEPARATION_BINS) for _ in self._codes]
        self._probable = probability.probabilities(reach)

    def numbers(self, sums: Floats) -> dict[str, Any]:
        total, losses, squares = Total(), Total(), Total()
        matrix = np.zeros((len(self._classes), len(self._classes)))
        by_level = [np.zeros((2, len(levels) + 1)) for levels in self._levels]
        sides = [(np.zeros(SEPARATION_BINS), np.zeros(SEPARATION_BINS)) for _ in self._codes]
        for chunk in _chunks(self._scores, self._weighted):
            total.add(chunk.weights)
            matrix += confusion(chunk, self._classes).matrix
            if self._probable:
                losses.add(chunk.weights * probability.log_losses(chunk))
                squares.add(chunk.weights * probability.squared_distances(chunk))
            for place, code in enumerate(self._codes):
                values, own = _of(chunk.scores, code), chunk.target == code
                at = np.searchsorted(self._levels[place], values, side="right")
                for side, chosen in enumerate((~own, own)):
                    weights = chunk.weights[chosen]
                    by_level[place][side] += np.bincount(at[chosen], weights, by_level[place].shape[1])
                    sides[place][side][:] += histogram("", values[chosen], weights, self._bins[place]).sums
        rocs, precisions, separations = [], [], []
        for levels, (background, signal), edges in zip(by_level, sides, self._bins, strict=True):
            places = np.arange(levels.shape[1], dtype=np.float64)
            curve = roc(np.repeat([False, True], levels.shape[1]), np.concatenate([places, places]), levels.reshape(-1))
            rocs.append(curve)
            precisions.append(curve.average_precision(summed(levels[1]), summed(levels[0])))
            separations.append(of_histograms(_histogram(signal, edges), _histogram(background, edges)))
        return together(
            self._classes,
            rocs,
            precisions,
            Confusion(self._classes, matrix),
            sums=sums,
            loss=_ratio(losses, total) if self._probable else None,
            brier=_ratio(squares, total) if self._probable else None,
            separations=separations,
        )


def _of(scores: Floats, code: int) -> Floats:
    return scores if scores.ndim == 1 else scores[:, code]


def _levels(values: Floats) -> Floats:
    """What parts the levels, ascending: scores of evenly spaced rows."""
    asked = np.unique(values[:: max(1, len(values) // _ASKED)])
    return np.asarray(asked[:: max(1, len(asked) // LEVELS)])


def _histogram(sums: Floats, edges: Floats) -> Histogram:
    return Histogram("", edges, sums, np.zeros_like(sums), float(sums.sum()))


def _ratio(sum_of_values: Total, total: Total) -> Number:
    return probability.number(sum_of_values.value / total.value) if total.value > 0 else None
