"""LightGBM that reports every tree, through the callback that its training calls after each."""

from __future__ import annotations

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
from mltui.training.problem import Problem

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
    growth.stages = _stages(problem, growth, estimator.objective)
    growth.stages.count = growth.trees

    def after_iteration(watched: Any) -> None:
        ended = watched.model.current_iteration() == growth.stages.count
        if ended or growth.tell(watched.model):
            raise lightgbm.callback.EarlyStopException(watched.iteration, [])

    if growth.left > 0:
        estimator.set_params(n_estimators=growth.left)
        try:
            estimator.fit(**growth.fit_on, callbacks=[after_iteration], init_model=growth.booster)
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(str(error)) from error
    return growth.kept()


def _stages(problem: Problem, growth: Growth, objective: str | None) -> Stages:
    def prepare(x: Inputs) -> tuple[Inputs, Floats]:
        return x, np.zeros((len(x), growth.booster.num_model_per_iteration()))

    def add(raw: Floats, x: Inputs, first: int, last: int) -> None:
        newest = {"start_iteration": first, "num_iteration": last - first, "num_threads": problem.threads}
        raw += growth.booster.predict(x, raw_score=True, **newest).reshape(raw.shape)

    def finish(raw: Floats, _count: int) -> Floats:
        if problem.task == "regression":
            return growth.scores(np.exp(raw[:, 0]) if objective in _LOGARITHMIC else raw[:, 0].copy())
        return growth.scores(softmax(raw, axis=1) if raw.shape[1] > 1 else expit(raw[:, 0]))

    return Stages(prepare, add, finish)
