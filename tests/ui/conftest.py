"""A lab whose runs are written by hand, so that the screen is tested without a worker."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.pilot import Pilot

from mltui.core.experiment import Experiment
from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.record.control import Command, take
from mltui.record.folder import RunFolder
from mltui.record.snapshots import write_snapshot
from mltui.record.state import RunState
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs.home import Config
from mltui.runs.resume import prepared
from mltui.ui.application import Application
from mltui.ui.screens.lab import Lab
from mltui.ui.session import Session

CHANGEABLE = ("training.learning_rate", "training.early_stopping", "model.dropout")
CURVES = [
    {"name": name, "part": part, "axis": "epoch", "better": better}
    for name, better in (("loss", "lower"), ("accuracy", "higher"), ("auc", "higher"))
    for part in ("train", "validation")
]


class HandRun:
    """The worker's side of a run, played by a test."""

    def __init__(self, folder: RunFolder, experiment: Experiment) -> None:
        self.folder, self.attempt = folder, folder.claim_attempt()
        self.writer = EventWriter(folder, self.attempt)
        self.dataset = experiment.data.dataset
        write_status(folder.status, Status.here("training", attempt=self.attempt))

    def start(self, total: int = 10, classes: Sequence[str] = ("a", "b"), **more: Any) -> None:
        self.writer.emit(
            "started", format=1, run=self.folder.id, model="mlp", task="classification", dataset=self.dataset,
            axis="epoch", total=total, curves=CURVES, parts={"train": 300, "validation": 100}, classes=list(classes),
            features=["x1", "x2"], controls=["pause", "step", "batch", "stop"], changeable=list(CHANGEABLE),
            model_title="Neural network", **more,
        )  # fmt: skip

    def epochs(self, first: int, last: int, total: int = 10, **more: Any) -> None:
        steps = list(range(first, last + 1))
        falling = [1 / (1 + step) for step in steps]
        columns = [falling, falling] + [[1 - f / 2 for f in falling]] * 4
        self.writer.emit(
            "progress", axis=steps, columns=columns, rate=1240.0, done=last / total, seconds_left=1.0, **more
        )

    def snapshot(self, step: int, files: Sequence[tuple[int, str]]) -> None:
        write_snapshot(self.folder.snapshots / f"{step}.npz", picture(step))
        self.writer.emit("snapshot", files=[list(entry) for entry in files])

    def change(self, step: float, key: str, before: object, value: object) -> None:
        self.writer.emit("changed", step=step, key=key, before=before, value=value)

    def stop(self, step: int) -> None:
        self.writer.emit("stopped", step=step, kept=step, seconds=1.5)
        self._leave("stopped")

    def finish(self, step: int = 10) -> None:
        metrics = {"loss": 0.1234, "accuracy": 0.95, "auc": 0.987}
        for part in ("train", "validation"):
            self.writer.emit("evaluated", part=part, metrics=metrics)
        self.writer.emit("finished", step=step, kept=step, seconds=3.2)
        self._leave("finished")

    def _leave(self, state: str) -> None:
        gone = replace(Status.here(state, attempt=self.attempt), started=1.0)  # this process lives on, not the worker
        write_status(self.folder.status, gone)

    def fail(self, message: str) -> None:
        self.folder.log.write_text("first line\nlast words of the worker\n")
        self.writer.emit("failed", message=message, cause="died", log=str(self.folder.log))

    def commands(self) -> list[Command]:
        return take(self.folder)

    def close(self) -> None:
        self.writer.close()


def picture(step: int) -> Snapshot:
    """A small snapshot: two parts' scores, a surface, points."""
    random = np.random.default_rng(step)
    target = random.integers(0, 2, 60)
    part = Scores(target, np.clip(target * 0.5 + random.random(60) * 0.5, 0, 1), np.ones(60))
    places = random.normal(size=(2, 60))
    surface = Surface(random.random((12, 12)), "x1", "x2", (-3.0, 3.0, -3.0, 3.0))
    points = Points(places[0], places[1], target, np.zeros(60, np.int64))
    return Snapshot(step, {"train": part, "validation": part}, surface, points)


