"""The confusion matrix: what rows are, against what the model says they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.plots.words import metric
from mltui.views.derived import judged, remembered
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.confusion import Confusion


class MatrixView(ScoredView):
    """Counts by true and predicted class at the threshold, with the rates they make."""

    name = "matrix"
    title = "Matrix"
    promise = "how often each class is taken for which"
    help = (
        "Shows, on the validation rows, what each row is (down) against what the model says it is (across). The "
        "diagonal is right, everything else is a mistake. Below stand the rates: the share of the positive class "
        "that is found (efficiency), and the share of what is called positive that truly is (purity).\n\n"
        "With two classes the threshold decides: higher finds fewer but purer. With more, the largest score wins. "
        "Two classes that are often swapped look alike to the model: give it a feature that tells them apart.\n\n"
        "Where rows have weights the cells are sums of weights of these rows alone; Yields scales them to all rows.\n\n"
        "Try next: move the threshold with [ and ] until efficiency and purity are what your question needs."
    )

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """Whose weights the cells hold, where they are not simply rows."""
        part = judged(shown)
        return f"{cls.title}, {part[0]} weights" if shown.weighted and part else cls.title

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, which decides the rest; where there is none, the share that is right."""
        if len(shown.classes) == 2:
            return f"t {shown.threshold:.2f}"
        part = judged(shown)
        share = _confusion(part[1], shown.classes, shown.threshold).accuracy if part else None
        return "" if share is None else f"accuracy {metric('accuracy', share)}"

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too."""
        return (*super().by_hand(shown), shown.threshold)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The matrix with its rates."""
        from mltui.plots.matrix import confusion_matrix

        part = judged(shown)
        assert part is not None
        table = _confusion(part[1], shown.classes, shown.threshold)
        return confusion_matrix(table, width, height, shown.look)


@remembered
def _confusion(scores: Scores, classes: tuple[str, ...], threshold: float) -> Confusion:
    from mltui.evaluation.confusion import confusion

    return confusion(scores, classes, threshold)
