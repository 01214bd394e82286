"""Runs with folds and refits end to end: every row judged by the model that did not see it, against bare libraries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mltui.cli.asked import Asked
from mltui.cli.documents import run_document
from mltui.core.table import Floats, Table
from mltui.data.preprocess import Preprocessing
from mltui.data.read import read
from mltui.inference.asked import experiment
from mltui.inference.reload import load
from mltui.models.catalogue import CARDS
from mltui.record.predictions import PartPredictions, Predictions, read_predictions
from mltui.record.state import RunState
from mltui.training.judged import spread
from mltui.training.unseal import unseal

pytestmark = pytest.mark.xdist_group("folds")

MOONS = {"dataset": "moons", "options": {"samples": 200, "noise": 0.3}}
DALITZ = {"dataset": "dalitz", "rows": 400}
KNN = {"name": "knn", "n_neighbors": 7}
NETWORK = {
    "data": MOONS,
    "split": {"folds": 3, "refit": True},
    "model": {"name": "mlp", "hidden_layers": [8], "dropout": 0.1},
    "training": {"epochs": 6, "batch_size": 20, "device": "cpu", "threads": 1},
}
BOOSTING = {
    "data": DALITZ,
    "split": {"folds": 4, "refit": True},
    "model": {"name": "hist_gradient_boosting", "max_iter": 40, "max_leaf_nodes": 5},
    "training": {"early_stopping": 2, "threads": 1},
}
DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "network": NETWORK,
    "again": NETWORK,
    "boosting": BOOSTING,
    "alone": {**BOOSTING, "split": {"refit": True}},
    "knn": {"data": DALITZ, "split": {"folds": 5}, "model": KNN, "training": {"threads": 1}},
    "tree": {"data": MOONS, "split": {"folds": 3}, "model": {"name": "decision_tree", "max_depth": 3}},
    "values": {
        "data": {"dataset": "plane"},
        "split": {"folds": 2, "test": 0.5, "train": 0.3},
        "model": {"name": "decision_tree"},
    },
}
FOLDS = {"network": 3, "boosting": 4, "knn": 5, "tree": 3, "values": 2}
single = FunctionTransformer(lambda x: x.astype(np.float32).astype(np.float64))


@pytest.fixture(scope="module")
def runs(workers: Any) -> dict[str, Any]:
    found: dict[str, Any] = workers.in_one(DOCUMENTS, opened=["values"])
    return found


def kept(run: Any) -> Predictions:
    predictions = read_predictions(run.folder)
    assert predictions is not None
    return predictions


def table_of(run: Any) -> Table:
    """The data of a run, in the order of their entries."""
    table = read(experiment(run.folder).data, run.folder.path)
    return table.take(np.argsort(table.entry))


def matrix(table: Table) -> Floats:
    return np.column_stack([np.asarray(table.values[name], np.float64) for name in table.features])


def said_by(run: Any, name: str, table: Table) -> Floats:
    """What one of the kept models says of every row."""
    place = run.folder.model / name if name else run.folder.model
    fitted = load(place, CARDS[experiment(run.folder).model.name])
    return fitted.predict(Preprocessing.load(place).transform(table))


def places(table: Table, rows: PartPredictions) -> np.ndarray:
    found = np.searchsorted(table.entry, rows.entry)
    np.testing.assert_array_equal(table.entry[found], rows.entry)
    return found


def fold_of(rows: PartPredictions) -> np.ndarray:
    assert rows.fold is not None
    return rows.fold


@pytest.mark.parametrize("name", FOLDS)
def test_every_row_but_the_sealed_ones_is_judged_once(runs: dict[str, Any], name: str) -> None:
    run, predictions = runs[name], kept(runs[name])
    table, asked = table_of(run), experiment(run.folder).split
    pool = predictions.parts["validation"]
    test = predictions.sealed["test"] if name != "values" else predictions.parts["test"]
    for part in ("train", "validation"):
        rows = predictions.parts[part]
        assert sorted(rows.entry) == sorted(pool.entry)
        assert len(set(rows.entry)) == len(rows), "each row once"
        np.testing.assert_array_equal(rows.scores.target, table.target[places(table, rows)])
    assert not set(pool.entry) & set(test.entry)
    assert len(pool) == pytest.approx((asked.train + asked.validation) * len(table), abs=1)
    sizes = np.bincount(fold_of(pool))
    assert len(sizes) == FOLDS[name]
    assert sizes.max() - sizes.min() <= 1
    assert run.state().started["parts"] == {"train": len(pool), "validation": 0, "test": len(test)}


@pytest.mark.parametrize("name", FOLDS)
def test_each_score_is_that_of_the_model_that_may_speak_for_the_row(runs: dict[str, Any], name: str) -> None:
    """Validation by the model that its fold was held out of, train by the next one, which was fitted on it."""
    run, folds = runs[name], FOLDS[name]
    table = table_of(run)
    by_model = np.array([said_by(run, f"fold-{fold + 1}", table) for fold in range(folds)])
    assert len({array.tobytes() for array in by_model}) == folds, "the models differ"
    for part, ahead in (("validation", 0), ("train", 1)):
        rows = kept(run).parts[part]
        wanted = by_model[(fold_of(rows) + ahead) % folds, places(table, rows)]
        np.testing.assert_allclose(rows.scores.scores, wanted, rtol=1e-6, atol=1e-9)


def test_a_deviation_that_is_nothing_but_rounding_is_none() -> None:
    equal_but_for_rounding = [{"separation": 1.0}, {"separation": 1.0}, {"separation": 1.0 - 2.0**-53}]
    assert spread(equal_but_for_rounding) == {"separation": {"mean": pytest.approx(1.0), "deviation": 0.0}}
    assert spread([{"auc": 0.5}, {"auc": 0.7}])["auc"]["deviation"] == pytest.approx(0.02**0.5)


@pytest.mark.parametrize("name", FOLDS)
def test_mean_and_deviation_are_those_of_the_models_each_on_its_own_fold(runs: dict[str, Any], name: str) -> None:
    state, rows = runs[name].state(), kept(runs[name]).parts["validation"]
    folds = [rows.scores.take(fold_of(rows) == fold) for fold in range(FOLDS[name])]
    if name == "values":
        wanted = {"r2": [r2_score(one.target, one.scores) for one in folds]}
        wanted["rmse"] = [float(np.sqrt(np.mean((one.scores - one.target.astype(np.float64)) ** 2))) for one in folds]
    else:
        wanted = {"auc": [roc_auc_score(one.target, one.scores) for one in folds]}
        wanted["accuracy"] = [accuracy_score(one.target, one.scores >= 0.5) for one in folds]
    for metric, values in wanted.items():
        found = state.spread["validation"][metric]
        assert found["mean"] == pytest.approx(np.mean(values), rel=1e-9)
        assert found["deviation"] == pytest.approx(np.std(values, ddof=1), rel=1e-6)
    assert {"confusion", "precision", "events"}.isdisjoint(state.spread["validation"]), "only what is one number"
    assert set(state.spread) == {"train", "validation"}
    whole = rows.scores
    if name != "values":
        assert state.metrics["validation"]["auc"] == pytest.approx(roc_auc_score(whole.target, whole.scores))


@pytest.mark.parametrize("name", ["knn", "tree"])
def test_out_of_fold_scores_are_those_of_cross_val_predict(runs: dict[str, Any], name: str) -> None:
    run = runs[name]
    table, rows = table_of(run), kept(run).parts["validation"]
    at = places(table, rows)
    bare = {
        "knn": lambda: KNeighborsClassifier(7),
        "tree": lambda: DecisionTreeClassifier(max_depth=3, random_state=1),
    }[name]()
    pipeline = make_pipeline(StandardScaler(), single, bare)
    found = cross_val_predict(
        pipeline, matrix(table)[at], table.target[at], cv=PredefinedSplit(fold_of(rows)), method="predict_proba"
    )
    np.testing.assert_allclose(rows.scores.scores, found[:, 1], atol=1e-12)


@pytest.mark.parametrize("name", ["boosting", "alone"])
def test_a_refit_is_a_bare_fit_on_train_and_validation_with_as_many_trees_as_were_kept(
    runs: dict[str, Any], name: str
) -> None:
    run, state = runs[name], runs[name].state()
    names = ["fold-1", "fold-2", "fold-3", "fold-4"] if name == "boosting" else [""]
    trees = [json.loads((run.folder.model / one / "estimator.json").read_text())["kept"] for one in names]
    assert max(trees) < 40, "early stopping has ended each"
    assert state.kept == round(np.mean(trees))
    table, predictions = table_of(run), kept(run)
    parts = ["validation"] if name == "boosting" else ["train", "validation"]
    at = np.concatenate([places(table, predictions.parts[part]) for part in parts])
    scaler = StandardScaler().fit(matrix(table)[at])
    x = scaler.transform(matrix(table)).astype(np.float32).astype(np.float64)
    bare = HistGradientBoostingClassifier(
        max_iter=int(state.kept), max_leaf_nodes=5, early_stopping=False, random_state=1
    ).fit(x[at], table.target[at])
    np.testing.assert_allclose(said_by(run, "refit", table), bare.predict_proba(x)[:, 1], rtol=1e-6)
    assert len(at) == 320


def test_the_refit_of_a_network_trains_for_the_kept_epochs(runs: dict[str, Any]) -> None:
    described = json.loads((runs["network"].folder.model / "refit" / "network.json").read_text())
    assert (described["kept"], described["training"]["epochs"]) == (6, 6)
    series = runs["network"].state().curve("loss", "train", "refit")
    np.testing.assert_array_equal(series.steps, np.arange(1, 7))


def test_without_folds_the_first_model_judges_and_the_refit_is_one_more(runs: dict[str, Any]) -> None:
    run, state = runs["alone"], runs["alone"].state()
    assert state.members == ("", "refit")
    assert state.spread == {}
    table = table_of(run)
    for part in ("train", "validation"):
        rows = kept(run).parts[part]
        assert rows.fold is None
        np.testing.assert_allclose(rows.scores.scores, said_by(run, "", table)[places(table, rows)], rtol=1e-6)
    assert state.latest("loss", "validation") is None, "the refit has no validation"
    assert state.curve("loss", "validation") is not None


def test_the_same_experiment_twice_gives_the_same_numbers(runs: dict[str, Any]) -> None:
    once, twice = (runs[name] for name in ("network", "again"))
    assert once.state().metrics == twice.state().metrics
    assert once.state().spread == twice.state().spread
    for one, other in zip(once.state().series, twice.state().series, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    for part in ("train", "validation"):
        np.testing.assert_array_equal(kept(once).parts[part].scores.scores, kept(twice).parts[part].scores.scores)
    assert (once.folder.model / "refit" / "network.safetensors").read_bytes() == (
        twice.folder.model / "refit" / "network.safetensors"
    ).read_bytes()


def test_every_model_has_its_curves_and_the_first_its_pictures(runs: dict[str, Any]) -> None:
    state: RunState = runs["network"].state()
    assert state.members == ("fold 1", "fold 2", "fold 3", "refit")
    declared = {(curve.member, curve.part) for curve in state.curves}
    assert declared == {(f"fold {fold}", part) for fold in (1, 2, 3) for part in ("train", "validation")} | {
        ("refit", "train")
    }
    for series in state.series:
        np.testing.assert_array_equal(series.steps, np.arange(1, 7))
    assert [step for step, _ in state.snapshots] == [0, 1, 2, 4, 6]
    kinds = runs["network"].kinds()
    assert kinds[kinds.index("started") + 1] == "pipeline"
    assert state.pipeline["steps"]
    assert [process.name for process in state.processes] == list(state.started["classes"])
    assert sum(process.rows for process in state.processes) == 200


def test_yields_of_a_part_are_brought_to_the_whole_data(runs: dict[str, Any]) -> None:
    state, rows = runs["knn"].state(), kept(runs["knn"]).parts["validation"].scores
    for process in state.yields["validation"]["processes"]:
        code = state.started["classes"].index(process["name"])
        whole = next(one.total for one in state.processes if one.name == process["name"])
        mine = rows.target == code
        assert process["rows"] == mine.sum()
        assert process["expected"] == pytest.approx(whole)
        chosen = rows.weights[mine & (rows.scores > 0.5)].sum()
        assert process["selected"] == pytest.approx(chosen * whole / rows.weights[mine].sum())


@pytest.mark.parametrize(("name", "models"), [("knn", 5), ("network", 1), ("values", 2)])
def test_an_opening_asks_the_refit_or_the_mean_over_the_folds(runs: dict[str, Any], name: str, models: int) -> None:
    run = runs[name]
    if name != "values":
        assert unseal(run.folder.path) == 0
    assert run.state().openings == 1
    table, rows = table_of(run), kept(run).parts["test"]
    names = ["refit"] if models == 1 else [f"fold-{fold + 1}" for fold in range(models)]
    wanted = np.mean([said_by(run, one, table) for one in names], axis=0)
    np.testing.assert_allclose(rows.scores.scores, wanted[places(table, rows)], rtol=1e-6)
    assert len(rows) == run.state().started["parts"]["test"]
    assert kept(run).sealed == {}


def test_the_document_counts_the_steps_of_the_model_that_took_most(runs: dict[str, Any]) -> None:
    run = runs["boosting"]
    document = run_document(run.folder, run.state(), Asked.read(run.folder))
    trees = [len(series.steps) for series in run.state().series]
    assert document["epochs"] == max(trees)
    assert document["kept"] == run.state().kept
    assert document["spread"]["validation"]["auc"]["deviation"] > 0
    assert document["yields"]["validation"]["processes"]


def test_the_folder_holds_each_model_with_its_preprocessing(runs: dict[str, Any]) -> None:
    def names(path: Path) -> set[str]:
        return {entry.name for entry in path.iterdir()}

    assert names(runs["knn"].folder.model) == {f"fold-{fold}" for fold in range(1, 6)}
    assert names(runs["network"].folder.model) == {"fold-1", "fold-2", "fold-3", "refit"}
    model = {"estimator.skops", "estimator.json", "preprocessing.skops", "preprocessing.json"}
    assert names(runs["alone"].folder.model) == model | {"refit"}
    assert names(runs["alone"].folder.model / "refit") == model
    assert names(runs["tree"].folder.model / "fold-2") == model
