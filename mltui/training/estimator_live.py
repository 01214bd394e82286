"""What a fit says after each of its steps, and whether it goes on: curve points, pictures, wishes, patience."""

from __future__ import annotations

from collections.abc import Mapping

from mltui.core.events import STEPS
from mltui.core.sections import Part
from mltui.evaluation.metrics import quick
from mltui.training.early_stopping import Rule
from mltui.training.problem import Problem, Rows
from mltui.training.report import Predict, Reporter, Stopped, live_curves


class Live:
    """The one place from which estimators report.

    The live curves are computed on each part's fixed sample; with early stopping the validation curve, by which it
    decides, on all validation rows.
    """

    def __init__(self, problem: Problem, reporter: Reporter, rule: Rule) -> None:
        self.rule = rule
        self._problem = problem
        self._reporter = reporter
        self._grows = problem.axis in STEPS
        parts: dict[Part, Rows] = dict(problem.live)
        if rule.patience is not None and problem.validation is not None:
            parts["validation"] = problem.validation
        self._parts: Mapping[Part, Rows] = parts

    def start(self, total: float) -> None:
        """Declare the curves; the axis, which the problem names, ends at `total`."""
        axis = self._problem.axis
        self._reporter.start(live_curves(self._problem.task, axis, list(self._parts)), total)

    def warning(self, sentence: str) -> None:
        """Say something that the user should see."""
        self._reporter.warning(sentence)

    def step(self, step: float, predict: Predict) -> bool:
        """Report a finished step; whether the fit ends here, out of patience or because it was asked to."""
        self.show(step, predict)
        if self._grows and self.rule.exhausted(int(step)):
            return True
        try:
            self._reporter.checkpoint(step)
        except Stopped:
            return True
        return False

    def show(self, step: float, predict: Predict) -> None:
        """Report a finished step without asking whether to go on."""
        found = {
            part: quick(rows.scored(predict(rows.x)), self._problem.task, self._problem.classes)
            for part, rows in self._parts.items()
        }
        self._reporter.metrics(step, found)
        judged = self._grows and "validation" in found  # of models apart from each other none is the best so far
        if judged and self.rule.better(int(step), found["validation"]["loss"]):
            self._reporter.kept(step)
        self._reporter.look(step, predict)
