"""The reliability curve against scikit-learn's, and its expected error by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.core.snapshot import Scores
from mltui.evaluation.calibration import calibration


def events(rows: int = 600) -> Scores:
    rng = np.random.default_rng(4)
    said = rng.random(rows)
    return Scores((rng.random(rows) < said**2).astype(np.int64), said, rng.integers(1, 4, rows).astype(np.float64))


def test_the_curve_is_scikit_learns_on_as_many_rows_as_the_weights_say() -> None:
    from sklearn.calibration import calibration_curve

    scores = events()
    rows = np.repeat(np.arange(len(scores)), scores.weights.astype(np.int64))
    true, said = calibration_curve(scores.target[rows], scores.scores[rows], n_bins=10)
    found = calibration(scores)
    np.testing.assert_allclose(found.true, true)
    np.testing.assert_allclose(found.said, said)


def test_the_expected_error_of_a_table_by_hand() -> None:
    # Bin 1: weight 4, said 0.1, true 1/4. Bin 10: weight 6, said 0.95, true 1.
    scores = Scores(np.array([0, 1, 1]), np.array([0.1, 0.1, 0.95]), np.array([3.0, 1.0, 6.0]))
    found = calibration(scores)
    assert found.sums.tolist() == [4, *[0] * 8, 6]
    assert found.expected_error == pytest.approx((4 * 0.15 + 6 * 0.05) / 10)
    assert found.errors[0] == pytest.approx(np.sqrt((3 / 4) ** 2 * 1 + (1 / 4) ** 2 * 9) / 4)


def test_many_classes_are_judged_by_their_confidence() -> None:
    answers = np.array([[0.7, 0.2, 0.1], [0.1, 0.75, 0.15], [0.3, 0.3, 0.4]])
    found = calibration(Scores(np.array([0, 0, 2]), answers, np.ones(3)), bins=2)
    assert found.true.tolist() == [1, 0.5]
    np.testing.assert_allclose(found.said, [0.4, 0.725])


def test_the_error_covers_the_truth_in_two_thirds_of_the_toys() -> None:
    rng = np.random.default_rng(3)
    inside: list[bool] = []
    for _ in range(300):
        said = rng.random(500)
        found = calibration(Scores((rng.random(500) < said).astype(np.int64), said, 1 + rng.random(500)), bins=5)
        inside.extend(np.abs(found.true - found.said) < found.errors)
    assert np.mean(inside) == pytest.approx(0.683, abs=0.05)


def test_bins_of_no_weight_and_scores_that_are_no_probabilities_are_left_out() -> None:
    cancelled = Scores(np.array([0, 1, 1]), np.array([0.1, 0.1, 0.9]), np.array([0.1, -0.1, 1.0]))
    found = calibration(cancelled)
    assert np.isnan(found.true[0])
    assert found.expected_error == pytest.approx(0.1)
    assert calibration(Scores(np.array([0, 1]), np.array([-3.0, 4.0]), np.ones(2))).expected_error is None
    assert calibration(Scores(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))).expected_error is None
    none = calibration(Scores(np.array([1]), np.array([np.nan]), np.ones(1)))
    assert none.expected_error is None
    assert np.isnan(none.said).all()


def test_rows_of_weight_zero_change_nothing() -> None:
    one = events(50)
    more = Scores(np.append(one.target, [1, 0]), np.append(one.scores, [0.4, np.nan]), np.append(one.weights, [0, 0]))
    assert calibration(more).expected_error == calibration(one).expected_error
