"""The numbers of a live curve: the quick metrics, and of a signal in a background its significance at the best cut."""

from __future__ import annotations

import math

from mltui.core.snapshot import Scores
from mltui.evaluation.cuts import cuts
from mltui.evaluation.metrics import quick
from mltui.training.problem import Problem
from mltui.training.report import SIGNIFICANCE

_PLACES = 500
"""So many places of the cut are enough for a curve: between two of them are a few rows of the sample."""


def judged(problem: Problem, scores: Scores) -> dict[str, float]:
    """What scores of some rows of a problem are worth, by name; NaN where it is not defined."""
    found = quick(scores, problem.task, problem.classes)
    return {**found, SIGNIFICANCE: _significance(problem, scores)} if problem.expected else found


def _significance(problem: Problem, scores: Scores) -> float:
    """The expected significance of a discovery (Asimov) at the best cut that enough events stand behind."""
    names = problem.train.whole.processes if len(scores.process) else ()
    found = cuts(scores, problem.processes, names, problem.classes, most=_PLACES)
    best = found.best("asimov", problem.experiment.data.background_uncertainty) if found else None
    return best.value if best is not None and best.trusted else math.nan
