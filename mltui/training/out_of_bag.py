"""What the trees of a forest say of rows that they were not grown on: an estimate without a validation part.

Breiman, "Random forests" (2001): each row is judged by the trees whose draw of the rows left it out.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.inference.estimator import columns
from mltui.training.problem import Problem


class OutOfBag:
    """Of a fixed sample of the rows to fit on, the sums of what the trees say that did not see them.

    Args:
        outputs: the numbers that a tree says of a row.
    """

    def __init__(self, problem: Problem, outputs: int) -> None:
        self._problem = problem
        self._places = problem.fit.sampled(problem.card.live_rows)
        self._rows = problem.fit.sample(problem.card.live_rows)
        self._x = np.ascontiguousarray(self._rows.x, np.float32)
        self._sums: Floats = np.zeros((len(self._rows), outputs))
        self._trees = np.zeros(len(self._rows), np.int64)

    def add(self, tree: Any, forest: Any) -> None:
        """One more tree.

        Args:
            forest: that it was grown in, which knows what it drew.
        """
        alone = copy.copy(forest)
        alone.estimators_ = [tree]
        out = np.ones(len(self._problem.fit), np.bool_)
        out[alone.estimators_samples_[0]] = False
        chosen = np.flatnonzero(out[self._places])
        if len(chosen):
            self._sums[chosen] += said(tree, self._x[chosen])
            self._trees[chosen] += 1

    def scores(self, forest: Any) -> Scores | None:
        """The mean of what they say of each row that any of them has left out; None before there is one.

        Of classes, as long as the rows that there are hold fewer than two, nothing.
        """
        known = np.flatnonzero(self._trees)
        if not len(known) or (self._problem.classes and len(np.unique(self._rows.target[known])) < 2):
            return None
        mean = self._sums[known] / self._trees[known, None]
        rows = self._rows.take(known)
        if hasattr(forest, "classes_"):
            return rows.scored(columns(mean, forest.classes_, self._problem.shape))
        return rows.scored(mean.reshape(self._problem.shape.scores(len(known))))


def said(tree: Any, x: Any) -> Floats:
    """What a tree says of rows in single precision, shape (rows, outputs)."""
    if hasattr(tree, "classes_"):
        return np.asarray(tree.predict_proba(x, check_input=False), np.float64)
    return np.asarray(tree.predict(x, check_input=False), np.float64).reshape(len(x), -1)
