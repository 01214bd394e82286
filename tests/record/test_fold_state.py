"""The fold of events into a run's state: the same in any batching, and unmoved by nonsense."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.events import Event
from mltui.record.state import RunState, fold

CURVES = [
    {"name": "loss", "part": "train", "axis": "epoch", "better": "lower", "member": ""},
    {"name": "auc", "part": "validation", "axis": "epoch", "better": "higher"},
]


def events(*said: tuple[str, dict[str, Any]]) -> list[Event]:
    return [Event(i, 1, kind, 100.0 + i, fields) for i, (kind, fields) in enumerate(said)]


def points(*steps: float) -> tuple[str, dict[str, Any]]:
    return "progress", {"axis": list(steps), "columns": [[s / 10 for s in steps], [None for _ in steps]], "done": 0.5}


RUN = events(
    ("started", {"format": 1, "run": "7", "curves": CURVES, "total": 20}),
    points(1, 2, 3),
    ("paused", {"step": 3}),
    ("continued", {"step": 3}),
    ("changed", {"step": 3, "key": "training.learning_rate", "value": 0.1}),
    points(4),
    ("snapshot", {"files": [[1, "a.npz"], [4, "b.npz"]]}),
    points(5, 6, 7),
    ("resumed", {"from": 4, "step": 4}),
    points(5, 6),
    ("warning", {"message": "slow"}),
    ("unheard_of", {"x": 1}),
    ("evaluated", {"part": "validation", "metrics": {"auc": 0.9}}),
    ("finished", {"step": 6, "kept": 5, "seconds": 2.5}),
    ("evaluated", {"part": "test", "metrics": {"auc": 0.8}, "opening": 1}),
)


def plain(state: RunState) -> dict[str, Any]:
    """The state with its series as lists, so that two can be compared."""
    fields = {name: getattr(state, name) for name in RunState.__dataclass_fields__}
    fields["series"] = [(s.steps.tolist(), [None if v != v else v for v in s.values.tolist()]) for s in state.series]  # noqa: PLR0124
    return fields


def test_a_run_from_start_to_end() -> None:
    state = fold(RunState(), RUN)
    assert (state.run, state.phase, state.total, state.kept, state.seconds) == ("7", "finished", 20, 5, 2.5)
    loss = state.curve("loss", "train")
    assert loss is not None
    assert loss.steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert loss.values.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert state.latest("loss", "train") == 0.6
    assert state.latest("auc", "validation") is None
    assert state.openings == 1
    assert state.metrics == {"validation": {"auc": 0.9}, "test": {"auc": 0.8}}
    assert list(state.snapshots) == [(1, "a.npz"), (4, "b.npz")]
    assert [c.key for c in state.changes] == ["training.learning_rate"]
    assert state.warnings == ("slow",)
    assert state.done == 1.0


@given(cuts=st.sets(st.integers(0, len(RUN))), repeats=st.lists(st.integers(0, len(RUN) - 1), max_size=5))
def test_folding_is_the_same_in_any_batching_and_with_repeats(cuts: set[int], repeats: list[int]) -> None:
    edges = [0, *sorted(cuts), len(RUN)]
    state = RunState()
    seen: list[RunState] = []
    for low, high in itertools.pairwise(edges):
        seen.append(state)
        state = fold(state, [*RUN[low:high], *[RUN[r] for r in repeats if r < high]])
    assert plain(state) == plain(fold(RunState(), RUN))
    for edge, earlier in zip(edges, seen, strict=False):  # a state handed out stays as it was
        assert plain(earlier) == plain(fold(RunState(), RUN[:edge]))


def test_points_after_a_resume_replace_those_it_cut() -> None:
    state = fold(RunState(), RUN[:9])
    loss = state.curve("loss", "train")
    assert loss is not None
    assert loss.steps.tolist() == [1, 2, 3, 4]
    assert (state.step, state.phase) == (4, "training")


def test_a_newer_format_is_shown_with_a_word() -> None:
    state = fold(RunState(), events(("started", {"format": 9, "curves": CURVES}), points(1)))
    assert state.curve("loss", "train") is not None
    assert "newer" in state.warnings[0]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("progress", {"axis": [1], "columns": [[0.1]]}),
        ("progress", {"axis": [1], "columns": [["x"], [1]]}),
        ("progress", {"axis": [1, 2], "columns": [[1], [1]]}),
        ("progress", {"axis": [10**400], "columns": [[1], [1]]}),
        ("progress", {"axis": [float("inf")], "columns": [[1], [1]]}),
        ("progress", {"axis": 5}),
        ("progress", {"axis": [1], "columns": [[10**400], [1]]}),
        ("evaluated", {"metrics": {}}),
        ("evaluated", {"part": "train", "metrics": 5}),
        ("snapshot", {"files": [1, 2]}),
        ("changed", {}),
        ("warning", {}),
        ("resumed", {"from": "x"}),
        ("started", {"curves": [{"name": "loss"}]}),
        ("started", {"curves": 7}),
    ],
)
def test_an_event_that_makes_no_sense_is_passed_over_with_a_word(kind: str, fields: dict[str, Any]) -> None:
    before = fold(RunState(), RUN[:2])
    after = fold(before, [Event(2, 1, kind, 1.0, fields)])
    assert plain(after) | {"warnings": (), "last_seq": 0} == plain(before) | {"last_seq": 0}
    assert kind in after.warnings[0]
    assert fold(after, [Event(3, 1, "paused", 1.0)]).phase == "paused"


def test_numbers_that_are_none_do_not_reach_the_screen() -> None:
    state = fold(
        RunState(),
        events(
            ("started", {"curves": CURVES, "total": "many"}),
            (
                "progress",
                {"axis": [1], "columns": [[float("inf")], [1]], "done": 7, "rate": "x", "seconds_left": 1e999},
            ),
            ("evaluated", {"part": "train", "metrics": {"auc": float("inf")}, "opening": "x"}),
        ),
    )
    assert (state.total, state.done, state.rate, state.seconds_left, state.openings) == (None, 1.0, None, None, 0)
    assert state.metrics["train"] == {"auc": None}
    series = state.curve("loss", "train")
    assert series is not None
    assert np.isnan(series.values).all()


def test_warnings_are_bounded() -> None:
    said = [("warning", {"message": str(i)}) for i in range(3000)]
    assert len(fold(RunState(), events(*said)).warnings) <= 1000


def test_what_is_warned_of_before_the_start_is_not_lost() -> None:
    """A worker warns while it prepares, as of fewer threads than asked for; an earlier attempt's warnings are past."""
    state = fold(RunState(), [Event(0, 1, "warning", 1.0, {"message": "fewer threads"}), Event(1, 1, "started", 2.0)])
    assert state.warnings == ("fewer threads",)
    assert fold(state, [Event(2, 2, "started", 3.0)]).warnings == ()


