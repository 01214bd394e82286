"""What a network minimises: mean over a batch's rows of weight times loss, the weights being of mean 1 over all rows.

A batch's sum is divided by its number of rows and not by its sum of weights, which negative weights may bring to
nothing: so the batches of an epoch add up to the weighted loss of the whole part.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from mltui.models.card import Shape

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]


def loss_of(shape: Shape) -> Loss:
    """The loss of a batch from (outputs, target, weights or None), a scalar.

    Two classes: binary cross entropy of one logit, target (rows, 1). Many: cross entropy of a logit a class, target
    (rows,) of codes. Regression: squared error, target (rows, 1). Weights are (rows,).
    """
    if shape.task == "regression":
        return _squared_error
    return _binary_cross_entropy if shape.classes == 2 else _cross_entropy


def _binary_cross_entropy(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    column = None if weights is None else weights.unsqueeze(1)
    return functional.binary_cross_entropy_with_logits(outputs, target, column)


def _cross_entropy(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    if weights is None:
        return functional.cross_entropy(outputs, target)
    return (functional.cross_entropy(outputs, target, reduction="none") * weights).mean()


def _squared_error(outputs: torch.Tensor, target: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    if weights is None:
        return functional.mse_loss(outputs, target)
    return ((outputs - target).square() * weights.unsqueeze(1)).mean()
