"""The ROC curve against its definition, negative weights included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation.roc import one_against_rest, roc

row = st.tuples(st.booleans(), st.integers(0, 8), st.integers(-20, 50))


def by_pairs(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """The area as the share of right pairs, row by row: slow and plain."""
    right = total = 0.0
    for i in np.flatnonzero(positive):
        for j in np.flatnonzero(~positive):
            pair = weights[i] * weights[j]
            total += pair
            right += pair * (1.0 if scores[i] > scores[j] else 0.5 if scores[i] == scores[j] else 0.0)
    return right / total


@settings(max_examples=100, deadline=None)
@given(st.lists(row, min_size=2, max_size=25))
def test_the_area_is_the_share_of_right_pairs_with_negative_weights_too(rows: list[tuple[bool, int, int]]) -> None:
    positive = np.array([r[0] for r in rows])
    scores, weights = (np.array([r[i] for r in rows], np.float64) / 10 for i in (1, 2))
    assume(weights[positive].sum() > 0.5 and weights[~positive].sum() > 0.5)
    found = roc(positive, scores, weights).auc
    assert found is not None
    assert math.isclose(found, by_pairs(positive, scores, weights), rel_tol=1e-9, abs_tol=1e-9)


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
