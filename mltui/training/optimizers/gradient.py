"""Down the slope: stochastic gradient descent and its kin, with torch's own arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch

from mltui.training.optimizers.state import State

MOMENTUM_DECAY = 4e-3
"""How fast nadam's momentum grows to its full value: as Dozat's paper and torch have it."""


class Gradient(ABC):
    """What all of them have in common: the slope of the loss, cut to a length, and the buffers they keep.

    The kernels are those that the classes of torch.optim call in the end, which come to the same numbers to the last
    bit; the way there would take a third of a small network's step.

    Attributes:
        clip_norm: the longest slope that is followed, over all parameters together; None: any.
    """

    whole = False

    def __init__(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        self.learning_rate = self.weight_decay = 0.0
        self.clip_norm: float | None = None
        self._parameters = list(parameters)
        self._values = [parameter.detach() for parameter in parameters]  # the same memory, unseen by autograd
        self._buffers: dict[str, list[torch.Tensor]] = {}

    def step(self, loss: Callable[[], torch.Tensor]) -> None:
        """As `Optimiser.step`."""
        parameters = self._parameters
        for parameter in parameters:
            parameter.grad = None
        loss().backward()  # type: ignore[no-untyped-call]
        # what the loss does not touch has no slope
        slopes = [torch.zeros_like(p) if (slope := p.grad) is None else slope for p in parameters]
        if self.clip_norm is not None:
            _shorten(slopes, self.clip_norm)
        self._move(slopes)

    @abstractmethod
    def _move(self, slopes: list[torch.Tensor]) -> None:
        """Change the values by their slopes, which are of the same layout."""

    def _decayed(self, slopes: list[torch.Tensor]) -> list[torch.Tensor]:
        """The slopes of the loss with the weights' decay."""
        if not self.weight_decay:
            return slopes
        return list(torch._foreach_add(slopes, self._values, alpha=self.weight_decay))

    def _keep(self, name: str) -> list[torch.Tensor]:
        """A new buffer of zeros for each parameter."""
        self._buffers[name] = [torch.zeros_like(values) for values in self._values]
        return self._buffers[name]

    def _number(self, name: str, first: float, device: str | torch.device = "cpu") -> torch.Tensor:
        """A new number for all parameters together."""
        number = torch.tensor(first, device=device)
        self._buffers[name] = [number]
        return number

    def state(self) -> State:
        """As `Optimiser.state`."""
        tensors = {
            f"{name}/{place}": values.clone()
            for name, buffers in self._buffers.items()
            for place, values in enumerate(buffers)
        }
        return State(tensors, {"learning_rate": self.learning_rate, "weight_decay": self.weight_decay})

    def restore(self, state: State) -> None:
        """As `Optimiser.restore`."""
        self.learning_rate, self.weight_decay = state.facts["learning_rate"], state.facts["weight_decay"]
        for name, buffers in self._buffers.items():
            for place, values in enumerate(buffers):
                values.copy_(state.tensors[f"{name}/{place}"])


class Descent(Gradient):
    """Gradient descent, with momentum as torch has it: the velocity is not multiplied by the learning rate.

    Polyak, USSR Computational Mathematics and Mathematical Physics 4 (1964) 1; Nesterov's look ahead as in Sutskever
    et al., ICML 2013.

    Args:
        momentum: the share of the last velocity that is kept.
        ahead: with Nesterov's look ahead.
        whole: every step sees the whole training part.
    """

    def __init__(
        self,
        parameters: Sequence[torch.nn.Parameter],
        *,
        momentum: float = 0.0,
        ahead: bool = False,
        whole: bool = False,
    ) -> None:
        super().__init__(parameters)
        self.whole = whole
        self._momentum, self._ahead = momentum, ahead and momentum > 0
        self._velocity = self._keep("velocity") if momentum > 0 else []

    def _move(self, slopes: list[torch.Tensor]) -> None:
        torch._fused_sgd_(
            self._values,
            slopes,
            self._velocity,
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            momentum=self._momentum,
            dampening=0.0,
            nesterov=self._ahead,
            maximize=False,
            is_first_step=False,
        )


