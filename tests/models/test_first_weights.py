"""Every initialisation gives the weights and biases that its formula says, layer by layer."""

from __future__ import annotations

import math

import pytest
import torch

from mltui.models.card import Shape
from mltui.models.layers import INITIALIZATIONS
from tests.models.networks import linear, mlp

WIDE = Shape("regression", 200, 0)


def layers(how: str, **changed: object) -> list[torch.nn.Linear]:
    return linear(mlp(WIDE, 1, hidden_layers=(400, 300), initialization=how, **changed))


def spread(values: torch.Tensor) -> float:
    return float(values.detach().std(unbiased=False))


def filled(weight: torch.Tensor, bound: float) -> None:
    """Uniform between the bounds: none beyond, some close to each, the spread that of the distribution."""
    assert weight.max() <= bound * (1 + 1e-6)
    assert weight.min() >= -bound * (1 + 1e-6)
    assert weight.max() > 0.99 * bound
    assert weight.min() < -0.99 * bound
    assert spread(weight) == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert float(weight.detach().mean()) == pytest.approx(0, abs=0.01 * bound)


def test_zero_leaves_nothing() -> None:
    assert all((p == 0).all() for p in mlp(WIDE, initialization="zero").parameters())


def test_uniform_goes_by_the_inputs_of_a_neuron_and_so_do_the_biases() -> None:
    for layer in layers("uniform")[:2]:
        bound = 1 / math.sqrt(layer.in_features)
        filled(layer.weight, bound)
        assert layer.bias.abs().max() <= bound
        assert spread(layer.bias) == pytest.approx(bound / math.sqrt(3), rel=0.15)


def test_glorot_goes_by_inputs_and_outputs() -> None:
    for layer in layers("glorot")[:2]:
        filled(layer.weight, math.sqrt(6 / (layer.in_features + layer.out_features)))


@pytest.mark.parametrize("how", ["he", "normal"])
def test_normal_ones_have_their_spread_and_go_beyond_three_of_them(how: str) -> None:
    for layer in layers(how)[:2]:
        wanted = 1.0 if how == "normal" else math.sqrt(2 / layer.in_features)
        assert spread(layer.weight) == pytest.approx(wanted, rel=0.02)
        beyond = (layer.weight.abs() > 3 * wanted).float().mean()
        assert 0.0015 < beyond < 0.004  # 0.0027 of a normal distribution
        assert float(layer.weight.detach().mean()) == pytest.approx(0, abs=0.02 * wanted)


@pytest.mark.parametrize("how", INITIALIZATIONS)
def test_biases_start_at_zero_except_with_uniform(how: str) -> None:
    assert all(bool((layer.bias == 0).all()) == (how != "uniform") for layer in layers(how))


@pytest.mark.parametrize("how", INITIALIZATIONS)
def test_the_output_starts_in_the_same_way(how: str) -> None:
    output = layers(how)[-1]
    assert output.out_features == 1
    wanted = {
        "zero": 0.0,
        "uniform": 1 / math.sqrt(3 * 300),
        "glorot": math.sqrt(2 / 301),
        "he": math.sqrt(2 / 300),
        "normal": 1.0,
    }
    assert spread(output.weight) == pytest.approx(wanted[how], rel=0.15)


def test_each_piece_of_a_maxout_neuron_starts_like_a_neuron_of_its_own() -> None:
    first = layers("glorot", activation=("maxout",))[0]
    assert first.out_features == 800
    filled(first.weight, math.sqrt(6 / (200 + 400)))


def test_other_seeds_are_other_luck_whatever_the_initialization() -> None:
    for how in INITIALIZATIONS:
        one, again, other = (
            torch.cat([p.detach().ravel() for p in mlp(WIDE, seed, initialization=how).parameters()])
            for seed in (1, 1, 2)
        )
        assert torch.equal(one, again)
        assert torch.equal(one, other) == (how == "zero")
