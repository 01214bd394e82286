"""The one number by which the worth of a model is told when something is taken from it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.evaluation.regression import numbers
from mltui.evaluation.roc import one_against_rest

WORTHS: Mapping[Task, str] = {"classification": "auc", "regression": "r2"}
"""The metric of each task: it knows no threshold and no unit, and higher is better."""


def worth(scores: Scores, task: Task, classes: tuple[str, ...]) -> float | None:
    """The weighted AUC, of many classes the mean of each against the rest; or the weighted R², the mean over targets.

    None where it is not defined, as for one class alone.

    Args:
        scores: of some rows; those of weight zero change nothing.
        task: classification or regression.
        classes: the labels.
    """
    used = scores.take(scores.weights != 0)
    if not len(used) or not np.isfinite(used.scores).all():
        return None
    with np.errstate(all="ignore"):
        if task == "regression":
            return numbers(used)["r2"]
        areas = [curve.auc for curve in one_against_rest(used, classes)]
    known = [area for area in areas if area is not None]
    return sum(known) / len(known) if known else None
