"""Run folders made from plain documents, and worker processes that never outlive the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mltui.core.events import Event
from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.record.folder import RunFolder
from mltui.record.reader import EventReader
from mltui.record.state import RunState, fold
from mltui.training.problem import Problem

PATIENCE = 120.0
ONE_AFTER_THE_OTHER = """
import sys
from pathlib import Path
from mltui.training.worker import run
sys.exit(max([run(Path(path), unseal=unseal == "open") for path, unseal in zip(sys.argv[1::2], sys.argv[2::2])]))
"""


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives as soon as it is true."""
    until = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < until, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.005)
    return found


@dataclass
class Run:
    """A run folder with its worker."""

    folder: RunFolder
    process: subprocess.Popen[bytes] | None = None

    def events(self) -> list[Event]:
        return EventReader(self.folder).poll()

    def state(self) -> RunState:
        return fold(RunState(), self.events())

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]

    def code(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def until(self, condition: Callable[[RunState], Any], what: str) -> RunState:
        """The state of the run once the condition holds of it."""
        wait_for(lambda: condition(self.state()), f"{what}; last: {self.kinds()[-3:]}, {self.state().message}")
        return self.state()


@dataclass
class Workers:
    """Starts worker processes; those still living at the end are killed."""

    root: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    count: int = 0

    def folder(self, document: Mapping[str, Any]) -> RunFolder:
        """A new run folder as the store makes it, for the experiment that a document says."""
        self.count += 1
        path = self.root / "runs" / str(self.count)
        path.mkdir(parents=True)
        text = Experiment.check(document, known()).to_toml()
        folder = RunFolder(path)
        folder.experiment.write_text(text)
        folder.resolved.write_text(text)
        return folder

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        """The worker program with these arguments."""
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.root)}
        command = [sys.executable, "-P", "-m", "mltui.training", *arguments]
        process = subprocess.Popen(command, env=environment, start_new_session=True, **streams)
        self.started.append(process)
        return process

    def run(self, document: Mapping[str, Any], *options: str, **streams: Any) -> Run:
        """A new run with its worker under way."""
        folder = self.folder(document)
        return Run(folder, self.start("run", str(folder.path), *options, **streams))

    def in_one(self, documents: Mapping[str, Mapping[str, Any]], *, opened: Sequence[str] = ()) -> dict[str, Run]:
        """The runs of these experiments, done well, by one process that loads its libraries once.

        Args:
            opened: those whose test part is opened at the end.
        """
        runs = {name: Run(self.folder(document)) for name, document in documents.items()}
        asked = [word for n, one in runs.items() for word in (str(one.folder.path), "open" if n in opened else "no")]
        command = [sys.executable, "-P", "-c", ONE_AFTER_THE_OTHER, *asked]
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.root)}
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        self.started.append(process)
        code = process.wait(PATIENCE)
        for name, one in runs.items():
            assert one.state().phase == "finished", (name, one.state().message, one.folder.log.read_text())
        assert code == 0
        return runs


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Where workers come from; their frames lie below `root`."""
    workers = Workers(tmp_path_factory.mktemp("workers"))
    yield workers
    for process in workers.started:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


@pytest.fixture(scope="session")
def experiment() -> Callable[..., Experiment]:
    """Makes a checked experiment of the sections given; mlp on moons where nothing is said."""

    def make(dataset: str = "moons", model: Mapping[str, Any] | None = None, **sections: Any) -> Experiment:
        document = {"data": {"dataset": dataset}, "model": {"name": "mlp", **(model or {})}, **sections}
        return Experiment.check(document, known())

    return make


@pytest.fixture(scope="session")
def problem(experiment: Callable[..., Experiment]) -> Callable[..., Problem]:
    """Makes the problem of such an experiment."""
    from mltui.training.prepare import prepare

    return lambda *given, **sections: prepare(experiment(*given, **sections), Path()).member(0).problem
