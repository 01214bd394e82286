"""The significance of a signal: its formulas and their limits, its errors, and the best cut, against hand and toys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.evaluation.cuts import FEWEST, MOST, Cuts, cuts
from mltui.evaluation.significance import FORMULAS, Formula, significance, with_error
from mltui.evaluation.yields import yields

TWO = ("b", "s")
COUNTS = st.floats(0.01, 1e6)
UNCERTAIN = st.floats(0.01, 2)


def cowan(s: float, b: float, sigma: float) -> float:
    """As the note of 2012 writes it."""
    v = sigma**2
    first = (s + b) * math.log((s + b) * (b + v) / (b * b + (s + b) * v))
    return math.sqrt(2 * (first - b * b / v * math.log(1 + v * s / (b * (b + v)))))


# The formulas


def test_worked_by_hand() -> None:
    assert float(significance(10, 100, "s_over_sqrt_b")) == 1.0
    assert float(significance(19, 81, "s_over_sqrt_sb")) == 1.9
    assert float(significance(10, 100)) == pytest.approx(math.sqrt(2 * (110 * math.log(1.1) - 10)))
    assert float(significance(10, 100, "s_over_sqrt_b", 0.1)) == 1.0  # only Asimov's knows of an uncertainty
    assert float(significance(19, 81, "s_over_sqrt_sb", 0.1)) == 1.9


@given(s=st.floats(0.1, 1e3), b=st.floats(0.1, 1e3), uncertainty=st.floats(0.05, 2))
def test_with_an_uncertainty_it_is_what_the_note_writes(s: float, b: float, uncertainty: float) -> None:
    assert float(significance(s, b, uncertainty=uncertainty)) == pytest.approx(cowan(s, b, uncertainty * b), rel=1e-4)


@given(b=COUNTS, share=st.floats(1e-9, 1e-4), uncertainty=st.one_of(st.just(0.0), UNCERTAIN))
def test_a_signal_much_smaller_than_its_background(b: float, share: float, uncertainty: float) -> None:
    s = share * b
    wanted = s / math.sqrt(b + (uncertainty * b) ** 2)
    assert float(significance(s, b, uncertainty=uncertainty)) == pytest.approx(wanted, rel=1e-3)


@given(s=COUNTS, b=COUNTS)
def test_an_uncertainty_that_vanishes(s: float, b: float) -> None:
    assert float(significance(s, b, uncertainty=1e-9)) == pytest.approx(float(significance(s, b)), rel=1e-4)


@given(b=st.floats(100, 1e6), share=st.floats(1e-6, 1e-3))
def test_an_uncertainty_that_rules_leaves_signal_over_its_size(b: float, share: float) -> None:
    assert float(significance(share * b, b, uncertainty=10)) == pytest.approx(share / 10, rel=0.01)


@given(s=COUNTS, b=COUNTS, low=UNCERTAIN, high=UNCERTAIN)
def test_the_less_the_background_is_known_the_less_a_signal_is_worth(
    s: float, b: float, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    for formula in FORMULAS:
        assert significance(s, b, formula, high) <= significance(s, b, formula, low) * (1 + 1e-9)
        assert significance(s, b, formula, low) <= significance(s, b, formula) * (1 + 1e-9)


def test_the_median_of_experiments_with_a_signal() -> None:
    """The profile likelihood's √q0 of counts drawn with signal has the Asimov value as its median."""
    rng, (s, b, tau) = np.random.default_rng(3), (30.0, 100.0, 2.0)
    n, m = rng.poisson(s + b, 20_000).astype(float), rng.poisson(tau * b, 20_000).astype(float)
    both = (n + m) / (1 + tau)
    q0 = 2 * (n * np.log(n / both) + m * np.log(m / (tau * both)))
    found = np.median(np.where(n > m / tau, np.sqrt(q0), 0))
    wanted = float(significance(s, b, uncertainty=1 / math.sqrt(tau * b)))
    assert found == pytest.approx(wanted, abs=0.06)


