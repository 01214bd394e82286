"""Look-back: a network's weights of the best epoch are remembered and given back."""

from __future__ import annotations

import torch

from mltui.training.early_stopping import Rule


class LookBack:
    """Remembers the weights of the epoch that early stopping's rule finds the best; without patience, nothing."""

    def __init__(self, module: torch.nn.Module, rule: Rule) -> None:
        self.rule = rule
        self._module = module
        self._weights: dict[str, torch.Tensor] = {}

    def better(self, epoch: int, loss: float) -> bool:
        """Whether this epoch is the best so far; if so its weights are remembered."""
        if not self.rule.better(epoch, loss):
            return False
        self._weights = {name: value.detach().clone() for name, value in self._module.state_dict().items()}
        return True

    def restore(self) -> None:
        """Give the network the best epoch's weights again."""
        if self._weights:
            self._module.load_state_dict(self._weights)
