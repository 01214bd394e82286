"""The one adapter for scikit-learn-style estimators: every one of the catalogue is fitted here.

What is fitted is the library's own estimator on the same rows with the same seed, so the numbers are those of a bare
fit. Gradient boosting and forests report every tree while they grow; the others are fitted in one go and then show
their score against the number of training rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator
from mltui.inference.native_threads import native_threads
from mltui.training import boosting, forest, learning_curve
from mltui.training.early_stopping import Rule
from mltui.training.estimator_live import Live
from mltui.training.estimator_warnings import translated
from mltui.training.problem import Problem
from mltui.training.report import Reporter


def fit(problem: Problem, reporter: Reporter) -> FittedEstimator:
    """Fit the estimator of the problem's card; a stop keeps the trees grown so far.

    Raises:
        InputError: where the estimator cannot take the data or the settings.
        TrainingError: where the weights do not add up to something positive.
    """
    training = {**problem.experiment.training, "threads": problem.threads}
    estimator = problem.card.build(
        problem.experiment.model.hyperparameters, training, problem.shape, problem.experiment.seed
    )
    _check(problem, estimator)
    live = Live(problem, reporter, Rule.of(problem))
    with native_threads(problem.threads), translated(problem.card, reporter):
        try:
            return _way(estimator)(problem, live, estimator)
        except ValueError as error:
            raise InputError(_refused(problem, error)) from error


def _way(estimator: Any) -> Callable[[Problem, Live, Any], FittedEstimator]:
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )

    if isinstance(estimator, HistGradientBoostingClassifier | HistGradientBoostingRegressor):
        return boosting.fit
    if isinstance(estimator, RandomForestClassifier | RandomForestRegressor):
        return forest.fit
    return learning_curve.fit


def _check(problem: Problem, estimator: Any) -> None:
    _check_classes(problem)
    _check_weights(problem, estimator)
    neighbours = getattr(estimator, "n_neighbors", 0)
    if neighbours > len(problem.train):
        raise InputError(
            f"model.n_neighbors is {neighbours}, but the training part has only {len(problem.train)} rows",
            key="model.n_neighbors",
        )


def _check_classes(problem: Problem) -> None:
    if problem.task != "classification":
        return
    present = np.unique(problem.train.target)
    if len(present) < 2:
        only = problem.classes[int(present[0])] if len(present) else "none"
        raise InputError(
            f"the training part holds one class only ({only}); a classification needs at least two: "
            "look at data.target, or give the training part more rows",
            key="data.target",
        )


def _check_weights(problem: Problem, estimator: Any) -> None:
    if not problem.weighted:
        return
    negative = int((problem.train.weights < 0).sum())
    refusal = _negative_weights_refused(estimator)
    if negative and refusal:
        raise InputError(
            f"{problem.card.name} cannot be fitted with negative weights, which {negative:,} of the "
            f"{len(problem.train):,} training rows have; {refusal}, or choose another data.weight",
            key="data.weight",
        )


def _negative_weights_refused(estimator: Any) -> str:
    """What to do instead, where an estimator refuses negative weights; nothing where it takes them."""
    from sklearn.linear_model import LinearRegression

    if isinstance(estimator, LinearRegression):
        return "hist_gradient_boosting and decision_tree take them"
    if getattr(estimator, "bootstrap", False):
        return "hist_gradient_boosting takes them, and so does model.bootstrap = false"
    return ""


def _refused(problem: Problem, error: ValueError) -> str:
    reason = " ".join(str(error).split()).rstrip(".")
    return f"{problem.card.name} cannot be fitted to these data with these settings: {reason}"
