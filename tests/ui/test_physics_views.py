"""The views of yields, inputs, variations and folds: what they say, and how keys move them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from mltui.core.snapshot import Snapshot
from mltui.plots import members
from mltui.plots.look import Look
from mltui.ui.widgets.progress_line import progress as words_of
from mltui.views import VIEWS
from mltui.views.curve import CurveView
from mltui.views.inputs import InputsView
from mltui.views.log import lines
from mltui.views.numbers import NumbersView
from mltui.views.shown import Shown
from mltui.views.variations import VariationsView
from mltui.views.yields import YieldsView
from tests.ui.moments import CLASSES, NAMES, events, physics, pipeline, progress, state, told
from tests.ui.test_views import hosted, pane_of, plain, until

FOLDS = ("fold 1", "fold 2", "fold 3", "refit")


def drawn(view: type, shown: Shown, width: int = 78, height: int = 18) -> str:
    """The picture; every row as wide as the pane."""
    rows = view().picture(shown, width, height)
    assert [cell_len(row.plain) for row in rows] == [width] * height
    return "\n".join(row.plain for row in rows)


# Yields


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.65])
def test_the_yields_are_those_of_all_rows_and_of_the_threshold(threshold: float) -> None:
    found = told(events(), threshold)
    text = drawn(YieldsView, physics(threshold=threshold), 110)
    for one in found.processes:
        line = next(line for line in text.split("\n") if line.startswith(one.name))
        values = [
            float(value.replace(",", "")) for value in re.findall(r"[\d,]*\d(?:\.\d+)?", line.split(one.label)[1])
        ]
        assert values[0] == one.rows
        assert one.expected == pytest.approx(values[2], rel=0.05)
        assert one.selected is not None
        assert one.selected == pytest.approx(values[5], rel=0.05, abs=1)
    assert found.s_over_sqrt_b is not None
    assert f"S/√B {found.s_over_sqrt_b:.3g}" in " ".join(text.split())


def test_the_yields_say_whence_they_are_and_how_each_process_is_scaled() -> None:
    text = " ".join(drawn(YieldsView, physics()).split())
    assert "validation, each process scaled to all rows: ×5.00" in text
    assert "expected at 140 fb⁻¹" in text


def test_processes_scaled_differently_are_named_with_their_scales() -> None:
    scores = events()
    kept = scores.take((scores.process != 1) | (np.arange(len(scores)) % 2 == 0))
    text = " ".join(drawn(YieldsView, physics(snapshot=Snapshot(40, {"validation": kept}))).split())
    assert "H125 ×5.00" in text
    assert "ttbar ×5.00" not in text


def test_live_yields_say_so_and_of_how_many_rows() -> None:
    shown = physics(state=state(progress(0, 12)), snapshot=Snapshot(12, {"validation": events().take(np.arange(200))}))
    text = " ".join(drawn(YieldsView, shown).split())
    assert "live, the model at epoch 12, a sample of 200 of its 600 rows" in text


def test_a_process_without_rows_in_the_part_is_said() -> None:
    scores = events()
    shown = physics(snapshot=Snapshot(40, {"validation": scores.take(scores.process != 2)}))
    assert "say nothing of W+jets" in drawn(YieldsView, shown)


def test_many_classes_have_yields_without_a_threshold() -> None:
    scores = events()
    three = replace(scores, target=scores.process.astype(np.int64), scores=np.full((len(scores), 3), 1 / 3))
    told = [{"name": name, "label": name, "rows": 9, "total": 900.0, "effective": 8.0} for name in NAMES]
    plain = replace(three, process=np.zeros(0, np.int16))
    run = state(classes=list(NAMES), processes=told)
    text = drawn(YieldsView, physics(state=run, classes=NAMES, snapshot=Snapshot(1, {"validation": plain})))
    assert "above" not in text
    assert text.count("900 ±") == 3


def test_a_run_that_has_not_said_what_its_rows_add_up_to_has_no_yields() -> None:
    assert "has not said" in drawn(YieldsView, physics(state=state(processes=[])))


async def test_the_threshold_moves_the_yields() -> None:
    async with hosted(YieldsView, shown=physics()) as (app, pilot):
        view = pane_of(app, YieldsView)
        before = plain(view)
        assert "above 0.50" in before
        app.shown = replace(app.shown, threshold=0.7)
        await pilot.pause()
        assert "above 0.70" in plain(view)
        assert str(view.border_title).startswith("Yields  t 0.70  Z_A")


# Inputs


def test_the_inputs_show_the_steps_and_every_variable_before_and_after() -> None:
    text = drawn(InputsView, physics(), 156, 24)
    assert "10 variables → impute" in text
    assert "→ standard (mean 0, spread 1) → 11 inputs" in " ".join(text.split())
    first = next(line for line in text.split("\n") if line.startswith("pt0 [GeV]"))
    assert "2.50 … 77.5" in first
    assert "40 ± 12" in first or "40 ± 13" in first
    assert re.search(r"13\s+7\s+▁", first) or re.search(r"12\s+7\s+▁", first)
    assert "→" in first
    assert "0 ± 1" in first
    assert "red, blue" in text
    assert [line.strip().split()[0] for line in text.split("\n") if "colour=" in line] == ["colour=red", "colour=blue"]


def test_inputs_made_of_several_variables_stand_after_them() -> None:
    found = pipeline(2)
    for variable in found["variables"][:2]:
        variable["outputs"] = ["pca 1", "pca 2"]
    found["outputs"][:2] = [{**found["outputs"][place], "name": f"pca {place + 1}"} for place in (0, 1)]
    text = drawn(InputsView, physics(state=state(("pipeline", found))))
    lines = [line.strip().split("  ")[0] for line in text.split("\n")]
    assert lines.index("pt1 [GeV]") < lines.index("combined") < lines.index("pca 1") < lines.index("pca 2")


async def test_many_inputs_scroll_and_come_back() -> None:
    shown = physics(state=state(("pipeline", pipeline(60))))
    async with hosted(InputsView, shown=shown) as (app, pilot):
        view = pane_of(app, InputsView)
        view.focus()
        assert "pt0 " in plain(view)
        assert "more ↓" in plain(view)
        await pilot.press("end")
        await until(lambda: "colour=blue" in plain(view), pilot)
        assert "more ↓" not in plain(view)
        assert "impute" in plain(view)
        await pilot.press("home", "down")
        await until(lambda: "pt1 " in plain(view) and "pt0 " not in plain(view), pilot)


# Variations


def test_variations_are_offered_only_where_there_are_some() -> None:
    assert VariationsView.offered(physics())
    assert not VariationsView.offered(physics(state=state()))


def test_a_variation_of_the_test_part_alone_is_not_shown() -> None:
    opened = {"part": "test", "metrics": {}, "opening": 1, "variations": {"JES_up": {"auc": 0.5}}}
    assert not VariationsView.offered(physics(state=state(("evaluated", opened))))


async def test_the_arrows_choose_whose_shape_is_drawn() -> None:
    async with hosted(VariationsView, shown=physics(), size=(80, 30)) as (app, pilot):
        view = pane_of(app, VariationsView)
        view.focus()
        assert "▸ JES_up" in plain(view)
        assert "0.875" in plain(view)
        assert "+0.0040" in plain(view)
        assert "1.020" in plain(view)
        assert "JES_up / nominal" in plain(view)
        await pilot.press("down")
        assert "▸ JES_down" in plain(view)
        assert "JES_down / nominal" in plain(view)
        await pilot.press("down")
        assert "▸ JES_down" in plain(view)
        assert "auc +0.0040 at most (JES_up)" in str(view.border_title)


# Folds


def folds(*more: tuple[str, dict[str, Any]]) -> Shown:
    return Shown(state=state(progress(0, 40), progress(1, 30, 0.1), *more, members=FOLDS), classes=CLASSES)


def test_the_curve_of_folds_names_the_one_that_is_trained_and_draws_their_mean() -> None:
    text = drawn(CurveView, folds())
    assert CurveView.heading(folds()) == "Loss  fold 2 of 3"
    assert "train mean" in text
    assert "validation mean" in text
    assert "each fold" in text


def test_the_mean_over_folds_is_that_of_the_folds_and_not_of_the_refit() -> None:
    run = folds(progress(2, 30, 0.2), progress(3, 30, validated=False), ("finished", {"step": 30}))
    expected = 0.7 * 0.93**30 + 0.05 + 0.2
    assert f"validation mean {expected:.3f}" in drawn(CurveView, run, 100)
    assert CurveView.heading(run) == "Loss  3 folds"
    assert "refit" in drawn(CurveView, run, 100)


def test_the_progress_says_which_fold() -> None:
    assert words_of(folds().state).startswith("fold 2/3 · 30/50 · ")


def test_a_run_of_folds_that_was_stopped_says_how_many_have_a_model() -> None:
    run = folds(("stopped", {"step": 30, "kept": 35, "seconds": 4.0}))
    assert CurveView.heading(run) == "Loss  2 of 3 folds"
    assert words_of(run.state) == "fold 2/3 · 30/50 · kept epoch 35 on average · 4.0 s"
    said = [line for _, line in lines(run)]
    assert said[0].endswith("(rows: in 3 folds 1,800, validation 600, test 600)")
    assert said[-1] == "stopped at epoch 30 in fold 2 of 3, epoch 35 kept on average"


def test_the_last_fit_on_everything_looks_otherwise_than_a_fold() -> None:
    run = folds(progress(2, 30, 0.2), progress(3, 30, validated=False), ("finished", {"step": 30}))
    samples = {line.label: line.role for line in members.lines(run.state, "loss", previous=False)}
    assert samples["refit"] != samples["each fold"]
    look = run.look
    assert look.sample(samples["refit"]) != look.sample(samples["each fold"])


def test_one_model_needs_no_name() -> None:
    shown = physics(state=state(progress(0, 12)))
    assert CurveView.heading(shown) == "Loss"
    assert "mean" not in drawn(CurveView, shown)
    assert words_of(shown.state).startswith("12/50 · ")


def test_the_numbers_over_folds_stand_beside_the_validation() -> None:
    judged: dict[str, Any] = {
        "part": "validation",
        "metrics": {"auc": 0.871},
        "spread": {"auc": {"mean": 0.866, "deviation": 0.0123}},
    }
    text = drawn(NumbersView, folds(("evaluated", judged)))
    assert "over folds" in text
    assert "0.866 ± 0.012" in text


@pytest.mark.parametrize("view", [YieldsView, InputsView, VariationsView, CurveView, NumbersView])
@pytest.mark.parametrize("size", [(24, 8), (44, 14), (78, 18), (156, 40)])
def test_no_room_is_too_small_and_ascii_stays_ascii(view: type, size: tuple[int, int]) -> None:
    assert drawn(view, physics(look=Look(ascii=True, colours="none")), *size).isascii()


def test_every_view_of_a_physics_run_has_a_tab() -> None:
    names = [view.name for view in VIEWS if view.offered(physics())]
    assert names == [
        "curve", "surface", "roc", "scores", "matrix", "numbers", "yields", "inputs", "variations", "log",
        "events",
    ]  # fmt: skip


def test_a_process_whose_rows_the_cut_took_does_not_shift_the_others() -> None:
    scores = events()
    shifted = replace(scores, process=(scores.process + 1).astype(np.int16))
    run = state(process_names=["ZZ", *NAMES])
    shown = physics(state=run, snapshot=Snapshot(40, {"validation": shifted}))
    expected = [line[:40] for line in drawn(YieldsView, physics()).split("\n")[1:4]]
    assert [line[:40] for line in drawn(YieldsView, shown).split("\n")[1:4]] == expected
