"""Looks into a fitted estimator for the album: what it found, and which training rows it rests on in the plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.found import Found, Neighbours, Support
from mltui.core.table import Floats
from mltui.data.origins import Origins
from mltui.inference.estimator import suited
from mltui.inference.fitted import Inputs
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.forest import Known
from mltui.inference.found.found import found
from mltui.training.problem import Problem, Rows

SUPPORT = 2_000
"""So many support vectors are kept, the strongest."""
NEIGHBOURS = 30
"""So many neighbours of each point are kept, the nearest."""


class Looking:
    """As `report.Inside`, of an estimator that is fitted or, with trees, still grows.

    The native libraries take the threads that they are held to where it is asked.

    Attributes:
        estimator: what is looked into; another one may take its place that holds the same trees and more.

    Args:
        rows: that it was fitted on; all that the problem has, without.
    """

    def __init__(self, problem: Problem, estimator: Any, rows: Rows | None = None) -> None:
        self._problem, self.estimator = problem, estimator
        self._rows = problem.fit if rows is None else rows
        self._known = Known()

    def __call__(self, points: Inputs | None, plane: Inputs | None = None) -> Found:
        """What it found; with points of the plane, also the rows in it."""
        problem, rows, estimator = self._problem, self._rows, self.estimator
        weights = rows.weights if problem.fit_weighted else None
        outputs = problem.classes or problem.train.whole.target_labels
        origins = problem.origins or Origins.plain(problem.shape.inputs)
        fitted_on = FittedOn(rows.x, rows.target, weights, origins, tuple(outputs))
        told = found(estimator, fitted_on, self._known)
        if points is None or len(problem.axes) != 2:
            return told
        return replace(told, support=self._support(), neighbours=self._neighbours(points))

    def _support(self) -> Support | None:
        estimator = self.estimator
        if not hasattr(estimator, "support_") or not hasattr(estimator, "dual_coef_"):
            return None
        chosen = np.asarray(estimator.support_, np.int64)
        strength = np.abs(np.asarray(estimator.dual_coef_, np.float64)).max(axis=0)
        kept = np.sort(np.argsort(-strength, kind="stable")[:SUPPORT])
        x, y = self._places(chosen[kept])
        return Support(x, y, self._target(chosen[kept]), strength[kept], len(chosen))

    def _neighbours(self, points: Inputs) -> Neighbours | None:
        estimator = self.estimator
        if not hasattr(estimator, "kneighbors") or not hasattr(estimator, "n_neighbors") or not len(points):
            return None
        distances, chosen = estimator.kneighbors(suited(estimator, points))
        chosen = chosen[:, :NEIGHBOURS]
        x, y = self._places(chosen)
        return Neighbours(x, y, self._target(chosen), distances[:, -1], distances.shape[1])

    def _target(self, chosen: NDArray[np.integer]) -> Floats:
        """What these rows are; of several targets the first."""
        target = self._rows.target if self._rows.target.ndim == 1 else self._rows.target[:, 0]
        return np.asarray(target[chosen], np.float64)

    def _places(self, chosen: NDArray[np.integer]) -> tuple[Floats, Floats]:
        """Where these rows lie in the plane."""
        rows = self._rows
        whole = chosen if rows.places is None else rows.places[chosen]
        x, y = (np.asarray(rows.whole.values[name], np.float64)[whole] for name in self._problem.axes)
        return x, y
