"""Leaving the lab in the very moment a run starts: it trains on all the same."""

from __future__ import annotations

import time
from pathlib import Path

from textual.pilot import Pilot

from mltui.runs.home import Config
from mltui.runs.store import Store
from mltui.runs.summary import summarise
from mltui.ui.application import Application


async def _until_open(app: Application, pilot: Pilot[str]) -> None:
    end = time.monotonic() + 60
    while app.lab is None or not app.lab.is_mounted or app.lab.description is None:
        assert time.monotonic() < end
        await pilot.pause(0.02)


async def test_a_run_asked_for_right_before_leaving_is_trained(tmp_path: Path) -> None:
    app = Application(tmp_path, Config(threads=1), started_in=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await _until_open(app, pilot)
        assert app.lab is not None
        short = app.lab.sheet.typed("training.epochs", "2")
        app.lab.edit(short)
        app.lab.session.warm("mlp")
        await pilot.press("r", "ctrl+q")
    (folder,) = Store(tmp_path).folders()
    end = time.monotonic() + 60
    while summarise(folder).phase != "finished":
        assert time.monotonic() < end, summarise(folder)
        time.sleep(0.05)
