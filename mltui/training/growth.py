"""A booster of XGBoost or LightGBM while it grows: from where it goes on, what is told of each tree, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.inference.boosters import LIBRARIES, FittedBooster, both
from mltui.inference.estimator import columns
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem

_DRAWN = ("subsample", "colsample_bytree", "colsample_bynode")
"""Shares of rows and features. Where one is below 1 a fit that goes on would draw others than one in a piece."""


class Growth:
    """One fit.

    Attributes:
        booster: the library's own, as it is now; None before the first tree.
        stages: to be set before the first tree.
        present: the codes of the classes that the training rows hold; empty for regression.
    """

    stages: Stages

    def __init__(self, problem: Problem, live: Live, estimator: Any, library: str) -> None:
        self._problem, self._live, self._name, self._library = problem, live, library, LIBRARIES[library]
        settings: Mapping[str, Any] = estimator.get_params()
        self._drawn = any(settings.get(name, 1) != 1 for name in _DRAWN)
        self._classes = problem.task == "classification"
        self.present: NDArray[np.generic] = np.unique(problem.fit.target) if self._classes else np.zeros(0, np.int64)
        self._looking: Looking | None = None
        left = live.left()
        self.booster: Any = None if left is None else self._library.read(left)
        live.start(settings["n_estimators"])
        self.left = settings["n_estimators"] - self.trees
        """The trees that are to come."""

    @property
    def trees(self) -> int:
        """Those that there are."""
        return 0 if self.booster is None else self._library.trees(self.booster)

    @property
    def fit_on(self) -> dict[str, Any]:
        """What a fit of the library takes: the rows, their targets with classes counted from 0, and their weights."""
        rows, weighted = self._problem.fit, self._problem.fit_weighted
        target = np.searchsorted(self.present, rows.target) if self._classes else rows.target
        return {"X": rows.x, "y": target, "sample_weight": rows.weights if weighted else None}

    def tell(self, booster: Any) -> bool:
        """Report the newest tree; whether the fit ends here."""
        self.booster = booster
        self.stages.count = self.trees
        self._looking = self._looking or Looking(self._problem, booster)
        self._looking.estimator = booster
        model = None if self._drawn else lambda: self._library.written(booster)
        return self._live.step(self.stages.count, self.stages.predict, inside=self._looking, model=model)

    def scores(self, answers: Floats) -> Floats:
        """Scores from the library's answers."""
        if self._classes:
            return columns(both(answers), self.present, self._problem.shape)
        return answers.reshape(self._problem.shape.scores(len(answers)))

    def kept(self) -> FittedBooster:
        """The model of the best tree, or of all."""
        kept = self._live.rule.best or self.trees
        alone = self._library.first(self.booster, kept)
        return FittedBooster(alone, self._name, self._problem.shape, self.present, kept, self._problem.threads)
