"""The gate between the control thread, which hears wishes, and the training loop, which asks whether it may pass."""

from __future__ import annotations

import math
import threading
from typing import Literal

from mltui.core.hyperparameters import Scalar

Wish = Literal["pause", "continue", "step", "batch", "stop"]


class Stopped(Exception):
    """The run was asked to stop and keep what it has."""


class Gate:
    """Open until somebody asks for a pause, a step, a batch, a change or the end.

    A step goes on to the next whole number of the run's axis: the end of the epoch, the next tree. A batch goes on to
    the very next place at which the loop asks. Steps and batches asked for while one is under way are added to it. A
    change of a value holds nobody up: it is to be taken by the loop, also while that is paused.

    Attributes:
        attention: whether the loop has to ask at all; the one flag it reads at every batch.
    """

    def __init__(self) -> None:
        self.attention = False
        self._condition = threading.Condition()
        self._paused = False
        self._stopping = False
        self._ended = False
        self._given_up = False
        self._steps = self._batches = 0
        self._until: float | None = None
        self._beyond: float | None = None
        self._changes: list[tuple[str, Scalar | None]] = []

    @property
    def stopping(self) -> bool:
        """Whether the end has been asked for."""
        return self._stopping

    @property
    def given_up(self) -> bool:
        """Whether the end has been asked for after the fit had ended: then nothing is worth waiting for."""
        return self._given_up

    def again(self) -> None:
        """Take note that another fit begins, whose axis starts anew: a step under way has come to its end."""
        with self._condition:
            self._until = self._beyond = None

    def end(self) -> None:
        """Take note that the fit has ended: a stop from now on means to leave."""
        with self._condition:
            self._ended = True

    def ask(self, wish: Wish) -> None:
        """Take a wish; from any thread."""
        with self._condition:
            if wish in ("step", "batch"):
                self._paused = True
                self._steps += wish == "step"
                self._batches += wish == "batch"
            else:
                self._steps = self._batches = 0
                self._until = self._beyond = None
                self._paused = wish == "pause"
                self._stopping = self._stopping or wish == "stop"
                self._given_up = self._given_up or (self._ended and wish == "stop")
            self._note()

    def ask_change(self, key: str, value: Scalar | None) -> None:
        """Take the wish to change a value, by its dotted key; from any thread."""
        with self._condition:
            self._changes.append((key, value))
            self._note()

    def take_changes(self) -> list[tuple[str, Scalar | None]]:
        """The changes asked for since they were last taken, oldest first."""
        with self._condition:
            changes, self._changes = self._changes, []
            self._note()
            return changes

    def _note(self) -> None:
        """Raise or lower the flag, and wake who waits; the condition is held."""
        self.attention = self._paused or self._stopping or bool(self._changes)
        self._condition.notify_all()

    def may_pass(self, step: float) -> bool:
        """Whether the loop, at this step of its axis, may go on.

        Raises:
            Stopped: where the end has been asked for.
        """
        with self._condition:
            if self._stopping:
                raise Stopped
            return not self._paused or self._under_way(step) or self._begins(step)

    def _under_way(self, step: float) -> bool:
        """Whether a step or a batch that has begun is not over here; the condition is held."""
        if self._until is not None and step < self._until:
            return True
        return self._beyond is not None and step <= self._beyond

    def _begins(self, step: float) -> bool:
        """Whether the next step or batch that was asked for begins here; the condition is held."""
        self._until = self._beyond = None
        if self._steps:
            self._steps -= 1
            self._until = math.floor(step) + 1
        elif self._batches:
            self._batches -= 1
            self._beyond = step
        else:
            return False
        return True

    def wait(self, seconds: float) -> None:
        """Sleep until the next wish or change, at most so long."""
        with self._condition:
            if self._paused and not (self._stopping or self._steps or self._batches or self._changes):
                self._condition.wait(seconds)
