"""The lab's dealings with runs and data: what the screen asks for, done in threads and in the spare worker."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.hyperparameters import Value
from mltui.core.prediction import Format, Request
from mltui.core.sample import Place
from mltui.record import process
from mltui.record.control import Command, send
from mltui.record.folder import RunFolder
from mltui.record.state import LIVING, RunState
from mltui.runs import code, draft, experiments, steer
from mltui.runs.predict import Prediction
from mltui.runs.queue import Dispatcher, Queue
from mltui.runs.resume import prepared
from mltui.runs.spare import Spare
from mltui.runs.store import Store, absolute, absolute_document
from mltui.runs.summary import RunSummary
from mltui.runs.watch import Seen, Watch
from mltui.ui.aside import aside

if TYPE_CHECKING:
    from mltui.runs.cost import Cost

HUNG = 1.5  # seconds that new data wait for the description of the old
PATIENCE = 8.0  # seconds that a run waits for its worker to finish importing, which is quicker than a new worker
LAST_SECONDS = 15.0  # that a run which was just asked for may take to begin when the lab is left
MOST_POINTS = 1 << 15  # of a curve: the lab of a run of days stays as quick and as small as at its start
Wish = Literal["pause", "continue", "step", "batch", "stop"]
_STEER = {
    "pause": steer.pause,
    "continue": steer.continue_,
    "step": steer.step,
    "batch": steer.step_batch,
    "stop": steer.stop,
}


@dataclass
class Asking:
    """A question that takes long: whether somebody still wants the answer, and whether it is there."""

    wanted: bool = True
    over: bool = False

    def give_up(self) -> None:
        """Nobody does any more."""
        self.wanted = False


class GivenUp(InputError):
    """A job that gave way to what was asked later; it may be asked again."""


class Session:
    """One lab's work with the store. Its coroutines never block the loop and raise InputError with a sentence.

    Attributes:
        home: where store and draft live. folder: what the form's file names are relative to.
        started_in: where mltui was started, and where files that a user asks for land.
        run: the run in view, and experiment: what it was asked.
    """

    def __init__(self, home: Path, folder: Path, started_in: Path, threads: int | None = None) -> None:
        self.home, self.folder, self.started_in = home, folder, started_in
        self.store, self.queue = Store(home), Queue(home)
        self.run: RunFolder | None = None
        self.experiment: Experiment | None = None
        self._threads = threads
        self._spare = Spare(threads)
        self._watch: Watch | None = None
        self._warming: asyncio.Task[None] | None = None
        self._aside = Spare(threads)
        self._jobs: dict[asyncio.Future[dict[str, Any]], Spare] = {}
        self._abandoned: set[asyncio.Future[dict[str, Any]]] = set()
        self._warmed = ""
        self._beginning: asyncio.Task[RunFolder] | None = None
        self._closing = False

    # Data

    async def describe(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What the data are. Raises InputError with the key at fault.

        A spare that still sticks in data nobody wants any more, such as a file on a hung mount, is replaced; one that
        is only importing what a run needs is waited for.
        """
        await self._make_room({job for job, spare in self._jobs.items() if spare is self._spare})
        return await self._asked(self._spare, "describe", {"data": dict(data)})

    async def ask(self, job: str, **fields: Any) -> dict[str, Any]:
        """The spare's answer to a job such as variables, pairs or browse; names in it are relative to the folder.

        Jobs are answered one after the other. A spare that still sticks in a job whose caller was cancelled is
        replaced; one whose answer is still wanted is waited for. While the spare imports what a run needs, another
        answers in its place; so does it for a look into a folder while the spare reads data that may hang.

        Raises:
            InputError: what the spare found wrong, with the key at fault; `GivenUp` where other data came in between.
        """
        spare = self._spare
        if self._importing or (job == "browse" and spare in self._jobs.values()):
            spare = self._aside
        await self._make_room({job for job in self._abandoned if self._jobs[job] is spare})
        return await self._asked(spare, job, fields)

    @property
    def _importing(self) -> bool:
        return self._warming is not None and not self._warming.done()

    async def _asked(self, spare: Spare, job: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        answer = asyncio.ensure_future(spare.ask({"job": job, "folder": str(self.folder), **fields}))
        self._jobs[answer] = spare
        answer.add_done_callback(self._heard)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if answer.cancelled():
                raise GivenUp("this was given up for what was asked later") from None
            if not answer.done():
                self._abandoned.add(answer)
            raise

    async def _make_room(self, unwanted: set[asyncio.Future[dict[str, Any]]]) -> None:
        """Wait a moment for jobs that nobody wants any more, and replace a spare that sticks in them."""
        if not unwanted:
            return
        spare = self._jobs[next(iter(unwanted))]
        if self._warming is not None and not self._warming.done() and spare is self._spare:
            both: set[asyncio.Future[Any]] = {*unwanted, self._warming}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        _, stuck = await asyncio.wait(unwanted, timeout=HUNG)
        if stuck:
            for job in stuck:
                job.cancel()
            await aside(spare.close)

    def _heard(self, answer: asyncio.Future[dict[str, Any]]) -> None:
        """Forget a job, and hear an answer that nobody waits for, so that asyncio does not complain of it."""
        self._jobs.pop(answer, None)
        self._abandoned.discard(answer)
        if not answer.cancelled():
            answer.exception()

    def warm(self, model: str) -> None:
        """Let the spare import what a model needs; again only for another model or another spare."""
        wanted = f"{model} {self._spare.pid}"
        if self._warmed == wanted or (self._warming is not None and not self._warming.done()):
            return
        self._warming = asyncio.create_task(self._warm(model))

    async def _warm(self, model: str) -> None:
        await self._spare.warm(model)
        self._warmed = f"{model} {self._spare.pid}"  # only now is it known which spare it was

    # Runs

    async def begin(self, experiment: Experiment, asked: str, *, stepwise: bool = False) -> RunFolder:
        """Make a run's folder and hand it to a worker; stepwise, it trains one step and pauses.

        What has begun goes on where its caller is cancelled, as at the end of the lab, and `close` waits for it.
        """
        self._beginning = asyncio.create_task(self._begin(experiment, asked, stepwise))
        return await asyncio.shield(self._beginning)

    async def _begin(self, experiment: Experiment, asked: str, stepwise: bool) -> RunFolder:
        folder = await aside(self.store.create, experiment, asked, self.folder)
        if stepwise:
            await aside(send, folder, Command("step"))
        self.look_at(folder, experiment)
        if self._warming is not None and not self._closing:
            await asyncio.wait({self._warming}, timeout=PATIENCE)
        await self._spare.run(folder)
        return folder

    async def resume(self, state: RunState | None = None) -> None:
        """Go on with the run in view from its last checkpoint, in the waiting spare where there is one.

        Args:
            state: the run as it has been seen, where it has.
        """
        if self.run is not None:
            self._beginning = asyncio.create_task(self._resume(self.run, state))
            await asyncio.shield(self._beginning)

    async def _resume(self, folder: RunFolder, state: RunState | None) -> RunFolder:
        alone = prepared(folder, state)
        attempt = await aside(alone.__enter__)
        try:
            if self._warming is not None and not self._closing:
                await asyncio.wait({self._warming}, timeout=PATIENCE)
            await self._spare.run(folder, attempt=attempt)
        finally:
            await aside(alone.__exit__, None, None, None)
        if self.run is folder:
            self.run = replace(folder)  # another of the same, by which the lab sees that it has begun
        return folder

    async def open(self, ref: str) -> Experiment:
        """Bring a run of the store into view; its experiment, file names absolute, and while it trains with what was
        changed in it since.

        A run whose experiment this mltui cannot read is in view all the same when the sentence is raised.
        """
        folder = await aside(self.store.find, ref)
        self.look_at(folder, None)
        experiment = await aside(experiments.load, folder.resolved)
        self.experiment = experiment
        seen = await self.look(None)
        trains = seen is not None and seen.state.phase in LIVING
        return experiments.steered(experiment, seen.state.changes) if seen is not None and trains else experiment

    def look_at(self, folder: RunFolder, experiment: Experiment | None) -> None:
        """From now on `look` sees this run."""
        self.run, self.experiment = folder, experiment
        self._watch = Watch(folder, most=MOST_POINTS)

    async def look(self, cursor: float | None, followed: tuple[Place, ...] = ()) -> Seen | None:
        """The run in view as it is now, or None where there is none or another came into view meanwhile."""
        watch = self._watch
        if watch is None:
            return None
        seen = await aside(watch.look, cursor, followed)
        return seen if watch is self._watch else None

    async def steer(self, wish: Wish, ref: str | None = None) -> None:
        """Ask the run in view, or another by its id, for something."""
        folder = self.run if ref is None else await aside(self.store.find, ref)
        if folder is not None:
            await aside(_STEER[wish], folder)

    async def change(self, values: Mapping[str, Value]) -> None:
        """Ask the run in view to train on with other values, by their dotted keys."""
        folder = self.run
        if folder is not None:
            for key, value in values.items():
                await aside(steer.change, folder, key, value)

    def prediction(
        self, files: Sequence[str], out: str, *, format: Format | None, tree: str | None, unseal: bool
    ) -> Prediction:
        """The scores of some files by the run in view, to be run; a relative folder begins where mltui was started."""
        assert self.run is not None
        folder = Path(self.started_in, os.path.expanduser(out))
        request = Request(tuple(files), folder, self.started_in, tree, format, unseal)
        return Prediction(self.run, request, threads=self._threads)

    async def code(self, experiment: Experiment | None) -> str:
        """An experiment as a plain script; without one, the run in view.

        Raises:
            InputError: where it cannot be written.
        """
        if experiment is not None:
            return await code.of_experiment(absolute(experiment, self.folder))
        assert self.run is not None
        return await code.of_run(self.run)

    async def cost(self, experiment: Experiment, asking: Asking) -> tuple[Cost, tuple[int, int]]:
        """What a run would cost, and the bytes of memory and of disk that are free; it takes seconds.

        Raises:
            InputError: where it cannot be said; also where nobody wants to know any more.
        """

        def measured() -> tuple[Cost, tuple[int, int]]:
            from mltui.runs.cost_rehearsal import measure
            from mltui.runs.room import disk_free, memory_free

            found = measure(experiment, self.folder, threads=self._threads, wanted=lambda: asking.wanted)
            return found, (memory_free(), disk_free(self.home))

        return await aside(measured)

    async def runs(self) -> Sequence[RunSummary]:
        """Every run: the queue in its order, then the others, newest first. Who looks at a queue keeps it going."""
        with contextlib.suppress(InputError):
            await aside(self.queue.tend)
        return await aside(self.store.list)

    async def enqueue(self, experiment: Experiment, asked: str) -> RunFolder:
        """Put an experiment at the end of the queue."""
        folder = await aside(self.queue.add, experiment, asked, self.folder, threads=self._threads)
        await aside(self.queue.tend)
        return folder

    async def move(self, ref: str, to: int) -> None:
        """Bring a run that waits to a place in the queue, from 0."""
        await aside(self.queue.move, await aside(self.store.find, ref), to)

    async def cancel(self, ref: str) -> None:
        """Take a run that waits out of the queue."""
        await aside(self.queue.cancel, await aside(self.store.find, ref))

    async def queue_waits(self) -> str:
        """What the next run of the queue waits for, as the end of a sentence; empty where nothing is in its way."""
        dispatcher = await aside(Dispatcher.read, self.home)
        return dispatcher.waits if dispatcher else ""

    def is_here(self, host: str) -> bool:
        """Whether that is this machine."""
        return host == process.host()

    async def delete(self, ref: str) -> None:
        """Remove a run."""
        folder = await aside(self.store.find, ref)
        await aside(self.store.delete, folder)

    # Draft

    async def keep(self, document: Mapping[str, Any]) -> str:
        """Keep the form's draft, its file names absolute; why not, where that fails."""
        return await aside(draft.save, self.home, absolute_document(document, self.folder))

    def portable(self, experiment: Experiment) -> Experiment:
        """The experiment as it can be read in the folder where mltui was started."""
        return experiment if self.folder == self.started_in else absolute(experiment, self.folder)

    async def close(self) -> None:
        """End the spare. What trains goes on, and a run that was asked for is started first."""
        self._closing = True
        for job in list(self._jobs):
            job.cancel()
        if self._beginning is not None and not self._beginning.done():
            if self._warming is not None and not self._warming.done():  # a new worker is there sooner
                self._spare.close()
                self._warming.cancel()
            await asyncio.wait({self._beginning}, timeout=LAST_SECONDS)
        self._spare.close()
        self._aside.close()
