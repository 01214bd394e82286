"""Rectangular cuts: those that theory knows, those of a search through all, and what their scores mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from mltui.models.cut_search import CutSearch, halving
from mltui.models.rectangles import Rectangles

Array = NDArray[np.float64]
SEARCH = CutSearch(efficiencies=9, sides="both", nested=False, population=60, generations=80, seed=3)


def found(x: Array, signal: NDArray[np.bool_], weights: Array | None = None, **settings: Any) -> Rectangles:
    search = replace(SEARCH, **settings)
    given = np.ones(len(x)) if weights is None else weights
    *_, last = search.search(x.astype(np.float32), signal, given, lambda *_: True)
    return last


def passed(cuts: Rectangles, x: Array, weights: Array) -> Array:
    """The share of the weights in each rectangle, as the definition says it."""
    inside = ((cuts.lower[:, None] <= x) & (x < cuts.upper[:, None])).all(axis=2)
    shares: Array = inside @ weights / weights.sum()
    return shares


def hills(rows: int = 1_200, seed: int = 0) -> tuple[Array, NDArray[np.bool_], Array]:
    """A correlated signal on a slope of background, with weights of which some are negative."""
    rng = np.random.default_rng(seed)
    signal = np.arange(rows) % 2 == 0
    x = rng.normal(size=(rows, 2))
    x[signal] = x[signal] @ [[0.6, 0.3], [0.0, 0.5]] + 0.7
    weights = rng.uniform(0.5, 1.5, rows) * np.where(rng.random(rows) < 0.1, -1, 1)
    return x.astype(np.float32).astype(np.float64), signal, weights


def test_a_gaussian_in_a_flat_background_is_cut_by_a_square() -> None:
    """By symmetry the best rectangle is |x|, |y| < a with (2 Φ(a) - 1)² the signal efficiency."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=(6_000, 2)), rng.uniform(-5, 5, (6_000, 2))])
    cuts = found(x, np.arange(12_000) < 6_000, efficiencies=3, population=30)
    for efficiency, lower, upper in zip(cuts.efficiencies, cuts.lower, cuts.upper, strict=True):
        half = norm.ppf((1 + np.sqrt(efficiency)) / 2)
        np.testing.assert_allclose(upper - lower, 2 * half, atol=0.3)
        np.testing.assert_allclose(upper, half, atol=0.4)
        inside = ((lower <= x[6_000:]) & (x[6_000:] < upper)).all(axis=1).mean()
        assert inside < (2 * half / 10) ** 2 + 0.006


@pytest.mark.parametrize("sides", ["lower", "upper"])
def test_one_bound_of_one_input_is_a_quantile_of_the_signal(sides: str) -> None:
    rng = np.random.default_rng(2)
    sign = 1 if sides == "lower" else -1
    x = sign * np.concatenate([rng.normal(1, 1, 1_000), rng.normal(0, 1, 1_000)])[:, None]
    cuts = found(x, np.arange(2_000) < 1_000, sides=sides)
    bounds = sign * (cuts.lower if sides == "lower" else cuts.upper)[:, 0]
    assert np.isinf(cuts.upper if sides == "lower" else cuts.lower).all()
    below = (sign * x[:1_000] < bounds).mean(axis=0)
    np.testing.assert_allclose(below, 1 - cuts.efficiencies, atol=0.011)


def brute(x: Array, signal: NDArray[np.bool_], weights: Array, efficiencies: Array) -> Array:
    """The least background of all rectangles between 24 quantiles, by sums over the plane."""
    edges = [np.concatenate([[-99], np.quantile(column[signal], np.arange(1, 24) / 24), [99]]) for column in x.T]
    sums = []
    for part in (signal, ~signal):
        counts = np.histogramdd(x[part], edges, weights=weights[part] / weights[part].sum())[0]
        sums.append(np.pad(counts.cumsum(0).cumsum(1), ((1, 0), (1, 0))))
    low, high = np.array(list(combinations(range(25), 2))).T
    of_signal, of_background = (
        s[high[:, None], high] - s[low[:, None], high] - s[high[:, None], low] + s[low[:, None], low] for s in sums
    )
    return np.array([np.maximum(of_background[of_signal >= e], 0).min() for e in efficiencies])


