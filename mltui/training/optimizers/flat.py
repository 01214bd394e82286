"""The weights of a network as one vector."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class Flat:
    """Reads the parameters as one vector, and writes them from one.

    Attributes:
        parameters: in their order in the vector.
        size: the length of the vector.
    """

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self.parameters = list(parameters)
        self._sizes = [parameter.numel() for parameter in self.parameters]
        self.size = sum(self._sizes)

    @torch.no_grad()
    def read(self) -> torch.Tensor:
        """A copy of all weights, shape (size,)."""
        return torch.cat([parameter.reshape(-1) for parameter in self.parameters])

    @torch.no_grad()
    def write(self, vector: torch.Tensor) -> None:
        """Give the parameters these weights."""
        for parameter, part in zip(self.parameters, torch.split(vector, self._sizes), strict=True):
            parameter.copy_(part.view_as(parameter))

    def parts(self, vector: torch.Tensor) -> Sequence[torch.Tensor]:
        """The parts of a vector that belong to the parameters, as views."""
        return torch.split(vector, self._sizes)
