"""Rectangular cuts, found one signal efficiency after the other: what is found so far is the model so far."""

from __future__ import annotations

import numpy as np

from mltui.core.errors import InputError
from mltui.inference.cuts import FittedCuts
from mltui.inference.native_threads import native_threads
from mltui.models.cut_search import CutSearch
from mltui.training.checkpoints import Checkpoints
from mltui.training.early_stopping import Rule
from mltui.training.estimator_live import Live
from mltui.training.looking_inside import Looking
from mltui.training.problem import Problem
from mltui.training.report import Reporter, Stopped


def fit(problem: Problem, reporter: Reporter, _checkpoints: Checkpoints | None = None) -> FittedCuts:
    """Find the cuts of the problem's card, reporting after each efficiency; a stop keeps those found so far.

    A run that goes on begins anew, to the same end.

    Raises:
        InputError: where the training part has one class only, or weights that leave nothing to learn.
    """
    rows = problem.fit
    signal = rows.target == 1
    if signal.all() or not signal.any():
        raise InputError(
            f"the training part holds one class only ({problem.classes[int(signal.all())]}); a classification needs at "
            "least two: look at data.target, or give the training part more rows",
            key="data.target",
        )
    experiment = problem.experiment
    search: CutSearch = problem.card.build(
        experiment.model.hyperparameters, experiment.training, problem.shape, experiment.seed
    )
    live = Live(problem, reporter, Rule.of(problem))
    live.start(search.efficiencies)

    def goes_on(found: int, generation: int) -> bool:
        try:
            reporter.checkpoint(found + generation / (search.generations + 1))
        except Stopped:
            return False
        return True

    # sums by several threads would differ in their last digit, and with them the cuts
    with native_threads(1):
        for rectangles in search.search(np.asarray(rows.x), signal, rows.weights, goes_on):
            fitted = FittedCuts(rectangles)
            if live.step(len(rectangles.efficiencies), fitted.predict, inside=Looking(problem, fitted)):
                break
    return fitted