@pytest.mark.parametrize("weighted", [False, True])
def test_no_rectangle_of_a_coarse_grid_is_better(weighted: bool) -> None:
    x, signal, signed = hills()
    weights = signed if weighted else np.ones(len(x))
    cuts = found(x, signal, weights)
    assert (passed(cuts, x[signal], weights[signal]) >= cuts.efficiencies - 1e-5).all()
    background = passed(cuts, x[~signal], weights[~signal])
    assert (background <= brute(x, signal, weights, cuts.efficiencies) + 0.01).all()


def test_nested_cuts_cost_little_and_a_threshold_names_one_of_them() -> None:
    x, signal, _ = hills()
    weights = np.ones(len(x))
    cuts = found(x, signal, nested=True)
    assert (np.diff(cuts.lower, axis=0) <= 0).all()
    assert (np.diff(cuts.upper, axis=0) >= 0).all()
    for place, efficiency in enumerate(cuts.efficiencies):
        np.testing.assert_array_equal(cuts.scores(x) > 1 - efficiency, cuts.passing(x, place))
    background = passed(cuts, x[~signal], weights[~signal])
    assert (background <= brute(x, signal, weights, cuts.efficiencies) + 0.03).all()


def test_a_row_has_the_score_of_the_tightest_cuts_that_it_passes() -> None:
    cuts = Rectangles(np.array([0.25, 0.5]), np.array([[0.0], [-1.0]]), np.array([[1.0], [0.5]]))
    np.testing.assert_array_equal(cuts.scores(np.array([[0.0], [0.7], [-1.0], [1.0]])), [0.875, 0.875, 0.625, 0.25])


@pytest.mark.parametrize("sides", ["both", "lower", "upper"])
def test_an_input_that_says_nothing_is_hardly_cut(sides: str) -> None:
    x, signal, _ = hills()
    x = np.column_stack([x, np.full(len(x), 4.0)])
    cuts = found(x, signal, sides=sides, generations=5)
    assert np.isinf(cuts.lower[:, 2]).all()
    assert np.isinf(cuts.upper[:, 2]).all()
    assert (sides == "upper") == np.isinf(cuts.lower).all()
    assert (sides == "lower") == np.isinf(cuts.upper).all()


@pytest.mark.parametrize(("changed", "same"), [({}, True), ({"seed": 4}, False)])
def test_chance_is_that_of_the_seed_alone(changed: Mapping[str, Any], same: bool) -> None:
    x, signal, weights = hills()
    few = {"efficiencies": 2, "generations": 6}
    first, second = found(x, signal, weights, **few), found(x, signal, 8 * weights, **few, **changed)
    assert np.array_equal(first.lower, second.lower) == same


def test_what_is_found_grows_from_coarse_to_fine_and_ends_when_told() -> None:
    x, signal, weights = hills(200)
    asked: list[tuple[int, int]] = []

    def goes_on(count: int, generation: int) -> bool:
        asked.append((count, generation))
        return count < 2

    seen = [list(cuts.efficiencies) for cuts in replace(SEARCH, generations=4).search(x, signal, weights, goes_on)]
    np.testing.assert_allclose(
        [efficiency for efficiencies in seen for efficiency in efficiencies], [0.5, 0.3, 0.5, 0.3, 0.5, 0.8]
    )
    assert asked[0] == (0, 1)
    assert asked[-1] == (2, 1)


@pytest.mark.parametrize("count", [1, 2, 9, 20])
def test_every_efficiency_has_its_turn(count: int) -> None:
    assert sorted(halving(count)) == list(range(count))
