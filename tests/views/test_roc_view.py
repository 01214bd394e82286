"""The ROC view: its forms, the error it tells, the runs behind it, and its numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mltui.core.snapshot import Scores, Snapshot
from mltui.evaluation.curves import auc_error, sides
from mltui.evaluation.metrics import metrics
from mltui.plots.look import Look
from mltui.record.state import RunState
from mltui.views.derived import with_this_before
from mltui.views.roc import RocView
from mltui.views.shown import Before, Shown

TWO = ("background", "signal")
PLAIN = Look(colours="none")


def scores(rows: int = 400, seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    return Scores(target, np.clip(0.3 + 0.3 * target + rng.normal(0, 0.2, rows), 0, 1), rng.normal(1, 0.3, rows))


def shown(**more: object) -> Shown:
    parts = {"train": scores(400, 2), "validation": scores()}
    looked = Shown(state=RunState(run="7"), snapshot=Snapshot(40, parts), classes=TWO, weighted=True, look=PLAIN)
    return replace(looked, **more)  # type: ignore[arg-type]


def in_form(form: str, **more: object) -> Shown:
    return shown(forms={"roc": form}, **more)


def picture(looked: Shown, width: int = 78, height: int = 18) -> str:
    return "\n".join(row.plain for row in RocView().picture(looked, width, height))


def test_the_headline_is_the_validations_area_with_its_error() -> None:
    part = scores()
    found = metrics(part, "classification", TWO, weighted=True)
    error = auc_error(sides(part))
    assert error is not None
    assert RocView.headline(shown()) == f"auc {found['auc']:.3f} ± {error:.3f}"
    assert RocView.headline(in_form("precision")) == f"average precision {found['average_precision']:.3f}"


@pytest.mark.parametrize(
    ("form", "heading", "axis"),
    [
        ("roc", "ROC", "background efficiency ε_B"),
        ("rejection", "ROC: background rejection", "signal efficiency ε_S"),
        ("inverse", "ROC: 1/ε_B", "1/ε_B"),
        ("precision", "Precision-recall", "recall ε_S"),
    ],
)
def test_every_form_has_its_heading_and_its_axes(form: str, heading: str, axis: str) -> None:
    assert RocView.heading(in_form(form)) == heading
    assert axis in picture(in_form(form))


def test_the_efficiency_at_ten_percent_background_is_the_runs_metric() -> None:
    found = metrics(scores(), "classification", TWO, weighted=True)["efficiency_at"]["0.10"]
    assert RocView.numbers(shown()).values["efficiency_at_0.1"] == pytest.approx(found)
    assert f"ε_S @0.1 {found:.3f} ± " in picture(shown())


def test_the_run_before_is_drawn_behind_and_named() -> None:
    before = (Before("6", TWO, scores(400, 9)), Before("5", ("a", "b"), scores()), Before("7", TWO, scores()))
    drawn = picture(shown(earlier=before), 110)
    assert "run 6" in drawn
    assert "run 5" not in drawn, "it tells other classes apart"
    assert "run 7" not in drawn, "it is the one in view"
    assert RocView.by_hand(shown(earlier=before)) != RocView.by_hand(shown())


def test_the_last_three_runs_are_kept_each_once() -> None:
    looked = shown()
    for run in ("1", "2", "3", "4", "3"):
        looked = replace(looked, earlier=with_this_before(replace(looked, state=RunState(run=run))))
    assert [one.run for one in looked.earlier] == ["3", "4", "2"]
    assert looked.earlier[0].scores is looked.snapshot.scores["validation"]  # type: ignore[union-attr]


def test_an_opened_test_part_is_judged_where_it_is_asked_for_and_never_kept_for_later() -> None:
    looked = shown()
    assert looked.snapshot is not None
    parts = {**looked.snapshot.scores, "test": scores(400, 8)}
    opened = shown(snapshot=replace(looked.snapshot, scores=parts))
    assert [table.name for table in RocView.numbers(opened).tables] == ["validation", "train"]
    asked = replace(opened, part="test")
    assert [table.name for table in RocView.numbers(asked).tables] == ["test", "train", "validation"]
    assert with_this_before(asked)[0].scores is parts["validation"]


def test_a_moment_of_the_past_and_a_run_without_scores_are_not_kept() -> None:
    assert with_this_before(shown(cursor=3.0)) == ()
    assert with_this_before(shown(snapshot=None)) == ()
    assert with_this_before(shown(task="regression")) == ()


def test_with_folds_the_band_is_how_far_their_curves_lie_apart() -> None:
    folds = {"validation": np.arange(400) % 4}
    looked = shown()
    assert looked.snapshot is not None
    with_folds = shown(snapshot=replace(looked.snapshot, folds=folds))
    assert "±1σ folds" in picture(with_folds, 110)
    assert "±1σ" in picture(looked, 110)
    assert "folds" not in picture(looked, 110)


def test_with_seeds_the_band_is_how_far_their_curves_lie_apart() -> None:
    looked = shown()
    assert looked.snapshot is not None
    seeds = np.clip(scores().scores[:, None] + np.random.default_rng(1).normal(0, 0.1, (400, 3)), 0, 1)
    assert "±1σ seeds" in picture(shown(snapshot=replace(looked.snapshot, seeds={"validation": seeds})), 110)


def test_the_numbers_of_a_form_are_its_curves() -> None:
    found = RocView.numbers(in_form("inverse"))
    assert [table.name for table in found.tables] == ["validation", "train"]
    assert found.tables[0].log_y
    assert found.tables[0].y_label == "background rejection 1/ε_B"
    at, told = found.values["background_efficiency"], found.values["partial_auc_to_threshold"]
    assert isinstance(at, float)
    assert told == pytest.approx(sides(scores()).roc.partial_area(at))


def test_many_classes_have_a_curve_each_in_every_form() -> None:
    rng = np.random.default_rng(3)
    target = rng.integers(0, 3, 300)
    answers = np.exp(rng.normal(0, 1, (300, 3)) + 2 * np.eye(3)[target])
    part = Scores(target, answers / answers.sum(axis=1, keepdims=True), np.ones(300))
    looked = shown(classes=("a", "b", "c"), snapshot=Snapshot(1, {"validation": part}))
    found = metrics(part, "classification", ("a", "b", "c"), weighted=False)
    assert RocView.headline(looked) == f"mean auc {found['auc']:.3f}"
    for form in RocView.forms:
        drawn = replace(looked, forms={"roc": form})
        assert [table.name for table in RocView.numbers(drawn).tables] == ["a", "b", "c"]
        assert "◆" not in picture(drawn)
    assert RocView.numbers(looked).values["auc b"] == pytest.approx(sides(part, 1).roc.auc)


@pytest.mark.parametrize("form", RocView.forms)
def test_one_class_alone_is_said_in_words(form: str) -> None:
    part = Scores(np.ones(9, np.int64), np.linspace(0, 1, 9), np.ones(9))
    looked = in_form(form, snapshot=Snapshot(1, {"validation": part}))
    assert "both classes" in picture(looked)
    assert RocView.headline(looked) == ""
    assert RocView.numbers(looked).values["auc"] is None
