"""Expected events by hand: of all rows, of a part scaled to the whole, and above a threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mltui.core.snapshot import Scores
from mltui.core.table import Table
from mltui.evaluation import yields as room
from mltui.evaluation.metrics import metrics
from mltui.evaluation.yields import places, processes, significance, yields

TWO = ("b", "s")
NAMES = ("ttbar", "wjets", "higgs")
PROCESS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 1])
TARGET = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
WEIGHTS = np.array([1.0, 2, 3, 4, 4, -1, 0.1, 0.2, 0.3, 5])


def table(**more: object) -> Table:
    told = {"weights": WEIGHTS, "processes": NAMES, "process": PROCESS, **more}
    return Table((), {}, "classification", TARGET, "y", TWO, **told)  # type: ignore[arg-type]


def test_processes_are_what_the_samples_name_and_two_where_they_hold_two_classes() -> None:
    found = {process.name: process for process in processes(table())}
    assert list(found) == ["ttbar", "wjets, b", "wjets, s", "higgs"]
    assert [process.label for process in found.values()] == ["b", "b", "s", "s"]
    assert found["ttbar"].total == 6
    assert found["ttbar"].effective == pytest.approx(36 / 14)
    assert found["wjets, b"].rows == 3
    assert found["wjets, b"].total == 7
    assert found["wjets, s"].total == 5


def test_without_samples_the_classes_are_the_processes() -> None:
    found = processes(table(processes=(), process=np.zeros(0, np.int16), weights=None))
    assert [(process.name, process.label, process.rows, process.total) for process in found] == [
        ("b", "b", 6, 6), ("s", "s", 4, 4)
    ]  # fmt: skip
    assert processes(Table((), {}, "regression", np.ones(3), "y")) == ()


def test_many_rows_are_summed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, one = processes(table()), Scores(TARGET, np.linspace(0, 1, 10), WEIGHTS, PROCESS)
    at_once = yields(one, whole, NAMES, TWO, 0.3).document()
    monkeypatch.setattr(room, "CHUNK", 3)
    assert processes(table()) == whole
    assert yields(one, whole, NAMES, TWO, 0.3).document() == at_once


def test_a_part_is_scaled_to_the_whole_process_by_process() -> None:
    rows = np.array([1, 2, 3, 6, 8, 9])
    part = Scores(TARGET[rows], np.array([0.2, 0.9, 0.8, 0.7, 0.4, 0.5]), WEIGHTS[rows], PROCESS[rows])
    found = yields(part, processes(table()), NAMES, TWO, 0.5)
    ttbar, wjets, other, higgs = found.processes
    assert (ttbar.scale, wjets.scale, other.scale) == pytest.approx((6 / 5, 7 / 4, 1))
    assert higgs.scale == pytest.approx(0.6 / 0.4)
    assert (ttbar.expected, ttbar.rows, ttbar.selected_rows) == (6, 2, 1)
    assert ttbar.error == pytest.approx(6 / 5 * math.sqrt(4 + 9))
    assert ttbar.selected == pytest.approx(6 / 5 * 3)
    assert ttbar.selected_error == pytest.approx(6 / 5 * 3)
    assert wjets.selected == pytest.approx(7)
    assert other.selected == 0  # a score at the threshold is not above it
    assert found.signal == pytest.approx(0.15)
    assert found.background == pytest.approx(3.6 + 7)
    assert found.background_error == pytest.approx(math.hypot(3.6, 7))
    assert found.s_over_sqrt_b == pytest.approx(0.15 / math.sqrt(10.6))
    assert found.s_over_sqrt_sb == pytest.approx(0.15 / math.sqrt(10.75))
    assert found.left_out == ()


def test_what_the_part_says_nothing_of_is_left_out() -> None:
    rows = np.array([1, 3, 5, 5, 5, 5, 7])
    part = Scores(TARGET[rows], np.full(7, 0.9), WEIGHTS[rows], PROCESS[rows])  # wjets b: 4 - 4 = 0
    found = yields(part, processes(table()), NAMES, TWO)
    assert found.left_out == ("wjets, b", "wjets, s")
    assert [one.selected for one in found.processes][1:3] == [None, None]
    assert found.background == pytest.approx(6)
    assert [one.rows for one in found.processes] == [1, 5, 0, 1]


def test_a_significance_needs_something_under_the_root() -> None:
    assert significance(3.0, 4.0) == 1.5
    assert significance(3.0, 0.0) is None
    assert significance(3.0, -1.0) is None
    assert significance(None, 1.0) is None
    three = Scores(np.array([0, 1, 2]), np.eye(3), np.ones(3))
    whole = processes(Table((), {}, "classification", three.target, "y", ("a", "b", "c")))
    found = yields(three, whole, (), ("a", "b", "c")).document()
    assert found["signal"] is found["s_over_sqrt_b"] is found["processes"][0]["selected"] is None
    assert found["processes"][0]["expected"] == 1


def test_rows_of_no_process_are_nobodys() -> None:
    stray = Scores(TARGET, np.ones(10), WEIGHTS)
    assert set(places(stray, processes(table()), NAMES, TWO)) == {-1}


def test_honest_numbers_of_a_rare_signal_among_heavy_background() -> None:
    """As in the HiggsML data: two thirds of the rows are background, and nearly all of the weight."""
    rng = np.random.default_rng(4)
    target = np.repeat([0, 1], [664, 336])
    weights = np.where(target == 1, rng.uniform(2, 4, 1_000), rng.uniform(1_000, 2_200, 1_000))
    signal, background = weights[target == 1].sum(), weights[target == 0].sum()
    said = Scores(target, np.zeros(1_000), weights)
    found = metrics(said, "classification", TWO, weighted=True)
    assert found["accuracy"] == found["baseline"] == pytest.approx(background / (signal + background))
    assert found["accuracy"] > 0.998
    assert found["unweighted"]["accuracy"] == found["unweighted"]["baseline"] == 0.664
    assert found["events"]["sum_of_weights"] == pytest.approx(signal + background)
    assert found["events"]["effective"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found["unweighted"]["events"] == {"rows": 1_000, "sum_of_weights": 1_000, "effective": 1_000}
    whole = processes(Table((), {}, "classification", target, "y", TWO, weights))
    part = rng.permutation(1_000)[:200]
    uncut = yields(Scores(target[part], np.ones(200), weights[part]), whole, (), TWO)
    assert uncut.s_over_sqrt_b == pytest.approx(signal / math.sqrt(background))
    assert uncut.document()["no_cut"]["s_over_sqrt_b"] == pytest.approx(uncut.s_over_sqrt_b)
    assert uncut.s_over_sqrt_sb == pytest.approx(signal / math.sqrt(signal + background))
