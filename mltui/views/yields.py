"""The yields: the expected events of each process, and what is left of them above the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.evaluation.significance import FORMULAS, Formula
from mltui.plots.words import NOTHING, ROWS, measured, place, threshold
from mltui.views.cutting import (
    best,
    cut_of,
    cut_table,
    found_cuts,
    process_names,
    processes,
    significance_of,
    uncertainty,
)
from mltui.views.derived import judged, remembered
from mltui.views.numbers_of import Numbers, Table
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.ranked_yields import RankedYields


class YieldsView(ScoredView):
    """Expected events by process, all and above the threshold, and how the signal stands out."""

    name = "yields"
    title = "Yields"
    promise = "how many events of each process pass the threshold"
    help = (
        "Shows, for each process of the data (or each class), how many events its rows stand for: all of them, and "
        "those whose score is above the threshold, with the statistical error. Effective is how many rows of weight "
        "one would say as much. The rows are those of the validation; as they are only a share of all rows, each "
        "process is scaled up by its whole over that share, and the last lines say by how much.\n\n"
        "S is the signal above the threshold and B the background. S/√B says how many standard deviations of the "
        "background the signal is worth; Z_A is the significance a discovery would have (Asimov), right also where B "
        "is small, and counts data.background_uncertainty. Each grows as the threshold cuts background away, and "
        "falls again where too little signal is left. Few effective events above the threshold mean a large error: do "
        "not trust a peak that rests on three rows. Weights become expected events where the samples have "
        "cross_section and generated.\n\n"
        "f draws it over the cut: how much signal and background are kept, the purity, and on the right axis Z_A, then "
        "S/√B (to discover), then S/√(S+B) (to measure), with its statistical error; dotted where fewer than 10 "
        "effective events stand behind it. ▲ is the best cut.\n\n"
        "Try next: press z, which puts the threshold to the best cut, and compare its Z_A with that of no cut at 0."
    )

    forms = ("table", *FORMULAS)

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """The curves over the cut only where there is one."""
        return cls.forms if len(shown.classes) == 2 else cls.forms[:1]

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """Also what is drawn, where that is not the table."""
        return cls.title if cls.form(shown) == "table" else f"{cls.title} by cut"

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the run has said what all rows add up to, and there are scores to count."""
        return super().ready(shown) and bool(processes(shown))

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, and how the signal stands out there."""
        found = numbers(shown)
        if len(shown.classes) != 2:
            return ""
        from mltui.plots.cuts import SIGNS

        formula = formula_of(shown)
        value, error = measured(*significance_of(found, formula, uncertainty(shown)))
        told = f"  {shown.look.sign(*SIGNS[formula])} {value}" if value != NOTHING else ""
        return f"t {threshold(shown.threshold)}{told}{f' ± {error}' if error else ''}"

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.started and not processes(shown):
            return "This run has not said what its rows add up to; a run begun now does."
        return super().empty(shown)

    @classmethod
    def inputs(cls, shown: Shown) -> tuple[object, ...]:
        """The whole data too."""
        return (*super().inputs(shown), shown.state.started, shown.state.yields)

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too."""
        return (*super().by_hand(shown), shown.threshold)

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """The table with its sums, and whence the numbers are."""
        from mltui.plots.cuts import cut_curves
        from mltui.plots.yields import yields

        part = judged(shown)
        assert part is not None
        if self.form(shown) != "table":
            return cut_curves(
                found_cuts(shown), width, height, shown.look,
                threshold=shown.threshold, formula=formula_of(shown), uncertainty=uncertainty(shown),
                here=cut_of(found_cuts(shown), numbers(shown)), classes=(shown.classes[0], shown.classes[1]),
            )  # fmt: skip
        luminosity = shown.state.started.get("luminosity")
        return yields(
            numbers(shown), width, height, shown.look,
            classes=shown.classes, part=part[0], note=_rows(shown, *part),
            luminosity=luminosity if isinstance(luminosity, int | float) else None, uncertainty=uncertainty(shown),
        )  # fmt: skip

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """The yields, and what is above each cut."""
        if not cls.ready(shown):
            return Numbers()
        found, formula = numbers(shown), formula_of(shown)
        listed = list(found.get("processes") or ())
        table = Table("processes", {name: [one[name] for one in listed] for name in (listed[0] if listed else ())})
        if len(shown.classes) != 2:
            return Numbers({}, (table,))
        sums = {
            name: found.get(name) for name in ("threshold", "signal", "signal_error", "background", "background_error")
        }
        for name in FORMULAS:
            sums[name], sums[f"{name}_error"] = significance_of(found, name, uncertainty(shown))
        top, known = best(shown, formula), found_cuts(shown)
        told = {"best_by": formula, "background_uncertainty": uncertainty(shown)} if top is not None else {}
        if top is not None:
            told |= {f"best_{name}": value for name, value in top.document().items() if name != "tempting"}
        return Numbers({**sums, **told}, (table, *([] if known is None else [cut_table(known, formula, shown)])))


def formula_of(shown: Shown) -> Formula:
    """The significance that is looked at: that of the curves, else that of a discovery."""
    form = YieldsView.form(shown)
    return next((formula for formula in FORMULAS if formula == form), "asimov")


def best_threshold(shown: Shown) -> float | None:
    """The best cut by the significance that is looked at."""
    found = best(shown, formula_of(shown))
    return None if found is None else found.threshold


def numbers(shown: Shown) -> Mapping[str, Any]:
    """The yields at the threshold: those the run worked out where it is theirs, else of the rows that are scored."""
    part = judged(shown)
    if part is None:
        return {}
    told = shown.state.yields.get(part[0]) or {}
    if shown.cursor is None and (len(shown.classes) != 2 or told.get("threshold") == shown.threshold) and told:
        return told
    return _counted(part[1], processes(shown), process_names(shown), shown.classes, shown.threshold)


def _counted(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...], threshold: float
) -> Mapping[str, Any]:
    return _of(scores, processes, names if len(scores.process) else (), classes, threshold)


@remembered
def _of(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...], threshold: float
) -> Mapping[str, Any]:
    return _ranked(scores, processes, names, classes).at(threshold).document()


@remembered
def _ranked(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...]
) -> RankedYields:
    from mltui.evaluation.ranked_yields import ranked_yields

    return ranked_yields(scores, processes, names, classes)


def _rows(shown: Shown, part: str, scores: Scores) -> str:
    """Whether these are all rows of the part, and of which moment, where that is not the end."""
    state = shown.state
    size = (state.started.get("parts") or {}).get(part)
    sample = f"a sample of {len(scores):,} of its {size:,} rows" if isinstance(size, int) and size > len(scores) else ""
    if state.ended and shown.cursor is None:
        told = state.yields.get(part) and numbers(shown) is state.yields[part]
        return sample if sample and not told else ""
    assert shown.snapshot is not None
    name = str(state.started.get("axis") or "step")
    moment = "" if name == ROWS else f"the model at {place(name, shown.snapshot.step)}"
    return ", ".join(filter(None, ("" if state.ended else "live", moment, sample)))
