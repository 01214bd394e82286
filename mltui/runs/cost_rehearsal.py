"""Rehearses a run: the same worker on the same data in a store of its own, stopped after a few seconds of training."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from mltui.runs import steer
from mltui.runs.cost import Cost, Rehearsal, cost, grown, steps_of
from mltui.runs.follow import Follower
from mltui.runs.launch import launch
from mltui.runs.store import Store, absolute

BUDGET = 3.0
"""Seconds of training that are measured."""
PATIENCE = 12.0
"""Seconds in which something of the work is to be done, else fewer rows are tried."""
READING_SECONDS = 90.0
"""Seconds after which data that are still being read are given up."""
ENDING_SECONDS = 60.0
"""Seconds that judging and saving may take."""
PARTS = (64, 32, 16, 8, 4)
"""Of these parts of the rows whole fits are timed, the smallest first, until one takes long enough to tell."""
FEWEST = 60
TELLING, TELLING_SECONDS = 4.0, 2.0
"""A fit tells how time grows that takes so long, and so many times as long as the smallest: the rest is what every fit
takes, however small."""
_POLL = 0.02


class GivenUp(InputError):
    """Nobody wants to know any more."""


def measure(
    experiment: Experiment,
    folder: Path,
    *,
    threads: int | None = None,
    budget: float = BUDGET,
    wanted: Callable[[], bool] = lambda: True,
) -> Cost:
    """What a run would cost. It blocks for seconds, so it belongs in a thread.

    Args:
        folder: what the experiment's file names are relative to.
        threads: that the worker may use; None: a modest share.
        budget: seconds of training that are measured.
        wanted: asked again and again whether anybody still wants to know.

    Raises:
        InputError: what is wrong with the experiment or its data, or that it cannot be told in reasonable time.
        GivenUp: where nobody wants to know any more.
    """
    asked = absolute(experiment, folder)
    seen = _Watch(asked, threads, budget, wanted).rehearse()
    return cost(asked, seen) if not seen.late else _from_fewer(asked, threads, wanted, seen)


def _from_fewer(asked: Experiment, threads: int | None, wanted: Callable[[], bool], late: Rehearsal) -> Cost:
    found: list[Cost] = []
    for part in PARTS:
        rows = late.all_rows // part
        if rows < FEWEST:
            continue
        fewer = replace(asked, data=replace(asked.data, rows=rows))
        seen = _Watch(fewer, threads, float("inf"), wanted).rehearse()
        if seen.late:
            break
        found.append(cost(fewer, seen))
        if len(found) > 2 and found[-1].training >= max(TELLING * found[0].training, TELLING_SECONDS):
            break
    if len(found) < 2:
        raise InputError(
            f"no step of a fit on {late.rows:,} rows is done within {PATIENCE:.0f} s, and fewer rows do not tell how "
            "long it would take; set data.rows to try it on some"
        )
    return grown(late.rows, found)


class _Watch:
    """One rehearsal from its start to its end, and nothing of it is left."""

    def __init__(self, experiment: Experiment, threads: int | None, budget: float, wanted: Callable[[], bool]) -> None:
        self._experiment, self._threads, self._budget, self._wanted = experiment, threads, budget, wanted
        self._points: list[tuple[float, float]] = []
        self._began = self._started = self._asked = 0.0

    def rehearse(self) -> Rehearsal:
        """Run it, stop it in time, and look at what it left."""
        with tempfile.TemporaryDirectory(prefix="mltui-cost-", ignore_cleanup_errors=True) as home:
            folder = Store(Path(home)).create(self._experiment, "", Path(home))
            with _worker(folder, self._threads):
                state, late = self._to_the_end(folder)
            if state.phase == "failed":
                raise InputError(state.message)
            return Rehearsal(state, self._points, _sizes(folder.path), late)

    def _to_the_end(self, folder: RunFolder) -> tuple[RunState, bool]:
        follower = Follower(folder, patience=1.0)
        self._began = time.monotonic()
        while not (state := follower.poll()).ended:
            if not self._wanted():
                raise GivenUp("it was given up")
            if self._late(state):
                return state, True
            self._note(state)
            if self._points and not self._asked and self._enough(state):
                self._asked = time.monotonic()
                with suppress(InputError):  # it has ended in the meantime
                    steer.stop(folder)
            time.sleep(_POLL)
        return state, False

    def _note(self, state: RunState) -> None:
        now = time.monotonic()
        if state.started and not self._started:
            self._started = now
        if state.done > (self._points[-1][1] if self._points else 0.0):
            self._points.append((now - self._started, state.done))

    def _enough(self, state: RunState) -> bool:
        """Whether so much was seen that it may be stopped; what is fitted in one go is not stopped."""
        steps = steps_of(str(state.started.get("axis", "step")))
        return steps and time.monotonic() - self._started - self._points[0][0] >= self._budget

    def _late(self, state: RunState) -> bool:
        """Whether the work is not to be waited for.

        Raises:
            InputError: where not even the data are read, or it does not come to an end.
        """
        now = time.monotonic()
        if not state.started and now - self._began > READING_SECONDS:
            read = f"{state.reading:.0%} of them were read" if state.reading else "it cannot be said how long"
            raise InputError(f"the data take longer than {READING_SECONDS:.0f} s to read: {read}")
        if self._asked and now - self._asked > ENDING_SECONDS:
            raise InputError(f"judging and saving the model take longer than {ENDING_SECONDS:.0f} s")
        return bool(self._started) and not self._points and now - self._started > PATIENCE


@contextmanager
def _worker(folder: RunFolder, threads: int | None) -> Iterator[None]:
    """A worker that does not outlive the question."""
    try:
        child = launch(folder, threads=threads)
    except OSError as error:
        raise InputError(f"no worker can be started: {error.strerror}") from None
    try:
        yield
        with suppress(subprocess.TimeoutExpired):  # it has said its last word
            child.wait(2.0)
    finally:
        if child.poll() is None:
            child.kill()
        with suppress(subprocess.TimeoutExpired):
            child.wait(2.0)


def _sizes(path: Path) -> dict[str, int]:
    """The bytes of files by what lies in a folder directly."""
    found: dict[str, int] = {}
    for file in path.rglob("*"):
        if file.is_file():
            name = file.relative_to(path).parts[0]
            found[name] = found.get(name, 0) + file.stat().st_size
    return found
