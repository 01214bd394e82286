"""Permutation importance: beside scikit-learn's, by column and not by input, within bounds, and through the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import permutation_importance

from mltui.core.permutation import Permutation
from mltui.core.sections import Task
from mltui.core.table import Column, Table
from mltui.training import permutation
from mltui.training.permutation import LEAST, ROWS, Asked, Plan, permuted

pytestmark = pytest.mark.xdist_group("permutation")

RNG = np.random.default_rng(4)
X = RNG.normal(size=(600, 3))
NAMES = ("strong", "weak", "nothing")


def table(task: Task, target: NDArray[Any], weights: NDArray[np.float64] | None = None) -> Table:
    return Table(
        columns=tuple(Column(name) for name in NAMES),
        values={name: X[:, place] for place, name in enumerate(NAMES)},
        task=task,
        target=target,
        target_name="t",
        file=np.zeros(len(target), np.int64),
        entry=np.arange(len(target)),
        classes=() if task == "regression" else tuple("abc"[: int(target.max()) + 1]),
        weights=weights,
    )


def asked(of: Table) -> Asked:
    return Asked("validation", of, np.arange(len(of)), np.zeros(len(of), np.int64))


def found(of: Table, score: Callable[[NDArray[Any]], NDArray[Any]], most: int = 200_000) -> Permutation:
    def answers(rows: Table, fold: NDArray[Any]) -> NDArray[np.float64]:
        assert len(fold) == len(rows)
        return score(np.column_stack([rows.values[name] for name in of.features]))

    told = permuted(asked(of), answers, most)
    assert told is not None
    return told


LINEAR = 2 * X[:, 0] + 0.7 * X[:, 1]
KINDS: dict[str, tuple[Task, NDArray[Any], str]] = {
    "two": ("classification", (LINEAR + RNG.normal(size=600) > 0).astype(np.int64), "roc_auc"),
    "three": ("classification", np.digitize(LINEAR + RNG.normal(size=600), [-1, 1]), "roc_auc_ovr"),
    "regression": ("regression", LINEAR + RNG.normal(size=600), "r2"),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_scikit_learns(kind: str, weighted: bool) -> None:
    task, target, scoring = KINDS[kind]
    weights = RNG.uniform(0.1, 3, 600) if weighted and kind != "three" else None  # theirs takes none for three
    model = RandomForestRegressor(20, max_depth=4) if task == "regression" else RandomForestClassifier(20, max_depth=4)
    model.fit(X[:300], target[:300])
    theirs = permutation_importance(
        model, X, target, scoring=scoring, n_repeats=20, random_state=1, sample_weight=weights
    )

    def score(x: NDArray[Any]) -> NDArray[Any]:
        said = model.predict(x) if task == "regression" else model.predict_proba(x)
        return np.asarray(said[:, 1] if kind == "two" else said, np.float64)

    ours = found(table(task, target, weights), score)
    assert (ours.names, ours.repeats, ours.rows, ours.left_out, ours.why) == (NAMES, 5, 600, 0, "")
    assert ours.metric == ("r2" if task == "regression" else "auc")
    # the shuffles differ: both means have an error
    error = np.maximum(theirs.importances_std, 0.002)
    np.testing.assert_array_less(np.abs(np.array(ours.drops, float) - theirs.importances_mean), 3 * error)
    assert np.all(np.array(ours.deviations, float) < 4 * error)


def test_a_category_is_dealt_out_whole() -> None:
    code = RNG.integers(0, 3, 900)
    target = (code == 2).astype(np.int64)
    of = Table(
        columns=(Column("colour", "category", categories=("r", "g", "b")), Column("same", "number")),
        values={"colour": code, "same": np.ones(900)}, task="classification", target=target, target_name="t",
        classes=("n", "y"), file=np.zeros(900, np.int64), entry=np.arange(900),
    )  # fmt: skip

    def by_inputs(x: NDArray[Any]) -> NDArray[np.float64]:
        inputs = x[:, :1] == np.arange(3)
        return np.asarray(inputs[:, 2] * 1.0 - inputs[:, :2].sum(axis=1))

    ours = found(of, by_inputs)
    assert ours.value == 1
    assert ours.drops[0] == pytest.approx(0.5, abs=0.05)  # nothing is left but a coin
    assert ours.drops[1] == 0


def test_rows_of_weight_zero_change_nothing_and_no_generator_moves() -> None:
    target = KINDS["two"][1]
    half = RNG.random(600) < 0.5
    weights = np.where(half, RNG.uniform(-0.1, 1, 600), 0.0)
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    whole = found(table("classification", target, weights), lambda x: x[:, 0])
    np.testing.assert_equal(np.random.get_state(legacy=False), before)  # noqa: NPY002
    rows = Asked("validation", table("classification", target, weights), np.flatnonzero(half), np.zeros(600, np.int64))
    assert permuted(rows, lambda t, fold: t.values["strong"].astype(np.float64), 200_000) == whole


@given(st.integers(1, 3000), st.integers(1, 10**6), st.integers(20_000, 200_000))
def test_the_answers_are_bounded_whatever_the_columns(columns: int, rows: int, most: int) -> None:
    plan = Plan.of(columns, rows, most)
    assert 1 <= plan.rows <= min(rows, ROWS)
    assert plan.rows >= min(rows, LEAST)
    assert 1 <= plan.columns <= columns
    assert plan.rows * plan.repeats * plan.columns <= max(most, plan.rows * plan.repeats)


def test_of_too_many_columns_the_most_telling_are_asked() -> None:
    ours = found(table("regression", KINDS["regression"][1]), lambda x: x[:, 0], most=2 * 3 * LEAST)
    assert ours.names == ("strong", "weak")
    assert (ours.left_out, ours.rows, ours.repeats) == (1, LEAST, 3)


def test_what_would_take_long_is_left_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "SECONDS", -1.0)
    ours = found(table("classification", KINDS["two"][1]), lambda x: x[:, 0])
    assert "left out" in ours.why
    assert ours.names == ()
    of_one_class = found(table("classification", np.zeros(600, np.int64)), lambda x: x[:, 0])
    assert "not defined" in of_one_class.why


def test_who_has_had_enough_gets_nothing() -> None:
    of = asked(table("classification", KINDS["two"][1]))
    assert permuted(of, lambda t, fold: t.values["weak"].astype(np.float64), 10_000, lambda: True) is None


def test_it_comes_back_from_its_document_and_a_damaged_one_is_none() -> None:
    told = Permutation("validation", "auc", 0.9, ("a", "b"), (0.1, None), (0.01, None), 100, 5, 2)
    assert Permutation.read(told.document()) == told
    assert Permutation.read({**told.document(), "drops": [0.1]}) is None


def test_the_worker_says_it_once_of_every_kind_of_run(workers: Any) -> None:
    data = {"dataset": "circles", "options": {"samples": 300, "noise": 0.2}}
    tree = {"data": data, "model": {"name": "decision_tree", "max_depth": 4}}
    documents: dict[str, dict[str, Any]] = {
        "alone": tree,
        "network": {"data": data, "model": {"name": "mlp"}, "training": {"epochs": 2}},
        "folds": {**tree, "split": {"folds": 3, "refit": True}},
        "seeds": {**tree, "model": {"name": "random_forest", "n_estimators": 5}, "seeds": 2},
        "no validation": {**tree, "split": {"train": 0.8, "validation": 0, "test": 0.2}},
        "regression": {"data": {"dataset": "oscillator"}, "model": {"name": "decision_tree"}},
    }
    for name, run in workers.in_one(documents).items():
        state = run.state()
        part = "train" if name == "no validation" else "validation"
        told = Permutation.read(state.importance[part])
        assert told is not None
        assert set(state.importance) == {part}
        assert told.names == tuple(state.started["features"]), name
        assert told.rows == min(
            ROWS, sum(state.started["parts"][p] for p in (["train"] if name == "folds" else [part]))
        )
        metrics = state.metrics[part]
        assert told.value == pytest.approx(metrics["r2" if name == "regression" else "auc"]), name
        assert max(drop or 0 for drop in told.drops) > 0.05, name
        assert [e.kind for e in run.events()].count("evaluated") == len(state.metrics) + 1
