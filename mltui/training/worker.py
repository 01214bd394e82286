"""The worker's natural trip: resolved.toml, read, split, preprocess, fit, evaluate, save; every step said in events."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from mltui.core.experiment import data_name
from mltui.core.sections import Part
from mltui.inference.asked import experiment
from mltui.inference.fitted import Fitted
from mltui.record import frames
from mltui.record.files import private_folder, why
from mltui.record.folder import RunFolder
from mltui.record.predictions import write_predictions
from mltui.record.writer import EventWriter
from mltui.training import devices
from mltui.training.control import Control
from mltui.training.engines import engine
from mltui.training.failures import Failure
from mltui.training.gate import Gate, Stopped
from mltui.training.heartbeat import Heartbeat
from mltui.training.judged import judge, predictions, scored
from mltui.training.log import log_everything_to
from mltui.training.pictures import Album
from mltui.training.prepare import Prepared, prepare
from mltui.training.problem import Rows, TrainingError
from mltui.training.reading import Reading
from mltui.training.report import Reporter
from mltui.training.surroundings import write_environment, write_resolved
from mltui.training.waiting import Waiting

NICENESS = 5
PATIENCE = 0.4
"""Seconds that a run which is asked to stop while it reads its data is given to do so by itself."""


def run(path: Path, *, unseal: bool = False) -> int:
    """Train the experiment of a run folder; the exit code: 0 done or stopped and kept, 1 failed, 2 bad input."""
    folder = RunFolder(path.absolute())
    try:
        log_everything_to(folder.log)
        attempt = folder.claim_attempt()
        writer = EventWriter(folder, attempt)
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
        self._gate = Gate()
        self._waiting = Waiting(lambda: self._gate.given_up)
        self._trouble = ""
        self._read = False
        self._leaving: float | None = None
        self._last_word = threading.Lock()  # of the main thread and of the control thread, one says how the run ended
        self._heartbeat: Heartbeat | None = None
        self._reporter: Reporter | None = None

    def go(self, unseal: bool) -> int:
        with Control(self._folder, self._gate, self._tick):
            # a worker with a status has an ear for the doorbell, so that the status comes second
            self._heartbeat = Heartbeat(self._folder, self._attempt, lambda: self._writer.trouble or self._trouble)
            ending, message, code = "finished", "", 0
            try:
                ending = self._train(unseal)
            except Stopped:
                self._last_word.acquire()
                self._end("stopped", step=0, kept=None)
                ending = "stopped"
            except Exception as error:
                self._last_word.acquire()
                ending, (message, code) = "failed", self._fail(error)
            self._bring_home()
            self._heartbeat.end(ending, message)
        frames.forget(self._folder)  # the kept snapshots, which the events name, show what it showed
        return code

    # -- the trip ------------------------------------------------------------------------------------------------
    def _train(self, unseal: bool) -> str:
        reading = Reading(self._emit, self._gate)
        prepared = prepare(experiment(self._folder), self._folder.path, reading.tell)
        self._read = True
        self._stop_if_asked()
        problem = prepared.problem
        trainer = engine(problem.card)
        devices.limit_threads(problem.threads, torch=problem.card.engine == "network")
        devices.make_repeatable(problem.device)
        write_resolved(self._folder, prepared)
        write_environment(self._folder, problem.device, problem.threads)
        album = Album(self._folder, problem, prepared.preprocessing, self._warn)
        reporter = Reporter(self._emit, _about(self._folder, prepared), self._gate, album)
        self._stop_if_asked()
        self._reporter = reporter
        if self._heartbeat:
            self._heartbeat.say("training")
        if prepared.warning:
            self._warn(prepared.warning)
        fitted = trainer.fit(problem, reporter)
        self._gate.end()
        album.last(reporter.position if fitted.kept is None else fitted.kept, fitted.predict)
        reporter.flush()
        self._keep(prepared, fitted, unseal)
        ending = "stopped" if reporter.stopped else "finished"
        self._end(ending, step=reporter.position, kept=fitted.kept)
        return ending

    def _keep(self, prepared: Prepared, fitted: Fitted, unseal: bool) -> None:
        """Judge the model, then save it: what it is worth is said even where there is no room to save it."""
        parts: dict[Part, Rows] = dict(prepared.problem.parts)
        table = prepared.divided.table
        if unseal:
            parts |= prepared.divided.rows(("test",), prepared.preprocessing)
        scores = scored(fitted, parts)
        for part in parts:
            opening = {"opening": 1} if part == "test" else {}
            judge(self._emit, table, part, scores[part], **opening)

        def save() -> None:
            private_folder(self._folder.model)
            prepared.preprocessing.save(self._folder.model)
            fitted.save(self._folder.model)
            write_predictions(self._folder, predictions(parts, scores, table))

        try:
            self._waiting.saved(save, self._tell_of_waiting)
        except OSError as error:
            shutil.rmtree(self._folder.model, ignore_errors=True)  # half of one is none, and its room is needed
            raise TrainingError(
                f"the model was trained but could not be saved: {why(error)} ({self._folder.model}); "
                "make room and run the experiment again",
                cause="disk",
            ) from error
        self._trouble = ""

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
            self._emit("stopped", step=0, kept=None, seconds=round(time.monotonic() - self._began, 3))
            self._writer.close(patience=0.5)
            if self._heartbeat:
                self._heartbeat.end("stopped", "")
            frames.forget(self._folder)
            os._exit(0)

    def _end(self, kind: str, **fields: Any) -> None:
        if self._reporter:
            self._reporter.flush()
        self._emit(kind, **fields, seconds=round(time.monotonic() - self._began, 3))

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


def _about(folder: RunFolder, prepared: Prepared) -> dict[str, Any]:
    """What the started event says of the run, beside its curves and total."""
    problem, table = prepared.problem, prepared.divided.table
    return {
        "run": folder.id,
        "name": problem.experiment.name,
        "model": problem.card.name,
        "model_title": problem.card.title,
        "task": problem.task,
        "dataset": data_name(problem.experiment.document()["data"]),
        "axis": problem.card.axis,
        "parts": {part: len(rows) for part, rows in prepared.divided.parts.items()},
        "classes": list(problem.classes),
        "features": list(table.features),
        "target": table.target_label,
        "target_name": table.target_name,
        "weighted": problem.weighted,
        "controls": sorted(problem.card.controls),
        "threads": problem.threads,
        "device": problem.device,
    }
