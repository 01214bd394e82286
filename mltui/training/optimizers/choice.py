"""Makes the optimiser that the [training] section names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value
from mltui.models.network_training import OPTIMIZERS, TRAINING
from mltui.training.optimizers.genetic import Genetic
from mltui.training.optimizers.gradient import Adam, Descent, Gradient, NAdam, RMSprop
from mltui.training.optimizers.newton import Newton
from mltui.training.optimizers.state import Optimiser


def optimiser(settings: Mapping[str, Value], parameters: Sequence[torch.nn.Parameter], seed: int) -> Optimiser:
    """The optimiser of some parameters, which must stay the same objects on the same device.

    Args:
        settings: of the [training] section; what is absent has its default.
        seed: of the one that draws random numbers, which has a generator of its own for them.

    Raises:
        InputError: for an optimiser that does not exist, or one that so many parameters are too many for.
    """
    every = {h.name: h.default for h in TRAINING} | dict(settings)
    name = str(every["optimizer"])
    if name not in OPTIMIZERS:
        raise InputError(
            f"training.optimizer cannot be {name!r}; it is one of {', '.join(OPTIMIZERS)}", key="training.optimizer"
        )
    moving = [parameter for parameter in parameters if parameter.requires_grad]
    rate, decay = _number(every, "learning_rate"), _number(every, "weight_decay")
    if name == "newton":
        return Newton(moving, rate, decay)
    if name == "genetic":
        return Genetic(moving, rate, decay, population=int(_number(every, "population")), seed=seed)
    chosen = _by_slope(name, every, moving)
    chosen.learning_rate, chosen.weight_decay = rate, decay
    chosen.clip_norm = None if every["clip_norm"] is None else _number(every, "clip_norm")
    return chosen


def _by_slope(name: str, settings: Mapping[str, Value], parameters: list[torch.nn.Parameter]) -> Gradient:
    if name in ("gradient_descent", "sgd"):
        return Descent(parameters, whole=name == "gradient_descent")
    if name in ("momentum", "nesterov"):
        return Descent(parameters, momentum=_number(settings, "momentum"), ahead=name == "nesterov")
    epsilon = _number(settings, "epsilon")
    if name == "rmsprop":
        return RMSprop(parameters, _number(settings, "alpha"), epsilon)
    betas = _number(settings, "beta1"), _number(settings, "beta2")
    if name == "nadam":
        return NAdam(parameters, betas, epsilon)
    return Adam(parameters, betas, epsilon, decoupled=name == "adamw")


def _number(settings: Mapping[str, Value], name: str) -> float:
    value = settings[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"training.{name} must be a number, not {value!r}")
    return float(value)
