"""Several experiments by one `mltui run`: queued, followed, and told of as each ends."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING

from mltui.cli import interrupts, progress, underway
from mltui.cli.asked import Asked
from mltui.cli.enqueue import enqueue
from mltui.cli.output import Output
from mltui.core.errors import InputError

if TYPE_CHECKING:
    from mltui.record.folder import RunFolder
    from mltui.record.state import RunState

TEND_SECONDS = 5.0
"""Seconds between two looks whether there is still somebody who starts what waits."""


def run_several(arguments: Namespace, output: Output) -> int:
    """Queue them and follow them to their ends; the exit code."""
    from mltui.cli.documents import run_document
    from mltui.record.state import RunState

    with interrupts.counted() as presses:
        made = enqueue(arguments.experiment, arguments.set, unseal=arguments.unseal)
        asked = {folder.id: Asked.of(experiment.document()) for folder, experiment in made}
        folders = [folder for folder, _ in made]
        if arguments.detach:
            waits = [run_document(f, RunState(run=f.id, phase="queued"), asked[f.id]) for f in folders]
            output.document({"runs": waits})
            output.line(f"runs {', '.join(f.id for f in folders)} are queued; mltui queue list shows how they fare")
            return 0
        ended = _Following(folders, asked, presses, arguments, output).to_the_end()
    told = [run_document(folder, ended[folder.id], asked[folder.id]) for folder in folders if folder.id in ended]
    output.document({"runs": told, "cancelled": [folder.id for folder in folders if folder.id not in ended]})
    if presses.count:
        return 130
    return 1 if any(state.phase == "failed" for state in ended.values()) else 0


class _Following:
    """Looks at several runs at once; the first that trains has the progress bar."""

    def __init__(
        self,
        folders: list[RunFolder],
        asked: dict[str, Asked],
        presses: interrupts.Interrupts,
        arguments: Namespace,
        output: Output,
    ) -> None:
        from mltui.runs.follow import Follower
        from mltui.runs.home import home
        from mltui.runs.queue import Queue

        self._queue = Queue(home())
        self._left = {folder.id: Follower(folder) for folder in folders}
        self._folders = {folder.id: folder for folder in folders}
        self._asked, self._presses, self._arguments, self._output = asked, presses, arguments, output
        self._ended: dict[str, RunState] = {}
        self._shown: tuple[str, progress.Progress] | None = None
        self._tended = time.monotonic()

    def to_the_end(self) -> dict[str, RunState]:
        """The state of each that ended, by its id; those that were taken out of the queue are not among them."""
        try:
            while self._left:
                self._pass_on()
                for run in list(self._left):
                    self._look(run)
                if time.monotonic() - self._tended >= TEND_SECONDS:
                    self._tended = time.monotonic()
                    self._queue.tend()
                time.sleep(underway.POLL)
        except OSError:  # nobody reads on
            print(f"runs {', '.join(self._left)} go on: mltui queue list shows how", file=sys.stderr)
            raise
        finally:
            self._show(None, None)
        return self._ended

    def _look(self, run: str) -> None:
        if not self._folders[run].path.exists():  # somebody took it out of the queue
            del self._left[run]
            return
        state = self._left[run].poll()
        if state.ended:
            self._show(None, None, of=run)
            del self._left[run]
            self._ended[run] = state
            underway.told(
                self._output, self._folders[run], state, self._asked[run], interrupted=False, one_of_several=True
            )
        elif state.phase != "queued":
            self._show(run, state)

    def _show(self, run: str | None, state: RunState | None, *, of: str | None = None) -> None:
        """Move the bar of the run that has it, or give it to one that may have it; without a run, take it away."""
        if run is None and self._shown is not None and of in (None, self._shown[0]):
            self._shown[1].close()
            self._shown = None
        if run is None or state is None:
            return
        if self._shown is None:
            self._shown = (run, progress.chosen(self._arguments))
        if self._shown[0] == run:
            self._shown[1].show(state)

    def _pass_on(self) -> None:
        """After an interrupt: those that wait are taken out of the queue, those that train are stopped or killed."""
        if self._presses.count == 0:
            return
        for run in list(self._left):
            with suppress(InputError):
                self._queue.cancel(self._folders[run])
        self._presses.pass_on(*(self._folders[run] for run in self._left if self._folders[run].path.exists()))
