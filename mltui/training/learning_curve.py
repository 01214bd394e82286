"""Estimators without steps: one fit, and then the score that fewer training rows would have given."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator, suited
from mltui.training.estimator_live import Live
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem, Rows

POINTS = 8
FEW = 5_000
"""Up to so many rows a fit is so quick that the sizes may lie close together."""
SPARSE = 13 / 3
"""Above, each size is so many times the next: 3/13 + (3/13)² + … = 0.3, so that the curve costs at most 30 % more."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit on all rows; then fit on nested, seeded subsets of them and report each, smallest first.

    A stop ends the subsets; the model is there already.
    """
    rows = problem.fit
    live.start(len(rows))
    ignored = _ignored(problem)
    if ignored:
        live.warning(ignored)
    fitted = FittedEstimator(_fitted_on(problem, estimator, rows), problem.shape, len(rows), problem.threads)
    order = nested_order(problem)
    smallest = max(10, 2 * len(problem.classes), getattr(estimator, "n_neighbors", 0))
    for size in sizes(len(rows), smallest)[:-1]:
        found = _subset(problem, estimator, np.sort(order[:size]))
        if found is None:
            continue
        part, some = found
        if live.step(size, part.predict, inside=Looking(problem, part.estimator, some)):
            break
    live.show(len(rows), fitted.predict, inside=Looking(problem, fitted.estimator))
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
    """The rows to fit on in a random order of the experiment's seed, one of each class in front.

    Its first n rows are the subset of size n, so that every subset contains the smaller ones and every class.
    """
    order = np.random.default_rng(problem.experiment.seed).permutation(len(problem.fit))
    if problem.task == "classification":
        _, first = np.unique(problem.fit.target[order], return_index=True)
        order = np.concatenate([order[first], np.delete(order, first)])
    return order


def _subset(problem: Problem, estimator: Any, chosen: NDArray[np.int64]) -> tuple[FittedEstimator, Rows] | None:
    """The model of fewer rows, and those; None where they cannot be fitted, as with too many negative weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fit on all rows is the one whose warnings matter
        try:
            rows = problem.fit_on(chosen)
            fitted = _fitted_on(problem, clone(estimator), rows)
        except (ValueError, InputError):
            return None
    return FittedEstimator(fitted, problem.shape, len(chosen), problem.threads), rows


def _fitted_on(problem: Problem, estimator: Any, rows: Rows) -> Any:
    x = suited(estimator, rows.x)
    if not problem.fit_weighted:
        return estimator.fit(x, rows.target)
    return estimator.fit(x, rows.target, sample_weight=rows.weights)


def _ignored(problem: Problem) -> str:
    """What the user should know where the model takes no weights and the experiment has some, or balances classes."""
    balanced = problem.experiment.preprocess.balance != "none"
    if problem.card.weights != "none" or not (problem.weights_given or balanced):
        return ""
    what = [*(["the weights"] if problem.weights_given else []), *(["preprocess.balance"] if balanced else [])]
    metrics = "; the metrics are weighted" if problem.weighted else ""
    return (
        f"{problem.card.title} takes no weights: the fit ignores {' and '.join(what)}, "
        f"and all its rows count alike{metrics}."
    )
