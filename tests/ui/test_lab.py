"""The lab's panes, keys, sizes and looks, at 80x24 and 120x36: everything by nothing but keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.runs.experiments import load
from mltui.runs.home import Config
from mltui.ui.application import Application
from mltui.ui.room import mode_for
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.data_pane import Preview
from tests.ui.moments import pipeline

BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


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
        assert names == (
            "setup",
            "curve",
            "surface",
            "roc",
            "scores",
            "matrix",
            "numbers",
            "yields",
            "inputs",
            "log",
            "events",
            "resources",
        )
        for number, name in enumerate(names[:10], 1):
            await test.press("escape", "escape", str(number % 10))
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
        views = {"curve", "surface", "roc", "scores", "matrix", "numbers", "yields", "inputs"}
        assert test.lab.in_sight == {"setup", *views}
        assert "0 Log" in test.lines()[1]
        await test.press("4")
        await test.until(lambda: getattr(test.app.focused, "name", "") == "roc", "the ROC's focus")
        await test.press("enter")
        await test.until(lambda: test.lab.in_sight == {"setup", "roc"}, "growing")
        await test.press("escape")
        await test.until(lambda: "curve" in test.lab.in_sight, "shrinking")
        assert test.lab.setup.size.width <= 44


@pytest.mark.parametrize("keys", [("down", "enter"), ("2", "w"), ("R",), ("K",), ("c",), ("d",), ("question_mark",)])
async def test_what_is_left_twice_at_once_takes_nothing_else_away(open_lab: Any, keys: tuple[str, ...]) -> None:
    async with open_lab() as test:
        await test.press(*keys)
        await test.until(lambda: test.app.screen is not test.lab, "what stands over the lab")
        left = test.app.screen
        if left.is_modal:  # it stands over the lab, which is still seen
            assert left.styles.background.a < 1
            assert (left.styles.align_horizontal, left.styles.align_vertical) == ("center", "middle")
        assert left.is_modal == (keys != ("d",))
        left.dismiss()
        left.dismiss()
        await test.until(lambda: test.app.screen is test.lab, "the lab")
        await test.press("2")
        await test.seen("╭─ Curve")


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


async def test_tabs_that_find_no_room_are_reached_with_whole_titles(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.snapshot(1, [(1, "1.npz")])
        await test.until(lambda: test.lines()[1].rstrip().endswith(">"), "its views")
        assert "2Curve 3Surface 4ROC" in test.lines()[1]
        test.lab.bring(test.lab.offered[-1])
        await test.until(lambda: test.lines()[1].startswith("<"), "the last tabs")
        assert "Log Events" in test.lines()[1]
        assert not test.lines()[1].rstrip().endswith(">")


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
    async with open_lab(config=Config(keys={"run": "k"})) as test:
        await test.press("r")
        await test.pilot.pause(0.1)
        assert not test.session.begun
        await test.press("k")
        await test.until(lambda: test.session.begun, "the run")


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


async def test_the_arrows_go_through_the_views_and_round(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.snapshot(3, [(3, "3.npz")])
        await test.until(lambda: test.lab.shown.snapshot is not None, "a picture")
        await test.press("2")
        seen = []
        for _ in test.lab.places:
            await test.press("right")
            await test.until(lambda: len(test.lab.in_sight) == 1, "one place")
            seen.append(next(iter(test.lab.in_sight)))
        assert seen == [*test.lab.places[2:], *test.lab.places[:2]]
        await test.press("left", "left")
        await test.until(lambda: "resources" in test.lab.in_sight, "the last place")


async def test_a_view_with_keys_of_its_own_has_them_while_it_is_in_front(open_lab: Any) -> None:
    async with open_lab() as test:
        hand = await test.run()
        hand.writer.emit("pipeline", **pipeline(40))
        await test.press("9")
        await test.seen("more ↓")
        await test.press("end")
        await test.seen("colour=blue")
        await test.press("right")
        await test.until(lambda: "log" in test.lab.in_sight, "the next view")
