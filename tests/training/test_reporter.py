"""The reporter: bounded by the clock, complete whatever the clock says."""

from __future__ import annotations

import threading
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.events import Curve, Event
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.record.state import RunState, fold
from mltui.training.gate import Gate
from mltui.training.report import Predict, Reporter, Stopped, live_curves

LOSS = (Curve("loss", "train", "epoch", "lower"), Curve("loss", "validation", "epoch", "lower"))


class Told:
    """Collects events, by a clock that moves only when told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[Event] = []

    def emit(self, kind: str, **fields: Any) -> None:
        self.events.append(Event(len(self.events), 1, kind, self.now, fields))

    def clock(self) -> float:
        return self.now

    def reporter(self, gate: Gate | None = None, pictures: Any = None) -> Reporter:
        return Reporter(self.emit, {"run": "7", "model": "mlp"}, gate, pictures, self.clock)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [dict(event.fields) for event in self.events if event.kind == kind]

    def state(self) -> RunState:
        return fold(RunState(), self.events)


def test_the_start_declares_format_curves_and_total() -> None:
    told = Told()
    told.reporter().start(LOSS, 10)
    (started,) = told.of("started")
    assert started["format"] == 1
    assert started["run"] == "7"
    assert started["total"] == 10
    assert told.state().curves == LOSS


@given(st.lists(st.floats(0, 0.3), min_size=1, max_size=200))
def test_whatever_the_speed_every_point_arrives_and_events_stay_ten_a_second(pauses: list[float]) -> None:
    told = Told()
    reporter = told.reporter()
    reporter.start(LOSS, len(pauses))
    for step, pause in enumerate(pauses, 1):
        told.now += pause
        reporter.checkpoint(step - 0.5)
        reporter.point(step, [1 / step, None])
    reporter.flush()
    series = told.state().curve("loss", "train")
    assert series is not None
    np.testing.assert_array_equal(series.steps, np.arange(1, len(pauses) + 1))
    np.testing.assert_array_equal(series.values, 1 / np.arange(1, len(pauses) + 1))
    assert len(told.of("progress")) <= sum(pauses) / 0.1 + 2


def test_many_fast_epochs_share_one_event() -> None:
    told = Told()
    reporter = told.reporter()
    reporter.start(LOSS, 1000)
    for step in range(1, 501):
        told.now += 0.001
        reporter.point(step, [0.5, 0.6])
    progress = told.of("progress")
    assert len(progress) == 5
    assert len(progress[0]["axis"]) == 100


def test_progress_moves_within_a_long_epoch() -> None:
    told = Told()
    reporter = told.reporter()
    reporter.start(LOSS, 2)
    for batch in range(40):
        told.now += 0.25
        reporter.checkpoint(batch / 40)
    last = told.of("progress")[-1]
    assert last["axis"] == []
    assert last["done"] == pytest.approx(39 / 80)
    assert last["rate"] == pytest.approx(0.1)
    assert last["seconds_left"] == pytest.approx((2 - 39 / 40) / 0.1)


def test_the_rate_forgets_a_slow_beginning_and_pauses() -> None:
    told, gate = Told(), Gate()
    reporter = told.reporter(gate)
    reporter.start(LOSS, 10_000)
    told.now += 30
    for step in range(1, 101):
        told.now += 0.1
        reporter.point(step, [0.1, 0.1])
    gate.ask("pause")
    thread = threading.Thread(target=reporter.checkpoint, args=(100,))
    thread.start()
    while not told.of("paused"):
        thread.join(0.001)
    told.now += 500
    gate.ask("continue")
    thread.join(10)
    told.now += 0.1
    reporter.point(101, [0.1, 0.1])
    assert told.of("progress")[-1]["rate"] == pytest.approx(10, rel=0.05)


def test_a_silent_trainer_is_helped_by_the_tick() -> None:
    told = Told()
    reporter = told.reporter()
    reporter.start(LOSS, 5)
    reporter.point(1, [0.3, 0.4])
    assert not told.of("progress")
    told.now += 0.2
    reporter.tick()
    assert told.of("progress")[0]["axis"] == [1]
    told.now += 10
    reporter.tick()
    assert len(told.of("progress")) == 1, "nothing new, nothing said"


def test_the_tick_lets_nothing_out_before_the_start() -> None:
    """Of a run that goes on, the snapshots of the attempt before would be told before it is said to be resumed."""

    class Kept:
        def look(self, *_: Any) -> None: ...
        def glance(self, *_: Any) -> None: ...
        def changed(self) -> list[tuple[float, str]] | None:
            return [(0.0, "00000000.npz")]

    told = Told()
    reporter = Reporter(told.emit, {}, None, Kept(), told.clock, resumed=(0, 3.0))
    told.now += 10
    reporter.tick()
    assert not told.events
    reporter.start(LOSS, 5)
    told.now += 10
    reporter.tick()
    assert [event.kind for event in told.events] == ["resumed", "snapshot"]


def test_the_best_step_so_far_is_told() -> None:
    told = Told()
    reporter = told.reporter()
    reporter.start(LOSS, 5)
    reporter.point(3, [0.3, 0.4])
    reporter.kept(3)
    reporter.flush()
    assert told.state().kept == 3


def test_a_pause_says_all_that_is_known_and_a_stop_goes_through_it() -> None:
    told, gate = Told(), Gate()
    reporter = told.reporter(gate)
    reporter.start(LOSS, 5)
    reporter.point(2, [0.3, 0.4])
    gate.ask("pause")
    raised = []

    def train() -> None:
        try:
            reporter.checkpoint(2)
        except Stopped:
            raised.append(True)

    thread = threading.Thread(target=train)
    thread.start()
    while not told.of("paused"):
        thread.join(0.001)
    assert told.state().step == 2
    gate.ask("stop")
    thread.join(10)
    assert raised
    assert reporter.stopped


def test_metrics_go_to_the_curves_of_their_name_and_part() -> None:
    told = Told()
    reporter = told.reporter()
    curves = live_curves("classification", "tree", ["train", "validation"])
    reporter.start(curves, 3)
    reporter.metrics(1, {"validation": {"auc": 0.9, "loss": 0.2, "other": 5}})
    reporter.flush()
    state = told.state()
    assert state.latest("auc", "validation") == 0.9
    assert state.latest("loss", "validation") == 0.2
    assert state.latest("accuracy", "validation") is None
    assert state.latest("loss", "train") is None


def test_without_validation_there_are_no_validation_curves() -> None:
    assert {curve.part for curve in live_curves("regression", "epoch", ["train"])} == {"train"}


class Pictures:
    """Counts what the reporter asks for."""

    def __init__(self) -> None:
        self.looks: list[float] = []
        self.glances: list[float] = []

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        self.looks.append(step)

    def glance(self, step: float, predict: Predict, inside: Any = None) -> None:
        self.glances.append(step)

    def changed(self) -> list[tuple[float, str]] | None:
        return [(0.0, "0.npz")] if len(self.looks) == 1 else None


@pytest.mark.parametrize("lasting", [True, False])
def test_only_a_lasting_look_lets_pictures_be_taken_within_a_step(lasting: bool) -> None:
    told, pictures = Told(), Pictures()

    def predict(x: Inputs) -> Floats:
        return np.zeros(len(x))

    reporter = told.reporter(pictures=pictures)
    reporter.start(LOSS, 3)
    reporter.look(0, predict, lasting=lasting)
    for batch in range(4):
        told.now += 0.2
        reporter.checkpoint(batch / 4)
    assert pictures.looks == [0]
    assert pictures.glances == ([0, 0.25, 0.5, 0.75] if lasting else [])
    assert told.state().snapshots == ((0.0, "0.npz"),)


def test_a_run_started_by_a_step_pauses_after_its_first_one() -> None:
    gate = Gate()
    gate.ask("step")
    told: list[str] = []

    def emit(kind: str, **fields: Any) -> None:
        told.append(kind)
        if kind == "paused":
            gate.ask("stop")

    reporter = Reporter(emit, gate=gate)
    reporter.start((), 3)
    with pytest.raises(Stopped):
        reporter.checkpoint(1)
    assert told[:1] == ["started"]
    assert "paused" in told


def test_the_last_picture_is_announced_also_where_nothing_else_is_new() -> None:
    class Album:
        files: ClassVar[list[tuple[float, str]]] = [(1.0, "1.npz")]
        new = True

        def look(self, step: float, predict: Any, inside: Any = None, known: Any = None) -> None: ...
        def glance(self, step: float, predict: Any, inside: Any = None) -> None: ...
        def changed(self) -> list[tuple[float, str]] | None:
            new, self.new = self.new, False
            return self.files if new else None

    told: list[str] = []
    reporter = Reporter(lambda kind, **fields: told.append(kind), pictures=Album())
    reporter.start((), 3)
    reporter.flush()
    assert told == ["started", "snapshot"]
