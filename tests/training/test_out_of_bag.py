"""The curve of a random forest over rows out of bag: in the end scikit-learn's own estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import accuracy_score, r2_score

from mltui.training import estimator
from mltui.training.problem import Problem
from mltui.training.report import Reporter

TREES = 40


def told(problem: Problem) -> tuple[list[str], dict[tuple[str, str], list[float | None]]]:
    """The parts that have curves, and the values by curve and part."""
    said: list[tuple[str, dict[str, Any]]] = []
    reporter = Reporter(lambda kind, **fields: said.append((kind, fields)), None)
    estimator.fit(problem, reporter)
    reporter.flush()
    curves = next(fields["curves"] for kind, fields in said if kind == "started")
    points = [fields for kind, fields in said if kind == "progress"]
    found = {
        (curve["name"], curve["part"]): [value for fields in points for value in fields["columns"][place]]
        for place, curve in enumerate(curves)
    }
    return list(dict.fromkeys(curve["part"] for curve in curves)), found


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("dataset", "weighted"), [("moons", False), ("iris", False), ("gaussian_plane", False), ("moons", True)]
)
def test_it_ends_at_the_estimate_of_the_library(
    problem: Callable[..., Problem], dataset: str, weighted: bool, threads: int
) -> None:
    model = {"name": "random_forest", "n_estimators": TREES, "max_depth": 4}
    made = replace(problem(dataset, model, seed=3), threads=threads)
    if weighted:
        rng = np.random.default_rng(0)
        parts = {part: replace(rows, weights=rng.uniform(0.2, 2, len(rows))) for part, rows in made.parts.items()}
        made = replace(made, parts=parts, weighted=True)
    parts_told, values = told(made)
    assert parts_told == ["train", "validation", "out_of_bag"]
    kind = RandomForestRegressor if made.task == "regression" else RandomForestClassifier
    bare = kind(TREES, max_depth=4, random_state=3, oob_score=True)
    rows = made.fit
    bare.fit(rows.x, rows.target, sample_weight=rows.weights if weighted else None)
    if made.task == "regression":
        wanted = r2_score(rows.target, bare.oob_prediction_)
        assert values["r2", "out_of_bag"][-1] == pytest.approx(wanted, rel=1e-9)
    else:
        said = bare.oob_decision_function_.argmax(axis=1)
        wanted = accuracy_score(rows.target, said, sample_weight=rows.weights if weighted else None)
        assert values["accuracy", "out_of_bag"][-1] == pytest.approx(wanted, rel=1e-9)
    known = [value for value in values["loss", "out_of_bag"] if value is not None]
    assert len(known) == TREES
    assert len(set(known)) > TREES / 2, "it moves with each tree"


def test_trees_that_all_see_every_row_have_nothing_out_of_bag(problem: Callable[..., Problem]) -> None:
    for model in ({"name": "random_forest", "bootstrap": False}, {"name": "extra_trees"}):
        parts, _ = told(problem("moons", {**model, "n_estimators": 2}))
        assert parts == ["train", "validation"]
