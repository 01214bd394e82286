"""A loss that draws random numbers, as with dropout, asked several times with the same ones."""

from __future__ import annotations

from collections.abc import Callable

import torch


def with_the_same_luck(loss: Callable[[], torch.Tensor], device: torch.device) -> Callable[[], torch.Tensor]:
    """The loss as it is with the random numbers that come next, each time it is called.

    So weights are compared by themselves and not by their luck. Afterwards torch's generators stand where one call
    leaves them.
    """
    states = torch.get_rng_state(), torch.cuda.get_rng_state(device) if device.type == "cuda" else None

    def again() -> torch.Tensor:
        torch.set_rng_state(states[0])
        if states[1] is not None:
            torch.cuda.set_rng_state(states[1], device)
        return loss()

    return again
