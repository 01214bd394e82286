"""Scoring files from the lab: what is asked, how far it is, what came of it, and the seal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.runs.predict import PredictionError

REPORT: dict[str, Any] = {
    "files": [
        {"in": "new.csv", "out": "out/new.scores.csv", "rows": 1240, "cut_away": 40, "unscored": 0},
    ],
    "notes": ["The run trained on 300 of these: their scores flatter it."],
}
SEALED = "new.csv holds rows of run 1's sealed test part; with --unseal they are scored"


class HandPrediction:
    """A prediction that a test plays."""

    def __init__(self) -> None:
        self.share, self.file = 0.0, ""
        self.report: dict[str, Any] | None = None
        self.end: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.tell: Callable[[Any], None] = lambda prediction: None
        self.called_off = False

    async def run(self, tell: Callable[[Any], None]) -> dict[str, Any]:
        self.tell = tell
        try:
            return await self.end
        except asyncio.CancelledError:
            self.called_off = True
            raise

    def at(self, share: float) -> None:
        self.share, self.file = share, "new.csv"
        self.tell(self)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[tuple[HandPrediction, dict[str, Any]]]:
    """What was asked for, each with the prediction that the test plays."""
    asked: list[tuple[HandPrediction, dict[str, Any]]] = []

    def prediction(self: Any, files: Sequence[str], out: str, **more: Any) -> HandPrediction:
        asked.append((HandPrediction(), {"files": tuple(files), "out": out, **more}))
        return asked[-1][0]

    monkeypatch.setattr("mltui.ui.session.Session.prediction", prediction)
    return asked


async def asks(test: Any, here: Path) -> None:
    """The screen that asks, for one file chosen in the list."""
    (here / "new.csv").write_text("x,y\n1,2\n")
    hand = await test.run()
    hand.finish()
    await test.until(lambda: test.lab.shown.state.ended, "the end")
    await test.press("p")
    await test.seen("Files to score")
    await test.seen("new.csv")
    await test.press("enter")
    await test.seen("Predict with run")


async def test_p_is_offered_once_there_is_a_model(open_lab: Any) -> None:
    async with open_lab() as test:
        assert not test.lab.now.model
        hand = await test.run()
        await test.press("p")
        assert test.app.screen is test.lab
        hand.finish()
        await test.until(lambda: test.lab.now.model, "a model")


async def test_files_are_scored_with_a_bar_and_the_outputs_are_named(
    open_lab: Any, here: Path, played: list[tuple[HandPrediction, dict[str, Any]]]
) -> None:
    async with open_lab() as test:
        await asks(test, here)
        await test.seen("scores for new.csv")
        await test.press("down", "right", "right", "p")
        await test.until(lambda: played, "the asking")
        hand, asked = played[0]
        assert asked == {
            "files": (str(here / "new.csv"),), "out": str(here / "run-1-scores"), "format": "parquet", "tree": None,
            "unseal": False,
        }  # fmt: skip
        hand.at(0.42)
        await test.seen("42 %")
        assert "x stop" in test.screen()
        hand.end.set_result(REPORT)
        await test.seen("out/new.scores.csv: 1,200 scores of 1,240 rows (40 cut away)")
        await test.seen("their scores flatter it")
        await test.press("escape")
        await test.until(lambda: test.app.screen is test.lab, "the lab")


async def test_where_to_put_them_can_be_typed(
    open_lab: Any, here: Path, played: list[tuple[HandPrediction, dict[str, Any]]]
) -> None:
    async with open_lab() as test:
        await asks(test, here)
        await test.press("space", "ctrl+u", *"scores", "enter", "p")
        await test.until(lambda: played, "the asking")
        assert played[0][1]["out"] == "scores"


async def test_stopping_calls_it_off_and_says_so(
    open_lab: Any, here: Path, played: list[tuple[HandPrediction, dict[str, Any]]]
) -> None:
    async with open_lab() as test:
        await asks(test, here)
        await test.press("p")
        await test.until(lambda: played, "the asking")
        await test.press("x")
        await test.seen("Stopped; nothing half done is left.")
        assert played[0][0].called_off
        await test.press("p")
        await test.until(lambda: len(played) == 2, "a second go")
        await test.press("escape")
        await test.until(lambda: played[1][0].called_off and test.app.screen is test.lab, "leaving")


async def test_the_sealed_part_is_refused_until_y_opens_it(
    open_lab: Any, here: Path, played: list[tuple[HandPrediction, dict[str, Any]]]
) -> None:
    async with open_lab() as test:
        await asks(test, here)
        await test.press("p")
        await test.until(lambda: played, "the asking")
        played[0][0].end.set_exception(InputError(SEALED, key="unseal"))
        await test.seen("sealed test part. y scores them")
        assert "--unseal" not in test.screen()
        await test.press("y")
        await test.until(lambda: len(played) == 2, "the opening")
        assert played[1][1]["unseal"] is True
        played[1][0].end.set_result(REPORT)
        await test.seen("1,200 scores")


@pytest.mark.parametrize("error", [InputError("new.csv has no column pt"), PredictionError("new.csv has no column pt")])
async def test_what_is_wrong_is_said_in_a_sentence(
    open_lab: Any, here: Path, played: list[tuple[HandPrediction, dict[str, Any]]], error: Exception
) -> None:
    async with open_lab() as test:
        await asks(test, here)
        await test.press("p")
        await test.until(lambda: played, "the asking")
        played[0][0].end.set_exception(error)
        await test.seen("new.csv has no column pt")
        await test.seen("p predict")
