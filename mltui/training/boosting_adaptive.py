"""AdaBoost that reports every tree: before each boost it tells of those before, and after the fit of the last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import is_classifier

from mltui.core.table import Floats
from mltui.inference.estimator import FittedEstimator, columns
from mltui.inference.fitted import Inputs
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem

_BOOST = "_boost"
"""The library's method that makes one tree. Where a version has it no longer, all trees are told of after the fit."""
_END = (None, None, None)
"""What it answers where boosting has come to its end."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedEstimator:
    """Fit, reporting each tree; a stop keeps the trees so far, patience the best of them.

    Boosting also ends where a tree makes no error, or as many as chance would.
    """
    live.start(estimator.n_estimators)
    stages, looking = _stages(problem, estimator), Looking(problem, estimator)
    stopped = False

    def tell(trees: int) -> bool:
        nonlocal stopped
        if trees > stages.count:
            stages.count = trees
            stopped = live.step(trees, stages.predict, inside=looking)
        return stopped

    boost: Any = getattr(estimator, _BOOST, None)
    setattr(estimator, _BOOST, lambda place, *given: _END if tell(place) else boost(place, *given))
    rows = problem.fit
    try:
        estimator.fit(rows.x, rows.target, sample_weight=rows.weights if problem.fit_weighted else None)
    finally:
        delattr(estimator, _BOOST)
    while not stopped and stages.count < len(estimator.estimators_):
        tell(stages.count + 1)
    kept = live.rule.best or stages.count
    if kept < len(estimator.estimators_) or stopped:
        _cut(estimator, kept)
    return FittedEstimator(estimator, problem.shape, kept, problem.threads)


def _cut(estimator: Any, kept: int) -> None:
    """Leave the first trees alone, as a fit of so many would have."""
    for name in ("estimators_", "estimator_weights_", "estimator_errors_"):
        setattr(estimator, name, getattr(estimator, name)[:kept])


# -- the scores while it grows -------------------------------------------------------------------------------------
def _stages(problem: Problem, estimator: Any) -> Stages:
    return _of_votes(problem, estimator) if is_classifier(estimator) else _of_medians(estimator)


def _of_votes(problem: Problem, estimator: Any) -> Stages:
    """Zhu et al., "Multi-class AdaBoost" (2009): a tree's weight for its class, and a share against each other."""

    def prepare(x: Inputs) -> tuple[Inputs, Floats]:
        return np.ascontiguousarray(x, np.float32), np.zeros((len(x), len(estimator.classes_)))

    def add(raw: Floats, x: Inputs, first: int, last: int) -> None:
        others = raw.shape[1] - 1
        for tree, weight in _trees(estimator, first, last):
            mine = tree.predict(x, check_input=False)[:, np.newaxis] == estimator.classes_
            raw += np.where(mine, weight, -weight / others)

    def finish(raw: Floats, count: int) -> Floats:
        votes = raw / estimator.estimator_weights_[:count].sum()
        if votes.shape[1] > 2:
            found = softmax(votes / (votes.shape[1] - 1), axis=1)
        else:
            positive = expit(votes[:, 1] - votes[:, 0])
            found = np.column_stack([1 - positive, positive])
        return columns(found, estimator.classes_, problem.shape)

    return Stages(prepare, add, finish)


def _of_medians(estimator: Any) -> Stages:
    """Drucker, "Improving Regressors using Boosting Techniques" (1997): the weighted median of the trees' values."""

    def prepare(x: Inputs) -> tuple[Inputs, _Sorted]:
        return np.ascontiguousarray(x, np.float32), _Sorted(len(x))

    def add(raw: _Sorted, x: Inputs, first: int, last: int) -> None:
        for tree, _ in _trees(estimator, first, last):
            raw.insert(tree.predict(x, check_input=False))

    def finish(raw: _Sorted, count: int) -> Floats:
        return raw.medians(estimator.estimator_weights_[:count])

    return Stages(prepare, add, finish)


def _trees(estimator: Any, first: int, last: int) -> Any:
    return zip(estimator.estimators_[first:last], estimator.estimator_weights_[first:last], strict=True)


class _Sorted:
    """Of each row the values of the trees so far, rising, and which tree each is of: shape (rows, trees).

    A new tree is put at its place, so that nothing is sorted again.
    """

    def __init__(self, rows: int) -> None:
        self._values: Floats = np.zeros((rows, 0))
        self._tree: NDArray[np.int32] = np.zeros((rows, 0), np.int32)

    def insert(self, values: Floats) -> None:
        """One more tree's values, shape (rows,)."""
        rows, trees = self._values.shape
        place = np.count_nonzero(self._values <= values[:, np.newaxis], axis=1)[:, np.newaxis]
        here = np.arange(trees + 1)
        before = here - (here > place)  # where each of the old ones was; at the new one's place that is of no account
        before = np.minimum(before, max(trees - 1, 0))
        self._values = _spread(self._values, before, place, values)
        self._tree = _spread(self._tree, before, place, np.full(rows, trees, np.int32))

    def medians(self, weights: Floats) -> Floats:
        """Of each row the first value at which half of the trees' weight is reached, shape (rows,)."""
        reached = np.cumsum(weights[self._tree], axis=1)
        first = np.argmax(reached >= 0.5 * reached[:, -1:], axis=1)
        medians: Floats = self._values[np.arange(len(first)), first]
        return medians


def _spread(
    old: NDArray[Any], before: NDArray[np.integer], place: NDArray[np.integer], new: NDArray[Any]
) -> NDArray[Any]:
    made = np.take_along_axis(old, before, axis=1) if old.shape[1] else np.empty(before.shape, old.dtype)
    np.put_along_axis(made, place, new[:, np.newaxis], axis=1)
    return made
