"""What keeps weights small, and inputs blurred: applied between steps, apart from the loss."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch.nn import functional


@torch.no_grad()
def soft_threshold(weights: Iterable[torch.Tensor], amount: float) -> None:
    """Move every weight so far towards zero, in place; those nearer to it become exactly 0.

    With the learning rate times the penalty's strength as the amount, after a step down the loss alone, this is the
    proximal gradient method for an L1 penalty (Parikh and Boyd, Proximal Algorithms, 2014, 4.2 and 6.5.2).
    """
    for values in weights:
        values.copy_(functional.softshrink(values, amount))


@torch.no_grad()
def hold_norms(weights: Iterable[torch.Tensor], limit: float) -> None:
    """Shorten each neuron's incoming weights to a Euclidean norm of at most `limit`, in place.

    Srivastava et al., JMLR 15 (2014) 1929, section 5.1.

    Args:
        weights: of shape (neurons, ...).
    """
    for values in weights:
        values.renorm_(2, 0, limit)


def noisy(x: torch.Tensor, spread: float, generator: torch.Generator | None = None) -> torch.Tensor:
    """The inputs with Gaussian noise of this standard deviation on each; they themselves where there is none.

    Args:
        generator: on the device of the inputs, what the noise is drawn from; else torch's own of that device.
    """
    if not spread:
        return x
    noise = torch.empty_like(x).normal_(0.0, spread, generator=generator)
    return x + noise
