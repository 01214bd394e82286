"""The ROC curve: what is gained in true positives for each false one let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.plots.words import metric
from mltui.views.derived import judged, remembered
from mltui.views.scored import ScoredView, fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.roc import Roc


class RocView(ScoredView):
    """Efficiency against false positives, with the area under the curve."""

    name = "roc"
    title = "ROC"
    promise = "the ROC curve with its area"
    help = (
        "Shows, for every threshold at once, which share of the positive class is found (upwards) for which share of "
        "the others let in by mistake (to the right). Its area, the AUC, is the chance that a positive row scores "
        "higher than a negative one: 0.5 is guessing, the diagonal; 1 is perfect, the upper left corner. The mark is "
        "your threshold. With more than two classes there is a line for each class against the rest.\n\n"
        "Compare models by the region you work in: a physicist who can afford 1 % background reads the line at 0.01, "
        "not the area. Train far above validation is learning by heart.\n\n"
        "Try next: move the threshold with [ and ] and watch the mark here and the counts in the matrix."
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The area; with many classes the mean of all."""
        many = len(shown.classes) > 2
        areas = [roc.auc for _, roc in (_rocs(shown) if many else _rocs(shown)[:1]) if roc.auc is not None]
        return f"{'mean auc' if many else 'auc'} {metric('auc', sum(areas) / len(areas))}" if areas else ""

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too."""
        return (*super().by_hand(shown), shown.threshold)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Every line, and the threshold's mark where there are two classes."""
        from mltui.plots.roc import roc_curve

        threshold = shown.threshold if len(shown.classes) <= 2 else None
        return roc_curve(_rocs(shown), width, height, shown.look, threshold=threshold)


def _rocs(shown: Shown) -> list[tuple[str, Roc]]:
    """The labelled curves: one for validation and one for train, or with many classes one for each class."""
    part = judged(shown)
    if part is None or shown.snapshot is None:
        return []
    if len(shown.classes) > 2:
        return list(zip(shown.classes, _curves(part[1], shown.classes), strict=True))
    scores = {part[0]: part[1], **shown.snapshot.scores}
    return [
        (name, _curves(part_scores, shown.classes)[0])
        for name, part_scores in scores.items()
        if name != "test" and len(part_scores.target) and fits(part_scores, shown)
    ]


@remembered
def _curves(scores: Scores, classes: tuple[str, ...]) -> list[Roc]:
    from mltui.evaluation.roc import one_against_rest

    return one_against_rest(scores, classes)
