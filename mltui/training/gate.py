"""The gate between the control thread, which hears wishes, and the training loop, which asks whether it may pass."""

from __future__ import annotations

import math
import threading
from typing import Literal

Wish = Literal["pause", "continue", "step", "stop"]


class Stopped(Exception):
    """The run was asked to stop and keep what it has."""


class Gate:
    """Open until somebody asks for a pause, a step or the end.

    A step goes on to the next whole number of the run's axis: the end of the epoch, the next tree. Steps asked for
    while one is under way are added to it.

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
        self._steps = 0
        self._until: float | None = None

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
            self._until = None

    def end(self) -> None:
        """Take note that the fit has ended: a stop from now on means to leave."""
        with self._condition:
            self._ended = True

    def ask(self, wish: Wish) -> None:
        """Take a wish; from any thread."""
        with self._condition:
            if wish == "step":
                self._paused = True
                self._steps += 1
            else:
                self._steps = 0
                self._until = None
                self._paused = wish == "pause"
                self._stopping = self._stopping or wish == "stop"
                self._given_up = self._given_up or (self._ended and wish == "stop")
            self.attention = self._paused or self._stopping
            self._condition.notify_all()

    def may_pass(self, step: float) -> bool:
        """Whether the loop, at this step of its axis, may go on.

        Raises:
            Stopped: where the end has been asked for.
        """
        with self._condition:
            if self._stopping:
                raise Stopped
            if not self._paused:
                return True
            if self._until is not None and step < self._until:
                return True
            self._until = None
            if self._steps:
                self._steps -= 1
                self._until = math.floor(step) + 1
                return True
            return False

    def wait(self, seconds: float) -> None:
        """Sleep until the next wish, at most so long."""
        with self._condition:
            if self._paused and not self._stopping and not self._steps:
                self._condition.wait(seconds)
