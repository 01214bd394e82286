"""From a number to its events: marked in the matrix or the scores, opened, sorted, pinned and followed in time."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.cells import cell_len

from mltui.core.snapshot import Scores
from mltui.core.table import Column
from mltui.plots.look import Look
from mltui.record.followed import Tracks
from mltui.record.sample import write_sample
from mltui.ui.screens.viewing import BY_NAME
from mltui.views.base import Change
from mltui.views.events import EventsView
from mltui.views.picked import LETTERS, Picked
from mltui.views.scores import ScoresView
from mltui.views.shown import Shown
from mltui.views.surface import SurfaceView
from tests.ui.conftest import picture
from tests.ui.moments import sample_of, with_sample
from tests.ui.test_views import binary, hosted, pane_of, plain, regression, scores

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])


def entries(shown: Shown) -> list[int]:
    """The entries that are listed, in their order."""
    (events, *_) = EventsView.numbers(shown).tables
    return [int(entry) for entry in events.columns["entry"]]


def seen(view: EventsView, shown: Shown, size: tuple[int, int] = (78, 19)) -> list[str]:
    return [row.plain for row in view.draw(shown, *size)]


def entry_column(lines: list[str]) -> list[str]:
    head = re.search("entry[▾▴]?", lines[1])
    assert head is not None
    end = head.end()
    return [line[:end].split()[-1] for line in lines[2:-1] if line.strip()]


# -- which rows ----------------------------------------------------------------------------------------------------
def test_the_worst_mistakes_come_first() -> None:
    shown = with_sample(binary())
    known = shown.sampled["validation"]
    loss = -np.log(np.where(known.target == 1, known.scores, 1 - known.scores))
    wrong = np.flatnonzero((known.scores > 0.5) != known.target)
    assert entries(shown) == [int(row) * 10 for row in wrong[np.argsort(-loss[wrong])]]
    assert EventsView.headline(shown) == str(len(wrong))
    assert f"{len(wrong)} wrong of 100 validation rows" in seen(EventsView(), shown)[0]
    stricter = replace(shown, threshold=0.9)
    assert len(entries(stricter)) == np.count_nonzero((known.scores > 0.9) != known.target)


def test_a_cell_and_a_bin_hold_the_rows_that_their_numbers_count() -> None:
    shown = with_sample(binary())
    known = shown.sampled["validation"]
    for cell in ((0, 0), (0, 1), (1, 0), (1, 1)):
        found = entries(replace(shown, picked=Picked(cell=cell), forms={"events": "cell"}))
        inside = (known.target == cell[0]) & ((known.scores > 0.5) == cell[1])
        assert sorted(found) == (np.flatnonzero(inside) * 10).tolist()
    found = entries(replace(shown, picked=Picked(bins=(36, 40)), forms={"events": "bin"}))
    assert sorted(found) == (np.flatnonzero(known.scores >= 0.9) * 10).tolist()


def test_what_is_not_marked_or_pinned_says_how_to() -> None:
    shown = with_sample(binary())
    for form, words in (("cell", "Matrix"), ("bin", "Scores"), ("pinned", "space")):
        empty = replace(shown, forms={"events": form})
        assert entries(empty) == []
        assert words in seen(EventsView(), empty)[0]


def test_a_regression_lists_its_largest_residuals_and_has_fewer_forms() -> None:
    shown = with_sample(regression())
    known = shown.sampled["validation"]
    assert entries(shown)[:5] == (np.argsort(-np.abs(known.scores - known.target.astype(np.float64)))[:5] * 10).tolist()
    assert EventsView.heading(shown) == "Events, largest residuals"
    assert EventsView.forms_of(shown) == ("mistakes", "pinned")
    assert EventsView.form(replace(shown, forms={"events": "cell"})) == "mistakes"
    assert "residual" in seen(EventsView(), shown)[1]


def test_of_many_classes_the_score_is_that_of_the_true_class() -> None:
    parts = {"validation": scores(80, 4, 3)}
    shown = binary(classes=("a", "b", "c", "d"))
    assert shown.snapshot is not None
    shown = with_sample(replace(shown, snapshot=replace(shown.snapshot, scores=parts)))
    (table, *_) = EventsView.numbers(shown).tables
    rows = [entry // 10 for entry in entries(shown)]
    known = parts["validation"]
    np.testing.assert_allclose(table.columns["score"], known.scores[rows, known.target[rows].astype(int)])
    assert np.all(known.scores[rows].argmax(axis=1) != known.target[rows])
    bins = replace(shown, picked=Picked(bins=(0, 4)), forms={"events": "bin"})
    own = known.scores[np.arange(80), known.target.astype(int)]
    assert sorted(entries(bins)) == (np.flatnonzero(own < 0.1) * 10).tolist()


def test_without_the_rows_or_their_scores_there_is_a_sentence() -> None:
    assert not EventsView.ready(binary())
    assert "kept no rows" in EventsView.empty(binary())
    other = replace(with_sample(binary()), sampled={})
    assert not EventsView.ready(other)
    assert EventsView.numbers(other).tables == ()
    assert "Press r" in EventsView.empty(Shown())


# -- keys ----------------------------------------------------------------------------------------------------------
def test_sorting_goes_through_the_columns_and_brings_them_in_sight() -> None:
    shown, view = with_sample(binary()), EventsView()
    listed, heads = entries(shown), set()
    for _ in range(8):
        view.sort(1, shown, 40, 19)
        lines = seen(view, shown, (40, 19))
        heads |= {word for word in lines[1].split() if word.endswith("▾")}
        assert "by " in lines[0]
    assert heads == {"true▾", "said▾", "score▾", "loss▾", "file▾", "entry▾", "x▾", "y▾"} - {"file▾"}
    fresh = EventsView()
    for _ in range(6):
        fresh.sort(1, shown, 78, 40)
    assert entry_column(seen(fresh, shown, (78, 40))) == [str(entry) for entry in sorted(listed, reverse=True)]
    fresh.turn(0, shown, 78, 40)
    assert entry_column(seen(fresh, shown, (78, 40))) == [str(entry) for entry in sorted(listed)]
    for _ in range(6):
        fresh.sort(-1, shown, 78, 40)
    assert entry_column(seen(fresh, shown, (78, 40))) == [str(entry) for entry in listed]


def test_the_cursor_stays_in_sight_and_within_the_rows() -> None:
    shown, view = with_sample(binary(threshold=0.9)), EventsView()
    count = len(entries(shown))
    assert count > 16
    for by in (1, 5, 10, 1_000_000_000, -3, -1_000_000_000):
        view.move(by, shown, 78, 12)
        marked = [line for line in seen(view, shown, (78, 12)) if line.startswith("▸")]
        assert len(marked) == 1
    view.page(1, shown, 78, 12)
    fewer = replace(shown, forms={"events": "pinned"})
    assert len(seen(view, fewer, (78, 12))) == 12  # no row is left under the cursor
    assert view.pin(0, fewer, 78, 12) is None


def test_the_cursor_stays_with_its_row_while_the_model_learns() -> None:
    shown, view = with_sample(binary()), EventsView()
    listed = entries(shown)
    view.move(1, shown, 78, 40)
    known = shown.sampled["validation"]
    row = listed[1] // 10
    worst = np.where(known.target[row] == 1, 1e-6, 1 - 1e-6)
    learnt = Scores(known.target, np.where(np.arange(100) == row, worst, known.scores), known.weights)
    later = replace(shown, sampled={"validation": learnt})
    assert entries(later)[0] == listed[1]
    change = view.pin(0, later, 78, 40)
    assert change is not None
    assert change.picked is not None
    assert change.picked.places == (("data/events.csv", "", listed[1]),)
    assert seen(view, later, (78, 40))[2].startswith("▸")


def test_a_pinned_row_keeps_its_letter_whatever_is_listed() -> None:
    shown, view = with_sample(binary()), EventsView()
    first = entries(shown)[0]
    change = view.pin(0, shown, 78, 19)
    assert isinstance(change, Change)
    assert change.picked == Picked(pins=(("A", ("data/events.csv", "", first)),))
    pinned = replace(shown, picked=change.picked)
    assert seen(view, pinned)[2].startswith("▸ A")
    assert entries(replace(pinned, forms={"events": "pinned"})) == [first]
    again = view.pin(0, pinned, 78, 19)
    assert again is not None
    assert again.picked == Picked()


def test_letters_are_given_once_and_no_more_than_there_are() -> None:
    picked = Picked()
    for entry in range(12):
        picked = picked.turned(("f", "", entry))
    assert [letter for letter, _ in picked.pins] == list(LETTERS)
    picked = picked.turned(("f", "", 2))
    assert picked.letter(("f", "", 2)) == ""
    assert picked.turned(("f", "", 50)).letter(("f", "", 50)) == "C"


# -- followed in time ----------------------------------------------------------------------------------------------
def followed(**changes: Any) -> tuple[Shown, int]:
    """A shown run with its worst mistake pinned, whose score falls from 0.9 to 0.1 over the kept steps."""
    shown = with_sample(binary())
    first = entries(shown)[0]
    place = ("data/events.csv", "", first)
    tracks = Tracks(np.array([0.0, 10, 40]), {place: np.array([0.9, np.nan, 0.1])})
    return replace(shown, picked=Picked(pins=(("A", place),)), tracks=tracks, **changes), first


def test_the_table_tells_a_pinned_rows_score_at_each_kept_step() -> None:
    shown, _ = followed()
    assert "█ ▁" in seen(EventsView(), shown)[2]
    lines = seen(EventsView(), replace(shown, forms={"events": "pinned"}))
    assert "epoch 0" in lines[1]
    assert "epoch 40" in lines[1]
    assert "0.900" in lines[2]
    assert "0.100" in lines[2]
    events, table = EventsView.numbers(shown).tables
    assert list(events.columns["pinned"])[:2] == ["A", ""]
    assert (table.name, table.x, table.draw) == ("followed", "epoch", "line")
    np.testing.assert_array_equal(table.columns["A"], [0.9, np.nan, 0.1])


@pytest.mark.parametrize("look", [Look(), Look(ascii=True, colours="none")])
def test_the_letter_goes_with_the_score_and_stays_at_its_place_in_the_plane(look: Look) -> None:
    shown, first = followed(look=look)
    known = shown.sampled["validation"]
    columns = []
    for score in (0.02, 0.98):
        moved = Scores(known.target, np.where(np.arange(100) == first // 10, score, known.scores), known.weights)
        at = replace(shown, sampled={"validation": moved})
        columns += [line.plain.index("A") for line in ScoresView().draw(at, 78, 20) if "A" in line.plain]
    assert len(columns) == 2
    assert columns[0] < 15
    assert columns[1] > 70
    (column,) = [line.plain.index("A") for line in SurfaceView().draw(shown, 78, 20) if "A" in line.plain]
    assert column == pytest.approx(6 + first / 1000 * 72, abs=4)  # x goes from -1 to 1 over a hundred rows


# -- in the lab ----------------------------------------------------------------------------------------------------
@SIZES
@pytest.mark.parametrize("look", [Look(), Look(colours="16"), Look(ascii=True, colours="none")])
async def test_it_is_drawn_in_every_terminal(size: tuple[int, int], look: Look) -> None:
    shown, _ = followed(look=look)
    async with hosted(EventsView, shown=shown, size=size) as (app, _pilot):
        text = plain(pane_of(app, EventsView))
        assert "validation rows, the largest loss first" in text
        assert not look.ascii or text.isascii()


async def start(test: Any) -> None:
    """A run of one kept picture, whose sample is all of its rows."""
    await test.press("r")
    await test.until(lambda: test.session.begun, "the run")
    write_sample(test.hand.folder, sample_of(dict(picture(0).scores), classes=("a", "b")))
    test.hand.start()
    test.hand.epochs(1, 3)
    test.hand.snapshot(0, [(0, "0.npz")])
    await test.until(lambda: test.lab.shown.sampled, "the sample's scores")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
async def test_from_a_cell_of_the_matrix_to_its_events_and_a_pin(open_lab: Any, size: tuple[int, int]) -> None:
    async with open_lab(size) as test:
        await start(test)
        test.lab.bring("matrix")
        await test.seen("mark a cell")
        await test.press("down", "right")
        assert test.lab.shown.picked.cell == (0, 1)
        assert test.lab.view_in_front == "matrix"  # the arrow moved the mark, not the tabs
        await test.press("enter")
        assert test.lab.view_in_front == "events"
        await test.seen("Events, is a, said b")
        await test.press("f", "f", "space")  # the most doubtful rows
        await test.until(lambda: test.lab.shown.tracks is not None, "the scores at the kept steps")
        await test.press("f")
        await test.seen("epoch 0")
        test.lab.bring("scores")
        await test.seen("mark a bin")
        await test.press("down", "left", "right", "enter")
        assert test.lab.view_in_front == "events"
        assert BY_NAME["events"].form(test.lab.shown) == "bin"


async def test_the_arrows_still_go_through_the_views_where_nothing_is_marked(open_lab: Any) -> None:
    async with open_lab() as test:
        await start(test)
        test.lab.bring("matrix")
        await test.seen("mark a cell")
        await test.press("right")
        await test.until(lambda: test.lab.view_in_front not in ("matrix", "events"), "the view after")
        test.lab.bring("matrix")
        await test.until(lambda: getattr(test.app.focused, "id", "") == "matrix", "the focus")
        await test.press("down", "up", "left")
        await test.until(lambda: test.lab.view_in_front != "matrix", "the view before")
        assert test.lab.shown.picked.cell is None
        await test.press("v")
        await test.until(lambda: test.lab.view_in_front == "events", "the events")


async def test_enter_grows_the_matrix_where_no_cell_is_marked(open_lab: Any) -> None:
    async with open_lab((160, 50)) as test:
        await start(test)
        test.lab.bring("matrix")
        await test.until(lambda: test.lab.view_in_front == "matrix", "the focus")
        await test.press("enter")
        assert test.lab.grown
        await test.press("escape")
        assert not test.lab.grown


# -- what an event looks like --------------------------------------------------------------------------------------
def with_pixels(pixels: NDArray[np.uint8]) -> Shown:
    shown = with_sample(binary())
    assert shown.sample is not None
    rows = shown.sample.parts["validation"]
    drawn = np.resize(pixels, (len(rows), *pixels.shape[1:]))
    sample = replace(
        shown.sample,
        parts={**shown.sample.parts, "validation": replace(rows, pixels=drawn)},
        image=Column("cells", "image", "GeV"),
        scale=(0.0, 2.5),
    )
    return replace(shown, sample=sample)


def bar(at: int) -> NDArray[np.uint8]:
    """Images of which one column is bright, another one in each row."""
    bright = np.zeros((6, 8), np.uint8)
    bright[:, at] = 255
    return bright


ASCII = Look(ascii=True, colours="none")


def test_the_image_of_the_event_under_the_cursor_stands_beside_the_table() -> None:
    shown = replace(with_pixels(np.stack([bar(at % 8) for at in range(100)])), look=ASCII)
    view = EventsView()
    (events, *_) = EventsView.numbers(shown).tables
    for place in range(3):
        lines = seen(view, shown, (78, 14))
        assert {len(line) for line in lines} == {78}
        assert lines[2 + place].startswith(">")
        row = int(events.columns["entry"][place]) // 10
        picture = [line[-24:] for line in lines[1:10]]  # three cells a pixel, half as many rows
        bright = {at for line in picture for at, sign in enumerate(line) if sign not in " ."}
        assert {at // 3 for at in bright} == {row % 8}
        assert lines[0][-24:].strip() == "cells [GeV]"
        assert "0 to 2.50" in [line[-24:].strip() for line in lines[2:]]
        view.move(1, shown, 78, 14)


def test_a_signal_stands_below_and_the_cursor_stays_in_sight() -> None:
    ramp = np.linspace(0, 255, 50).astype(np.uint8)[None].repeat(100, axis=0)
    shown, view = with_pixels(ramp), EventsView()
    for _ in range(9):
        lines = seen(view, shown, (78, 20))
        assert len(lines) == 20
        assert lines[11].strip() == "cells [GeV]"
        assert lines[19].strip() == "0 to 2.50"
        assert any(line.startswith("▸") for line in lines[:11])
        view.move(1, shown, 78, 20)


@pytest.mark.parametrize("size", [(40, 12), (30, 4), (78, 4), (78, 19), (198, 55), (8, 3)])
@pytest.mark.parametrize("look", [Look(), ASCII, Look(colours="16")])
@pytest.mark.parametrize("sides", [(6, 8), (64, 64), (1, 1), (64, 2), (2, 64), (300,), (1,)])
def test_any_image_fits_any_room(size: tuple[int, int], look: Look, sides: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (100, *sides)).astype(np.uint8)
    shown = replace(with_pixels(pixels), look=look)
    for form in ("mistakes", "pinned"):
        lines = seen(EventsView(), replace(shown, forms={"events": form}), size)
        assert len(lines) == size[1]
        assert {cell_len(line) for line in lines} == {size[0]}
        assert not look.ascii or all(line.isascii() for line in lines)
