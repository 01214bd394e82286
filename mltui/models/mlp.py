"""The multi-layer perceptron: dense layers, each bent by an activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import ModelCard, Shape
from mltui.models.layers import ACTIVATIONS, INITIALIZATIONS, NORMALIZATIONS, Dense, set_dropout
from mltui.models.network_training import BY_BATCH, CHANGEABLE, CONTROLS, TRAINING

if TYPE_CHECKING:
    from torch import nn


def _mlp(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    """As `Dense.build` makes it, with dropout after each hidden layer and before the first layer.

    Raises:
        InputError: where the activations are neither one for all layers nor one for each.
    """
    settings = _whole(hyperparameters)
    hidden = _widths(settings)
    network = Dense(
        inputs=shape.inputs,
        outputs=shape.outputs,
        hidden=hidden,
        activations=_activations(settings, len(hidden)),
        initialization=str(settings["initialization"]),
        normalization=str(settings["normalization"]),
    ).build(seed)
    _change(network, settings)
    return network


def _whole(hyperparameters: Mapping[str, Value]) -> dict[str, Value]:
    """All settings; those of a network that was saved before there were as many have their defaults."""
    return {h.name: hyperparameters.get(h.name, h.default) for h in MLP.hyperparameters}


def _widths(hyperparameters: Mapping[str, Value]) -> tuple[int, ...]:
    hidden: Any = hyperparameters["hidden_layers"]
    return tuple(hidden)


def _activations(hyperparameters: Mapping[str, Value], layers: int) -> tuple[str, ...]:
    given: Any = hyperparameters["activation"]
    names = (given,) if isinstance(given, str) else tuple(given)
    if len(names) == 1:
        return names * layers
    if len(names) != layers:
        counted = f"{layers} hidden layer" if layers == 1 else f"{layers} hidden layers"
        raise InputError(
            f"model.activation must be one for all layers or one for each, and there are {len(names)} for {counted}",
            key="model.activation",
        )
    return names


def _check(hyperparameters: Mapping[str, Value], training: Mapping[str, Value]) -> None:
    _activations(hyperparameters, len(_widths(hyperparameters)))
    batches_of_one = training["batch_size"] == 1 and training["optimizer"] in BY_BATCH
    if hyperparameters["normalization"] == "batch" and batches_of_one:
        raise InputError(
            "training.batch_size must be 2 or more with model.normalization = batch: one row has no spread",
            key="training.batch_size",
        )
    if hyperparameters["normalization"] == "batch" and training["optimizer"] == "genetic":
        raise InputError(
            "model.normalization = batch keeps the mean and spread that one network has met, and training.optimizer = "
            "genetic tries many; choose layer or none",
            key="model.normalization",
        )


def _change(network: nn.Sequential, hyperparameters: Mapping[str, Value]) -> None:
    hidden, inputs = (float(str(hyperparameters[name])) for name in ("dropout", "input_dropout"))
    set_dropout(network, hidden, inputs)


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
            help="Neurons in each layer: wider bends more, deeper folds. Empty: a straight line.",
            low=1,
            high=100_000,
        ),
        Hyperparameter(
            name="activation",
            kind="choices",
            default=("relu",),
            choices=ACTIVATIONS,
            help="The bend after each layer, one for all or a list; linear ones stay straight.",
        ),
        Hyperparameter(
            name="dropout",
            kind="number",
            default=0.0,
            help="Share of neurons silenced at each step, so that none is relied on alone.",
            low=0,
            below=1,
        ),
        Hyperparameter(
            name="input_dropout",
            kind="number",
            default=0.0,
            help="Share of inputs silenced at each step, so that no feature is relied on alone.",
            low=0,
            below=1,
            expert=True,
        ),
        Hyperparameter(
            name="initialization",
            kind="choice",
            default="uniform",
            choices=INITIALIZATIONS,
            help="The first weights: he suits relu, glorot tanh; zero keeps all neurons alike.",
            expert=True,
        ),
        Hyperparameter(
            name="normalization",
            kind="choice",
            default="none",
            choices=NORMALIZATIONS,
            help="Centres and scales what activations see, over the batch or over the layer.",
            expert=True,
        ),
        Hyperparameter(
            name="max_norm",
            kind="number",
            default=None,
            help="Longest that a neuron's weights may be together, such as 3. Empty: any.",
            above=0,
            log=True,
            optional=True,
            expert=True,
        ),
    ),
    training=TRAINING,
    axis="epoch",
    controls=CONTROLS,
    build=_mlp,
    steps="training.epochs",
    check=_check,
    changeable=CHANGEABLE | {"model.dropout", "model.input_dropout"},
    change=_change,
)
