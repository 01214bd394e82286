"""Networks of the cards as tests build them."""

from __future__ import annotations

from typing import Any

import torch

from mltui.core.hyperparameters import Value
from mltui.models.card import Shape
from mltui.models.catalogue import CARDS

SHAPES = (Shape("classification", 3, 2), Shape("classification", 3, 4), Shape("regression", 3, 0))


def network(card: str, shape: Shape, seed: int = 1, **changed: Value) -> Any:
    """The network of a card with some of its settings changed: a Sequential, whose layers are its attributes."""
    settings: dict[str, Value] = {h.name: h.default for h in CARDS[card].hyperparameters} | changed
    chosen = CARDS[card].chosen(settings)
    training = {h.name: h.default for h in chosen.training}
    return chosen.build(settings, training, shape, seed)


def mlp(shape: Shape = SHAPES[2], seed: int = 1, **changed: Any) -> Any:
    """A multi-layer perceptron."""
    return network("mlp", shape, seed, **changed)


def names(made: torch.nn.Sequential) -> list[str]:
    """What its layers are called, in their order."""
    return [name for name, _ in made.named_children()]


def linear(made: torch.nn.Sequential) -> list[torch.nn.Linear]:
    """Its layers with weights."""
    return [layer for layer in made if isinstance(layer, torch.nn.Linear)]
