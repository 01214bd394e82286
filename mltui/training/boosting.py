"""Histogram gradient boosting that reports every tree: watched through its scorer, which it calls after each.

The scorer is the library's public hook: it is asked after every tree, gets the estimator, and its answer says whether
to go on. What it reads there, the trees grown so far, is private to scikit-learn; where a version no longer has it,
the fit goes in few large warm-started pieces instead, with the same result and a coarser curve.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier

from mltui.core.table import Floats
from mltui.inference.estimator import FittedEstimator, columns
from mltui.inference.fitted import Inputs
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem

PIECES = 10
_PRIVATE = ("_predictors", "_baseline_prediction", "_predict_iterations", "_loss", "_scorer", "n_trees_per_iteration_")


class _Unknown(Exception):
    """This version of scikit-learn keeps its trees elsewhere."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit, reporting each tree; a stop keeps the trees so far, patience the best of them."""
    live.start(estimator.max_iter)
    asked = estimator.get_params(deep=False)
    try:
        kept = _fit_watched(problem, live, estimator)
    except _Unknown:
        fresh = clone(estimator.set_params(**asked))  # without what the given up fit has left
        estimator, kept = _fit_in_pieces(problem, live, fresh)
    estimator.set_params(**asked)
    return FittedEstimator(estimator, problem.shape, kept, problem.threads)


def _fit_watched(problem: Problem, live: Live, estimator: Any) -> int:
    """Fit with a scorer that watches; the number of trees kept.

    Without a validation fraction the library asks the scorer for the training rows' score only, once a tree, and
    trains on all rows. It goes on while the score rises: so the number of trees so far makes it go on, and a lower
    one stop.
    """
    stages, looking = _stages(problem, estimator), Looking(problem, estimator)

    def scorer(grown: Any, _x: Any, _y: Any, sample_weight: Any = None) -> float:
        if any(not hasattr(grown, name) for name in _PRIVATE):
            raise _Unknown
        stages.count = len(grown._predictors)
        if stages.count == 1:
            _try(stages, problem)
        stop = stages.count > 0 and live.step(stages.count, stages.predict, inside=looking)
        return -1.0 if stop else float(stages.count)

    estimator.set_params(early_stopping=True, scoring=scorer, validation_fraction=None, n_iter_no_change=1, tol=0.0)
    _fit(problem, estimator)
    kept = live.rule.best or len(estimator._predictors)
    del estimator._predictors[kept:]
    # as a fit without a scorer leaves them
    estimator._scorer = None
    estimator.do_early_stopping_ = False
    estimator.train_score_ = np.zeros(0)
    return kept


def _try(stages: Stages, problem: Problem) -> None:
    """Ask the first tree once: what is private may still be there, and want to be called otherwise.

    Raises:
        _Unknown: where it does.
    """
    try:
        stages.predict(problem.train.x[:1])
    except (AttributeError, TypeError) as error:
        raise _Unknown from error


def _stages(problem: Problem, estimator: Any) -> Stages:
    def prepare(x: Inputs) -> tuple[Any, Floats]:
        raw = np.zeros((len(x), estimator.n_trees_per_iteration_), order="F")
        raw += estimator._baseline_prediction
        return x.astype(np.float64), raw

    def add(raw: Floats, x: Any, first: int, last: int) -> None:
        estimator._predict_iterations(x, estimator._predictors[first:last], raw, False, problem.threads)

    def finish(raw: Floats, _count: int) -> Floats:
        if is_classifier(estimator):
            return columns(estimator._loss.predict_proba(raw), estimator.classes_, problem.shape)
        return np.asarray(estimator._loss.link.inverse(raw[:, 0]), np.float64).copy()

    return Stages(prepare, add, finish)


def _fit_in_pieces(problem: Problem, live: Live, estimator: Any) -> tuple[Any, int]:
    """Fit by public means alone: a tenth of the trees more at each warm start; the estimator and its trees."""
    wanted = estimator.max_iter
    best = estimator
    for end in sorted({-(-wanted * piece // PIECES) for piece in range(1, PIECES + 1)}):
        _fit(problem, estimator.set_params(max_iter=end, warm_start=True))
        grown = FittedEstimator(estimator, problem.shape, end, problem.threads)
        stop = live.step(end, grown.predict, inside=Looking(problem, estimator))
        if live.rule.best == end:
            best = copy.deepcopy(estimator)
        if stop:
            break
    kept = best if live.rule.best else estimator
    return kept, kept.n_iter_


def _fit(problem: Problem, estimator: Any) -> None:
    rows = problem.fit
    estimator.fit(rows.x, rows.target, sample_weight=rows.weights if problem.fit_weighted else None)
