"""The fit view, and the best answer behind it and behind the surface."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mltui.core.sample import Sample
from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.plots.look import Look
from mltui.record.state import RunState
from mltui.views.fit import FitView
from mltui.views.shown import Shown
from mltui.views.surface import SurfaceView

PLAIN = Look(ascii=True, colours="none")
XS = (np.arange(240) + 0.5) / 240
LINE = Surface(XS[None], "x [m]", "", (0.0, 1.0, 0.0, 1.0))
TRUTH = Sample((), {}, truth=replace(LINE, values=1 - LINE.values))


def shown(sample: Sample | None = None, **more: object) -> Shown:
    target = np.linspace(0, 1, 30)
    points = Points(target, np.zeros(30), target, np.arange(30) % 2)
    scores = {"validation": Scores(target, target, np.ones(30))}
    state = RunState(run="7", started={"features": ["x"], "target": "y [s]", "axis": "epoch"})
    looked = Shown(state=state, snapshot=Snapshot(4, scores, LINE, points), task="regression", look=PLAIN)
    return replace(looked, sample=sample, **more)  # type: ignore[arg-type]


def picture(looked: Shown, width: int = 78, height: int = 18) -> str:
    return "\n".join(row.plain for row in FitView().picture(looked, width, height))


def test_a_run_of_one_feature_has_a_fit_and_no_surface() -> None:
    assert FitView.offered(shown())
    assert FitView.ready(shown())
    assert not SurfaceView.offered(shown())
    assert not SurfaceView.ready(shown())
    plane = replace(LINE, y="y", values=np.zeros((4, 4)))
    two = RunState(run="7", started={"features": ["x", "y"]})
    flat = shown(state=two, snapshot=Snapshot(4, {}, plane, None))
    assert not FitView.offered(flat)
    assert SurfaceView.ready(flat)
    image = RunState(run="7", started={"features": ["cells"], "inputs": []})  # as too many to name
    assert not FitView.offered(shown(state=image, snapshot=None))


def test_it_names_what_is_drawn_and_when() -> None:
    assert FitView.headline(shown()) == "y [s] over x [m]"
    assert FitView.headline(shown(cursor=4)) == "y [s] over x [m]  at epoch 4"
    assert "best possible" not in picture(shown())
    assert "best possible" in picture(shown(TRUTH))


def test_its_numbers_are_the_line_the_law_and_the_rows() -> None:
    line, rows = FitView.numbers(shown(TRUTH)).tables
    np.testing.assert_allclose(line.columns["x"], XS)
    np.testing.assert_allclose(line.columns["model"], XS)
    np.testing.assert_allclose(line.columns["best"], 1 - XS)
    assert len(rows.columns["x"]) == 30
    assert "best" not in FitView.numbers(shown()).tables[0].columns


@pytest.mark.parametrize("other", [replace(LINE, x="z"), replace(LINE, values=LINE.values[:, ::2])])
def test_a_law_over_other_places_is_not_drawn(other: Surface) -> None:
    assert "best possible" not in picture(shown(Sample((), {}, truth=other)))


def test_before_a_picture_it_says_what_will_come() -> None:
    assert "line" in FitView.empty(shown(snapshot=None))
    assert "Press r" in FitView.empty(Shown())
