"""A store that does not answer: the lab says so in the run's own row, goes on drawing and can be left."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mltui.record.folder import RunFolder
from mltui.runs.watch import Watch
from mltui.ui.aside import aside
from mltui.ui.screens import running, runs
from mltui.ui.session import Session


@pytest.fixture
def mount(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set: the store answers. Clear: whoever asks waits."""
    answers = threading.Event()
    answers.set()
    look, listed = Watch.look, Session.runs

    def slow_look(watch: Watch, *given: Any) -> object:
        answers.wait()
        return look(watch, *given)

    async def slow_runs(session: Session) -> object:
        await aside(answers.wait)
        return await listed(session)

    monkeypatch.setattr(Watch, "look", slow_look)
    monkeypatch.setattr(Session, "runs", slow_runs)
    monkeypatch.setattr(running, "UNANSWERED", 0.05)
    monkeypatch.setattr(runs, "UNANSWERED", 0.05)
    yield answers
    answers.set()


async def test_the_runs_line_says_that_its_folder_does_not_answer(open_lab: Any, mount: threading.Event) -> None:
    async with open_lab() as test:
        hand = await test.run()
        mount.clear()
        hand.epochs(4, 5)
        await test.seen("its folder has not answered for")
        await test.press("3")
        await test.seen("Surface")
        mount.set()
        await test.seen(" 5/10")
        assert "answered" not in test.screen()


async def test_the_list_of_runs_says_it_too_and_can_be_left(open_lab: Any, mount: threading.Event) -> None:
    async with open_lab() as test:
        mount.clear()
        await test.press("R")
        await test.seen("the store has not answered for")
        await test.press("escape")
        await test.seen("Setup")


async def test_the_lab_can_be_left_while_nothing_answers(
    open_lab: Any, mount: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mltui.ui.application.DRAFT_SECONDS", 0.1)
    monkeypatch.setattr("mltui.runs.draft.save", lambda home, document: mount.wait())
    async with open_lab() as test:
        mount.clear()
        began = time.monotonic()
        await test.press("ctrl+q")
        await test.until(lambda: not test.app.is_running, "the end")
        assert time.monotonic() - began < 10


def test_what_hangs_is_not_waited_for_when_the_loop_ends() -> None:
    hangs = threading.Event()

    async def lab() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(aside(hangs.wait), 0.05)

    try:
        asyncio.run(lab())
    finally:
        hangs.set()


async def test_an_answer_and_an_error_come_through(tmp_path: Path) -> None:
    assert await aside(RunFolder, path=tmp_path) == RunFolder(tmp_path)
    with pytest.raises(FileNotFoundError):
        await aside((tmp_path / "nothing").stat)
