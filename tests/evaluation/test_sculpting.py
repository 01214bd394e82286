"""Mass sculpting: distances beside scipy's, shares beside a hand count, and what chance alone makes of them in toys."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mltui.evaluation.sculpting import divergence, sculpting

RNG = np.random.default_rng(3)


def test_the_divergence_is_scipys_squared_in_bits() -> None:
    one, other = RNG.uniform(0, 3, 12), RNG.uniform(0, 3, 12)
    one[2] = other[4] = 0
    assert divergence(one, other) == pytest.approx(jensenshannon(one, other, base=2) ** 2)
    assert divergence(np.array([1.0, 0]), np.array([0, 5.0])) == pytest.approx(1)
    assert divergence(one, 7 * one) == pytest.approx(0, abs=1e-12)
    assert divergence(np.array([-1.0, 0]), other[:2]) is None


def test_the_distance_is_scipys_and_a_weight_is_so_many_rows() -> None:
    values, scores, times = np.round(RNG.normal(size=90), 1), RNG.random(90), RNG.integers(0, 4, 90)
    found = sculpting(values, scores, times.astype(float), (0.3,)).slices[1]
    many, said = np.repeat(values, times), np.repeat(scores, times)
    assert found.distance == pytest.approx(stats.ks_2samp(many[said >= found.threshold], many).statistic)
    repeated = sculpting(many, said, np.ones(times.sum()), (0.3,), len(found.sums)).slices[1]
    assert repeated.threshold == found.threshold
    assert repeated.distance == pytest.approx(found.distance)


def test_slices_hold_the_share_that_was_asked_for() -> None:
    values, scores = np.arange(100.0), np.arange(100.0)[::-1]
    found = sculpting(values, scores, np.ones(100), (0.5, 0.05))
    whole, half, few = found.slices
    assert [one.efficiency for one in found.slices] == [1.0, 0.5, 0.05]
    assert (half.threshold, few.threshold) == (50, 95)
    assert whole.sums.sum() == 100
    assert half.sums.sum() == 50
    assert few.sums[0] == 5  # the highest scores stand at the lowest values
    assert half.distance == pytest.approx(0.5)
    assert (whole.divergence, whole.distance) == (None, None)


def test_rows_of_equal_score_stay_together_and_the_efficiency_says_so() -> None:
    found = sculpting(np.arange(10.0), np.repeat([1.0, 0.0], [4, 6]), np.ones(10), (0.05,))
    assert found.slices[1].efficiency == pytest.approx(0.4)


def test_a_score_that_knows_the_variable_sculpts_it_and_one_that_does_not_stays_at_chance() -> None:
    mass = RNG.exponential(1, 20_000)
    innocent = sculpting(mass, RNG.random(20_000), np.ones(20_000))
    guilty = sculpting(mass, -np.abs(mass - 1) + RNG.normal(0, 0.3, 20_000), np.ones(20_000))
    for fair, cut in zip(innocent.slices[1:], guilty.slices[1:], strict=True):
        assert fair.divergence is not None
        assert fair.by_chance is not None
        assert cut.divergence is not None
        assert fair.divergence < 4 * fair.by_chance
        assert cut.divergence > 30 * fair.by_chance


@pytest.mark.parametrize("weighted", [False, True])
def test_by_chance_is_the_mean_over_toys(weighted: bool) -> None:
    made: list[list[float]] = []
    expected: list[list[float]] = []
    for _ in range(150):
        weights = RNG.uniform(0.1, 2, 2000) if weighted else np.ones(2000)
        slices = sculpting(RNG.normal(size=2000), RNG.random(2000), weights, (0.2, 0.05), 20).slices[1:]
        made.append([one.divergence or 0 for one in slices])
        expected.append([one.by_chance or 0 for one in slices])
    # tails hold bins of a few rows, where the expansion is only about right
    np.testing.assert_allclose(np.mean(made, axis=0), np.mean(expected, axis=0), rtol=0.35)


def test_odd_rows_change_nothing_and_none_at_all_make_no_traceback() -> None:
    mass, score, weights = RNG.normal(size=200), RNG.random(200), RNG.uniform(-0.2, 1, 200)
    plain = sculpting(mass, score, weights)
    more = np.append(mass, [np.nan, 3, 9e9]), np.append(score, [0.9, np.nan, 1]), np.append(weights, [1, 1, 0])
    odd = sculpting(*more)
    for one, other in zip(plain.slices, odd.slices, strict=True):
        np.testing.assert_allclose(one.sums, other.sums)
        assert one.divergence == other.divergence
    nothing = sculpting(np.zeros(0), np.zeros(0), np.zeros(0))
    assert len(nothing.slices) == 1
    assert nothing.slices[0].efficiency is None


def test_labels_have_a_bin_each() -> None:
    found = sculpting(np.array([0, 1, 1, -1]), np.array([0.9, 0.1, 0.2, 1.0]), np.ones(4), (0.3,), labels=("a", "b"))
    assert found.labels == ("a", "b")
    np.testing.assert_array_equal(found.slices[0].sums, [1, 2])
    np.testing.assert_array_equal(found.slices[1].sums, [1, 0])
