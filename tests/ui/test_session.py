"""The lab's dealings with its spare worker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mltui.record.folder import RunFolder
from mltui.runs import draft
from mltui.runs.experiments import check
from mltui.ui import session as module
from mltui.ui.session import Session
from mltui.ui.sheet import Sheet


class StuckSpare:
    """A spare that never answers about one file, until it is ended and started anew."""

    def __init__(self) -> None:
        self.closed = 0
        self._busy = asyncio.Lock()

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        async with self._busy:  # one job after the other, as the process does
            if job["data"]["files"] == ["hung.csv"]:
                await asyncio.Event().wait()
            return {"rows": 3}

    def close(self) -> None:
        self.closed += 1


async def test_a_file_that_hangs_does_not_hold_up_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HUNG", 0.05)
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = StuckSpare()
    monkeypatch.setattr(session, "_spare", spare)
    hung = asyncio.create_task(session.describe({"files": ["hung.csv"]}))
    await asyncio.sleep(0)
    hung.cancel()  # as the form does when its data change
    answer = await asyncio.wait_for(session.describe({"files": ["good.csv"]}), 2)
    assert answer == {"rows": 3}
    assert spare.closed == 1
    assert (await session.describe({"files": ["good.csv"]}))["rows"] == 3
    assert spare.closed == 1


class WarmingSpare:
    """A spare whose imports take long; it notes what it is told."""

    def __init__(self) -> None:
        self.pid: int | None = 1
        self.told: list[str] = []
        self.imported = asyncio.Event()

    async def warm(self, model: str) -> None:
        await self.imported.wait()

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        await self.imported.wait()  # one job after the other
        return {"rows": 3}

    async def run(self, folder: RunFolder) -> int:
        self.told.append(f"run {folder.id}")
        return 1

    def close(self) -> None:
        self.told.append("close")


def warming(session: Session, monkeypatch: pytest.MonkeyPatch) -> WarmingSpare:
    spare = WarmingSpare()
    monkeypatch.setattr(session, "_spare", spare)
    session.warm("mlp")
    return spare


async def test_a_run_asked_for_while_its_worker_warms_is_started_before_the_lab_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = warming(session, monkeypatch)
    asked = asyncio.create_task(session.begin(Sheet.welcome().experiment(), ""))
    while session.run is None:
        await asyncio.sleep(0.01)
    asked.cancel()  # as the screen does when it is left
    await asyncio.wait_for(session.close(), 2)
    assert spare.told == ["close", f"run {session.run.id}", "close"]


async def test_editing_does_not_end_a_spare_that_only_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HUNG", 0.02)
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = warming(session, monkeypatch)
    first = asyncio.create_task(session.describe({"dataset": "circles"}))
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(session.describe({"dataset": "xor"}))
    await asyncio.wait({second}, timeout=0.2)
    spare.imported.set()
    assert await asyncio.wait_for(second, 2) == {"rows": 3}
    assert spare.told == []


async def test_names_in_drafts_and_written_experiments_hold_wherever_they_are_read(tmp_path: Path) -> None:
    there, here, home = tmp_path / "there", tmp_path / "here", tmp_path / "home"
    data = {"data": {"files": ["a.csv", "root://host/b.root"], "target": "y"}, "model": {"name": "knn"}}
    session = Session(home, there, here)
    assert await session.keep(data) == ""
    assert draft.load(home)["data"]["files"] == [str(there / "a.csv"), "root://host/b.root"]
    experiment = check(data)
    assert session.portable(experiment).data.files == (str(there / "a.csv"), "root://host/b.root")
    assert Session(home, there, there).portable(experiment) == experiment
