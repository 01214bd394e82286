"""The one adapter for scikit-learn-style estimators: every one of the catalogue is fitted here.

What is fitted is the library's own estimator on the same rows with the same seed, so the numbers are those of a bare
fit. Gradient boosting and forests report every tree while they grow; the others are fitted in one go and then show
their score against the number of training rows.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.data import memory
from mltui.inference.estimator import FittedEstimator
from mltui.inference.native_threads import native_threads
from mltui.models.card import ModelCard
from mltui.models.catalogue import CARDS
from mltui.training.checkpoints import Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.estimator_live import Live
from mltui.training.estimator_refusals import refused
from mltui.training.estimator_warnings import translated
from mltui.training.fit_weights import NEGATIVE
from mltui.training.problem import Problem
from mltui.training.report import Reporter

_WAYS = {
    "random_forest": "forest",
    "extra_trees": "forest",
    "adaboost": "boosting_adaptive",
    "gradient_boosting": "boosting_gradient",
    "hist_gradient_boosting": "boosting",
    "xgboost": "boosting_xgboost",
    "lightgbm": "boosting_lightgbm",
}
"""The modules that report a fit step by step, by card; all others are fitted in one go."""
_COLUMN_BYTES = 24.0
"""What a column of a row takes in a fit, in double precision."""


def fit(problem: Problem, reporter: Reporter, checkpoints: Checkpoints | None = None) -> FittedEstimator:
    """Fit the estimator of the problem's card; a stop keeps the trees grown so far.

    An estimator of scikit-learn cannot be written down half grown: a run that goes on begins its fit anew, to the same
    end. XGBoost and LightGBM go on from the trees that there are, where they draw nothing by chance.

    Args:
        checkpoints: where the trees grown so far are written down; nowhere without.

    Raises:
        InputError: where the estimator cannot take the data, their weights or the settings.
    """
    training = {**problem.experiment.training, "threads": problem.threads}
    estimator = problem.card.build(
        problem.experiment.model.hyperparameters, training, problem.shape, problem.experiment.seed
    )
    _check(problem, estimator)
    live = Live(problem, reporter, Rule.of(problem), checkpoints)
    with native_threads(problem.threads), translated(problem.card, reporter):
        try:
            fitted = _way(problem.card)(problem, live, estimator)
        except ValueError as error:
            raise refused(problem, error) from error
        _check_answers(problem, fitted)
    return fitted


def _way(card: ModelCard) -> Callable[[Problem, Live, Any], FittedEstimator]:
    """How the estimators of a card are fitted; the libraries behind it are loaded when it is asked for."""
    module: Any = import_module(f"mltui.training.{_WAYS.get(card.name, 'learning_curve')}")
    way: Callable[[Problem, Live, Any], FittedEstimator] = module.fit
    return way


def _check(problem: Problem, estimator: Any) -> None:
    _check_classes(problem)
    _check_weights(problem)
    _check_memory(problem)
    neighbours = getattr(estimator, "n_neighbors", 0)
    rows = len(problem.fit)
    if neighbours > rows:
        raise InputError(
            f"model.n_neighbors is {neighbours}, but the training part has only {rows} rows"
            f"{'' if rows == len(problem.train) else ' to fit on'}",
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


def _check_memory(problem: Problem) -> None:
    """Refuse what would not fit where the fit makes more columns than there are inputs, with two copies beside them."""
    inputs, rows = problem.shape.inputs, len(problem.fit)
    made = problem.card.columns(problem.experiment.model.hyperparameters, inputs)
    if made > inputs and not memory.fits(rows * made * _COLUMN_BYTES):
        raise memory.too_large(problem.card.name, rows, f"{made:,} columns", made * _COLUMN_BYTES)


def _check_weights(problem: Problem) -> None:
    """Refuse negative weights in words where the estimator would do so in its own."""
    card = problem.card
    if not problem.fit_weighted or card.takes_negative(problem.experiment.model.hyperparameters, len(problem.fit)):
        return
    negative = int((problem.fit.weights < 0).sum())
    if not negative:
        return
    limit = f" where there are more than {card.negative_rows:,} rows" if card.weights == "any" else ""
    *others, last = _able(problem)
    raise InputError(
        f"{card.name} takes no negative weights{limit}, and {negative:,} of the {len(problem.train):,} training rows "
        f'{"has" if negative == 1 else "have"} one; set {NEGATIVE} to "drop" or "absolute", for the fit only'
        f"{f', or {card.exception}' if card.exception else ''}, or take another model: {', '.join(others)} or {last}",
        key=NEGATIVE,
    )


def _check_answers(problem: Problem, fitted: FittedEstimator) -> None:
    """Refuse a model that has no answer where the weights of a leaf have cancelled, which only negative ones can do."""
    if not problem.fit_weighted or not (problem.fit.weights < 0).any():
        return
    if not np.isfinite(fitted.predict(problem.fit.x)).all():
        raise InputError(
            f"in the fit of {problem.card.name} positive and negative weights have cancelled, so that some rows get no "
            f'answer; set {NEGATIVE} to "drop" or "absolute", for the fit only, or have more rows in every leaf',
            key=NEGATIVE,
        )


def _able(problem: Problem) -> list[str]:
    """The other models of the catalogue that do the task and take these rows with negative weights as they are."""
    others = [card for card in CARDS.values() if card.name != problem.card.name and problem.task in card.tasks]
    return [card.name for card in others if card.takes_negative({}, len(problem.fit))]
