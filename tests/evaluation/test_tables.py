"""Confusion matrices and histograms by hand-worked numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.core.snapshot import Scores
from mltui.evaluation.confusion import confusion
from mltui.evaluation.histogram import residuals, score_histograms

TWO = ("background", "signal")
FOUR = Scores(np.array([0, 0, 1, 1]), np.array([0.1, 0.8, 0.6, 0.9]), np.array([1.0, 2.0, 3.0, 4.0]))


def test_the_threshold_moves_rows_from_one_side_to_the_other() -> None:
    assert confusion(FOUR, TWO, 0.5).matrix.tolist() == [[1, 2], [0, 7]]
    assert confusion(FOUR, TWO, 0.7).matrix.tolist() == [[1, 2], [3, 4]]


def test_a_tie_goes_to_the_first_class() -> None:
    tie = Scores(np.array([1]), np.array([0.5]), np.ones(1))
    assert confusion(tie, TWO).matrix.tolist() == [[0, 0], [1, 0]]


def test_the_rates_of_two_classes() -> None:
    table = confusion(FOUR, TWO)
    assert table.efficiency == pytest.approx((1 / 3, 1.0))
    assert table.purity == pytest.approx((1.0, 7 / 9))
    assert table.rejection == pytest.approx((1.0, 1 / 3))
    assert table.accuracy == pytest.approx(0.8)


def test_rates_of_nothing_are_none() -> None:
    table = confusion(Scores(np.array([1]), np.array([0.9]), np.ones(1)), TWO)
    assert table.efficiency == (None, 1.0)
    assert table.purity == (None, 1.0)


def test_rows_without_a_score_are_left_out() -> None:
    scores = Scores(np.array([0, 1]), np.array([np.nan, 0.9]), np.ones(2))
    assert confusion(scores, TWO).matrix.tolist() == [[0, 0], [0, 1]]


def test_histograms_hold_weights_and_their_errors() -> None:
    background, signal = score_histograms(FOUR, TWO, bins=2)
    assert background.edges.tolist() == [0, 0.5, 1]
    assert background.sums.tolist() == [1, 2]
    assert signal.sums.tolist() == [0, 7]
    assert signal.errors.tolist() == [0, 5]
    assert signal.density.tolist() == [0, 2]


def test_the_last_bin_holds_its_upper_edge() -> None:
    scores = Scores(np.array([0, 1]), np.array([0.0, 1.0]), np.ones(2))
    assert [h.sums.tolist() for h in score_histograms(scores, TWO, bins=4)] == [[1, 0, 0, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize("values", [[5.0, 5.0], [-3.0, 8.0], [np.nan, np.nan], [1e300, -1e300]])
def test_scores_outside_0_to_1_find_edges_of_their_own(values: list[float]) -> None:
    found = score_histograms(Scores(np.array([0, 1]), np.array(values), np.ones(2)), TWO, bins=4)
    assert np.isfinite(found[0].edges).all()
    assert sum(h.sums.sum() for h in found) == np.isfinite(values).sum()


def test_with_many_classes_the_score_of_the_truth() -> None:
    scores = Scores(np.array([0, 2]), np.array([[0.9, 0.1, 0.0], [0.2, 0.2, 0.6]]), np.ones(2))
    own = score_histograms(scores, ("a", "b", "c"), bins=10)
    assert [int(np.argmax(h.sums)) for h in own if h.total] == [9, 6]


def test_residuals_are_predicted_minus_true() -> None:
    found = residuals(Scores(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0]), np.array([1.0, 1.0, 2.0])))
    assert found.mean == pytest.approx((1 + 0 + 4) / 4)
    assert found.rms == pytest.approx(np.sqrt((1 + 0 + 8) / 4 - 1.25**2))
    assert found.histogram.sums.sum() + found.below + found.above == 4


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, -1.0]])
def test_residuals_without_weight_have_no_mean(weights: list[float]) -> None:
    found = residuals(Scores(np.array([1.0, 2.0]), np.array([2.0, 5.0]), np.array(weights)))
    assert found.mean is None
    assert found.rms is None
