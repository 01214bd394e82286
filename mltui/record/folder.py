"""The run folder: what lies where, and the numbered attempts at the run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mltui.record.files import private_part


@dataclass(frozen=True)
class RunFolder:
    """One run's folder. Its properties are places; what they hold may not exist yet."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id, which is the folder's name."""
        return self.path.name

    @property
    def experiment(self) -> Path:
        """What was asked, verbatim."""
        return self.path / "experiment.toml"

    @property
    def resolved(self) -> Path:
        """The experiment with every default and absolute paths; reruns use it."""
        return self.path / "resolved.toml"

    @property
    def environment(self) -> Path:
        """Versions, host and device."""
        return self.path / "environment.json"

    @property
    def events(self) -> Path:
        """What the run reports, one JSON object a line, by one writer."""
        return self.path / "events.jsonl"

    @property
    def status(self) -> Path:
        """The worker's sign of life."""
        return self.path / "status.json"

    @property
    def launch(self) -> Path:
        """What the process that launched the worker knows of it: its pid and, once it has ended, its exit code."""
        return self.path / "launch.json"

    @property
    def attempts(self) -> Path:
        """One folder for each start or resume."""
        return self.path / "attempts"

    @property
    def control(self) -> Path:
        """Commands to the worker, one file each."""
        return self.path / "control"

    @property
    def checkpoints(self) -> Path:
        """What training goes on from where it was cut off."""
        return self.path / "checkpoints"

    @property
    def checkpoint(self) -> Path:
        """The last state of the model that is trained."""
        return self.checkpoints / "last.safetensors"

    @property
    def done(self) -> Path:
        """Which of the run's models need no training any more."""
        return self.checkpoints / "done.json"

    @property
    def steered(self) -> Path:
        """There where a value was changed while the run trained: lists tell it without reading every event."""
        return self.path / "steered"

    @property
    def snapshots(self) -> Path:
        """The kept snapshots."""
        return self.path / "snapshots"

    @property
    def sample(self) -> Path:
        """The raw rows of which the snapshots hold the scores."""
        return self.path / "sample.npz"

    @property
    def predictions(self) -> Path:
        """Scores, labels, weights and origin of each row."""
        return self.path / "predictions.npz"

    @property
    def model(self) -> Path:
        """The kept model."""
        return self.path / "model"

    def member_model(self, name: str) -> Path:
        """Where the model of that name is kept: model/fold-1 of `fold 1`, model/refit; model/ itself of one alone."""
        return self.model / name.replace(" ", "-") if name else self.model

    @property
    def opening(self) -> Path:
        """There while a process opens the test part."""
        return self.path / "opening"

    @property
    def log(self) -> Path:
        """What the worker and the libraries in it printed."""
        return self.path / "worker.log"

    @property
    def last_attempt(self) -> int:
        """The number of the last attempt; 0 before the first.

        Raises:
            OSError: where the folder cannot be read.
        """
        try:
            names = os.listdir(self.attempts)
        except FileNotFoundError:
            return 0
        return max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)

    def claim_first_attempt(self) -> int:
        """Take the number of the first attempt, which is 1, for a run that nobody else has begun.

        Raises:
            FileExistsError: where somebody has.
            OSError: where the folder cannot be written.
        """
        private_part(self.attempts)
        (self.attempts / "0001").mkdir(mode=0o700)
        return 1

    def claim_attempt(self) -> int:
        """Take the next attempt's number, counted from 1; two workers never get the same.

        Raises:
            OSError: where the folder cannot be written.
        """
        private_part(self.attempts)
        number = self.last_attempt + 1
        while True:
            try:
                (self.attempts / f"{number:04d}").mkdir(mode=0o700)
            except FileExistsError:
                number += 1
            else:
                return number
