"""Files of one's own in the form: found by walking through folders, read, and made an experiment of by a few keys."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.ui.fields import OWN
from mltui.ui.screens.pick import PickFiles
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.data_pane import told

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def events(here: Path) -> Path:
    """A table in a folder below, whose columns say what they are."""
    folder = here / "ntuples"
    folder.mkdir()
    rng = np.random.default_rng(1)
    path = folder / "events.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["pt [GeV]", "eta", "weight", "label"])
        for label in ("background", "signal") * 60:
            rows.writerow([*rng.normal(size=2).round(4), 0.5, label])
    return path


async def own(test: Any) -> None:
    test.lab.edit(test.lab.sheet.put("data.dataset", OWN))
    await test.until(lambda: test.lab.setup.row("data.files") is not None, "the row for files")
    test.lab.setup.row("data.files").focus()
    await test.until(lambda: getattr(test.app.focused, "id", "") == "row-data-files", "the focus")


def picker(test: Any) -> PickFiles | None:
    return test.app.screen if isinstance(test.app.screen, PickFiles) else None


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])
async def test_files_are_found_by_keys_alone_and_what_they_look_like_is_taken(
    open_lab: Any, events: Path, size: tuple[int, int]
) -> None:
    async with open_lab(size) as test:
        await own(test)
        await test.press("enter")
        await test.seen("ntuples/")
        await test.press("enter")
        await test.seen("events.csv")
        assert all(len(line) <= size[0] for line in test.lines())
        await test.press("enter")
        await test.until(lambda: picker(test) is None, "the picker's end")
        assert test.lab.sheet.value("data.files") == ("ntuples/events.csv",)
        await test.until(lambda: test.lab.description and test.lab.description.get("rows") == 120, "the description")
        await test.until(lambda: test.app.screen is not test.lab, "the data in full")
        await test.press("escape")
        await test.until(lambda: test.app.screen is test.lab, "the lab")
        await test.press("escape", "g")
        await test.until(lambda: test.lab.sheet.value("data.target") == "label", "the guessed target")
        assert test.lab.sheet.value("data.weight") == "weight"
        assert test.lab.sheet.experiment().data.files == ("ntuples/events.csv",)
        await test.press("u")
        assert test.lab.sheet.value("data.target") is None


async def test_several_files_are_marked_and_letters_narrow_the_list_down(open_lab: Any, here: Path) -> None:
    for number in range(3):
        (here / f"part{number}.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    (here / "notes.md").write_text("not a table")
    async with open_lab() as test:
        await own(test)
        await test.press("enter")
        await test.seen("part2.csv")
        await test.press(*"part")
        await test.until(lambda: "notes.md" not in test.screen(), "the narrower list")
        await test.press("space", "space")
        await test.seen("2 marked")
        await test.press("enter")
        await test.until(lambda: picker(test) is None, "the picker's end")
        assert test.lab.sheet.value("data.files") == ("part0.csv", "part1.csv")


async def test_a_glob_takes_all_files_of_a_folder_with_thousands(open_lab: Any, here: Path) -> None:
    for number in range(600):
        (here / f"run{number:03}.csv").touch()
    (here / "other.csv").touch()
    async with open_lab() as test:
        await own(test)
        await test.press("enter")
        await test.seen("500 of 601 entries")
        await test.press(*"run*")
        await test.seen("all 600 of them")
        await test.press("enter")
        await test.until(lambda: picker(test) is None, "the picker's end")
        assert test.lab.sheet.value("data.files") == ("run*",)


async def test_the_first_file_to_take_is_one_that_can_be_read(open_lab: Any, here: Path) -> None:
    for name in ("a-notes.toml", "b-events.csv"):
        (here / name).write_text("a,y\n1,0\n")
    async with open_lab() as test:
        await own(test)
        await test.press("enter")
        await test.seen("a-notes.toml")
        await test.press("enter")
        await test.until(lambda: picker(test) is None, "the picker's end")
        assert test.lab.sheet.value("data.files") == ("b-events.csv",)


async def test_above_comes_back_to_where_one_was_and_escape_changes_nothing(open_lab: Any, events: Path) -> None:
    async with open_lab() as test:
        await own(test)
        before = test.lab.sheet
        await test.press("enter")
        await test.seen("ntuples/")
        await test.press("right")
        await test.seen("events.csv")
        await test.press("left")
        await test.seen("ntuples/")
        await test.press(*"nothing")
        await test.seen("nothing here is named like nothing")
        await test.press("escape")
        await test.seen("ntuples/")
        await test.press("escape")
        await test.until(lambda: picker(test) is None, "the picker's end")
        assert test.lab.sheet == before


async def test_a_name_full_of_escape_codes_and_markup_is_shown_as_it_stands(open_lab: Any, here: Path) -> None:
    (here / "a\x1b[31m[bold]b[red].csv").write_text("a,y\n1,0\n")
    (here / ("long" * 60 + ".csv")).write_text("a,y\n1,0\n")
    async with open_lab() as test:
        await own(test)
        await test.press("enter")
        await test.seen("[bold]b[red].csv")
        assert "\x1b" not in test.screen()
        assert all(len(line) <= 80 for line in test.lines())


def test_samples_take_the_place_of_files_and_of_the_target_and_the_other_way_round() -> None:
    sheet = Sheet.welcome().put("data.dataset", OWN).typed("data.files", "a.root").typed("data.tree", "t")
    sheet = sheet.typed("data.target", "label")
    sampled = sheet.typed("data.samples", "signal = a.root:TreeS, background = a.root:TreeB")
    assert sampled.problem is None
    assert [sample.tree for sample in sampled.experiment().data.samples] == ["TreeS", "TreeB"]
    assert sampled.experiment().data.files == ()
    assert sampled.subject == "signal, background"
    assert sampled.text("data.samples") == "signal = a.root:TreeS, background = a.root:TreeB"
    back = sampled.typed("data.files", "b.csv")
    assert back.text("data.samples") == ""
    assert back.problem is None


def test_what_else_samples_and_variations_say_is_shown_and_kept_when_a_word_of_it_is_changed() -> None:
    samples = (
        "signal = h.root:T {process = H125, weight = w, cross_section = 0.0485, generated = 1200000.0}, "
        "background = [z1.root, z2.root] {process = Z, cut = max(pt, met) > 20}"
    )
    variations = "JES_up = {pt = pt_up}, other = {files = [h2.root], process = H125, generated = 2000000.0}"
    sheet = Sheet.welcome().put("data.dataset", OWN).typed("data.samples", samples)
    sheet = sheet.typed("data.variations", variations)
    assert sheet.problem is None
    assert (sheet.text("data.samples"), sheet.text("data.variations")) == (samples, variations)
    signal, background = sheet.experiment().data.samples
    assert (signal.process, signal.cross_section, signal.generated) == ("H125", 0.0485, 1.2e6)
    assert (background.files, background.cut) == (("z1.root", "z2.root"), "max(pt, met) > 20")
    renamed = sheet.typed("data.samples", samples.replace("signal", "higgs")).experiment().data
    assert [sample.label for sample in renamed.samples] == ["higgs", "background"]
    assert renamed.samples[0].cross_section == 0.0485
    assert renamed.variations == sheet.experiment().data.variations


def test_a_sample_without_a_name_is_refused_beside_its_field() -> None:
    sheet = Sheet.welcome().put("data.dataset", OWN).typed("data.samples", "a.root")
    assert "name = value" in sheet.error("data.samples")
    with pytest.raises(Exception, match="name = value"):
        sheet.experiment()


async def test_choosing_columns_keeps_the_expressions_that_were_typed(open_lab: Any, events: Path) -> None:
    async with open_lab() as test:
        sheet = test.lab.sheet.put("data.dataset", OWN).typed("data.files", "ntuples/events.csv")
        test.lab.edit(sheet.typed("data.target", "label").typed("data.features", "eta, eta**2"))
        await test.until(lambda: test.lab.description and test.lab.description.get("features"), "the description")
        test.lab.setup.row("data.features").focus()
        await test.until(lambda: getattr(test.app.focused, "id", "") == "row-data-features", "the focus")
        await test.press("enter")
        await test.seen("space mark")
        await test.press("enter")
        await test.until(lambda: test.app.screen is test.lab, "the lab")
        assert test.lab.sheet.value("data.features") == ("eta", "eta**2")


async def test_letters_are_commands_once_files_are_chosen_so_that_no_key_loses_them(
    open_lab: Any, events: Path
) -> None:
    async with open_lab() as test:
        await own(test)
        test.lab.edit(test.lab.sheet.put("data.files", ("ntuples/events.csv",)).put("data.target", "label"))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 120, "the description")
        await test.seen("r run")
        await test.press("e")
        await test.until(lambda: test.lab.experts, "every setting")
        assert test.lab.sheet.value("data.files") == ("ntuples/events.csv",)
        await test.press("space", "end", ".", "x", "escape")
        assert test.lab.sheet.value("data.files") == ("ntuples/events.csv.x",)
        await test.press("/", "a", "escape")
        assert test.lab.sheet.value("data.files") == ("/a",)


async def test_guesses_can_be_taken_of_data_that_came_with_an_experiment_file(open_lab: Any, events: Path) -> None:
    file = events.parent / "own.toml"
    file.write_text('format = 1\n[data]\nfiles = ["events.csv"]\n[model]\nname = "mlp"\n')
    async with open_lab(experiment=file) as test:
        await test.until(lambda: test.lab.description.get("suggested"), "the guesses")
        await test.seen("g take the guesses")
        assert "Surface" not in test.lines()[1] or len(test.lab.description["features"]) == 2
        await test.press("g")
        await test.until(lambda: test.lab.sheet.value("data.target") == "label", "the target")


async def test_other_files_put_away_what_was_said_of_columns_they_do_not_have(
    open_lab: Any, events: Path, here: Path
) -> None:
    (here / "other.csv").write_text("a,y\n" + "".join(f"{i},{'pq'[i % 2]}\n" for i in range(40)))
    async with open_lab() as test:
        sheet = test.lab.sheet.put("data.dataset", OWN).put("data.files", ("ntuples/events.csv",))
        test.lab.edit(sheet.put_all({"target": "label", "exclude": ("eta",)}))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 120, "the description")
        test.lab.edit(test.lab.sheet.put("data.files", ("other.csv",)))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 40, "the other description")
        assert test.lab.sheet.document["data"] == {"files": ["other.csv"]}
        await test.seen("Put away, being about other files: target, exclude.")
        await test.press("u")
        await test.until(lambda: (test.lab.description or {}).get("rows") == 120, "the files before")
        assert test.lab.sheet.value("data.target") == "label"
        assert test.lab.sheet.value("data.exclude") == ("eta",)


async def test_a_wrong_column_of_the_same_files_is_said_and_stays(open_lab: Any, events: Path) -> None:
    file = events.parent / "own.toml"
    file.write_text('format = 1\n[data]\nfiles = ["events.csv"]\ntarget = "labl"\n[model]\nname = "mlp"\n')
    async with open_lab(experiment=file) as test:
        await test.until(lambda: test.lab.trouble, "what is wrong")
        assert test.lab.sheet.value("data.target") == "labl"
        test.lab.edit(test.lab.sheet.put("data.target", "label"))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 120, "the description")
        test.lab.edit(test.lab.sheet.put("data.target", "lable"))
        await test.until(lambda: test.lab.trouble, "what is wrong again")
        assert test.lab.sheet.value("data.target") == "lable"


async def test_after_own_files_are_chosen_the_next_key_finds_some(open_lab: Any, events: Path) -> None:
    async with open_lab() as test:
        await test.press("down", "enter")
        await test.seen("own files")
        await test.press("home", "enter")
        await test.until(lambda: getattr(test.app.focused, "id", "") == "row-data-files", "the row of files")
        await test.press("enter")
        await test.seen("ntuples/")


def test_problems_are_told_as_far_as_there_is_room_and_the_rest_is_pointed_to() -> None:
    long = "x" * 100
    assert told([], 4) == []
    assert told(["a", "b", "c"], 4) == ["a", "b", "c"]
    assert told(["a", "b", "c", "d", "e"], 4) == ["a", "b", "c", "2 more: d, then 6"]
    assert told([long, "b"], 4) == ["x" * 89 + "…", "b"]
    assert told([long, long], 4) == ["x" * 89 + "…", "1 more: d, then 6"]
    assert told([long], 100) == [long]


@pytest.mark.parametrize(("typed", "folder"), [("~nobody.here/a.csv", "~nobody.here"), ("~/a.csv", "home-of-one")])
async def test_the_picker_begins_where_the_files_named_last_are(
    open_lab: Any, here: Path, monkeypatch: pytest.MonkeyPatch, typed: str, folder: str
) -> None:
    (here / folder).mkdir()
    (here / folder / "b.csv").write_text("a,y\n1,0\n")
    monkeypatch.setenv("HOME", str(here / "home-of-one"))
    async with open_lab() as test:
        await own(test)
        test.lab.edit(test.lab.sheet.typed("data.files", typed))
        await test.press("enter")
        await test.seen("b.csv")
