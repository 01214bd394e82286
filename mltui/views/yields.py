"""The yields: the expected events of each process, and what is left of them above the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.plots.words import ROWS, number, place
from mltui.views.derived import judged, remembered
from mltui.views.scored import ScoredView
from mltui.views.shown import Shown


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
        "background the signal is worth: it grows as the threshold cuts background away, and falls again where too "
        "little signal is left. Few effective events above the threshold mean a large error: do not trust a peak that "
        "rests on three rows. Weights become expected events where the samples have cross_section and generated.\n\n"
        "Try next: move the threshold with [ and ] to where S/√B is largest, and compare it with that of no cut at 0."
    )

    @classmethod
    def ready(cls, shown: Shown) -> bool:
        """Whether the run has said what all rows add up to, and there are scores to count."""
        return super().ready(shown) and bool(_processes(shown))

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, and how the signal stands out there."""
        found = numbers(shown)
        if len(shown.classes) != 2:
            return ""
        value = found.get("s_over_sqrt_b")
        root = shown.look.sign("S/√B", "S/sqrt(B)")
        return f"t {shown.threshold:.2f}" + (f"  {root} {number(value)}" if value is not None else "")

    @classmethod
    def empty(cls, shown: Shown) -> str:
        """What to wait for, or what to press."""
        if shown.state.started and not _processes(shown):
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
        from mltui.plots.yields import yields

        part = judged(shown)
        assert part is not None
        luminosity = shown.state.started.get("luminosity")
        return yields(
            numbers(shown), width, height, shown.look,
            classes=shown.classes, part=part[0], note=_rows(shown, *part),
            luminosity=luminosity if isinstance(luminosity, int | float) else None,
        )  # fmt: skip


def numbers(shown: Shown) -> Mapping[str, Any]:
    """The yields at the threshold: those the run worked out where it is theirs, else of the rows that are scored."""
    part = judged(shown)
    if part is None:
        return {}
    told = shown.state.yields.get(part[0]) or {}
    if shown.cursor is None and (len(shown.classes) != 2 or told.get("threshold") == shown.threshold) and told:
        return told
    return _counted(part[1], _processes(shown), _names(shown), shown.classes, shown.threshold)


def _names(shown: Shown) -> tuple[str, ...]:
    """What the rows' processes are an index into: the names that the samples say."""
    named = shown.state.started.get("process_names")
    if isinstance(named, list | tuple):
        return tuple(map(str, named))
    return tuple(dict.fromkeys(one.name.removesuffix(f", {one.label}") for one in _processes(shown)))


def _processes(shown: Shown) -> tuple[Process, ...]:
    """What all rows add up to; nothing where the run's own word for it is damaged."""
    try:
        return shown.state.processes
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ()


def _counted(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...], threshold: float
) -> Mapping[str, Any]:
    return _of(scores, processes, names if len(scores.process) else (), classes, threshold)


@remembered
def _of(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...], threshold: float
) -> Mapping[str, Any]:
    from mltui.evaluation.yields import yields

    return yields(scores, processes, names, classes, threshold).document()


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
