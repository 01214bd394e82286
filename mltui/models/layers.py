"""What networks of dense layers are made of: layers in their order, activations, first weights, dropout."""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

ACTIVATIONS = (
    "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid", "maxout", "linear",
)  # fmt: skip
INITIALIZATIONS = ("uniform", "glorot", "he", "normal", "zero")
NORMALIZATIONS = ("none", "batch", "layer")
PIECES = 2
"""How many weighted sums a maxout neuron takes the largest of."""
OUTPUT = "output"


@dataclass(frozen=True, kw_only=True)
class Dense:
    """A network of dense layers.

    Attributes:
        inputs, outputs: columns that go in and come out.
        hidden: neurons of each hidden layer.
        activations: of each hidden layer.
        bias: whether neurons have one.
    """

    inputs: int
    outputs: int
    hidden: Sequence[int] = ()
    activations: Sequence[str] = ()
    initialization: str = "uniform"
    normalization: str = "none"
    bias: bool = True

    def build(self, seed: int) -> nn.Sequential:
        """The network with its first weights; the same seed gives the same ones, and no other luck is shifted.

        Its layers are named ``hidden_1``, ``normalization_1``, ``activation_1``, ``dropout_1`` and so on, at the end
        ``output``, at the beginning ``input_dropout``; those that it has not are not there. The ``hidden`` ones and
        the output are Linear. Dropout is not among them before `set_dropout`.
        """
        import torch
        from torch import nn

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return nn.Sequential(OrderedDict(self._layers()))

    def _layers(self) -> Iterator[tuple[str, nn.Module]]:
        width = self.inputs
        for number, (neurons, activation) in enumerate(zip(self.hidden, self.activations, strict=True), 1):
            pieces = PIECES if activation == "maxout" else 1
            yield f"hidden_{number}", self._linear(width, neurons, pieces)
            yield from _of(f"normalization_{number}", _normalization(self.normalization, neurons * pieces))
            yield from _of(f"activation_{number}", _activation(activation))
            width = neurons
        yield OUTPUT, self._linear(width, self.outputs, 1)

    def _linear(self, width: int, neurons: int, pieces: int) -> nn.Linear:
        from torch import nn

        linear = nn.Linear(width, neurons * pieces, bias=self.bias)
        initialize(linear, self.initialization, pieces)
        return linear


def initialize(linear: nn.Linear, how: str, pieces: int = 1) -> None:
    """Give a layer its first weights, drawn from torch's generator, and biases.

    uniform: both in ±1/√fan_in, as torch has made them already. The others set biases to 0 and weights: zero to 0;
    normal from N(0, 1); glorot in ±√(6 / (fan_in + fan_out)) (Glorot and Bengio, AISTATS 2010, equation 16); he from
    N(0, 2/fan_in) (He et al., ICCV 2015, equation 10). Each of the pieces of a maxout neuron counts as a neuron of
    its own layer: only the largest passes a gradient back.
    """
    from torch import nn

    if how == "uniform":
        return
    fan_in, fan_out = linear.in_features, linear.out_features // pieces
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
    if how == "zero":
        nn.init.zeros_(linear.weight)
    elif how == "glorot":
        bound = math.sqrt(6 / (fan_in + fan_out))
        nn.init.uniform_(linear.weight, -bound, bound)
    else:
        nn.init.normal_(linear.weight, 0.0, 1.0 if how == "normal" else math.sqrt(2 / fan_in))


def set_dropout(network: nn.Sequential, hidden: float, inputs: float) -> None:
    """Silence these shares of the outputs of hidden layers and of the inputs while it trains.

    A share of 0 leaves no layer behind, so that it costs nothing. Parameters and their names stay.
    """
    layers = [(name, layer) for name, layer in network.named_children() if "dropout" not in name]
    arranged: list[tuple[str, nn.Module]] = list(_dropout("input_dropout", inputs))
    for number, together in itertools.groupby(layers, key=lambda named: named[0].rpartition("_")[2]):
        arranged += together
        arranged += _dropout(f"dropout_{number}", hidden if number != OUTPUT else 0)
    for name, _ in list(network.named_children()):
        delattr(network, name)
    for name, layer in arranged:
        network.add_module(name, layer.train(network.training))


def _dropout(name: str, share: float) -> Iterator[tuple[str, nn.Module]]:
    from torch import nn

    yield from _of(name, nn.Dropout(share) if share else None)


def _of(name: str, layer: nn.Module | None) -> Iterator[tuple[str, nn.Module]]:
    if layer is not None:
        yield name, layer


def _normalization(name: str, width: int) -> nn.Module | None:
    from torch import nn

    if name == "batch":
        return nn.BatchNorm1d(width)
    return nn.LayerNorm(width) if name == "layer" else None


def _activation(name: str) -> nn.Module | None:
    """None for linear; for maxout the larger of each two neighbours (Goodfellow et al., ICML 2013)."""
    from torch import nn

    if name == "maxout":
        return nn.MaxPool1d(PIECES)
    makers: dict[str, type[nn.Module]] = {
        "relu": nn.ReLU,
        "leaky_relu": nn.LeakyReLU,
        "elu": nn.ELU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "softplus": nn.Softplus,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
    }
    return makers[name]() if name != "linear" else None
