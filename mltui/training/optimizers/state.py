"""What every optimiser is to the loop, and what it carries from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch


@dataclass(frozen=True)
class State:
    """What a checkpoint writes down: tensors by flat names, and facts that JSON can hold."""

    tensors: Mapping[str, torch.Tensor] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Optimiser(Protocol):
    """Moves the weights of one network.

    Attributes:
        whole: every step is to see the whole training part.
        learning_rate, weight_decay: may be set at any time, and count from the next step on.
    """

    whole: bool
    learning_rate: float
    weight_decay: float

    def step(self, loss: Callable[[], torch.Tensor]) -> None:
        """Move once.

        Args:
            loss: the batch's mean loss at the present weights, a scalar; called as often as the optimiser needs it.
        """
        ...

    def state(self) -> State:
        """A copy of all that it needs to go on as if nothing had happened, the network's weights apart."""
        ...

    def restore(self, state: State) -> None:
        """Go on from what `state` gave, perhaps in another process; on the same processor bit for bit."""
        ...
