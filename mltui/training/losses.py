"""What a network minimises: mean over a batch's rows of weight times loss, the weights being of mean 1 over all rows.

A batch's sum is divided by its number of rows and not by its sum of weights, which negative weights may bring to
nothing: so the batches of an epoch add up to the weighted loss of the whole part.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch.nn import functional

from mltui.core.errors import InputError
from mltui.models.card import Shape

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]


class Distance(Protocol):
    """How far outputs are from their target, element by element, or the mean of it."""

    def __call__(self, input: torch.Tensor, target: torch.Tensor, *, reduction: str) -> torch.Tensor:
        """Of tensors of one shape."""
        ...


REGRESSION = ("squared", "absolute", "huber")
CLASSIFICATION = (*REGRESSION, "cross_entropy", "hinge", "perceptron")
DELTA = 1.0
"""Where huber turns from squared to absolute: in units of the scaled target, one spread of it."""


def named_loss(shape: Shape, name: str = "auto") -> str:
    """The name of the loss that is meant for such outputs; auto is squared for values, cross_entropy for classes.

    Raises:
        InputError: for one that the task does not take.
    """
    if name == "auto":
        return "squared" if shape.task == "regression" else "cross_entropy"
    suiting = REGRESSION if shape.task == "regression" else CLASSIFICATION
    if name not in suiting:
        raise InputError(
            f"training.loss = {name} does not suit {shape.task}; there it is one of {', '.join(suiting)}",
            key="training.loss",
        )
    return name


def loss_of(shape: Shape, name: str = "auto") -> Loss:
    """The loss of a batch from (outputs, target, weights or None), a scalar.

    Two classes: of one logit, target (rows, 1) of 0 and 1. Many: of a logit a class, target (rows,) of codes.
    Regression: outputs and target (rows, targets); the mean over all elements as torch's losses take it, each target
    scaled to spread 1, so that all count alike whatever their units. Weights are (rows,), one for all targets of a row.

    With y = ±1 and the logit f: hinge is max(0, 1 - y f) (Cortes and Vapnik, 1995), perceptron max(0, -y f)
    (Rosenblatt, 1958; as a loss in Bishop, PRML, 2006, equation 4.54); of many classes the largest other logit counts
    against the true one's, as in Crammer and Singer, JMLR 2 (2001) 265. At the edge both still push, so that weights
    of zero can learn. For classes squared, absolute and huber are of the probabilities: of the positive one's for two,
    summed over all for many (Brier, 1950).

    Raises:
        InputError: for a loss that the task does not take.
    """
    name = named_loss(shape, name)
    if shape.task == "regression":
        return partial(_of_values, distance=_DISTANCES[name])
    if name in _DISTANCES:
        return partial(_of_probability if shape.classes == 2 else _of_probabilities, distance=_DISTANCES[name])
    if name == "cross_entropy":
        return _binary_cross_entropy if shape.classes == 2 else _cross_entropy
    edge = 1.0 if name == "hinge" else 0.0
    return partial(_of_margin if shape.classes == 2 else _of_margins, edge=edge)


def unit(shape: Shape, name: str, spread: float | tuple[float, ...]) -> float:
    """What a loss of the scaled target is multiplied with to be in the target's own unit, or its square.

    Of several targets, whose units may differ, it is 1: their mean loss stays one of the scaled targets.

    Args:
        spread: of the target, which is 1 once it is scaled.
    """
    if shape.task != "regression" or isinstance(spread, tuple):
        return 1.0
    return spread if named_loss(shape, name) == "absolute" else spread**2


# -- of values, and of probabilities ---------------------------------------------------------------------------------
def _of_values(
    outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, distance: Distance
) -> torch.Tensor:
    if weights is None:
        return distance(outputs, target, reduction="mean")
    return _mean(distance(outputs, target, reduction="none"), weights)


def _of_probability(
    outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, distance: Distance
) -> torch.Tensor:
    return _of_values(torch.sigmoid(outputs), target, weights, distance)


def _of_probabilities(
    outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, distance: Distance
) -> torch.Tensor:
    true = functional.one_hot(target, outputs.shape[1]).to(outputs.dtype)
    return _mean(distance(torch.softmax(outputs, 1), true, reduction="none").sum(1), weights)


# huber: half the square up to DELTA, a line beyond (Huber, Annals of Mathematical Statistics 35 (1964) 73)
_DISTANCES: dict[str, Distance] = {
    "squared": functional.mse_loss,
    "absolute": functional.l1_loss,
    "huber": partial(functional.huber_loss, delta=DELTA),
}


# -- of logits -------------------------------------------------------------------------------------------------------
def _binary_cross_entropy(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    column = None if weights is None else weights.unsqueeze(1)
    return functional.binary_cross_entropy_with_logits(outputs, target, column)


def _cross_entropy(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    if weights is None:
        return functional.cross_entropy(outputs, target)
    return (functional.cross_entropy(outputs, target, reduction="none") * weights).mean()


def _of_margin(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, edge: float) -> torch.Tensor:
    # clamp, unlike relu, has a slope where it begins
    return _mean((edge - (2 * target - 1) * outputs).clamp(min=0), weights)


def _of_margins(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None, edge: float) -> torch.Tensor:
    codes = target.unsqueeze(1)
    own = outputs.gather(1, codes).squeeze(1)
    other = outputs.scatter(1, codes, -torch.inf).amax(1)
    return _mean((edge + other - own).clamp(min=0), weights)


def _mean(losses: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    """Of losses (rows,) or (rows, targets)."""
    if weights is None:
        return losses.mean()
    return (losses * (weights if losses.dim() == 1 else weights.unsqueeze(1))).mean()
