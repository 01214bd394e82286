"""The score histogram: which scores each class gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.views.derived import judged, remembered
from mltui.views.scored import ScoredView, fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.histogram import Histogram


MOST_OUTLINES = 3
"""With more classes their outlines hide each other."""


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
        "new ones, which is overtraining. With many classes there are two hills instead, of the rows whose answer is "
        "right and of those whose answer is wrong, over the score that their true class got.\n\n"
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
        binary = len(shown.classes) == 2
        histograms = _by_answer if len(shown.classes) > MOST_OUTLINES else _by_class
        groups = histograms(part[1], shown.classes)
        over: tuple[Histogram, ...] = ()
        train = shown.snapshot.scores.get("train")
        if part[0] == "validation" and train is not None and len(train.target) and fits(train, shown):
            groups, over = histograms(train, shown.classes), groups
        return score_histogram(
            groups, width, height, shown.look,
            over=over, threshold=shown.threshold if binary else None,
            x_label="score" if binary else "score of the true class", x_short="score",
        )  # fmt: skip


@remembered
def _by_class(scores: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.histogram import score_histograms

    return score_histograms(scores, classes)


@remembered
def _by_answer(scores: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.histogram import answer_histograms

    return answer_histograms(scores)
