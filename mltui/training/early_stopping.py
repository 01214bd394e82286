"""Early stopping with look-back: which step is kept, and when the patience is used up."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mltui.core.errors import InputError
from mltui.training.problem import Problem


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

        Raises:
            InputError: where there are no validation rows to judge by.
        """
        patience = problem.experiment.training.get("early_stopping")
        if not isinstance(patience, int):
            return cls()
        if problem.validation is None or not problem.validation.weights.sum() > 0:
            raise InputError(
                "training.early_stopping needs validation rows with a positive sum of weights to judge by; "
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
