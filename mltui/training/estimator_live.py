"""What a fit says after each of its steps, and whether it goes on: curve points, pictures, wishes, patience."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mltui.core.events import OUT_OF_BAG, STEPS, CurvePart
from mltui.core.sections import Part
from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.training.checkpoints import Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.live import judged
from mltui.training.problem import Problem, Rows
from mltui.training.report import Inside, Predict, Reporter, Stopped, live_curves

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
        self._grows = problem.axis in STEPS
        parts: dict[Part, Rows] = dict(problem.live)
        if rule.patience is not None and problem.validation is not None:
            parts["validation"] = problem.validation
        self._parts: Mapping[Part, Rows] = parts

    @property
    def judged(self) -> list[Rows]:
        """The rows that every step is asked about, of each part."""
        return list(self._parts.values())

    def left(self) -> bytes | None:
        """The model in the making that an earlier attempt has left to go on from; None where the fit begins."""
        left = self._checkpoints.left
        if left is None:
            return None
        self.rule.restore(left.facts["rule"])
        if self.rule.best is not None:
            self._reporter.kept(self.rule.best)
        return left.tensors[_MODEL].tobytes()

    def start(self, total: float, *, out_of_bag: bool = False) -> None:
        """Declare the curves; the axis, which the problem names, ends at `total`.

        Args:
            out_of_bag: whether each step says what is to be told of rows out of bag.
        """
        parts: list[CurvePart] = [*self._parts, *([OUT_OF_BAG] if out_of_bag else [])]
        problem = self._problem
        self._reporter.start(live_curves(problem.task, problem.axis, parts, expected=problem.expected), total)

    def warning(self, sentence: str) -> None:
        """Say something that the user should see."""
        self._reporter.warning(sentence)

    def step(
        self,
        step: float,
        predict: Predict,
        *,
        inside: Inside | None = None,
        out_of_bag: Scores | None = None,
        model: Callable[[], bytes] | None = None,
    ) -> bool:
        """Report a finished step; whether the fit ends here, out of patience or because it was asked to.

        Args:
            inside: what the model found so far, asked only where a picture of this step is kept or looked at.
            out_of_bag: what the model says of training rows that it has not seen; None: nothing yet.
            model: what the fit can go on from after this step, to the same numbers; None where it cannot.
        """
        self.show(step, predict, inside=inside, out_of_bag=out_of_bag)
        if self._grows and self.rule.exhausted(int(step)):
            return True
        try:
            self._reporter.checkpoint(step)
        except Stopped:
            self._write(step, model)
            return True
        if self._checkpoints.due():
            self._write(step, model)
        return False

    def _write(self, step: float, model: Callable[[], bytes] | None) -> None:
        if model is None:
            return
        self._reporter.flush()  # what it came to will not be said again
        tensors = {_MODEL: np.frombuffer(model(), np.uint8)}
        self._checkpoints.write(int(step) + 1, 0, float(step), tensors, {"rule": self.rule.facts()})

    def show(
        self, step: float, predict: Predict, *, inside: Inside | None = None, out_of_bag: Scores | None = None
    ) -> None:
        """Report a finished step without asking whether to go on."""
        said: dict[CurvePart, Scores] = {part: rows.scored(predict(rows.x)) for part, rows in self._parts.items()}
        if out_of_bag is not None:
            said[OUT_OF_BAG] = out_of_bag
        found = {part: judged(self._problem, scores) for part, scores in said.items()}
        self._reporter.metrics(step, found)
        decides = self._grows and "validation" in found  # of models apart from each other none is the best so far
        if decides and self.rule.better(int(step), found["validation"]["loss"]):
            self._reporter.kept(step)
        known: dict[Part, Floats] = {part: said[part].scores for part in self._parts}
        self._reporter.look(step, predict, inside=inside, known=known)
