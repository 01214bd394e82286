"""The forms of the ROC curve against scikit-learn's and by hand, and whether their errors are what toys scatter by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mltui.core.snapshot import Scores
from mltui.evaluation.curves import (
    FORMS,
    Curve,
    Form,
    Sides,
    auc_error,
    by_member,
    curve,
    efficiency_at,
    numbers,
    over_members,
    sides,
)
from tests.evaluation.cases import Case, cases


def events(rows: int, seed: int = 1) -> Scores:
    """Weighted rows of two classes that overlap, their scores told apart to three decimals."""
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    scores = np.clip(np.round(0.35 + 0.3 * target + rng.normal(0, 0.2, rows), 3), 0, 1)
    return Scores(target, scores, rng.integers(1, 4, rows).astype(np.float64))


def repeated(scores: Scores) -> Scores:
    """As many rows of weight one as each row's weight says."""
    rows = np.repeat(np.arange(len(scores)), scores.weights.astype(np.int64))
    return Scores(scores.target[rows], scores.scores[rows], np.ones(len(rows)))


def same(found: Curve, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Every point of the curve is one of these, and the eye misses none of these."""
    apart = np.abs(found.x[:, None] - x) + np.abs(found.y[:, None] - y)
    assert apart.min(axis=1).max() < 1e-9
    assert apart.min(axis=0).max() < 3e-3


def test_the_forms_are_scikit_learns_curves() -> None:
    import sklearn.metrics as sk

    scores = events(500)
    rows = {"y_true": scores.target, "y_score": scores.scores, "sample_weight": scores.weights}
    background, signal, _ = sk.roc_curve(**rows, drop_intermediate=False)
    of = sides(scores)
    same(curve(of, "roc"), background, signal)
    same(curve(of, "rejection"), signal, 1 - background)
    inverse = curve(of, "inverse")
    same(replace(inverse, y=1 / inverse.y), signal[background > 0], background[background > 0])
    precisions, recalls, _ = sk.precision_recall_curve(
        scores.target, scores.scores, sample_weight=scores.weights, drop_intermediate=False
    )
    same(curve(of, "precision"), recalls[:-1], precisions[:-1])
    assert of.average_precision == pytest.approx(sk.average_precision_score(**rows))


@pytest.mark.parametrize("background", [0.01, 0.1, 0.3, 1.0])
def test_the_area_up_to_a_background_efficiency_is_scikit_learns(background: float) -> None:
    import sklearn.metrics as sk

    scores = events(400)
    expected = sk.roc_auc_score(scores.target, scores.scores, sample_weight=scores.weights, max_fpr=background)
    assert sides(scores).roc.partial_area(background) == pytest.approx(expected)


def test_the_area_up_to_nothing_is_none() -> None:
    assert sides(events(50)).roc.partial_area(0) is None
    assert sides(Scores(np.zeros(3, np.int64), np.ones(3), np.ones(3))).roc.partial_area(0.1) is None


@pytest.mark.parametrize("form", FORMS)
def test_a_weight_is_as_many_rows(form: Form) -> None:
    scores = events(300)
    one, other = curve(sides(scores), form), curve(sides(repeated(scores)), form)
    np.testing.assert_allclose(one.x, other.x)
    np.testing.assert_allclose(one.y, other.y)


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_weight_zero_change_nothing(form: Form) -> None:
    scores = events(100)
    more = Scores(
        np.append(scores.target, [0, 1]), np.append(scores.scores, [0.5, np.nan]), np.append(scores.weights, [0, 0])
    )
    one, other = curve(sides(scores), form), curve(sides(more), form)
    for name in ("x", "y", "low", "high"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(cases("two"), cases("three")), st.sampled_from(FORMS))
def test_any_weights_give_a_curve_or_none(case: Case, form: Form) -> None:
    of = sides(case.scores)
    found = curve(of, form)
    assert len(found.x) == len(found.y) == len(found.low) == len(found.high)
    assert np.isfinite(found.y).all()
    assert (of.roc.auc is None) == (auc_error(of) is None)
    if form != "precision":  # what negative weights leave selected may be of either sign there
        known = np.isfinite(found.low) & (found.y >= 0) & (found.y <= 1)
        assert (found.low[known] <= found.y[known] + 1e-9).all()


def test_one_side_alone_has_no_curve_and_no_numbers() -> None:
    of = sides(Scores(np.ones(3, np.int64), np.ones(3), np.ones(3)))
    assert len(curve(of, "inverse").x) == 0
    assert set(numbers(of, (0.1,)).values()) == {None}


def toys(rows: int, count: int, number: Callable[[Sides], tuple[float, float]]) -> tuple[NDArray[np.float64], float]:
    """What many samples of one truth give, with a weight that depends on the class, and the mean of their errors."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(count):
        target = np.repeat([0, 1], rows)
        scores = rng.normal(target, 1.0)
        weights = np.where(rng.random(2 * rows) < 0.2, 3.0, 1.0)
        found.append(number(sides(Scores(target, scores, weights))))
    values, errors = np.array(found).T
    return values, float(np.mean(errors))


def test_the_area_scatters_by_its_error() -> None:
    values, error = toys(150, 300, lambda of: (of.roc.auc or 0.0, auc_error(of) or 0.0))
    assert error == pytest.approx(values.std(), rel=0.12)
    assert values.mean() == pytest.approx(0.760, abs=0.005)  # Φ(1/√2)


@pytest.mark.parametrize("background", [0.05, 0.3])
def test_an_efficiency_at_a_background_scatters_by_its_error(background: float) -> None:
    def read(of: Sides) -> tuple[float, float]:
        rate = efficiency_at(of, background)
        return rate.value or 0.0, rate.error or 0.0

    values, error = toys(300, 300, read)
    assert error == pytest.approx(values.std(), rel=0.2)


@pytest.mark.parametrize("form", FORMS)
def test_one_standard_deviation_covers_the_true_curve_in_two_thirds_of_the_toys(form: Form) -> None:
    normal = pytest.importorskip("scipy.stats").norm
    at = 0.2 if form == "roc" else 0.6
    background = normal.sf(normal.isf(0.6) + 1)
    truth = {
        "roc": normal.sf(normal.isf(0.2) - 1), "rejection": 1 - background, "inverse": 1 / background,
        "precision": 0.6 / (0.6 + background),
    }[form]  # fmt: skip

    def inside(of: Sides) -> tuple[float, float]:
        found = curve(of, form)
        low, high = (np.interp(at, found.x, ends) for ends in (found.low, found.high))
        return float(low < truth < high), 0.0

    covered, _ = toys(300, 300, inside)
    assert covered.mean() == pytest.approx(0.683, abs=0.08)


def test_the_members_curves_become_their_mean_and_spread() -> None:
    parts = [events(400, seed) for seed in range(5)]
    together = Scores(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in ("target", "scores", "weights"))
    )
    member = np.repeat(np.arange(5), 400)
    found = over_members(sides(together), by_member(together, member), "roc", points=3)
    single = [float(np.interp(0.5, one.roc.false_positive, one.roc.true_positive)) for one in map(sides, parts)]
    assert found.x.tolist() == [0, 0.5, 1]
    assert found.y[1] == pytest.approx(np.mean(single))
    assert found.high[1] - found.y[1] == pytest.approx(np.std(single, ddof=1))
    assert len(over_members(sides(together), by_member(together, 0 * member), "roc").x) == 0


def test_the_numbers_have_their_names() -> None:
    found = numbers(sides(events(300)), (0.01, 0.1))
    assert list(found) == [
        "auc", "auc_error", "average_precision", "efficiency_at_0.01", "efficiency_at_0.01_error",
        "partial_auc_to_0.01", "efficiency_at_0.1", "efficiency_at_0.1_error", "partial_auc_to_0.1",
    ]  # fmt: skip
    assert all(isinstance(value, float) for value in found.values())
