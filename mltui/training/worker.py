"""The worker's natural trip: resolved.toml, read, divide, fit, evaluate, save; every step said in events."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mltui.core.experiment import Experiment
from mltui.data.pipeline import described
from mltui.data.preprocess import Preprocessing
from mltui.inference.asked import experiment
from mltui.inference.members import Members
from mltui.record import frames
from mltui.record.claim import Taken, claim
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.writer import EventWriter
from mltui.training import devices, permutation, varied
from mltui.training.about import about
from mltui.training.cautions import cautions, unseen
from mltui.training.checkpoints import Checkpoints, Left
from mltui.training.control import Control
from mltui.training.failures import Failure
from mltui.training.gate import Gate, Stopped
from mltui.training.heartbeat import Heartbeat
from mltui.training.judged import Judge, spread
from mltui.training.keeping import Keeping
from mltui.training.log import log_everything_to
from mltui.training.pictures import Album
from mltui.training.prepare import Prepared, Ready, prepare
from mltui.training.problem import TrainingError
from mltui.training.reading import Reading
from mltui.training.report import Reporter, Turn
from mltui.training.surroundings import check_files, write_environment, write_resolved
from mltui.training.turns import Outcome, Turns
from mltui.training.unseal import keep_test, open_test
from mltui.training.usage import Usage
from mltui.training.waiting import Waiting

NICENESS = 5
USURPED = 3
PATIENCE = 0.4
"""Seconds that a run which is asked to stop while it reads its data is given to do so by itself."""


def run(path: Path, *, unseal: bool = False, first: bool = False) -> int:
    """Train the experiment of a run folder; the exit code: 0 done or stopped and kept, 1 failed, 2 bad input.

    Args:
        unseal: whether the test part is scored too.
        first: whether to leave, with 0, where another worker has begun the run.
    """
    folder = RunFolder(path.absolute())
    os.umask(0o077)  # also what libraries write of the model is the owner's alone
    try:
        log_everything_to(folder.log)
        attempt = claim(folder, first=first)
        writer = EventWriter(folder, attempt)
    except Taken as taken:
        print(taken, file=sys.stderr)
        return 0 if first else 2
    except OSError as error:
        print(f"{folder.path} cannot be used as a run folder: {why(error)}", file=sys.stderr)
        return 2
    os.nice(max(0, NICENESS - os.nice(0)))
    return _Run(folder, attempt, writer).go(unseal)


class _Run:
    """One attempt at a run."""

    def __init__(self, folder: RunFolder, attempt: int, writer: EventWriter) -> None:
        self._folder, self._attempt, self._writer = folder, attempt, writer
        self._began = time.monotonic()
        self._before = 0.0
        self._usage = Usage()
        self._threads = 0
        self._gate = Gate()
        self._waiting = Waiting(lambda: self._gate.given_up)
        self._trouble = ""
        self._read = False
        self._leaving: float | None = None
        self._last_word = threading.Lock()  # of the main thread and of the control thread, one says how the run ended
        self._heartbeat: Heartbeat | None = None
        self._reporter: Reporter | None = None
        self._keeping = Keeping(folder)

    def go(self, unseal: bool) -> int:
        with Control(self._folder, self._gate, self._tick):
            # a worker with a status has an ear for the doorbell, so that the status comes second
            self._heartbeat = Heartbeat(
                self._folder,
                self._attempt,
                lambda: self._writer.trouble or self._trouble,
                usage=self._usage.now,
            )
            ending, message, code = "finished", "", 0
            try:
                ending = self._train(unseal)
            except Stopped:
                self._last_word.acquire()
                self._end("stopped", step=0, kept=None)
                ending = "stopped"
            except Exception as error:
                self._last_word.acquire()
                self._keeping.forget()
                ending, (message, code) = "failed", self._fail(error)
            self._bring_home()
            self._heartbeat.end(ending, message)
        frames.forget(self._folder)  # the kept snapshots, which the events name, show what it showed
        return code

    # -- the trip ------------------------------------------------------------------------------------------------
    def _train(self, unseal: bool) -> str:
        reading = Reading(self._emit, self._gate)
        asked = self._asked()
        prepared = prepare(asked, self._folder.path, reading.tell)
        varied.check(prepared, self._folder)
        left = Left.of(self._folder, prepared.names) if self._attempt > 1 else Left()
        self._before = left.seconds
        first = prepared.member(0, reading.tell)
        whole = prepared.processes
        facts = about(self._folder, prepared, first.problem, whole, first.preprocessing.names)
        self._read = True
        self._stop_if_asked()
        device = first.problem.device
        self._threads = prepared.threads
        devices.limit_threads(prepared.threads, torch=first.problem.card.engine == "network")
        devices.make_repeatable(device)
        if left.begins:
            write_resolved(self._folder, prepared, first.problem)
        write_environment(self._folder, device, prepared.threads)
        album = self._album(first, keeping=True)
        album.keep_sample()
        self._keeping.going_on = bool(left.done)
        if self._attempt > 1:
            album.resume(-1 if left.begins else left.step if left.member == 0 else None)
        self._reporter = Reporter(
            self._emit,
            facts,
            self._gate,
            album,
            turns=[Turn(name, tuple(prepared.parts(index))) for index, name in enumerate(prepared.names)],
            opened=partial(self._say_pipeline, prepared, first.preprocessing),
            resumed=None if left.begins else (left.member, left.step),
        )
        self._stop_if_asked()
        if self._heartbeat:
            self._heartbeat.say("training")
        if left.begins:  # else they have been said
            for sentence in filter(None, (prepared.warning, *cautions(prepared.asked, prepared.divided))):
                self._warn(sentence)
        turns = Turns(
            prepared,
            first,
            self._reporter,
            self._gate,
            self._album,
            self._keeping,
            self._listen,
            Checkpoints(self._folder, self._warn, left),
        )
        del first
        self._usage.mark("training")
        outcome = turns.run(album)
        self._usage.mark("closing")
        self._gate.end()
        self._reporter.flush()
        judge = Judge(self._emit, prepared.divided.table, whole, asked.data.background_uncertainty)
        self._say(prepared, outcome, judge)
        self._keep(prepared, outcome)
        varied.say(judge, prepared, self._folder, outcome.parts, self._gate)
        if unseal and len(prepared.divided.parts["test"]):
            self._open_test(prepared, judge)
        permutation.say(judge, prepared, self._folder, outcome, self._gate)
        ending = "stopped" if self._reporter.stopped else "finished"
        self._end(ending, step=self._reporter.position, kept=outcome.kept_step)
        return ending

    def _asked(self) -> Experiment:
        """What is to be trained; a run that goes on does so on the same files, with as many threads as before."""
        asked = experiment(self._folder)
        if self._attempt == 1:
            return asked
        check_files(asked)
        threads = asked.resolved.get("threads")
        known = isinstance(threads, int) and "threads" in asked.training
        return replace(asked, training={**asked.training, "threads": threads}) if known else asked

    def _album(self, ready: Ready, *, keeping: bool) -> Album:
        return Album(self._folder, ready.problem, ready.preprocessing, self._warn, keeping=keeping)

    def _say_pipeline(self, prepared: Prepared, preprocessing: Preprocessing) -> None:
        self._emit("pipeline", **described(preprocessing, prepared.divided.table, prepared.parts(0)["train"]))

    def _listen(self, share: float) -> None:
        """While the next model's rows are made ready."""
        self._stop_if_asked()

    def _say(self, prepared: Prepared, outcome: Outcome, judge: Judge) -> None:
        """What the models are worth is said even where there is no room to save them."""
        names = prepared.names
        for sentence in (unseen(outcome.unseen, "validation"), outcome.cut_short(names), outcome.unvaried(names)):
            if sentence:
                self._warn(sentence)
        for part, rows in outcome.parts.items():
            judge.say(part, rows.scores, spread=spread(outcome.metrics.get(part, ())))

    def _keep(self, prepared: Prepared, outcome: Outcome) -> None:
        found = outcome.predictions(prepared.divided)
        try:
            self._waiting.saved(lambda: self._keeping.finish(found), self._tell_of_waiting)
        except OSError as error:
            self._keeping.forget()
            raise TrainingError(
                f"the model was trained but could not be saved: {why(error)} ({self._folder.model}); "
                "make room and run the experiment again",
                cause="disk",
            ) from error
        self._trouble = ""

    def _open_test(self, prepared: Prepared, judge: Judge) -> None:
        """The models are kept by now: what becomes of these scores, which can be had again, does not undo that."""
        scored = open_test(Members.load(self._folder, threads=prepared.threads), prepared.divided, judge, 1)
        try:
            keep_test(self._folder, prepared.divided, scored)
        except OSError as error:
            self._warn(
                f"The test part was opened, but its scores could not be kept: {why(error)} "
                f"({self._folder.predictions}); mltui runs unseal {self._folder.id} makes them again."
            )

    def _tell_of_waiting(self, error: OSError) -> None:
        """Say that the model is not saved yet: in the events, and where they are refused too, in the status."""
        self._trouble = (
            f"The model is trained but cannot be saved yet: {why(error)} ({self._folder.model}). "
            f"It is tried again for {self._waiting.seconds:.0f} s; a stop gives up."
        )
        self._warn(self._trouble)

    def _stop_if_asked(self) -> None:
        if self._gate.stopping:
            raise Stopped

    # -- what is said --------------------------------------------------------------------------------------------
    def _emit(self, kind: str, **fields: Any) -> None:
        self._writer.emit(kind, **fields)
        if self._heartbeat and kind in ("paused", "continued"):
            self._heartbeat.say("paused" if kind == "paused" else "training")

    def _warn(self, message: str) -> None:
        self._emit("warning", message=message)

    def _tick(self) -> None:
        if self._writer.usurped:
            print("another worker has written into this run's events; this one leaves it alone", file=sys.stderr)
            os._exit(USURPED)
        if self._reporter:
            self._reporter.tick()
        elif not self._read and self._gate.stopping:
            self._leave_unread()

    def _leave_unread(self) -> None:
        """From the control thread: end a run that is deep in a library or waits for a disk while it reads its data.

        There is nothing to keep of it. It has until the next tick to end by itself.
        """
        if self._leaving is None:
            self._leaving = time.monotonic()
        elif time.monotonic() - self._leaving >= PATIENCE and self._last_word.acquire(blocking=False):
            self._emit("stopped", step=0, kept=None, seconds=self._seconds())
            self._writer.close(patience=0.5)
            if self._heartbeat:
                self._heartbeat.end("stopped", "")
            frames.forget(self._folder)
            os._exit(0)

    def _end(self, kind: str, **fields: Any) -> None:
        if self._reporter:
            self._reporter.flush()
        self._emit("resources", **self._usage.whole(), **({"threads": self._threads} if self._threads else {}))
        self._emit(kind, **fields, seconds=self._seconds())

    def _seconds(self) -> float:
        """What all attempts have taken."""
        return round(self._before + time.monotonic() - self._began, 3)

    def _fail(self, error: Exception) -> tuple[str, int]:
        failure = Failure.of(error, self._folder)
        if failure.puzzling:
            traceback.print_exception(error)
        self._end("failed", message=failure.message, cause=failure.cause, log=str(self._folder.log))
        return failure.message, failure.code

    def _bring_home(self) -> None:
        """Wait until every report is safe, for a while, unless somebody wants the worker gone."""
        self._gate.end()
        while not self._writer.close(patience=1.0):
            if not self._waiting.left():
                print(f"the last reports could not be written: {self._writer.trouble}", file=sys.stderr)
                return
