"""Gradient boosting that reports every tree, through the monitor that its fit calls after each."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, logit, softmax
from sklearn.base import is_classifier

from mltui.core.table import Floats
from mltui.inference.estimator import FittedEstimator, columns
from mltui.inference.fitted import Inputs
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit, reporting each tree; a stop keeps the trees so far, patience the best of them."""
    live.start(estimator.n_estimators)
    stages, looking = _stages(problem, estimator), Looking(problem, estimator)

    def monitor(place: int, _grown: Any, _variables: Any) -> bool:
        stages.count = place + 1
        return live.step(stages.count, stages.predict, inside=looking)

    rows = problem.fit
    estimator.fit(rows.x, rows.target, rows.weights if problem.fit_weighted else None, monitor)
    kept = live.rule.best or estimator.n_estimators_
    _cut(estimator, kept)
    return FittedEstimator(estimator, problem.shape, kept, problem.threads)


def _cut(estimator: Any, kept: int) -> None:
    """Leave the first trees alone, as a fit of so many would have; and nothing that only more of them would need."""
    estimator.n_estimators_ = kept
    for name in ("estimators_", "train_score_", "oob_improvement_", "oob_scores_"):
        if hasattr(estimator, name):
            setattr(estimator, name, getattr(estimator, name)[:kept])
    if hasattr(estimator, "oob_scores_"):
        estimator.oob_score_ = estimator.oob_scores_[-1]
    vars(estimator).pop("_rng", None)


def _stages(problem: Problem, estimator: Any) -> Stages:
    """From what the library shows: its first guess, its trees, and the learning rate between them."""

    def prepare(x: Inputs) -> tuple[Inputs, Floats]:
        raw = _first(estimator, x)
        return np.ascontiguousarray(x, np.float32), raw

    def add(raw: Floats, x: Inputs, first: int, last: int) -> None:
        for trees in estimator.estimators_[first:last]:
            for place, tree in enumerate(trees):
                raw[:, place] += estimator.learning_rate * tree.predict(x, check_input=False)

    def finish(raw: Floats, _count: int) -> Floats:
        if not is_classifier(estimator):
            return raw[:, 0].copy()
        if raw.shape[1] > 1:
            return columns(softmax(raw, axis=1), estimator.classes_, problem.shape)
        positive = expit(2 * raw[:, 0] if estimator.loss == "exponential" else raw[:, 0])
        return columns(np.column_stack([1 - positive, positive]), estimator.classes_, problem.shape)

    return Stages(prepare, add, finish)


def _first(estimator: Any, x: Inputs) -> Floats:
    """The raw sums that boosting begins with, shape (rows, trees a step), by Friedman's link of each loss.

    The exponential loss is lowest at half the logarithm of the odds. Of many classes the library takes from each
    logarithm their mean, which changes no probability.
    """
    if not is_classifier(estimator):
        return np.asarray(estimator.init_.predict(x), np.float64).reshape(len(x), 1)
    tiny = np.finfo(np.float64).eps
    shares = np.clip(estimator.init_.predict_proba(x), tiny, 1 - tiny)
    if shares.shape[1] > 2:
        return np.asarray(np.log(shares), np.float64)
    odds = logit(shares[:, 1:])
    return np.asarray(odds / 2 if estimator.loss == "exponential" else odds, np.float64)
