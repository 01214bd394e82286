"""The score histogram: which scores each class gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.ui.shown import Shown
from mltui.ui.views.derived import judged, remembered
from mltui.ui.views.scored import ScoredView, fits

if TYPE_CHECKING:
    from mltui.evaluation.histogram import Histogram


class ScoresView(ScoredView):
    """Scores by class, train and validation, with the threshold."""

    name = "scores"
    title = "Scores"
    promise = "how the scores of each class spread"
    help = (
        "Shows how often each score is given, by class: bars for the rows the model learned from, points for the "
        "validation. The line is your threshold; what lies right of it counts as the positive class.\n\n"
        "Two hills far apart: the classes are told apart well. What lies on the wrong side of the line are the "
        "mistakes. Points that do not follow the bars of their class: the model knows its training rows better than "
        "new ones, which is overtraining.\n\n"
        "Try next: move the line with [ and ], and choose where it costs you least."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, where there is one."""
        return f"t {shown.threshold:.2f}" if len(shown.classes) == 2 else ""

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too."""
        return (*super().by_hand(shown), shown.threshold)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Train as outlines with the validation as points on them; whichever there is, where there is only one."""
        from mltui.plots.scores import score_histogram

        part = judged(shown)
        assert part is not None
        assert shown.snapshot is not None
        groups = _histograms(part[1], shown.classes)
        over: tuple[Histogram, ...] = ()
        train = shown.snapshot.scores.get("train")
        if part[0] == "validation" and train is not None and len(train.target) and fits(train, shown):
            groups, over = _histograms(train, shown.classes), groups
        binary = len(shown.classes) == 2
        return score_histogram(
            groups, width, height, shown.look,
            over=over, threshold=shown.threshold if binary else None,
            x_label="score" if binary else "score of the row's own class",
        )  # fmt: skip


@remembered
def _histograms(scores: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.histogram import score_histograms

    return score_histograms(scores, classes)
