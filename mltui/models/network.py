"""The multi-layer perceptron on torch, and the optimisers that networks are trained with."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import ModelCard, Shape
from mltui.models.shared import EARLY_STOPPING, THREADS

if TYPE_CHECKING:
    import torch

ACTIVATIONS = ("relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid", "linear")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "nadam")
DEVICES = ("auto", "cpu", "cuda", *(f"cuda:{number}" for number in range(8)), "mps")


def optimizer(
    name: str, parameters: Iterable[torch.nn.Parameter], learning_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """The torch optimiser of a name in OPTIMIZERS; momentum is 0.9 where there is any.

    Raises:
        InputError: for a name that is not one of them.
    """
    from torch import optim

    parameters = list(parameters)
    # the fused step does all parameters in one call: twice as fast for small networks
    fused = bool(parameters) and all(p.device.type in ("cpu", "cuda") for p in parameters)
    common = {"lr": learning_rate, "weight_decay": weight_decay}
    makers: dict[str, tuple[type[Any], dict[str, Any]]] = {
        "sgd": (optim.SGD, {"fused": fused}),
        "momentum": (optim.SGD, {"momentum": 0.9, "fused": fused}),
        "nesterov": (optim.SGD, {"momentum": 0.9, "nesterov": True, "fused": fused}),
        "rmsprop": (optim.RMSprop, {}),
        "adam": (optim.Adam, {"fused": fused}),
        "adamw": (optim.AdamW, {"fused": fused}),
        "nadam": (optim.NAdam, {}),
    }
    if name not in makers:
        raise InputError(
            f"training.optimizer cannot be {name!r}; it is one of {', '.join(OPTIMIZERS)}", key="training.optimizer"
        )
    kind, settings = makers[name]
    made: torch.optim.Optimizer = kind(parameters, **common, **settings)
    return made


def _mlp(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    """Linear layers with an activation and dropout after each but the last; one output, or a logit a class."""
    import torch

    outputs = shape.classes if shape.classes > 2 else 1
    hidden: Any = hyperparameters["hidden_layers"]
    widths = [shape.inputs, *hidden, outputs]
    layers: list[torch.nn.Module] = []
    # a seed of its own, so that building one network never shifts the luck of another
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for width_in, width_out in itertools.pairwise(widths[:-1]):
            layers.append(torch.nn.Linear(width_in, width_out))
            layers.extend(_activation(str(hyperparameters["activation"])))
            if hyperparameters["dropout"]:
                layers.append(torch.nn.Dropout(float(hyperparameters["dropout"])))  # type: ignore[arg-type]
        layers.append(torch.nn.Linear(widths[-2], widths[-1]))
    return torch.nn.Sequential(*layers)


def _activation(name: str) -> list[torch.nn.Module]:
    from torch import nn

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
    return [makers[name]()] if name in makers else []


TRAINING = (
    Hyperparameter(
        name="epochs",
        kind="integer",
        default=100,
        help="Passes over the training part; stop when the validation curve turns.",
        low=1,
        high=1_000_000,
        log=True,
    ),
    Hyperparameter(
        name="batch_size",
        kind="integer",
        default=32,
        help="Rows a step looks at: few are noisy and learn quickly, many calm and fast a row.",
        low=1,
        high=1_000_000,
        log=True,
    ),
    Hyperparameter(
        name="optimizer",
        kind="choice",
        default="adam",
        choices=OPTIMIZERS,
        help="How a step follows the slope: plain (sgd), rolling (momentum), or self-scaled (adam).",
    ),
    Hyperparameter(
        name="learning_rate",
        kind="number",
        default=0.01,
        help="Length of a step downhill: too small crawls, too large jumps out of the valley.",
        above=0,
        high=1000,
        log=True,
    ),
    EARLY_STOPPING,
    Hyperparameter(
        name="weight_decay",
        kind="number",
        default=0.0,
        help="Pulls weights towards zero at every step; a smoother answer, less learnt by heart.",
        low=0,
        high=10,
        log=True,
        expert=True,
    ),
    Hyperparameter(
        name="device",
        kind="choice",
        default="auto",
        choices=DEVICES,
        help="Where to compute; auto takes a graphics card where a step is enough work for one.",
        expert=True,
    ),
    THREADS,
)

MLP = ModelCard(
    name="mlp",
    title="Neural network (MLP)",
    family="network",
    engine="network",
    tasks=("classification", "regression"),
    about="Layers of weighted sums, each bent by an activation; trained step by step down the slope of the loss. Bends"
    " to any boundary, given width, depth and time. Turn learning_rate first; without hidden layers it is"
    " logistic or linear regression.",
    hyperparameters=(
        Hyperparameter(
            name="hidden_layers",
            kind="integers",
            default=(32, 32),
            help="Neurons in each layer; empty: one straight boundary. Wider bends more, deeper folds.",
            low=1,
            high=100_000,
        ),
        Hyperparameter(
            name="activation",
            kind="choice",
            default="relu",
            choices=ACTIVATIONS,
            help="The bend after each layer; with linear any stack of layers stays straight.",
        ),
        Hyperparameter(
            name="dropout",
            kind="number",
            default=0.0,
            help="Share of neurons silenced at each step, so that none is relied on alone.",
            low=0,
            below=1,
        ),
    ),
    training=TRAINING,
    axis="epoch",
    controls=frozenset({"pause", "step", "stop"}),
    build=_mlp,
    steps="training.epochs",
)
