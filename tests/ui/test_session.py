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
from mltui.ui.session import GivenUp, Session
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


class SlowSpare:
    """A spare that answers one job after the other, each when the test lets it, until it is ended."""

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Event] = {}
        self.closed = 0
        self.asked: list[dict[str, Any]] = []
        self._busy = asyncio.Lock()

    async def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        async with self._busy:
            self.asked.append(job)
            await self.gates.setdefault(str(job.get("names")), asyncio.Event()).wait()
            return {"names": job.get("names")}

    def open(self, names: object) -> None:
        self.gates.setdefault(str(names), asyncio.Event()).set()

    def close(self) -> None:
        self.closed += 1


def slow(session: Session, monkeypatch: pytest.MonkeyPatch) -> SlowSpare:
    spare = SlowSpare()
    monkeypatch.setattr(session, "_spare", spare)
    monkeypatch.setattr(module, "HUNG", 0.05)
    return spare


async def test_a_job_is_asked_with_its_fields_and_where_names_are_relative_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = slow(session, monkeypatch)
    spare.open(["x"])
    assert await session.ask("variables", data={"files": ["a.csv"]}, names=["x"]) == {"names": ["x"]}
    expected = {"job": "variables", "folder": str(tmp_path), "data": {"files": ["a.csv"]}, "names": ["x"]}
    assert spare.asked == [expected]


async def test_a_job_waits_for_one_whose_answer_is_still_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = slow(session, monkeypatch)
    first = asyncio.create_task(session.ask("variables", names=["x"]))
    second = asyncio.create_task(session.ask("variables", names=["y"]))
    spare.open(["y"])
    await asyncio.wait({second}, timeout=0.2)
    assert not second.done()
    spare.open(["x"])
    assert [await first, await second] == [{"names": ["x"]}, {"names": ["y"]}]
    assert spare.closed == 0


async def test_a_job_that_sticks_and_that_nobody_wants_any_more_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = slow(session, monkeypatch)
    stuck = asyncio.create_task(session.ask("variables", names=["stuck"]))
    await asyncio.sleep(0)
    stuck.cancel()
    spare.open(["y"])
    assert await asyncio.wait_for(session.ask("variables", names=["y"]), 2) == {"names": ["y"]}
    assert spare.closed == 1


async def test_a_job_that_holds_up_a_description_is_given_up_and_may_be_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare = slow(session, monkeypatch)
    pictures = asyncio.create_task(session.ask("variables", names=["x"]))
    await asyncio.sleep(0)
    spare.open(None)
    assert await asyncio.wait_for(session.describe({"files": ["b.csv"]}), 2) == {"names": None}
    with pytest.raises(GivenUp):
        await pictures
    spare.open(["x"])
    assert await session.ask("variables", names=["x"]) == {"names": ["x"]}


async def test_what_is_still_asked_ends_with_the_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    slow(session, monkeypatch)
    asked = asyncio.create_task(session.ask("variables", names=["x"]))
    await asyncio.sleep(0)
    await session.close()
    with pytest.raises(GivenUp):
        await asyncio.wait_for(asked, 2)


async def test_a_job_does_not_wait_for_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    spare, aside = warming(session, monkeypatch), SlowSpare()
    monkeypatch.setattr(session, "_aside", aside)
    aside.open(["x"])
    assert await asyncio.wait_for(session.ask("variables", names=["x"]), 2) == {"names": ["x"]}
    spare.imported.set()
    await asyncio.sleep(0.01)
    assert (await session.ask("variables", names=["x"])) == {"rows": 3}


async def test_a_folder_is_listed_while_data_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(tmp_path, tmp_path, tmp_path)
    aside = SlowSpare()
    slow(session, monkeypatch)
    monkeypatch.setattr(session, "_aside", aside)
    hung = asyncio.create_task(session.describe({"files": ["hung.csv"]}))
    await asyncio.sleep(0)
    aside.open(None)
    assert await asyncio.wait_for(session.ask("browse", folder="/data"), 2) == {"names": None}
    assert aside.asked[0]["folder"] == "/data"
    assert not hung.done()
    hung.cancel()


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
