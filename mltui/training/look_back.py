"""Early stopping with look-back: the weights of the best epoch are kept, and patience has an end."""

from __future__ import annotations

import math

import torch


class LookBack:
    """Remembers the weights of the epoch with the lowest validation loss.

    Attributes:
        best: that epoch, or None before the first.
    """

    def __init__(self, module: torch.nn.Module, patience: int) -> None:
        self.best: float | None = None
        self._module = module
        self._patience = patience
        self._loss = math.inf
        self._weights: dict[str, torch.Tensor] = {}

    def better(self, epoch: float, loss: float) -> bool:
        """Whether this epoch is the best so far; if so its weights are remembered."""
        if not loss < self._loss:
            return False
        self._loss, self.best = loss, epoch
        self._weights = {name: value.detach().clone() for name, value in self._module.state_dict().items()}
        return True

    def exhausted(self, epoch: float) -> bool:
        """Whether so many epochs as the patience allows have passed since the best."""
        return self.best is not None and epoch - self.best >= self._patience

    def restore(self) -> None:
        """Give the network the best epoch's weights again."""
        if self._weights:
            self._module.load_state_dict(self._weights)
