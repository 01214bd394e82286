"""LightGBM that reports every tree, through the callback that its training calls after each.

The rows that the curves are of are given to the library as rows to evaluate: it follows their scores in its own binned
copy, tree by tree, at next to no cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from mltui.core.table import Floats
from mltui.inference.boosters import FittedBooster
from mltui.inference.fitted import Inputs
from mltui.models.library import loaded
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.growth import Growth
from mltui.training.problem import Problem, Rows

_LOGARITHMIC = ("poisson", "gamma", "tweedie")
"""Objectives whose trees add up to the logarithm of the value."""


def fit(problem: Problem, live: Live, estimator: Any) -> FittedBooster:
    """Fit, reporting each tree; a stop keeps the trees so far, patience the best of them.

    Where no leaf can be split any more the library makes no further trees, and the fit ends.

    Raises:
        ValueError: where the library refuses the rows or the settings.
    """
    lightgbm = loaded("lightgbm")
    growth = Growth(problem, live, estimator, "lightgbm")
    followed = _Followed(live.judged, growth)
    growth.stages = _stages(problem, growth, estimator.objective, followed)
    growth.stages.count = growth.trees

    def after_iteration(watched: Any) -> None:
        ended = watched.model.current_iteration() == growth.stages.count
        if ended or growth.tell(watched.model):
            raise lightgbm.callback.EarlyStopException(watched.iteration, [])

    if growth.left > 0:
        estimator.set_params(n_estimators=growth.left)
        try:
            estimator.fit(**growth.fit_on, **followed.told, callbacks=[after_iteration], init_model=growth.booster)
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(str(error)) from error
    return growth.kept()


class _Followed:
    """The rows whose scores the library keeps while it fits, and what it said of them last.

    Args:
        parts: whose rows; where none has any the library follows nothing.
    """

    def __init__(self, parts: Iterable[Rows], growth: Growth) -> None:
        self._rows = [rows.x for rows in parts if len(rows)]
        self._growth = growth
        self._said: list[Floats] = []

    @property
    def told(self) -> dict[str, Any]:
        """What a fit is given so that it follows them; their targets are nobody's, but such as the library admits."""
        if not self._rows:
            return {}

        # the library copies what it calls: a method would take all of this along
        def hear(_target: Floats, answers: Floats) -> tuple[str, float, bool]:
            self._hear(answers)
            return "heard", 0.0, True

        any_target = self._growth.fit_on["y"][:1]
        targets = tuple(np.repeat(any_target, len(x)) for x in self._rows)
        return {"eval_X": tuple(self._rows), "eval_y": targets, "eval_metric": hear}

    def scores(self, x: Inputs) -> Floats | None:
        """What the library said of these rows after its newest tree; None of rows that it does not follow."""
        place = next((place for place, own in enumerate(self._rows) if own is x), None)
        return self._growth.scores(self._said[place]) if place is not None and place < len(self._said) else None

    def _hear(self, answers: Floats) -> None:
        """Called for each part in turn, after every tree; what is kept are copies, as the library writes over them."""
        if len(self._said) == len(self._rows):
            self._said = []
        self._said.append(np.array(answers))


def _stages(problem: Problem, growth: Growth, objective: str | None, followed: _Followed) -> Stages:
    def prepare(x: Inputs) -> tuple[Inputs, Floats]:
        return x, np.zeros((len(x), growth.booster.num_model_per_iteration()))

    def add(raw: Floats, x: Inputs, first: int, last: int) -> None:
        newest = {"start_iteration": first, "num_iteration": last - first, "num_threads": problem.threads}
        raw += growth.booster.predict(x, raw_score=True, **newest).reshape(raw.shape)

    def finish(raw: Floats, _count: int) -> Floats:
        if problem.task == "regression":
            return growth.scores(np.exp(raw[:, 0]) if objective in _LOGARITHMIC else raw[:, 0].copy())
        return growth.scores(softmax(raw, axis=1) if raw.shape[1] > 1 else expit(raw[:, 0]))

    return Stages(prepare, add, finish, followed.scores)
