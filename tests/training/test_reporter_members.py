"""The reporter of several models: one declares the curves of all, each is told of in its turn, within any one a user is
heard."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mltui.core.events import Event
from mltui.record.state import RunState, fold
from mltui.training.gate import Gate
from mltui.training.report import Reporter, Stopped, Turn, live_curves

CURVES = live_curves("regression", "epoch", ["train", "validation"])
TURNS = (Turn("fold 1"), Turn("fold 2"), Turn("refit", ("train",)))


class Told:
    """Collects events, by a clock that moves only when told."""

    def __init__(self, gate: Gate | None = None) -> None:
        self.now = 100.0
        self.events: list[Event] = []
        self.order: list[str] = []
        self.reporter = Reporter(
            self.emit,
            {"run": "7"},
            gate,
            None,
            lambda: self.now,
            turns=TURNS,
            opened=lambda: self.order.append("opened"),
        )

    def emit(self, kind: str, **fields: Any) -> None:
        self.order.append(kind)
        self.events.append(Event(len(self.events), 1, kind, self.now, fields))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [dict(event.fields) for event in self.events if event.kind == kind]

    def train(self, index: int, steps: int, seconds: float = 1.0, total: int | None = None) -> None:
        """One of the models, each of its steps as long as the others."""
        curves = [curve for curve in CURVES if curve.part in TURNS[index].parts]
        self.reporter.member(index)
        self.reporter.start(curves, total or steps)
        for step in range(1, steps + 1):
            self.now += seconds
            self.reporter.point(step, [100.0 * index + step] * len(curves))
            self.reporter.checkpoint(step)
        self.reporter.flush()

    def state(self) -> RunState:
        return fold(RunState(), self.events)


def test_the_start_declares_the_curves_of_every_model_by_the_parts_it_has() -> None:
    told = Told()
    told.train(0, 1)
    told.train(1, 1)
    (started,) = told.of("started")
    assert started["members"] == ["fold 1", "fold 2", "refit"]
    declared = [(curve.member, curve.part, curve.name) for curve in told.state().curves]
    assert declared == [
        (turn.name, curve.part, curve.name) for turn in TURNS for curve in CURVES if curve.part in turn.parts
    ]
    assert told.order[:2] == ["started", "opened"], "before any point"
    assert told.order.count("opened") == 1


def test_every_point_arrives_at_the_model_it_is_of() -> None:
    told = Told()
    for index, steps in enumerate((5, 3, 4)):
        told.train(index, steps, 0.04)
    state = told.state()
    for index, (turn, steps) in enumerate(zip(TURNS, (5, 3, 4), strict=True)):
        series = state.curve("rmse", "train", turn.name)
        assert series is not None
        np.testing.assert_array_equal(series.steps, np.arange(1, steps + 1))
        np.testing.assert_array_equal(series.values, 100 * index + np.arange(1, steps + 1))
    assert state.done == 1


def test_what_is_done_is_of_all_and_the_time_left_knows_those_to_come() -> None:
    told = Told()
    told.train(0, 10)
    first = told.of("progress")[-1]
    assert first["done"] == pytest.approx(1 / 3)
    assert first["seconds_left"] == pytest.approx(20, rel=0.3), "two more like this one"
    told.train(1, 5, total=10)
    second = told.of("progress")[-1]
    assert second["done"] == pytest.approx((1 + 0.5) / 3)
    assert second["seconds_left"] == pytest.approx(5 + 10, rel=0.3), "half of this one, and one as long as the first"
    told.now += 100
    told.train(2, 1, total=2)
    third = told.of("progress")[-1]
    assert third["done"] == pytest.approx((2 + 0.5) / 3)
    assert (third["total"], third["member"]) == (2, 2)
    shares = [event["done"] for event in told.of("progress")]
    assert shares == sorted(shares), "it never goes back"


def test_the_best_step_is_forgotten_with_its_model() -> None:
    told = Told()
    told.reporter.start(CURVES, 3)
    told.reporter.point(2, [0.1] * len(CURVES))
    told.reporter.kept(2)
    told.reporter.flush()
    assert told.state().kept == 2
    told.train(1, 1)
    assert told.state().kept is None
    assert all("kept" not in event for event in told.of("progress") if event["member"] == 1)


def test_one_model_says_what_it_always_said() -> None:
    """Neither members nor a model's number are in its events."""
    said: list[dict[str, Any]] = []
    reporter = Reporter(lambda kind, **fields: said.append({"kind": kind, **fields}))
    reporter.start(CURVES, 2)
    reporter.point(1, [0.5] * len(CURVES))
    reporter.flush()
    assert [event["kind"] for event in said] == ["started", "progress"]
    assert set(said[0]) == {"kind", "format", "total", "curves"}
    assert said[0]["curves"] == [replace(curve, member="").document() for curve in CURVES]
    assert set(said[1]) == {"kind", "axis", "columns", "rate", "done", "seconds_left"}


def waits(told: Told, index: int) -> threading.Thread:
    """Train one of the models beside; back once it is held."""
    seen = len(told.of("paused"))
    thread = threading.Thread(target=told.train, args=(index, 3))
    thread.start()
    while len(told.of("paused")) == seen:
        thread.join(0.001)
    return thread


def test_a_pause_within_the_second_model_holds_it_and_a_step_is_one_of_its_own() -> None:
    gate = Gate()
    told = Told(gate)
    told.train(0, 3)
    gate.ask("pause")
    thread = waits(told, 1)
    assert told.of("paused")[-1]["step"] == 0, "before its first step"
    for held in (1, 2):
        seen = len(told.of("paused"))
        gate.ask("step")
        while len(told.of("paused")) == seen:
            thread.join(0.001)
        assert told.of("paused")[-1]["step"] == held
        assert told.state().member == 1
    gate.ask("continue")
    thread.join(10)
    assert told.state().curve("rmse", "train", "fold 2").steps.tolist() == [1, 2, 3]  # type: ignore[union-attr]


def test_a_step_that_ends_a_model_does_not_run_through_the_next() -> None:
    """The first model's third step was asked for; the second model's axis begins anew below it."""
    gate = Gate()
    told = Told(gate)
    gate.ask("step")
    gate.ask("step")
    told.reporter.start(CURVES, 2)
    told.reporter.checkpoint(1)
    told.reporter.point(2, [0.1] * len(CURVES))
    thread = waits(told, 1)
    assert told.of("paused")[-1]["step"] == 0
    gate.ask("continue")
    thread.join(10)


def test_a_stop_within_the_second_model_is_raised_there() -> None:
    gate = Gate()
    told = Told(gate)
    told.train(0, 3)
    told.reporter.member(1)
    told.reporter.start(CURVES, 3)
    gate.ask("stop")
    with pytest.raises(Stopped):
        told.reporter.checkpoint(1)
    assert told.reporter.stopped
