"""Several targets on the screen: in the form and the browser, and in the pictures, one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.ui import choosing
from mltui.ui.commands import Now, available
from mltui.ui.sheet import Sheet
from mltui.views import VIEWS
from mltui.views.base import View
from mltui.views.numbers import NumbersView
from mltui.views.regression import PredictedView, ResidualsView
from mltui.views.shown import Shown
from mltui.views.surface import SurfaceView
from tests.ui.test_views import SIZES, hosted, pane_of, plain, regression, run

LABELS = ["place [m]", "speed [m/s]"]
OWN = {"files": ["f.csv"], "target": ["x", "v"]}


def several(**changes: Any) -> Shown:
    """A run that predicts two values, the second a hundred times as large."""
    rng = np.random.default_rng(3)
    true = rng.normal(size=(80, 2)) * [1, 100]
    scores = Scores(true, true + rng.normal(size=(80, 2)) * [0.1, 40], np.ones(80))
    surface = Surface(
        rng.normal(size=(2, 30, 40)) * np.array([1, 100])[:, None, None], "a", "b", (-1.0, 1.0, -1.0, 1.0)
    )
    points = Points(rng.uniform(-1, 1, 80), rng.uniform(-1, 1, 80), true, np.zeros(80, np.int64))
    state = run("regression", ())
    started = {**state.started, "target": ", ".join(LABELS), "targets": ["place", "speed"], "target_labels": LABELS}
    snapshot = Snapshot(40, {"train": scores, "validation": scores}, surface, points)
    base = regression(**changes)
    return replace(base, state=replace(state, started=started, metrics={}), snapshot=snapshot)


# -- pictures ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", VIEWS)
async def test_every_view_draws_them(kind: type[View], size: tuple[int, int]) -> None:
    async with hosted(kind, shown=several(), size=size) as (app, pilot):
        view = pane_of(app, kind)
        await pilot.pause()
        assert "cannot be drawn" not in plain(view)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (PredictedView, "place [m]  r2 0.9", "speed [m/s]  r2 0.8"),
        (ResidualsView, "place [m]  rmse 0.1", "speed [m/s]  rmse 3"),
        (SurfaceView, "place [m] over a × b", "speed [m/s] over a × b"),
    ],
)
async def test_the_chosen_one_is_drawn_and_named(kind: type[View], first: str, second: str) -> None:
    async with hosted(kind, shown=several()) as (app, pilot):
        view = pane_of(app, kind)
        await pilot.pause()
        before = plain(view)
        assert first in str(view.border_title).replace("\\[", "[")
        app.shown = replace(app.shown, target=1)
        await pilot.pause()
        assert second in str(view.border_title).replace("\\[", "[")
        assert plain(view) != before


def test_another_run_with_fewer_targets_shows_its_first() -> None:
    assert several(target=1).target_name == "speed [m/s]"
    assert several(target=5).target_name == "place [m]"
    assert regression(target=1).of_target == 0


def test_scores_of_another_number_of_targets_are_not_drawn() -> None:
    of_one = replace(several(), snapshot=regression().snapshot)
    assert not PredictedView.ready(of_one)
    assert PredictedView.ready(several())
    assert not PredictedView.ready(replace(regression(), snapshot=several().snapshot))


async def test_the_table_has_each_by_itself() -> None:
    own = {name: {"loss": 1.0, "rmse": at, "mae": 0.5, "r2": 0.25} for name, at in (("place", 1.5), ("speed", 2.5))}
    found = {"loss": 1.0, "rmse": 2.0, "mae": 0.5, "r2": 0.25, "targets": own}
    shown = several()
    metrics = {"train": {**found, "unweighted": found}, "validation": {**found, "unweighted": found}}
    shown = replace(shown, state=replace(shown.state, metrics=metrics))
    async with hosted(NumbersView, shown=shown) as (app, _):
        rows = [line.split() for line in plain(pane_of(app, NumbersView)).splitlines()]
    assert any(row[:3] == ["rmse", "place", "1.500"] or row[:3] == ["rmse", "place", "1.50"] for row in rows), rows
    assert any(row[:2] == ["r2", "speed"] for row in rows)


def test_the_key_works_where_there_are_several() -> None:
    assert available("target", Now(targets=2))
    assert not available("target", Now())


# -- the form ----------------------------------------------------------------------------------------------------------
def own(**data: Any) -> Sheet:
    return Sheet({**Sheet.welcome().document, "data": {**OWN, **data}})


def test_a_line_of_names_is_several_and_one_is_one() -> None:
    sheet = own()
    assert sheet.text("data.target") == "x, v"
    assert sheet.experiment().data.targets == ("x", "v")
    typed = sheet.typed("data.target", "v, x, a")
    assert (typed.value("data.target"), typed.targets) == (("v", "x", "a"), 3)
    assert typed.typed("data.target", "v").document["data"]["target"] == "v"
    assert Sheet.of(typed.experiment()).experiment() == typed.experiment()
    wrong = typed.typed("data.target", "v, v")
    assert wrong.error("data.target") == "target has v twice; name each column once"
    assert wrong.value("data.target") == ("v", "x", "a")


def test_models_of_one_target_are_passed_over_and_refused_at_their_row() -> None:
    sheet = own(task="regression")
    assert "hist_gradient_boosting" not in sheet.models()
    assert "hist_gradient_boosting" in own(task="regression", target="x").models()
    boosted = sheet.put("model.name", "hist_gradient_boosting")
    assert "learns one target; models that learn several: mlp, " in boosted.error("model.name")
    of_catalogue = Sheet.welcome().put("model.name", "hist_gradient_boosting").put("data.dataset", "oscillator")
    assert of_catalogue.model == "mlp"


COLUMNS = [
    {"name": name, "kind": "number", "role": "feature"} for name in ("t", "x", "v", "w")
] + [{"name": "kind", "kind": "category", "role": "feature"}]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "name", "also", "expected"),
    [
        ({"target": "x"}, "v", False, {"target": "v"}),
        ({"target": "x"}, "v", True, {"target": ("x", "v")}),
        ({"target": ["x", "v"]}, "t", False, {"target": ("x", "v", "t")}),
        ({"target": ["x", "v"]}, "x", False, {"target": "v"}),
        ({"target": "x"}, "x", True, {"target": None}),
        ({"target": "none"}, "x", True, {"target": "x"}),
        ({"target": "x", "weight": "w", "features": ["t", "w"]}, "w", True,
         {"target": ("x", "w"), "weight": None, "features": ("t",)}),
        ({"target": "x"}, "kind", True, "Several targets are numbers; kind is of the kind category."),
        ({"target": "kind"}, "x", True, "Several targets are numbers; kind is of the kind category."),
    ],
)  # fmt: skip
def test_a_column_joins_the_targets_or_leaves_them(
    data: dict[str, Any], name: str, also: bool, expected: object
) -> None:
    assert choosing.taken(data, COLUMNS, "target", name, also=also) == expected


async def test_they_are_typed_listed_and_complained_about_beside_the_field(open_lab: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    columns = {name: rng.normal(size=50) for name in ("t", "x", "v")}
    pl.DataFrame({**columns, "kind": ["a", "b"] * 25}).write_csv(tmp_path / "f.csv")
    async with open_lab() as test:
        data = {"files": [str(tmp_path / "f.csv")], "target": "x"}
        test.lab.edit(Sheet({**Sheet.welcome().document, "data": data}))
        await test.until(lambda: (test.lab.description or {}).get("target") == "x", "the description")
        row = test.lab.setup.row("data.target")
        row.focus()
        await test.press("space", "x", "comma", "v", "enter")
        await test.until(lambda: (test.lab.description or {}).get("targets") == ["x", "v"], "two targets")
        assert row.value == "x, v"
        test.lab.setup.row("data.target").focus()
        await test.press("enter")
        await test.seen("space mark")
        await test.press("space", "enter")
        await test.until(lambda: test.lab.sheet.value("data.target") == ("t", "x", "v"), "a third one")
        test.lab.edit(test.lab.sheet.typed("data.target", "x, kind"))
        await test.until(lambda: "kind holds classes" in test.lab.setup.row("data.target").error, "the complaint")
