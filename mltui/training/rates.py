"""The learning rate as training goes on: a base, which may be changed at any time, times what a schedule says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value

SCHEDULES = ("constant", "step", "cosine", "one_cycle", "plateau")
PEAK, DOWN = 0.45, 0.9
"""Shares of the training after which one_cycle is at its peak, and down again where it began."""
FIRST, LAST = 0.1, 0.001
"""The factors with which one_cycle begins, and which it comes to at the end."""
GAIN = 1e-4
"""A plateau goes on while no epoch is better than the best by more than this share of it."""

Factor = Callable[[float], float]


class Rate:
    """The learning rate in effect.

    All schedules but plateau are functions of the place on the axis of epochs alone, so that a training that is
    resumed goes on with the same numbers.

    Attributes:
        base: what the schedule's factor multiplies.
    """

    def __init__(self, base: float, factor: Factor, plateau: Plateau | None = None) -> None:
        self.base = base
        self._factor, self._plateau = factor, plateau

    @classmethod
    def of(cls, settings: Mapping[str, Value], epochs: int) -> Rate:
        """The rate that a [training] section asks for; without a schedule in it, a constant one.

        Raises:
            InputError: for a schedule that does not exist.
        """
        name = str(settings.get("schedule", "constant"))
        base = float(str(settings["learning_rate"]))
        every, drop = int(str(settings.get("decay_every", 10))), float(str(settings.get("decay_factor", 0.5)))
        if name == "plateau":
            plateau = Plateau(every, drop)
            return cls(base, plateau.factor, plateau)
        if name == "step":
            return cls(base, lambda epoch: step(epoch, every, drop))
        if name in _BY_PROGRESS:
            by_progress = _BY_PROGRESS[name]
            return cls(base, lambda epoch: by_progress(epoch / epochs))
        if name != "constant":
            raise InputError(
                f"training.schedule cannot be {name!r}; it is one of {', '.join(SCHEDULES)}", key="training.schedule"
            )
        return cls(base, lambda _epoch: 1.0)

    def at(self, epoch: float) -> float:
        """The learning rate of a step that begins so many epochs after the start, fractions within one."""
        return self.base * self._factor(epoch)

    def judged(self, value: float) -> None:
        """An epoch is over, and this is what the validation part came to; lower is better."""
        if self._plateau is not None:
            self._plateau.judged(value)

    def facts(self) -> dict[str, Any]:
        """What JSON can hold of it, for `restore`."""
        return {"base": self.base, "plateau": None if self._plateau is None else self._plateau.facts()}

    def restore(self, facts: Mapping[str, Any]) -> None:
        """Go on from what `facts` gave for the same settings."""
        self.base = facts["base"]
        if self._plateau is not None:
            self._plateau.restore(facts["plateau"])


class Plateau:
    """Lets the rate fall once so many epochs have brought no gain, and then waits as long again."""

    def __init__(self, patience: int, drop: float) -> None:
        self._patience, self._drop = patience, drop
        self._best: float | None = None
        self._waited = self._falls = 0

    def factor(self, _epoch: float) -> float:
        """The factor after all falls so far."""
        return float(self._drop**self._falls)

    def judged(self, value: float) -> None:
        """One more epoch has come to this; lower is better. What is not finite is no gain."""
        if math.isfinite(value) and (self._best is None or value < self._best - GAIN * abs(self._best)):
            self._best, self._waited = value, 0
            return
        self._waited += 1
        if self._waited >= self._patience:
            self._waited = 0
            self._falls += 1

    def facts(self) -> dict[str, Any]:
        """What JSON can hold of it, for `restore`."""
        return {"best": self._best, "waited": self._waited, "falls": self._falls}

    def restore(self, facts: Mapping[str, Any]) -> None:
        """Go on from what `facts` gave."""
        self._best, self._waited, self._falls = facts["best"], facts["waited"], facts["falls"]


def step(epoch: float, every: int, drop: float) -> float:
    """A drop after every so many epochs."""
    return float(drop ** math.floor(epoch / every))


def cosine(progress: float) -> float:
    """From 1 to 0 along half a wave (Loshchilov and Hutter, ICLR 2017, equation 5, without restarts).

    Args:
        progress: the share of the training that is over.
    """
    return 0.5 * (1 + math.cos(math.pi * progress))


def one_cycle(progress: float) -> float:
    """Up to 1 in a line, down again in another as long, and at the end far below (Smith, arXiv:1803.09820, 4.1).

    Args:
        progress: the share of the training that is over.
    """
    if progress < PEAK:
        return FIRST + (1 - FIRST) * progress / PEAK
    if progress < DOWN:
        return 1 - (1 - FIRST) * (progress - PEAK) / (DOWN - PEAK)
    return FIRST - (FIRST - LAST) * (progress - DOWN) / (1 - DOWN)


_BY_PROGRESS: dict[str, Factor] = {"cosine": cosine, "one_cycle": one_cycle}
