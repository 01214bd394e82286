"""Estimators without steps: one fit, and then the score that fewer training rows would have given."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from mltui.inference.estimator import FittedEstimator, suited
from mltui.training.estimator_live import Live
from mltui.training.problem import Problem

POINTS = 8
FEW = 5_000
"""Up to so many rows a fit is so quick that the sizes may lie close together."""
SPARSE = 13 / 3
"""Above, each size is so many times the next: 3/13 + (3/13)² + … = 0.3, so that the curve costs at most 30 % more."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit on all training rows; then fit on nested, seeded subsets of them and report each, smallest first.

    A stop ends the subsets; the model is there already.
    """
    live.start(len(problem.train))
    if problem.weighted and not _takes_weights(estimator):
        live.warning(
            f"{problem.card.title} takes no weights: all rows count alike in the fit; the metrics are weighted."
        )
    everything = np.arange(len(problem.train))
    fitted = FittedEstimator(
        _fitted_on(problem, estimator, everything), problem.shape, len(problem.train), problem.threads
    )
    order = nested_order(problem)
    smallest = max(10, 2 * len(problem.classes), getattr(estimator, "n_neighbors", 0))
    for size in sizes(len(problem.train), smallest)[:-1]:
        part = _subset(problem, estimator, np.sort(order[:size]))
        if part is not None and live.step(size, part.predict):
            break
    live.show(len(problem.train), fitted.predict)
    return fitted


def sizes(rows: int, smallest: int) -> list[int]:
    """Numbers of training rows evenly apart on a log scale, at most POINTS of them, the last being all.

    >>> sizes(300, 10)
    [10, 16, 26, 43, 70, 113, 185, 300]
    >>> sizes(200_000, 10)
    [30, 131, 568, 2460, 10651, 46154, 200000]
    """
    if rows <= smallest:
        return [rows]
    ratio = (rows / smallest) ** (1 / (POINTS - 1))
    if rows > FEW:
        ratio = max(ratio, SPARSE)
    found = {round(rows / ratio**power) for power in range(POINTS)}
    return sorted(size for size in found if size >= smallest)


def nested_order(problem: Problem) -> NDArray[np.int64]:
    """The training rows in a random order of the experiment's seed, one of each class in front.

    Its first n rows are the subset of size n, so that every subset contains the smaller ones and every class.
    """
    order = np.random.default_rng(problem.experiment.seed).permutation(len(problem.train))
    if problem.task == "classification":
        _, first = np.unique(problem.train.target[order], return_index=True)
        order = np.concatenate([order[first], np.delete(order, first)])
    return order


def _subset(problem: Problem, estimator: Any, rows: NDArray[np.int64]) -> FittedEstimator | None:
    """The model of fewer rows; None where they cannot be fitted, as with more negative than positive weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fit on all rows is the one whose warnings matter
        try:
            fitted = _fitted_on(problem, clone(estimator), rows)
        except ValueError:
            return None
    return FittedEstimator(fitted, problem.shape, len(rows), problem.threads)


def _fitted_on(problem: Problem, estimator: Any, rows: NDArray[np.int64]) -> Any:
    whole = len(rows) == len(problem.train)
    x = suited(estimator, problem.train.x if whole else problem.train.x[rows])
    weights = problem.fit_weights
    if weights is None or not _takes_weights(estimator):
        return estimator.fit(x, problem.train.target[rows])
    return estimator.fit(x, problem.train.target[rows], sample_weight=weights[rows])


def _takes_weights(estimator: Any) -> bool:
    return bool(has_fit_parameter(estimator, "sample_weight"))
