"""The curves of a run that trains several models: those of each fold or seed thin, their mean in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mltui.core.members import each, kind
from mltui.plots import words
from mltui.plots.numbers import Spread
from mltui.record.state import RunState

if TYPE_CHECKING:
    from mltui.plots.curve import Line, LineRole

_ROLES: Mapping[tuple[bool, str], LineRole] = {
    (False, "train"): "train",
    (False, "validation"): "validation",
    (False, "out_of_bag"): "out_of_bag",
    (True, "train"): "previous_train",
    (True, "validation"): "previous_validation",
    (True, "out_of_bag"): "previous_train",
}


def which(state: RunState) -> str:
    """``fold 3 of 5`` while one is trained; at the end what the numbers are of."""
    return said(state) if state.ended else last(state)


def last(state: RunState) -> str:
    """``fold 3 of 5`` or ``refit``: the model that was trained last."""
    return words.member(state.members, state.member, " of ")


def asked(state: RunState) -> str:
    """``5 folds`` or ``8 seeds``, as the experiment asks for; nothing where it asks for one model."""
    return words.count(len(each(state.members)), kind(state.members)) if kind(state.members) else ""


def of(state: RunState) -> str:
    """``fold`` or ``seed``: what the run trains a model each of; nothing where it trains one."""
    return kind(state.members)


def spread(state: RunState) -> Spread:
    """How far the models lie apart, for a table of numbers."""
    return Spread(f"over {kind(state.members)}s", state.spread)


def said(state: RunState) -> str:
    """``5 folds``, or ``2 of 5 folds`` where the run ended before the others had a model; nothing of one model."""
    every = each(state.members)
    if not every:
        return ""
    begun = {c.member for c, series in zip(state.curves, state.series, strict=True) if series.length}
    trained = sum(name in begun for name in every) if begun else min(state.member + 1, len(every))
    short = state.phase != "finished" and trained < len(every)
    return f"{trained} of {asked(state)}" if short else asked(state)


def lines(state: RunState, metric: str, *, previous: bool) -> list[Line]:
    """The lines of a metric; of folds or seeds the means, and unless they stand behind, each one's validation."""
    from mltui.plots.curve import Line

    several: dict[str, list[Line]] = {}
    found: list[Line] = []
    every = each(state.members)
    for curve, series in zip(state.curves, state.series, strict=True):
        if curve.name != metric or not series.length:
            continue
        if curve.member in every:
            line = Line(f"each {kind(state.members)}", series.steps, series.values, "member")
            several.setdefault(curve.part, []).append(line)
        elif not curve.member:
            found.append(Line(curve.part.replace("_", " "), series.steps, series.values, _ROLES[previous, curve.part]))
        elif not previous:  # a last fit on everything: it has no validation, and is no part of a mean
            found.append(Line(curve.member, series.steps, series.values, "refit"))
    return [*found, *_means(several, state, previous=previous)]


def _means(several: Mapping[str, list[Line]], state: RunState, *, previous: bool) -> list[Line]:
    from mltui.plots.curve import mean_line

    found = [] if previous else list(several.get("validation", ()))
    for part, own in several.items():
        done = own if state.ended else own[: state.member]
        until = min((float(line.xs[-1]) for line in done), default=None)
        found.append(mean_line(f"{part} mean".replace("_", " "), own, _ROLES[previous, part], until))
    return found
