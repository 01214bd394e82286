"""Sorted once, asked at once: what any threshold selects, against sums over all rows and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation.confusion import confusion, confusion_at
from mltui.evaluation.ranked import Ranked, by_class
from mltui.evaluation.ranked import one_against_rest as ranked_against_rest
from mltui.evaluation.ranked_yields import ranked_yields
from mltui.evaluation.rates import rates, shares
from mltui.evaluation.yields import processes, yields
from tests.evaluation.cases import PROCESSES, Case, cases

TWO = ("b", "s")
THRESHOLDS = st.integers(-1, 11).map(lambda tenths: tenths / 10)


@settings(deadline=None)
@given(cases("two"), THRESHOLDS)
def test_a_sorted_part_gives_the_confusion_matrix_of_all_rows(case: Case, threshold: float) -> None:
    found = confusion_at(by_class(case.scores), TWO, threshold)
    np.testing.assert_allclose(found.matrix, confusion(case.scores, TWO, threshold).matrix, atol=1e-9)


@settings(deadline=None)
@given(cases("two"), THRESHOLDS)
def test_a_sorted_part_gives_the_yields_of_all_rows(case: Case, threshold: float) -> None:
    whole = processes(case.table)
    part = case.take(case.part).scores
    found = ranked_yields(part, whole, PROCESSES, TWO).at(threshold)
    expected = yields(part, whole, PROCESSES, TWO, threshold)
    for one, other in zip(found.processes, expected.processes, strict=True):
        assert one.__dict__ == pytest.approx(other.__dict__)
    assert found.signal == pytest.approx(expected.signal)
    assert found.background_error == pytest.approx(expected.background_error)


@settings(deadline=None)
@given(cases("three"), THRESHOLDS)
def test_sums_above_and_below_are_those_of_masks(case: Case, threshold: float) -> None:
    scores = case.scores.scores[:, 1]
    asked = np.array([threshold, 0.25])
    ranked = Ranked(scores, case.target, case.weights, 3)
    for found, chosen in (
        (ranked.above(asked), scores[:, None] > asked),
        (ranked.above(asked, inclusive=True), scores[:, None] >= asked),
        (ranked.below(asked), scores[:, None] <= asked),
    ):
        for code in range(3):
            rows = (case.target == code)[:, None] & chosen & (case.weights != 0)[:, None]
            np.testing.assert_array_equal(found.rows[code], rows.sum(axis=0))
            np.testing.assert_allclose(found.first[code], (case.weights[:, None] * rows).sum(axis=0), atol=1e-9)
            np.testing.assert_allclose(found.second[code], (case.weights[:, None] ** 2 * rows).sum(axis=0), atol=1e-9)


def test_scores_that_are_no_numbers_and_rows_of_nobody_are_above_nothing() -> None:
    scores = np.array([0.9, np.nan, 0.8, 0.7])
    ranked = Ranked(scores, np.array([0, 0, -1, 1]), np.array([1.0, 1, 1, 0]), 2)
    assert ranked.every.rows.tolist() == [1, 0]
    assert ranked.every.first.tolist() == [1, 0]


def test_one_class_against_the_rest() -> None:
    scores = Scores(np.array([0, 1, 2]), np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3], [0.2, 0.4, 0.4]]), np.ones(3))
    ranked = ranked_against_rest(scores, 1)
    assert ranked.above(0.3).rows.tolist() == [1, 1]
    assert ranked.scores(0).tolist() == [0.2, 0.4]


def test_the_rates_of_a_weighted_table_by_hand() -> None:
    # signal: 3 of 4 selected; background: 2 of 8 selected, in rows of weight 2 and 1
    scores = Scores(np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.1, 0.8, 0.2, 0.3]), np.array([3.0, 1.0, 2.0, 4.0, 2.0]))
    found = rates(by_class(scores), 0.5)
    assert found.signal_efficiency.value == pytest.approx(3 / 4)
    assert found.signal_efficiency.error == pytest.approx(np.sqrt((1 / 4) ** 2 * 9 + (3 / 4) ** 2 * 1) / 4)
    assert found.background_rejection.value == pytest.approx(6 / 8)
    assert found.background_rejection.error == pytest.approx(np.sqrt((1 / 4) ** 2 * 20 + (3 / 4) ** 2 * 4) / 8)
    assert found.purity.value == pytest.approx(3 / 5)
    assert found.negative_purity.value == pytest.approx(6 / 7)
    assert found.accuracy.value == pytest.approx(9 / 12)


def test_the_rates_are_scikit_learns() -> None:
    import sklearn.metrics as sk

    rng = np.random.default_rng(2)
    target, scores, weights = rng.integers(0, 2, 300), rng.random(300), rng.random(300)
    found, said = rates(by_class(Scores(target, scores, weights)), 0.4), scores > 0.4
    for rate, metric, positive in (
        (found.signal_efficiency, sk.recall_score, 1),
        (found.background_rejection, sk.recall_score, 0),
        (found.purity, sk.precision_score, 1),
        (found.negative_purity, sk.precision_score, 0),
    ):
        assert rate.value == pytest.approx(metric(target, said, pos_label=positive, sample_weight=weights))
    assert found.accuracy.value == pytest.approx(sk.accuracy_score(target, said, sample_weight=weights))


def test_equal_weights_have_the_binomial_error_whatever_they_are() -> None:
    weight = 0.37
    sums = (np.array(sum_of) for sum_of in (30 * weight, 30 * weight**2, 70 * weight, 70 * weight**2))
    share, error = shares(*sums)
    assert share == pytest.approx(0.3)
    assert error == pytest.approx(np.sqrt(0.3 * 0.7 / 100))


def test_a_share_of_all_is_not_known_better_than_its_rows_tell() -> None:
    share, error = shares(np.array([4.0, 0.0]), np.array([4.0, 0.0]), np.array([0.0, 4.0]), np.array([0.0, 4.0]))
    assert share.tolist() == [1, 0]
    assert error.tolist() == [0.1, 0.1]


def test_a_share_of_nothing_is_unknown() -> None:
    empty = rates(by_class(Scores(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))), 0.5)
    assert (empty.purity.value, empty.purity.error) == (None, None)
    cancelled = Scores(np.array([1, 1]), np.array([0.9, 0.8]), np.array([0.1, -0.1]))
    assert rates(by_class(cancelled), 0.5).signal_efficiency.value is None


@pytest.mark.parametrize("lean", [0.0, 2.0])
def test_the_error_of_an_efficiency_covers_the_truth_as_often_as_one_standard_deviation_does(lean: float) -> None:
    """Toys: weights that depend on the score, where a binomial error with the effective number would be wrong."""
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(500):
        scores = rng.random(200)
        weights = 1 + lean * scores
        found = rates(by_class(Scores(np.ones(200, np.int64), scores, weights)), 0.7).signal_efficiency
        truth = (0.3 + lean * (1 - 0.7**2) / 2) / (1 + lean / 2)
        assert found.value is not None
        assert found.error is not None
        inside += abs(found.value - truth) < found.error
    assert inside / 500 == pytest.approx(0.683, abs=0.06)
