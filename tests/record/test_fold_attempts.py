"""The fold of several attempts at a run: resumed, begun anew, or ended before they began; and of changes on the way."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.events import Event
from mltui.record.state import Change, Phase, RunState, fold, unbegun

MEMBERS = ["fold 1", "fold 2", "refit"]
RATE = "training.learning_rate"
CURVES = [
    {"name": "loss", "part": "train", "axis": "epoch", "better": "lower", "member": member}
    for member in MEMBERS
]  # fmt: skip
Said = tuple[str, dict[str, Any]]


def events(*said: Said, attempt: int = 1, first: int = 0) -> list[Event]:
    return [Event(first + i, attempt, kind, 100.0 + i, fields) for i, (kind, fields) in enumerate(said)]


def started(**more: Any) -> Said:
    curves = [{**curve, "member": ""} for curve in CURVES[:1]]
    return "started", {"format": 1, "run": "7", "curves": curves, "total": 10, "changeable": [RATE], **more}


def points(*steps: float, **more: Any) -> Said:
    return "progress", {"axis": list(steps), "columns": [[step / 10 for step in steps]], "done": 0.5, **more}


def changed(step: float, value: Any, **more: Any) -> Said:
    return "changed", {"step": step, "key": RATE, "value": value, "before": 1.0, **more}


STOPPED = events(
    started(), ("warning", {"message": "slow"}), points(1, 2, kept=2), changed(2.5, 0.1),
    ("snapshot", {"files": [[1, "a.npz"], [3, "b.npz"]]}), points(3), changed(3.5, 0.2), points(4, kept=4),
    ("evaluated", {"part": "validation", "metrics": {"auc": 0.9}}),
    ("evaluated", {"part": "test", "metrics": {"auc": 0.8}, "opening": 1}),
    ("stopped", {"step": 4, "kept": 4, "seconds": 2.0}),
)  # fmt: skip


def after(*said: Said, of: list[Event] = STOPPED, attempt: int = 2) -> RunState:
    return fold(RunState(), [*of, *events(*said, attempt=attempt, first=len(of))])


def steps(state: RunState) -> list[list[float]]:
    return [series.steps.tolist() for series in state.series]


def test_a_change_says_what_it_was_and_makes_the_run_steered() -> None:
    assert not fold(RunState(), STOPPED[:3]).steered
    state = fold(RunState(), STOPPED)
    assert state.changes == (Change(2.5, RATE, 0.1, 1.0), Change(3.5, RATE, 0.2, 1.0))
    assert state.steered


def test_a_resumed_run_is_back_where_its_checkpoint_is() -> None:
    state = after(("resumed", {"step": 3, "from": 3}))
    assert (state.phase, state.step, state.done, state.kept, state.seconds) == ("training", 3, 0.3, None, None)
    assert steps(state) == [[1, 2, 3]]
    assert [change.step for change in state.changes] == [2.5]
    assert [file for _, file in state.snapshots] == ["a.npz", "b.npz"]
    assert state.metrics == {}, "they were of another model"
    assert state.openings == 1, "an opened test part stays opened"
    assert state.warnings == ("slow",)
    again = fold(state, events(points(4, 5), ("finished", {"step": 5, "kept": 5}), attempt=2, first=90))
    assert (again.phase, steps(again)) == ("finished", [[1, 2, 3, 4, 5]])


def test_the_best_step_so_far_stands_where_it_was_before_the_checkpoint() -> None:
    assert after(("resumed", {"step": 4, "from": 4})).kept == 4


def test_a_run_begun_anew_forgets_everything_but_its_openings() -> None:
    state = after(("warning", {"message": "fewer threads"}), started(total=20), points(1))
    assert (steps(state), state.changes, state.snapshots, state.total) == ([[1]], (), (), 20)
    assert (state.openings, state.warnings) == (1, ("fewer threads",))


def test_while_another_attempt_reads_the_data_the_run_waits() -> None:
    state = after(("progress", {"reading": 0.5}))
    assert (state.phase, state.reading, state.seconds, steps(state)) == ("waiting", 0.5, None, [[1, 2, 3, 4]])
    later = fold(state, events(("resumed", {"step": 3, "from": 3}), attempt=2, first=50))
    assert (later.phase, later.reading, later.left) == ("training", None, None)


FAILED = events(started(), points(1), ("failed", {"message": "no memory", "cause": "memory", "log": "x.log"}))
KILLED = events(started(), points(1))
CHANGED = ("failed", {"message": "a.csv has changed", "cause": "input", "log": "y.log"})
HALTED = ("stopped", {"step": 0, "kept": None, "seconds": 1.0})


@pytest.mark.parametrize(
    ("before", "end", "phase", "message", "refused"),
    [
        (STOPPED, CHANGED, "stopped", "", "a.csv has changed"),
        (STOPPED, HALTED, "stopped", "", ""),
        (FAILED, CHANGED, "failed", "a.csv has changed", "a.csv has changed"),
        (FAILED, HALTED, "failed", "no memory", ""),
        (KILLED, CHANGED, "failed", "a.csv has changed", "a.csv has changed"),
        (KILLED, HALTED, "stopped", "", ""),
    ],
)
def test_an_attempt_that_ends_before_it_begins_leaves_what_was_kept(
    before: list[Event], end: Said, phase: Phase, message: str, refused: str
) -> None:
    was, state = fold(RunState(), before), after(("progress", {"reading": 0.5}), end, of=before)
    assert (state.phase, state.message, state.refused, state.reading) == (phase, message, refused, None)
    assert (state.kept, state.metrics, steps(state)) == (was.kept, was.metrics, steps(was))
    if phase == was.phase:
        assert state.seconds == was.seconds
    assert state.warnings == was.warnings
    assert fold(state, events(started(), attempt=3, first=90)).refused == ""


def test_a_worker_that_died_before_it_began_leaves_what_was_kept_to_the_next() -> None:
    waiting = after(("progress", {"reading": 0.5}))
    died = unbegun(waiting, "failed", message="the worker was killed", cause="died")
    assert (died.phase, died.kept, died.refused, died.cause) == ("stopped", 4, "the worker was killed", "died")
    third = fold(waiting, events(("progress", {"reading": 0.1}), CHANGED, attempt=3, first=90))
    assert (third.phase, third.kept) == ("stopped", 4)


@pytest.mark.parametrize(
    "fields", [{"from": "x"}, {"from": float("inf")}, {}, {"from": 2, "member": 1}, {"from": 2, "member": "fold 1"}]
)
def test_a_checkpoint_that_is_nowhere_is_passed_over(fields: dict[str, Any]) -> None:
    state = fold(fold(RunState(), STOPPED[:4]), [Event(90, 1, "resumed", 1.0, fields)])
    assert (steps(state), len(state.changes)) == ([[1, 2]], 1)
    assert "resumed" in state.warnings[-1]


# -- several models ------------------------------------------------------------------------------------------------
WHOLE = [
    ("started", {"format": 1, "run": "7", "curves": CURVES, "members": MEMBERS, "total": 4}),
    *(
        said
        for member in range(3)
        for step in (1, 2, 3, 4)
        for said in (
            points(step, member=member, total=4, kept=step if step < 4 else 2),
            *([changed(step + 0.5, float(step), member=member)] if step % 2 else []),
        )
    ),
]


def test_resuming_a_model_keeps_those_before_and_begins_those_after_anew() -> None:
    state = after(("resumed", {"step": 2, "from": 2, "member": 1}), of=events(*WHOLE))
    assert (state.member, state.step, steps(state)) == (1, 2, [[1, 2, 3, 4], [1, 2], []])
    assert [(c.member, c.step) for c in state.changes] == [(0, 1.5), (0, 3.5), (1, 1.5)]
    assert state.done == pytest.approx((1 + 2 / 4) / 3)


def test_a_change_is_of_the_model_that_is_trained_where_it_does_not_say() -> None:
    state = fold(RunState(), events(*WHOLE[:9], changed(2.5, 0.5)))
    assert state.changes[-1].member == 1
    assert len(fold(state, [Event(90, 1, "changed", 1.0, changed(1, 1, member=3)[1])]).changes) == len(state.changes)


@given(st.lists(st.tuples(st.integers(2, len(WHOLE)), st.integers(0, 100)), max_size=4), st.integers(0, 100))
def test_however_often_a_run_was_killed_and_resumed_it_ends_as_if_it_had_not_been(
    kills: list[tuple[int, int]], cut: int
) -> None:
    said: list[Event] = []
    place = 0

    def say(attempt: int, *more: Said) -> None:
        said.extend(events(*more, attempt=attempt, first=len(said)))

    for attempt, (reach, share) in enumerate(kills, start=1):
        say(attempt, *WHOLE[place : max(place, reach)])
        place = 2 + (max(place, reach) - 2) * share // 100  # the last checkpoint, somewhere before
        there = fold(RunState(), events(*WHOLE[:place]))
        step = max([there.step, *(c.step for c in there.changes if c.member == there.member)])
        say(attempt + 1, ("resumed", {"step": step, "from": step, "member": there.member}))
    say(len(kills) + 1, *WHOLE[place:], ("finished", {"step": 4, "kept": 2, "seconds": 1.0}))

    edge = len(said) * cut // 100
    once, twice = fold(RunState(), said), fold(fold(RunState(), said[:edge]), said[edge:])
    straight = fold(RunState(), events(*WHOLE, ("finished", {"step": 4, "kept": 2, "seconds": 1.0})))
    for state in (once, twice):
        assert steps(state) == steps(straight)
        assert [s.values.tolist() for s in state.series] == [s.values.tolist() for s in straight.series]
        told = replace(state, series=(), last_seq=0, attempt=0, begun=None, since=None)
        assert told == replace(straight, series=(), last_seq=0, attempt=0, begun=None, since=None)


def test_a_state_handed_out_stays_as_it_was_when_the_run_is_resumed() -> None:
    before = fold(RunState(), events(*WHOLE))
    seen = steps(before)
    for step, member in itertools.product((1, 3), (0, 2)):
        later = fold(before, events(("resumed", {"step": step, "from": step, "member": member}), attempt=2, first=90))
        fold(later, events(points(step + 0.5, member=member, total=4), attempt=2, first=91))
    assert steps(before) == seen
