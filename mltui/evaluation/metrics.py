"""The numbers a part is judged by, named as the contract names them, weighted and unweighted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation import probability, regression
from mltui.evaluation.confusion import Confusion, confusion
from mltui.evaluation.events import baseline, events
from mltui.evaluation.histogram import histogram as binned
from mltui.evaluation.histogram import score_edges
from mltui.evaluation.roc import Roc, one_against_rest
from mltui.evaluation.separation import of_histograms
from mltui.evaluation.sums import binned as summed_by
from mltui.evaluation.sums import summed

BACKGROUND_EFFICIENCIES = ("0.01", "0.10", "0.30")
SEPARATION_BINS = 40
Number = float | None


def metrics(
    scores: Scores, task: Task, classes: tuple[str, ...], weighted: bool, targets: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Every number of one part.

    Classification: loss, accuracy, baseline (the accuracy of always saying the class of the largest sum of weights),
    auc, average_precision, log_loss, brier, precision and recall (by class), confusion, efficiency_at, separation.
    Regression: loss, rmse, mae, r2; of several targets their plain means, and under `targets` those of each by its
    name. Both: events (rows, sum_of_weights, effective). What a signal against a background
    is asked for (auc, average_precision, efficiency_at, separation) is with many classes the plain mean over the
    classes that occur, each against the rest.

    Rows of weight zero are ignored. A number that is not defined, as the AUC of a single class or anything of scores
    that are not numbers, is None.

    Args:
        scores: what the model says of the part.
        task: classification or regression.
        classes: the labels; with two, the second is the positive one.
        weighted: whether the experiment has weights; then all is weighted, and repeated without under `unweighted`.
        targets: the names of several targets.
    """
    ones = replace(scores, weights=np.ones(len(scores.target)))
    with np.errstate(all="ignore"):
        if not weighted:
            return _metrics(ones, task, classes, targets)
        return {
            **_metrics(scores, task, classes, targets),
            "unweighted": _metrics(ones, task, classes, targets),
        }


def quick(scores: Scores, task: Task, classes: tuple[str, ...]) -> dict[str, float]:
    """The few numbers of a live curve, weighted: loss, accuracy and auc, or loss, rmse and r2; NaN where undefined."""
    with np.errstate(all="ignore"):
        used = _used(scores)
        if task == "regression":
            found = regression.numbers(used)
            return _floats({name: found[name] for name in ("loss", "rmse", "r2")})
        if not _sound(used):
            return _floats({"loss": None, "accuracy": None, "auc": None})
        loss, accuracy = probability.log_loss(used), confusion(used, classes).accuracy
        return _floats(
            {"loss": loss, "accuracy": accuracy, "auc": _mean([r.auc for r in one_against_rest(used, classes)])}
        )


def _floats(found: dict[str, Number]) -> dict[str, float]:
    return {name: float("nan") if value is None else value for name, value in found.items()}


def _metrics(scores: Scores, task: Task, classes: tuple[str, ...], targets: tuple[str, ...]) -> dict[str, Any]:
    used = _used(scores)
    counted = {"events": events(used.weights)}
    if task == "regression":
        own = {"targets": regression.by_target(used, targets)} if targets else {}
        return {**regression.numbers(used), **own, **counted}
    return {**_classification(used, classes), **counted}


def class_sums(scores: Scores, classes: int) -> Floats:
    """The sum of weights of each class, shape (classes,)."""
    return summed_by(scores.target.astype(np.int64), scores.weights, classes)


def _used(scores: Scores) -> Scores:
    """Without the rows of weight zero."""
    used = scores.weights != 0
    if used.all():
        return scores
    return Scores(scores.target[used], scores.scores[used], scores.weights[used])


def _sound(scores: Scores) -> bool:
    return len(scores.target) > 0 and bool(np.isfinite(scores.scores).all() and np.isfinite(scores.weights).all())


def _classification(scores: Scores, classes: tuple[str, ...]) -> dict[str, Any]:
    sums = class_sums(scores, len(classes))
    if not _sound(scores):
        return undefined(classes, sums)
    rocs = one_against_rest(scores, classes)
    return together(
        classes,
        rocs,
        _average_precisions(rocs, scores),
        confusion(scores, classes),
        sums=sums,
        loss=probability.log_loss(scores),
        brier=probability.brier(scores),
        separations=[_separation(scores, code) for code in against_rest(scores)],
    )


def together(
    classes: tuple[str, ...],
    rocs: Sequence[Roc],
    average_precisions: Sequence[Number],
    table: Confusion,
    *,
    sums: Floats,
    loss: Number,
    brier: Number,
    separations: Sequence[Number],
) -> dict[str, Any]:
    """The numbers of a classification under their names; what there is one of for each class is averaged.

    Args:
        sums: shape (classes,): each class's sum of weights, as `class_sums` gives it.
    """
    return {
        "loss": loss,
        "accuracy": table.accuracy,
        "baseline": baseline(sums),
        "auc": _mean([roc.auc for roc in rocs]),
        "average_precision": _mean(average_precisions),
        "log_loss": loss,
        "brier": brier,
        "precision": dict(zip(classes, table.purity, strict=True)),
        "recall": dict(zip(classes, table.efficiency, strict=True)),
        "confusion": {"labels": list(classes), "matrix": table.matrix.tolist()},
        "efficiency_at": {at: _mean([roc.efficiency_at(float(at)) for roc in rocs]) for at in BACKGROUND_EFFICIENCIES},
        "separation": _mean(separations),
    }


def undefined(classes: tuple[str, ...], sums: Floats) -> dict[str, Any]:
    """The same names, where scores are not numbers or there is no row."""
    names = ("loss", "accuracy", "baseline", "auc", "average_precision", "log_loss", "brier")
    by_class = dict.fromkeys(classes)
    return {
        **dict.fromkeys(names),
        "baseline": baseline(sums),
        "precision": by_class,
        "recall": dict(by_class),
        "confusion": None,
        "efficiency_at": dict.fromkeys(BACKGROUND_EFFICIENCIES),
        "separation": None,
    }


def _mean(values: Sequence[Number]) -> Number:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def against_rest(scores: Scores) -> list[int]:
    """The codes that take the positive side in turn."""
    return [1] if scores.scores.ndim == 1 else list(range(scores.scores.shape[1]))


def _average_precisions(rocs: list[Roc], scores: Scores) -> list[Number]:
    found: list[Number] = []
    for code, roc in zip(against_rest(scores), rocs, strict=True):
        own = scores.target == code
        found.append(roc.average_precision(summed(scores.weights[own]), summed(scores.weights[~own])))
    return found


def _separation(scores: Scores, code: int) -> Number:
    """The separation of a class's score distribution from the others'."""
    values = scores.scores if scores.scores.ndim == 1 else scores.scores[:, code]
    edges = score_edges(values, SEPARATION_BINS)
    own = scores.target == code
    signal = binned("signal", values[own], scores.weights[own], edges)
    background = binned("background", values[~own], scores.weights[~own], edges)
    return of_histograms(signal, background)
