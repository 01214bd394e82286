"""Looks into a network of dense layers: weights, gradients and activations, layer by layer, within bounds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from mltui.core.snapshot import Layers
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs

AT_MOST = 80_000
"""So many weights, and so many activations, are kept of one moment: with 24 moments kept, 16 MB of a run's 64."""


def layers_of(module: torch.nn.Module, loss: Callable[[], torch.Tensor], x: Inputs | None) -> Layers:
    """What the network holds; it, its gradients and every generator stay as they are.

    Args:
        loss: the training loss at the present weights, whose gradient is wanted.
        x: shape (points, inputs), what to show the layers; None for nothing.
    """
    layers = _linear(module)
    if not layers:
        return Layers(())
    training = module.training
    module.eval()
    try:
        gradients = _gradients(layers, loss)
        activations = {} if x is None else _activations(module, layers, x)
    finally:
        module.train(training)
    weights: dict[str, Floats] = {}
    biases: dict[str, Floats] = {}
    if sum(layer.weight.numel() for layer in layers.values()) <= AT_MOST:
        weights = {name: _floats(layer.weight) for name, layer in layers.items()}
        biases = {
            name: _floats(p) for name, layer in layers.items() for own, p in layer.named_parameters() if own == "bias"
        }
    return Layers(tuple(layers), weights, biases, gradients, activations)


def _linear(module: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    """The layers with weights, by name, in the order that data pass through."""
    return {name: layer for name, layer in module.named_modules() if isinstance(layer, torch.nn.Linear)}


def _gradients(layers: dict[str, torch.nn.Linear], loss: Callable[[], torch.Tensor]) -> Floats:
    parameters = [list(layer.parameters()) for layer in layers.values()]
    found = iter(torch.autograd.grad(loss(), [p for own in parameters for p in own]))
    squares = np.zeros(len(parameters))
    for place, own in enumerate(parameters):
        for _ in own:
            squares[place] += float(next(found).double().square().sum())
    return np.sqrt(squares)


def _activations(module: torch.nn.Module, layers: dict[str, torch.nn.Linear], x: Inputs) -> dict[str, Floats]:
    """What goes into each layer but the first is what the one before has made of the points."""
    names = list(layers)
    found: dict[str, Floats] = {}

    def keep(name: str) -> Callable[[Any, tuple[torch.Tensor, ...]], None]:
        def hook(_layer: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            if sum(values.size for values in found.values()) + inputs[0].numel() <= AT_MOST:
                found[name] = _floats(inputs[0])

        return hook

    hooks = [layers[after].register_forward_pre_hook(keep(name)) for name, after in itertools.pairwise(names)]
    try:
        with torch.no_grad():
            module(torch.from_numpy(np.ascontiguousarray(x, np.float32)).to(next(module.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _floats(values: torch.Tensor) -> Floats:
    numbers: Floats = values.detach().cpu().double().numpy()
    return numbers
