"""The queue in the lab: filled, looked at, put into another order, and emptied."""

from __future__ import annotations

from typing import Any

import pytest

from mltui.runs.cost import Cost
from mltui.runs.cost_rehearsal import GivenUp
from mltui.runs.queue import Queue


@pytest.fixture(autouse=True)
def tended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No dispatcher is started; that somebody saw to the queue is noted."""
    seen: list[str] = []

    def tend(queue: Queue) -> bool:
        seen.append(str(queue.home))
        return False

    monkeypatch.setattr(Queue, "tend", tend)
    return seen


def places(test: Any) -> list[str]:
    return [one.run for one in test.lab.session.queue.waiting()]


def listed(test: Any) -> list[str]:
    """The runs that wait as the screen has them."""
    lines = [line for line in test.lines() if "waiting, " in line]
    return [word for line in lines if (word := next(w for w in line.replace("│", " ").split() if w.isdigit()))]


async def test_runs_are_queued_moved_and_taken_out(open_lab: Any, tended: list[str]) -> None:
    async with open_lab() as test:
        for run in ("1", "2", "3"):
            await test.press("Q")
            await test.until(lambda run=run: places(test)[-1:] == [run], "a queued run")
        await test.seen("Run 3 is queued")
        assert tended
        await test.press("R")
        await test.seen("waiting, 3")
        assert listed(test) == ["1", "2", "3"]
        await test.press("right_square_bracket")
        await test.until(lambda: places(test) == ["2", "1", "3"], "later")
        await test.until(lambda: listed(test) == ["2", "1", "3"], "its new place")
        await test.press("left_square_bracket")
        await test.until(lambda: places(test) == ["1", "2", "3"], "earlier")
        await test.press("x")
        await test.seen("Take run 1")
        await test.press("n")
        await test.press("x")
        await test.seen("Take run 1")
        await test.press("y")
        await test.until(lambda: places(test) == ["2", "3"], "its end")
        await test.press("d")
        assert places(test) == ["2", "3"]


async def test_also_a_view_in_front_queues_the_setup_and_asks_its_cost(
    open_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Cost(75.0, 5.0, 69.0, 1.0, 4e8, 2e6, whole=False, axis="epoch", steps=40, total=800, rows=300, threads=2)
    monkeypatch.setattr("mltui.runs.cost_rehearsal.measure", lambda *given, **more: told)
    async with open_lab() as test:
        await test.press("2", "Q")
        await test.until(lambda: places(test) == ["1"], "a queued run")
        await test.press("K")
        await test.seen("about 1 min 15 s")


async def test_a_run_that_waits_can_be_looked_at(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("Q")
        await test.until(lambda: places(test) == ["1"], "a queued run")
        await test.press("R")
        await test.seen("waiting, 1")
        await test.press("enter")
        await test.seen("waits its turn")
        await test.seen("It starts by itself")


async def test_a_setup_that_cannot_run_is_not_queued(open_lab: Any) -> None:
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "nothing_of_the_kind"))
        await test.press("Q")
        await test.pilot.pause(0.1)
        assert places(test) == []


async def test_the_cost_is_shown_when_it_is_known(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Cost(75.0, 5.0, 69.0, 1.0, 4e8, 2e6, whole=False, axis="epoch", steps=40, total=800, rows=300, threads=2)
    monkeypatch.setattr("mltui.runs.cost_rehearsal.measure", lambda *given, **more: told)
    async with open_lab() as test:
        await test.press("K")
        await test.seen("about 1 min 15 s")
        await test.seen("40 of 800 epochs")
        await test.press("escape")
        await test.until(lambda: test.app.screen is test.lab, "the lab")


async def test_leaving_gives_the_question_up(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    def measure(*given: Any, wanted: Any, **more: Any) -> Cost:
        while wanted():
            pass
        ended.append(True)
        raise GivenUp("it was given up")

    monkeypatch.setattr("mltui.runs.cost_rehearsal.measure", measure)
    async with open_lab() as test:
        await test.press("K")
        await test.seen("rehearsed")
        await test.press("escape")
        await test.until(lambda: ended, "the end of it")
