"""Looks into a network of dense layers: weights, gradients and activations, layer by layer, within bounds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mltui.core.snapshot import Kept, Layers
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs

AT_MOST = 80_000
"""So many weights in single precision, twice as many activations of points in half, and so many values of maps in half
are kept of one moment: with 24 moments kept, 20 MB of a run's 64."""
INPUT = "input"
_FUNCTIONS: Mapping[str, str] = {
    "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "GELU": "gelu", "SiLU": "silu", "Softplus": "softplus",
    "Tanh": "tanh", "Sigmoid": "sigmoid", "MaxPool1d": "maxout",
}  # fmt: skip


def layers_of(
    module: torch.nn.Module, loss: Callable[[], torch.Tensor], points: Inputs | None, plane: Inputs | None = None
) -> Layers:
    """What the network holds; it, its gradients and every generator stay as they are.

    Args:
        loss: the training loss at the present weights, whose gradient is wanted.
        points: shape (points, inputs), what to show the layers; None for nothing.
        plane: shape (rows, columns, inputs), a grid over the plane, what to draw maps of; None for nothing.
    """
    layers = _linear(module)
    if not layers:
        return Layers(())
    linear = list(layers.values())
    widths = (*(layer.in_features for layer in linear), linear[-1].out_features)
    training = module.training
    module.eval()
    try:
        gradients = _gradients(layers, loss)
        activations = {} if points is None else _activations(module, layers, widths, points)
        maps = {} if plane is None else _maps(module, layers, widths, plane)
    finally:
        module.train(training)
    weights: dict[str, Floats] = {}
    biases: dict[str, Floats] = {}
    if sum(layer.weight.numel() for layer in linear) <= AT_MOST:
        weights = {name: _floats(layer.weight) for name, layer in layers.items()}
        biases = {
            name: _floats(p) for name, layer in layers.items() for own, p in layer.named_parameters() if own == "bias"
        }
    return Layers(tuple(layers), weights, biases, gradients, activations, widths, _functions(module), maps)


def _linear(module: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    """The layers with weights, by name, in the order that data pass through."""
    return {name: layer for name, layer in module.named_modules() if isinstance(layer, torch.nn.Linear)}


def _functions(module: torch.nn.Module) -> tuple[str, ...]:
    """The name of the activation after each layer."""
    found: list[str] = []
    for part in module.modules():
        if isinstance(part, torch.nn.Linear):
            found.append("linear")
        elif found and type(part).__name__ in _FUNCTIONS:
            found[-1] = _FUNCTIONS[type(part).__name__]
    return tuple(found)


def _gradients(layers: dict[str, torch.nn.Linear], loss: Callable[[], torch.Tensor]) -> Floats:
    parameters = [list(layer.parameters()) for layer in layers.values()]
    found = iter(torch.autograd.grad(loss(), [p for own in parameters for p in own]))
    squares = np.zeros(len(parameters))
    for place, own in enumerate(parameters):
        for _ in own:
            squares[place] += float(next(found).double().square().sum())
    return np.sqrt(squares)


def _activations(
    module: torch.nn.Module, layers: dict[str, torch.nn.Linear], widths: Sequence[int], points: Inputs
) -> dict[str, Kept]:
    """What hidden layers make of the points: of the last ones where there is no room for all."""
    names = list(layers)[:-1]
    room = 2 * AT_MOST
    wanted: dict[str, int] = {}
    for name, width in zip(reversed(names), reversed(widths[1:-1]), strict=True):
        if width * len(points) > room:
            break
        wanted[name] = width
        room -= width * len(points)
    found = _passed(module, layers, points, wanted) if wanted else {}
    return {name: found[name] for name in names if name in found}


def _maps(
    module: torch.nn.Module, layers: dict[str, torch.nn.Linear], widths: Sequence[int], plane: Inputs
) -> dict[str, Kept]:
    """What goes into the network and what comes out of each layer over a grid: of the first neurons of wide layers."""
    rows, columns, inputs = plane.shape
    most = _first(widths, AT_MOST // (rows * columns))
    wanted = {name: most for name in (INPUT, *layers) if most}
    found = _passed(module, layers, plane.reshape(rows * columns, inputs), wanted)
    return {name: values.T.reshape(-1, rows, columns) for name, values in found.items()}


def _first(widths: Sequence[int], room: int) -> int:
    """The most neurons of each layer, the same for all, so that they are no more than the room together."""
    low, high = 0, max(widths)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sum(min(width, middle) for width in widths) <= room else (low, middle - 1)
    return low


@dataclass
class _Keep:
    """Keeps the first columns of what a layer is given, or gives."""

    found: dict[str, Kept]
    name: str
    columns: int

    def given(self, _layer: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        """As a hook before a layer."""
        self.found[self.name] = _halves(inputs[0][:, : self.columns])

    def gave(self, _layer: Any, _inputs: Any, output: torch.Tensor) -> None:
        """As a hook after a layer."""
        self.found[self.name] = _halves(output[:, : self.columns])


def _passed(
    module: torch.nn.Module, layers: dict[str, torch.nn.Linear], x: Inputs, wanted: Mapping[str, int]
) -> dict[str, Kept]:
    """The first columns of what the layers named make of some rows, after the activation.

    What goes into a layer is what the one before it has made.
    """
    found: dict[str, Kept] = {}
    names = [INPUT, *layers]
    hooks = [
        layers[after].register_forward_pre_hook(_Keep(found, name, wanted[name]).given)
        for name, after in itertools.pairwise(names)
        if name in wanted
    ]
    if names[-1] in wanted:
        hooks.append(layers[names[-1]].register_forward_hook(_Keep(found, names[-1], wanted[names[-1]]).gave))
    try:
        with torch.no_grad():
            module(torch.from_numpy(np.ascontiguousarray(x, np.float32)).to(next(module.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _halves(values: torch.Tensor) -> Kept:
    """In half precision, as they are kept: torch rounds many times as fast as NumPy."""
    most = torch.finfo(torch.float16).max
    numbers: Kept = values.detach().clamp(-most, most).half().cpu().numpy()
    return numbers


def _floats(values: torch.Tensor) -> Floats:
    numbers: Floats = values.detach().cpu().double().numpy()
    return numbers
