"""The ROC curve against scikit-learn's, and how it is read where negative weights send it back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation.roc import one_against_rest, roc


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.integers(1, 9)), min_size=2, max_size=30))
def test_the_curve_is_scikit_learns(rows: list[tuple[bool, int, int]]) -> None:
    import sklearn.metrics as sk

    positive = np.array([r[0] for r in rows])
    assume(positive.any() and not positive.all())
    scores, weights = (np.array([r[i] for r in rows], np.float64) for i in (1, 2))
    found = roc(positive, scores, weights)
    background, signal, thresholds = sk.roc_curve(positive, scores, sample_weight=weights, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive, background, atol=1e-9)
    np.testing.assert_allclose(found.true_positive, signal, atol=1e-9)
    np.testing.assert_array_equal(found.thresholds, thresholds)


def test_one_curve_for_two_classes_one_a_class_for_more() -> None:
    two = Scores(np.array([0, 1, 1]), np.array([0.2, 0.9, 0.7]), np.ones(3))
    assert [curve.auc for curve in one_against_rest(two, ("a", "b"))] == [1.0]
    three = Scores(np.array([0, 1, 2]), np.eye(3), np.ones(3))
    assert [curve.auc for curve in one_against_rest(three, ("a", "b", "c"))] == [1.0, 1.0, 1.0]


def test_a_curve_sent_back_by_negative_weights_is_read_at_its_farthest() -> None:
    # Background efficiency goes 0, 0.5, 0.25, 1 while signal climbs: at 0.3 the first crossing counts.
    positive = np.array([True, False, False, True, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    found = roc(positive, scores, np.array([1.0, 2, -1, 1, 3]))
    np.testing.assert_allclose(found.false_positive, [0, 0, 0.5, 0.25, 0.25, 1])
    assert found.efficiency_at(0.3) == pytest.approx(0.5)
    assert found.efficiency_at(1.0) == pytest.approx(1.0)


def test_an_efficiency_that_rounding_has_moved_is_still_met() -> None:
    """Ten backgrounds of weight 0.2: their sums round, and the first is a little more than a tenth of all."""
    background = np.arange(0.95, 0, -0.1)
    scores = np.append(background, [0.97, 0.9, 0.01, 0.02])
    positive = np.arange(14) > 9
    found = roc(positive, scores, np.where(positive, 1.0, 0.2))
    assert found.false_positive[2] > 0.1
    assert found.efficiency_at(0.1) == pytest.approx(0.5)


def test_weights_that_cancel_but_for_rounding_leave_no_curve() -> None:
    positive, scores = np.array([True, True, True, False]), np.array([0.1, 0.2, 0.3, 0.2])
    for order in ([0, 1, 2, 3], [2, 0, 1, 3], [1, 2, 0, 3]):
        weights = np.array([0.1, 0.2, -0.3, 1.0])[order]
        assert roc(positive, scores, weights).auc is None
