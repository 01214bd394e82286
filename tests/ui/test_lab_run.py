"""Runs in the lab: started, steered, watched, listed and left."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import replace
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.snapshot import Scores
from mltui.record.control import Command
from mltui.record.predictions import PartPredictions, Predictions, write_predictions
from mltui.ui.screens import runs
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.pane import Pane
from mltui.views.curve import CurveView
from mltui.views.yields import best_threshold


def heard(hand: Any, sent: list[Command]) -> int:
    """How many commands the worker has heard so far; the new ones are put to the others."""
    sent.extend(hand.commands())
    return len(sent)


async def test_pause_continue_step_and_stop_reach_the_worker(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await test.seen("r pause")
        await test.press("r")
        sent: list[Command] = []
        await test.until(lambda: heard(hand, sent) == 1, "pause")
        hand.writer.emit("paused", step=3)
        await test.seen("r continue")
        assert "paused" in test.screen()
        await test.press("s", "r")
        await test.until(lambda: heard(hand, sent) == 3, "step and continue")
        hand.writer.emit("continued", step=4)
        await test.seen("training")
        await test.press("x")
        await test.until(lambda: heard(hand, sent) == 4, "stop")
        assert [command.kind for command in sent] == ["pause", "step", "continue", "stop"]
        hand.writer.emit("stopped", step=4, kept=4, seconds=1.0)
        await test.seen("stopped")
        await test.seen("r run")


async def test_a_stop_right_after_the_start_reaches_the_run_being_made(
    open_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lab() as test:
        gate, begin = asyncio.Event(), test.session.begin

        async def slowly(*arguments: Any, **settings: Any) -> Any:
            await gate.wait()
            return await begin(*arguments, **settings)

        monkeypatch.setattr(test.session, "begin", slowly)
        await test.press("r")
        await test.until(lambda: test.lab.starting, "the start")
        await test.press("x")
        gate.set()
        sent: list[Command] = []
        await test.until(lambda: test.session.hand is not None and heard(test.hand, sent) == 1, "stop")
        assert sent[0].kind == "stop"


async def test_a_worker_that_died_says_so_and_the_lab_goes_on(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.fail("the worker was killed (signal 9), as the system does when memory runs out")
        await test.seen("the worker was killed")
        await test.seen("memory runs out")  # whole in the corner, where the run's line is too short for it
        await test.press("0")
        await test.seen("last words of the worker")
        await test.run()
        await test.seen("training")


async def test_the_previous_run_stays_titled_by_what_changed(open_lab: Any) -> None:
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.typed("training.learning_rate", "0.003"))
        (await test.run()).finish()
        await test.seen("finished")
        await test.press("1")
        test.lab.setup.row("training.learning_rate").focus()
        await test.press("0", ".", "1", "escape")
        await test.seen("circles ▸ mlp · edited")
        await test.run()
        await test.seen("learning_rate 0.003 → 0.1")
        assert test.lab.shown.previous is not None
        assert test.lab.shown.previous.phase == "finished"


async def test_the_run_before_stays_behind_the_roc_curve_also_of_one_that_is_opened(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        scores = Scores(np.array([0, 1, 0, 1]), np.array([0.2, 0.7, 0.4, 0.9]), np.ones(4))
        part = PartPredictions(scores, np.zeros(4, np.int64), np.arange(4))
        write_predictions(hand.folder, Predictions({"validation": part}))
        hand.finish()
        await test.until(lambda: test.lab.shown.snapshot and test.lab.shown.snapshot.scores, "the scores")
        await test.run()
        (before,) = test.lab.shown.earlier
        assert before.run == hand.folder.id
        np.testing.assert_array_equal(before.scores.scores, scores.scores)
        test.lab.open_run(hand.folder.id)
        assert test.lab.shown.earlier == (before,)


async def test_a_run_says_itself_whether_its_events_are_weighted(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await test.until(lambda: test.lab.shown.state.started, "the run's first word")
        assert not test.lab.shown.weighted
        hand.start(weighted=True)  # by cross-sections, say, with no weight in the form
        await test.until(lambda: test.lab.shown.weighted, "its weights")


async def test_threshold_metric_axis_and_time_move_by_keys(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.snapshot(1, [(1, "1.npz")])
        hand.snapshot(2, [(1, "1.npz"), (2, "2.npz")])
        hand.snapshot(3, [(1, "1.npz"), (2, "2.npz"), (3, "3.npz")])
        await test.until(lambda: len(test.lab.shown.state.snapshots) == 3, "snapshots")
        await test.until(lambda: test.lab.shown.snapshot and test.lab.shown.snapshot.step == 3, "the last picture")
        await test.press("left_square_bracket", "left_curly_bracket")
        assert test.lab.shown.threshold == 0.44
        await test.press("right_square_bracket", "right_curly_bracket")
        assert test.lab.shown.threshold == 0.5
        await test.press("m")
        assert test.lab.shown.curve_metric == "accuracy"
        await test.press("l")
        assert test.lab.shown.log
        await test.press("comma", "comma")
        await test.until(lambda: test.lab.shown.snapshot.step == 1, "the first picture")
        assert test.lab.shown.cursor == 1
        await test.press("full_stop")
        await test.until(lambda: test.lab.shown.snapshot.step == 2, "the second picture")
        await test.press("full_stop")
        await test.until(lambda: test.lab.shown.snapshot.step == 3, "the present")
        assert test.lab.shown.cursor is None


async def test_the_threshold_goes_to_the_best_cut(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await test.press("z")
        assert test.lab.shown.threshold == 0.5
        hand.snapshot(1, [(1, "1.npz")])
        await test.until(lambda: test.lab.shown.snapshot is not None, "a picture")
        wanted = best_threshold(test.lab.shown)
        assert wanted is not None
        test.lab.shown = replace(test.lab.shown, threshold=0.987)
        await test.press("z")
        assert test.lab.shown.threshold == wanted != 0.987


async def test_the_threshold_can_be_typed(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.snapshot(1, [(1, "1.npz")])
        await test.until(lambda: test.lab.shown.snapshot is not None, "a picture")
        test.lab.bring("matrix")
        await test.press("equals_sign", *"1.5", "enter")
        await test.seen("A number from 0 to 1")
        await test.press("end", "ctrl+u", *"0.125", "enter")
        await test.until(lambda: test.lab.shown.threshold == 0.125, "the threshold")
        await test.press("equals_sign", "escape")
        assert test.lab.shown.threshold == 0.125


async def test_the_view_in_front_is_written_to_a_file(open_lab: Any, tmp_path: Path) -> None:
    async with open_lab() as test:
        hand = await test.run()
        test.lab.bring("curve")
        for presses, ending in ((1, ".txt"), (3, "-train.csv")):
            await test.press("w", *["down"] * presses, "enter")
            path = test.lab.session.started_in / f"run-{hand.folder.id}-curve{ending}"
            await test.until(path.exists, "the file")
        assert path.read_text().splitlines()[1] == "1.0,0.5"
        await test.press("w", "enter")
        await test.until(lambda: list(test.lab.session.started_in.glob("*.toml")), "the experiment")


async def test_runs_are_listed_opened_stopped_and_deleted(open_lab: Any) -> None:
    async with open_lab() as test:
        first = await test.run()
        first.finish()
        await test.seen("finished")
        await test.press("1")
        test.lab.edit(test.lab.sheet.put("data.dataset", "xor"))
        second = await test.run()
        await test.press("R")
        await test.seen("validation")
        await test.seen("xor")
        await test.press("x")
        await test.until(lambda: [c.kind for c in second.commands()] == ["stop"], "stop")
        await test.press("down", "enter")
        await test.until(lambda: test.lab.shown.state.run == first.folder.id, "the first run")
        await test.until(lambda: test.lab.sheet.dataset == "circles", "its experiment")
        await test.seen("finished")
        await test.press("R")
        await test.seen("xor")
        await test.press("down", "d")
        await test.seen("Delete run")
        await test.press("y")
        await test.until(lambda: not first.folder.path.exists(), "deletion")


async def test_attach_shows_a_run_and_its_experiment(open_lab: Any) -> None:
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.typed("training.epochs", "5"))
        hand = await test.run()
        hand.finish()
        run = hand.folder.id
        await test.seen("finished")
    async with open_lab(attach=run) as test:
        await test.seen(f"run {run} finished")
        assert test.lab.sheet.value("training.epochs") == 5
    async with open_lab(attach="77") as test:
        await test.seen("no run '77'")


async def test_a_run_whose_experiment_cannot_be_read_is_shown_all_the_same(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.finish()
        await test.seen("finished")
    hand.folder.resolved.write_text("format = 99\n")
    async with open_lab(attach=hand.folder.id) as test:
        await test.seen("newer")
        await test.seen(f"run {hand.folder.id} finished")


async def test_leaving_names_the_run_that_goes_on(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        await test.press("ctrl+q")
        await test.until(lambda: not test.app.is_running, "the end")
        assert test.app.return_value == f"run {hand.folder.id} trains on: mltui attach {hand.folder.id}"


async def test_before_the_first_run_a_worker_gets_ready_unasked(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[str] = []
    async with open_lab() as test:
        monkeypatch.setattr(test.session, "warm", warmed.append)
        await test.until(lambda: warmed, "the worker's imports")
        assert warmed == ["mlp"]


async def test_the_curve_goes_on_at_its_pace_after_a_first_picture_that_paid_for_imports(open_lab: Any) -> None:
    async with open_lab() as test:
        view = test.lab.query_one(f"#{CurveView.name}", Pane)
        first = CurveView.draw

        def slow(self: CurveView, *arguments: Any) -> Any:
            end = thread_time() + 0.15
            while thread_time() < end:
                pass
            return first(self, *arguments)

        view.draw = slow.__get__(view)
        hand = await test.run()
        await test.until(lambda: "validation 0.250" in view.text, "the first picture")
        view.draw = first.__get__(view)
        hand.epochs(4, 7)
        await test.until(lambda: "validation 0.125" in view.text, "the next picture", seconds=2.0)
        await test.until(lambda: "val loss 0.125" in test.lines()[0], "the same number in the run's line", seconds=0.5)


def test_the_run_folder_holds_what_was_asked(home: Path, here: Path) -> None:
    from mltui.runs.store import Store

    experiment = Sheet.welcome().experiment()
    folder = Store(home).create(experiment, experiment.to_toml(), here)
    assert tomllib.loads(folder.experiment.read_text())["model"]["hidden_layers"] == [8, 8]


async def test_runs_are_shown_however_slow_the_store_is(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "REFRESH_SECONDS", 0.02)
    async with open_lab((120, 36)) as test:
        (await test.run()).finish()
        at_once, most, store = 0, 0, test.session.runs

        async def slowly() -> Any:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            try:
                await asyncio.shield(asyncio.ensure_future(asyncio.sleep(0.3)))  # as a thread: it cannot be cancelled
            finally:
                at_once -= 1
            return await store()

        monkeypatch.setattr(test.session, "runs", slowly)
        await test.press("R")
        await test.seen("validation")
        await test.until(lambda: test.app.screen.query_one("#runs").option_count == 1, "the run", seconds=3.0)
        assert most == 1


async def test_what_is_wrong_is_said_without_escape_codes(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lab((120, 36)) as test:
        error = InputError("there is no column \x1b[31m\u202ered", key="data.options.noise")

        async def refused(data: Any) -> Any:
            raise error

        monkeypatch.setattr(test.session, "describe", refused)
        test.lab.describe()
        await test.until(lambda: test.lab.trouble is not None, "the trouble")
        test.lab.setup.row("data.options.noise").focus()
        await test.until(lambda: test.screen().count("␛[31m�red") >= 3, "the sentence at the row, below and beside")
        test.lab.say(error.sentence, bad=True)
        await test.until(lambda: test.screen().count("␛[31m�red") >= 4, "the sentence in the corner")
        assert "\x1b" not in test.screen()
        assert "\u202e" not in test.screen()
