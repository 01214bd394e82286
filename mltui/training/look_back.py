"""Look-back: the weights of the best epoch are remembered and given back."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from mltui.training.early_stopping import Rule

_PREFIX = "best/"


class LookBack:
    """Remembers the weights of the epoch that early stopping's rule finds the best; without patience, nothing.

    Args:
        modules: by name, the networks that are remembered together.
    """

    def __init__(self, modules: Mapping[str, torch.nn.Module], rule: Rule) -> None:
        self._modules, self._rule = modules, rule
        self._weights: dict[str, torch.Tensor] = {}

    def better(self, epoch: int, monitored: float) -> bool:
        """Whether this epoch is the best so far; if so its weights are remembered."""
        if not self._rule.better(epoch, monitored):
            return False
        self._weights = {
            f"{_PREFIX}{name}/{key}": value.detach().clone()
            for name, module in self._modules.items()
            for key, value in module.state_dict().items()
        }
        return True

    def restore(self) -> bool:
        """Give the networks the best epoch's weights again; whether there were any."""
        for name, module in self._modules.items() if self._weights else ():
            prefix = f"{_PREFIX}{name}/"
            module.load_state_dict(
                {key.removeprefix(prefix): value for key, value in self._weights.items() if key.startswith(prefix)}
            )
        return bool(self._weights)

    def tensors(self) -> Mapping[str, torch.Tensor]:
        """What is remembered, as `take` takes it."""
        return self._weights

    def take(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Remember what was remembered when these were given, among others, by `tensors`."""
        self._weights = {name: value for name, value in tensors.items() if name.startswith(_PREFIX)}
