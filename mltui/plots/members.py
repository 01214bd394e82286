"""The curves of a run that trains several models: each fold's thin, their mean in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mltui.plots import words
from mltui.record.state import RunState

if TYPE_CHECKING:
    from mltui.plots.curve import Line, LineRole

_ROLES: Mapping[tuple[bool, str], LineRole] = {
    (False, "train"): "train",
    (False, "validation"): "validation",
    (True, "train"): "previous_train",
    (True, "validation"): "previous_validation",
}
_FOLD = "fold "


def which(state: RunState) -> str:
    """``fold 3 of 5`` while one is trained; at the end what the numbers are of."""
    return said(state) if state.ended else last(state)


def last(state: RunState) -> str:
    """``fold 3 of 5`` or ``refit``: the model that was trained last."""
    return words.member(state.members, state.member, " of ")


def asked(state: RunState) -> str:
    """``5 folds``, as the experiment asks for; nothing without folds."""
    folds = sum(name.startswith(_FOLD) for name in state.members)
    return words.count(folds, "fold") if folds else ""


def said(state: RunState) -> str:
    """``5 folds``, or ``2 of 5 folds`` where the run ended before the others had a model; nothing without folds."""
    folds = [name for name in state.members if name.startswith(_FOLD)]
    if not folds:
        return ""
    begun = {c.member for c, series in zip(state.curves, state.series, strict=True) if series.length}
    trained = sum(name in begun for name in folds) if begun else min(state.member + 1, len(folds))
    short = state.phase != "finished" and trained < len(folds)
    return f"{trained} of {asked(state)}" if short else asked(state)


def lines(state: RunState, metric: str, *, previous: bool) -> list[Line]:
    """The lines of a metric; of folds the means over them, and unless they stand behind, each one's validation."""
    from mltui.plots.curve import Line

    folds: dict[str, list[Line]] = {}
    found: list[Line] = []
    for curve, series in zip(state.curves, state.series, strict=True):
        if curve.name != metric or not series.length:
            continue
        if curve.member.startswith(_FOLD):
            fold = Line("each fold", series.steps, series.values, "member")
            folds.setdefault(curve.part, []).append(fold)
        elif not curve.member:
            found.append(Line(curve.part, series.steps, series.values, _ROLES[previous, curve.part]))
        elif not previous:  # a last fit on everything: it has no validation, and is no part of a mean
            found.append(Line(curve.member, series.steps, series.values, "refit"))
    return [*found, *_means(folds, state, previous=previous)]


def _means(folds: Mapping[str, list[Line]], state: RunState, *, previous: bool) -> list[Line]:
    from mltui.plots.curve import mean_line

    found = [] if previous else list(folds.get("validation", ()))
    for part, own in folds.items():
        done = own if state.ended else own[: state.member]
        until = min((float(line.xs[-1]) for line in done), default=None)
        found.append(mean_line(f"{part} mean", own, _ROLES[previous, part], until))
    return found
