"""The ROC curve: what is gained in true positives for each false one let in, in the forms that people draw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.plots import words
from mltui.views.derived import judged, remembered
from mltui.views.numbers_of import NOTHING, Numbers, Table, Value
from mltui.views.scored import ScoredView, fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.curves import Curve, Sides
    from mltui.plots.roc import Band, Chosen, Line

Form = Literal["roc", "rejection", "inverse", "precision"]
BACKGROUNDS = (0.01, 0.1, 0.3)
"""Background efficiencies at which the signal's is told."""
_HEADINGS: Mapping[str, str] = {
    "roc": "ROC", "rejection": "ROC: background rejection", "inverse": "ROC: 1/ε_B", "precision": "Precision-recall",
}  # fmt: skip
_BEHIND = ("previous_validation", "previous_train", "previous_train")


class RocView(ScoredView):
    """Efficiencies, rejection or precision against each other, with the area under the curve."""

    name = "roc"
    title = "ROC"
    forms = get_args(Form)
    promise = "the ROC curve with its area"
    help = (
        "Shows, for every threshold at once, which share of the positive class is found (upwards) for which share of "
        "the others let in by mistake (to the right). Its area, the AUC, is the chance that a positive row scores "
        "higher than a negative one: 0.5 is guessing, the dim line; 1 is perfect, the upper left corner. The mark is "
        "your threshold. With more than two classes there is a line for each class against the rest.\n\n"
        "f goes through the forms: the efficiencies (the ROC curve); background rejection 1 - ε_B against signal "
        "efficiency; 1/ε_B on a logarithmic axis, which shows the region where nearly all background must go; and "
        "precision against recall, where a rare signal shows how many false ones come with it. Recall is the signal "
        "efficiency, precision the purity, specificity the background rejection.\n\n"
        "The shade is one standard deviation: what as many rows could as well have given, weights included, or with "
        "folds or seeds how far their curves lie apart. Two models whose curves lie within it are not told apart by "
        "these rows. Runs before this one are the dotted lines.\n\n"
        "Compare models by the region you work in: a physicist who can afford 1 % background reads the line at 0.01, "
        "not the area. Train far above validation is learning by heart.\n\n"
        "Try next: move the threshold with [ and ] and watch the mark here and the counts in the matrix."
    )

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """What the form is called."""
        form = _HEADINGS[cls.form(shown)]
        return form.replace("ε", "eps") if shown.look.ascii else form

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The area with its error; with many classes the mean of all."""
        every = _judged(shown)
        precision = cls.form(shown) == "precision"
        name = "average precision" if precision else "auc"
        areas = [area for area in map(_precision if precision else _auc, every) if area is not None]
        if not areas:
            return ""
        if len(every) > 1:
            return f"mean {name} {words.metric('auc', sum(areas) / len(areas))}"
        value, error = words.measured(areas[0], None if precision else every[0].auc_error, ascii=shown.look.ascii)
        sign = shown.look.sign("±", "+-")
        return f"{name} {value} {sign} {error}" if error else f"{name} {words.metric('auc', areas[0])}"

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too, and the runs behind."""
        return (*super().by_hand(shown), shown.threshold, shown.earlier)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Every line, and with two classes the threshold's mark, the error and the runs before."""
        from mltui.evaluation.curves import chance
        from mltui.plots.roc import roc_curve

        form, every = self._form(shown), _judged(shown)
        two = len(every) == 1
        return roc_curve(
            list(_lines(shown, form)), width, height, shown.look,
            form=form,
            chance=chance(every[0], form) if every and every[0].roc.auc is not None else None,
            band=_band(shown, every[0], form) if two else None,
            chosen=_chosen(every[0], form) if two else (),
            threshold=shown.threshold if two else None,
            partial=_partial(every[0], shown.threshold) if two else None,
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """Areas, efficiencies at some backgrounds and at the threshold, and the curves."""
        if not cls.ready(shown):
            return NOTHING
        form = cls._form(shown)
        tables = [_table(line.label, line.curve) for line in _lines(shown, form)]
        return Numbers(_values(shown), tables)

    @classmethod
    def _form(cls, shown: Shown) -> Form:
        return next(form for form in get_args(Form) if form == cls.form(shown))


def _judged(shown: Shown) -> tuple[Sides, ...]:
    """The classes of the part to judge by, each against the rest; of two the positive one."""
    part = judged(shown)
    return _sides(part[1], shown.classes) if part is not None and fits(part[1], shown) else ()


def _lines(shown: Shown, form: Form) -> Iterator[Line]:
    """The part to judge by and the others, then the runs before; with many classes one for each class."""
    from mltui.plots.roc import class_role

    part = judged(shown)
    if part is None or shown.snapshot is None:
        return
    if len(shown.classes) > 2:
        for code, of in enumerate(_sides(part[1], shown.classes)):
            yield _line(shown.classes[code], of, form, class_role(code))
        return
    for name, scores in {part[0]: part[1], **shown.snapshot.scores}.items():
        if name in (part[0], "validation", "train") and len(scores) and fits(scores, shown):
            yield _line(name, _sides(scores, shown.classes)[0], form, name, shown.threshold)
    before = [one for one in shown.earlier if one.run != shown.state.run and one.classes == shown.classes]
    for role, one in zip(_BEHIND, before, strict=False):
        yield _line(f"run {one.run}", _sides(one.scores, one.classes)[0], form, role)


def _line(label: str, of: Sides, form: Form, role: str, threshold: float | None = None) -> Line:
    from mltui.evaluation.curves import point
    from mltui.plots.roc import Line

    at = None if threshold is None else point(of, form, threshold)
    return Line(label, _curve(of, form), role, _precision(of) if form == "precision" else _auc(of), at)


def _auc(of: Sides) -> float | None:
    return of.roc.auc


def _precision(of: Sides) -> float | None:
    return of.average_precision


def _band(shown: Shown, of: Sides, form: Form) -> Band:
    """How far the folds' or seeds' curves lie apart, or else the statistical error."""
    from mltui.plots.roc import Band

    part, snapshot = judged(shown), shown.snapshot
    assert part is not None
    assert snapshot is not None
    for name, found, over in (("folds", snapshot.folds, _over_folds), ("seeds", snapshot.seeds, _over_seeds)):
        members = found.get(part[0])
        curve = None if members is None else over(of, members, form)
        if curve is not None and len(curve.x):
            return Band(curve, name)
    return Band(_curve(of, form), "")


def _partial(of: Sides, threshold: float) -> float | None:
    from mltui.evaluation.curves import point

    at = point(of, "roc", threshold)
    return None if at is None else of.roc.partial_area(at[0])


def _values(shown: Shown) -> dict[str, Value]:
    every, part = _judged(shown), judged(shown)
    found: dict[str, Value] = {"part": part[0] if part else None}
    if len(every) > 1:
        for name, area in (("auc", _auc), ("average_precision", _precision)):
            found |= {f"{name} {label}": area(of) for label, of in zip(shown.classes, every, strict=True)}
        return found
    from mltui.evaluation.curves import numbers, point

    at = point(every[0], "roc", shown.threshold)
    return {
        **found, **numbers(every[0], BACKGROUNDS),
        "threshold": shown.threshold,
        "background_efficiency": at[0] if at else None,
        "signal_efficiency": at[1] if at else None,
        "partial_auc_to_threshold": _partial(every[0], shown.threshold),
    }  # fmt: skip


def _table(name: str, curve: Curve) -> Table:
    from mltui.plots.roc import axes

    x, y = axes(curve.form)
    columns = {"x": curve.x, "y": curve.y, "low": curve.low, "high": curve.high}
    return Table(name, columns, "line", "x", x, y, log_y=curve.form == "inverse")


@remembered
def _sides(scores: Scores, classes: tuple[str, ...]) -> tuple[Sides, ...]:
    from mltui.evaluation.curves import against_rest

    return against_rest(scores, classes)


@remembered
def _curve(of: Sides, form: Form) -> Curve:
    from mltui.evaluation.curves import curve

    return curve(of, form)


@remembered
def _over_folds(of: Sides, folds: NDArray[np.number], form: Form) -> Curve:
    from mltui.evaluation.curves import by_member, over_members

    return over_members(of, by_member(of.scores, folds.astype(np.int64), of.code), form)


@remembered
def _over_seeds(of: Sides, seeds: NDArray[np.number], form: Form) -> Curve:
    from mltui.evaluation.curves import by_seed, over_members

    return over_members(of, by_seed(of.scores, seeds.astype(np.float64), of.code), form)


@remembered
def _chosen(of: Sides, form: Form) -> tuple[Chosen, ...]:
    from mltui.evaluation.curves import at_background, efficiency_at
    from mltui.plots.roc import Chosen

    places = ((background, at_background(of, form, background)) for background in BACKGROUNDS)
    return tuple(Chosen(background, efficiency_at(of, background), at) for background, at in places if at is not None)
