"""The smallest networks: one layer of weighted sums, which linear models are when they are trained by gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import Shape
from mltui.models.layers import INITIALIZATIONS, Dense

FIT_INTERCEPT = Hyperparameter(
    name="fit_intercept",
    kind="boolean",
    default=True,
    help="Learn a constant as well; without it the line must pass through the origin.",
    expert=True,
)
INITIALIZATION = Hyperparameter(
    name="initialization",
    kind="choice",
    default="uniform",
    choices=INITIALIZATIONS,
    help="The first weights; with one valley they change the way, not the end.",
    expert=True,
)


def single_layer(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    """A network with no hidden layer, with a constant where fit_intercept asks for one."""
    return Dense(
        inputs=shape.inputs,
        outputs=shape.outputs,
        initialization=str(hyperparameters["initialization"]),
        bias=bool(hyperparameters["fit_intercept"]),
    ).build(seed)