def test_reading_is_told_until_the_start_and_is_no_training() -> None:
    read = events(("progress", {"reading": 0.25}), ("progress", {"reading": 0.5}))
    state = fold(RunState(), read)
    assert (state.phase, state.reading, state.step, state.done) == ("waiting", 0.5, 0, 0.0)
    for ending, phase in (("started", "training"), ("stopped", "stopped"), ("failed", "failed")):
        over = fold(state, [Event(9, 1, ending, 1.0, {})])
        assert (over.phase, over.reading) == (phase, None)
    for nonsense in ("x", None, True, 10**400):
        assert fold(RunState(), events(("progress", {"reading": nonsense}))).reading is None
    assert fold(RunState(), events(("progress", {"reading": 7}))).reading == 1.0


RUN_STARTS = ("started", {"format": 1, "run": "7", "curves": CURVES, "total": 20})
PROGRESS = st.one_of(
    st.tuples(
        st.just("progress"),
        st.fixed_dictionaries(
            {"axis": st.lists(st.integers(1, 9), max_size=3), "done": st.sampled_from([0.1, 0.7, None, "x"])},
            optional={
                "columns": st.lists(
                    st.lists(st.sampled_from([0.5, 1, None, "x", True]), max_size=3), min_size=1, max_size=3
                ),
                "kept": st.sampled_from([1, 2, None]),
                "rate": st.sampled_from([3.0, None]),
                "member": st.sampled_from([0, 0, 1]),
                "total": st.sampled_from([20, 30]),
            },
        ),
    ),
    st.sampled_from([points(1), points(2, 3), points(4, 5, 6), points()]),
    st.sampled_from([("paused", {}), ("continued", {}), ("progress", {"reading": 0.5}), ("stopped", {"step": 3})]),
)


@given(st.lists(PROGRESS, max_size=12), st.lists(st.integers(0, 12), max_size=3), st.integers(0, 3))
def test_progress_taken_together_says_what_it_says_one_by_one(
    said: list[tuple[str, dict[str, Any]]], again: list[int], attempts: int
) -> None:
    told = events(RUN_STARTS, *said)
    told = [Event(e.seq, 1 + (e.seq >= 6) * attempts, e.kind, e.time, e.fields) for e in told]
    for place in again:  # what a file holds twice
        told.insert(place + 2, told[min(place, len(told) - 1)])
    single = RunState()
    for event in told:
        single = fold(single, [event])
    assert plain(fold(RunState(), told)) == plain(single)
