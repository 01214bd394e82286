"""The code of the setup or the run, from the lab: which is asked for, shown, written and copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment

SCRIPT = '"""Two moons."""\n\n# The data ---\nx = 1\n' + "".join(f"y = {n}\n" for n in range(60))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Experiment | None]:
    """What the code was asked of; the answer is always the same."""
    found: list[Experiment | None] = []

    async def code(self: Any, experiment: Experiment | None) -> str:
        found.append(experiment)
        return SCRIPT

    monkeypatch.setattr("mltui.ui.session.Session.code", code)
    return found


async def test_c_shows_the_code_of_the_setup_and_w_writes_it_never_over_a_file(
    open_lab: Any, asked: list[Experiment | None], here: Path
) -> None:
    async with open_lab() as test:
        await test.press("c")
        await test.seen("Code of the setup")
        await test.seen("x = 1")
        assert "y = 59" not in test.screen()
        await test.press("end")
        await test.seen("y = 59")
        await test.press("w")
        await test.seen("Wrote")
        assert (here / "experiment.py").read_text() == SCRIPT
        await test.press("w")
        await test.seen("experiment-2.py")
        assert (here / "experiment-2.py").read_text() == SCRIPT
        await test.press("escape")
        assert test.app.screen is test.lab
    assert asked[0] is not None
    assert asked[0].data.dataset == "circles"


async def test_with_a_run_in_view_the_code_is_that_of_the_run_until_the_setup_says_something_else(
    open_lab: Any, asked: list[Experiment | None]
) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.finish()
        await test.until(lambda: test.lab.shown.state.ended, "the end")
        await test.press("c")
        await test.seen("Code of run")
        await test.press("escape")
        test.lab.edit(test.lab.sheet.put("seed", 7))
        await test.press("c")
        await test.seen("Code of the setup")
    assert asked[0] is None
    assert asked[1] is not None
    assert asked[1].seed == 7


async def test_what_cannot_be_written_is_said(open_lab: Any, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    async def code(self: Any, experiment: Experiment | None) -> str:
        raise InputError("mltui code writes splits by chance, and split.by is time", key="split.by")

    monkeypatch.setattr("mltui.ui.session.Session.code", code)
    async with open_lab() as test:
        await test.press("c")
        await test.seen("mltui code writes splits by chance")
        await test.press("w")
        assert not list(here.glob("*.py"))
