"""XGBoost that reports every tree, through the callback that its training calls after each.

A booster that is asked for the same rows again adds the newest trees to what it remembers of them, bit for bit as if
it were asked for all: so a curve costs one tree's answers a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mltui.core.table import Floats
from mltui.inference.boosters import FittedBooster
from mltui.inference.fitted import Inputs
from mltui.models.library import loaded
from mltui.training.estimator_live import Live
from mltui.training.estimator_stages import Stages
from mltui.training.growth import Growth
from mltui.training.problem import Problem, Rows


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

    together = _Together(live.judged, growth, prepare)
    growth.stages = Stages(prepare, lambda matrix, _x, first, last: None, finish, together.scores)
    told = {"after_iteration": lambda _self, model, _place, _log: growth.tell(model)}
    watch = type("Watch", (xgboost.callback.TrainingCallback,), told)
    if growth.left > 0:
        estimator.set_params(n_estimators=growth.left, callbacks=[watch()])
        try:
            estimator.fit(**growth.fit_on, xgb_model=growth.booster)
        except xgboost.core.XGBoostError as error:
            raise ValueError(_reason(str(error))) from error
    return growth.kept()


class _Together:
    """The rows that every step is asked about, asked all at once: a question costs more than its rows.

    Args:
        parts: whose rows.
        prepare: makes the library's matrix of rows, as `Stages` takes it.
    """

    def __init__(self, parts: Iterable[Rows], growth: Growth, prepare: Callable[[Inputs], tuple[None, Any]]) -> None:
        self._rows = [rows.x for rows in parts]
        self._ends = np.cumsum([len(x) for x in self._rows])[:-1]
        self._matrix = prepare(np.concatenate(self._rows))[1]
        self._growth = growth
        self._said: list[Floats] = []
        self._trees = -1

    def scores(self, x: Inputs) -> Floats | None:
        """The scores of one part's rows; None of rows that are none of these."""
        place = next((place for place, own in enumerate(self._rows) if own is x), None)
        if place is None:
            return None
        if self._trees != self._growth.stages.count:
            answers = np.asarray(self._growth.booster.predict(self._matrix), np.float64)
            self._said, self._trees = np.split(answers, self._ends), self._growth.stages.count
        return self._growth.scores(self._said[place])


def _reason(text: str) -> str:
    """What the library says is wrong, without the time, the line of its source and the stack."""
    first = next((line for line in text.splitlines() if line.strip()), text)
    return first.rpartition("Check failed: ")[2].partition(": ")[2] or first
