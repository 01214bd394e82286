"""What a regression is off by, beside hand-worked weighted tables and NumPy's own quantiles."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.core.snapshot import Scores
from mltui.evaluation.deviations import QUANTILES, deviations, profile
from mltui.evaluation.metrics import metrics

RNG = np.random.default_rng(5)


def test_all_rows_give_the_rmse_of_the_metrics_and_the_weighted_mean() -> None:
    true, said, weights = RNG.normal(size=200), RNG.normal(size=200), RNG.uniform(-0.2, 2, 200)
    found = deviations(said - true, weights)
    assert found.rms == pytest.approx(metrics(Scores(true, said, weights), "regression", (), True)["rmse"])
    assert found.bias == pytest.approx(np.average(said - true, weights=weights))
    assert found.reach == np.abs(said - true).max()


def test_the_best_rows_are_those_that_hold_the_share_of_the_weight() -> None:
    residuals, weights = np.array([0.1, -0.2, 0.3, -9.0]), np.array([3.0, 3.0, 3.0, 1.0])
    best = deviations(residuals, weights, 0.9)
    assert best.reach == 0.3
    assert best.bias == pytest.approx((0.1 - 0.2 + 0.3) / 3)
    assert best.rms == pytest.approx(np.sqrt((0.01 + 0.04 + 0.09) / 3))
    heavier = deviations(residuals, np.array([3.0, 3.0, 3.0, 1.1]), 0.9)
    assert heavier.reach == 9.0  # the three hold less than 90 % now


def test_a_few_far_rows_spoil_the_rms_of_all_and_not_that_of_the_best() -> None:
    residuals = np.append(RNG.normal(0, 1, 950), RNG.normal(0, 50, 50))
    every, best = deviations(residuals, np.ones(1000)), deviations(residuals, np.ones(1000), 0.9)
    assert every.rms is not None
    assert best.rms is not None
    assert every.rms > 8
    assert best.rms < 1


@pytest.mark.parametrize("weights", [np.zeros(3), np.array([1.0, -1.0, 0.0]), np.full(3, np.nan)])
def test_without_weight_there_is_no_number(weights: np.ndarray) -> None:
    found = deviations(np.array([1.0, 2.0, 3.0]), weights)
    assert (found.bias, found.rms) == (None, None)
    assert deviations(np.zeros(0), np.zeros(0)).rms is None


def test_a_profile_is_numpys_quantiles_in_each_bin() -> None:
    along, values = RNG.uniform(0, 10, 4000), RNG.normal(size=4000)
    values += along
    found = profile(along, values, np.ones(4000), 5)
    assert len(found.edges) == 6
    for place, (low, high) in enumerate(zip(found.edges[:-1], found.edges[1:], strict=True)):
        own = values[(along >= low) & (along < high)]
        expected = np.quantile(own, QUANTILES, method="inverted_cdf")
        np.testing.assert_allclose(found.quantiles[:, place], expected, atol=0.01)
        assert found.bias[place] == pytest.approx(own.mean(), abs=0.01)
        assert found.events[place] == pytest.approx(len(own), abs=1)


def test_a_row_of_weight_three_is_three_rows() -> None:
    along, values = RNG.normal(size=60), RNG.normal(size=60)
    times = RNG.integers(0, 4, 60)
    weighted = profile(along, values, times.astype(float), 6)
    repeated = profile(np.repeat(along, times), np.repeat(values, times), np.ones(times.sum()), 6)
    np.testing.assert_allclose(weighted.edges, repeated.edges)
    np.testing.assert_allclose(weighted.quantiles, repeated.quantiles)
    np.testing.assert_allclose(weighted.bias, repeated.bias)
    np.testing.assert_allclose(weighted.rms, repeated.rms)


def test_an_empty_bin_has_no_number_and_a_label_a_bin_of_its_own() -> None:
    found = profile(np.array([0.0, 0.1, 9.9, 10.0]), np.arange(4.0), np.ones(4), 10)
    assert np.isnan(found.quantiles[2, 5])
    assert found.events[5] == 0
    by_label = profile(np.array([0, 1, 1, -1]), np.array([5.0, 1.0, 3.0, 99.0]), np.ones(4), labels=("a", "b"))
    assert by_label.labels == ("a", "b")
    np.testing.assert_array_equal(by_label.bias, [5.0, 2.0])
    nothing = profile(np.zeros(0), np.zeros(0), np.zeros(0))
    assert np.isnan(nothing.quantiles).all()
