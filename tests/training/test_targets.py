"""Regressions of several values, from the file to the kept model: beside scikit-learn, and cut off and gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

import mltui
from mltui.core.errors import InputError
from mltui.core.prediction import Request
from mltui.data import memory
from mltui.data.disk import on_disk
from mltui.export.code import code
from mltui.export.runs import of_run
from mltui.inference.members import Members
from mltui.inference.predict import Prediction
from mltui.record.predictions import read_predictions
from mltui.record.snapshots import read_snapshot
from mltui.training.describe import describe
from mltui.training.prepare import prepare
from mltui.training.problem import Problem, TrainingError
from tests.export.bare import told
from tests.training.conftest import Run, Workers
from tests.training.test_resume import Attempts, Killed

pytestmark = pytest.mark.xdist_group("several targets")
ROWS = 240
TARGETS = ("x", "v")
MLP = {"name": "mlp", "hidden_layers": [8]}
DATA: dict[str, Any] = {"target": list(TARGETS), "features": ["t", "a"], "weight": "w"}


def events(seed: int = 1) -> pl.DataFrame:
    """Values of very different size, some missing; weights, a process, and a variation of a feature."""
    rng = np.random.default_rng(seed)
    t, a = rng.uniform(0, 6, ROWS), rng.uniform(0.5, 2, ROWS)
    velocity = -3000 * a * np.sin(t) + rng.normal(0, 30, ROWS)
    return pl.DataFrame(
        {
            "t": t,
            "a": a,
            "t_up": t + 0.1,
            "x": a * np.cos(t) + 5,
            "v": np.where(np.arange(ROWS) % 20 == 7, np.nan, velocity),
            "w": rng.uniform(0.5, 1.5, ROWS),
        }
    )


DOCUMENTS: dict[str, dict[str, Any]] = {
    "linear": {"model": {"name": "linear_regression"}},
    "knn": {"model": {"name": "knn", "n_neighbors": 5}},
    "tree": {"model": {"name": "decision_tree", "max_depth": 4}},
    "forest": {"model": {"name": "random_forest", "n_estimators": 5}},
    "network": {
        "model": MLP,
        "training": {"epochs": 6, "batch_size": 16, "learning_rate": 0.02, "early_stopping": 3},
        "data": {"variations": [{"name": "up", "replace": {"t": "t_up"}}]},
    },
    "halves": {
        "model": {**MLP, "activation": "tanh"},
        "training": {"epochs": 2, "batch_size": 32, "loss": "absolute"},
        "split": {"folds": 2},
    },
    "folds": {
        "model": MLP,
        "training": {"epochs": 2, "batch_size": 32, "loss": "huber"},
        "split": {"folds": 2, "refit": True},
    },
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    events().write_parquet(folder / "old.parquet")
    events(2).drop("x", "v").write_parquet(folder / "new.parquet")
    return folder


@pytest.fixture(scope="module")
def runs(files: Path, workers: Workers) -> Mapping[str, Run]:
    data = {"files": [str(files / "old.parquet")], **DATA}
    asked = {name: {**one, "data": {**data, **one.get("data", {})}} for name, one in DOCUMENTS.items()}
    return workers.in_one(asked, opened=["network", "folds"])


# -- what a run says ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_numbers_are_scikit_learns_of_the_kept_scores(runs: Mapping[str, Run], name: str) -> None:
    state, found = runs[name].state(), read_predictions(runs[name].folder)
    assert found is not None
    assert found.targets == tuple(state.started["targets"]) == TARGETS
    for part, rows in found.parts.items():
        scores, said = rows.scores, state.metrics[part]
        assert scores.target.shape == scores.scores.shape == (len(rows), 2)
        assert np.isfinite(scores.scores).all()
        for weights, one in ((scores.weights, said), (None, said["unweighted"])):
            for metric, measure in (("loss", mean_squared_error), ("mae", mean_absolute_error), ("r2", r2_score)):
                mean = measure(scores.target, scores.scores, sample_weight=weights)
                assert one[metric] == pytest.approx(mean, rel=1e-9)
                each = measure(scores.target, scores.scores, sample_weight=weights, multioutput="raw_values")
                assert [one["targets"][target][metric] for target in TARGETS] == pytest.approx(list(each), rel=1e-9)


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "linear": LinearRegression,
    "knn": lambda: KNeighborsRegressor(5),
    "tree": lambda: DecisionTreeRegressor(max_depth=4, random_state=1),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_is_fitted_to_all_of_them_as_a_bare_fit(runs: Mapping[str, Run], name: str) -> None:
    members = Members.load(runs[name].folder)
    found = read_predictions(runs[name].folder)
    assert found is not None
    train = found.parts["train"]
    made = prepare(members.experiment, runs[name].folder.path).member(0).problem
    x = made.train.x.astype(np.float64)
    weights = {} if name == "knn" else {"sample_weight": made.fit.weights}
    bare = ESTIMATORS[name]().fit(x, made.train.target, **weights)
    np.testing.assert_allclose(train.scores.scores, bare.predict(x), rtol=1e-9)
    if name == "linear":
        apart = MultiOutputRegressor(LinearRegression()).fit(x, made.train.target, **weights)
        np.testing.assert_allclose(train.scores.scores, apart.predict(x), rtol=1e-6)


def test_each_target_is_scaled_by_itself_and_learnt(runs: Mapping[str, Run]) -> None:
    state = runs["network"].state()
    assert all(state.metrics["train"]["targets"][target]["r2"] > 0.1 for target in TARGETS)
    curves = {curve.name for curve in state.curves}
    assert {"squared_loss", "loss", "rmse", "r2"} == curves
    assert {curve.name for curve in runs["folds"].state().curves} == {"huber_loss", "loss", "rmse", "r2"}
    minimised = {c.part: s.values for c, s in zip(state.curves, state.series, strict=True) if c.name == "squared_loss"}
    assert 0 < minimised["train"][-1] < minimised["train"][0] < 3, "in units of the targets' spreads"
    assert state.kept == float(np.argmin(minimised["validation"]) + 1)


def test_pictures_and_variations_hold_them(runs: Mapping[str, Run]) -> None:
    state, folder = runs["network"].state(), runs["network"].folder
    snapshot = read_snapshot(folder.snapshots / state.snapshots[-1][1])
    assert snapshot is not None
    assert snapshot.surface is not None
    assert snapshot.points is not None
    assert snapshot.surface.values.ndim == 3
    assert len(snapshot.surface.values) == snapshot.points.target.shape[1] == 2
    assert not np.allclose(snapshot.surface.of(0).values, snapshot.surface.of(1).values)
    varied = state.variations["validation"]["up"]
    assert varied["r2"] != state.metrics["validation"]["r2"]
    assert varied["shape"]["classes"]


# -- asked about new rows ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["network", "folds", "forest"])
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_files_get_a_column_for_each_and_a_notebook_the_same(
    runs: Mapping[str, Run], files: Path, tmp_path: Path, name: str, format: Any
) -> None:
    folder = runs[name].folder
    report = Prediction(folder, Request((str(files / "new.parquet"),), tmp_path, Path("/"), None, format)).run()
    names = [f"prediction_{target}" for target in TARGETS]
    assert [column["name"] for column in report["columns"]["scores"]] == names
    out = report["files"][0]["out"]
    frame = pl.read_parquet(out) if format == "parquet" else pl.read_csv(out)
    run = mltui.load(folder.path)
    assert run.targets == TARGETS
    said = run.predict(pl.read_parquet(files / "new.parquet"))
    assert said.shape == (ROWS, 2)
    np.testing.assert_allclose(frame.select(names).to_numpy(), said, rtol=1e-12)
    assert run.predict(pl.read_parquet(files / "new.parquet")[:0]).shape == (0, 2)
    assert run.labels["train"].shape == run.scores["train"].shape == (len(run.weights["train"]), 2)


def test_rows_whose_model_was_never_made_have_no_value(runs: Mapping[str, Run], tmp_path: Path) -> None:
    copy = tmp_path / "1"
    shutil.copytree(runs["folds"].folder.path, copy)
    folder = type(runs["folds"].folder)(copy)
    shutil.rmtree(folder.member_model("fold 2"))
    members = Members.load(folder)
    table = prepare(members.experiment, copy).divided.table
    rows = np.arange(6)
    found = members.score(table, rows, np.array([0, 1, 0, 1, -1, -2])).scores
    assert found.shape == (6, 2)
    np.testing.assert_array_equal(np.isnan(found).all(axis=1), [False, True, False, True, False, False])


def test_the_code_of_a_run_finds_the_same_numbers(runs: Mapping[str, Run], tmp_path: Path) -> None:
    names: dict[str, str] = {}
    for name in ("network", "halves", "linear", "forest"):
        asked, ran = of_run(runs[name].folder)
        path = tmp_path / f"{name}.py"
        path.write_text(code(asked, runs[name].folder.path, ran))
        names[str(path)] = name
    for script, printed in told(names).items():
        for part, found in runs[names[script]].state().metrics.items():
            for metric in ("loss", "rmse", "mae", "r2"):
                assert printed[f"{part} {metric}"] == pytest.approx(found[metric], rel=1e-9), (script, part, metric)


# -- refused, and gone on with -----------------------------------------------------------------------------------------
def test_a_model_of_one_target_is_refused_with_those_that_learn_several(problem: Callable[..., Problem]) -> None:
    with pytest.raises(InputError) as caught:
        problem("oscillator", {"name": "hist_gradient_boosting"})
    assert caught.value.sentence == (
        "hist_gradient_boosting learns one target, and there are 2 (position, velocity); name one in data.target, or "
        "take a model that learns several: mlp, linear_regression, polynomial_regression, ridge, lasso, knn, "
        "decision_tree, random_forest, extra_trees, xgboost"
    )
    with pytest.raises(InputError, match="the targets position, velocity ask for regression"):
        problem("oscillator", {"name": "logistic_regression"})


@pytest.mark.parametrize("loss", ["absolute", "squared"])
def test_cut_off_and_gone_on_it_is_the_same_bit_for_bit(
    problem: Callable[..., Problem], tmp_path: Path, loss: str
) -> None:
    settings = {"epochs": 5, "batch_size": 20, "device": "cpu", "loss": loss, "early_stopping": 3}
    small = {"dataset": "oscillator", "options": {"samples": 120}}
    made = problem(model={"hidden_layers": [6], "dropout": 0.2}, data=small, training=settings)
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    whole, cut = Attempts(made, tmp_path / "whole"), Attempts(made, tmp_path / "cut")
    alone = whole.go()
    for at in (3, 9):
        with pytest.raises(Killed):
            cut.go(at)
    again = cut.go()
    np.testing.assert_array_equal(alone.predict(made.train.x), again.predict(made.train.x))
    for one, other in zip(whole.state().series, cut.state().series, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_by_gradient_one_layer_comes_to_where_algebra_does(problem: Callable[..., Problem], tmp_path: Path) -> None:
    training = {"epochs": 300, "optimizer": "gradient_descent", "learning_rate": 0.5}
    asked = {"name": "linear_regression", "solver": "gradient"}
    made = problem("oscillator", asked, training=training, data={"dataset": "oscillator", "options": {"samples": 100}})
    fitted = Attempts(made, tmp_path).go()
    x = made.train.x.astype(np.float64)
    bare = LinearRegression().fit(x, made.train.target)
    np.testing.assert_allclose(fitted.predict(made.train.x), bare.predict(x), atol=1e-4)


def test_weights_that_explode_in_one_target_are_told(problem: Callable[..., Problem], tmp_path: Path) -> None:
    training = {"epochs": 30, "optimizer": "gradient_descent", "learning_rate": 50.0}
    made = problem("oscillator", {"name": "linear_regression", "solver": "gradient"}, training=training)
    with pytest.raises(TrainingError, match="explode"):
        Attempts(made, tmp_path).go()


# -- before a run, and larger than memory ------------------------------------------------------------------------------
def test_the_description_says_what_each_column_is_for(files: Path) -> None:
    from mltui.core.sections import Data

    said = describe(Data(files=(str(files / "old.parquet"),), target=TARGETS, features=("t", "a")), files)
    roles = {column["name"]: column["role"] for column in said["columns"]}
    assert (roles["x"], roles["v"], roles["t"]) == ("target", "target", "feature")
    assert (said["target"], said["targets"], said["task"]) == ("x, v", ["x", "v"], "regression")
    assert any("12 of 240 rows lack one of x, v and are not used." in problem for problem in said["problems"])


def test_from_disk_they_are_the_same(
    files: Path, experiment: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = {"dataset": None, "files": [str(files / "old.parquet")], **DATA}
    asked = experiment(data=data, training={"epochs": 2, "batch_size": 32})
    here = prepare(asked, tmp_path).member(0).problem
    monkeypatch.setattr(memory, "room", lambda *_: False)
    monkeypatch.setattr(memory, "fits", lambda *_: False)
    away = prepare(asked, tmp_path).member(0).problem
    assert on_disk(away.train.target)
    for part, rows in here.parts.items():
        order, there = np.argsort(rows.entry), np.argsort(away.parts[part].entry)
        np.testing.assert_array_equal(rows.target[order], away.parts[part].target[there])
    from mltui.training.network_data import target_of

    one, other = target_of(here.fit), target_of(away.fit)
    assert one.mean == pytest.approx(other.mean)
    assert one.spread == pytest.approx(other.spread)
