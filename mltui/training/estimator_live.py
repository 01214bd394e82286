"""What a fit says after each of its steps, and whether it goes on: curve points, pictures, wishes, patience."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mltui.core.sections import Part
from mltui.evaluation.metrics import quick
from mltui.training.checkpoints import Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.problem import Problem, Rows
from mltui.training.report import Predict, Reporter, Stopped, live_curves

_MODEL = "model"


class Live:
    """The one place from which estimators report.

    The live curves are computed on each part's fixed sample; with early stopping the validation curve, by which it
    decides, on all validation rows.
    """

    def __init__(
        self, problem: Problem, reporter: Reporter, rule: Rule, checkpoints: Checkpoints | None = None
    ) -> None:
        self.rule = rule
        self._checkpoints = checkpoints or Checkpoints()
        self._problem = problem
        self._reporter = reporter
        parts: dict[Part, Rows] = dict(problem.live)
        if rule.patience is not None and problem.validation is not None:
            parts["validation"] = problem.validation
        self._parts: Mapping[Part, Rows] = parts

    def fewer(self, rows: int) -> None:
        """Have at most so many rows of a part speak for it; those by which patience goes stay."""
        judge = self._problem.validation if self.rule.patience is not None else None
        self._parts = {part: one if one is judge else one.sample(rows) for part, one in self._parts.items()}

    def left(self) -> bytes | None:
        """The model in the making that an earlier attempt has left to go on from; None where the fit begins."""
        left = self._checkpoints.left
        if left is None:
            return None
        self.rule.restore(left.facts["rule"])
        if self.rule.best is not None:
            self._reporter.kept(self.rule.best)
        return left.tensors[_MODEL].tobytes()

    def start(self, total: int) -> None:
        """Declare the curves; the axis, which the card names, ends at `total`."""
        axis = self._problem.card.axis
        self._reporter.start(live_curves(self._problem.task, axis, list(self._parts)), total)

    def warning(self, sentence: str) -> None:
        """Say something that the user should see."""
        self._reporter.warning(sentence)

    def step(self, step: int, predict: Predict, model: Callable[[], bytes] | None = None) -> bool:
        """Report a finished step; whether the fit ends here, out of patience or because it was asked to.

        Args:
            model: what the fit can go on from after this step, to the same numbers; None where it cannot.
        """
        self.show(step, predict)
        if self.rule.exhausted(step):
            return True
        try:
            self._reporter.checkpoint(step)
        except Stopped:
            self._write(step, model)
            return True
        if self._checkpoints.due():
            self._write(step, model)
        return False

    def _write(self, step: int, model: Callable[[], bytes] | None) -> None:
        if model is None:
            return
        self._reporter.flush()  # what it came to will not be said again
        tensors = {_MODEL: np.frombuffer(model(), np.uint8)}
        self._checkpoints.write(step + 1, 0, float(step), tensors, {"rule": self.rule.facts()})

    def show(self, step: int, predict: Predict) -> None:
        """Report a finished step without asking whether to go on."""
        found = {
            part: quick(rows.scored(predict(rows.x)), self._problem.task, self._problem.classes)
            for part, rows in self._parts.items()
        }
        self._reporter.metrics(step, found)
        if "validation" in found and self.rule.better(step, found["validation"]["loss"]):
            self._reporter.kept(step)
        self._reporter.look(step, predict)
