"""Trains the network of a problem: the learner that its card asks for, in the one loop."""

from __future__ import annotations

import contextlib
import math

from mltui.inference.network import FittedNetwork
from mltui.training.card_memory import said_in_words
from mltui.training.checkpoints import Checkpoints
from mltui.training.loop import Loop
from mltui.training.problem import Problem
from mltui.training.report import Reporter, Stopped, live_curves
from mltui.training.supervised import Supervised


def fit(problem: Problem, reporter: Reporter, checkpoints: Checkpoints | None = None) -> FittedNetwork:
    """Train the network of the problem's card, from where an earlier attempt has left it.

    With early stopping the best epoch's weights are kept, otherwise the last epoch's. A stop within an epoch keeps
    the weights as they are then, unless early stopping has better ones.

    Args:
        checkpoints: where its state is written down; nowhere without.

    Raises:
        InputError: where early stopping has nothing to judge by, or the settings do not suit the task.
        TrainingError: where the loss explodes, or a graphics card has no room.
    """
    with said_in_words(_batch_size(problem)):
        learner = Supervised(problem)
        loop = Loop(learner, reporter, checkpoints or Checkpoints(), problem.experiment.seed)
        curves = live_curves(problem.task, "epoch", list(problem.parts), learner.own_curves, expected=problem.expected)
        loop.begin(curves)
        with contextlib.suppress(Stopped):
            loop.run()
    if reporter.stopped:
        loop.write_checkpoint()
    loop.restore_best()
    fitted = learner.fitted
    fitted.kept = int(loop.at) if loop.at == math.floor(loop.at) else round(loop.at, 3)
    fitted.module.eval()
    if not reporter.stopped and (nothing := learner.learnt_nothing()):
        reporter.warning(nothing)
    return fitted


def _batch_size(problem: Problem) -> int:
    size = problem.experiment.training.get("batch_size")
    return min(size, len(problem.fit)) if isinstance(size, int) else len(problem.fit)
