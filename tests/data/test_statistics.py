"""The generators of the statistics books against their definitions, and the lesson that each is there for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import PolynomialFeatures

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.catalogue import CATALOGUE
from mltui.data.catalogued import best_answers
from mltui.data.generators import statistics
from mltui.data.matrix import matrix
from mltui.data.read import read

NAMES = [card.name for card in statistics.DATASETS]


def made(name: str, **options: Any) -> tuple[Table, Floats]:
    defaults = {option.name: option.default for option in CATALOGUE[name].options}
    table = CATALOGUE[name].make({**defaults, **options})
    return table, matrix(table, table.columns)


@pytest.mark.parametrize("name", NAMES)
@given(rows=st.integers(10, 200), seed=st.integers(0, 2**31))
def test_any_seed_gives_a_whole_table_and_the_same_again(name: str, rows: int, seed: int) -> None:
    table, x = made(name, samples=rows, seed=seed)
    assert len(table) == len(x) == rows
    assert np.isfinite(x).all()
    assert np.isfinite(table.target.astype(np.float64)).all()
    assert np.array_equal(x, made(name, samples=rows, seed=seed)[1])


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_as_a_file_would_be(name: str) -> None:
    table = read(Data(dataset=name), Path())
    assert len(table) == CATALOGUE[name].options[0].default
    assert len(table.classes) == (CATALOGUE[name].classes if table.task == "classification" else 0)


def test_the_mixture_is_that_of_its_centres_and_its_probabilities_are_calibrated() -> None:
    table, x = made("mixture", samples=200_000)
    for code in (0, 1):
        centres = statistics.mixture_centres(8)[code]
        rows = x[table.target == code]
        assert np.allclose(rows.mean(axis=0), centres.mean(axis=0), atol=0.02)
        assert np.allclose(np.cov(rows.T), np.cov(centres.T, ddof=0) + np.eye(2) / 5, atol=0.02)
    orange = statistics.mixture_law(x[:20_000], 8)[:, 1]
    for low in np.arange(0, 1, 0.2):  # of points that are called orange with 30 %, 30 % are
        inside = (orange >= low) & (orange < low + 0.2)
        share, error = np.mean(table.target[:20_000][inside] == 1), 0.5 / np.sqrt(inside.sum())
        assert share == pytest.approx(orange[inside].mean(), abs=4 * error)


def test_no_neighbours_beat_the_bayes_boundary_of_the_mixture() -> None:
    train, x = made("mixture")
    test, x_test = made("mixture", samples=10_000, seed=2)
    best = accuracy_score(test.target, statistics.mixture_law(x_test, 8).argmax(axis=1))
    assert best == pytest.approx(0.78, abs=0.01)  # as the card says
    one, many = (KNeighborsClassifier(k).fit(x, train.target) for k in (1, 15))
    assert one.score(x, train.target) == 1
    assert one.score(x_test, test.target) < many.score(x_test, test.target) < best
    line = LogisticRegression().fit(x, train.target)
    assert line.score(x_test, test.target) < best - 0.03


@pytest.mark.parametrize("name", ["line", "polynomial", "curve"])
def test_the_residuals_of_a_curve_are_its_noise(name: str) -> None:
    table, x = made(name, samples=20_000, noise=0.1)
    at = x[:, 0]
    truth = {
        "line": 2 * at,
        "polynomial": np.polynomial.Polynomial([0, 2, 0, 0, 0, -10, 0, 0, 0, 0, 15])(at),
        "curve": 0.2 + 0.4 * at**2 + 0.3 * at * np.sin(15 * at) + 0.05 * np.cos(50 * at),
    }[name]
    residuals = table.target.astype(np.float64) - truth
    assert residuals.std() == pytest.approx(0.1, rel=0.03)
    assert abs(residuals.mean()) < 0.004


@pytest.mark.parametrize(("shape", "at", "value"), [("runge", 0.2, 0.5), ("sine", 0.25, 1.0), ("step", 0.6, 0.0)])
def test_the_curves_go_where_they_should(shape: str, at: float, value: float) -> None:
    table, x = made("curve", samples=20_000, noise=0.0, shape=shape)
    assert float(table.target[np.argmin(np.abs(x[:, 0] - at))]) == pytest.approx(value, abs=0.01)


def test_with_few_noisy_points_a_line_predicts_better_than_the_true_degree_and_with_many_worse() -> None:
    def error(degree: int, samples: int, noise: float) -> float:
        whole = PolynomialFeatures(degree)
        errors = []
        for seed in range(20):
            table, x = made("polynomial", samples=samples, noise=noise, seed=seed)
            test, x_test = made("polynomial", samples=500, noise=0.0, seed=1000 + seed)
            fit = LinearRegression(fit_intercept=False).fit(whole.fit_transform(x), table.target)
            errors.append(np.mean((fit.predict(whole.transform(x_test)) - test.target.astype(np.float64)) ** 2))
        return float(np.median(errors))

    assert error(1, 15, 1.0) < error(10, 15, 1.0)
    assert error(1, 1000, 0.1) > 10 * error(10, 1000, 0.1)


def test_the_nearest_centre_fails_on_unequal_widths_and_a_covariance_for_each_does_not() -> None:
    def scores(ratio: float) -> dict[str, float]:
        train, x = made("blobs", samples=3000, ratio=ratio)
        test, x_test = made("blobs", samples=3000, ratio=ratio, seed=2)
        models = (NearestCentroid(), LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis())
        return {type(m).__name__[:3]: m.fit(x, train.target).score(x_test, test.target) for m in models}

    equal, unequal = scores(1.0), scores(4.0)
    assert max(equal.values()) - min(equal.values()) < 0.005
    assert equal["Nea"] > 0.98
    assert unequal["Qua"] > unequal["Nea"] + 0.05
    assert unequal["Qua"] > unequal["Lin"] + 0.05


@pytest.mark.parametrize(("ratio", "least", "most"), [(1.0, -0.006, 0.006), (4.0, 0.06, 0.14)])
def test_k_means_finds_blobs_of_equal_spread_and_not_of_unequal(ratio: float, least: float, most: float) -> None:
    """Each cluster stands for its most frequent class; the best that there can be is Bayes' rule."""
    from sklearn.cluster import KMeans

    table, x = made("blobs", samples=3000, ratio=ratio)
    clusters = KMeans(3, n_init=5, random_state=0).fit_predict(x)
    found = sum(np.bincount(table.target[clusters == cluster]).max() for cluster in range(3)) / len(x)
    best = best_answers(Data(dataset="blobs", options={"ratio": ratio}), table)
    assert best is not None
    bayes = float(np.mean(best.argmax(axis=1) == table.target))
    assert least < bayes - found < most


