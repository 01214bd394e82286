"""The fold of events of a run that trains several models: each has its curves, one at a time moves on."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.events import Event
from mltui.record.state import RunState, fold

MEMBERS = ["fold 1", "fold 2", "refit"]
CURVES = [
    {"name": "loss", "part": part, "axis": "epoch", "better": "lower", "member": member}
    for member in MEMBERS
    for part in ("train", "validation")
    if (member, part) != ("refit", "validation")
]
NUMBERS = {"auc": {"mean": 0.9, "deviation": 0.02}}
YIELDS = {"threshold": 0.5, "processes": [{"name": "top", "expected": 12.0}]}


def events(*said: tuple[str, dict[str, Any]]) -> list[Event]:
    return [Event(i, 1, kind, 100.0 + i, fields) for i, (kind, fields) in enumerate(said)]


def points(member: int, *steps: float, **more: Any) -> tuple[str, dict[str, Any]]:
    columns = [[10 * member + step for step in steps], [None] * len(steps)][: 1 if member == 2 else 2]
    return "progress", {"axis": list(steps), "columns": columns, "member": member, "done": (member + 0.5) / 3, **more}


RUN = events(
    ("started", {"format": 1, "run": "7", "curves": CURVES, "members": MEMBERS, "total": 4}),
    ("pipeline", {"steps": [{"name": "standard"}], "variables": [], "outputs": [], "rows": 5}),
    points(0, 1, 2, kept=1, total=4),
    points(0, 3, total=4),
    points(1, total=4),
    points(1, 1, total=4),
    points(1, 2, 3, kept=3, total=4),
    points(2, 1, total=2),
    ("evaluated", {"part": "validation", "metrics": {"auc": 0.9}, "spread": NUMBERS, "yields": YIELDS}),
    ("evaluated", {"part": "validation", "metrics": {"auc": 0.9}, "variations": {"JES": {"auc": 0.8}}}),
    ("finished", {"step": 2, "kept": 2, "seconds": 1.5}),
)


def test_each_model_has_its_own_curves() -> None:
    state = fold(RunState(), RUN)
    assert state.members == ("fold 1", "fold 2", "refit")
    assert state.curve("loss", "train") is None
    for member, values in (("fold 1", [1, 2, 3]), ("fold 2", [11, 12, 13]), ("refit", [21])):
        series = state.curve("loss", "train", member)
        assert series is not None
        assert series.values.tolist() == values
        assert series.steps.tolist() == [1, 2, 3][: len(values)]
    assert state.curve("loss", "validation", "refit") is None


def test_the_next_model_begins_anew_and_what_is_told_is_of_it() -> None:
    first, second, third = (fold(RunState(), RUN[:count]) for count in (4, 5, 8))
    assert (first.member, first.step, first.kept, first.total, first.latest("loss", "train")) == (0, 3, 1, 4, 3)
    assert (second.member, second.step, second.kept, second.total) == (1, 0, None, 4)
    assert second.latest("loss", "train") is None
    assert (third.member, third.step, third.total, third.latest("loss", "train")) == (2, 1, 2, 21)
    assert first.done < second.done < third.done < 1


def test_folds_yields_and_variations_are_kept_by_part_and_a_later_word_adds_to_them() -> None:
    state = fold(RunState(), RUN)
    assert state.spread == {"validation": NUMBERS}
    assert state.yields == {"validation": YIELDS}
    assert state.variations == {"validation": {"JES": {"auc": 0.8}}}
    assert state.pipeline["rows"] == 5
    assert (state.phase, state.kept, state.done) == ("finished", 2, 1)


@given(cuts=st.sets(st.integers(0, len(RUN))))
def test_folding_is_the_same_in_any_batching(cuts: set[int]) -> None:
    state = RunState()
    for low, high in itertools.pairwise([0, *sorted(cuts), len(RUN)]):
        state = fold(state, RUN[low:high])
    whole = fold(RunState(), RUN)
    assert [series.values.tolist() for series in state.series[::2]] == [s.values.tolist() for s in whole.series[::2]]
    assert (state.member, state.step, state.kept, state.spread) == (whole.member, whole.step, whole.kept, whole.spread)


@pytest.mark.parametrize(
    "fields",
    [
        {"axis": [1], "columns": [[0.1], [0.2]], "member": 3},
        {"axis": [1], "columns": [[0.1], [0.2]], "member": -1},
        {"axis": [1], "columns": [[0.1], [0.2]], "member": "fold 1"},
        {"axis": [1], "columns": [[0.1]], "member": 1},
        {"axis": [1], "columns": [[0.1], [0.2]], "member": 2},
        {"axis": [], "columns": [], "member": 9},
    ],
)
def test_points_of_no_model_are_passed_over_with_a_word(fields: dict[str, Any]) -> None:
    before = fold(RunState(), RUN[:4])
    after = fold(before, [Event(50, 1, "progress", 1.0, fields)])
    assert "progress" in after.warnings[0]
    assert (after.member, after.step) == (before.member, before.step)
    assert after.latest("loss", "train") == 3
