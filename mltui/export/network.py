"""The network of a script: its layers, its first weights, and what is drawn from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mltui.export.facts import Facts
from mltui.export.script import Script
from mltui.models.layers import PIECES

_ACTIVATIONS = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "softplus": "Softplus",
    "tanh": "Tanh", "sigmoid": "Sigmoid",
}  # fmt: skip
_NORMALIZATIONS = {"batch": "BatchNorm1d", "layer": "LayerNorm"}
_DRAWN = {
    "glorot": "as wide as Glorot and Bengio (2010) found right",
    "he": "as wide as He et al. (2015) found right for relu",
    "normal": "drawn from a normal distribution of spread 1",
    "zero": "all 0",
}


@dataclass(frozen=True)
class Architecture:
    """A network as the script builds it.

    Attributes:
        inputs, outputs: columns that go in, at the most, and come out.
        varied: whether the models of several folds have different inputs.
        hidden: neurons of each hidden layer. activations: of each.
        bias: whether neurons have one.
    """

    inputs: int
    outputs: int
    hidden: tuple[int, ...]
    activations: tuple[str, ...]
    initialization: str
    normalization: str = "none"
    bias: bool = True
    dropout: float = 0.0
    input_dropout: float = 0.0
    varied: bool = False

    @classmethod
    def of(cls, facts: Facts, inputs: Sequence[int]) -> Architecture:
        """The one that the experiment's model is.

        Args:
            inputs: of each of the models.
        """
        return replace(cls._of(facts, max(inputs)), varied=len(set(inputs)) > 1)

    @classmethod
    def _of(cls, facts: Facts, inputs: int) -> Architecture:
        settings = facts.asked.model.hyperparameters
        outputs = facts.shape(inputs).outputs
        initialization = str(settings["initialization"])
        if "hidden_layers" not in settings:
            return cls(inputs, outputs, (), (), initialization, bias=bool(settings["fit_intercept"]))
        hidden = _tuple(settings["hidden_layers"])
        activations = _tuple(settings["activation"])
        return cls(
            inputs,
            outputs,
            tuple(int(neurons) for neurons in hidden),
            tuple(map(str, activations * len(hidden) if len(activations) == 1 else activations)),
            initialization,
            str(settings["normalization"]),
            dropout=float(str(settings["dropout"])),
            input_dropout=float(str(settings["input_dropout"])),
        )

    @property
    def parameters(self) -> int:
        """How many weights and biases it has."""
        total, width = 0, self.inputs
        for neurons, activation in zip(self.hidden, self.activations, strict=True):
            made = neurons * (PIECES if activation == "maxout" else 1)
            total += (width + 1) * made + (2 * made if self.normalization != "none" else 0)
            width = neurons
        return total + (width + self.bias) * self.outputs

    @property
    def two_modes(self) -> bool:
        """Whether it does in training what it does not do otherwise."""
        return self.silences or self.normalization == "batch"

    @property
    def silences(self) -> bool:
        """Whether it draws random numbers in training."""
        return (self.dropout > 0 and bool(self.hidden)) or self.input_dropout > 0

    @property
    def layered(self) -> bool:
        """Whether it is more than one layer."""
        return bool(self.hidden) or self.input_dropout > 0


def write_network(script: Script, facts: Facts, network: Architecture, *, draws: bool) -> None:
    """Write what makes ``network``.

    Args:
        draws: whether random numbers are drawn while it trains.
    """
    script.need("torch")
    script.need("torch", "nn")
    made = _helper(script, network)
    script.add(f"torch.manual_seed({facts.seed})")
    layers = list(_layers(network, made))
    if len(layers) == 1:
        script.add(f"network = {layers[0]}")
    else:
        script.enclosed("network = nn.Sequential(", layers, ")", own_lines=True, at_most=2)
    if draws:
        script.add(f"torch.manual_seed({facts.seed})  # what is drawn in training does not hang on the layers")


def _helper(script: Script, network: Architecture) -> str:
    """Write how a layer gets its first weights, where torch's own way is not asked for; what makes a layer."""
    how = network.initialization
    if how == "uniform":
        return "nn.Linear"
    pieces = "maxout" in network.activations
    takes = ", pieces=1" if pieces else ""
    neurons = "neurons * pieces" if pieces else "neurons"
    bias = "" if network.bias else ", bias=False"
    script.add("")
    with script.indented(f"def layer(inputs, neurons{takes}):"):
        script.add(
            f'"""A layer whose first weights are {_DRAWN[how]}{"; its biases begin at 0" if network.bias else ""}."""'
        )
        script.add(f"linear = nn.Linear(inputs, {neurons}{bias})")
        if network.bias:
            script.add("nn.init.zeros_(linear.bias)")
        if how == "zero":
            script.add("nn.init.zeros_(linear.weight)")
        elif how == "glorot":
            script.need("math")
            script.add("bound = math.sqrt(6 / (inputs + neurons))", "nn.init.uniform_(linear.weight, -bound, bound)")
        elif how == "he":
            script.need("math")
            script.add("nn.init.normal_(linear.weight, 0.0, math.sqrt(2 / inputs))")
        else:
            script.add("nn.init.normal_(linear.weight)")
        script.add("return linear")
    script.add("")
    return "layer"


def _layers(network: Architecture, made: str) -> Sequence[str]:
    bias = "" if network.bias or made == "layer" else ", bias=False"
    found: list[str] = []
    width: int | str = "x_train.shape[1]" if network.varied else network.inputs
    if network.input_dropout:
        found.append(f"nn.Dropout({network.input_dropout})")
    for neurons, activation in zip(network.hidden, network.activations, strict=True):
        pieces = PIECES if activation == "maxout" else 1
        if pieces > 1 and made == "layer":
            found.append(f"layer({width}, {neurons}, pieces={pieces})")
        else:
            found.append(f"{made}({width}, {neurons * pieces})")
        if network.normalization != "none":
            found.append(f"nn.{_NORMALIZATIONS[network.normalization]}({neurons * pieces})")
        if pieces > 1:
            found.append(f"nn.MaxPool1d({pieces})")
        elif activation != "linear":
            found.append(f"nn.{_ACTIVATIONS[activation]}()")
        if network.dropout:
            found.append(f"nn.Dropout({network.dropout})")
        width = neurons
    found.append(f"{made}({width}, {network.outputs}{bias})")
    return found


def _tuple(value: object) -> tuple[int | str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)  # type: ignore[return-value]
