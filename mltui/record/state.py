"""What is known of a run: its events folded into one value, the same live, afterwards, and from another terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mltui.core.events import EVENT_FORMAT, Curve, Event, finite
from mltui.core.process import Process
from mltui.record.series import Series

_MOST_WARNINGS = 1000
Phase = Literal["waiting", "training", "paused", "finished", "stopped", "failed"]
RUNNING: frozenset[Phase] = frozenset({"waiting", "training"})
LIVING: frozenset[Phase] = RUNNING | {"paused"}
KEPT: frozenset[Phase] = frozenset({"finished", "stopped"})
"""The ends that leave a model."""
ENDED: frozenset[Phase] = KEPT | {"failed"}


@dataclass(frozen=True)
class Change:
    """A value changed while the run trained."""

    step: float
    key: str
    value: Any


@dataclass(frozen=True)
class RunState:
    """A run as its events tell it.

    Attributes:
        run: the run's id.
        phase: where the run stands, by its own word; a dead worker says nothing (see `runs`).
        started: the fields of the started event.
        curves: the declared curves, in order.
        series: the points of each declared curve.
        reading: while the data are read, the share that is done, 0 to 1; else None.
        step, total: where training is on its axis, and where it ends if that is known; of several models, the one that
            is trained now or was last.
        done: the share of the work done, 0 to 1.
        rate: steps a second. seconds_left: None where unknown.
        metrics: by part, as the contract names them, once evaluated.
        folds: by part, each metric's mean and deviation over the folds, where there are folds.
        yields: by part, what its rows say of the expected events of each process.
        variations: by part and name, the numbers of the systematic variations.
        pipeline: what was done to the inputs, and each variable before and after it.
        member: the model that is trained now, an index into `members`.
        openings: how often the sealed test part has been opened.
        kept: the step whose model is kept, or None; at the end of a run with folds their rounded mean.
        snapshots: the files of the kept snapshots with their steps, in order of time.
        message: why the run failed, one sentence. cause, log: the failed event's.
    """

    run: str = ""
    phase: Phase = "waiting"
    started: Mapping[str, Any] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    series: tuple[Series, ...] = ()
    reading: float | None = None
    step: float = 0
    total: float | None = None
    done: float = 0.0
    rate: float | None = None
    seconds_left: float | None = None
    seconds: float | None = None
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    folds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    yields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    member: int = 0
    openings: int = 0
    kept: float | None = None
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    snapshots: tuple[tuple[float, str], ...] = ()
    message: str = ""
    cause: str = ""
    log: str = ""
    begun: float | None = None
    last_seq: int = -1
    attempt: int = 0

    @property
    def ended(self) -> bool:
        """Whether the run has said its last word."""
        return self.phase in ENDED

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the models that the run trains, in order; one without a name where it trains one."""
        names = self.started.get("members")
        return tuple(map(str, names)) if isinstance(names, list | tuple) and names else ("",)

    @property
    def processes(self) -> tuple[Process, ...]:
        """What all rows add up to, process by process; none where the run has not said."""
        return tuple(Process.read(entry) for entry in self.started.get("processes") or ())

    def curve(self, name: str, part: str, member: str = "") -> Series | None:
        """The points of a declared curve, or None where the run does not have it."""
        for curve, series in zip(self.curves, self.series, strict=True):
            if (curve.name, curve.part, curve.member) == (name, part, member):
                return series
        return None

    def latest(self, name: str, part: str) -> float | None:
        """The last value of a curve of the model that is trained now that is a number, or None."""
        series = self.curve(name, part, self.members[self.member])
        if series is None:
            return None
        for value in series.values[::-1]:
            if not math.isnan(value):
                return float(value)
        return None


def fold(state: RunState, events: Iterable[Event]) -> RunState:
    """The state after these events. Repeated sequence numbers are dropped, unknown kinds ignored.

    An event whose fields are not what its kind promises changes nothing, and the state says so among its warnings.
    """
    for event in events:
        if event.seq <= state.last_seq:
            continue
        step = _FOLDS.get(event.kind)
        if step is not None:
            try:
                state = step(state, event.fields, event)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                state = _warned(state, f"an event that cannot be read was passed over ({event.kind}, {event.seq})")
        state = replace(state, last_seq=event.seq, attempt=event.attempt)
    return state


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
        warnings=state.warnings if state.attempt == event.attempt else (),  # said while it was being prepared
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
    member = int(fields.get("member", 0))
    if not all(map(math.isfinite, steps)):
        raise ValueError("a point must stand somewhere on the axis")
    if not 0 <= member < len(state.members):
        raise ValueError("there is no such model")
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
        for name in ("metrics", "folds", "yields", "variations")
        if fields.get(name)
    }
    return replace(state, **found, openings=state.openings if opening is None else int(opening))


def _pipeline(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    lists = {name: list(fields[name]) for name in ("steps", "variables", "outputs")}
    return replace(state, pipeline={**fields, **lists})


def _snapshot(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    kept = tuple(fields["files"])
    return replace(state, snapshots=tuple((float(step), str(file)) for step, file in kept))


def _changed(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    change = Change(float(fields["step"]), str(fields["key"]), fields["value"])
    return replace(state, changes=(*state.changes, change))


def _warning(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    return _warned(state, str(fields["message"]))


def _warned(state: RunState, message: str) -> RunState:
    if len(state.warnings) >= _MOST_WARNINGS:
        return state
    return replace(state, warnings=(*state.warnings, message))


def _resumed(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
    start = float(fields["from"])
    return replace(
        state,
        phase="training",
        series=tuple(s.before(start) for s in state.series),
        step=start,
        snapshots=tuple(kept for kept in state.snapshots if kept[0] <= start),
        changes=tuple(change for change in state.changes if change.step <= start),
        seconds=None,
        message="",
        cause="",
        log="",
    )


def _number(value: Any) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _ended(phase: Phase) -> Any:
    def end(state: RunState, fields: Mapping[str, Any], _: Event) -> RunState:
        return replace(
            state,
            phase=phase,
            reading=None,
            done=1.0 if phase == "finished" else state.done,
            seconds_left=None,
            seconds=_number(fields.get("seconds")),
            kept=_number(fields.get("kept", state.kept)),
            message=str(fields.get("message", "")),
            cause=str(fields.get("cause", "")),
            log=str(fields.get("log", "")),
        )

    return end


def _phase(phase: Phase) -> Any:
    return lambda state, fields, event: replace(state, phase=phase)


_FOLDS = {
    "started": _started,
    "progress": _progress,
    "snapshot": _snapshot,
    "evaluated": _evaluated,
    "pipeline": _pipeline,
    "changed": _changed,
    "warning": _warning,
    "paused": _phase("paused"),
    "continued": _phase("training"),
    "resumed": _resumed,
    "finished": _ended("finished"),
    "stopped": _ended("stopped"),
    "failed": _ended("failed"),
}
