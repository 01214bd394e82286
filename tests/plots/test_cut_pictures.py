"""The curves over the cut, the rates, the probability of signal and the words on overtraining, read off their rows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.evaluation.confusion import confusion
from mltui.evaluation.cuts import Cuts, cuts
from mltui.evaluation.histogram import score_histograms
from mltui.evaluation.overtraining import compared
from mltui.evaluation.ranked import by_class
from mltui.evaluation.rarity import signal_probability
from mltui.evaluation.rates import rates
from mltui.evaluation.significance import FORMULAS
from mltui.plots.agreement import agreement, verdict
from mltui.plots.cuts import cut_curves
from mltui.plots.look import Look
from mltui.plots.matrix import confusion_matrix
from mltui.plots.probability import probability_curve
from mltui.plots.words import threshold

PLAIN, ASCII = Look(colours="none"), Look(ascii=True, colours="none")
TWO = ("background", "signal")


def scores(rows: int = 3_000, shift: float = 1.0, seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    values = 1 / (1 + np.exp(-rng.normal(shift * (2 * target - 1), 1)))
    return Scores(target, values, np.where(target == 1, 0.1, 10.0) * rng.choice([1, -1], rows, p=[0.9, 0.1]))


def cut(rows: int = 3_000) -> Cuts:
    found = cuts(scores(rows))
    assert found is not None
    return found


def text(rows: list[Text], width: int, height: int) -> str:
    assert [cell_len(row.plain) for row in rows] == [width] * height
    return "\n".join(row.plain for row in rows)


@pytest.mark.parametrize("look", [PLAIN, ASCII])
@pytest.mark.parametrize(("width", "height"), [(78, 19), (156, 40), (40, 11), (20, 4), (8, 2), (1, 1)])
def test_every_size_is_filled(look: Look, width: int, height: int) -> None:
    for formula in (*FORMULAS, None):
        shown = text(cut_curves(cut(), width, height, look, threshold=0.5, formula=formula), width, height)
        assert look is PLAIN or shown.isascii()


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_legend_tells_the_numbers_of_the_threshold_and_the_line_below_the_best_cut(formula: str) -> None:
    found = cut()
    (name,) = (one for one in FORMULAS if one == formula)
    shown = text(cut_curves(found, 110, 24, PLAIN, threshold=0.63, formula=name, classes=TWO), 110, 24)
    place = found.at(0.63)
    assert place is not None
    value, error = (float(one[place]) for one in found.significance(name))
    told = re.search(r"━━ \S+ ([\d.]+)±([\d.]+)", shown)
    assert told is not None
    assert [float(one) for one in told.groups()] == pytest.approx([value, error], rel=0.05)
    kept = re.search(r"signal kept ([\d.]+)±", shown)
    assert kept is not None
    assert float(kept.group(1)) == pytest.approx(found.signal.efficiency[0][place], abs=0.001)
    best = found.best(name)
    assert best is not None
    assert f"best cut {threshold(best.threshold)}: " in shown
    assert f"(S {best.signal:.0f}, B {best.background:.0f})" in " ".join(shown.split())
    lines = shown.split("\n")
    axis = next(line for line in lines if "└" in line)
    assert axis.index("▲") == next(line for line in lines if "◆" in line).index("◆")


def test_what_seems_better_but_rests_on_few_events_is_said() -> None:
    found = cut(1_500)
    best = found.best("s_over_sqrt_b")
    assert best is not None
    assert best.tempting is not None
    shown = " ".join(text(cut_curves(found, 100, 24, PLAIN, threshold=0.5, formula="s_over_sqrt_b"), 100, 24).split())
    assert f"at {threshold(best.tempting.threshold)} it seems" in shown
    assert re.search("but only [\\d.]+ effective events? of background stand behind that", shown)
    few = cut(12)
    assert "it may be chance" in text(cut_curves(few, 120, 24, PLAIN, threshold=0.5, formula="asimov"), 120, 24)


def test_nothing_to_cut_on_is_said() -> None:
    assert "no scores of both classes" in text(cut_curves(None, 60, 10, PLAIN, threshold=0.5), 60, 10)
    lone = cuts(Scores(np.ones(5, int), np.linspace(0.1, 0.9, 5), np.ones(5)))
    assert "is defined at no cut" in " ".join(
        text(cut_curves(lone, 80, 20, PLAIN, threshold=0.5, formula="asimov"), 80, 20).split()
    )


def test_signal_and_background_differ_without_colour() -> None:
    shown = text(cut_curves(cut(), 100, 20, PLAIN, threshold=0.5, classes=TWO), 100, 20)
    assert re.search(r"━━ signal kept", shown)
    assert re.search(r"╍╍ background kept", shown)


@given(st.floats(0, 1))
def test_a_threshold_keeps_what_tells_it_from_its_ends(value: float) -> None:
    said = threshold(value)
    assert len(said.partition(".")[2]) >= 2
    edge = min(value, 1 - value)
    assert abs(float(said) - value) <= max(0.05 * edge if edge < 0.01 else 5e-5, 1e-12)


def test_the_matrix_tells_its_rates_under_both_worlds_names() -> None:
    one = scores()
    found = rates(by_class(one), 0.6)
    table = confusion(one, TWO, 0.6)
    shown = text(confusion_matrix(table, 78, 19, PLAIN, found), 78, 19)
    for physics, other, rate in (
        ("efficiency", "sensitivity, recall", found.signal_efficiency),
        ("rejection", "specificity", found.background_rejection),
        ("purity", "precision, PPV", found.purity),
        ("NPV", "negative purity", found.negative_purity),
        ("accuracy", "", found.accuracy),
    ):
        line = next(line for line in shown.split("\n") if line.startswith(physics))
        assert other in line
        value, error = (float(one) for one in line.replace(other, "").split(physics)[1].split("±"))
        assert rate.value is not None
        assert rate.error is not None
        assert (value, error) == pytest.approx((rate.value, rate.error), rel=0.06)
    assert "is found" in text(confusion_matrix(table, 110, 19, PLAIN, found), 110, 19)
    small = text(confusion_matrix(table, 60, 10, PLAIN, found), 60, 10)
    assert "sensitivity" not in small
    assert "efficiency" in small


def test_the_probability_is_read_at_the_threshold() -> None:
    pairs = [
        (name, signal_probability(*score_histograms(one, TWO)[::-1]))
        for name, one in (("train", scores(20_000)), ("validation", scores(5_000, seed=2)))
    ]
    shown = text(probability_curve(pairs, 100, 20, PLAIN, threshold=0.71, signal="signal"), 100, 20)
    for name, found in pairs:
        value = found.at(0.71)
        assert value is not None
        assert re.search(rf"{name} {value:.2f}", shown)
    assert "no scores of both" in text(probability_curve([], 60, 9, PLAIN, threshold=0.5, signal="s"), 60, 9)
    for size in ((40, 8), (12, 3), (1, 1)):
        text(probability_curve(pairs, *size, ASCII, threshold=0.5, signal="signal"), *size)


@pytest.mark.parametrize(
    ("train", "validation", "said", "word"),
    [
        (1.0, 1.0, "train and validation agree: auc", "train agrees"),
        (1.4, 1.0, "train is told apart better than validation, overtraining: auc", "overtrained"),
        (1.0, 1.4, "train and validation differ, but train is not told apart better", "train differs"),
    ],
)
def test_the_words_on_overtraining(train: float, validation: float, said: str, word: str) -> None:
    found = compared(scores(4_000, train), scores(3_000, validation, 2), TWO)
    rows = agreement(found, 76, PLAIN)
    shown = " ".join(text(rows, 76, len(rows)).split())
    assert said in shown
    assert verdict(found) == word
    assert shown.count("KS p") == 2
    assert ("KS p <0.0001" in shown) == (train != validation)


def test_of_many_classes_the_least_probable_is_told() -> None:
    labels = tuple("abcde")
    rng = np.random.default_rng(1)
    target = rng.integers(0, 5, 2_000)
    one = Scores(target, rng.dirichlet(np.ones(5), 2_000), np.ones(2_000))
    found = compared(one, one.take(np.arange(1_000)), labels)
    shown = "".join(row.plain for row in agreement(found, 100, PLAIN))
    assert shown.count("KS p") == 1
    assert "least, " in shown
