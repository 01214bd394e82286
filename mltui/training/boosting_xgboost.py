"""XGBoost that reports every tree, through the callback that its training calls after each.

A booster that is asked for the same rows again adds the newest trees to what it remembers of them, bit for bit as if
it were asked for all: so a curve costs one tree's answers a step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mltui.core.table import Floats
from mltui.inference.boosters import FittedBooster
from mltui.inference.fitted import Inputs
from mltui.models.library import loaded
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.growth import Growth
from mltui.training.problem import Problem


def fit(problem: Problem, live: Live, estimator: Any) -> FittedBooster:
    """Fit, reporting each tree; a stop keeps the trees so far, patience the best of them.

    Raises:
        ValueError: where the library refuses the rows or the settings, in one line.
    """
    xgboost = loaded("xgboost")
    growth = Growth(problem, live, estimator, "xgboost")

    def prepare(x: Inputs) -> tuple[None, Any]:
        return None, xgboost.DMatrix(x, nthread=problem.threads)

    def finish(matrix: Any, _count: int) -> Floats:
        return growth.scores(np.asarray(growth.booster.predict(matrix), np.float64))

    growth.stages = Stages(prepare, lambda matrix, _x, first, last: None, finish)
    told = {"after_iteration": lambda _self, model, _place, _log: growth.tell(model)}
    watch = type("Watch", (xgboost.callback.TrainingCallback,), told)
    if growth.left > 0:
        estimator.set_params(n_estimators=growth.left, callbacks=[watch()])
        try:
            estimator.fit(**growth.fit_on, xgb_model=growth.booster)
        except xgboost.core.XGBoostError as error:
            raise ValueError(_reason(str(error))) from error
    return growth.kept()


def _reason(text: str) -> str:
    """What the library says is wrong, without the time, the line of its source and the stack."""
    first = next((line for line in text.splitlines() if line.strip()), text)
    return first.rpartition("Check failed: ")[2].partition(": ")[2] or first
