"""Every number against its definition, written out row by row and pair by pair, with negative weights too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mltui.core.snapshot import Scores
from mltui.evaluation.large import metrics_of_many
from mltui.evaluation.metrics import metrics
from tests.evaluation.cases import Case, cases

EPSILON = float(np.finfo(np.float64).eps)
Row = tuple[Any, Any, float]
"""The class or value, the score or scores, the weight."""


def rows_of(scores: Scores) -> list[Row]:
    return list(zip(scores.target.tolist(), scores.scores.tolist(), scores.weights.tolist(), strict=True))


def total(rows: list[Row]) -> float:
    return math.fsum(weight for *_, weight in rows)


def mean(rows: list[Row], of: Callable[[Any, Any], float]) -> float:
    return math.fsum(weight * of(true, score) for true, score, weight in rows) / total(rows)


def said(score: Any) -> int:
    return int(score > 0.5) if isinstance(score, float) else score.index(max(score))


def chance(true: int, score: Any) -> float:
    return (score if true == 1 else 1 - score) if isinstance(score, float) else score[true]


def log_loss(rows: list[Row]) -> float:
    return mean(rows, lambda true, score: -math.log(min(max(chance(true, score), EPSILON), 1 - EPSILON)))


def brier(rows: list[Row]) -> float:
    def distance(true: int, score: Any) -> float:
        if isinstance(score, float):
            return (score - true) ** 2
        return math.fsum((one - (code == true)) ** 2 for code, one in enumerate(score))

    return mean(rows, distance)


Side = list[tuple[float, float]]
"""Scores and weights."""


def against(rows: list[Row], code: int) -> tuple[Side, Side]:
    """The rows of a class and the others, scored for it."""
    own = [(s if isinstance(s, float) else s[code], w, t == code) for t, s, w in rows]
    return [(s, w) for s, w, mine in own if mine], [(s, w) for s, w, mine in own if not mine]


def above(side: Side, threshold: float) -> float:
    return math.fsum(weight for score, weight in side if score >= threshold)


def area(signal: Side, background: Side) -> float:
    """The share of the pairs that are in the right order, a tie counting half."""
    right = [w * v * (1.0 if s > b else 0.5 if s == b else 0.0) for s, w in signal for b, v in background]
    pairs = [w * v for _, w in signal for _, v in background]
    return math.fsum(right) / math.fsum(pairs)


def thresholds(signal: Side, background: Side) -> list[float]:
    return sorted({score for score, weight in signal + background if weight}, reverse=True)


def average_precision(signal: Side, background: Side) -> float:
    found, recall, whole = [], 0.0, above(signal, -math.inf)
    for threshold in thresholds(signal, background):
        chosen, wrong = above(signal, threshold), above(background, threshold)
        now = chosen / whole
        found.append((now - recall) * (chosen / (chosen + wrong) if abs(chosen + wrong) > 1e-9 else 0.0))
        recall = now
    return math.fsum(found)


def efficiency_at(at: float, signal: Side, background: Side) -> float:
    """Along the curve to where it last stands at `at` without having been farther, then straight to what is farther."""
    whole = above(background, -math.inf), above(signal, -math.inf)
    levels = [math.inf, *thresholds(signal, background)]
    points = [(above(background, level) / whole[0], above(signal, level) / whole[1]) for level in levels]
    farthest = 0.0
    for left, right in pairwise(points):
        farthest = max(farthest, left[0])
        if right[0] > at + 1e-9:
            return left[1] + max(at - farthest, 0.0) / (right[0] - farthest) * (right[1] - left[1])
    return points[-1][1]


def separation(signal: Side, background: Side) -> float:
    found = 0.0
    for number in range(40):
        s, b = (
            math.fsum(w for x, w in side if min(int(x * 40), 39) == number) / above(side, -math.inf)
            for side in (signal, background)
        )
        found += 0.5 * (s - b) ** 2 / (s + b) if s + b > 1e-9 else 0.0
    return found


def averaged(of: Callable[[Side, Side], float]) -> Callable[[list[Row]], float]:
    """Of the second class, or the mean over many classes, each against the rest."""

    def number(rows: list[Row]) -> float:
        codes = [1] if isinstance(rows[0][1], float) else range(len(rows[0][1]))
        found = [of(*against(rows, code)) for code in codes]
        return sum(found) / len(found)

    return number


def baseline(rows: list[Row]) -> float:
    return max(math.fsum(w for t, _, w in rows if t == code) for code in {t for t, *_ in rows}) / total(rows)


def effective(rows: list[Row]) -> float:
    return total(rows) ** 2 / math.fsum(weight**2 for *_, weight in rows)


def r2(rows: list[Row]) -> float:
    centre = mean(rows, lambda true, _: true)
    return 1 - mean(rows, lambda true, value: (true - value) ** 2) / mean(rows, lambda true, _: (true - centre) ** 2)


Definitions = Mapping[str, Callable[[list[Row]], float]]
CLASSIFICATION: Definitions = {
    "loss": log_loss,
    "log_loss": log_loss,
    "brier": brier,
    "accuracy": lambda rows: mean(rows, lambda true, score: said(score) == true),
    "baseline": baseline,
    "auc": averaged(area),
    "average_precision": averaged(average_precision),
    "separation": averaged(separation),
    "efficiency_at.0.01": averaged(lambda signal, background: efficiency_at(0.01, signal, background)),
    "efficiency_at.0.10": averaged(lambda signal, background: efficiency_at(0.10, signal, background)),
    "efficiency_at.0.30": averaged(lambda signal, background: efficiency_at(0.30, signal, background)),
    "events.effective": effective,
    "events.sum_of_weights": total,
}
REGRESSION: Definitions = {
    "loss": lambda rows: mean(rows, lambda true, value: (true - value) ** 2),
    "rmse": lambda rows: math.sqrt(mean(rows, lambda true, value: (true - value) ** 2)),
    "mae": lambda rows: mean(rows, lambda true, value: abs(true - value)),
    "r2": r2,
    "events.effective": effective,
    "events.sum_of_weights": total,
}


def named(found: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    return found[head][rest] if rest else found[head]


@pytest.mark.parametrize("judge", [metrics, metrics_of_many])
@pytest.mark.parametrize("kind", ["two", "three", "regression"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_the_definitions(kind: str, judge: Any, data: st.DataObject) -> None:
    case: Case = data.draw(cases(kind))
    rows = rows_of(case.scores)
    codes = range(len(case.classes))
    assume(total(rows) > 0.05)
    assume(all(math.fsum(w for t, _, w in rows if t == code) > 0.05 for code in codes))
    found = judge(case.scores, case.task, case.classes, True)
    for path, definition in (CLASSIFICATION if codes else REGRESSION).items():
        value = named(found, path)
        if value is None:  # one value alone has no spread; negative weights leave none, or an error of less than none
            assert path in ("rmse", "r2")
            alone = path == "r2" and len({true for true, _, weight in rows if weight}) == 1
            assert alone or case.weights.min() < 0
            continue
        assert math.isclose(value, definition(rows), rel_tol=1e-9, abs_tol=1e-9), path
    for code, label in enumerate(case.classes):
        own, chosen = [row for row in rows if row[0] == code], [row for row in rows if said(row[1]) == code]
        right = total([row for row in own if row in chosen])
        assert found["recall"][label] == pytest.approx(right / total(own), abs=1e-9)
        precision = found["precision"][label]
        assert (precision is None) == (total(chosen) <= 1e-9)
        assert precision is None or precision == pytest.approx(right / total(chosen), rel=1e-9, abs=1e-9)
    for true, line in enumerate(found["confusion"]["matrix"] if codes else ()):
        for chosen_code, cell in enumerate(line):
            wanted = math.fsum(w for t, s, w in rows if t == true and said(s) == chosen_code)
            assert cell == pytest.approx(wanted, abs=1e-9)
