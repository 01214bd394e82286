"""The data browser as a person uses it: keys alone, real jobs in this process, and jobs that hang or fail."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from mltui.core.errors import InputError
from mltui.runs.home import Config
from mltui.ui import choosing
from mltui.ui.browsed import Browsed
from mltui.ui.explored import BATCH, Explored
from mltui.ui.screens.data import DataScreen
from mltui.ui.session import GivenUp
from mltui.ui.widgets.picture import Picture

SIZES = [(80, 24), (120, 36), (200, 60)]
EACH = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36", "200x60"])


def write_events(folder: Path, rows: int = 400) -> str:
    """A file with a telling column, a dull one, a category, weights, and a number that may be a category."""
    lines = ["mass,phi,charge,region,weight,label"]
    for row in range(rows):
        signal = row % 2
        mass = 90 + 20 * signal + (row * 37 % 100) / 10
        charge = (row // 2) % 3 - 1
        lines.append(f"{mass},{row * 53 % 628 / 100},{charge},{'abc'[row % 3]},{0.5 + signal},{'sb'[signal]}")
    (folder / "events.csv").write_text("\n".join(lines) + "\n")
    return "events.csv"


async def opened(test: Any, here: Path, **data: Any) -> DataScreen:
    """The browser on the events, in the lab of a test."""
    sheet = test.lab.sheet.put("data.dataset", "own files").put("data.files", (write_events(here),))
    test.lab.edit(sheet.put_all({"target": "label", **data}))
    await test.until(lambda: (test.lab.description or {}).get("rows") == 400, "the description")
    await test.press("d")
    await test.until(lambda: isinstance(test.app.screen, DataScreen), "the browser")
    screen: DataScreen = test.app.screen
    await test.until(lambda: screen.explored.summary()[0], "the ranking")
    return screen


def data_of(test: Any) -> dict[str, Any]:
    found: dict[str, Any] = test.lab.sheet.document["data"]
    return found


async def at(test: Any, screen: DataScreen, name: str) -> None:
    """Go down the list to a column."""
    names = screen.browsed.names(screen.tab, [])
    await test.press("home", *["down"] * names.index(name))
    await test.until(lambda: screen.browsed.chosen == name, f"the cursor on {name}")


# Looking


@EACH
async def test_the_browser_shows_columns_and_the_histogram_of_one(
    open_lab: Any, here: Path, size: tuple[int, int]
) -> None:
    async with open_lab(size) as test:
        await opened(test, here)
        await test.seen("400 rows")
        for words in (
            "events.csv",
            "4 features",
            "classification of label",
            "✓ mass",
            "T label",
            "density",
            "separation",
        ):
            await test.seen(words)
        await test.press("down")
        await test.until(lambda: "phi" in test.lines()[2][30:], "the next column's title")


@EACH
async def test_every_tab_shows_what_it_is_for(open_lab: Any, here: Path, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        screen = await opened(test, here)
        await test.press("2")
        await test.seen("1 mass")
        await test.press("3")
        await test.seen("■")
        await test.press("4")
        await test.until(lambda: screen.explored.pairs()[0], "the pairs")
        await test.seen("mass")
        await test.press("5")
        await test.seen("charge")
        await test.press("tab")
        await test.seen("Classes of label")


async def test_the_ranking_puts_the_telling_column_first(open_lab: Any, here: Path) -> None:
    async with open_lab((120, 36)) as test:
        screen = await opened(test, here)
        summary, _ = screen.explored.summary()
        assert summary is not None
        assert summary["ranking"][0]["name"] == "mass"
        await test.press("2")
        await test.seen("1.000")  # mass has no overlap
        line = next(line for line in test.lines() if " 1 mass" in line)
        assert "━" in line


async def test_the_correlations_of_both_classes_stand_side_by_side(open_lab: Any, here: Path) -> None:
    async with open_lab((120, 36)) as test:
        await opened(test, here)
        await test.press("3")
        await test.until(lambda: any("b  200 rows" in line and "s  200 rows" in line for line in test.lines()), "both")


async def test_a_dataset_of_the_catalogue_is_browsed_too(open_lab: Any) -> None:
    async with open_lab((80, 24)) as test:
        await test.press("d")
        await test.seen("✓ x1")
        await test.seen("density")
        await test.press("t")
        await test.seen("catalogue's dataset is fixed")


async def test_help_explains_the_tab_in_front(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        await opened(test, here)
        await test.press("3", "question_mark")
        await test.seen("linear correlation of every two features")
        await test.press("escape", "escape")
        await test.until(lambda: not isinstance(test.app.screen, DataScreen), "the lab again")


@pytest.mark.parametrize("config", [Config(ascii=True), Config(theme="light")])
async def test_the_browser_in_ascii_and_on_light(open_lab: Any, here: Path, config: Config) -> None:
    async with open_lab((100, 30), config) as test:
        await opened(test, here)
        for key in "123456":
            await test.press(key)
            await test.pilot.pause(0.05)
            if config.ascii:
                assert test.screen().isascii(), test.screen()


@pytest.mark.parametrize("colours", ["none", "16", "full"])
async def test_the_browser_opens_whatever_colours_the_terminal_has(open_lab: Any, colours: str) -> None:
    async with open_lab((80, 24), colours=colours) as test:
        await test.press("d")
        await test.seen("✓ x1")
        cursor = test.app.screen.query_one("#data-list", Picture).get_component_rich_style("picture--cursor")
        assert cursor.color != cursor.bgcolor
        assert not cursor.color.is_default  # white on bright green cannot be read
        for tab in "23456":
            await test.press(tab)
            await test.pilot.pause(0.05)
        await test.seen("Classes")


async def test_a_long_name_gives_way_to_what_is_learnt(open_lab: Any, here: Path) -> None:
    name = "a_long_name_of_a_file_with_all_the_events_of_the_year_2012.csv"
    async with open_lab((80, 24)) as test:
        await opened(test, here)
        (here / "events.csv").rename(here / name)
        test.lab.edit(test.lab.sheet.put("data.files", (name,)))
        await test.until(lambda: (test.lab.description or {}).get("name") == name, "the other name")
        await test.until(lambda: "…" in test.lines()[0], "the name cut short")
        assert "400 rows · 4 features · classification of label" in test.lines()[0]


async def test_names_from_data_are_literal(open_lab: Any, here: Path) -> None:
    evil = "[red]x[/red]\x1b[31m"
    rows = [f"{row},{'[b]' if row % 2 else '[/]'}" for row in range(60)]
    (here / "evil.csv").write_text("\n".join([f"{evil},kind", *rows]) + "\n")
    async with open_lab((120, 36)) as test:
        sheet = test.lab.sheet.put("data.dataset", "own files").put("data.files", ("evil.csv",))
        test.lab.edit(sheet.put_all({"target": "kind"}))
        await test.until(lambda: (test.lab.description or {}).get("rows") == 60, "the description")
        await test.press("d")
        for key in "123456":
            await test.press(key)
            await test.seen("[red]x[/red]␛[31m" if key in "15" else "Data")


# Choosing


async def test_space_leaves_a_column_out_and_takes_it_in_again(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "phi")
        await test.press("space")
        await test.until(lambda: data_of(test).get("exclude") == ["phi"], "phi left out")
        await test.until(lambda: "✓ phi" not in test.screen(), "the tick gone")
        await test.press("space")
        await test.until(lambda: not data_of(test).get("exclude"), "phi back")
        await test.seen("✓ phi")
        assert screen.browsed.chosen == "phi"


async def test_t_and_w_choose_target_and_weight_and_u_takes_back(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "weight")
        await test.press("w")
        await test.until(lambda: data_of(test).get("weight") == "weight", "the weight")
        await test.seen("W weight")
        await at(test, screen, "region")
        await test.press("t")
        await test.until(lambda: data_of(test).get("target") == "region", "the target")
        await test.seen("of region")
        await test.press("u")
        await test.until(lambda: data_of(test).get("target") == "label", "the target before")


async def test_k_takes_a_number_for_a_category_and_at_last_as_guessed_again(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "charge")
        await test.press("k")
        await test.until(lambda: data_of(test).get("kinds") == {"charge": "category"}, "the kind")
        await test.seen("category (as you say)")
        for _ in range(4):
            await test.press("k")
        await test.until(lambda: not data_of(test).get("kinds"), "the guess again")


async def test_quick_keys_go_on_from_one_another(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "charge")
        test.burst("k", "k", "k")
        await test.until(lambda: data_of(test).get("kinds") == {"charge": "date"}, "the third kind")
        await at(test, screen, "phi")
        test.burst("space", "space", "space")
        await test.until(lambda: data_of(test).get("exclude") == ["phi"], "phi left out once")
        await test.press("u")
        await test.until(lambda: not data_of(test).get("exclude"), "phi back by the second of three")


async def test_p_fills_the_pair_plot(open_lab: Any, here: Path) -> None:
    async with open_lab((120, 36)) as test:
        screen = await opened(test, here)
        await at(test, screen, "charge")
        await test.press("p")
        await at(test, screen, "phi")
        await test.press("p", "4")
        await test.until(lambda: (screen.explored.pairs()[0] or {}).get("names") == ["charge", "phi"], "the pairs")
        await test.seen("charge")


async def test_what_cannot_be_is_said_in_a_sentence(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "label")
        await test.press("space")
        await test.seen("label is the target; t takes that back.")
        await at(test, screen, "region")
        await test.press("w")
        await test.seen("Weights are numbers")


async def test_the_ranking_opens_at_its_first_place_and_a_place_left_is_not_lost(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "label")
        await test.press("2")
        await test.until(lambda: screen.browsed.chosen == "mass", "the cursor on the first place")
        await test.press("space")
        await test.until(lambda: data_of(test).get("exclude") == ["mass"], "mass left out")
        await test.until(lambda: "mass" not in [entry["name"] for entry in screen._ranking()], "the ranking without it")
        await test.press("space")
        await test.until(lambda: not data_of(test).get("exclude"), "mass back")


async def test_the_targets_picture_is_the_size_of_the_classes(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await at(test, screen, "label")
        await test.seen("share of the rows")
        assert sum("50 %" in line for line in test.lines()) == 2


async def test_what_the_guesses_are_is_said_and_fits_a_small_terminal(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here, target=None)
        await test.seen("g takes target label, weight weight into the form; 6 tells more")
        await at(test, screen, "weight")
        await test.until(lambda: any("looks like event weights" in line for line in test.lines()[:23]), "the reason")


async def test_a_filter_is_typed_and_taken_away(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        await test.press("slash", "W", "e", "i", "t", "w")
        assert [column["name"] for column in screen.browsed.listed] == []
        await test.seen("no column has that in its name")
        await test.press("backspace", "backspace", "enter")
        assert [column["name"] for column in screen.browsed.listed] == ["weight"]
        assert screen.browsed.chosen == "weight"
        await test.press("escape")
        assert len(screen.browsed.listed) == 6
        assert isinstance(test.app.screen, DataScreen)


# Thousands of columns


def many(count: int) -> dict[str, Any]:
    columns = [{"name": f"c{n}", "kind": "number", "role": "feature", "rows": 9} for n in range(count)]
    return {"columns": columns, "features": [column["name"] for column in columns], "rows": 9}


async def test_thousands_of_columns_scroll_at_once_and_are_asked_for_by_the_screen(
    open_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    async def answer(job: str, **fields: Any) -> dict[str, Any]:
        names = fields["names"] or []
        asked.append(tuple(names))
        found = {"edges": [0.0, 1.0], "sums": [[1.0], [2.0]], "errors": [[1.0], [1.0]]}
        return {"histograms": dict.fromkeys(names, found), "ranking": [], "correlations": []}

    async with open_lab((80, 24)) as test:
        monkeypatch.setattr(test.session, "ask", answer)
        test.lab.description = many(10_000)
        await test.press("d", "end")
        await test.seen("10,000 of 10,000")
        await test.until(lambda: test.app.screen.explored.histogram("c9999")[0], "the last column's histogram")
        await test.press("pageup", "pageup")
        await test.until(
            lambda: any(test.app.screen.browsed.chosen in names for names in asked[1:]), "those further up"
        )
        assert test.app.screen.browsed.chosen == "c9967"
        assert max(map(len, asked)) <= BATCH
        assert sum(map(len, asked)) < 200


# Slow and failing jobs


async def test_the_browser_opens_while_the_data_are_read_and_answers_keys_while_jobs_hang(
    open_lab: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lab((80, 24)) as test:
        never = asyncio.Event()

        async def hung(job: str, **fields: Any) -> dict[str, Any]:
            await never.wait()
            return {}

        monkeypatch.setattr(test.session, "ask", hung)
        await test.press("d")
        await test.seen("looking at the column")
        await test.press("down", "2", "5", "1")
        await test.seen("x2")
        await test.press("escape")
        await test.until(lambda: not isinstance(test.app.screen, DataScreen), "the lab again")


async def test_a_job_that_fails_says_why_and_others_go_on(
    open_lab: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lab((120, 36)) as test:
        screen = await opened(test, here)
        real = test.session.ask

        async def picky(job: str, **fields: Any) -> dict[str, Any]:
            if "phi" in (fields["names"] or ["phi"]):  # none: all features
                raise InputError("phi cannot be read\x1b[2J")
            found: dict[str, Any] = await real(job, **fields)
            return found

        await at(test, screen, "phi")
        monkeypatch.setattr(test.session, "ask", picky)
        test.lab.edit(test.lab.sheet.put("data.cut", "mass > 0"))
        await test.seen("phi cannot be read␛[2J")
        await at(test, screen, "charge")
        await test.until(lambda: screen.explored.histogram("charge")[1] == "", "the other column")


async def test_a_job_given_up_for_a_newer_one_is_asked_again(
    open_lab: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_lab((120, 36)) as test:
        screen = await opened(test, here)
        real = test.session.ask
        refused: list[str] = []

        async def once(job: str, **fields: Any) -> dict[str, Any]:
            if not refused:
                refused.append(job)
                raise GivenUp("this was given up for what was asked later")
            found: dict[str, Any] = await real(job, **fields)
            return found

        monkeypatch.setattr(test.session, "ask", once)
        test.lab.edit(test.lab.sheet.put("data.cut", "phi > 1"))
        await test.until(lambda: refused, "the first answer")
        key_before = screen.explored.summary()[0]
        await test.until(lambda: screen.explored.summary()[0] is not key_before, "the ranking anew")


async def test_trouble_with_the_data_stands_in_the_browser(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        test.lab.edit(test.lab.sheet.put("data.target", "lable"))
        await test.until(lambda: test.lab.trouble is not None, "the trouble")
        await test.until(lambda: "lable" in str(screen.query_one("#data-message", Static).render()), "the sentence")
        assert "mass" in test.screen()  # what was known stays
        await test.press("u")
        await test.until(lambda: test.lab.trouble is None, "all well again")


async def test_data_that_cannot_be_read_say_so_and_nothing_is_said_to_be_looked_at(open_lab: Any, here: Path) -> None:
    (here / "folder.csv").mkdir()
    async with open_lab((80, 24)) as test:
        test.lab.edit(test.lab.sheet.put("data.dataset", "own files").put("data.files", ("folder.csv",)))
        await test.until(lambda: test.lab.trouble is not None, "the trouble")
        await test.press("d")
        await test.until(lambda: isinstance(test.app.screen, DataScreen), "the browser")
        await test.seen("folder.csv")
        for tab in "1234561":
            await test.press(tab)
            await test.pilot.pause(0.05)
            assert "looking at" not in test.screen()
        assert "0 features" not in test.screen()


async def test_only_what_changed_is_drawn_again(open_lab: Any, here: Path) -> None:
    async with open_lab((80, 24)) as test:
        screen = await opened(test, here)
        pictures = list(screen.query(Picture))
        before = [picture.drawing for picture in pictures]
        screen.draw()
        assert [picture.drawing for picture in pictures] == before


# What choosing means, without a screen

COLUMNS = [
    {"name": "pt", "kind": "number", "role": "feature"},
    {"name": "eta", "kind": "number", "role": "feature"},
    {"name": "w", "kind": "number", "role": "unused", "why": "looks like event weights"},
    {"name": "raw", "kind": "unusable", "role": "unused", "why": "holds raw bytes"},
    {"name": "y", "kind": "category", "role": "target"},
    {"name": "jets", "kind": "list", "role": "unused"},
    {"name": "a b", "kind": "list", "role": "unused"},
]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        ({}, "pt", {"exclude": ("pt",)}),
        ({"exclude": ["pt"]}, "eta", {"exclude": ("pt", "eta")}),
        ({"features": ["pt", "eta"]}, "pt", {"features": ("eta",)}),
        ({"features": ["*t*"]}, "pt", {"exclude": ("pt",)}),
        ({"features": ["pt", "*t*"]}, "pt", {"features": ("*t*",), "exclude": ("pt",)}),
        ({"features": ["pt"]}, "pt", "One feature at least is needed."),
        ({}, "w", {"features": ("pt", "eta", "w")}),
        ({"exclude": ["w"]}, "w", {"exclude": ()}),
        ({"features": ["pt", "eta"], "exclude": ["w"]}, "w", {"features": ("pt", "eta", "w"), "exclude": ()}),
        ({"exclude": ["w*"]}, "w", "w* in exclude leaves it out; change that in the form."),
        ({}, "raw", "raw cannot be a feature: it holds raw bytes."),
        ({}, "y", "y is the target; t takes that back."),
        (
            {},
            "jets",
            "jets holds a list in each row: jets[0], len(jets) or max(jets), typed under features, can be one.",
        ),
        (
            {},
            "a b",
            "a b holds a list in each row: `a b`[0], len(`a b`) or max(`a b`), typed under features, can be one.",
        ),
    ],
)
def test_ticking_a_column(data: dict[str, Any], name: str, expected: object) -> None:
    assert choosing.ticked(data, COLUMNS, name) == expected


@pytest.mark.parametrize(
    ("data", "role", "name", "expected"),
    [
        ({}, "target", "pt", {"target": "pt"}),
        ({"target": "pt"}, "target", "pt", {"target": None}),
        ({"weight": "w"}, "target", "w", {"target": "w", "weight": None}),
        ({"features": ["pt", "eta"]}, "weight", "pt", {"weight": "pt", "features": ("eta",)}),
        ({"target": "y", "positive": "s"}, "target", "pt", {"target": "pt", "positive": None}),
        ({}, "weight", "y", "Weights are numbers; y is of the kind category."),
        ({}, "target", "raw", "raw cannot be used: it holds raw bytes."),
        ({}, "weight", "jets", "jets holds a list in each row: jets[0], len(jets) or max(jets) has one value."),
        ({"dataset": "moons"}, "target", "pt", "The target of a catalogue's dataset is fixed."),
    ],
)
def test_taking_a_column_as_target_or_weight(data: dict[str, Any], role: str, name: str, expected: object) -> None:
    assert choosing.taken(data, COLUMNS, role, name) == expected


def test_the_kinds_go_round_and_end_at_the_guess() -> None:
    data: dict[str, Any] = {}
    seen = []
    for _ in range(5):
        chosen = choosing.next_kind(data, {"name": "pt", "kind": "number"}, guessed="number")
        assert not isinstance(chosen, str)
        data = {**chosen}
        seen.append(dict(data["kinds"]).get("pt"))
    assert seen == ["category", "ordered", "date", "text", None]


# What is known and asked, without a screen


def test_answers_of_other_data_stay_in_sight_until_their_own_come() -> None:
    explored = Explored()
    explored.look_at({"files": ["a.csv"]})
    wish = explored.wish_histograms(["x", "y"])
    assert wish is not None
    explored.granted(wish, {"histograms": {"x": {"sums": 1}, "y": {"sums": 2}}})
    assert explored.wish_histograms(["x", "y"]) is None
    explored.look_at({"files": ["a.csv"], "exclude": ["y"]})
    assert explored.wish_histograms(["x"]) is None  # what is a feature changes no histogram
    explored.look_at({"files": ["a.csv"], "cut": "x > 1"})
    assert explored.histogram("x")[0] == {"sums": 1}
    assert explored.wish_histograms(["x"]) is not None


def test_the_cursor_stays_on_its_column_when_the_data_are_described_anew() -> None:
    browsed = Browsed(many(50))
    browsed.move("columns", [], 30)
    browsed.take(many(40))
    assert browsed.chosen == "c30"
    browsed.take(many(10))
    assert browsed.chosen == "c0"


def test_the_list_scrolls_just_so_far_that_the_cursor_is_in_sight() -> None:
    browsed = Browsed(many(100))
    browsed.move("columns", [], 12)
    browsed.scroll("columns", [], 10)
    assert browsed.first["columns"][0] == 3
    browsed.move("columns", [], -5)
    browsed.scroll("columns", [], 10)
    assert browsed.first["columns"][0] == 3
    browsed.move("columns", [], 1000)
    browsed.scroll("columns", [], 10)
    assert browsed.first["columns"][0] == 90


def test_columns_are_ordered_by_separation_name_and_missing() -> None:
    description = {"columns": [{"name": n, "kind": "number", "missing": m} for n, m in (("b", 0), ("a", 3), ("c", 1))]}
    browsed = Browsed(description)
    ranking = [{"name": "c"}, {"name": "a"}]
    orders = []
    for _ in range(4):
        browsed.reorder(ranking)
        orders.append("".join(browsed.names("columns", ranking)))
    assert orders == ["cab", "abc", "acb", "bac"]


@EACH
async def test_images_are_drawn_as_images_in_the_browser_and_beside_the_form(
    open_lab: Any, size: tuple[int, int]
) -> None:
    async with open_lab(size) as test:
        sheet = test.lab.sheet.put("data.dataset", "jets").put("data.options", {"samples": 200})
        test.lab.edit(sheet)
        await test.until(lambda: ((test.lab.description or {}).get("preview") or {}).get("images"), "the images")
        await test.press("d")
        await test.until(lambda: isinstance(test.app.screen, DataScreen), "the browser")
        screen: DataScreen = test.app.screen
        await at(test, screen, "image")
        await test.until(lambda: "▀▀▀▀" in test.screen(), "the mean images")
        for words in test.lab.description["classes"]:
            assert any(words["label"] in line[30:] for line in test.lines()[2:5])
        await test.press("l")
        await test.until(lambda: screen.browsed.log, "the logarithmic scale")