def test_where_it_is_not_defined_it_is_no_number() -> None:
    for formula in FORMULAS:
        bad = significance(
            np.array([1.0, 3.0, -5.0, np.nan, 1.0, np.inf]), np.array([-2.0, -4, 4, 1, np.nan, 1]), formula
        )
        assert np.isnan(bad).all()
        assert significance(0.0, 4.0, formula) == 0
        assert significance(-1.0, 4.0, formula) < 0
        assert np.isnan(significance(0.3, -(0.1 + 0.2), formula))  # their sum is nothing but rounding
    assert np.isnan(significance(3.0, 0.0))
    assert np.isnan(significance(3.0, 0.0, "s_over_sqrt_b"))
    assert float(significance(4.0, 0.0, "s_over_sqrt_sb")) == 2
    assert float(significance(4.0, -3.0, "s_over_sqrt_sb")) == 4  # negative weights


# The errors


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("uncertainty", [0.0, 0.2])
@pytest.mark.parametrize(("s", "b"), [(10.0, 30.0), (-3.0, 10.0), (1e-3, 5.0), (0.0, 7.0), (200.0, 3.0)])
def test_the_errors_are_the_slopes(formula: Formula, uncertainty: float, s: float, b: float) -> None:
    step = 1e-5 * b
    for s_error, b_error in ((1, 0), (0, 1)):
        high, low = (
            float(significance(s + sign * step * s_error, b + sign * step * b_error, formula, uncertainty))
            for sign in (1, -1)
        )
        _, error = with_error(s, b, s_error, b_error, formula, uncertainty)
        assert float(error) == pytest.approx(abs(high - low) / (2 * step), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_errors_cover_what_weighted_samples_scatter(formula: Formula) -> None:
    """Of samples of weighted rows, 68 % have the truth within their error."""
    rng, hits, toys = np.random.default_rng(11), 0, 600
    mean_weight, truth = 0.75, float(significance(0.75 * 60, 0.75 * 200, formula, 0.1))
    for _ in range(toys):
        weights = [rng.choice([-0.5, 1.0], rng.poisson(n), p=[1 / 6, 5 / 6]) for n in (60, 200)]
        sums, errors = ([float(f(w)) for w in weights] for f in (np.sum, lambda w: np.sqrt((w**2).sum())))
        value, error = with_error(sums[0], sums[1], errors[0], errors[1], formula, 0.1)
        hits += abs(float(value) - truth) < float(error)
    assert mean_weight == 5 / 6 - 0.5 / 6
    assert 0.62 < hits / toys < 0.74


# What is above a cut


def scores(*rows: tuple[int, float, float]) -> Scores:
    target, values, weights = (np.array(column) for column in zip(*rows, strict=True))
    return Scores(target.astype(np.int64), values.astype(float), weights.astype(float))


HAND = scores((1, 0.9, 2), (0, 0.8, 1), (1, 0.8, 3), (0, 0.4, 4), (1, 0.2, -1), (0, 0.1, 5), (0, 0.6, 0))


def found(given: Scores, signal: float | None = None, background: float | None = None) -> Cuts:
    got = cuts(given, signal=signal, background=background)
    assert got is not None
    return got


def test_a_table_of_cuts_by_hand() -> None:
    one = found(HAND)
    assert one.scores.tolist() == [0.9, 0.8, 0.4, 0.2, 0.1]
    assert one.signal.sums.tolist() == [2, 5, 5, 4, 4]
    assert one.background.sums.tolist() == [0, 1, 5, 5, 10]
    assert one.signal.errors == pytest.approx([2, math.sqrt(13), math.sqrt(13), math.sqrt(14), math.sqrt(14)])
    assert one.signal.effective == pytest.approx([1, 25 / 13, 25 / 13, 16 / 14, 16 / 14])
    assert one.background.effective == pytest.approx([0, 1, 25 / 17, 25 / 17, 100 / 42])
    assert one.signal.efficiency[0] == pytest.approx([0.5, 1.25, 1.25, 1, 1])
    assert one.background.efficiency[0] == pytest.approx([0, 0.1, 0.5, 0.5, 1])
    assert one.purity[0] == pytest.approx([1, 5 / 6, 0.5, 4 / 9, 4 / 14])
    assert one.significance("s_over_sqrt_b")[0][1:] == pytest.approx(
        [5, 5 / math.sqrt(5), 4 / math.sqrt(5), 4 / math.sqrt(10)]
    )
    assert np.isnan(one.significance()[0][0])
    assert one.thresholds.tolist() == [0.8, 0.4, 0.2, 0.1, 0]


def test_a_threshold_finds_its_cut() -> None:
    one = found(HAND)
    assert [one.at(t) for t in (0.0, 0.15, 0.4, 0.5, 0.8, 0.85, 0.9)] == [4, 3, 1, 1, 0, 0, None]


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(-3, 9)), min_size=1, max_size=60),
    st.integers(0, 2),
)
def test_every_cut_is_what_its_threshold_selects(rows: list[tuple[int, int, int]], wide: int) -> None:
    given_ = scores(*((t, v / (20 * 10**wide), w) for t, v, w in rows))
    one = cuts(given_)
    if one is None:
        assert not (given_.weights != 0).any()
        return
    whole = [Process("b", "b", 1, 1, 1), Process("s", "s", 1, 1, 1)]
    for place, threshold in enumerate(one.thresholds.tolist()):
        above = given_.scores > threshold
        for code, side in enumerate((one.background, one.signal)):
            own = above & (given_.target == code)
            assert side.sums[place] == pytest.approx(given_.weights[own].sum(), abs=1e-9)
            assert side.errors[place] ** 2 == pytest.approx((given_.weights[own] ** 2).sum())
        told = yields(given_, whole, (), TWO, threshold)
        assert told.processes[0].selected_rows == int((above & (given_.target == 0) & (given_.weights != 0)).sum())
        assert one.at(threshold) == place


