"""The reporter: a trainer tells it what happens, within bounds, and hears through it what is asked of the trainer."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from mltui.core.errors import InputError
from mltui.core.events import CURVE_PARTS, EVENT_FORMAT, OUT_OF_BAG, Curve, CurvePart
from mltui.core.found import Found
from mltui.core.hyperparameters import Value
from mltui.core.sections import Part, Task
from mltui.core.snapshot import Layers
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.training.gate import Gate, Stopped

__all__ = [
    "LIVE_METRICS", "SIGNIFICANCE", "Pictures", "Predict", "Reporter", "Stopped", "Turn", "live_curves", "live_metrics",
]  # fmt: skip

Predict = Callable[[Inputs], Floats]
Emit = Callable[..., Any]
Change = Callable[[str, Value], Mapping[str, Any]]
"""Sets a value (dotted key, value) of a fit under way; gives what the changed event says beside key and value.

Raises:
    InputError: where it cannot be that value.
"""
_NOTHING: Mapping[Part, Floats] = MappingProxyType({})
INTERVAL = 0.1
"""Seconds between two progress events at the least."""
WINDOW = 3.0
"""Seconds over which the rate is taken."""
SETTLING = 0.5
"""Seconds before the time left is said: the first steps still load libraries and would frighten."""
LIVE_METRICS: dict[Task, dict[str, bool]] = {
    "classification": {"loss": False, "accuracy": True, "auc": True},
    "regression": {"loss": False, "rmse": False, "r2": True},
}
"""The live curves of each task, and whether higher is better."""
SIGNIFICANCE = "significance"
"""The live curve of a signal in a background whose rows stand for events."""


def live_metrics(task: Task, *, expected: bool = False) -> dict[str, bool]:
    """The live curves of a run, and whether higher is better.

    Args:
        expected: whether the rows stand for events of a signal and a background; then there is their significance too.
    """
    return {**LIVE_METRICS[task], **({SIGNIFICANCE: True} if expected else {})}


def live_curves(
    task: Task, axis: str, parts: Sequence[CurvePart], also: Sequence[str] = (), *, expected: bool = False
) -> tuple[Curve, ...]:
    """The usual curves of a run: the quick metrics of train and, where there is one, validation.

    Args:
        also: the names of losses beside them, which come first.
        expected: as in `live_metrics`.
    """
    named = {**dict.fromkeys(also, False), **live_metrics(task, expected=expected)}
    return tuple(
        Curve(name, part, axis, "higher" if higher else "lower")
        for name, higher in named.items()
        for part in CURVE_PARTS
        if part in parts
    )


@dataclass(frozen=True)
class Turn:
    """One of the models that a run trains: its name, empty for one alone, and the parts that its curves are of."""

    name: str = ""
    parts: tuple[Part, ...] = ("train", "validation")


class Inside(Protocol):
    """Looks into a model: at what the layers of a network make of inputs, or at what an estimator found.

    It must leave the model and every generator as they were.
    """

    def __call__(self, points: Inputs | None, plane: Inputs | None = None) -> Layers | Found:
        """What it holds.

        Args:
            points: shape (points, inputs). plane: shape (rows, columns, inputs), a grid. None for nothing.
        """
        ...


class Pictures(Protocol):
    """Who draws what the model says at a moment, for the eye and to keep."""

    def look(
        self, step: float, predict: Predict, inside: Inside | None = None, known: Mapping[Part, Floats] = _NOTHING
    ) -> None:
        """A whole step is done: keep a snapshot if the schedule says so, write a live frame if somebody looks.

        Args:
            known: by part, scores that are known already, of a fixed sample of its rows (`Rows.sample`).
        """
        ...

    def glance(self, step: float, predict: Predict, inside: Inside | None = None) -> None:
        """Between two steps: write a live frame if somebody looks and it is time for one."""
        ...

    def changed(self) -> list[tuple[float, str]] | None:
        """The kept snapshots as (step, file), if they are others than at the last call."""
        ...


class Reporter:
    """Takes a trainer's points, reports them at most ten times a second, and holds the trainer where a user asks.

    Every method but `tick` belongs to the training thread. Reporting follows the clock; nothing that it does reaches
    back into the numbers of the training. A trainer that is stopped at a checkpoint gives back the model it has; one
    that has none yet lets `Stopped` pass.

    Of several models one is reported on at a time; `member` goes on to the next.

    Attributes:
        position: where training is on its axis.
        stopped: whether a checkpoint has stopped it.

    Args:
        emit: called as emit(kind, **fields) for each event, such as `EventWriter.emit`.
        about: what the started event says beside curves and total.
        gate: where wishes arrive; a gate of its own, always open, without one.
        pictures: who draws; nobody without one.
        clock: seconds, never going back.
        turns: the models, in the order of their training.
        opened: called once the started event is said.
        resumed: of a run that goes on, the model that is trained first, an index into the turns, and where on its axis;
            those before it are not trained any more.
    """

    def __init__(
        self,
        emit: Emit,
        about: Mapping[str, Any] | None = None,
        gate: Gate | None = None,
        pictures: Pictures | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        turns: Sequence[Turn] = (Turn(),),
        opened: Callable[[], None] = lambda: None,
        resumed: tuple[int, float] | None = None,
    ) -> None:
        self._turns, self._turn, self._opened = tuple(turns), resumed[0] if resumed else 0, opened
        self._spent: list[float] = []
        self._emit = emit
        self._about = dict(about or {})
        self._gate = gate or Gate()
        self._pictures = pictures
        self._clock = clock
        self._lock = threading.Lock()
        self._curves: tuple[Curve, ...] = ()
        self._total: float | None = None
        self._steps: list[float] = []
        self._columns: list[list[float | None]] = []
        self._moments: deque[tuple[float, float]] = deque()
        self._idle = 0.0
        self._turned = clock()
        self._began = 0.0
        self._due = 0.0
        self._unsaid = False
        self._kept: float | None = None
        self._predict: Predict | None = None
        self._inside: Inside | None = None
        self._change: Change | None = None
        self._resumed = resumed
        self.position = 0.0
        self.stopped = False

    def member(self, index: int, pictures: Pictures | None = None) -> Reporter:
        """The reporter of one of the models, which is trained from now on; those before it have all been said.

        Args:
            pictures: who draws this one.
        """
        if index == self._turn:
            self._pictures = pictures or self._pictures
            return self
        self.flush()
        with self._lock:
            self._turn = index
            self._pictures, self._predict, self._inside, self._change = pictures, None, None, None
            self._curves, self._columns, self._total = (), [], None
            self._moments.clear()
            self._spent.append(self._active() - self._turned)
            self._turned = self._active()
            self._kept, self.position, self._unsaid = None, 0.0, False
        self._gate.again()
        return self

    # -- what a trainer tells ------------------------------------------------------------------------------------
    def start(self, curves: Sequence[Curve], total: float | None, change: Change | None = None) -> None:
        """Declare a model's curves, once, before its first point; total is where the axis ends, or None if unknown.

        Args:
            change: called for each value that is to be changed while it trains, at a checkpoint; nothing can be
                without it.

        Raises:
            Stopped: where the run is asked to stop while it waits for its first step.
        """
        resumed = self._resumed if self._resumed is not None and self._resumed[0] == self._turn else None
        begun = resumed[1] if resumed else 0.0
        with self._lock:
            self._curves = tuple(curves)
            self._columns = [[] for _ in self._curves]
            self._total = total
            self._change = change
            self._began = self._active()
            self.position = begun
            self._moments.append((self._began, begun))
            self._unsaid = self._turn > 0
        if resumed:
            self._emit("resumed", step=begun, member=self._turn, **{"from": begun})
        elif self._turn == 0:
            self._say_started(total)
        self._due = self._clock() + INTERVAL
        if self._gate.attention and not self._gate.stopping:  # a first step begins here
            self._attend(begun)

    def _say_started(self, total: float | None) -> None:
        """The first model's curves stand for all: each has those of its own parts."""
        every = [
            replace(c, member=turn.name)
            for turn in self._turns
            for c in self._curves
            if c.part in (*turn.parts, OUT_OF_BAG)
        ]
        fields = {**self._about, "format": EVENT_FORMAT, "total": total, "curves": [c.document() for c in every]}
        if len(self._turns) > 1:
            fields["members"] = [turn.name for turn in self._turns]
        self._emit("started", **fields)
        self._opened()

    def point(self, step: float, values: Sequence[float | None]) -> None:
        """A point on every declared curve, in their order; None is a gap."""
        with self._lock:
            self._steps.append(step)
            for column, value in zip(self._columns, values, strict=True):
                column.append(value)
            self.position = step
            self._unsaid = True
        if self._clock() >= self._due:
            self.flush()

    def metrics(self, step: float, by_part: Mapping[Any, Mapping[str, float]]) -> None:
        """A point from metrics by part and name; a declared curve that is not among them gets a gap."""
        self.point(step, [by_part.get(curve.part, {}).get(curve.name) for curve in self._curves])

    def checkpoint(self, step: float) -> None:
        """Called at each batch or tree with the place on the axis, fractions within an epoch: may the loop go on?

        Blocks while the run is paused. Costs about as much as reading a clock.

        Raises:
            Stopped: where the run is asked to stop and keep.
        """
        if step > self.position:
            self.position = step
            self._unsaid = True
        if self._gate.attention:
            self._attend(step)
        if self._clock() >= self._due:
            self.flush()
            self._glance(step)

    def look(
        self,
        step: float,
        predict: Predict,
        *,
        lasting: bool = False,
        inside: Inside | None = None,
        known: Mapping[Part, Floats] = _NOTHING,
    ) -> None:
        """Show the model as it is at this step: called after every epoch or tree, drawn when it is time.

        Args:
            predict: asked for scores at once, if at all; it must leave the model and every generator as they were.
            lasting: whether it may also be asked at later checkpoints, for a model that moves between its steps.
            inside: what it holds; asked like `predict`.
            known: as `Pictures.look` takes it.
        """
        self._predict, self._inside = (predict, inside) if lasting else (None, None)
        if self._pictures:
            self._pictures.look(step, predict, inside, known)
            self._unsaid = True

    def _glance(self, step: float) -> None:
        if self._predict and self._pictures:
            self._pictures.glance(step, self._predict, self._inside)

    @property
    def inside(self) -> Inside | None:
        """Looks into the network that is trained, or has been; None where there is none."""
        return self._inside

    def kept(self, step: float) -> None:
        """The best step so far: the one whose model will be kept."""
        self._kept = step
        self._unsaid = True

    def warning(self, message: str) -> None:
        """One sentence that the user should see; training goes on."""
        self._emit("warning", message=message)

    # -- what goes out -------------------------------------------------------------------------------------------
    def tick(self) -> None:
        """From another thread, now and then: let out what waits, where the trainer is long about its next step."""
        if self._curves and self._clock() >= self._due:  # nothing is said before the start is
            self.flush()

    def flush(self) -> None:
        """Let out everything that waits; always called a last time by the worker."""
        with self._lock:
            self._due = self._clock() + INTERVAL
            files = self._pictures.changed() if self._pictures else None
            if self._unsaid:
                self._unsaid = False
                self._emit("progress", **self._progress())
            if files is not None:
                self._emit("snapshot", files=files)

    def _progress(self) -> dict[str, Any]:
        steps, columns = self._steps, self._columns
        self._steps, self._columns = [], [[] for _ in self._curves]
        rate = self._rate()
        share = min(1.0, self.position / self._total) if self._total else 0.0
        done = (self._turn + share) / len(self._turns)
        fields: dict[str, Any] = {"axis": steps, "columns": columns, "rate": rate, "done": done, "seconds_left": None}
        if self._total and rate and self._active() - self._began >= SETTLING:
            fields["seconds_left"] = self._seconds_left(rate, self._total)
        if self._kept is not None:
            fields["kept"] = self._kept
        if len(self._turns) > 1:
            fields |= {"member": self._turn, "total": self._total}
        return fields

    def _seconds_left(self, rate: float, total: float) -> float:
        """For the rest of this model, and for each to come as long as those before it took, or as this one will."""
        own = max(0.0, total - self.position) / rate
        if self._turn + 1 == len(self._turns):
            return own
        each = sum(self._spent) / len(self._spent) if self._spent else total / rate
        return own + (len(self._turns) - self._turn - 1) * each

    def _active(self) -> float:
        """Seconds spent training, pauses left out."""
        return self._clock() - self._idle

    def _rate(self) -> float | None:
        now = self._active()
        self._moments.append((now, self.position))
        while len(self._moments) > 2 and self._moments[1][0] <= now - WINDOW:
            self._moments.popleft()
        then, position = self._moments[0]
        return (self.position - position) / (now - then) if now > then else None

    # -- what is asked of the trainer ----------------------------------------------------------------------------
    def _attend(self, step: float) -> None:
        self._take_changes(step)
        try:
            if not self._gate.may_pass(step):
                self._pause(step)
        except Stopped:
            self.stopped = True
            raise

    def _pause(self, step: float) -> None:
        began = self._clock()
        self.flush()
        self._emit("paused", step=step)
        while not self._gate.may_pass(step):
            self._take_changes(step)
            self._glance(step)
            self._gate.wait(0.5)
        self._take_changes(step)
        self._idle += self._clock() - began
        self._emit("continued", step=step)

    def _take_changes(self, step: float) -> None:
        for key, value in self._gate.take_changes():
            self.change(step, key, value)

    def change(self, step: float, key: str, value: Value) -> None:
        """Change a value of the fit under way, and say so; one that cannot be changed is answered by a warning."""
        if self._change is None:
            self.warning(f"{key} cannot be changed while this model trains")
            return
        try:
            also = self._change(key, value)
        except InputError as error:
            self.warning(error.sentence)
            return
        self.flush()
        self._emit("changed", step=step, key=key, value=value, member=self._turn, **also)
