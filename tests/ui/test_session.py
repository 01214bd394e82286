"""The lab's dealings with its spare worker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mltui.ui import session as module
from mltui.ui.session import Session


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
