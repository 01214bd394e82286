"""A player: one network with what it wants and how it moves. Most runs have one; adversaries are two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from mltui.training.network_data import Batch
from mltui.training.optimizers import Optimiser, State
from mltui.training.rates import Rate

Objective = Callable[[Batch], torch.Tensor]
"""The loss of a batch at the present weights of all players, a scalar."""


@dataclass
class Player:
    """One network of a training.

    Attributes:
        name: what a checkpoint calls it; empty for one alone.
        module: whose parameters move.
        objective: what it makes small; it may look at the other players' networks too.
        optimiser: moves the parameters.
        rate: the learning rate as training goes on.
        holds: called after each step with the learning rate of that step; they keep the parameters within bounds.
    """

    name: str
    module: torch.nn.Module
    objective: Objective
    optimiser: Optimiser
    rate: Rate
    holds: tuple[Callable[[float], None], ...] = ()

    def begin(self, epoch: float) -> None:
        """A batch begins, so many epochs after the first."""
        self.optimiser.learning_rate = self.rate.at(epoch)

    def step(self, batch: Batch) -> None:
        """Move once, by what this batch says."""
        objective = self.objective
        self.optimiser.step(lambda: objective(batch))
        for hold in self.holds:
            hold(self.optimiser.learning_rate)

    def judged(self, monitored: float) -> None:
        """An epoch is over, and this is what it came to; lower is better."""
        self.rate.judged(monitored)

    def state(self) -> State:
        """All that changes while it trains."""
        moving = self.optimiser.state()
        tensors = {f"optimiser/{name}": values for name, values in moving.tensors.items()}
        tensors |= {f"module/{name}": values for name, values in self.module.state_dict().items()}
        return State(tensors, {"optimiser": dict(moving.facts), "rate": self.rate.facts()})

    def restore(self, tensors: Mapping[str, torch.Tensor], facts: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        of = {name: name.partition("/") for name in tensors}
        parts: dict[str, dict[str, torch.Tensor]] = {"module": {}, "optimiser": {}}
        for name, (section, _, rest) in of.items():
            parts[section][rest] = tensors[name]
        self.module.load_state_dict(parts["module"])
        self.optimiser.restore(State(parts["optimiser"], facts["optimiser"]))
        self.rate.restore(facts["rate"])
