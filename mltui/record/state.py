"""The events of a run folded into its state, the same live, afterwards, and from another terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mltui.core.events import EVENT_FORMAT, Curve, Event, finite
from mltui.record.gathering import gathered, together
from mltui.record.run_state import BROKEN, ENDED, KEPT, LIVING, RESUMABLE, RUNNING, Change, Left, Phase, RunState
from mltui.record.series import Series

__all__ = [
    "BROKEN",
    "ENDED",
    "KEPT",
    "LIVING",
    "RESUMABLE",
    "RUNNING",
    "Change",
    "Phase",
    "RunState",
    "anew",
    "fold",
    "thinned",
    "unbegun",
]

_MOST_WARNINGS = 1000
_WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_Fold = Callable[[RunState, Mapping[str, Any], Event], RunState]


def fold(state: RunState, events: Iterable[Event]) -> RunState:
    """The state after these events. Repeated sequence numbers are dropped, unknown kinds ignored.

    An event whose fields are not what its kind promises changes nothing, and the state says so among its warnings.
    """
    for group in gathered(events, state.last_seq):
        told = _all(state, group) if len(group) > 1 and state.phase != "waiting" else None
        if told is not None:
            state = told
            continue
        for event in group:
            state = _one(state, event)
    return state


def thinned(state: RunState, most: int | None) -> RunState:
    """The state with no curve of that many points or more: an eye that follows a run for days needs no more of it."""
    if most is None or all(series.length < most for series in state.series):
        return state
    return replace(state, series=tuple(series.thinned(most) for series in state.series))


def _all(state: RunState, group: Sequence[Event]) -> RunState | None:
    """The state after progress that is told in one, or None where one by one must tell what is wrong with it."""
    event = together(group)
    if event.attempt != state.attempt:
        return None
    try:
        state = _progress(state, event.fields, event)
    except _WRONG:
        return None
    return replace(state, last_seq=event.seq)


def _one(state: RunState, event: Event) -> RunState:
    before = state.phase if state.since is not None else None
    if state.last_seq >= 0 and event.attempt > state.attempt:
        state = anew(state)
    step = _FOLDS.get(event.kind)
    if step is not None:
        try:
            state = step(state, event.fields, event)
        except _WRONG:
            state = _warned(state, f"an event that cannot be read was passed over ({event.kind}, {event.seq})")
    since = state.since if state.phase == before else event.time
    return replace(state, last_seq=event.seq, attempt=event.attempt, since=since)


def unbegun(state: RunState, phase: Phase, *, message: str = "", cause: str = "", log: str = "") -> RunState:
    """What is left of a run when another attempt at it ends before it begins to train.

    What the attempt before had kept is kept still, and its end stands; else this is an end like any other.

    Args:
        phase: how the attempt ended: stopped, failed or interrupted.
        message, cause, log: of one that did not end well.
    """
    left = state.left
    state = replace(state, left=None, reading=None, rate=None, seconds_left=None, refused=message)
    if left is None or not (left.phase in KEPT or (left.phase == "failed" and phase == "stopped")):
        return replace(state, phase=phase, message=message, cause=cause, log=log)
    return replace(
        state, phase=left.phase, seconds=left.seconds, message=left.message, cause=cause or left.cause, log=left.log
    )


def anew(state: RunState) -> RunState:
    """The state as another attempt at the run is made: it may go on from what there is, or begin anew."""
    left = Left(state.phase, state.seconds, state.message, state.cause, state.log, len(state.warnings))
    return replace(
        state, left=state.left or left, phase="waiting", reading=None, rate=None, seconds_left=None, seconds=None,
        message="", cause="", log="", refused="",
    )  # fmt: skip


def _started(state: RunState, fields: Mapping[str, Any], event: Event) -> RunState:
    curves = tuple(Curve.read(c) for c in fields.get("curves", ()))
    state = RunState(
        run=str(fields.get("run", "")),
        phase="training",
        started=fields,
        curves=curves,
        series=tuple(Series.empty() for _ in curves),
        total=_number(fields.get("total")),
        begun=event.time,
        openings=state.openings,
        since=state.since,
        warnings=state.warnings[state.left.warnings if state.left else 0 :],  # said while it was being prepared
    )
    written = fields.get("format", EVENT_FORMAT)
    if isinstance(written, int) and written > EVENT_FORMAT:
        state = _warned(state, f"a newer mltui wrote this run (format {written}); what it added is not shown")
    return state


def _progress(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    if "reading" in fields:
        share = _number(fields["reading"])
        return replace(state, reading=None if share is None else min(max(share, 0.0), 1.0))
    steps = [float(step) for step in fields.get("axis", [])]
    columns = fields.get("columns", [])
    member = _member(state, fields.get("member", 0))
    if not all(map(math.isfinite, steps)):
        raise ValueError("a point must stand somewhere on the axis")
    if member != state.member:
        state = replace(state, member=member, step=0, kept=None, total=_number(fields.get("total")))
    if steps:
        state = replace(state, series=_extended(state, member, steps, columns), step=steps[-1])
    done = _number(fields.get("done"))
    return replace(
        state,
        phase="training" if state.phase == "waiting" else state.phase,
        done=state.done if done is None else min(max(done, 0.0), 1.0),
        rate=_number(fields.get("rate")),
        seconds_left=_number(fields.get("seconds_left")),
        kept=_number(fields.get("kept", state.kept)),
    )


def _extended(state: RunState, member: int, steps: list[float], columns: Any) -> tuple[Series, ...]:
    """The series with these points on the curves of one member."""
    own = [curve.member == state.members[member] for curve in state.curves]
    if len(columns) != sum(own):
        raise ValueError("a point must have a value for each curve")
    given = iter(columns)
    return tuple(
        series.extended(steps, next(given)) if mine else series for series, mine in zip(state.series, own, strict=True)
    )


def _evaluated(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    part, opening = str(fields["part"]), _number(fields.get("opening"))
    found: dict[str, Any] = {
        name: {**getattr(state, name), part: finite(dict(fields[name]))}
        for name in ("metrics", "spread", "yields", "variations", "importance")
        if fields.get(name)
    }
    return replace(state, **found, openings=state.openings if opening is None else int(opening))


def _pipeline(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    lists = {name: list(fields[name]) for name in ("steps", "variables", "outputs")}
    return replace(state, pipeline={**fields, **lists})


def _resources(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    return replace(state, resources=fields)


def _snapshot(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    kept = tuple(fields["files"])
    return replace(state, snapshots=tuple((float(step), str(file)) for step, file in kept))


def _changed(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    member = _member(state, fields.get("member", state.member))
    change = Change(float(fields["step"]), str(fields["key"]), fields["value"], fields.get("before"), member)
    return replace(state, changes=(*state.changes, change))


def _member(state: RunState, index: Any) -> int:
    """The index of one of the run's models.

    Raises:
        ValueError, TypeError: where there is none.
    """
    member = int(index)
    if not 0 <= member < len(state.members):
        raise ValueError("there is no such model")
    return member


def _warning(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    return _warned(state, str(fields["message"]))


def _warned(state: RunState, message: str) -> RunState:
    if len(state.warnings) >= _MOST_WARNINGS:
        return state
    return replace(state, warnings=(*state.warnings, message))


def _resumed(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    """Back to a checkpoint of a model: what came later, of it and of the models after it, is yet to come again."""
    start, member = float(fields["from"]), _member(state, fields.get("member", 0))
    if not math.isfinite(start):
        raise ValueError("a checkpoint must stand somewhere on the axis")
    share = min(max(start / state.total, 0.0), 1.0) if state.total else 0.0
    kept = state.kept if member == state.member and state.kept is not None and state.kept <= start else None
    return replace(
        state,
        left=None,
        phase="training",
        reading=None,
        series=tuple(_cut(state, place, member, start) for place in range(len(state.curves))),
        member=member,
        step=start,
        done=(member + share) / len(state.members),
        rate=None,
        seconds_left=None,
        seconds=None,
        kept=kept,
        metrics={},
        spread={},
        yields={},
        variations={},
        resources={},
        importance={},
        snapshots=state.snapshots if member else tuple(held for held in state.snapshots if held[0] <= start),
        changes=tuple(c for c in state.changes if (c.member, c.step) <= (member, start)),
        message="",
        cause="",
        log="",
        refused="",
    )


def _cut(state: RunState, place: int, member: int, start: float) -> Series:
    """The points of a declared curve up to a checkpoint of a model."""
    of, series = state.members.index(state.curves[place].member), state.series[place]
    if of == member:
        return series.before(start)
    return series if of < member else Series.empty()


def _number(value: Any) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _ended(phase: Phase) -> _Fold:
    def end(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
        message, cause, log = (str(fields.get(name, "")) for name in ("message", "cause", "log"))
        if state.left is not None and phase != "finished":
            return unbegun(state, phase, message=message, cause=cause, log=log)
        return replace(
            state,
            phase=phase,
            left=None,
            reading=None,
            done=1.0 if phase == "finished" else state.done,
            seconds_left=None,
            seconds=_number(fields.get("seconds")),
            kept=_number(fields.get("kept", state.kept)),
            message=message,
            cause=cause,
            log=log,
        )

    return end


def _phase(phase: Phase) -> _Fold:
    return lambda state, fields, event: replace(state, phase=phase)


_FOLDS: Mapping[str, _Fold] = {
    "started": _started,
    "progress": _progress,
    "snapshot": _snapshot,
    "evaluated": _evaluated,
    "pipeline": _pipeline,
    "resources": _resources,
    "changed": _changed,
    "warning": _warning,
    "paused": _phase("paused"),
    "continued": _phase("training"),
    "resumed": _resumed,
    "finished": _ended("finished"),
    "stopped": _ended("stopped"),
    "failed": _ended("failed"),
}