def test_rows_of_weight_two_are_two_rows_but_for_their_error() -> None:
    rng = np.random.default_rng(5)
    target, values = rng.integers(0, 2, 300), rng.random(300).round(2)
    weights = rng.integers(0, 4, 300)
    weighted = found(Scores(target, values, weights.astype(float)))
    times = np.repeat(np.arange(300), weights)
    alone = found(Scores(target[times], values[times], np.ones(len(times))))
    assert weighted.thresholds.tolist() == alone.thresholds.tolist()
    for one, other in ((weighted.signal, alone.signal), (weighted.background, alone.background)):
        assert one.sums == pytest.approx(other.sums)
        assert one.efficiency[0] == pytest.approx(other.efficiency[0])
        assert (one.errors >= other.errors - 1e-9).all()
    for formula in FORMULAS:
        assert weighted.significance(formula)[0] == pytest.approx(alone.significance(formula)[0], nan_ok=True)


def test_processes_are_scaled_to_all_their_rows_as_yields_are() -> None:
    rng = np.random.default_rng(6)
    target = rng.integers(0, 2, 400)
    process = np.where(target == 1, 2, rng.integers(0, 2, 400)).astype(np.int16)
    part = Scores(target, rng.random(400), rng.uniform(-0.2, 1, 400), process)
    whole = [Process("p", "b", 9, 5_000, 9), Process("q", "b", 9, 70, 9), Process("h", "s", 9, 30, 9)]
    names = ("p", "q", "h")
    one = cuts(part, whole, names, TWO)
    assert one is not None
    for threshold in (0.1, 0.5, 0.9):
        told, place = yields(part, whole, names, TWO, threshold), one.at(threshold)
        assert place is not None
        assert one.signal.sums[place] == pytest.approx(told.signal)
        assert one.background.sums[place] == pytest.approx(told.background)
        assert one.background.errors[place] == pytest.approx(told.background_error)
    assert (one.signal.total, one.background.total) == pytest.approx((30, 5_070))
    lost = cuts(part, [*whole, Process("z", "b", 3, 8, 3)], (*names, "z"), TWO)
    assert lost is not None
    assert lost.left_out == ("z",)


