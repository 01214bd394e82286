"""The confusion matrix: what rows are, against what the model says they are."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.plots.words import metric
from mltui.views.base import Change, Key
from mltui.views.derived import judged, ranked, remembered
from mltui.views.numbers_of import Numbers, Table, Value
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.confusion import Confusion
    from mltui.evaluation.rates import Rates


class MatrixView(ScoredView):
    """Counts by true and predicted class at the threshold, with the rates they make."""

    name = "matrix"
    title = "Matrix"
    promise = "how often each class is taken for which"
    help = (
        "Shows, on the validation rows, what each row is (down) against what the model says it is (across). The "
        "diagonal is right, everything else is a mistake. Below stand the rates with their statistical errors, under "
        "the names that physicists and others give them: efficiency or sensitivity, rejection or specificity, purity "
        "or precision, and the negative predictive value.\n\n"
        "With two classes the threshold decides: higher finds fewer but purer. With more, the largest score wins. "
        "Two classes that are often swapped look alike to the model: give it a feature that tells them apart.\n\n"
        "Where rows have weights the cells are sums of weights of these rows alone; Yields scales them to all rows.\n\n"
        "The arrow down marks a cell, the arrows then move the mark, enter opens the rows in it one by one; the arrow "
        "up, past the first row, lets go.\n\n"
        "Try next: move the threshold with [ and ] until efficiency and purity are what your question needs."
    )

    keys = (
        Key("down,j", "down", 1, "Mark a cell, then the one below"),
        Key("up,k", "up", 1, "The cell above; above the first row none"),
        Key("right", "along", 1, "The cell to the right of the marked one"),
        Key("left", "along", -1, "The cell to the left of the marked one"),
        Key("enter", "open", 0, "The events of the marked cell"),
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
        """The threshold too, and the cell that is marked."""
        return (*super().by_hand(shown), shown.threshold, shown.picked.cell)

    @classmethod
    def hears(cls, method: str, shown: Shown) -> bool:
        """Before a cell is marked only the arrow that marks one."""
        return cls.ready(shown) and (method == "down" or _marked(shown) is not None)

    @classmethod
    def hints(cls, shown: Shown) -> tuple[tuple[str, str], ...]:
        """How to come from a cell to its rows."""
        if not cls.ready(shown) or shown.sample is None:
            return ()
        return (("↓", "mark a cell"),) if _marked(shown) is None else (("↑↓←→", "cell"), ("↵", "its events"))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The matrix with its rates."""
        from mltui.plots.matrix import confusion_matrix

        part = judged(shown)
        assert part is not None
        table = _confusion(part[1], shown.classes, shown.threshold)
        return confusion_matrix(
            table, width, height, shown.look, _rates_of(shown, part[1]), marked=_marked(shown)
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The sums of weights by true class and class said, and the rates."""
        part = judged(shown)
        if part is None or not cls.ready(shown):
            return Numbers()
        table = _confusion(part[1], shown.classes, shown.threshold)
        columns: dict[str, Any] = {"is": list(table.labels)}
        columns |= {f"said {label}": table.matrix[:, code] for code, label in enumerate(table.labels)}
        values: dict[str, Value] = {"part": part[0], "accuracy": table.accuracy}
        rates = _rates_of(shown, part[1])
        if rates is not None:
            values |= {"threshold": shown.threshold}
            for name, rate in asdict(rates).items():
                if isinstance(rate, dict):
                    values |= {name: rate["value"], f"{name}_error": rate["error"]}
        return Numbers(values, (Table("matrix", columns, "matrix", "is", "said", "is"),))

    def down(self, by: int, shown: Shown, _width: int, _height: int) -> Change:
        """To the cell below, or into the matrix; above the first row no cell is marked."""
        cell = _marked(shown)
        row = by - 1 if cell is None else cell[0] + by
        if row < 0:
            return Change(picked=replace(shown.picked, cell=None))
        last = len(shown.classes) - 1
        return Change(picked=replace(shown.picked, cell=(min(row, last), cell[1] if cell else 0)))

    def up(self, by: int, shown: Shown, width: int, height: int) -> Change:
        """To the cell above."""
        return self.down(-by, shown, width, height)

    def along(self, by: int, shown: Shown, _width: int, _height: int) -> Change | None:
        """To the cell beside."""
        cell = _marked(shown)
        if cell is None:
            return None
        column = max(0, min(cell[1] + by, len(shown.classes) - 1))
        return Change(picked=replace(shown.picked, cell=(cell[0], column)))

    def open(self, _by: int, _shown: Shown, _width: int, _height: int) -> Change:
        """Its events."""
        return Change(forms={"events": "cell"}, front="events")


def _marked(shown: Shown) -> tuple[int, int] | None:
    """The cell that is marked, if this run has it."""
    cell = shown.picked.cell
    return cell if cell is not None and max(cell) < len(shown.classes) else None


def _rates_of(shown: Shown, scores: Scores) -> Rates | None:
    """The rates at the threshold; None with many classes."""
    return _rates(scores, shown.threshold) if len(shown.classes) == 2 else None


@remembered
def _rates(scores: Scores, threshold: float) -> Rates:
    from mltui.evaluation.rates import rates

    return rates(ranked(scores), threshold)


@remembered
def _confusion(scores: Scores, classes: tuple[str, ...], threshold: float) -> Confusion:
    from mltui.evaluation.confusion import confusion, confusion_at

    if scores.scores.ndim == 1 and len(classes) == 2:
        return confusion_at(ranked(scores), classes, threshold)
    return confusion(scores, classes, threshold)
