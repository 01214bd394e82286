"""Numbers of many rows, chunk by chunk, against the same rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mltui.core.snapshot import Scores
from mltui.evaluation import large
from mltui.evaluation.large import metrics_of_many
from mltui.evaluation.metrics import metrics

ROWS = 30_000
EXACT = ("loss", "accuracy", "log_loss", "brier", "precision", "recall", "confusion", "separation", "rmse", "mae", "r2")


@pytest.fixture(autouse=True)
def _chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "CHUNK", 1_777)


def two(rng: np.random.Generator) -> Scores:
    target = (rng.random(ROWS) < 0.3).astype(np.int64)
    return Scores(target, 1 / (1 + np.exp(1 - rng.normal(size=ROWS) - 1.5 * target)), rng.normal(1, 0.6, ROWS))


def many(rng: np.random.Generator) -> Scores:
    target = rng.integers(0, 3, ROWS)
    odds = np.exp(rng.normal(size=(ROWS, 3)) + np.eye(3)[target])
    weights = np.abs(rng.normal(1, 0.6, ROWS)) * (rng.random(ROWS) < 0.9)
    return Scores(target, odds / odds.sum(axis=1, keepdims=True), weights)


def name_list(value: Any) -> bool:
    """Whether a value is compared as it stands."""
    return value is None or isinstance(value, str) or (isinstance(value, list) and isinstance(value[0], str))


def same(found: Any, wanted: Any, tolerance: float) -> None:
    if isinstance(wanted, dict):
        assert set(found) == set(wanted)
        for name in wanted:
            same(found[name], wanted[name], 1e-9 if name in EXACT else tolerance)
    elif name_list(wanted):
        assert found == wanted
    else:
        np.testing.assert_allclose(found, wanted, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(("make", "classes"), [(two, ("b", "s")), (many, ("a", "b", "c"))])
def test_a_classification(make: Any, classes: tuple[str, ...], weighted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = make(np.random.default_rng(1))
    wanted = metrics(scores, "classification", classes, weighted)
    same(metrics_of_many(scores, "classification", classes, weighted), wanted, 1e-9)  # a level for each row
    monkeypatch.setattr(large, "LEVELS", 1_000)
    same(metrics_of_many(scores, "classification", classes, weighted), wanted, 2e-3)
    assert metrics_of_many(scores, "classification", classes, weighted)["auc"] == pytest.approx(wanted["auc"], abs=1e-5)


@pytest.mark.parametrize("weighted", [True, False])
def test_a_regression(weighted: bool) -> None:
    rng = np.random.default_rng(2)
    true = rng.normal(5, 2, ROWS)
    scores = Scores(true, true + rng.normal(size=ROWS), rng.normal(1, 0.6, ROWS))
    same(metrics_of_many(scores, "regression", (), weighted), metrics(scores, "regression", (), weighted), 1e-9)
    constant = Scores(np.ones(ROWS), scores.scores, scores.weights)
    assert metrics_of_many(constant, "regression", (), weighted)["r2"] is None


def test_scores_that_are_no_numbers_or_no_probabilities() -> None:
    scores = two(np.random.default_rng(3))
    broken = Scores(scores.target, np.where(np.arange(ROWS) == 9, np.nan, scores.scores), scores.weights)
    wanted = metrics(broken, "classification", ("b", "s"), True)
    assert wanted["auc"] is None
    same(metrics_of_many(broken, "classification", ("b", "s"), True), wanted, 1e-9)
    wild = Scores(scores.target, 9 * scores.scores - 3, scores.weights)
    same(
        metrics_of_many(wild, "classification", ("b", "s"), True),
        metrics(wild, "classification", ("b", "s"), True),
        1e-9,
    )
    nothing = Scores(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    assert metrics_of_many(nothing, "classification", ("b", "s"), False)["auc"] is None