def test_expected_events_that_are_given_take_the_place_of_the_weights() -> None:
    rng = np.random.default_rng(7)
    plain = Scores(rng.integers(0, 2, 500), rng.random(500), np.ones(500))
    one = found(plain, signal=20.0, background=1_000.0)
    assert (one.signal.total, one.background.total) == pytest.approx((20, 1_000))
    assert one.signal.sums[-1] == pytest.approx(20)
    assert one.signal.efficiency[0] == pytest.approx(found(plain).signal.efficiency[0])
    assert one.background.effective == pytest.approx(found(plain).background.effective)


# The best cut


def two_hills(n: int, seed: int = 0) -> Scores:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, n)
    values = 1 / (1 + np.exp(-rng.normal(2 * target - 1.0, 1)))
    return Scores(target, values, np.where(target == 1, 0.01, 1.0))


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_best_cut_is_the_highest_of_those_that_enough_events_stand_behind(formula: Formula) -> None:
    one = found(two_hills(4_000))
    best = one.best(formula)
    assert best is not None
    values, errors = one.significance(formula)
    enough = np.minimum(one.signal.effective, one.background.effective) >= FEWEST
    assert best.value == np.nanmax(values[enough])
    assert best.trusted
    place = int(np.nanargmax(np.where(enough, values, np.nan)))
    assert (best.threshold, best.error) == (one.thresholds[place], errors[place])
    if best.tempting is not None:
        assert best.tempting.value == np.nanmax(values) > best.value
        assert best.tempting.least_effective < FEWEST


def test_few_events_are_not_trusted() -> None:
    best = found(two_hills(15)).best("s_over_sqrt_b")
    assert best is not None
    assert not best.trusted
    assert best.tempting is None


def test_the_best_cut_is_where_calculus_puts_it() -> None:
    """Of scores with densities 2x and 2(1 - x), S/√B is best at the cut t where (1 - t²)/(1 - t) is: at none."""
    n = 40_000
    shares = (np.arange(n) + 0.5) / n
    values = np.concatenate([np.sqrt(shares), 1 - np.sqrt(1 - shares)])
    one = found(Scores(np.repeat([1, 0], n), values, np.ones(2 * n)))
    assert len(one.thresholds) <= MOST
    low = one.best("s_over_sqrt_sb")
    assert low is not None
    t = np.linspace(0, 0.999, 5_000)
    s, b = 1 - t**2, (1 - t) ** 2
    assert low.threshold == pytest.approx(t[np.argmax(s / np.sqrt(s + b))], abs=0.01)
    assert low.value == pytest.approx(np.sqrt(n) * (s / np.sqrt(s + b)).max(), rel=1e-3)


def test_what_cannot_be_cut() -> None:
    assert cuts(scores((1, 0.3, 0), (0, 0.2, 0))) is None
    assert cuts(scores((1, math.nan, 1), (0, math.nan, 1))) is None
    assert cuts(Scores(np.array([0, 1, 2]), np.eye(3), np.ones(3)), classes=("a", "b", "c")) is None
    assert cuts(Scores(np.zeros(0), np.zeros(0), np.zeros(0))) is None
    lone = found(scores((1, 0.3, 1), (1, 0.2, 2)))
    assert lone.best() is None
    assert np.isnan(lone.background.efficiency[0]).all()
    kept = found(scores((1, 0.3, 1), (0, math.nan, 2), (0, 0.1, 2)))
    assert kept.background.efficiency[0] == pytest.approx([0, 0.5])  # a score that is no number is above no cut
    negative = found(scores((1, 0.9, 2), (0, 0.8, -3), (0, 0.1, 9)))
    assert np.isnan(negative.significance()[0][:2]).all()
