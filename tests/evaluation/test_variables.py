"""Separation, AUC, correlations, histograms and ranking of single columns, against SciPy, scikit-learn and loops."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score

from mltui.evaluation.variables import auc, class_histograms, correlations, ranking, separation

NAN = float("nan")
TWO = ("b", "s")
Floats = NDArray[np.float64]


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(7)


def ones(values: NDArray[Any]) -> Floats:
    return np.ones(len(values))


# Separation


def test_separation_by_hand() -> None:
    same, other = np.array([0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    assert separation(same, ones(same), other, ones(other)) == pytest.approx(0)
    left, right = np.array([0.0, 1.0]), np.array([2.0, 4.0])
    assert separation(left, ones(left), right, ones(right)) == pytest.approx(1)
    # half of each overlaps in one bin: ½ ((½)²/½ + 0 + (½)²/½) = ½
    assert separation(np.array([0.0, 2.0]), np.ones(2), np.array([2.0, 4.0]), np.ones(2)) == pytest.approx(0.5)


def test_separation_is_the_formula_over_weighted_histograms(draw: np.random.Generator) -> None:
    s, b = draw.normal(1, 1, 3_000), draw.normal(0, 2, 5_000)
    ws, wb = draw.normal(1, 0.5, 3_000), draw.uniform(-0.2, 1, 5_000)  # some negative
    low, high = min(s.min(), b.min()), max(s.max(), b.max())
    hs = np.histogram(s, 25, (low, high), weights=ws)[0]
    hb = np.histogram(b, 25, (low, high), weights=wb)[0]
    expected = 0.0
    for one, other in zip(hs / hs.sum(), hb / hb.sum(), strict=True):
        if one + other > 0:
            expected += 0.5 * (one - other) ** 2 / (one + other)
    assert separation(s, ws, b, wb, bins=25) == pytest.approx(expected, rel=1e-12)
    assert separation(s, 7 * ws, b, 1e-9 * wb, bins=25) == pytest.approx(expected, rel=1e-9)
    holed = np.concatenate([s, [NAN, np.inf, -np.inf]])
    assert separation(holed, np.concatenate([ws, np.ones(3)]), b, wb, bins=25) == pytest.approx(expected, rel=1e-12)


def test_a_far_value_does_not_hide_the_shapes(draw: np.random.Generator) -> None:
    s, b = draw.normal(1, 1, 20_000), draw.normal(0, 1, 20_000)
    plain = separation(s, ones(s), b, ones(b))
    far = np.append(b, 500.0)
    assert separation(s, ones(s), far, ones(far)) == pytest.approx(plain, rel=0.15)


def test_separation_without_a_meaning_is_nan() -> None:
    some = np.array([1.0, 2.0])
    assert np.isnan(separation(np.zeros(0), np.zeros(0), some, ones(some)))
    assert np.isnan(separation(np.ones(3), np.ones(3), np.ones(2), np.ones(2)))
    assert np.isnan(separation(some, np.array([1.0, -1.0]), some, ones(some)))
    assert np.isnan(separation(np.full(2, NAN), np.ones(2), np.full(2, NAN), np.ones(2)))


# AUC


def test_auc_is_that_of_scikit_learn(draw: np.random.Generator) -> None:
    values = np.round(draw.normal(0, 1, 2_000), 1)  # many equal ones
    positive = draw.random(2_000) < 0.3
    values[positive] += 0.4
    weights = draw.random(2_000)
    assert auc(values, positive, weights) == pytest.approx(roc_auc_score(positive, values, sample_weight=weights))
    assert auc(-values, positive, weights) == pytest.approx(1 - auc(values, positive, weights))
    holed = np.concatenate([values, [NAN, np.inf]])
    at = np.concatenate([positive, [True, False]])
    assert auc(holed, at, np.concatenate([weights, [5.0, 5.0]])) == pytest.approx(auc(values, positive, weights))


def test_a_column_has_no_auc_without_both_sides() -> None:
    assert np.isnan(auc(np.arange(60.0), np.ones(60, np.bool_), np.ones(60)))


# Correlations


def by_loop(matrix: Floats, weights: Floats) -> Floats:
    """Each pair by itself, from the definition."""
    count = matrix.shape[1]
    found = np.full((count, count), NAN)
    for i in range(count):
        for j in range(count):
            used = np.isfinite(matrix[:, i]) & np.isfinite(matrix[:, j]) & (weights != 0)
            if used.any():
                with np.errstate(all="ignore"):
                    covariance = np.cov(matrix[used][:, [i, j]].T, aweights=weights[used], ddof=0)
                    found[i, j] = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    return found


def test_correlations_are_those_of_scipy_and_numpy(draw: np.random.Generator) -> None:
    matrix = draw.normal(0, 1, (500, 5)) @ draw.normal(0, 1, (5, 5)) + 100
    found = correlations(matrix, np.ones(500))
    for i in range(5):
        for j in range(5):
            assert found[i, j] == pytest.approx(stats.pearsonr(matrix[:, i], matrix[:, j]).statistic, abs=1e-12)
    weights = draw.random(500)
    assert_allclose(correlations(matrix, weights), by_loop(matrix, weights), atol=1e-12)
    assert (np.diag(found) == 1).all()


def test_missing_values_leave_out_only_their_pairs(draw: np.random.Generator) -> None:
    matrix = draw.normal(0, 1, (40_000, 4)) @ draw.normal(0, 1, (4, 4))
    matrix[draw.random((40_000, 4)) < 0.2] = NAN
    matrix[5, 0] = np.inf
    weights = draw.random(40_000)
    weights[7] = 0
    assert_allclose(correlations(matrix, weights), by_loop(matrix, weights), atol=1e-12)


def test_negative_weights_are_counted_as_the_definition_does(draw: np.random.Generator) -> None:
    x = draw.normal(0, 1, 300)
    matrix = np.column_stack([x, x + draw.normal(0, 1, 300)])
    weights = np.where(draw.random(300) < 0.1, -1.0, 1.0)
    mean = [(weights * column).sum() / weights.sum() for column in matrix.T]
    cov = [[(weights * (a - m) * (b - n)).sum() for b, n in zip(matrix.T, mean, strict=True)]
           for a, m in zip(matrix.T, mean, strict=True)]  # fmt: skip
    expected = cov[0][1] / np.sqrt(cov[0][0] * cov[1][1])
    assert correlations(matrix, weights)[0, 1] == pytest.approx(expected, rel=1e-10)
    assert np.isnan(correlations(matrix, -weights)).all()
    assert np.isnan(correlations(np.array([[0.0], [1.0], [5.0]]), np.array([1.0, 1.0, -1.0]))).all()


def test_constants_and_empty_columns_have_no_correlation(draw: np.random.Generator) -> None:
    x = draw.normal(0, 1, 100)
    matrix = np.column_stack([x, np.full(100, 0.1), np.full(100, NAN), 3 * x, np.full(100, 1e300)])
    found = correlations(matrix, np.ones(100))
    assert np.isnan(found[:, [1, 2, 4]]).all()
    assert np.isnan(found[[1, 2, 4]]).all()
    assert_allclose(found[np.ix_([0, 3], [0, 3])], 1)
    assert np.isnan(correlations(np.zeros((0, 2)), np.zeros(0))).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1.0, 1e150, 1e300])
@pytest.mark.parametrize("shift", [0.0, 1.0, 1e6])
def test_scale_and_shift_change_nothing(scale: float, shift: float, draw: np.random.Generator) -> None:
    matrix = draw.normal(0, 1, (400, 3)) @ draw.normal(0, 1, (3, 3))
    plain = correlations(matrix, np.ones(400))
    assert_allclose(correlations((matrix + shift) * scale, np.full(400, 1e-200)), plain, atol=1e-7)


def test_fifty_columns_of_many_rows_are_quick(draw: np.random.Generator) -> None:
    matrix = draw.normal(0, 1, (50_000, 50))
    begin = time.process_time()
    assert correlations(matrix, np.ones(50_000)).shape == (50, 50)
    assert time.process_time() - begin < 20


# Histograms


@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(-1e3, 1e3), st.integers(-5, 60).map(float), st.sampled_from([NAN, np.inf, -999.0])),
            st.integers(-1, 3),
            st.floats(-2, 2),
        ),
        max_size=60,
    ),
    st.integers(2, 50),
)
def test_every_row_is_in_one_place_of_its_class(rows: list[tuple[float, int, float]], bins: int) -> None:
    values, codes, weights = (np.array([row[i] for row in rows]) for i in range(3))
    found = class_histograms(values, codes.astype(np.int64), ("a", "b", "c"), weights.astype(float), bins)
    assert 1 <= found.sums.shape[1] <= bins
    assert_allclose(np.diff(found.edges), found.edges[1] - found.edges[0], rtol=1e-6)
    for code in range(3):
        own = codes == code
        known = own & np.isfinite(values)
        expected = np.histogram(values[known], found.edges, weights=weights[known])[0]
        # no row may be lost, though one that lies on an edge but for rounding may be in the neighbouring bin
        assert found.sums[code].sum() + found.below[code] + found.above[code] == pytest.approx(
            weights[known].sum(), abs=1e-9
        )
        if not np.isclose(values[known][:, None], found.edges[None], atol=1e-9).any():
            assert_allclose(found.sums[code], expected, atol=1e-9)
        assert found.missing[code] == pytest.approx(weights[own & ~np.isfinite(values)].sum(), abs=1e-9)
        assert found.below[code] == pytest.approx(weights[known & (values < found.edges[0])].sum(), abs=1e-9)


def test_histograms_by_hand() -> None:
    values = np.array([0.0, 0.1, 0.9, 1.0, NAN, 0.5])
    found = class_histograms(values, np.array([0, 0, 1, 1, 1, 0]), TWO, np.array([1.0, 2, 3, -4, 5, 6]), bins=2)
    assert found.edges.tolist() == [0, 0.5, 1]
    assert found.sums.tolist() == [[3, 6], [0, -1]]
    assert found.errors.tolist() == [[np.sqrt(5), 6], [0, 5]]
    assert found.missing.tolist() == [0, 5]
    assert found.classes == TWO
    assert found.labels == ()


def test_whole_numbers_get_bins_of_their_own() -> None:
    values = np.array([0, 1, 1, 2, 4])
    found = class_histograms(values, np.zeros(5, np.int64), ("all",), np.ones(5))
    assert found.edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5]
    assert found.sums.tolist() == [[1, 2, 1, 0, 1]]
    wide = class_histograms(np.arange(1_000), np.zeros(1_000, np.int64), ("all",), np.ones(1_000))
    assert wide.edges[0] == -0.5
    assert set(np.diff(wide.edges)) == {25}
    assert wide.sums.tolist() == [[25] * 40]


def test_far_values_are_counted_beyond_the_edges(draw: np.random.Generator) -> None:
    values = np.concatenate([draw.normal(0, 1, 10_000), [-999.0, 1e9]])
    found = class_histograms(values, np.zeros(10_002, np.int64), ("all",), np.ones(10_002))
    assert -6 < found.edges[0] < -2
    assert 2 < found.edges[-1] < 6
    assert found.below[0] >= 1
    assert found.above[0] >= 1
    assert found.sums.sum() + found.below[0] + found.above[0] == 10_002
    assert found.sums.sum() > 9_900


def test_labels_get_a_bin_each_and_the_rare_ones_share_one() -> None:
    codes = np.array([0, 1, 1, -1, 2])
    found = class_histograms(codes, np.array([0, 1, 1, 0, 0]), TWO, np.ones(5), labels=("x", "y", "z"))
    assert found.labels == ("x", "y", "z")
    assert found.edges.tolist() == [-0.5, 0.5, 1.5, 2.5]
    assert found.sums.tolist() == [[1, 0, 1], [0, 2, 0]]
    assert found.missing.tolist() == [1, 0]
    many = np.repeat(np.arange(100), np.arange(100) % 7 + 1)
    labels = tuple(f"l{i}" for i in range(100))
    found = class_histograms(many, np.zeros(len(many), np.int64), ("all",), np.ones(len(many)), bins=5, labels=labels)
    assert found.labels == ("l6", "l13", "l20", "l27", "others")
    assert found.sums.tolist() == [[7, 7, 7, 7, len(many) - 28]]


def test_a_column_without_values_has_an_empty_histogram() -> None:
    found = class_histograms(np.full(3, NAN), np.zeros(3, np.int64), ("all",), np.ones(3))
    assert found.sums.sum() == 0
    assert found.missing.tolist() == [3]
    assert class_histograms(np.zeros(0), np.zeros(0, np.int64), TWO, np.zeros(0)).sums.shape == (2, 40)


# Ranking


def test_two_classes_are_ranked_by_separation(draw: np.random.Generator) -> None:
    codes = np.repeat([0, 1], 5_000)
    weights = draw.random(10_000)
    columns = {
        "nothing": draw.normal(0, 1, 10_000),
        "little": draw.normal(0, 1, 10_000) - 0.5 * codes,
        "much": draw.normal(0, 1, 10_000) + 2 * codes,
        "flat": np.ones(10_000),
        "all": codes + 0.1 * draw.random(10_000),
    }
    found = ranking(columns, codes, TWO, weights)
    assert [ranked.name for ranked in found] == ["all", "much", "little", "nothing", "flat"]
    for ranked in found[:-1]:
        s, b = columns[ranked.name][codes == 1], columns[ranked.name][codes == 0]
        assert ranked.separation == pytest.approx(separation(s, weights[codes == 1], b, weights[codes == 0]))
        area = roc_auc_score(codes, columns[ranked.name], sample_weight=weights)
        assert ranked.auc == pytest.approx(max(area, 1 - area))
        assert ranked.correlation is None
    assert found[-1].separation is None
    assert found[-1].auc == 0.5


def test_many_classes_are_the_mean_of_one_against_the_rest(draw: np.random.Generator) -> None:
    codes = draw.integers(0, 3, 900)
    values = codes + draw.normal(0, 1, 900)
    (found,) = ranking({"x": values}, codes, ("a", "b", "c"), np.ones(900))
    areas = [roc_auc_score(codes == code, values) for code in range(3)]
    assert found.auc == pytest.approx(np.mean([max(area, 1 - area) for area in areas]))
    assert found.separation == pytest.approx(
        np.mean([separation(values[codes == c], np.ones(sum(codes == c)), values[codes != c], np.ones(sum(codes != c)))
                 for c in range(3)])
    )  # fmt: skip


def test_labels_are_ranked_by_the_share_of_the_class() -> None:
    codes = np.array([0, 0, 1, 1, 0, 1, 1])
    column = np.array([0, 0, 1, 1, 1, 0, -1])
    (found,) = ranking({"x": column}, codes, TWO, np.ones(7), labels={"x": ("p", "q")})
    share = np.array([1 / 3, 2 / 3])
    assert found.auc == pytest.approx(roc_auc_score(codes[:6], share[column[:6]]))
    assert found.separation == pytest.approx(0.5 * ((2 / 3 - 1 / 3) ** 2 + (1 / 3 - 2 / 3) ** 2))


def test_columns_of_a_regression_are_ranked_by_correlation(draw: np.random.Generator) -> None:
    target = draw.normal(0, 1, 500)
    weights = draw.random(500)
    group = (target > 0).astype(np.int64)
    columns = {"weak": target + draw.normal(0, 5, 500), "against": -target + draw.normal(0, 0.1, 500), "g": group}
    found = ranking(columns, target, (), weights, labels={"g": ("low", "high")})
    assert [ranked.name for ranked in found] == ["against", "g", "weak"]
    assert found[0].correlation == pytest.approx(by_loop(np.column_stack([columns["against"], target]), weights)[0, 1])
    mean = np.average(target, weights=weights)
    between = sum(
        weights[group == g].sum() * (np.average(target[group == g], weights=weights[group == g]) - mean) ** 2
        for g in (0, 1)
    )
    assert found[1].correlation == pytest.approx(np.sqrt(between / (weights * (target - mean) ** 2).sum()))
    assert found[0].separation is found[0].auc is None


def test_labels_of_one_weight_but_for_rounding_keep_their_order() -> None:
    codes = np.array([0, 2, 0, 2, 0, 2])
    weights = np.array([3.4, 3.1, 2.2, 3.2, 4.8, 4.1])
    for order in ([0, 1, 2, 3, 4, 5], [4, 1, 2, 3, 0, 5]):
        found = class_histograms(codes[order], np.zeros(6, np.int64), ("a",), weights[order], 2, ("x", "y", "z"))
        assert found.labels == ("x", "others")
