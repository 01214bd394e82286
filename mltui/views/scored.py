"""What the views of scores have in common: they need a snapshot with scores, of one task."""

from __future__ import annotations

from typing import ClassVar

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.views.base import View
from mltui.views.derived import judged, looked_back
from mltui.views.shown import Shown


class ScoredView(View):
    """A picture made from the scores of the moment looked at.

    Attributes:
        judges: which task has this view.
        promise: what will appear once the model runs.
    """

    judges: ClassVar[Task] = "classification"
    promise: ClassVar[str] = ""
    pace = 0.5

    @classmethod
    def offered(cls, shown: Shown) -> bool:
        """Whether the run has this view's task."""
        return shown.task == cls.judges

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether there are scores of this task."""
        part = judged(shown)
        return cls.offered(shown) and part is not None and fits(part[1], shown)

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.phase in ("training", "paused"):
            return f"The first picture of the model brings {cls.promise}."
        if shown.state.ended:
            return f"This run ended without scores. Press r to run again and see {cls.promise}."
        return f"Press r to run and see {cls.promise}."

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The scores by identity, and the classes."""
        scores = tuple(shown.snapshot.scores.values()) if shown.snapshot else ()
        return (scores, shown.classes)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The moment looked back at, and the target."""
        return (*super().by_hand(shown), *looked_back(shown), shown.of_target)


def fits(scores: Scores, shown: Shown) -> bool:
    """Whether scores are of the run's task: a column a target, or one for two classes, or one a class of many."""
    if shown.task == "classification" and len(shown.classes) < 2:
        return False
    if shown.task == "regression":
        return scores.scores.shape == scores.target.shape and scores.targets == max(1, len(shown.targets))
    columns = 1 if scores.scores.ndim == 1 else scores.scores.shape[1]
    return columns == (len(shown.classes) if len(shown.classes) > 2 else 1)
