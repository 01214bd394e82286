"""Rectangular cuts as a run: curves, a stop that keeps, a model that is read back, and what they cannot do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from mltui.core.errors import InputError
from mltui.inference.cuts import FittedCuts
from mltui.inference.reload import load
from mltui.training.engines import engine
from mltui.training.gate import Gate
from mltui.training.problem import Problem
from mltui.training.report import Predict, Reporter

Make = Callable[..., Problem]
SMALL = {"name": "cuts", "efficiencies": 7, "generations": 8}


class Ends:
    """Stands for the album, and asks for the end after a step."""

    def __init__(self, gate: Gate, after: float) -> None:
        self.gate, self.after = gate, after

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        if step >= self.after:
            self.gate.ask("stop")

    def glance(self, step: float, predict: Predict, inside: Any = None) -> None:
        pass

    def changed(self) -> None:
        pass


def fit(problem: Problem, stop_after: float = np.inf) -> tuple[FittedCuts, list[tuple[str, dict[str, Any]]]]:
    events: list[tuple[str, dict[str, Any]]] = []
    gate = Gate()
    reporter = Reporter(lambda kind, **said: events.append((kind, said)), None, gate, Ends(gate, stop_after))
    fitted = engine(problem.card).fit(problem, reporter)
    reporter.flush()
    assert isinstance(fitted, FittedCuts)
    return fitted, events


def axis(events: list[tuple[str, dict[str, Any]]]) -> list[float]:
    return [step for kind, said in events if kind == "progress" for step in said["axis"]]


def test_curves_run_over_the_efficiencies_and_end_at_the_metrics(problem: Make) -> None:
    made = problem("moons", SMALL)
    fitted, events = fit(made)
    assert events[0][1]["total"] == fitted.kept == 7
    assert {curve["axis"] for curve in events[0][1]["curves"]} == {"iteration"}
    assert axis(events) == [1, 2, 3, 4, 5, 6, 7]
    last = [column[-1] for column in [said for kind, said in events if kind == "progress"][-1]["columns"]]
    found = dict(zip([(c["name"], c["part"]) for c in events[0][1]["curves"]], last, strict=True))
    for part, rows in made.parts.items():
        scores = fitted.predict(rows.x)
        assert found["loss", part] == pytest.approx(log_loss(rows.target, scores))
        assert found["accuracy", part] == pytest.approx(accuracy_score(rows.target, scores > 0.5))
        assert found["auc", part] == pytest.approx(roc_auc_score(rows.target, scores))
    assert found["auc", "validation"] > 0.85


def test_a_stop_keeps_what_is_found_and_it_is_read_back(problem: Make, tmp_path: Path) -> None:
    made = problem("moons", SMALL)
    fitted, events = fit(made, stop_after=3)
    assert fitted.kept == 3
    assert axis(events) == [1, 2, 3]
    fitted.save(tmp_path)
    again = load(tmp_path, made.card)
    assert again.kept == 3
    for x in (made.train.x, made.train.x[:0]):
        np.testing.assert_array_equal(again.predict(x), fitted.predict(x))


def test_a_stop_between_two_generations_keeps_the_best_so_far(problem: Make) -> None:
    made = problem("moons", {**SMALL, "generations": 50})
    gate = Gate()
    events: list[str] = []
    reporter = Reporter(lambda kind, **_: events.append(kind), None, gate)
    gate.ask("stop")
    fitted = engine(made.card).fit(made, reporter)
    assert fitted.kept == 1
    assert len(np.unique(fitted.predict(made.train.x))) == 2


def test_cuts_tell_two_classes_apart(problem: Make) -> None:
    with pytest.raises(InputError, match="cuts tells two classes apart, and species has 3") as caught:
        problem("iris", SMALL)
    assert caught.value.key == "model.name"


def test_one_class_is_refused(problem: Make) -> None:
    made = problem("moons", SMALL)
    only = made.train.take(np.flatnonzero(made.train.target == 0))
    with pytest.raises(InputError, match="one class only"):
        fit(replace(made, parts={"train": only}))
