"""How long a worker that is done waits for a disk that refuses: what took long to make is worth waiting for."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable

LEAST, MOST = 60.0, 3600.0
AGAIN_SECONDS = 0.5
PASSING = (errno.ENOENT, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE)
"""Refusals that may pass: room can be made, a ticket renewed, a disk mounted anew, a file server or a folder comes
back."""


class Waiting:
    """One budget for everything a worker waits for at its end: as long again as it has worked, within bounds.

    Args:
        given_up: whether somebody wants the worker gone.
    """

    def __init__(self, given_up: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._given_up, self._clock = given_up, clock
        self._began = clock()
        self._until: float | None = None

    @property
    def seconds(self) -> float:
        """How long it waits in all, from the first refusal on."""
        return min(max(self._clock() - self._began, LEAST), MOST)

    def left(self) -> bool:
        """Whether to go on waiting; the first question starts the clock."""
        if self._until is None:
            self._until = self._clock() + self.seconds
        return self._clock() < self._until and not self._given_up()

    def saved(self, save: Callable[[], None], refused: Callable[[OSError], None]) -> None:
        """Save, again and again while a refusal may pass.

        Args:
            refused: told of the first refusal.

        Raises:
            OSError: the last refusal.
        """
        first = True
        while True:
            try:
                return save()
            except OSError as error:
                if error.errno not in PASSING or not self.left():
                    raise
                if first:
                    refused(error)
                first = False
            time.sleep(AGAIN_SECONDS)
