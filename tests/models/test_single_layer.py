"""Linear models and the perceptron as the smallest networks, and the settings that belong to them."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.models.card import ModelCard, Shape
from mltui.models.catalogue import CARDS, declared
from tests.models.networks import SHAPES, linear, mlp, names, network

LINEAR = ("logistic_regression", "linear_regression")


def chosen(name: str) -> ModelCard:
    return CARDS[name].chosen({"solver": "gradient"})


def checked(name: str, **sections: dict[str, object]) -> Experiment:
    document = {"data": {"dataset": "made"}, **sections, "model": {"name": name, **sections.get("model", {})}}
    return Experiment.check(document, Known({"made": ()}, declared()))


@pytest.mark.parametrize("name", LINEAR)
def test_by_gradient_the_loop_of_networks_trains_a_linear_model(name: str) -> None:
    usual, steps = CARDS[name], chosen(name)
    assert (usual.engine, usual.axis, usual.steps) == ("estimator", "training_size", "")
    assert (steps.engine, steps.axis, steps.steps) == ("network", "epoch", "training.epochs")
    assert steps.controls == CARDS["mlp"].controls
    assert steps.takes_negative({})
    assert "training.learning_rate" in steps.changeable
    assert not usual.changeable


@pytest.mark.parametrize(
    ("name", "shape"),
    [("logistic_regression", SHAPES[0]), ("logistic_regression", SHAPES[1]), ("linear_regression", SHAPES[2])],
)
def test_it_is_a_network_without_hidden_layers(name: str, shape: Shape) -> None:
    made = network(name, shape, 3, solver="gradient")
    same = mlp(shape, 3, hidden_layers=())
    assert names(made) == names(same) == ["output"]
    assert torch.equal(made.output.weight, same.output.weight)
    assert torch.equal(made.output.bias, same.output.bias)


@pytest.mark.parametrize("name", [*LINEAR, "perceptron"])
def test_without_an_intercept_there_is_no_bias(name: str) -> None:
    shape = SHAPES[2] if name == "linear_regression" else SHAPES[0]
    more: dict[str, Any] = {} if name == "perceptron" else {"solver": "gradient"}
    assert linear(network(name, shape, fit_intercept=False, **more))[0].bias is None
    assert network(name, shape, fit_intercept=False, **more)(torch.zeros(2, 3)).abs().max() == 0
    assert linear(network(name, shape, **more))[0].bias is not None


@pytest.mark.parametrize(
    ("name", "section", "key", "value"),
    [
        ("logistic_regression", "model", "C", 2.0),
        ("logistic_regression", "model", "class_weight", "balanced"),
        ("linear_regression", "model", "positive", True),
    ],
)
def test_settings_of_the_library_s_solver_are_not_the_gradient_s(
    name: str, section: str, key: str, value: object
) -> None:
    checked(name, model={key: value})
    with pytest.raises(InputError, match=f"{section}.{key} is for model.solver = ") as raised:
        checked(name, model={key: value, "solver": "gradient"})
    assert raised.value.key == f"{section}.{key}"


@pytest.mark.parametrize("name", LINEAR)
def test_settings_of_training_are_the_gradient_s_alone(name: str) -> None:
    training: dict[str, object] = {"epochs": 7, "beta1": 0.5}
    assert checked(name, model={"solver": "gradient"}, training=training).training["epochs"] == 7
    with pytest.raises(InputError, match=r"is for model\.solver = gradient"):
        checked(name, training={"epochs": 7})
    with pytest.raises(InputError, match=r"training\.beta1 is for model\.solver = gradient"):
        checked(name, training={"beta1": 0.5})
    usual = checked(name)
    assert set(usual.document()["training"]) <= {"curve"}
    assert {f"training.{h.name}" for h in CARDS[name].training} - {"training.curve"} <= usual.idle


def test_a_loss_and_a_number_to_go_by_are_those_of_the_task() -> None:
    for name, wrong in (("linear_regression", "hinge"), ("linear_regression", "cross_entropy")):
        with pytest.raises(InputError, match="cannot be"):
            checked(name, model={"solver": "gradient"}, training={"loss": wrong})
    with pytest.raises(InputError, match="cannot be"):
        checked("linear_regression", model={"solver": "gradient"}, training={"monitor": "auc"})
    with pytest.raises(InputError, match="cannot be"):
        checked("logistic_regression", model={"solver": "gradient"}, training={"monitor": "r2"})


def test_the_perceptron_has_a_loss_of_its_own_and_starts_from_nothing() -> None:
    card = CARDS["perceptron"]
    assert card.loss == "perceptron"
    assert "loss" not in {h.name for h in card.training}
    assert not any(other.loss for other in CARDS.values() if other is not card)
    for shape, outputs in ((SHAPES[0], 1), (SHAPES[1], 4)):
        made = network("perceptron", shape)
        assert made.output.out_features == outputs
        assert all((p == 0).all() for p in made.parameters())
    usual = checked("perceptron").training
    assert (usual["optimizer"], usual["batch_size"]) == ("sgd", 1)
