"""By selection: a population of networks, of which the better ones have children that differ a little."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from mltui.core.errors import InputError
from mltui.training.optimizers.flat import Flat
from mltui.training.optimizers.luck import with_the_same_luck
from mltui.training.optimizers.state import State

MOST = 50_000_000
"""Numbers in a population: 200 MB, and a few times that while children are made."""
RIVALS = 3
"""So many are drawn for each parent, of which the best becomes it."""


class Genetic:
    """Each step is a generation: all are judged, the network becomes the best of them, and the others make way.

    A child takes each weight from one of two parents at random, each the best of a few drawn ones (tournament
    selection, uniform crossover), and each weight then moves by a Gaussian of standard deviation `learning_rate`
    (Montana and Davis, IJCAI 1989; Eiben and Smith, Introduction to Evolutionary Computing, 2015, 4 and 5). The best
    one lives on unchanged, so that it never gets worse. Before the first step the others are drawn as wide as the
    network's first weights, layer by layer.

    Raises:
        InputError: where the population would be too large.
    """

    whole = True

    def __init__(
        self,
        parameters: Sequence[torch.nn.Parameter],
        learning_rate: float,
        weight_decay: float,
        *,
        population: int,
        seed: int,
    ) -> None:
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self._flat = Flat(parameters)
        if population * self._flat.size > MOST:
            raise InputError(
                f"training.population = {population:,} networks of {self._flat.size:,} weights are too many for "
                f"optimizer = genetic; together {MOST:,} weights are the most",
                key="training.population",
            )
        self._generator = torch.Generator().manual_seed(seed)
        first = self._flat.read()
        wide = torch.cat([part.square().mean().sqrt().expand(len(part)) for part in self._flat.parts(first)])
        self._population = self._normal(population, like=first) * wide

    @torch.no_grad()
    def step(self, loss: Callable[[], torch.Tensor]) -> None:
        """As `Optimiser.step`."""
        population = self._population
        loss = with_the_same_luck(loss, population.device)
        population[0] = self._flat.read()  # it may have been changed since
        worth = torch.stack([self._worth(loss, weights) for weights in population])
        order = torch.nan_to_num(worth, nan=torch.inf).argsort(stable=True)
        population = population[order]
        self._flat.write(population[0])
        population[1:] = self._children(population)
        self._population = population

    def _worth(self, loss: Callable[[], torch.Tensor], weights: torch.Tensor) -> torch.Tensor:
        self._flat.write(weights)
        return loss() + 0.5 * self.weight_decay * weights.square().sum()

    def _children(self, ranked: torch.Tensor) -> torch.Tensor:
        """One fewer than there are, of parents that are sorted, the best first."""
        count, size = ranked.shape
        rivals = torch.randint(count, (2, count - 1, RIVALS), generator=self._generator)
        mothers, fathers = ranked[rivals.amin(2).to(ranked.device)]
        which = torch.rand(count - 1, size, generator=self._generator).to(ranked.device) < 0.5
        children = torch.where(which, mothers, fathers)
        return children + self.learning_rate * self._normal(count - 1, like=ranked[0])

    def _normal(self, count: int, like: torch.Tensor) -> torch.Tensor:
        drawn = torch.randn(count, len(like), generator=self._generator)
        return drawn.to(like.device, like.dtype)

    def state(self) -> State:
        """As `Optimiser.state`."""
        tensors = {"population": self._population.clone(), "generator": self._generator.get_state()}
        return State(tensors, {"learning_rate": self.learning_rate, "weight_decay": self.weight_decay})

    def restore(self, state: State) -> None:
        """As `Optimiser.restore`."""
        self.learning_rate, self.weight_decay = state.facts["learning_rate"], state.facts["weight_decay"]
        self._population.copy_(state.tensors["population"])
        self._generator.set_state(state.tensors["generator"].cpu())
