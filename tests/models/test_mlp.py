"""The multi-layer perceptron: its layers in their order, what they compute, and what can be changed in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment, Known
from mltui.core.hyperparameters import Value
from mltui.inference.network import DESCRIPTION, WEIGHTS, Blueprint, FittedNetwork, Target, load
from mltui.models.card import Shape
from mltui.models.catalogue import CARDS, declared
from mltui.models.layers import ACTIVATIONS
from tests.models.networks import SHAPES, linear, mlp, names

MLP = CARDS["mlp"]
BENT: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": lambda x: torch.clamp(x, min=0),
    "leaky_relu": lambda x: torch.where(x > 0, x, 0.01 * x),
    "elu": lambda x: torch.where(x > 0, x, torch.exp(x) - 1),
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5)),
    "silu": lambda x: x / (1 + torch.exp(-x)),
    "softplus": lambda x: torch.log1p(torch.exp(x)),
    "tanh": lambda x: (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1),
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "linear": lambda x: x,
}


# -- layers --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hidden", [(), (5,), (8, 4, 2)])
@pytest.mark.parametrize(
    ("shape", "outputs"), [*zip(SHAPES, (1, 4, 1), strict=True), (Shape("regression", 3, 0, targets=2), 2)]
)
def test_it_has_the_layers_asked_for(hidden: tuple[int, ...], shape: Shape, outputs: int) -> None:
    made = mlp(shape, hidden_layers=hidden)
    assert [layer.out_features for layer in linear(made)] == [*hidden, outputs]
    assert made(torch.zeros(6, 3)).shape == (6, outputs)


def test_without_hidden_layers_it_is_one_weighted_sum() -> None:
    made = mlp(hidden_layers=(), activation=("relu",), dropout=0.5, normalization="batch")
    assert names(made) == ["output"]


def test_layers_come_in_their_order_under_their_names() -> None:
    made = mlp(hidden_layers=(6, 4), activation=("tanh", "linear"), dropout=0.2, input_dropout=0.1)
    assert names(made) == ["input_dropout", "hidden_1", "activation_1", "dropout_1", "hidden_2", "dropout_2", "output"]
    assert [layer.p for layer in made if isinstance(layer, torch.nn.Dropout)] == [0.1, 0.2, 0.2]


@pytest.mark.parametrize(("kind", "layer"), [("batch", torch.nn.BatchNorm1d), ("layer", torch.nn.LayerNorm)])
def test_normalization_stands_before_every_activation(kind: str, layer: type[torch.nn.Module]) -> None:
    made = mlp(hidden_layers=(6, 4), activation=("relu", "maxout"), normalization=kind)
    assert names(made) == [
        "hidden_1", "normalization_1", "activation_1", "hidden_2", "normalization_2", "activation_2", "output",
    ]  # fmt: skip
    assert isinstance(made.normalization_1, layer)
    x = torch.randn(64, 3) * 5 + 2
    bent = made.normalization_1(made.hidden_1(x))
    dim = 0 if kind == "batch" else 1
    assert bent.mean(dim).abs().max() < 1e-5
    assert (bent.std(dim, unbiased=False) - 1).abs().max() < 1e-2
    assert made(x).shape == (64, 1)


def test_without_normalization_there_is_none() -> None:
    assert names(mlp()) == ["hidden_1", "activation_1", "hidden_2", "activation_2", "output"]


# -- activations ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", BENT)
def test_an_activation_bends_by_its_formula(name: str) -> None:
    made = mlp(hidden_layers=(5,), activation=(name,), seed=4)
    x = torch.randn(20, 3) * 3
    wanted = made.output(BENT[name](made.hidden_1(x)))
    assert torch.allclose(made(x), wanted, atol=1e-5)


def test_every_activation_has_its_formula_here() -> None:
    assert {*BENT, "maxout"} == set(ACTIVATIONS)


def test_a_stack_of_linear_layers_stays_straight_and_no_other() -> None:
    x = torch.linspace(-2, 2, 9).unsqueeze(1).repeat(1, 3)
    for name in ACTIVATIONS:
        answer = mlp(activation=(name,))(x).detach().numpy()
        bend = np.abs(np.diff(answer[:, 0], n=2)).max()
        assert (bend < 1e-6) == (name == "linear"), name


def test_maxout_is_the_larger_of_two_linear_maps() -> None:
    made = mlp(hidden_layers=(4,), activation=("maxout",), seed=2)
    hidden, x = made.hidden_1, torch.randn(30, 3)
    assert hidden.out_features == 8
    first = functional.linear(x, hidden.weight[0::2], hidden.bias[0::2])
    second = functional.linear(x, hidden.weight[1::2], hidden.bias[1::2])
    assert torch.equal(made[:2](x), torch.maximum(first, second))
    assert not torch.equal(first, torch.maximum(first, second))


def test_each_layer_may_have_an_activation_of_its_own() -> None:
    made = mlp(hidden_layers=(4, 3, 2), activation=("tanh", "linear", "relu"))
    x = torch.randn(9, 3)
    wanted = made.output(torch.relu(made.hidden_3(made.hidden_2(torch.tanh(made.hidden_1(x))))))
    assert torch.equal(made(x), wanted)


def checked(**model: object) -> Experiment:
    training = {"batch_size": model.pop("batch_size", 32), "optimizer": model.pop("optimizer", "adam")}
    if training["optimizer"] == "newton":
        del training["batch_size"]
    document = {"data": {"dataset": "made"}, "model": {"name": "mlp", **model}, "training": training}
    return Experiment.check(document, Known({"made": ()}, declared()))


@pytest.mark.parametrize(
    ("hidden", "counted"),
    [([8], "2 for 1 hidden layer"), ([8, 8, 8], "2 for 3 hidden layers"), ([], "2 for 0 hidden layers")],
)
def test_activations_are_one_for_all_or_one_for_each(hidden: list[int], counted: str) -> None:
    sentence = f"model.activation must be one for all layers or one for each, and there are {counted}"
    with pytest.raises(InputError) as raised:
        checked(hidden_layers=hidden, activation=["relu", "tanh"])
    assert (raised.value.key, raised.value.sentence) == ("model.activation", sentence)
    with pytest.raises(InputError, match=sentence):
        mlp(hidden_layers=tuple(hidden), activation=("relu", "tanh"))
    checked(hidden_layers=hidden, activation="tanh")
    checked(hidden_layers=[4, 4], activation=["relu", "tanh"])


def test_a_batch_of_one_row_has_no_spread_to_normalize_by() -> None:
    with pytest.raises(InputError, match=r"2 or more with model\.normalization = batch") as raised:
        checked(normalization="batch", batch_size=1)
    assert raised.value.key == "training.batch_size"
    checked(normalization="batch", batch_size=2)
    checked(normalization="layer", batch_size=1)
    checked(normalization="batch", optimizer="newton")


def test_many_networks_have_no_running_statistics_in_common() -> None:
    with pytest.raises(InputError, match="genetic tries many; choose layer or none") as raised:
        checked(normalization="batch", optimizer="genetic")
    assert raised.value.key == "model.normalization"
    checked(normalization="layer", optimizer="genetic")


# -- dropout -------------------------------------------------------------------------------------------------------
def test_dropout_silences_its_share_in_training_only() -> None:
    made = mlp(hidden_layers=(1000,), activation=("sigmoid",), dropout=0.3, seed=3)
    x = torch.ones(1, 3)
    bent = torch.sigmoid(made.hidden_1(x))
    made.train()
    dropped = made[:3](x)
    silent = dropped == 0
    assert 0.2 < silent.float().mean() < 0.4
    assert torch.allclose(dropped[~silent], bent[~silent] / 0.7)
    assert torch.equal(made.eval()[:3](x), bent)


def test_input_dropout_silences_features_before_all_else() -> None:
    made = mlp(Shape("regression", 1000, 0), hidden_layers=(2,), input_dropout=0.5)
    x = torch.ones(1, 1000)
    dropped = made.train()[0](x)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(made.eval()[0](x), x)


def test_dropout_can_be_changed_and_nothing_else_moves() -> None:
    made = mlp(hidden_layers=(6, 4), normalization="batch")
    settings = {h.name: h.default for h in MLP.hyperparameters}
    before = {name: value.clone() for name, value in made.state_dict().items()}
    moved = list(made.parameters())
    for training in (True, False):
        made.train(training)
        MLP.change(made, {**settings, "dropout": 0.25, "input_dropout": 0.5})
        assert names(made) == names(mlp(hidden_layers=(6, 4), normalization="batch", dropout=0.25, input_dropout=0.5))
        assert [layer.p for layer in made if isinstance(layer, torch.nn.Dropout)] == [0.5, 0.25, 0.25]
        assert {layer.training for layer in made.modules()} == {training}
        MLP.change(made, {**settings, "dropout": 0.5})
        assert [layer.p for layer in made if isinstance(layer, torch.nn.Dropout)] == [0.5, 0.5]
        assert names(made)[0] == "hidden_1"
        MLP.change(made, settings)
        assert names(made) == names(mlp(hidden_layers=(6, 4), normalization="batch"))
    assert all(one is other for one, other in zip(made.parameters(), moved, strict=True))
    assert {name: value.tolist() for name, value in made.state_dict().items()} == {
        name: value.tolist() for name, value in before.items()
    }


def test_what_can_be_changed_is_declared() -> None:
    assert {"model.dropout", "model.input_dropout", "training.learning_rate"} <= MLP.changeable
    assert not any(key.startswith("model.") for key in CARDS["perceptron"].changeable)


# -- the seed ------------------------------------------------------------------------------------------------------
def test_it_starts_from_its_seed_and_leaves_the_generator_alone() -> None:
    def weights(seed: int) -> torch.Tensor:
        return torch.cat([p.detach().ravel() for p in mlp(SHAPES[0], seed).parameters()])

    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    first = weights(1)
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(10)
    assert torch.equal(first, weights(1))
    assert not torch.equal(first, weights(2))


# -- networks of earlier runs ---------------------------------------------------------------------------------------
def test_the_first_weights_are_those_of_torch_s_own_layers() -> None:
    torch.manual_seed(5)
    own = [torch.nn.Linear(3, 32), torch.nn.Linear(32, 32), torch.nn.Linear(32, 1)]
    for layer, other in zip(linear(mlp(seed=5)), own, strict=True):
        assert torch.equal(layer.weight, other.weight)
        assert torch.equal(layer.bias, other.bias)


def test_a_network_of_an_earlier_run_is_read_back(tmp_path: Path) -> None:
    """Its layers had numbers for names, dropout among them, and it knew fewer settings."""
    earlier = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1)
    ).eval()
    model: dict[str, Value] = {"hidden_layers": (4,), "activation": "tanh", "dropout": 0.5}
    blueprint = Blueprint(SHAPES[2], model, {}, Target(1.0, 2.0))
    FittedNetwork(earlier, blueprint).save(tmp_path)
    assert set(load_file(tmp_path / WEIGHTS)) == {"0.weight", "0.bias", "3.weight", "3.bias"}
    document = json.loads((tmp_path / DESCRIPTION).read_text())
    del document["shape"]["targets"]
    (tmp_path / DESCRIPTION).write_text(json.dumps(document))
    x = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
    expected = FittedNetwork(earlier, blueprint).predict(x)
    assert np.array_equal(load(tmp_path, MLP).predict(x), expected)
