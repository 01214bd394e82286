"""Early stopping with look-back: which step is kept, and when the patience is used up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mltui.core.errors import InputError
from mltui.training.problem import Problem, Rows


@dataclass
class Rule:
    """The step with the lowest validation loss is kept, and patience has an end.

    Attributes:
        patience: steps without gain that are borne; None: never stop, keep the last.
        best: the best step so far; None before the first, or without patience.
    """

    patience: int | None = None
    best: int | None = None
    _loss: float = math.inf

    @classmethod
    def of(cls, problem: Problem) -> Rule:
        """The rule that the [training] section asks for.

        A weighted loss decides also with negative weights among them: its expectation is the loss of the true
        densities. Where the weights of a class add up to nothing or less, the lowest loss is that of the most wrong
        model, and nothing can be decided by it.

        Raises:
            InputError: where there are no validation rows to judge by.
        """
        patience = problem.experiment.training.get("early_stopping")
        if not isinstance(patience, int):
            return cls()
        if problem.validation is None or not _judges(problem.validation, problem.classes):
            each = " in every class" if problem.classes else ""
            raise InputError(
                f"training.early_stopping needs validation rows with a positive sum of weights{each} to judge by; "
                "raise split.validation, or leave early_stopping out",
                key="training.early_stopping",
            )
        return cls(patience)

    def better(self, step: int, loss: float) -> bool:
        """Whether this step is the best so far."""
        if self.patience is None or not loss < self._loss:
            return False
        self._loss, self.best = loss, step
        return True

    def exhausted(self, step: int) -> bool:
        """Whether the patience is used up at this step."""
        return self.patience is not None and self.best is not None and step - self.best >= self.patience


def _judges(rows: Rows, classes: tuple[str, ...]) -> bool:
    """Whether the weights add up to something positive, in all and in every class that weighs anything."""
    if not rows.weights.sum() > 0:
        return False
    if not classes:
        return True
    codes = rows.target.astype(np.int64, copy=False)
    weighing = np.bincount(codes, rows.weights != 0) > 0
    return bool((np.bincount(codes, rows.weights)[weighing] > 0).all())
