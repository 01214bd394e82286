"""What the score leans on: its correlation with every variable, and the background that cuts on it leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mltui.core.table import Column
from mltui.views.derived import remembered
from mltui.views.shown import Shown
from mltui.views.variables import Behind, behind, chosen, names

if TYPE_CHECKING:
    from mltui.evaluation.dependence import Dependence
    from mltui.evaluation.sculpting import Sculpting


def score_name(shown: Shown) -> str:
    """What is held against the variables: the score, of many classes that of one; or the residual."""
    if shown.task == "regression":
        return f"residual of {shown.targets[shown.of_target]}" if shown.targets else "residual"
    return "score" if len(shown.classes) == 2 else f"score of {shown.classes[shown.among(len(shown.classes))]}"


def turned(shown: Shown) -> int:
    """How many scores there are to turn through, of which one is held against the variables."""
    return len(shown.classes) if shown.task == "classification" and len(shown.classes) > 2 else 1


def dependence(shown: Shown) -> Dependence | None:
    """The correlations at the moment looked at."""
    found = behind(shown)
    if found is None:
        return None
    target = shown.of_target if shown.task == "regression" else shown.among(len(shown.classes))
    return _dependence(found, shown.task, shown.classes, target)


@remembered
def _dependence(found: Behind, task: str, classes: tuple[str, ...], target: int) -> Dependence:
    from mltui.evaluation.dependence import dependence

    said = found.scores.scores
    groups = [("all", np.ones(len(said), np.bool_))]
    if task == "regression":
        one = found.scores.of(target)
        said = one.scores - one.target.astype(np.float64)
    elif said.ndim == 2:
        said = said[:, target]
    else:
        groups += [(label, found.scores.target == code) for code, label in enumerate(classes)]
    return dependence(found.values, said, found.scores.weights, groups)


def sculpts(shown: Shown) -> bool:
    """Whether there is a background to cut on the score: of two classes the first."""
    return shown.task == "classification" and len(shown.classes) == 2 and bool(names(shown))


def sculpted(shown: Shown) -> tuple[Column, Sculpting] | None:
    """The chosen variable, or the one that the score sculpts most, with the background in it."""
    found = behind(shown)
    if found is None or not sculpts(shown):
        return None
    every = sculptings(found)
    column = chosen(shown, found, most_sculpted(every))
    return column, every[column.name]


@remembered
def sculptings(found: Behind) -> dict[str, Sculpting]:
    """The background in each variable."""
    from mltui.evaluation.sculpting import sculpting

    rows = found.scores.target == 0
    scores, weights = found.scores.scores[rows], found.scores.weights[rows]
    return {name: sculpting(values[rows], scores, weights) for name, values in found.values.items()}


def most_sculpted(every: dict[str, Sculpting]) -> list[str]:
    """The variables, those first whose shape in some slice is furthest from the whole beyond what chance makes."""

    def beyond(name: str) -> float:
        cut = every[name].slices[1:]
        return max(((one.divergence or 0.0) - (one.by_chance or 0.0) for one in cut), default=0.0)

    return sorted(every, key=beyond, reverse=True)
