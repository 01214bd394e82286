"""Letters of followed events, and what is marked, in the pictures that hold them."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.core.snapshot import Scores, Surface
from mltui.evaluation.confusion import Confusion
from mltui.evaluation.histogram import score_histograms
from mltui.plots.look import Look
from mltui.plots.matrix import confusion_matrix
from mltui.plots.pinned import Pin
from mltui.plots.scores import bins_together, score_histogram
from mltui.plots.surface import surface

LOOKS = [Look(), Look(colours="16"), Look(colours="none"), Look(ascii=True, colours="none")]
SCORES = Scores(np.arange(100) % 2, np.linspace(0, 1, 100), np.ones(100))
GROUPS = score_histograms(SCORES, ("p", "q"))


def scored(look: Look, **more: object) -> list[str]:
    drawn = score_histogram(GROUPS, 78, 20, look, **more)  # type: ignore[arg-type]
    return [row.plain for row in drawn]


def columns_of(sign: str, rows: list[str]) -> list[int]:
    return sorted(line.index(sign) for line in rows if sign in line)


@pytest.mark.parametrize("look", LOOKS)
def test_pinned_events_stand_at_their_scores_also_two_in_one_place(look: Look) -> None:
    places = {"A": 0.0, "B": 1.0, "C": 1.0, "D": 0.5, "E": np.nan, "F": 7.0}
    rows = scored(look, pins=[Pin(letter, x) for letter, x in places.items()])
    (low,), (high,), (again,), (middle,) = (columns_of(letter, rows) for letter in "ABCD")
    assert low < middle < high
    assert again == high
    assert abs(middle - (low + high) / 2) <= 1
    at = {letter: next(place for place, line in enumerate(rows) if letter in line) for letter in "ABCD"}
    assert at["A"] == at["B"] == at["D"] == at["C"] + 1
    assert not any(letter in line for line in rows for letter in "EF")


@pytest.mark.parametrize("look", LOOKS)
def test_a_marked_bin_is_seen_without_colour(look: Look) -> None:
    sign = look.sign("▔", "=")
    marked = next(line for line in scored(look, marked=(0.25, 0.5)) if sign in line)
    left, right = (columns_of("A", scored(look, pins=[Pin("A", x)])) for x in (0.25, 0.5))
    assert marked.index(sign) == left[0]
    assert marked.rindex(sign) == right[0] - 1
    assert not any(sign in line for line in scored(look))


@pytest.mark.parametrize("width", [20, 40, 78, 118, 198])
@pytest.mark.parametrize("points", [False, True])
def test_the_bins_that_are_drawn_as_one_are_those_that_a_mark_takes(width: int, points: bool) -> None:
    together = bins_together(40, width, points=points)
    assert 40 % together == 0
    rows = [row.plain for row in score_histogram(GROUPS, width, 20, Look(), over=GROUPS if points else ())]
    marks = sum(line.count("◆") + line.count("◇") for line in rows[1:])
    if points:
        assert marks <= 2 * 40 // together


def test_pinned_events_stand_at_their_places_in_the_plane() -> None:
    plane = Surface(np.full((10, 10), 0.5), "x", "y", (-1.0, 1.0, -1.0, 1.0))
    pins = [Pin("A", -0.99, 0.99), Pin("B", 0.99, -0.99), Pin("C", 0.0, 0.0), Pin("D", 5.0, 0.0), Pin("E", np.nan, 0.0)]
    for look in LOOKS:
        rows = [row.plain for row in surface(plane, None, ("p", "q"), 60, 20, look, pins=pins)]
        at = {sign: [(line.index(sign), place) for place, line in enumerate(rows) if sign in line] for sign in "ABCDE"}
        (a,), (b,), (c,) = at["A"], at["B"], at["C"]
        assert a[0] < c[0] < b[0]
        assert a[1] < c[1] < b[1]
        assert at["D"] == at["E"] == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("size", [(78, 20), (40, 14)])
def test_a_marked_cell_is_told_from_the_others(look: Look, classes: int, size: tuple[int, int]) -> None:
    matrix = np.arange(classes**2, dtype=np.float64).reshape(classes, classes) + 10
    table = Confusion(tuple(f"c{n}" for n in range(classes)), matrix)
    seen = [confusion_matrix(table, *size, look)]
    for cell in ((0, 0), (0, 1), (1, 0), (classes - 1, classes - 1)):
        marked = confusion_matrix(table, *size, look, marked=cell)
        assert [row.cell_len for row in marked] == [size[0]] * size[1]
        assert marked not in seen
        seen.append(marked)
        if classes == 2:
            assert [row.plain for row in marked] != [row.plain for row in seen[0]]
            assert any(f" {matrix[cell]:.0f} " in row.plain for row in marked)
    assert confusion_matrix(table, *size, look, marked=(classes, 0)) == seen[0]
