"""The form as a person fills it in: rows, lists, files, draft and undo."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mltui.runs import draft
from mltui.runs.experiments import load
from mltui.ui.sheet import Sheet
from mltui.ui.widgets.field_row import FieldRow

BOTH = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


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


@BOTH
async def test_rows_come_and_go_with_the_setting_that_they_depend_on(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        await test.press("e")
        await test.until(lambda: test.lab.setup.row("training.beta1") is not None, "the experts")
        test.lab.setup.focus_row("training.optimizer")
        await test.press("right", "right", "right", "right")
        await test.until(lambda: test.lab.sheet.value("training.optimizer") == "genetic", "the last optimizer")
        await test.until(lambda: test.lab.setup.row("training.population") is not None, "its row")
        assert test.lab.setup.row("training.beta1") is None
        assert test.lab.setup.row("training.batch_size") is None
        assert test.app.focused.field.key == "training.optimizer"
        await test.press("u")
        await test.until(lambda: test.lab.setup.row("training.beta1") is not None, "the rows as they were")
        assert test.lab.setup.row("training.population") is None


async def test_a_linear_model_s_form_turns_into_that_of_a_network(open_lab: Any) -> None:
    async with open_lab() as test:
        test.lab.edit(test.lab.sheet.put("model.name", "logistic_regression"))
        await test.until(lambda: test.lab.setup.row("model.solver") is not None, "the model's rows")
        assert [row.field.key for row in test.lab.setup.rows if row.field.section != "data"] == [
            "model.name", "model.solver", "model.C", "model.l1_ratio",
        ]  # fmt: skip
        test.lab.setup.focus_row("model.solver")
        await test.press("right")
        await test.until(lambda: test.lab.setup.row("training.epochs") is not None, "the rows of training")
        assert test.lab.setup.row("model.C") is None
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0].model.hyperparameters["solver"] == "gradient"
        assert "batch" in test.lab.now.controls


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


async def test_steps_of_a_list_are_turned_chosen_and_typed(open_lab: Any) -> None:
    async with open_lab() as test:
        await test.press("e")
        await test.until(lambda: test.lab.setup.row("preprocess.scale") is not None, "the experts")
        test.lab.setup.row("preprocess.scale").focus()
        await test.seen("Bring all features to one scale")
        await test.seen("space types several ")
        await test.press("right")
        await test.until(lambda: test.lab.sheet.value("preprocess.scale") == ("minmax",), "the next one")
        await test.press("enter")
        await test.seen("uncorrelated sums, the widest first")
        await test.press("p", "enter")
        await test.until(lambda: test.lab.sheet.value("preprocess.scale") == ("pca",), "the choice")
        await test.press("space", *"quantle, pca")
        await test.seen("did you mean qu")
        await test.seen("quantile? ")
        await test.press(*["backspace"] * 7, *"ile, pca", "enter")
        await test.until(lambda: test.lab.sheet.value("preprocess.scale") == ("quantile", "pca"), "the steps")
        await test.seen("quantile, pca")
        await test.press("right")
        assert test.lab.sheet.value("preprocess.scale") == ("quantile", "pca"), "several have no next one"
        await test.press("r")
        await test.until(lambda: test.session.begun, "the run")
        assert test.session.begun[0].preprocess.scale == ("quantile", "pca")


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


async def test_at_the_desk_every_row_of_the_form_can_be_brought_into_sight(open_lab: Any) -> None:
    async with open_lab((120, 36)) as test:
        await test.press("ctrl+p", *"negative weights", "enter")
        await test.until(
            lambda: getattr(test.app.focused, "id", "") == "row-preprocess-negative_weights", "the row has the focus"
        )
        await test.until(lambda: any(" negative weights " in line for line in test.lines()[3:-1]), "the row in sight")
        pane = test.lab.query_one("#teaching")
        assert pane.region.bottom <= test.lab.setup.region.bottom, "what teaches stands in the pane too"


async def test_a_long_list_of_samples_is_shown_from_its_beginning(open_lab: Any) -> None:
    samples = [{"label": name, "files": [f"{name}.csv"], "process": f"process {name}"} for name in ("sig", "bkg")]
    async with open_lab((80, 24)) as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "own files").put("data.samples", samples))
        await test.seen("sig = sig.csv")


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


async def test_the_rows_of_the_split_are_experts_and_say_what_they_miss(open_lab: Any) -> None:
    async with open_lab((120, 50)) as test:
        assert test.lab.setup.row("split.folds") is None
        await test.press("e")
        await test.until(lambda: test.lab.setup.row("split.refit") is not None, "the experts")
        keys = [row.field.key for row in test.lab.setup.rows]
        splits = ("by", "column", "test_files", "folds", "fold_by", "refit")
        places = [keys.index(f"split.{name}") for name in splits]
        assert places == sorted(places)
        assert "preprocess.balance" in keys
        assert "preprocess.negative_weights" in keys
        assert "data.luminosity" not in keys
        test.lab.edit(test.lab.sheet.put("split.by", "group"))
        column = test.lab.setup.row("split.column")
        assert column is not None
        await test.until(lambda: "needs split.column" in column.error, "the error under its field")


async def test_the_columns_can_be_picked_for_the_group_and_for_the_fits_own_weight(open_lab: Any, here: Path) -> None:
    (here / "a.csv").write_text("x,y,w,run\n" + "".join(f"{n},{n % 2},1,{n // 4}\n" for n in range(40)))
    async with open_lab((120, 50)) as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "own files").put("data.files", ("a.csv",)))
        columns = {"x", "y", "w", "run"}
        await test.until(
            lambda: {c["name"] for c in (test.lab.description or {}).get("columns", ())} == columns, "the columns"
        )
        for key in ("split.column", "data.training_weight"):
            assert {choice.value for choice in test.lab._choices(key)} == {"", *columns}
        await test.press("e")
        await test.until(lambda: test.lab.setup.row("split.column") is not None, "the experts")
        row = test.lab.setup.row("split.column")
        assert row is not None
        await test.until(lambda: row.listed, "the list")
        assert row.hint() == "↵ lists them, space types"