class Adam(Gradient):
    """Kingma and Ba, ICLR 2015, algorithm 1; decoupled: AdamW, Loshchilov and Hutter, ICLR 2019, algorithm 2."""

    def __init__(
        self, parameters: Sequence[torch.nn.Parameter], betas: tuple[float, float], epsilon: float, *, decoupled: bool
    ) -> None:
        super().__init__(parameters)
        self._betas, self._epsilon = betas, epsilon
        self._kernel = torch._fused_adamw_ if decoupled else torch._fused_adam_
        self._mean, self._square = self._keep("mean"), self._keep("square")
        self._steps = self._number("steps", 0.0, self._values[0].device)
        self._each = [self._steps] * len(self._values)

    def _move(self, slopes: list[torch.Tensor]) -> None:
        self._steps += 1
        self._kernel(
            self._values,
            slopes,
            self._mean,
            self._square,
            [],
            self._each,
            lr=self.learning_rate,
            beta1=self._betas[0],
            beta2=self._betas[1],
            weight_decay=self.weight_decay,
            eps=self._epsilon,
            amsgrad=False,
            maximize=False,
        )


class RMSprop(Gradient):
    """Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; epsilon outside of the root."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter], alpha: float, epsilon: float) -> None:
        super().__init__(parameters)
        self._alpha, self._epsilon = alpha, epsilon
        self._square = self._keep("square")

    def _move(self, slopes: list[torch.Tensor]) -> None:
        slopes = self._decayed(slopes)
        torch._foreach_mul_(self._square, self._alpha)
        torch._foreach_addcmul_(self._square, slopes, slopes, 1 - self._alpha)
        scale = torch._foreach_sqrt(self._square)
        torch._foreach_add_(scale, self._epsilon)
        torch._foreach_addcdiv_(self._values, slopes, scale, -self.learning_rate)


class NAdam(Gradient):
    """Adam with Nesterov's look ahead: Dozat, ICLR 2016 workshop, algorithm 2, with its growing momentum."""

    def __init__(self, parameters: Sequence[torch.nn.Parameter], betas: tuple[float, float], epsilon: float) -> None:
        super().__init__(parameters)
        self._betas, self._epsilon = betas, epsilon
        self._mean, self._square = self._keep("mean"), self._keep("square")
        self._steps, self._product = self._number("steps", 0.0), self._number("product", 1.0)

    def _move(self, slopes: list[torch.Tensor]) -> None:
        slopes = self._decayed(slopes)
        steps = float(self._steps.add_(1))
        now, after = self._momentum(steps), self._momentum(steps + 1)
        product = float(self._product.mul_(now))
        torch._foreach_lerp_(self._mean, slopes, 1 - self._betas[0])
        torch._foreach_mul_(self._square, self._betas[1])
        torch._foreach_addcmul_(self._square, slopes, slopes, 1 - self._betas[1])
        scale = torch._foreach_sqrt(self._square)
        torch._foreach_div_(scale, (1 - self._betas[1] ** steps) ** 0.5)
        torch._foreach_add_(scale, self._epsilon)
        rate = self.learning_rate
        torch._foreach_addcdiv_(self._values, slopes, scale, -rate * (1 - now) / (1 - product))
        torch._foreach_addcdiv_(self._values, self._mean, scale, -rate * after / (1 - product * after))

    def _momentum(self, step: float) -> float:
        return float(self._betas[0] * (1 - 0.5 * 0.96 ** (step * MOMENTUM_DECAY)))


def _shorten(slopes: list[torch.Tensor], longest: float) -> None:
    """Cut the norm of all slopes together to `longest` where it is above (Pascanu et al., ICML 2013)."""
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(slopes)))
    torch._foreach_mul_(slopes, (longest / (norm + 1e-6)).clamp(max=1.0))
