"""Train against validation: the tests of Kolmogorov and Smirnov and of χ² beside scipy, duplicates and toys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.overtraining import agreement, compared, kolmogorov_smirnov, of_histograms

TWO = ("b", "s")


def ones(values: Floats) -> Floats:
    return np.ones(len(values))


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=40),
    st.lists(st.integers(0, 12), min_size=2, max_size=40),
)
def test_the_distance_is_scipys(one: list[int], other: list[int]) -> None:
    a, b = np.array(one, float), np.array(other, float)
    distance, p = kolmogorov_smirnov(a, ones(a), b, ones(b))
    assert distance == pytest.approx(stats.ks_2samp(a, b, method="asymp").statistic)
    assert 0 <= p <= 1


@pytest.mark.parametrize("shift", [0.0, 0.03, 0.06, 0.2])
def test_the_probability_is_scipys_within_its_correction(shift: float) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 3_000), rng.normal(shift, 1, 2_000)
    _, p = kolmogorov_smirnov(a, ones(a), b, ones(b))
    assert p == pytest.approx(stats.ks_2samp(a, b, method="asymp").pvalue, rel=0.1, abs=1e-12)


@pytest.mark.parametrize("zeros", [505, 520, 540, 600])
def test_the_series_is_kolmogorovs(zeros: int) -> None:
    one, other = (np.repeat([0.0, 1.0], [count, 1_000 - count]) for count in (zeros, 500))
    distance, p = kolmogorov_smirnov(one, ones(one), other, ones(other))
    root = np.sqrt(500)
    assert distance == pytest.approx((zeros - 500) / 1_000)
    assert p == pytest.approx(float(special.kolmogorov(distance * (root + 0.12 + 0.11 / root))), abs=1e-9)


def test_a_distance_by_hand() -> None:
    one, other = np.array([1.0, 2, 3]), np.array([2.0, 4])
    distance, _ = kolmogorov_smirnov(one, np.array([1.0, 2, 1]), other, np.array([1.0, 3]))
    assert distance == 0.75  # just under 4: all of the one, a quarter of the other


@pytest.mark.parametrize("negative", [False, True])
def test_weighted_samples_of_one_distribution_give_every_probability_as_often(negative: bool) -> None:
    rng, found, chi2 = np.random.default_rng(2), [], []
    for _ in range(300):
        pair = [rng.random(n) for n in (400, 250)]
        weights = [rng.uniform(0.2, 1.8, len(v)) * np.where(negative & (rng.random(len(v)) < 0.1), -1, 1) for v in pair]
        got = agreement(pair[0], weights[0], pair[1], weights[1])
        assert got.ks is not None
        assert got.p is not None
        found.append(got.ks)
        chi2.append(got.p)
    for values in (found, chi2):
        assert 0.02 < np.mean(np.array(values) < 0.1) < 0.18
        assert 0.4 < np.mean(values) < 0.62


def test_rows_that_stand_twice_do_not_count_as_twice_as_many_when_weighted_so() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 500), rng.normal(0.15, 1, 400)
    plain = agreement(a, ones(a), b, ones(b))
    assert agreement(a, 7 * ones(a), b, 0.1 * ones(b)).ks == pytest.approx(plain.ks)
    assert agreement(a, 7 * ones(a), b, 0.1 * ones(b)).chi2 == pytest.approx(plain.chi2)
    weights = rng.integers(1, 4, 500)
    heavy = agreement(a, weights.astype(float), b, ones(b))
    doubled = agreement(np.repeat(a, weights), np.ones(weights.sum()), b, ones(b))
    assert heavy.distance == pytest.approx(doubled.distance)
    assert heavy.ks is not None
    assert doubled.ks is not None
    assert heavy.ks > doubled.ks


def test_chi2_of_counts_is_pearsons_of_a_contingency_table() -> None:
    """Unweighted it is the two-sample χ² where both have as many rows, of which Pearson's table is the other form."""
    one, other = np.array([30.0, 50, 20, 40]), np.array([35.0, 40, 25, 40])
    found, bins = of_histograms(one, one, other, other)
    assert bins == 4
    assert found == pytest.approx(stats.chi2_contingency(np.stack([one, other]), correction=False).statistic)
    got = agreement(np.repeat(np.arange(4) / 4, one.astype(int)), np.ones(140),
                    np.repeat(np.arange(4) / 4, other.astype(int)), np.ones(140))  # fmt: skip
    assert got.p == pytest.approx(stats.chi2.sf(found, 3))


def test_bins_are_joined_until_they_are_filled() -> None:
    one, other = np.array([3.0, 8, 1, 40, 2]), np.array([5.0, 9, 2, 30, 4])
    found, bins = of_histograms(one, one, other, other)
    wanted = of_histograms(np.array([11.0, 43]), np.array([11.0, 43]), np.array([14.0, 36]), np.array([14.0, 36]))
    assert (found, bins) == wanted
    assert of_histograms(one[:1], one[:1], other[:1], other[:1]) == (None, 0)


def hills(n: int, shift: float, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, n)
    values = 1 / (1 + np.exp(-rng.normal(shift * (2 * target - 1), 1)))
    return Scores(target, values, rng.uniform(0.5, 1.5, n))


def test_the_verdict() -> None:
    same = compared(hills(3_000, 1, 1), hills(2_000, 1, 2), TWO)
    assert same.verdict == "agree"
    assert same.gap is not None
    assert abs(same.gap) < 0.02
    learnt = compared(hills(3_000, 1.5, 1), hills(2_000, 1, 2), TWO)
    assert learnt.verdict == "overtrained"
    assert learnt.gap is not None
    assert learnt.gap > 0.05
    assert compared(hills(3_000, 1, 1), hills(2_000, 1.5, 2), TWO).verdict == "differ"


def test_rows_of_weight_zero_and_scores_that_are_no_numbers_change_nothing() -> None:
    one, other = hills(500, 1, 1), hills(400, 1.2, 2)
    more = Scores(
        np.append(one.target, [0, 1, 0]), np.append(one.scores, [0.5, 0.99, 0.1]), np.append(one.weights, [0.0, 0, 0])
    )
    assert compared(more, other, TWO) == compared(one, other, TWO)
    lost = agreement(np.append(one.scores, np.nan), np.append(one.weights, 3.0), other.scores, other.weights)
    assert lost == agreement(one.scores, one.weights, other.scores, other.weights)


def test_what_cannot_be_compared_is_unknown() -> None:
    nothing = Scores(np.zeros(0, int), np.zeros(0), np.zeros(0))
    found = compared(hills(50, 1, 1), nothing, TWO)
    assert found.verdict == "unknown"
    assert found.gap is None
    assert found.classes["s"].ks is found.classes["s"].p is None
    many = Scores(np.arange(30) % 3, np.tile(np.eye(3) * 0.6 + 0.1, (10, 1)), np.ones(30))
    assert compared(many, many, ("a", "b", "c")).verdict == "agree"
