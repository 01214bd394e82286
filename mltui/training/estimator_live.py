"""What a fit says after each of its steps, and whether it goes on: curve points, pictures, wishes, patience."""

from __future__ import annotations

from collections.abc import Mapping

from mltui.core.sections import Part
from mltui.evaluation.metrics import quick
from mltui.training.early_stopping import Rule
from mltui.training.problem import Problem, Rows
from mltui.training.report import Inside, Predict, Reporter, Stopped, live_curves


class Live:
    """The one place from which estimators report.

    The live curves are computed on each part's fixed sample; with early stopping the validation curve, by which it
    decides, on all validation rows.
    """

    def __init__(self, problem: Problem, reporter: Reporter, rule: Rule) -> None:
        self.rule = rule
        self._problem = problem
        self._reporter = reporter
        parts: dict[Part, Rows] = dict(problem.live)
        if rule.patience is not None and problem.validation is not None:
            parts["validation"] = problem.validation
        self._parts: Mapping[Part, Rows] = parts

    def start(self, total: int) -> None:
        """Declare the curves; the axis, which the card names, ends at `total`."""
        axis = self._problem.card.axis
        self._reporter.start(live_curves(self._problem.task, axis, list(self._parts)), total)

    def warning(self, sentence: str) -> None:
        """Say something that the user should see."""
        self._reporter.warning(sentence)

    def step(self, step: int, predict: Predict, *, inside: Inside | None = None) -> bool:
        """Report a finished step; whether the fit ends here, out of patience or because it was asked to.

        Args:
            inside: what the model found so far, asked only where a picture of this step is kept or looked at.
        """
        self.show(step, predict, inside=inside)
        if self.rule.exhausted(step):
            return True
        try:
            self._reporter.checkpoint(step)
        except Stopped:
            return True
        return False

    def show(self, step: int, predict: Predict, *, inside: Inside | None = None) -> None:
        """Report a finished step without asking whether to go on."""
        found = {
            part: quick(rows.scored(predict(rows.x)), self._problem.task, self._problem.classes)
            for part, rows in self._parts.items()
        }
        self._reporter.metrics(step, found)
        if "validation" in found and self.rule.better(step, found["validation"]["loss"]):
            self._reporter.kept(step)
        self._reporter.look(step, predict, inside=inside)
