"""Says when a training is lost, or has learnt nothing, and what to try."""

from __future__ import annotations

import numpy as np

from mltui.core.table import Floats
from mltui.inference.network import Target
from mltui.training.problem import Problem, TrainingError

TIMES = 1e6
"""A regression's squared error that is so many times that of its mean has exploded; for classes, scores that are no
numbers."""
GAIN = 0.005
"""A loss that is not lower than the constant predictor's by this share has learnt nothing."""


class Explosion:
    """Refuses to go on once the scores of a sample are no numbers, or absurdly far from the target.

    Args:
        target: the mean and spread of a regression's values, of each target its own.
    """

    def __init__(self, problem: Problem, target: Target) -> None:
        self._problem, self._target = problem, target

    def refuse(self, scores: Floats, epoch: int, learning_rate: float) -> None:
        """Look at the scores of a part's sample after an epoch.

        Raises:
            TrainingError: where the training has exploded.
        """
        if not np.isfinite(scores).all():
            raise self._lost("the loss is no longer a number", epoch, learning_rate)
        reach = TIMES**0.5 * np.asarray(self._target.spread)
        if self._problem.task == "regression" and np.any(np.abs(scores - self._target.mean) > reach):
            raise self._lost("the loss has exploded", epoch, learning_rate)

    def _lost(self, what: str, epoch: int, learning_rate: float) -> TrainingError:
        problem = self._problem
        ways = [f"try {learning_rate / 10:g}"]
        if problem.experiment.training.get("clip_norm", 0) is None:
            ways.append("training.clip_norm = 1")
        if problem.experiment.preprocess.scale == ("none",):
            ways.append('preprocess.scale = "standard"')
        return TrainingError(
            f"{what} after epoch {epoch}: a learning_rate of {learning_rate:g} lets the weights explode; "
            f"{' or '.join(ways)}",
            cause="diverged",
        )


def learnt_nothing(loss: float, constant: float, name: str) -> str:
    """A sentence where a training loss is no lower than that of one answer for every row; empty where it is.

    Args:
        loss: the kept network's, on rows that it was fitted to. constant: the best constant answer's on the same rows.
        name: of the loss.
    """
    if not (np.isfinite(loss) and np.isfinite(constant)) or constant <= 0 or loss < constant * (1 - GAIN):
        return ""
    return (
        f"The network has learnt nothing: its training loss ({name.replace('_', ' ')}) of {loss:.3g} is no lower than "
        f"the {constant:.3g} of giving every row the same answer; try another learning_rate, more epochs, other first "
        "weights or other features."
    )
