"""Correlations of the score with the variables, beside scipy's, with duplicated rows for weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mltui.evaluation.dependence import dependence, pair, ranks

RNG = np.random.default_rng(8)


def test_both_correlations_are_scipys() -> None:
    x = np.round(RNG.normal(size=300), 1)  # with ties
    y = np.exp(x) + RNG.normal(size=300)
    linear, rank = pair(x, y, np.ones(300))
    assert linear == pytest.approx(stats.pearsonr(x, y).statistic)
    assert rank == pytest.approx(stats.spearmanr(x, y).statistic)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4)), min_size=3, max_size=20))
def test_a_weight_is_so_many_rows(rows: list[tuple[int, int, int]]) -> None:
    x, y, times = (np.array(column) for column in zip(*rows, strict=True))
    weighted = pair(x.astype(float), y.astype(float), times.astype(float))
    many = np.repeat(x, times).astype(float), np.repeat(y, times).astype(float)
    np.testing.assert_allclose(weighted, pair(*many, np.ones(times.sum())), atol=1e-9)


def test_ranks_are_scipys_but_for_a_half() -> None:
    values = RNG.integers(0, 9, 50).astype(float)
    np.testing.assert_allclose(ranks(values, np.ones(50)), stats.rankdata(values) - 0.5)


def test_within_a_class_the_score_may_know_nothing_of_what_it_knows_over_all() -> None:
    signal = RNG.random(2000) < 0.5
    mass = RNG.normal(5.0 * signal, 1)
    score = np.where(signal, 0.8, 0.2) + RNG.normal(0, 0.05, 2000)
    groups = [("all", np.ones(2000, bool)), ("b", ~signal), ("s", signal)]
    found = dependence({"mass": mass, "flat": np.ones(2000)}, score, np.ones(2000), groups)
    assert found.linear[0, 0] > 0.8
    assert np.abs(found.linear[1:, 0]).max() < 0.1
    assert np.abs(found.rank[1:, 0]).max() < 0.1
    assert np.isnan(found.linear[:, 1]).all()
    assert (found.names, found.groups) == (("mass", "flat"), ("all", "b", "s"))


def test_missing_values_and_rows_of_weight_zero_change_nothing() -> None:
    x, y, weights = RNG.normal(size=40), RNG.normal(size=40), RNG.uniform(-0.3, 1, 40)
    expected = pair(x, y, weights)
    more = [np.append(x, [np.nan, 7e9, 1]), np.append(y, [1, 9, np.inf]), np.append(weights, [1, 0, 2])]
    np.testing.assert_allclose(pair(*more), expected)
    assert np.isnan(pair(x[:1], y[:1], weights[:1])).all()
