"""How a prediction's progress is told while it goes: a bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from typing import TYPE_CHECKING, Protocol

from mltui.cli.output import draws, say, shown
from mltui.cli.progress import SECONDS_BETWEEN_LINES, SHARE_BETWEEN_LINES, rich_bar

if TYPE_CHECKING:
    from mltui.runs.predict import Prediction


class Teller(Protocol):
    """Told whenever a prediction has come further."""

    def show(self, prediction: Prediction) -> None:
        """Tell how far it is."""
        ...

    def close(self) -> None:
        """It is over."""
        ...


def chosen(arguments: Namespace) -> Teller:
    """A bar where standard error is a terminal, lines for a log; a JSON document is accompanied by a bar or nothing."""
    if draws(sys.stderr) and not arguments.plain:
        return _Bar()
    return _Silent() if arguments.json else _Lines()


class _Silent:
    def show(self, prediction: Prediction) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _Lines:
    """A plain line at every tenth of the way, or every few seconds where the way is long."""

    def __init__(self) -> None:
        self._said, self._when = 0.0, time.monotonic()

    def show(self, prediction: Prediction) -> None:
        now = time.monotonic()
        due = prediction.share - self._said >= SHARE_BETWEEN_LINES or now - self._when >= SECONDS_BETWEEN_LINES
        if due and prediction.file:
            self._said, self._when = prediction.share, now
            say(f"{prediction.share:.0%}, {shown(prediction.file)}")

    def close(self) -> None:
        """Nothing is left to do."""


class _Bar:
    """A bar on standard error, gone when it is over."""

    def __init__(self) -> None:
        self._bar = rich_bar()
        self._task = self._bar.add_task("looking at the files", total=1.0)
        self._bar.start()

    def show(self, prediction: Prediction) -> None:
        if prediction.file:
            self._bar.update(self._task, completed=prediction.share, description=shown(prediction.file))

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()
