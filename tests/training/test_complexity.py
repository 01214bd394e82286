"""The curve of a model fitted in one go over its one setting of complexity: a bare fit at each of its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from mltui.core.errors import InputError
from mltui.inference.estimator import FittedEstimator
from mltui.models.catalogue import CARDS
from mltui.record.snapshots import read_snapshot
from mltui.training import estimator
from mltui.training.problem import Problem
from mltui.training.report import Reporter
from tests.training.conftest import Workers

BARE: Mapping[str, tuple[str, Callable[[Any], Any], Any]] = {
    "knn": ("n_neighbors", lambda value: KNeighborsClassifier(int(value)), 7),
    "decision_tree": ("max_depth", lambda value: DecisionTreeClassifier(max_depth=int(value), random_state=1), 7),
    "logistic_regression": ("C", lambda value: LogisticRegression(C=value, max_iter=1000), 0.5),
}


def fitted(problem: Problem) -> tuple[FittedEstimator, list[float], Mapping[str, list[float]]]:
    """The model, where the points stand, and the values by curve and part."""
    said: list[tuple[str, dict[str, Any]]] = []
    reporter = Reporter(lambda kind, **fields: said.append((kind, fields)), None)
    model = estimator.fit(problem, reporter)
    reporter.flush()
    curves = next(fields["curves"] for kind, fields in said if kind == "started")
    assert {curve["axis"] for curve in curves} == {problem.axis}
    points = [fields for kind, fields in said if kind == "progress"]
    steps = [step for fields in points for step in fields["axis"]]
    values = {
        f"{curve['name']}/{curve['part']}": [value for fields in points for value in fields["columns"][place]]
        for place, curve in enumerate(curves)
    }
    return model, steps, values


@pytest.mark.parametrize("name", BARE)
def test_each_point_is_a_bare_fit_and_the_value_asked_for_is_kept(problem: Callable[..., Problem], name: str) -> None:
    setting, bare, asked = BARE[name]
    made = problem("moons", {"name": name, setting: asked}, training={"curve": setting}, seed=1)
    model, steps, values = fitted(made)
    complexity = CARDS[name].complexity
    assert complexity is not None
    most = len(made.fit) if name == "knn" else np.inf
    assert steps == sorted({asked, *(value for value in complexity.values if value <= most)})
    validation = made.validation
    assert validation is not None
    single = name == "decision_tree"
    for place, step in enumerate(steps):
        train_x, x = (rows.x if single else rows.x.astype(np.float64) for rows in (made.train, validation))
        one = bare(step).fit(train_x, made.train.target)
        scores = one.predict_proba(x)[:, 1]
        assert values["accuracy/validation"][place] == accuracy_score(validation.target, scores > 0.5)
        assert values["auc/validation"][place] == pytest.approx(roc_auc_score(validation.target, scores), rel=1e-12)
        if step == asked:
            np.testing.assert_array_equal(model.predict(validation.x), scores)
    assert model.kept == asked


def test_a_setting_without_a_value_cannot_be_compared(problem: Callable[..., Problem]) -> None:
    made = problem("moons", {"name": "decision_tree", "max_depth": "none"}, training={"curve": "max_depth"})
    with pytest.raises(InputError, match=r"compares other values with that of model\.max_depth, which is empty"):
        fitted(made)


def test_the_pictures_of_a_run_stand_at_the_values(workers: Workers) -> None:
    """Those below 1 too, and the kept model is told of."""
    document = {
        "data": {"dataset": "moons", "options": {"samples": 120}},
        "model": {"name": "logistic_regression", "C": 0.05},
        "training": {"curve": "C"},
    }
    run = workers.in_one({"run": document})["run"]
    state = run.state()
    curve = state.curve("loss", "validation")
    assert curve is not None
    assert [step for step, _ in state.snapshots] == curve.steps.tolist()
    assert (state.started["axis"], state.kept) == ("C", 0.05)
    shown = {step: read_snapshot(run.folder.snapshots / Path(file).name) for step, file in state.snapshots}
    surfaces = [one.surface.values for one in shown.values() if one is not None and one.surface is not None]
    assert len(surfaces) == len(shown)
    assert len({values.tobytes() for values in surfaces}) == len(surfaces), "each of its own model"
    assert all(one is not None and one.step == step for step, one in shown.items())