def test_blobs_ring_and_grid_have_their_centres_and_widths() -> None:
    table, x = made("blobs", samples=60_000, ratio=3.0, separation=5.0)
    centres = np.array([x[table.target == code].mean(axis=0) for code in range(3)])
    sides = [float(np.linalg.norm(centres[one] - centres[other])) for one, other in ((0, 1), (0, 2), (1, 2))]
    assert sides == pytest.approx([5, 5, 5], abs=0.08)
    assert [x[table.target == code].std() > 2.5 for code in range(3)] == [True, False, False]
    table, x = made("gaussian_ring", modes=6, width=0.01)
    step = np.round(np.arctan2(x[:, 1], x[:, 0]) / (np.pi / 3)).astype(int)
    assert np.hypot(*x.T) == pytest.approx(4, abs=0.06)
    assert np.array_equal(step % 2, table.target)
    table, x = made("gaussian_grid", side=4, width=0.01)
    place = x + 1.5
    assert np.abs(place - np.round(place)).max() < 0.06
    assert np.array_equal(np.round(place).sum(axis=1).astype(int) % 2, table.target)


def test_outliers_tilt_the_least_squares_boundary_and_not_the_logistic_one() -> None:
    test, x_test = made("outliers", samples=4000, share=0.0, seed=2)

    def score(squares: bool, share: float) -> float:
        train, x = made("outliers", share=share)
        if squares:
            fit = LinearRegression().fit(x, 2 * train.target.astype(np.float64) - 1)
            return float(accuracy_score(test.target, fit.predict(x_test) > 0))
        return float(LogisticRegression().fit(x, train.target).score(x_test, test.target))

    assert score(True, 0.0) == pytest.approx(0.977, abs=0.006)  # Φ(2): the clouds are 4 widths apart
    assert score(True, 0.1) < 0.94
    assert score(False, 0.1) > 0.965


def test_potatoes_have_the_shares_of_their_kind() -> None:
    table, _ = made("potatoes", samples=40_000)
    colour, form = table.values["colour"], table.values["shape"]
    waxy = table.target == 1
    assert [np.mean(colour[waxy] == code) for code in range(3)] == pytest.approx([0.1, 0.3, 0.6], abs=0.015)
    assert [np.mean(form[~waxy] == code) for code in range(3)] == pytest.approx([0.2, 0.3, 0.5], abs=0.015)
    assert np.mean(table.values["size"][waxy].astype(np.float64)) == pytest.approx(6.0, abs=0.05)
    both = np.mean((colour[waxy] == 2) & (form[waxy] == 0))
    assert both == pytest.approx(0.6 * 0.5, abs=0.015)  # independent, given the kind


def test_an_option_that_is_out_of_bounds_is_told() -> None:
    with pytest.raises(InputError, match=r"options\.side must be a whole number from 2 to 20"):
        read(Data(dataset="gaussian_grid", options={"side": 1}), Path())
