"""Linear models trained by the loop of networks: the same answer as the library's, from the run to the prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mltui.core.errors import InputError
from mltui.core.table import Floats
from mltui.inference.asked import experiment as asked_of
from mltui.inference.estimator import FittedEstimator
from mltui.inference.members import Members
from mltui.inference.network import FittedNetwork
from mltui.models.catalogue import CARDS
from mltui.record.predictions import read_predictions
from mltui.training.divided import divide
from mltui.training.engines import engine
from mltui.training.problem import Problem
from mltui.training.rehearsal import rehearse
from mltui.training.report import Reporter

Make = Callable[..., Problem]
NEWTON = {"epochs": 15, "optimizer": "newton", "learning_rate": 1.0, "device": "cpu"}
DOCUMENTS: dict[str, Mapping[str, Any]] = {
    "classes": {
        "data": {"dataset": "moons", "options": {"samples": 200}},
        "model": {"name": "logistic_regression", "solver": "gradient"},
        "training": {"epochs": 3, "device": "cpu"},
    },
    "library": {"data": {"dataset": "moons", "options": {"samples": 200}}, "model": {"name": "logistic_regression"}},
}


def fitted(problem: Problem) -> Any:
    return engine(problem.card).fit(problem, Reporter(lambda kind, **fields: None))


def line(network: FittedNetwork) -> Floats:
    """The weights and biases of a network of one layer."""
    numbers: Floats = torch.cat([part.detach().ravel() for part in network.module.parameters()]).double().numpy()
    return numbers


def test_the_setting_chooses_the_loop(problem: Make) -> None:
    for solver, trained_by, axis in (("lbfgs", "estimator", "training_size"), ("gradient", "network", "epoch")):
        made = problem(model={"name": "logistic_regression", "solver": solver})
        assert (made.card.engine, made.card.axis) == (trained_by, axis)


@pytest.mark.parametrize("intercept", [True, False])
def test_linear_regression_by_gradient_comes_to_the_exact_answer(problem: Make, intercept: bool) -> None:
    model = {"name": "linear_regression", "fit_intercept": intercept}
    exact = fitted(problem("diabetes", model))
    steps = fitted(problem("diabetes", {**model, "solver": "gradient"}, training=NEWTON))
    assert isinstance(exact, FittedEstimator)
    assert isinstance(steps, FittedNetwork)
    x = np.random.default_rng(1).normal(size=(50, 10)).astype(np.float32)
    np.testing.assert_allclose(steps.predict(x), exact.predict(x), rtol=1e-3, atol=1e-3)


def test_logistic_regression_by_gradient_comes_to_the_library_s_answer(problem: Make) -> None:
    data = {"options": {"samples": 300, "noise": 0.3}}
    found = problem(model={"name": "logistic_regression", "C": 1e6}, data={"dataset": "moons", **data})
    other = problem(
        model={"name": "logistic_regression", "solver": "gradient"},
        data={"dataset": "moons", **data},
        training=NEWTON,
    )
    steps = fitted(other)
    x = found.train.x
    np.testing.assert_allclose(steps.predict(x), fitted(found).predict(x), atol=0.01)
    assert len(line(steps)) == 3


def test_the_perceptron_comes_to_rest_where_a_line_parts_the_classes(problem: Make) -> None:
    def trained(epochs: int, noise: float = 0.0) -> tuple[Problem, FittedNetwork]:
        data = {"dataset": "gaussians", "options": {"samples": 50, "noise": noise}}
        made = problem(model={"name": "perceptron"}, data=data, training={"epochs": epochs, "device": "cpu"})
        return made, fitted(made)

    made, first = trained(5)
    assert ((first.predict(made.train.x) > 0.5) == made.train.target).all()
    np.testing.assert_array_equal(line(trained(10)[1]), line(first))
    assert np.abs(line(first)).max() > 0
    assert not np.array_equal(line(trained(10, 0.5)[1]), line(trained(5, 0.5)[1])), "where no line does, it goes on"


def test_a_rehearsal_takes_what_the_setting_chooses() -> None:
    rehearse("linear_regression solver=gradient")
    with pytest.raises(InputError, match="there is no model 'line'"):
        rehearse("line solver=gradient")
    with pytest.raises(InputError, match=r"model\.solver cannot be 'exakt'; did you mean exact"):
        rehearse("linear_regression solver=exakt")


def test_a_run_by_gradient_is_told_kept_and_asked_as_a_network(workers: Any) -> None:
    runs = workers.in_one(DOCUMENTS)
    steps, library = runs["classes"], runs["library"]
    started = {name: run.state().started for name, run in runs.items()}
    assert (started["classes"]["axis"], started["library"]["axis"]) == ("epoch", "training_size")
    assert "batch" in started["classes"]["controls"]
    assert "training.learning_rate" in started["classes"]["changeable"]
    assert started["library"]["changeable"] == []
    for run in (steps, library):
        kept = read_predictions(run.folder)
        assert kept is not None
        rows = kept.parts["validation"]
        divided = divide(asked_of(run.folder), Path(run.folder.path))
        places = np.searchsorted(np.arange(len(divided.table)), rows.entry)
        scored = Members.load(run.folder).score(divided.table, places)
        np.testing.assert_allclose(scored.scores, rows.scores.scores, rtol=1e-6)
    assert (steps.folder.model / "network.safetensors").is_file()
    assert not (library.folder.model / "network.safetensors").exists()
    assert "epochs" not in library.folder.resolved.read_text()
    assert CARDS["logistic_regression"].chosen(asked_of(steps.folder).model.hyperparameters).engine == "network"
