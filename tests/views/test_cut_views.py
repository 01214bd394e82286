"""The forms of Yields, Scores and Matrix: which a run has, what they say, and their numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from mltui.core.snapshot import Scores, Snapshot
from mltui.evaluation.cuts import cuts
from mltui.evaluation.overtraining import compared
from mltui.evaluation.ranked import by_class
from mltui.evaluation.rates import rates
from mltui.evaluation.significance import FORMULAS, significance
from mltui.views import View
from mltui.views.matrix import MatrixView
from mltui.views.numbers_of import Numbers
from mltui.views.scores import ScoresView
from mltui.views.shown import Shown
from mltui.views.variations import VariationsView
from mltui.views.yields import YieldsView, best_threshold
from tests.ui.moments import CLASSES, NAMES, events, physics, processes, told

THREE = Scores(np.arange(60) % 3, np.tile(np.eye(3) * 0.6 + 0.1, (20, 1)), np.ones(60))


def both(**changes: object) -> Shown:
    """With a train part too."""
    parts = {"train": events(1_800, 5), "validation": events()}
    return replace(physics(snapshot=Snapshot(40, parts)), **changes)  # type: ignore[arg-type]


def formed(view: type[View], form: str, shown: Shown) -> Shown:
    return replace(shown, forms={view.name: form})


def drawn(view: type[View], shown: Shown, width: int = 78, height: int = 19) -> str:
    rows = view().picture(shown, width, height)
    assert [cell_len(row.plain) for row in rows] == [width] * height
    return "\n".join(row.plain for row in rows)


def columns(numbers: Numbers, name: str) -> dict[str, list[Any]]:
    table = next(table for table in numbers.tables if table.name == name)
    found = table.document()["columns"]
    assert len({len(values) for values in found.values()}) == 1
    return dict(found)


@pytest.mark.parametrize("view", [YieldsView, ScoresView])
def test_forms_of_a_cut_need_two_classes(view: type[View]) -> None:
    assert len(view.forms_of(both())) > 2
    many = replace(both(), classes=("a", "b", "c"), snapshot=Snapshot(1, {"validation": THREE}))
    assert set(view.forms_of(many)) <= {view.forms[0], "calibration"}
    assert view.form(formed(view, view.forms[-1], many)) == view.forms[0]


@pytest.mark.parametrize("form", YieldsView.forms)
def test_the_yields_by_cut_have_the_numbers_of_the_threshold(form: str) -> None:
    shown = formed(YieldsView, form, both(threshold=0.62))
    found = told(events(), 0.62)
    assert found.signal is not None
    assert found.background is not None
    values = YieldsView.numbers(shown).values
    for each in FORMULAS:
        assert values[each] == pytest.approx(float(significance(found.signal, found.background, each)))
    formula = "asimov" if form == "table" else form
    assert f"{values[formula]:.2f}"[:3] in YieldsView.headline(shown)
    table = columns(YieldsView.numbers(shown), "cuts")
    place = int(np.searchsorted(table["threshold"], 0.62, side="right")) - 1
    assert table["signal"][place] == pytest.approx(found.signal)
    assert values["best_threshold"] == best_threshold(shown)
    assert ("best cut" in drawn(YieldsView, shown)) == (form != "table")


def test_the_best_cut_is_that_of_the_form_and_counts_the_uncertainty() -> None:
    plain = both()
    known = cuts(events(), processes(events()), NAMES, CLASSES)
    assert known is not None
    for form in YieldsView.forms[1:]:
        best = known.best(next(f for f in FORMULAS if f == form))
        assert best is not None
        assert best_threshold(formed(YieldsView, form, plain)) == best.threshold
    state = replace(plain.state, started={**plain.state.started, "background_uncertainty": 0.3})
    unsure = replace(plain, state=state)
    best = known.best("asimov", 0.3)
    assert best is not None
    assert best_threshold(unsure) == best.threshold
    assert "uncertainty of the background of 30 %" in " ".join(drawn(YieldsView, unsure).split())
    value, other = (YieldsView.numbers(one).values["asimov"] for one in (plain, unsure))
    assert isinstance(value, float)
    assert isinstance(other, float)
    assert other < value


def test_of_very_many_scores_legend_and_title_say_the_same() -> None:
    rng = np.random.default_rng(8)
    many = events(9_000, 8)
    many = Scores(many.target, rng.random(9_000) ** np.where(many.target == 1, 1.0, 3.0), many.weights, many.process)
    shown = formed(YieldsView, "s_over_sqrt_b", physics(snapshot=Snapshot(40, {"validation": many}), threshold=0.437))
    said = YieldsView.headline(shown).split("S/√B ")[1]
    assert said.replace(" ", "") in drawn(YieldsView, shown, 120, 24)
    found = by_class(many).above(0.437)
    kept = found.first[1] / many.weights[many.target == 1].sum()
    assert f"signal kept {kept:.3f}" in drawn(ScoresView, formed(ScoresView, "cuts", shown), 120, 24)


def test_a_run_that_says_nonsense_of_its_uncertainty_has_none() -> None:
    plain = both()
    for bad in ("much", None, -1, math.nan, [0.1]):
        state = replace(plain.state, started={**plain.state.started, "background_uncertainty": bad})
        assert YieldsView.numbers(replace(plain, state=state)).values["background_uncertainty"] == 0


def test_the_scores_tell_how_train_and_validation_agree() -> None:
    shown = both()
    found = compared(events(1_800, 5), events(), CLASSES)
    values = ScoresView.numbers(shown).values
    assert values["verdict"] == found.verdict == "agree"
    assert values["ks_p signal"] == found.classes["signal"].ks
    assert "train and validation agree" in drawn(ScoresView, shown)
    assert ScoresView.headline(shown) == "t 0.50  train agrees"
    alone = physics()
    assert ScoresView.headline(alone) == "t 0.50"
    assert "agree" not in drawn(ScoresView, alone)


@pytest.mark.parametrize("form", ScoresView.forms)
def test_every_form_of_the_scores_has_a_picture_and_numbers_of_each_part(form: str) -> None:
    for shown, parts in ((both(), ["train", "validation"]), (physics(), ["validation"])):
        one = formed(ScoresView, form, shown)
        text = drawn(ScoresView, one)
        assert "validation" in text or len(parts) == 1
        assert [table.name for table in ScoresView.numbers(one).tables] == parts
        for part in parts:
            assert columns(ScoresView.numbers(one), part)
        for size in ((200, 60), (30, 8), (5, 2)):
            drawn(ScoresView, one, *size)


def test_the_rarity_of_validation_background_is_flat() -> None:
    table = columns(ScoresView.numbers(formed(ScoresView, "rarity", both())), "train")
    assert np.mean(table["background"]) == pytest.approx(1, abs=1e-9)
    assert max(table["background"]) < 1.7
    assert table["signal"][-1] > 1


def test_the_matrix_has_its_rates_as_numbers() -> None:
    shown = both(threshold=0.4)
    found = rates(by_class(events()), 0.4)
    values = MatrixView.numbers(shown).values
    assert values["signal_efficiency"] == found.signal_efficiency.value
    assert values["negative_purity_error"] == found.negative_purity.error
    matrix = columns(MatrixView.numbers(shown), "matrix")
    assert matrix["is"] == list(CLASSES)
    assert sum(matrix["said signal"]) + sum(matrix["said background"]) == pytest.approx(events().weights.sum())
    many = replace(both(), classes=("a", "b", "c"), snapshot=Snapshot(1, {"validation": THREE}))
    assert "signal_efficiency" not in MatrixView.numbers(many).values
    assert MatrixView.numbers(many).values["accuracy"] == 1


def test_variations_have_their_numbers_as_rows() -> None:
    numbers = VariationsView.numbers(physics())
    table = columns(numbers, "variations")
    assert table["variation"] == ["JES_up", "JES_down"]
    assert table["auc"] == pytest.approx([0.875, 0.867])
    assert table["auc nominal"] == pytest.approx([0.871, 0.871])
    assert {"JES_up", "JES_down"} <= {one.name for one in numbers.tables}
    assert len(columns(numbers, "JES_up")["score"]) == 20


def test_before_a_run_there_is_nothing() -> None:
    for view in (YieldsView, ScoresView, MatrixView, VariationsView):
        assert not view.numbers(Shown()).tables or not view.numbers(Shown()).tables[0].columns.get("variation")
    assert best_threshold(Shown()) is None
