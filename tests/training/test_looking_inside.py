"""What estimators found, in the snapshots of their runs: while they grow and at the end, with folds, within bounds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

from mltui.core.experiment import Experiment
from mltui.core.found import Trees
from mltui.core.snapshot import Snapshot
from mltui.inference.found import trees as bounds
from mltui.inference.members import Members
from mltui.record.folder import RunFolder
from mltui.record.snapshots import read_snapshot, write_snapshot
from mltui.runs.watch import Watch
from mltui.training.looking_inside import Looking
from mltui.training.pictures import KEPT_BYTES
from mltui.training.prepare import Ready, prepare
from mltui.training.report import Reporter
from mltui.training.schedule import AT_MOST
from tests.training.conftest import Run, Workers

FOREST = {"name": "random_forest", "n_estimators": 6, "max_depth": 3}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "forest": {"data": {"dataset": "iris"}, "model": FOREST, "split": {"folds": 3, "test": 0.2}},
    "boosting": {
        "data": {"dataset": "moons", "options": {"samples": 120}},
        "model": {"name": "hist_gradient_boosting", "max_iter": 12, "min_samples_leaf": 5, "learning_rate": 1.0},
        "training": {"early_stopping": 3},
    },
    "tree": {"data": {"dataset": "iris"}, "model": {"name": "decision_tree", "max_depth": 2}},
    "linear": {"data": {"dataset": "diabetes"}, "model": {"name": "linear_regression"}},
}


@pytest.fixture(scope="module")
def runs(workers: Workers) -> dict[str, Run]:
    return workers.in_one(DOCUMENTS)


def kept(run: Run) -> dict[int, Snapshot]:
    """The snapshots of a run by step."""
    found = {}
    for step, file in run.state().snapshots:
        snapshot = read_snapshot(run.folder.snapshots / file)
        assert snapshot is not None
        found[int(step)] = snapshot
    return found


def trees_of(shot: Snapshot | None) -> Trees:
    assert shot is not None
    assert shot.found is not None
    assert shot.found.trees is not None
    return shot.found.trees


@pytest.mark.parametrize("name", ["forest", "boosting"])
def test_every_snapshot_holds_the_trees_so_far(runs: Mapping[str, Run], name: str) -> None:
    shots = kept(runs[name])
    assert len(shots) >= 3
    assert {step: trees_of(shot).total for step, shot in shots.items()} == {step: step for step in shots}


def test_a_tree_that_is_grown_stays_as_it_is(runs: Mapping[str, Run]) -> None:
    for before, after in itertools.pairwise(map(trees_of, kept(runs["forest"]).values())):
        nodes = before.start[-1]
        np.testing.assert_array_equal(before.threshold, after.threshold[:nodes])
        np.testing.assert_array_equal(before.values, after.values[:nodes])


def test_at_the_end_it_is_what_the_kept_model_found(runs: Mapping[str, Run]) -> None:
    boosting = runs["boosting"]
    state = boosting.state()
    assert state.kept is not None
    assert state.kept < state.step
    estimator = Members.load(boosting.folder).member("").fitted.estimator  # type: ignore[attr-defined]
    assert trees_of(Watch(boosting.folder).look().snapshot).total == state.kept == len(estimator._predictors)


def test_thresholds_are_told_in_the_units_of_the_data(runs: Mapping[str, Run]) -> None:
    """Fisher's flowers: setosa's petals are at most 0.6 cm wide, all others at least 1."""
    trees = trees_of(Watch(runs["tree"].folder).look().snapshot)
    name, unit = trees.names[trees.feature[0]], trees.units[trees.feature[0]]
    assert (name, unit) in (("petal_width", "cm"), ("petal_length", "cm"))
    low, high = (0.6, 1.0) if name == "petal_width" else (1.9, 3.0)
    assert low < trees.raw[0] < high
    assert trees.outputs == ("setosa", "versicolor", "virginica")


def test_a_loaded_model_of_a_fold_is_what_its_snapshot_says(runs: Mapping[str, Run]) -> None:
    run = runs["forest"]
    assert run.state().members == ("fold 1", "fold 2", "fold 3")
    estimator = Members.load(run.folder).member("fold 1").fitted.estimator  # type: ignore[attr-defined]
    last = Watch(run.folder).look().snapshot
    assert last is not None
    assert last.found is not None
    assert last.found.importances is not None
    np.testing.assert_allclose(last.found.importances.values, estimator.feature_importances_)


def test_at_the_end_every_row_knows_the_fold_that_held_it_out(runs: Mapping[str, Run]) -> None:
    last = Watch(runs["forest"].folder).look().snapshot
    assert last is not None
    assert set(last.folds["validation"].tolist()) == {0, 1, 2}
    assert len(last.folds["validation"]) == len(last.scores["validation"])
    assert Watch(runs["linear"].folder).look().snapshot.folds == {}  # type: ignore[union-attr]


def test_the_errors_shrink_along_the_learning_curve(runs: Mapping[str, Run]) -> None:
    shots = {step: shot.found.coefficients for step, shot in kept(runs["linear"]).items() if shot.found}
    known = {step: one.errors[0, 2] for step, one in sorted(shots.items()) if one is not None and step > 40}
    assert len(known) >= 3
    sizes, errors = np.array(list(known)), np.array(list(known.values()))
    assert errors[-1] < errors[0]
    assert errors[-1] * np.sqrt(sizes[-1]) == pytest.approx(errors[0] * np.sqrt(sizes[0]), rel=0.5)


# -- rows in the plane ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def ready(experiment: Callable[..., Experiment]) -> Ready:
    """Three features, of which two span the plane; some rows have no weight in the fit."""
    return prepare(experiment("iris", {"name": "knn", "n_neighbors": 7}), Path()).member(0)


def test_neighbours_are_the_nearest_rows_at_their_places_in_the_plane(ready: Ready) -> None:
    problem = ready.problem
    from mltui.training.engines import engine

    fitted = engine(problem.card).fit(problem, Reporter(lambda kind, **fields: None))
    assert problem.validation is not None
    points = problem.validation.x
    told = Looking(problem, fitted.estimator)(points).neighbours  # type: ignore[attr-defined]
    assert told is not None
    distances, chosen = NearestNeighbors(n_neighbors=7, algorithm="brute").fit(problem.fit.x).kneighbors(points)
    raw = problem.fit.table.values
    np.testing.assert_allclose(told.reach, distances[:, -1], rtol=1e-5)
    np.testing.assert_allclose(np.sort(told.x), np.sort(np.asarray(raw[problem.axes[0]])[chosen]))
    np.testing.assert_allclose(np.sort(told.y), np.sort(np.asarray(raw[problem.axes[1]])[chosen]))
    assert told.target.sum() == problem.fit.target[chosen].sum()
    assert told.asked == 7


def test_support_vectors_are_told_at_their_places_in_the_plane(ready: Ready) -> None:
    problem = ready.problem
    half = problem.fit_on(np.arange(0, len(problem.fit), 2))
    estimator = SVC().fit(half.x, half.target)
    told = Looking(problem, estimator, half)(problem.train.x[:3]).support
    assert told is not None
    assert told.total == len(estimator.support_)
    x = np.asarray(half.table.values[problem.axes[0]], np.float64)
    np.testing.assert_array_equal(told.x, x[estimator.support_])
    np.testing.assert_array_equal(told.target, half.target[estimator.support_])
    assert Looking(problem, estimator, half)(None).support is None


# -- bounds and damage ---------------------------------------------------------------------------------------------
def test_what_is_found_stays_within_the_room_of_the_snapshots(
    experiment: Callable[..., Experiment], tmp_path: Path
) -> None:
    """Ten classes and deep trees: the largest there is."""
    from sklearn.ensemble import RandomForestClassifier

    problem = prepare(experiment("digits", {"name": "random_forest"}), Path()).member(0).problem
    forest = RandomForestClassifier(40, random_state=0).fit(problem.fit.x, problem.fit.target)
    told = Looking(problem, forest)(None)
    assert told.trees is not None
    assert told.trees.values.size <= bounds.VALUES
    write_snapshot(tmp_path / "a.npz", Snapshot(1, found=told))
    assert (tmp_path / "a.npz").stat().st_size * AT_MOST <= 64e6 - KEPT_BYTES


def test_what_does_not_fit_together_is_not_read(runs: Mapping[str, Run], tmp_path: Path) -> None:
    shot = kept(runs["tree"])[90]
    arrays = shot.arrays()
    damaged: dict[str, Callable[[Any], Any]] = {
        "found/trees/left": lambda a: np.where(a > 0, 0, a),  # a circle
        "found/trees/right": lambda a: np.where(a > 0, 10**6, a),
        "found/trees/feature": lambda a: a + 7,
        "found/trees/values": lambda a: a[:, :1],
        "found/trees/start": lambda a: a[:1],
        "found/trees/units": lambda a: a[:0],
        "found/importances/spread": lambda a: a[:-1],
    }
    whole = RunFolder(tmp_path).snapshots
    for name, damage in damaged.items():
        from mltui.record.arrays import save_arrays

        whole.mkdir(exist_ok=True)
        save_arrays(whole / "one.npz", {**arrays, name: damage(arrays[name])})
        assert read_snapshot(whole / "one.npz") is None, name
    save_arrays(whole / "one.npz", arrays)
    back = read_snapshot(whole / "one.npz")
    assert back is not None
    assert back.found is not None
    assert back.found.kinds == ("trees", "importances")
