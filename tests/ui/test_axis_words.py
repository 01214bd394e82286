"""The steps of a run have one name on the screen, whatever they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from textual.app import App, ComposeResult

from mltui.core.events import Event
from mltui.core.snapshot import Snapshot, Surface
from mltui.record.state import RunState, fold
from mltui.ui.widgets.progress_line import progress
from mltui.ui.widgets.run_line import RunLine
from mltui.views.log import LogView, lines
from mltui.views.shown import Shown
from mltui.views.surface import SurfaceView


def ended(axis: str) -> Shown:
    started = {"run": "7", "model": "knn", "axis": axis, "total": 1240, "features": ["x", "y"]}
    last = {"step": 1240, "kept": 300, "seconds": 1.0}
    curves = [{"name": "loss", "part": "train", "axis": axis, "better": "lower"}]
    events = [
        Event(0, 1, "started", 0.0, started | {"curves": curves}),
        Event(1, 1, "progress", 0.5, {"axis": [1240], "columns": [[0.5]]}),
        Event(2, 1, "finished", 1.0, last),
    ]
    return Shown(state=fold(RunState(), events))


@pytest.mark.parametrize(
    ("axis", "bar", "log", "headline"),
    [
        ("epoch", "1,240/1,240 · kept epoch 300", "finished at epoch 1,240, the model of epoch 300 kept", "epoch 300"),
        ("training_size", "1,240/1,240 training rows", "finished after it was fitted on 1,240 training rows",
         "300 training rows"),
    ],
)  # fmt: skip
def test_bar_log_and_picture_call_a_step_the_same(axis: str, bar: str, log: str, headline: str) -> None:
    shown = ended(axis)
    assert progress(shown.state) == f"{bar} · 1.0 s"
    assert lines(shown)[-1] == ("fact", log)
    picture = Snapshot(300, {}, Surface(np.zeros((4, 4)), "x", "y", (0.0, 1.0, 0.0, 1.0)), None)
    assert SurfaceView.headline(replace(shown, snapshot=picture, cursor=300)).endswith(f"at {headline}")


def test_reading_is_said_where_training_will_be() -> None:
    state = fold(RunState(), [Event(0, 1, "progress", 0.0, {"reading": 0.425})])
    assert progress(state) == "42% of the data read"


class Line(App[None]):
    """The run's line alone."""

    def compose(self) -> ComposeResult:
        yield RunLine()


@pytest.mark.parametrize(("axis", "words"), [("epoch", "epoch 1,240"), ("training_size", "training rows 1,240")])
async def test_the_runs_line_calls_it_the_same(axis: str, words: str) -> None:
    async with Line().run_test(size=(80, 3)) as pilot:
        line = pilot.app.query_one(RunLine)
        line.shown = ended(axis)
        assert words in str(line.render())


def test_drawing_the_log_leaves_its_place_alone() -> None:
    view = LogView()
    view._back = 50
    few = replace(ended("epoch"), log_lines=("one",))
    assert len(view.draw(few, 40, 3)) == 3
    assert view._back == 50
