"""What was changed while a run trained, in words and as marks."""

from __future__ import annotations

from typing import Any

import pytest

from mltui.core.events import Event
from mltui.plots import steered
from mltui.plots.marks import Mark
from mltui.record.state import Change, RunState, fold

RATE = "training.learning_rate"


def state(*changes: dict[str, Any], **started: Any) -> RunState:
    said = [("started", {"axis": "epoch", "curves": [], **started}), *(("changed", change) for change in changes)]
    return fold(RunState(), [Event(seq, 1, kind, 0.0, fields) for seq, (kind, fields) in enumerate(said)])


def changed(step: float, key: str, value: object, before: object = None, **more: Any) -> dict[str, Any]:
    return {"step": step, "key": key, "value": value, "before": before, **more}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(12.4375, RATE, 0.01, 0.1), "learning_rate 0.1 -> 0.01"),
        (Change(1, "training.early_stopping", None, 10), "early_stopping 10 -> none"),
        (Change(1, "x.\x1b[31m", "\x1b[2J", True), "␛[31m true -> ␛[2J"),
    ],
)
def test_a_change_in_words(change: Change, words: str) -> None:
    assert steered.said(change, ascii=True) == words


def test_where_it_was_made_is_said_by_the_axis_and_the_model() -> None:
    one = state(changed(12.4375, RATE, 1))
    assert steered.where(one, one.changes[0]) == "epoch 12.4"
    several = state(changed(3, RATE, 1, member=1), members=["fold 1", "fold 2"], axis="tree")
    assert steered.where(several, several.changes[0]) == "fold 2, tree 3"


def test_what_was_changed_at_one_place_is_one_mark_with_its_last_values() -> None:
    run = state(
        changed(5, RATE, 0.1), changed(2, "model.dropout", 0.5), changed(5, "model.dropout", 0.2), changed(5, RATE, 0.3)
    )
    assert steered.marks(run) == [
        Mark(2, ("dropout 0.5", "dropout 0.5", "0.5")),
        Mark(5, ("learning_rate 0.3, dropout 0.2", "learning_rate 0.3 +1", "0.3 +1")),
    ]
