"""Several targets: their mean beside scikit-learn's uniform average, and each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error

from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.evaluation import large
from mltui.evaluation.metrics import metrics, quick

NAMES = ("x", "v", "c")
RNG = np.random.default_rng(2)
TRUE = RNG.normal(size=(60, 3)) * [1, 30, 0.01] + [0, 5, 2]
SAID = TRUE + RNG.normal(size=(60, 3)) * [0.3, 4, 0.02]
WEIGHTS = RNG.uniform(0.2, 3, 60)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("many", [False, True])
def test_they_are_averaged_as_scikit_learn_does(weighted: bool, many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "CHUNK", 7)
    of = large.metrics_of_many if many else metrics
    found = of(Scores(TRUE, SAID, WEIGHTS), "regression", (), weighted, NAMES)
    sides = {"weighted": (found, WEIGHTS if weighted else None)}
    if weighted:
        sides["unweighted"] = (found["unweighted"], None)
    measures = {"loss": mean_squared_error, "rmse": root_mean_squared_error, "mae": mean_absolute_error, "r2": r2_score}
    for side, weights in sides.values():
        for name, measure in measures.items():
            ours = [side["targets"][target][name] for target in NAMES]
            theirs = measure(TRUE, SAID, sample_weight=weights, multioutput="raw_values")
            np.testing.assert_allclose(ours, theirs, rtol=1e-9)
            average = measure(TRUE, SAID, sample_weight=weights, multioutput="uniform_average")
            assert side[name] == pytest.approx(average, rel=1e-9)


def test_the_live_numbers_are_the_same_means() -> None:
    found = quick(Scores(TRUE, SAID, WEIGHTS), "regression", ())
    assert found["r2"] == pytest.approx(r2_score(TRUE, SAID, sample_weight=WEIGHTS))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(TRUE, SAID, sample_weight=WEIGHTS))


def test_a_mean_with_a_target_that_has_no_number_has_none() -> None:
    constant = np.column_stack([TRUE[:, 0], np.ones(60)])
    found = metrics(Scores(constant, constant + 0.1, np.ones(60)), "regression", (), False, ("x", "one"))
    assert found["r2"] is None
    assert found["targets"]["one"]["r2"] is None
    assert found["targets"]["x"]["r2"] is not None
    assert found["mae"] == pytest.approx(0.1)


def test_one_of_several_is_looked_at_by_its_place() -> None:
    whole = Scores(TRUE, SAID, WEIGHTS)
    np.testing.assert_array_equal(whole.of(1).target, TRUE[:, 1])
    np.testing.assert_array_equal(whole.of(1).scores, SAID[:, 1])
    alone = Scores(TRUE[:, 0], SAID[:, 0], WEIGHTS)
    assert alone.of(2) is alone
    assert (whole.targets, alone.targets) == (3, 1)


def test_a_snapshot_keeps_them_all() -> None:
    extent = (0.0, 1.0, 0.0, 1.0)
    points = Points(TRUE[:, 0], TRUE[:, 1], TRUE, np.zeros(60, np.int64))
    surface = Surface(RNG.normal(size=(3, 4, 5)), "a", "b", extent)
    kept = Snapshot(7, {"train": Scores(TRUE, SAID, WEIGHTS)}, surface, points)
    again = Snapshot.read(kept.arrays())
    assert again.surface is not None
    assert again.points is not None
    np.testing.assert_array_equal(again.scores["train"].target, TRUE)
    np.testing.assert_array_equal(again.surface.of(2).values, surface.values[2])
    np.testing.assert_array_equal(again.points.of(1).target, TRUE[:, 1])
