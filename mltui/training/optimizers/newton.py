"""By the curvature: Newton's method for small networks, with Levenberg's damping."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch.autograd.graph import saved_tensors_hooks

from mltui.core.errors import InputError
from mltui.training.optimizers.flat import Flat
from mltui.training.optimizers.luck import with_the_same_luck
from mltui.training.optimizers.state import State

MOST = 2_000
"""Weights whose curvature is a matrix of 32 MB, in seconds; the square and the cube of more would take too long."""
BYTES = 256_000_000
"""About what is held at once on the way to the curvature."""
FIRST = 1e-3
"""The first damping, as a share of the mean curvature."""
TIMES = 10.0
"""What the damping grows by where a step leads up, and shrinks by where it leads down."""
LARGE = 1e3
"""Times the first damping: the next step begins with no more, whatever this one needed."""
TRIES = 12
"""So many dampings are tried; with the last, a step is a tiny one straight down the slope."""

Loss = Callable[[], torch.Tensor]


class Newton:
    """Goes `learning_rate` times the way to the floor of the parabola that the loss looks like; with 1 all the way.

    The move solves (H + damping) move = -slope, with the full matrix H of second derivatives. The damping, one number
    on the diagonal, is nought as long as that leads down. Where H is not positive definite, or the loss would rise, it
    grows until neither is so (Levenberg, Quarterly of Applied Mathematics 2 (1944) 164; Nocedal and Wright, Numerical
    Optimization, 2006, 3.4), so that no step ever leads up.

    Raises:
        InputError: where there are too many weights.
    """

    whole = True

    def __init__(self, parameters: Sequence[torch.nn.Parameter], learning_rate: float, weight_decay: float) -> None:
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self._flat = Flat(parameters)
        self._damping = 0.0
        if self._flat.size > MOST:
            raise InputError(
                f"training.optimizer = newton takes networks of at most {MOST:,} weights, and this one has "
                f"{self._flat.size:,}; take a smaller one, or another optimizer such as adam",
                key="training.optimizer",
            )

    def step(self, loss: Loss) -> None:
        """As `Optimiser.step`; where no damping leads down, the weights stay as they are."""
        start = self._flat.read()
        loss = with_the_same_luck(loss, start.device)
        value, slope, curvature = self._look(loss, start)
        if not (torch.isfinite(slope).all() and torch.isfinite(curvature).all()):
            return
        size = curvature.diagonal().abs()
        first = FIRST * float(size.mean()) or FIRST
        rounding = torch.finfo(start.dtype).eps
        floor = rounding * float(size.max())  # a curvature below this is rounding, and no way to go far along
        damping = self._damping
        for _ in range(TRIES):
            move = _solved(curvature, slope, damping + floor)
            if move is not None:
                self._flat.write(start + self.learning_rate * move.to(start.device, start.dtype))
                if self._worth(loss) <= value + rounding * abs(value):
                    self._damping = min(damping / TIMES, LARGE * first) if damping > first else 0.0
                    return
            damping = max(damping * TIMES, first)
        self._flat.write(start)

    @torch.no_grad()
    def _worth(self, loss: Loss) -> float:
        """The loss with the weights' decay at the present weights."""
        weights = self._flat.read().cpu().double()
        return float(loss()) + 0.5 * self.weight_decay * float(weights @ weights)

    def _look(self, loss: Loss, start: torch.Tensor) -> tuple[float, torch.Tensor, torch.Tensor]:
        """The loss with the weights' decay, its slope (size,) and curvature (size, size), in double precision.

        The last two lie in the processor's memory, for not every graphics card computes with such numbers.
        """
        held = 0

        def count(values: torch.Tensor) -> torch.Tensor:
            nonlocal held
            held += values.numel() * values.element_size()
            return values

        parameters = self._flat.parameters
        with saved_tensors_hooks(count, lambda values: values):
            value = loss()
            slopes = torch.autograd.grad(value, parameters, create_graph=True, materialize_grads=True)
        slope = torch.cat([part.reshape(-1) for part in slopes])
        rows = max(1, BYTES // max(1, held))
        curvature = _curvature(slope, parameters, rows)
        weights = start.cpu().double()
        curvature.diagonal().add_(self.weight_decay)
        total = float(value.detach()) + 0.5 * self.weight_decay * float(weights @ weights)
        return total, slope.detach().cpu().double() + self.weight_decay * weights, curvature

    def state(self) -> State:
        """As `Optimiser.state`."""
        return State(
            {},
            {"learning_rate": self.learning_rate, "weight_decay": self.weight_decay, "damping": self._damping},
        )

    def restore(self, state: State) -> None:
        """As `Optimiser.restore`."""
        self.learning_rate, self.weight_decay = state.facts["learning_rate"], state.facts["weight_decay"]
        self._damping = state.facts["damping"]


def _curvature(slope: torch.Tensor, parameters: Sequence[torch.nn.Parameter], rows: int) -> torch.Tensor:
    """The derivatives of the slope, so many rows of the matrix at a time."""
    size = len(slope)
    curvature = torch.zeros(size, size, dtype=torch.float64)
    if not slope.requires_grad:  # the loss is a chain of lines
        return curvature
    for place in range(0, size, rows):
        chosen = torch.eye(size, dtype=slope.dtype, device=slope.device)[place : place + rows]
        parts = torch.autograd.grad(
            slope, parameters, chosen, retain_graph=True, is_grads_batched=True, allow_unused=True
        )
        column = 0
        for part, parameter in zip(parts, parameters, strict=True):
            columns = slice(column, column := column + parameter.numel())
            if part is not None:  # the slope is not the same wherever this parameter is
                curvature[place : place + rows, columns] = part.reshape(len(chosen), -1)
    return 0.5 * (curvature + curvature.T)


def _solved(curvature: torch.Tensor, slope: torch.Tensor, damping: float) -> torch.Tensor | None:
    """The move to the floor of the damped parabola; None where it has none."""
    damped = curvature.clone()
    damped.diagonal().add_(damping)
    factor, failed = torch.linalg.cholesky_ex(damped)
    if failed:
        return None
    return -torch.cholesky_solve(slope.unsqueeze(1), factor).squeeze(1)
