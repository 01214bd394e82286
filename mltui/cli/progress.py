"""How a run's progress is told while it goes: a bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from typing import TYPE_CHECKING, Protocol

from mltui.cli.output import draws, say, shown

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar

    from mltui.record.state import RunState


SECONDS_BETWEEN_LINES = 5.0
SHARE_BETWEEN_LINES = 0.1


class Progress(Protocol):
    """Told of every new state of a run."""

    def show(self, state: RunState) -> None:
        """Tell where the run is."""
        ...

    def close(self) -> None:
        """The run is over, or nobody watches any more."""
        ...


def chosen(arguments: Namespace) -> Progress:
    """A bar where standard error is a terminal, lines for a log; a JSON document is accompanied by a bar or nothing."""
    if draws(sys.stderr) and not arguments.plain:
        return Bar()
    return Silent() if arguments.json else Lines()


def words(state: RunState) -> str:
    """Where the run is, in one line: ``epoch 37 of 50, train loss 0.0712, validation loss 0.083``."""
    from mltui.cli.report import axis_name
    from mltui.plots.words import member, number

    if state.reading is not None:
        return f"reading the data, {state.reading:.0%}"
    place = f"{axis_name(state)} {state.step:.10g}" + (f" of {state.total:.10g}" if state.total else "")
    losses = [
        f"{part.replace('_', ' ')} loss {number(value)}"
        for part in dict.fromkeys(curve.part for curve in state.curves if curve.name == "loss")
        if (value := state.latest("loss", part)) is not None
    ]
    which = member(state.members, state.member, " of ")
    return ", ".join([*([which] if which else []), place, *losses])


class _Warnings:
    """The warnings that have been told; one that comes and goes, as on a full disk, is told once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def new(self, state: RunState) -> list[str]:
        """Those to tell now, as lines."""
        fresh = [warning for warning in dict.fromkeys(state.warnings) if warning not in self._told]
        self._told.update(fresh)
        return [f"warning: {shown(warning)}" for warning in fresh]


class Silent:
    """Says nothing of the way, only warnings, on standard error."""

    def __init__(self) -> None:
        self._warnings = _Warnings()

    def show(self, state: RunState) -> None:
        """Print each warning once."""
        for warning in self._warnings.new(state):
            print(warning, file=sys.stderr)

    def close(self) -> None:
        """Nothing."""


class Lines:
    """A plain line on standard output at every tenth of the way, or every few seconds where the way is long."""

    def __init__(self) -> None:
        self._said = 0.0
        self._when = time.monotonic()
        self._warnings = _Warnings()

    def show(self, state: RunState) -> None:
        """Print a line where it is time for one, and each warning once."""
        for warning in self._warnings.new(state):
            say(warning)
        now = time.monotonic()
        due = state.done - self._said >= SHARE_BETWEEN_LINES or now - self._when >= SECONDS_BETWEEN_LINES
        if due and (state.reading is not None or (state.phase == "training" and state.step)):
            self._said, self._when = state.done, now
            say(words(state))

    def close(self) -> None:
        """Nothing is left to do."""


def rich_bar() -> RichBar:
    """A bar on standard error with the share, the time that is left and a description; gone when it is stopped."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    return Progress(
        BarColumn(bar_width=16),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        console=Console(stderr=True, highlight=False, markup=False, emoji=False),
        transient=True,
    )


class Bar:
    """A bar on standard error, gone when the run is over."""

    def __init__(self) -> None:
        self._bar = rich_bar()
        self._task = self._bar.add_task("starting", total=1.0)
        self._bar.start()
        self._warnings = _Warnings()

    def show(self, state: RunState) -> None:
        """Move the bar; a warning is printed above it once."""
        for warning in self._warnings.new(state):
            self._bar.console.print(warning)
        if state.reading is not None:
            self._bar.update(self._task, completed=state.reading, description=words(state))
        elif state.phase != "waiting":
            self._bar.update(self._task, completed=state.done, description=words(state))

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()
