"""The probability of signal by score, and the rarity under the background, beside hand, scipy and duplicates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mltui.core.snapshot import Scores
from mltui.evaluation.histogram import histogram
from mltui.evaluation.rarity import rarity, rarity_histograms, signal_probability

TWO = ("b", "s")
EDGES = np.linspace(0, 1, 5)


def test_the_probability_by_hand() -> None:
    signal = histogram("s", np.array([0.1, 0.3, 0.6, 0.6, 0.9]), np.array([1.0, 1, 1, 1, 1]), EDGES)
    background = histogram("b", np.array([0.1, 0.1, 0.3, 0.6]), np.array([10.0, 10, 10, 10]), EDGES)
    found = signal_probability(signal, background)
    assert found.values == pytest.approx([0.2 / 0.7, 0.2 / 0.45, 0.4 / 0.65, 1])
    assert found.scores.tolist() == [0.125, 0.375, 0.625, 0.875]
    assert found.at(0.3) == pytest.approx(0.2 / 0.45)
    assert (found.errors > 0).all()
    assert found.at(1.3) is None


def test_bins_without_rows_or_with_negative_sums_are_no_probability() -> None:
    signal = histogram("s", np.array([0.1, 0.9]), np.ones(2), EDGES)
    background = histogram("b", np.array([0.1, 0.3, 0.9]), np.array([5.0, -1, 3]), EDGES)
    found = signal_probability(signal, background)
    assert np.isfinite(found.values).tolist() == [True, False, False, True]
    assert found.at(0.6) is None
    nothing = signal_probability(signal, histogram("b", np.zeros(0), np.zeros(0), EDGES))
    assert np.isnan(nothing.values).all()


def test_a_probability_that_is_one_is_told_as_such() -> None:
    """Scores that are probabilities, half of either class, are found again."""
    rng = np.random.default_rng(1)
    p = rng.random(200_000)
    target = rng.random(200_000) < p
    edges = np.linspace(0, 1, 21)
    found = signal_probability(*(histogram("", p[own], np.ones(own.sum()), edges) for own in (target, ~target)))
    assert found.values == pytest.approx(found.scores, abs=0.02)
    pulls = (found.values - found.scores) / found.errors
    assert np.mean(np.abs(pulls) < 2) > 0.8


def test_the_rarity_is_the_share_of_background_below() -> None:
    background = np.array([0.2, 0.4, 0.4, 0.8])
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.9, np.nan])
    plain = rarity(scores, background, np.ones(4))
    assert plain[:5].tolist() == [0, 0.125, 0.25, 0.5, 1]
    assert np.isnan(plain[5])
    assert plain[:5] * 100 == pytest.approx([stats.percentileofscore(background, s, "mean") for s in scores[:5]])
    twice = rarity(scores, background[[0, 1, 3]], np.array([1.0, 2, 1]))
    assert twice[:5] == pytest.approx(plain[:5])
    assert rarity(scores, np.append(background, 0.5), np.array([1.0, 1, 1, 1, 0]))[:5] == pytest.approx(plain[:5])


def test_negative_weights_never_let_it_fall_or_leave_its_range() -> None:
    rng = np.random.default_rng(2)
    background, weights = rng.random(500), rng.uniform(-0.6, 1, 500)
    found = rarity(np.sort(rng.random(300)), background, weights)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.isnan(rarity(np.array([0.5]), np.array([0.3]), np.array([-1.0]))).all()


def test_background_is_flat_and_signal_stands_at_one() -> None:
    rng = np.random.default_rng(3)
    target = rng.integers(0, 2, 20_000)
    one = Scores(target, rng.beta(1 + 4 * target, 5 - 4 * target), rng.uniform(0.5, 1.5, 20_000))
    background, signal = rarity_histograms(one, one, TWO)
    assert background.density == pytest.approx(np.ones(20), abs=0.02)
    assert signal.density[-1] > 5
