"""The line through the rows of one feature, the border of the best answer, and what images of a class look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.text import Text

from mltui.core.snapshot import Points, Surface
from mltui.plots.fit import fit
from mltui.plots.images import class_images
from mltui.plots.look import Look
from mltui.plots.surface import surface

LOOKS = [Look(), Look(colours="16"), Look(colours="none"), Look(ascii=True, colours="none")]
LINE = Surface(np.linspace(0, 1, 240)[None], "x", "", (0.0, 1.0, 0.0, 1.0))
XS = np.linspace(0, 1, 40)
ROWS = Points(XS, np.zeros(40), XS + 0.1 * (-1.0) ** np.arange(40), np.arange(40) % 4 // 3)


def text(rows: Sequence[Text]) -> list[str]:
    return [row.plain for row in rows]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(78, 20), (38, 8), (20, 4), (5, 2), (0, 0)])
@pytest.mark.parametrize("classes", [(), ("a", "b"), ("a", "b", "c")])
def test_a_fit_fills_its_size_whatever_there_is_to_draw(
    look: Look, size: tuple[int, int], classes: tuple[str, ...]
) -> None:
    target = np.arange(40) % max(len(classes), 1)
    rows = replace(ROWS, target=target) if classes else ROWS
    drawn = text(fit(LINE, rows, classes, *size, look, target="y [m]", truth=LINE))
    assert [len(row) for row in drawn] == [size[0]] * size[1]
    if look.ascii:
        assert all(row.isascii() for row in drawn)


def test_the_line_rises_from_left_to_right_through_the_rows() -> None:
    drawn = text(fit(LINE, ROWS, (), 78, 20, Look(ascii=True, colours="none"), target="y"))
    canvas = drawn[1:-2]
    low, high = (next(row.index("*") for row in rows if "*" in row) for rows in (canvas[::-1], canvas))
    assert low < 20
    assert high > 50
    assert drawn[0].lstrip().startswith("^ y")
    assert "model" in drawn[0]
    assert "valid" in drawn[0]


def test_where_the_line_leaves_the_rows_far_behind_the_rows_keep_their_room() -> None:
    wild = replace(LINE, values=np.where(np.arange(240) < 230, LINE.values, 1e6))
    labels = " ".join(row[:6] for row in text(fit(wild, ROWS, (), 78, 20, Look(), target="y")))
    assert "1e" not in labels
    assert "000" not in labels


def test_a_line_that_is_no_number_anywhere_says_so() -> None:
    nothing = replace(LINE, values=np.full((1, 240), np.nan))
    assert "no line yet" in " ".join(text(fit(nothing, ROWS, (), 60, 10, Look())))


def test_the_best_border_runs_where_the_truth_is_a_half_and_leaves_the_colours() -> None:
    grid = Surface(np.tile(np.linspace(0, 1, 80), (60, 1)), "a", "b", (0.0, 1.0, 0.0, 1.0))
    look = Look(ascii=True, colours="none")
    plain = text(surface(grid, None, ("n", "y"), 78, 20, look))
    marked = text(surface(grid, None, ("n", "y"), 78, 20, look, truth=grid))
    changed = {
        column
        for before, after in zip(plain[1:-2], marked[1:-2], strict=True)
        for column, (old, new) in enumerate(zip(before, after, strict=True))
        if old != new
    }
    assert len(changed) == 1
    assert abs(changed.pop() - (5 + 73 / 2)) <= 1
    assert "best border" in marked[0]
    full = surface(grid, None, ("n", "y"), 78, 20, Look(), truth=grid)
    assert any(0x2800 < ord(sign) < 0x2900 for sign in full[10].plain)


def images(shape: tuple[int, ...], classes: int = 2) -> dict[str, Any]:
    shares = np.random.default_rng(1).random((classes, 3, *shape))
    return {"means": shares.mean(axis=1).tolist(), "examples": shares.tolist()}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("shape", [(25, 25), (3, 60), (60, 3), (1, 1), (400,), (1,)])
@pytest.mark.parametrize("size", [(78, 20), (43, 12), (9, 4), (3, 1), (0, 0)])
def test_images_fill_their_size(look: Look, log: bool, shape: tuple[int, ...], size: tuple[int, int]) -> None:
    drawn = text(class_images(images(shape), *size, look, classes=("quark", "top"), log=log))
    assert [len(row) for row in drawn] == [size[0]] * size[1]
    if look.ascii:
        assert all(row.isascii() for row in drawn)


def test_each_class_has_its_own_images_below_its_name() -> None:
    found = images((8, 8))
    found["means"] = np.stack([np.zeros((8, 8)), np.ones((8, 8))]).tolist()
    found["examples"] = np.full((2, 1, 8, 8), np.nan).tolist()
    drawn = text(class_images(found, 41, 10, Look(ascii=True, colours="none"), classes=("quark", "top")))
    assert drawn[0].split() == ["quark", "top"]
    assert drawn[1][:20].strip() == ""
    assert drawn[1][21:].startswith("@")


@pytest.mark.parametrize("height", range(18, 26))
def test_where_there_is_room_examples_stand_below_the_mean(height: int) -> None:
    drawn = text(class_images(images((16, 16)), 60, height, Look(), classes=("quark", "top")))
    blank = [number for number, row in enumerate(drawn) if not row.strip()]
    assert drawn[1].startswith("▀")
    assert drawn[next(number for number in blank if number > 1) + 1].startswith("▀")


def test_of_more_classes_than_find_room_it_is_said_how_many_are_left() -> None:
    drawn = text(class_images(images((4, 4), 10), 40, 8, Look(), classes=[f"digit {n}" for n in range(10)]))
    assert drawn[0].rstrip().endswith("+6")


@pytest.mark.parametrize("broken", [{}, {"means": None}, {"means": "x"}, {"means": [[1]], "examples": [[1, 2], [3]]}])
def test_what_is_no_image_is_said(broken: dict[str, Any]) -> None:
    assert "no image" in " ".join(text(class_images(broken, 40, 6, Look())))
