"""What the views of a cut share: what is above it in expected events, and where its significance is best."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.evaluation.significance import Formula, with_error
from mltui.views.derived import judged, remembered
from mltui.views.numbers_of import Table
from mltui.views.scored import fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.cuts import Best, Cuts


def found_cuts(shown: Shown) -> Cuts | None:
    """What is above each cut, in the events of all rows; None where there are no two classes or no scores of both."""
    part = judged(shown)
    if part is None or len(shown.classes) != 2 or not fits(part[1], shown):
        return None
    names = process_names(shown) if len(part[1].process) else ()
    return _cuts(part[1], processes(shown), names, shown.classes)


def best(shown: Shown, formula: Formula) -> Best | None:
    """The cut of the highest significance of the moment looked at."""
    found = found_cuts(shown)
    return found.best(formula, uncertainty(shown)) if found else None


def uncertainty(shown: Shown) -> float:
    """How well the run's background is known, relative."""
    told = shown.state.started.get("background_uncertainty")
    return float(told) if isinstance(told, int | float) and isfinite(told) and told >= 0 else 0.0


def significance_of(
    found: Mapping[str, Any], formula: Formula, uncertainty: float
) -> tuple[float | None, float | None]:
    """The significance of a document of yields and its statistical error; None where it is not defined."""
    sums = [found.get(name) for name in ("signal", "background", "signal_error", "background_error")]
    s, b, s_error, b_error = (float(value) if isinstance(value, int | float) else nan for value in sums)
    value, error = (float(one) for one in with_error(s, b, s_error, b_error, formula, uncertainty))
    return (value, error if isfinite(error) else None) if isfinite(value) else (None, None)


def cut_of(found: Cuts | None, told: Mapping[str, Any]) -> Cuts | None:
    """The cut at the threshold that a document of yields is of."""
    sums = [told.get(name) for name in ("signal", "signal_error", "background", "background_error")]
    known = [float(value) for value in sums if isinstance(value, int | float)]
    if found is None or len(known) < len(sums):
        return None
    return found.of_sums(known[0], known[1], known[2], known[3])


def cut_table(found: Cuts, formula: Formula | None, shown: Shown, name: str = "cuts") -> Table:
    """What is above each cut, from the loosest to the strictest, as columns."""
    columns: dict[str, Any] = {"threshold": found.thresholds[::-1]}
    sides = (("signal", found.signal), ("background", found.background))
    shares = [(f"{side}_efficiency", of.efficiency) for side, of in sides]
    for share, (values, errors) in (*shares, ("purity", found.purity)):
        columns |= {share: values[::-1], f"{share}_error": errors[::-1]}
    if formula is not None:
        for side, of in sides:
            columns |= {side: of.sums[::-1], f"{side}_effective": of.effective[::-1]}
        values, errors = found.significance(formula, uncertainty(shown))
        columns |= {formula: values[::-1], f"{formula}_error": errors[::-1]}
    return Table(name, columns, "line", "threshold", "cut on the score", "share, events or significance")


def process_names(shown: Shown) -> tuple[str, ...]:
    """What the rows' processes are an index into: the names that the samples say."""
    named = shown.state.started.get("process_names")
    if isinstance(named, list | tuple):
        return tuple(map(str, named))
    return tuple(dict.fromkeys(one.name.removesuffix(f", {one.label}") for one in processes(shown)))


def processes(shown: Shown) -> tuple[Process, ...]:
    """What all rows add up to; nothing where the run's own word for it is damaged."""
    try:
        return shown.state.processes
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ()


@remembered
def _cuts(
    scores: Scores, processes: tuple[Process, ...], names: tuple[str, ...], classes: tuple[str, ...]
) -> Cuts | None:
    from mltui.evaluation.cuts import cuts

    return cuts(scores, processes, names, classes)
