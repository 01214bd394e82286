"""The significance as a live curve and as what patience goes by: where rows stand for events, and only there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.events import Event
from mltui.core.snapshot import Scores
from mltui.evaluation.cuts import FEWEST, cuts
from mltui.evaluation.significance import significance
from mltui.evaluation.yields import processes, yields
from mltui.record.state import RunState, fold
from mltui.training.early_stopping import Rule
from mltui.training.engines import engine
from mltui.training.problem import Problem
from mltui.training.report import Reporter

Make = Callable[..., Problem]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two signal and two background columns' worth of weighted rows, one in twelve of negative weight."""
    rng = np.random.default_rng(4)
    signal = rng.integers(0, 2, 900)
    x, y = rng.normal(signal, 1.0), rng.normal(-0.5 * signal, 1.0)
    weight = np.where(signal == 1, 0.05, 3.0) * np.where(rng.random(900) < 1 / 12, -1, 1)
    path = tmp_path_factory.mktemp("events") / "events.csv"
    rows = np.column_stack([x, y, signal, weight])
    np.savetxt(path, rows, delimiter=",", header="x,y,label,w", comments="", fmt="%.6g")
    return path


def made(
    problem: Make, events: Path, model: dict[str, Any], data: dict[str, Any] | None = None, **sections: Any
) -> Problem:
    weighted = {"files": [str(events)], "target": "label", "weight": "w", **(data or {})}
    return problem(model=model, data={k: v for k, v in weighted.items() if v is not None}, **sections)


def fit(one: Problem) -> tuple[Any, RunState]:
    said: list[Event] = []
    reporter = Reporter(lambda kind, **fields: said.append(Event(len(said), 1, kind, float(len(said)), fields)))
    fitted = engine(one.card).fit(one, reporter)
    reporter.flush()
    return fitted, fold(RunState(), said)


TREES = {"name": "hist_gradient_boosting", "max_iter": 6}
MLP = {"name": "mlp", "hidden_layers": [4]}
EPOCHS = {"epochs": 4, "batch_size": 60, "device": "cpu"}


@pytest.mark.parametrize(("model", "training"), [(TREES, {}), (MLP, EPOCHS)])
def test_the_last_point_is_what_yields_at_the_best_cut_say(
    problem: Make, events: Path, model: dict[str, Any], training: dict[str, Any]
) -> None:
    one = made(problem, events, model, {"background_uncertainty": 0.05}, training=training)
    fitted, state = fit(one)
    series = state.curve("significance", "validation")
    assert series is not None
    rows = one.validation
    assert rows is not None
    scores = Scores(rows.target, fitted.predict(rows.x), rows.weights)
    whole = processes(one.train.whole)
    highest = 0.0
    for threshold in np.unique(scores.scores):
        told = yields(scores, whole, (), one.classes, float(threshold))
        above = scores.scores > threshold
        behind = [
            scores.weights[above & (scores.target == code)].sum() ** 2
            / max(float((scores.weights[above & (scores.target == code)] ** 2).sum()), 1e-12)
            for code in (0, 1)
        ]
        assert told.signal is not None
        assert told.background is not None
        if min(behind) >= FEWEST:
            highest = max(highest, float(significance(told.signal, told.background, uncertainty=0.05)))
    assert highest > 0
    assert float(series.values[-1]) == pytest.approx(highest, rel=1e-6)
    assert {curve.better for curve in state.curves if curve.name == "significance"} == {"higher"}


@pytest.mark.parametrize("data", [{"weight": None}, {"target": "x", "weight": "w"}])
def test_without_weights_or_two_classes_there_is_none(problem: Make, events: Path, data: dict[str, Any]) -> None:
    model = {"name": "decision_tree"}
    _, state = fit(made(problem, events, model, data))
    assert "significance" not in {curve.name for curve in state.curves}


def test_where_too_few_events_stand_behind_every_cut_there_is_a_gap(problem: Make, events: Path) -> None:
    few = events.with_name("few.csv")
    few.write_text("\n".join(events.read_text().splitlines()[:31]))
    split = {"train": 0.5, "validation": 0.5, "test": 0.0}
    _, state = fit(made(problem, few, {"name": "decision_tree"}, {"files": [str(few)]}, split=split))
    series = state.curve("significance", "validation")
    assert series is not None
    assert np.isnan(series.values).all()
    accuracy = state.curve("accuracy", "validation")
    assert accuracy is not None
    assert np.isfinite(accuracy.values).any()


def test_patience_can_go_by_it(problem: Make, events: Path) -> None:
    training = {**EPOCHS, "epochs": 30, "learning_rate": 0.05, "early_stopping": 4, "monitor": "significance"}
    one = made(problem, events, MLP, training=training)
    fitted, state = fit(one)
    series = state.curve("significance", "validation")
    assert series is not None
    assert fitted.kept == int(np.nanargmax(series.values)) + 1 == state.kept
    assert len(series.values) == min(30, fitted.kept + 4)


def test_it_is_refused_where_it_is_not_known(problem: Make, events: Path) -> None:
    training = {**EPOCHS, "early_stopping": 4, "monitor": "significance"}
    with pytest.raises(InputError, match="significance does not suit classification without two classes and weights"):
        Rule.of(made(problem, events, MLP, {"weight": None}, training=training))


def test_observing_it_changes_no_number_of_the_fit(problem: Make, events: Path) -> None:
    """With weights of one the same trees grow, whether the significance is told or not."""
    rows = np.genfromtxt(events, delimiter=",", names=True)
    path = events.with_name("ones.csv")
    columns = np.column_stack([rows["x"], rows["y"], rows["label"], np.ones(len(rows))])
    np.savetxt(path, columns, delimiter=",", header="x,y,label,w", comments="", fmt="%.6g")
    told, plain = (fit(made(problem, path, TREES, data)) for data in ({}, {"weight": None, "exclude": ["w"]}))
    assert told[1].curve("significance", "validation") is not None
    for name in ("loss", "auc"):
        one, other = (state.curve(name, "validation") for _, state in (told, plain))
        assert one is not None
        assert other is not None
        np.testing.assert_allclose(one.values, other.values)


def test_a_sample_of_the_rows_stands_for_all_of_them(problem: Make, events: Path) -> None:
    one = made(problem, events, TREES)
    rows = one.train
    scores = Scores(rows.target, np.linspace(0, 1, len(rows)), rows.weights)
    whole = cuts(scores, one.processes, (), one.classes)
    assert whole is not None
    totals = {process.label: process.total for process in one.processes}
    assert (whole.background.total, whole.signal.total) == pytest.approx(tuple(totals[c] for c in one.classes))
