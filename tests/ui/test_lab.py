"""The lab as a person uses it, at 80x24 and 120x36: every pane, every key, nothing but keys."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.record.control import Command
from mltui.runs import draft
from mltui.runs.experiments import load
from mltui.runs.home import Config
from mltui.ui.application import Application
from mltui.ui.screens import runs
from mltui.ui.screens.lab import mode_for
from mltui.ui.sheet import Sheet
from mltui.ui.views.curve import CurveView
from mltui.ui.widgets.data_pane import Preview
from mltui.ui.widgets.field_row import FieldRow

SIZES = [(80, 24), (120, 36)]
BOTH = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])


def heard(hand: Any, sent: list[Command]) -> int:
    """How many commands the worker has heard so far; the new ones are put to the others."""
    sent.extend(hand.commands())
    return len(sent)


@BOTH
async def test_the_first_launch_greets_with_something_that_one_key_trains(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        await test.seen("circles")
        assert "r run" in test.screen()
        assert test.lab.sheet == Sheet.welcome()
        if size == (80, 24):
            await test.press("2")
        await test.seen("Press r to run")
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0] == Sheet.welcome().experiment()
        test.hand.start()
        test.hand.epochs(1, 5)
        await test.seen("epoch  5/10")
        await test.seen("epochs/s")
        assert "curve" in test.lab.in_sight


@BOTH
async def test_every_pane_comes_to_the_front_by_its_number(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        hand = await test.run()
        hand.snapshot(3, [(3, "3.npz")])
        await test.until(lambda: test.lab.shown.snapshot is not None, "a picture")
        names = test.lab.places
        assert names == ("setup", "curve", "surface", "roc", "scores", "matrix", "numbers", "log")
        for number, name in enumerate(names, 1):
            await test.press("escape", "escape", str(number))
            await test.until(lambda name=name: name in test.lab.in_sight, name)
            width, height = test.app.size
            assert all(len(line) <= width for line in test.lines()), name
            assert len(test.lines()) == height
        hand.finish()
        await test.press("escape", "7")
        await test.seen("sealed")
        await test.seen("0.987")


async def test_the_desk_shows_all_and_one_grows_and_shrinks(open_lab: Any) -> None:
    async with open_lab((200, 60)) as test:
        hand = await test.run()
        hand.snapshot(3, [(3, "3.npz")])
        await test.until(lambda: test.lab.shown.snapshot is not None, "a picture")
        assert test.lab.in_sight == {"setup", "curve", "surface", "roc", "scores", "matrix", "numbers"}
        assert not test.lab.query_one("#tabs").display
        await test.press("4")
        await test.until(lambda: getattr(test.app.focused, "name", "") == "roc", "the ROC's focus")
        await test.press("enter")
        await test.until(lambda: test.lab.in_sight == {"setup", "roc"}, "growing")
        await test.press("escape")
        await test.until(lambda: "curve" in test.lab.in_sight, "shrinking")
        assert test.lab.setup.size.width <= 44


async def test_grow_is_offered_only_where_a_view_is_in_front(open_lab: Any) -> None:
    async with open_lab((160, 45)) as test:
        assert "grow" not in test.lines()[-1]
        await test.press("2")
        await test.seen("↵ grow")
        await test.press("enter")
        await test.until(lambda: test.lab.in_sight == {"setup", "curve"}, "growing")


async def test_regression_offers_its_own_views(open_lab: Any) -> None:
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "plane"))
        await test.until(lambda: "predicted" in test.lab.offered, "regression's views")
        assert "roc" not in test.lab.offered
        await test.seen("Residuals")


@BOTH
async def test_a_row_teaches_steps_and_refuses_beside_itself(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        test.lab.edit(test.lab.sheet.typed("training.learning_rate", "0.003"))
        test.lab.setup.row("training.learning_rate").focus()
        await test.seen("Length of a step downhill")
        await test.seen("a number above 0")
        places = {row.field.key: row.region.y for row in test.lab.setup.rows}
        await test.press("right")
        await test.until(lambda: test.lab.sheet.value("training.learning_rate") == 0.005, "a step up")
        await test.press("left", "left")
        await test.until(lambda: test.lab.sheet.value("training.learning_rate") == 0.001, "two steps down")
        await test.press("minus", "1")
        await test.seen("▲ a number above 0 and at most 1000 ")  # whole, also where the form is narrow
        assert {row.field.key: row.region.y for row in test.lab.setup.rows} == places
        await test.press("enter", "r")
        await test.pilot.pause(0.1)
        assert not test.session.begun
        await test.press("enter", "0", ".", "2", "escape")
        await test.until(lambda: test.lab.sheet.problem is None, "the mended field")
        assert test.lab.sheet.value("training.learning_rate") == 0.2
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0].training["learning_rate"] == 0.2


async def test_letters_go_into_a_field_of_text_until_it_is_left(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("e")
        await test.until(lambda: test.lab.setup.row("name") is not None, "the experts")
        test.lab.setup.row("name").focus()
        await test.press(*"rxs q")
        assert test.lab.sheet.value("name") == "rxs q"
        assert not test.session.begun
        await test.press("escape", "escape")
        assert test.app.focused is None
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0].name == "rxs q"


@BOTH
async def test_keys_that_come_in_one_packet_each_find_their_row(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        test.burst(*["down"] * 12)
        await test.until(
            lambda: isinstance(test.app.focused, FieldRow) and test.app.focused.field.label == "learning rate",
            "the twelfth row",
        )
        test.burst("up", "up", "right", "down", "down", "0", ".", "5", "enter")
        await test.until(lambda: test.lab.sheet.value("training.learning_rate") == 0.5, "the typed value")
        assert test.lab.sheet.value("training.batch_size") == 20
        assert test.lab.sheet.value("training.optimizer") == "adam"


async def test_letters_are_commands_where_a_list_is_the_way_and_text_where_none_is(open_lab: Any, here: Path) -> None:
    (here / "toy.csv").write_text("left,kind\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40)))
    async with open_lab() as test:
        await test.press("down", "left", "down")
        await test.until(lambda: test.app.focused.field.key == "data.files", "the row of files")
        await test.seen("no file is named yet")
        assert "r run" not in test.lines()[-1]
        assert "esc leave" in test.lines()[-1]
        await test.press(*"toy.csv", "enter")
        assert test.app.focused.field.key == "data.target"
        await test.until(lambda: (test.lab.description or {}).get("rows") == 40, "the description")
        await test.seen("list  esc leave")
        assert "r run" in test.lines()[-1]
        await test.press("r")
        await test.seen("choose the column to learn")
        assert test.lab.sheet.value("data.files") == ("toy.csv",)
        await test.press("enter")
        await test.seen("category")
        await test.press("enter")  # the list opens at the column that looks like the target
        await test.until(lambda: test.lab.sheet.value("data.target") == "kind", "the target")
        await test.press("space", *"left", "enter")
        await test.until(lambda: test.lab.sheet.value("data.target") == "left", "the typed target")


async def test_the_form_is_walked_with_arrows_and_undone_with_u(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("down")
        assert isinstance(test.app.focused, FieldRow)
        assert test.app.focused.field.key == "data.dataset"
        await test.press("right")
        await test.until(lambda: test.lab.sheet.dataset == "xor", "the next dataset")
        await test.press("down", "down", "right")
        assert test.app.focused.field.key == "data.options.noise"
        assert test.lab.sheet.value("data.options.noise") != 0.1 or test.lab.sheet.dataset == "xor"
        await test.press("u", "u")
        await test.until(lambda: test.lab.sheet == Sheet.welcome(), "undoing")
        await test.press("up", "up", "up")
        assert test.app.focused is None


async def test_lists_open_with_enter_and_say_what_each_entry_is(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("down", "enter")
        await test.seen("own files")
        await test.press("m")
        await test.press("enter")
        await test.until(lambda: test.lab.sheet.dataset == "moons", "the choice")
        test.lab.setup.row("model.name").focus()
        await test.press("enter")
        await test.seen("only for regression")
        await test.press("escape")
        assert test.lab.sheet.model == "mlp"


async def test_files_of_ones_own_are_typed_described_and_chosen_from(open_lab: Any, here: Path) -> None:
    rows = [f"{i % 7},{i % 3},{'ab'[i % 2]}" for i in range(40)]
    (here / "toy.csv").write_text("\n".join(["left,right,kind", *rows]) + "\n")
    async with open_lab() as test:
        await test.press("down", "left")
        await test.until(lambda: test.lab.sheet.dataset is None, "own files")
        await test.press("down", *"toy.cs")
        await test.until(lambda: "toy.cs" in str(test.lab.trouble), "what is wrong with half a name")
        await test.press("v", "enter")
        await test.until(lambda: (test.lab.description or {}).get("rows") == 40, "the description")
        test.lab.setup.row("data.target").focus()
        await test.press("enter")
        await test.seen("category")
        await test.press("k", "enter")
        await test.until(lambda: test.lab.sheet.value("data.target") == "kind", "the target")
        test.lab.setup.row("data.features").focus()
        await test.press("enter", "space", "enter")
        await test.until(lambda: test.lab.sheet.value("data.features") == ("left",), "the features")
        await test.press("escape", "d")
        await test.seen("toy.csv")
        await test.seen("40 rows")


async def test_own_files_without_one_say_what_to_do(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("down", "left", "r")
        await test.seen("name a file to learn from")
        assert not test.session.begun
        assert test.app.focused.field.key == "data.files"


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
        await test.press("8")
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


async def test_edits_reach_the_draft_within_a_second_and_come_back(open_lab: Any, home: Path) -> None:
    async with open_lab() as test:
        test.lab.setup.row("training.epochs").focus()
        await test.press("7", "7", "escape")
        await test.until(lambda: draft.load(home).get("training", {}).get("epochs") == 77, "the draft", seconds=1.5)
    async with open_lab() as test:
        assert test.lab.sheet.value("training.epochs") == 77


async def test_a_home_that_cannot_be_written_is_said_once_and_nothing_is_lost(
    open_lab: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "save", lambda home, document: f"the form cannot be kept in {home}: read-only")
    async with open_lab() as test:
        await test.press("down", "right")
        await test.seen("cannot be kept")
        assert test.lab.sheet.dataset == "xor"


async def test_write_and_copy_name_their_files_and_never_overwrite(open_lab: Any, here: Path) -> None:
    async with open_lab((120, 36)) as test:
        await test.press("w")
        await test.seen("circles-mlp.toml")
        await test.press("w")
        await test.until((here / "circles-mlp-2.toml").exists, "two files")
        await test.seen("circles-mlp-2.toml")
        assert load(here / "circles-mlp.toml") == Sheet.welcome().experiment()
        hand = await test.run()
        hand.finish()
        await test.seen("finished")
        await test.press("2", "y")
        path = here / f"run-{hand.folder.id}-curve.txt"
        await test.until(path.exists, "the copy")
        assert "loss" in path.read_text()
        assert path.read_text().rstrip() == test.app.clipboard.rstrip()


async def test_a_burst_of_keys_leaves_one_sentence(open_lab: Any, here: Path) -> None:
    async with open_lab() as test:
        test.burst(*"wwww")
        await test.until(lambda: len(list(here.glob("*.toml"))) == 4, "the files")
        await test.until(lambda: len(test.app.screen.query("Toast")) == 1, "one sentence")


async def test_a_file_opens_in_the_form_and_runs_verbatim(open_lab: Any, tmp_path: Path) -> None:
    path = tmp_path / "given.toml"
    path.write_text('# mine\n[data]\ndataset = "xor"\n[model]\nname = "knn"\n')
    async with open_lab(experiment=path) as test:
        await test.seen("xor")
        assert test.lab.sheet.experiment() == load(path)
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0] == load(path)
        assert test.lab.asked(load(path)) == path.read_text()


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


async def test_help_says_what_is_in_front_and_every_key(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("question_mark")
        await test.seen("Shows the experiment")
        await test.press("escape", "2", "question_mark")
        await test.seen("how well the model does")
        await test.press("escape")
        assert test.app.screen is test.lab


async def test_the_palette_finds_commands_by_name(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("ctrl+p", *"model: knn")
        await test.seen("neighbours")
        await test.until(lambda: "knn" in test.screen(), "the hit")
        await test.press("down", "enter")
        await test.until(lambda: test.lab.sheet.model == "knn", "the choice")


@BOTH
async def test_the_palette_goes_to_a_setting_also_an_experts(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        await test.press("2", "ctrl+p", *"weight dec")
        await test.seen("setting: weight decay")
        await test.press("down", "enter")
        await test.until(
            lambda: isinstance(test.app.focused, FieldRow) and test.app.focused.field.key == "training.weight_decay",
            "the row",
        )


async def test_the_palette_brings_a_setting_that_is_far_down_into_sight(open_lab: Any, here: Path) -> None:
    (here / "toy.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "own files").put("data.files", ("toy.csv",)))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 40, "the description")
        await test.press("ctrl+p", *"encoding", "enter")
        await test.until(lambda: getattr(test.app.focused, "id", "") == "row-data-encoding", "the row")
        await test.until(lambda: any(" encoding " in line for line in test.lines()[3:-1]), "the row in sight")


async def test_before_the_first_run_a_worker_gets_ready_unasked(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[str] = []
    async with open_lab() as test:
        monkeypatch.setattr(test.session, "warm", warmed.append)
        await test.until(lambda: warmed, "the worker's imports")
        assert warmed == ["mlp"]


async def test_the_curve_goes_on_at_its_pace_after_a_first_picture_that_paid_for_imports(open_lab: Any) -> None:
    async with open_lab() as test:
        view = test.lab.query_one(CurveView)
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


async def test_the_mouse_focuses_rows_chooses_tabs_and_presses_keys(open_lab: Any) -> None:
    async with open_lab() as test:
        row = test.lab.setup.row("model.activation")
        await test.pilot.click(row)
        assert test.app.focused is row
        await test.pilot.click(row)
        await test.seen("sigmoid")
        await test.press("escape")
        await test.pilot.click("#tabs", offset=(test.lines()[1].index("Curve"), 0))
        await test.until(lambda: test.lab.front == "curve", "the tab")
        await test.pilot.click("#keys", offset=(test.lines()[23].index("r run"), 0))
        await test.until(lambda: test.session.begun, "the run")


@pytest.mark.parametrize("size", [(40, 10), (59, 40), (100, 12)])
async def test_too_small_a_terminal_says_so_and_recovers(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        await test.seen(f"too small: {size[0]}×{size[1]}")
        await test.seen("at least 60×20")
        await test.pilot.resize_terminal(80, 24)
        await test.seen("dataset")


@pytest.mark.parametrize(
    ("size", "mode"),
    [((80, 24), "tabs"), ((109, 60), "tabs"), ((120, 36), "pair"), ((140, 40), "desk"), ((200, 60), "desk")],
)
def test_the_layout_follows_the_room(size: tuple[int, int], mode: str) -> None:
    assert mode_for(*size) == mode


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (110, 30), (140, 36), (200, 24), (300, 90)])
async def test_no_size_breaks_the_screen(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        hand = await test.run()
        hand.snapshot(3, [(3, "3.npz")])
        hand.finish()
        await test.seen("finished")
        for number in range(1, 9):
            await test.press(str(number))
        await test.pilot.pause()
        assert "? help" in test.lines()[-1]


async def test_ascii_means_ascii(open_lab: Any) -> None:
    async with open_lab((120, 36), Config(ascii=True)) as test:
        hand = await test.run()
        hand.snapshot(3, [(3, "3.npz")])
        hand.finish()
        await test.seen("finished")
        for number in range(1, 9):
            await test.press(str(number))
            await test.pilot.pause(0.3)
            foreign = {sign for sign in test.screen() if ord(sign) > 126}
            assert not foreign, (number, foreign)


async def test_a_key_of_ones_own_takes_the_place_of_the_old(open_lab: Any) -> None:
    async with open_lab(config=Config(keys={"run": "z"})) as test:
        await test.press("r")
        await test.pilot.pause(0.1)
        assert not test.session.begun
        await test.press("z")
        await test.until(lambda: test.session.begun, "the run")


async def test_names_from_data_are_literal(open_lab: Any, here: Path) -> None:
    evil = "[red]x[/red]"
    rows = [f"{i},{evil if i % 2 else '[/]'}" for i in range(40)]
    (here / "evil.csv").write_text("\n".join([f"{evil},kind", *rows]) + "\n")
    async with open_lab((120, 36)) as test:
        sheet = test.lab.sheet.put("data.dataset", "own files").typed("data.files", "evil.csv")
        test.lab.edit(sheet.typed("data.target", "kind"))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 40, "the description")
        await test.seen(evil)
        await test.press("d")
        await test.seen(evil)


def test_the_run_folder_holds_what_was_asked(home: Path, here: Path) -> None:
    from mltui.runs.store import Store

    experiment = Sheet.welcome().experiment()
    folder = Store(home).create(experiment, experiment.to_toml(), here)
    assert tomllib.loads(folder.experiment.read_text())["model"]["hidden_layers"] == [8, 8]


async def test_a_form_that_a_run_was_opened_over_comes_back_with_undo(open_lab: Any) -> None:
    async with open_lab() as test:
        (await test.run()).finish()
        await test.seen("finished")
        test.lab.edit(test.lab.sheet.put("data.dataset", "xor"))
        mine = test.lab.sheet
        test.lab.open_run("latest")
        await test.until(lambda: test.lab.sheet.dataset == "circles", "the run's experiment")
        await test.press("1", "escape", "u")
        await test.until(lambda: test.lab.sheet == mine, "the form as it was")


async def test_keys_of_ones_own_are_the_ones_that_are_shown(open_lab: Any) -> None:
    async with open_lab((120, 36), Config(keys={"run": "ctrl+g", "quit": "f10", "back": "<"})) as test:
        await test.seen("^g run")
        assert test.screen().rstrip().endswith("f10 quit")
        await test.press("question_mark")
        await test.seen("^g  Run the experiment")
        await test.press("end", *["pagedown"] * 4)
        await test.seen("< .  Back and forth")
        await test.press("escape", "ctrl+p", *"pause and")
        await test.seen("run  (^g)")


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (Config(theme="mltui-drak"), "there is no theme 'mltui-drak'; did you mean mltui-dark"),
        (Config(keys={"rnu": "g"}), "there is no action 'rnu'; did you mean run"),
        (Config(keys={"run": "s"}), "s would be both run and step"),
        (Config(keys={"run": "5"}), "5 would be both the setup and the views and run"),
        (Config(keys={"run": "hyperspace"}), "there is no key 'hyperspace'"),
        (Config(keys={"run": ""}), "there is no key ''"),
    ],
)
def test_a_config_that_names_what_does_not_exist_is_refused_in_one_sentence(
    config: Config, sentence: str, home: Path
) -> None:
    with pytest.raises(InputError, match=sentence):
        Application(home, config)


async def test_another_theme_redraws_the_pictures(open_lab: Any) -> None:
    async with open_lab((120, 36)) as test:
        assert test.lab.shown.look.dark
        await test.press("ctrl+p", *"mltui-light")
        await test.seen("theme: mltui-light")
        await test.press("down", "enter")
        await test.until(lambda: not test.lab.shown.look.dark, "the views' look")
        assert not test.lab.query_one(Preview).look.dark


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


async def test_trouble_of_other_data_does_not_bar_the_run(open_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lab() as test:
        gone = test.lab.sheet.put("data.dataset", "own files").typed("data.files", "gone.csv")
        test.lab.edit(gone.typed("data.target", "y"))
        await test.until(lambda: test.lab.trouble, "the trouble")
        answer = asyncio.Event()

        async def slowly(data: Any) -> Any:
            await answer.wait()
            return {}

        monkeypatch.setattr(test.session, "describe", slowly)
        test.lab.edit(test.lab.sheet.put("data.dataset", "xor"))
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run", seconds=2.0)
        answer.set()


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
