"""From a number to its rows: hand-worked tables, scikit-learn, and the sums that the rows must add up to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, log_loss

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.confusion import confusion
from mltui.evaluation.histogram import bin_of, histogram, score_histograms
from mltui.evaluation.picking import known, losses, mistakes, of_bins, of_cell, ordered, undecided

TARGET = np.array([0, 1, 1, 0, 1, 0, 1])
SCORES = np.array([0.9, 0.2, 0.6, 0.5, 0.05, 0.51, np.nan])
WEIGHTS = np.array([1.0, 2.0, 1.0, -1.0, 0.0, 3.0, 1.0])
BINARY = Scores(TARGET, SCORES, WEIGHTS)


def some(seed: int, rows: int = 200, classes: int = 2) -> Scores:
    rng = np.random.default_rng(seed)
    target, weights = rng.integers(0, classes, rows), rng.choice([-1.0, 0.0, 0.5, 2.0], rows)
    scores = rng.random(rows) if classes == 2 else rng.dirichlet(np.ones(classes), rows)
    return Scores(target, scores.round(2), weights)


def test_mistakes_come_with_the_largest_loss_first_and_without_rows_of_no_weight() -> None:
    """Row 4 is the worst of all but has no weight, row 6 no score; row 3 is on the threshold, which says the first."""
    assert mistakes(BINARY, "classification").tolist() == [0, 1, 5]
    assert mistakes(BINARY, "classification", 0.4).tolist() == [0, 1, 5, 3]
    assert mistakes(BINARY, "classification", 0.95).tolist() == [1, 2]
    assert known(BINARY).tolist() == [True, True, True, True, False, True, False]


def test_where_the_logarithm_is_clipped_the_score_still_tells_the_worse() -> None:
    scores = Scores(np.array([1, 1, 1]), np.array([1e-20, 0.0, 1e-18]), np.ones(3))
    assert mistakes(scores, "classification").tolist() == [1, 0, 2]


def test_scores_that_are_no_probabilities_are_ranked_all_the_same() -> None:
    scores = Scores(np.array([1, 0, 1]), np.array([-3.0, 7.0, -1.0]), np.ones(3))
    assert mistakes(scores, "classification", 0.0).tolist() == [1, 0, 2]
    assert np.isnan(losses(scores, "classification")).all()


def test_a_regression_has_its_largest_residuals_first() -> None:
    scores = Scores(
        np.array([1.0, 2.0, 3.0, 4.0, np.nan]), np.array([1.5, 0.0, 3.1, 9.0, 1.0]), np.array([1, -1, 1, 0, 1.0])
    )
    assert mistakes(scores, "regression").tolist() == [1, 0, 2]
    np.testing.assert_allclose(losses(scores, "regression"), [0.5, 2, 0.1, 5, np.nan])


@pytest.mark.parametrize("classes", [2, 3])
def test_losses_add_up_to_the_log_loss(classes: int) -> None:
    scores = some(3, classes=classes)
    positive = scores.weights > 0
    found = np.average(losses(scores, "classification")[positive], weights=scores.weights[positive])
    own = scores.scores[positive]
    own = own / own.sum(axis=1, keepdims=True) if classes > 2 else own
    expected = log_loss(scores.target[positive], own, sample_weight=scores.weights[positive], labels=range(classes))
    assert found == pytest.approx(expected, rel=1e-2 if classes > 2 else 1e-12)


@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5]), st.floats(0, 1))
def test_the_rows_of_the_cells_are_all_rows_and_add_up_to_the_matrix(seed: int, classes: int, threshold: float) -> None:
    scores = some(seed, 60, classes)
    cells = [[of_cell(scores, (t, s), threshold) for s in range(classes)] for t in range(classes)]
    table = confusion(scores, tuple("abcde"[:classes]), threshold)
    sums = [[scores.weights[rows].sum() for rows in row] for row in cells]
    np.testing.assert_allclose(sums, table.matrix, atol=1e-9)
    every = np.sort(np.concatenate([rows for row in cells for rows in row]))
    np.testing.assert_array_equal(every, np.flatnonzero(scores.weights != 0))
    used = scores.weights != 0
    says = (scores.scores > threshold).astype(int) if classes == 2 else scores.scores.argmax(axis=1)
    counts = confusion_matrix(scores.target[used], says[used], labels=range(classes))
    np.testing.assert_array_equal([[len(rows) for rows in row] for row in cells], counts)


@given(st.integers(0, 10_000), st.sampled_from([2, 3]))
def test_the_rows_of_the_bins_add_up_to_the_histogram(seed: int, classes: int) -> None:
    """Scores of two digits lie on the very edges of the bins."""
    scores = some(seed, 60, classes)
    groups = score_histograms(scores, tuple("abc"[:classes]))
    edges = groups[0].edges
    for code, group in enumerate(groups):
        for place in range(len(edges) - 1):
            rows = of_bins(scores, edges, (place, place + 1))
            rows = rows[scores.target[rows] == code]
            assert scores.weights[rows].sum() == pytest.approx(group.sums[place], abs=1e-9)
    assert len(of_bins(scores, edges, (0, len(edges) - 1))) == np.count_nonzero(scores.weights)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30), st.integers(1, 9))
def test_bins_are_those_of_numpy_but_for_rounding(values: list[float], bins: int) -> None:
    """A value is in the bin whose edges enclose it, to within the rounding of the edges."""
    edges = np.linspace(-2, 3, bins + 1)
    given_values: Floats = np.array(values, np.float64)
    places = bin_of(given_values, edges)
    for value, place in zip(values, places.tolist(), strict=True):
        if place < 0:
            assert not -2 <= value <= 3
        else:
            assert edges[place] - 1e-12 <= value <= edges[place + 1] + 1e-12
    found = histogram("x", given_values, np.ones(len(values)), edges)
    assert found.sums.sum() == np.count_nonzero(places >= 0)


def test_doubtful_rows_come_first() -> None:
    assert undecided(BINARY, 0.5).tolist() == [3, 5, 2, 1, 0]
    many = Scores(np.array([0, 1, 2]), np.array([[0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.45, 0.1, 0.45]]), np.ones(3))
    assert undecided(many).tolist() == [2, 0, 1]


def test_no_rows_are_no_rows() -> None:
    none = Scores(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    assert mistakes(none, "classification").tolist() == undecided(none).tolist() == of_cell(none, (0, 1)).tolist() == []
    assert of_bins(none, np.linspace(0, 1, 3), (0, 1)).tolist() == []


def test_rows_are_put_in_order_with_what_is_missing_last() -> None:
    values = np.array([3.0, np.nan, 1.0, 3.0, -2.0, np.inf])
    rows = np.array([0, 1, 2, 3, 4, 5])
    assert ordered(rows, values).tolist() == [4, 2, 0, 3, 1, 5]
    assert ordered(rows, values, falling=True).tolist() == [0, 3, 2, 4, 1, 5]
    whole = np.array([2**60, 2**60 + 1, 5])
    assert ordered(np.array([0, 2, 1]), whole, falling=True).tolist() == [1, 0, 2]
