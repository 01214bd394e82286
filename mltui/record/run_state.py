"""What is known of a run, as one value: where it stands, its curves, its numbers, what was changed and said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mltui.core.events import Curve
from mltui.core.process import Process
from mltui.record.series import Series

Phase = Literal["queued", "waiting", "training", "paused", "finished", "stopped", "failed", "interrupted"]
"""Where a run stands. One that is queued waits for its turn; one that waits is being started."""
RUNNING: frozenset[Phase] = frozenset({"waiting", "training"})
LIVING: frozenset[Phase] = RUNNING | {"paused"}
KEPT: frozenset[Phase] = frozenset({"finished", "stopped"})
"""The ends that leave a model."""
BROKEN: frozenset[Phase] = frozenset({"failed", "interrupted"})
"""The ends that a message tells of: by the worker's own word, or because it is gone without one."""
ENDED: frozenset[Phase] = KEPT | BROKEN
RESUMABLE: frozenset[Phase] = ENDED - {"finished"}


@dataclass(frozen=True)
class Change:
    """A value changed while the run trained.

    Attributes:
        step: where training was on its axis. member: the model that was trained then, an index into the members.
        key: the dotted key of the setting. before, value: what it was until then and from then on; None for no value.
    """

    step: float
    key: str
    value: Any
    before: Any = None
    member: int = 0


@dataclass(frozen=True)
class Left:
    """How an attempt at a run left it: its phase, and what it said of its end, which the next one may yet go on from.

    Attributes:
        warnings: how many there were.
    """

    phase: Phase
    seconds: float | None
    message: str
    cause: str
    log: str
    warnings: int


@dataclass(frozen=True)
class RunState:
    """A run as its events tell it.

    Attributes:
        run: the run's id.
        phase: where the run stands, by its own word; a dead worker says nothing, which `runs` calls interrupted.
        since: from when on, in seconds since 1970 by the worker's clock; None before its first word.
        host: the machine its worker is or was on, where `runs` knows it.
        started: the fields of the started event.
        curves: the declared curves, in order.
        series: the points of each declared curve.
        reading: while the data are read, the share that is done, 0 to 1; else None.
        step, total: where training is on its axis, and where it ends if that is known; of several models, the one that
            is trained now or was last.
        done: the share of the work done, 0 to 1.
        rate: steps a second. seconds_left: None where unknown.
        metrics: by part, as the contract names them, once evaluated.
        spread: by part, each metric's mean and deviation over the folds or seeds, where there are any.
        yields: by part, what its rows say of the expected events of each process.
        variations: by part and name, the numbers of the systematic variations.
        importance: by part, the permutation importance of each variable, as core.permutation has it.
        pipeline: what was done to the inputs, and each variable before and after it.
        member: the model that is trained now, an index into `members`.
        openings: how often the sealed test part has been opened.
        kept: the step whose model is kept, or None; at the end of a run of several models their rounded mean.
        changes: of values while it trained, in order of time.
        snapshots: the files of the kept snapshots with their steps, in order of time.
        resources: what the last attempt took of the machine, as its event says; of a worker that died its last word.
        message: why the run failed, one sentence. cause, log: the failed event's.
        left: while another attempt at the run has not begun to train, how the one before left it; else None.
        refused: why an attempt to resume the run ended before it began, one sentence; empty where it did begin.
    """

    run: str = ""
    phase: Phase = "waiting"
    since: float | None = None
    host: str = ""
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
    spread: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    yields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    importance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    member: int = 0
    openings: int = 0
    kept: float | None = None
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    snapshots: tuple[tuple[float, str], ...] = ()
    resources: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    cause: str = ""
    log: str = ""
    left: Left | None = None
    refused: str = ""
    begun: float | None = None
    last_seq: int = -1
    attempt: int = 0

    @property
    def ended(self) -> bool:
        """Whether the run has said its last word."""
        return self.phase in ENDED

    @property
    def steered(self) -> bool:
        """Whether a value was changed while the run trained, so that its experiment alone does not make its numbers."""
        return bool(self.changes)

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
