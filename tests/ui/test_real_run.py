"""The lab with a real worker: from r to a finished run, and a worker that is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from mltui.record.status import read_status
from mltui.runs.experiments import check
from mltui.runs.home import Config
from mltui.ui.application import Application
from mltui.ui.screens.lab import Lab

TREE = {"data": {"dataset": "circles", "options": {"samples": 200}}, "model": {"name": "decision_tree"}}
ENDLESS = {
    "data": {"dataset": "circles", "options": {"samples": 100}},
    "model": {"name": "mlp", "hidden_layers": [4]},
    "training": {"epochs": 1_000_000},
}


async def until(pilot: Pilot[Any], condition: Any, what: str, seconds: float = 60.0) -> None:
    for _ in range(int(seconds / 0.05)):
        await pilot.pause(0.05)
        if condition():
            return
    raise AssertionError(f"{what} did not happen within {seconds} s")


def opened(home: Path, here: Path, document: dict[str, Any]) -> Application:
    path = here / "given.toml"
    path.write_text(check(document).to_toml())
    return Application(home, Config(threads=1), experiment=path, started_in=here)


async def test_r_trains_to_the_end_with_the_files_own_metrics(home: Path, here: Path) -> None:
    home.mkdir()
    app = opened(home, here, TREE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Lab), "the lab")
        lab = app.lab
        assert lab is not None
        await until(pilot, lambda: lab.description is not None, "the description")
        await pilot.press("r")
        await until(pilot, lambda: lab.shown.state.phase == "finished", "the end")
        assert lab.shown.state.metrics["validation"]["accuracy"] > 0.8
        assert "test" not in lab.shown.state.metrics
        assert lab.shown.snapshot is not None
        assert lab.session.run is not None
        assert lab.session.run.experiment.read_text() == (here / "given.toml").read_text()


async def test_a_killed_worker_is_said_and_another_run_begins(home: Path, here: Path) -> None:
    home.mkdir()
    app = opened(home, here, ENDLESS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Lab), "the lab")
        lab = app.lab
        assert lab is not None
        await pilot.press("r")
        await until(pilot, lambda: lab.shown.state.step > 3, "training")
        await pilot.press("r")
        await until(pilot, lambda: lab.shown.state.phase == "paused", "the pause")
        step = lab.shown.state.step
        await pilot.press("s")
        await until(pilot, lambda: lab.shown.state.step > step and lab.shown.state.phase == "paused", "one step")
        folder = lab.session.run
        assert folder is not None
        status = read_status(folder.status)
        assert status is not None
        os.kill(status.pid, signal.SIGKILL)
        await until(pilot, lambda: lab.shown.state.phase == "interrupted", "the verdict")
        assert "killed" in lab.shown.state.message
        session = lab.session
        ready = lambda: session._spare.pid is not None and session._warmed == f"mlp {session._spare.pid}"  # noqa: E731
        await until(pilot, ready, "getting ready for the next run")
        await pilot.press("s")
        await until(pilot, lambda: lab.shown.state.run not in ("", folder.id), "another run")
        await until(pilot, lambda: lab.shown.state.phase == "paused", "its pause after one step")
        assert lab.shown.state.step <= 2
        await pilot.press("x")
        await until(pilot, lambda: lab.shown.state.phase == "stopped", "the stop")
