"""Estimators without steps: one fit, then the score with fewer training rows, or with other values of one setting."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator, suited
from mltui.models.shared import weight_argument
from mltui.training.estimator_live import Live
from mltui.training.estimator_refusals import refuse_void
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem, Rows

POINTS = 8
FEW = 5_000
"""Up to so many rows a fit is so quick that the sizes may lie close together."""
SPARSE = 13 / 3
"""Above, each size is so many times the next: 3/13 + (3/13)² + … = 0.3, so that the curve costs at most 30 % more."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit on all rows; then fit on nested, seeded subsets of them and report each, smallest first.

    Where the run asks for it, other values of the card's complexity are fitted in place of the subsets. A stop ends
    either; the model is there already.

    Raises:
        InputError: where the setting that is to be varied has no value.
    """
    rows = problem.fit
    over = _values(problem) if problem.axis != problem.card.axis else []
    live.start(over[-1] if over else len(rows))
    ignored = _ignored(problem)
    if ignored:
        live.warning(ignored)
    fitted = _fitted_on(problem, estimator, rows)
    if over:
        return _over_values(problem, live, fitted, over)
    return _over_sizes(problem, live, estimator, FittedEstimator(fitted, problem.shape, len(rows), problem.threads))


def _values(problem: Problem) -> list[float]:
    """What the setting is tried at: the values of the card that may be, and the one that is asked for."""
    complexity = problem.card.complexity
    assert complexity is not None
    name, asked = complexity.name, problem.experiment.model.hyperparameters[complexity.name]
    if isinstance(asked, bool) or not isinstance(asked, int | float):
        raise InputError(
            f"training.curve = {name} compares other values with that of model.{name}, which is empty; set it",
            key=f"model.{name}",
        )
    most = len(problem.fit) if name == "n_neighbors" else np.inf
    return sorted({asked, *(value for value in complexity.values if value <= most)})


def _over_values(problem: Problem, live: Live, fitted: Any, values: list[float]) -> FittedEstimator:
    """Fit each other value and report all in their order; the model of the value that is asked for is kept."""
    hyperparameters, training = (
        problem.experiment.model.hyperparameters,
        {**problem.experiment.training, "threads": problem.threads},
    )
    name = problem.axis
    asked = hyperparameters[name]
    kept = FittedEstimator(fitted, problem.shape, asked, problem.threads)  # type: ignore[arg-type]
    for value in values:
        one: FittedEstimator | None = kept
        if value != asked:
            changed = {**hyperparameters, name: value}
            build = partial(problem.card.build, changed, training, problem.shape, problem.experiment.seed)
            one = _quietly(problem, build, problem.fit, value)
        if one is not None and live.step(value, one.predict, inside=Looking(problem, one.estimator)):
            break
    return kept


def _over_sizes(problem: Problem, live: Live, estimator: Any, fitted: FittedEstimator) -> FittedEstimator:
    rows = problem.fit
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
    try:
        rows = problem.fit_on(chosen)
    except InputError:
        return None
    fitted = _quietly(problem, partial(clone, estimator), rows, len(chosen))
    return None if fitted is None else (fitted, rows)


def _quietly(problem: Problem, make: Callable[[], Any], rows: Rows, step: float) -> FittedEstimator | None:
    """A model for a point of the curve; None where it cannot be made or fitted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fit that is kept is the one whose warnings matter
        try:
            fitted = _fitted_on(problem, make(), rows)
        except (ValueError, InputError):
            return None
    return FittedEstimator(fitted, problem.shape, step, problem.threads)


def _fitted_on(problem: Problem, estimator: Any, rows: Rows) -> Any:
    x = suited(estimator, rows.x)
    weights = {weight_argument(estimator): rows.weights} if problem.fit_weighted else {}
    fitted = estimator.fit(x, rows.target, **weights)
    refuse_void(problem, fitted)
    return fitted


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
