"""Early stopping with look-back: which step is kept, and when the patience is used up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value
from mltui.training.problem import Problem, Rows
from mltui.training.report import SIGNIFICANCE, live_metrics

LOSS = "loss"


@dataclass
class Rule:
    """The step at which the monitored number of the validation part is best is kept, and patience has an end.

    Attributes:
        patience: steps without gain that are borne; None: never stop, keep the last.
        monitor: what is watched: the loss, or a metric of the live curves.
        best: the best step so far; None before the first, or without patience.
    """

    patience: int | None = None
    monitor: str = LOSS
    higher: bool = False
    best: int | None = None
    _worth: float = -math.inf

    @classmethod
    def of(cls, problem: Problem) -> Rule:
        """The rule that the [training] section asks for.

        A weighted loss decides also with negative weights among them: its expectation is the loss of the true
        densities. Where the weights of a class add up to nothing or less, the lowest loss is that of the most wrong
        model, and nothing can be decided by it.

        Raises:
            InputError: where there are no validation rows to judge by, or the task has no such metric.
        """
        training = problem.experiment.training
        monitor = _monitored(training, problem)
        rule = cls(None, monitor, live_metrics(problem.task, expected=problem.expected)[monitor])
        rule.have_patience(training.get("early_stopping"), problem)
        return rule

    def have_patience(self, patience: Value, problem: Problem) -> None:
        """From now on so much of it, or none.

        Raises:
            InputError: where there are no validation rows to judge by.
        """
        if not isinstance(patience, int):
            self.patience = None
            return
        if problem.validation is None or not _judges(problem.validation, problem.classes):
            each = " in every class" if problem.classes else ""
            raise InputError(
                f"training.early_stopping needs validation rows with a positive sum of weights{each} to judge by; "
                "raise split.validation, or leave early_stopping out",
                key="training.early_stopping",
            )
        self.patience = patience

    def better(self, step: int, value: float) -> bool:
        """Whether this step is the best so far."""
        worth = value if self.higher else -value
        if self.patience is None or not worth > self._worth:
            return False
        self._worth, self.best = worth, step
        return True

    def exhausted(self, step: int) -> bool:
        """Whether the patience is used up at this step."""
        return self.patience is not None and self.best is not None and step - self.best >= self.patience

    def facts(self) -> dict[str, Any]:
        """What JSON can hold of it."""
        return {"patience": self.patience, "best": self.best, "worth": self._worth if self.best is not None else None}

    def restore(self, facts: Mapping[str, Any]) -> None:
        """Go on from `facts`."""
        self.patience, self.best = facts["patience"], facts["best"]
        self._worth = -math.inf if facts["worth"] is None else float(facts["worth"])


def _monitored(training: Mapping[str, Value], problem: Problem) -> str:
    monitor = str(training.get("monitor", LOSS))
    known = live_metrics(problem.task, expected=problem.expected)
    if monitor in known:
        return monitor
    lacking = " without two classes and weights" if monitor == SIGNIFICANCE and problem.task == "classification" else ""
    raise InputError(
        f"training.monitor = {monitor} does not suit {problem.task}{lacking}; there it is one of {', '.join(known)}",
        key="training.monitor",
    )


def _judges(rows: Rows, classes: tuple[str, ...]) -> bool:
    """Whether the weights add up to something positive, in all and in every class that weighs anything."""
    if not rows.weights.sum() > 0:
        return False
    if not classes:
        return True
    codes = rows.target.astype(np.int64, copy=False)
    weighing = np.bincount(codes, rows.weights != 0) > 0
    return bool((np.bincount(codes, rows.weights)[weighing] > 0).all())