class HandSession(Session):
    """A session that describes data in this process and starts no worker; the test plays it."""

    def __init__(self, home: Path, folder: Path) -> None:
        super().__init__(home, folder, folder)
        self.begun: list[Experiment] = []
        self.hand: HandRun | None = None

    async def describe(self, data: Mapping[str, Any]) -> dict[str, Any]:
        from mltui.core.data_rules import read_data
        from mltui.training.describe import describe

        return describe(read_data(data), self.folder)

    async def ask(self, job: str, **fields: Any) -> dict[str, Any]:
        from mltui.training.jobs import Jobs

        return Jobs().table()[job]({"folder": str(self.folder), **fields})

    def warm(self, model: str) -> None:
        pass

    async def begin(self, experiment: Experiment, asked: str, *, stepwise: bool = False) -> RunFolder:
        folder = self.store.create(experiment, asked, self.folder)
        self.begun.append(experiment)
        self.hand = HandRun(folder, experiment)
        self.look_at(folder, experiment)
        return folder

    async def resume(self, state: RunState | None = None) -> None:
        assert self.run is not None
        assert self.experiment is not None
        with prepared(self.run, state):
            pass
        self.run = RunFolder(self.run.path)
        self.hand = HandRun(self.run, self.experiment)


class LabTest:
    """An open lab with its pilot, and what tests ask of it again and again."""

    def __init__(self, app: Application, pilot: Pilot[str], session: HandSession) -> None:
        self.app, self.pilot, self.session = app, pilot, session

    @property
    def lab(self) -> Lab:
        assert self.app.lab is not None
        return self.app.lab

    @property
    def hand(self) -> HandRun:
        assert self.session.hand is not None
        return self.session.hand

    async def press(self, *keys: str) -> None:
        """Press keys; each is done with, and what it set off, before the next."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause(0)

    def burst(self, *keys: str) -> None:
        """Keys as a slow line brings them: all in one packet, before anything looks at the first."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def until(self, condition: Callable[[], object], what: str = "it", seconds: float = 30.0) -> None:
        """Wait until something is so; fail with its name where it does not become so."""
        end = monotonic() + seconds
        while monotonic() < end:
            await self.pilot.pause(0.01)
            if condition():
                return
        raise AssertionError(f"{what} did not happen within {seconds} s; the screen:\n{self.screen()}")

    def lines(self) -> list[str]:
        """What stands on the screen, line by line."""
        width, height = self.app.size
        rows = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip)[:width] for strip in rows[:height]]

    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines())

    async def seen(self, words: str) -> None:
        """Wait until words stand on the screen."""
        await self.until(lambda: words in self.screen(), f"{words!r} on the screen")

    async def run(self) -> HandRun:
        """Press r and play the worker's first words."""
        count = len(self.session.begun)
        await self.press("r")
        await self.until(lambda: len(self.session.begun) > count, "the run's start")
        self.hand.start()
        self.hand.epochs(1, 3)
        await self.until(lambda: self.lab.shown.state.step == 3, "the first epochs")
        return self.hand


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot waits at every key until the process idles, which a lab that follows a run never does."""

    async def moment(min_sleep: float = 0, max_sleep: float = 0) -> None:
        await asyncio.sleep(0.004)

    monkeypatch.setattr("textual.app.wait_for_idle", moment)
    monkeypatch.setattr("textual.pilot.wait_for_idle", moment)


@pytest.fixture(autouse=True)
def deaf() -> Iterator[None]:
    """The doorbell rings at this process, which plays the worker, and must not end it."""
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    path = tmp_path / "here"
    path.mkdir()
    return path


@pytest.fixture
def open_lab(home: Path, here: Path) -> Any:
    """A context manager that opens the lab in a terminal of a size."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24), config: Config | None = None, **settings: Any) -> Any:
        file = settings.get("experiment")
        session = HandSession(home, file.parent if file else here)
        home.mkdir(exist_ok=True)
        app = Application(home, config or Config(), started_in=here, session=session, **settings)
        async with app.run_test(size=size, notifications=True) as pilot:
            test = LabTest(app, pilot, session)
            await test.until(lambda: app.lab is not None and app.lab.is_mounted, "the lab's screen")
            await test.until(lambda: test.lab.description is not None or test.lab.trouble, "the description")
            await pilot.pause()
            yield test
            if session.hand is not None:
                session.hand.close()
        await asyncio.sleep(0)

    return opened
