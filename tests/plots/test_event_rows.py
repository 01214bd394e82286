"""The table of events: aligned, cut and scrolled by whole columns, as many digits as a column deserves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from mltui.evaluation.event_table import EventColumn
from mltui.plots.event_rows import EventRows, across_to, event_rows, furthest_across, rows_in_sight, track
from mltui.plots.look import Look

LOOKS = [Look(), Look(colours="16"), Look(colours="none"), Look(ascii=True, colours="none")]
COUNT = 30
RNG = np.random.default_rng(5)


def columns(variables: int = 8) -> list[EventColumn]:
    return [
        EventColumn("true", "true", np.arange(COUNT) % 2, ("b", "s")),
        EventColumn("said", "said", np.arange(COUNT) % 3 % 2, ("b", "s")),
        EventColumn("score", "score", np.linspace(0, 1, COUNT)),
        EventColumn("loss", "loss", np.linspace(0, 4, COUNT)),
        EventColumn("file", "file", np.zeros(COUNT, np.int64), ("/data/a.root",)),
        EventColumn("entry", "entry", np.arange(COUNT) * 1000),
        *(EventColumn(f"x{n}", f"x{n} [GeV]", RNG.normal(0, 10.0**n, COUNT), variable=True) for n in range(variables)),
    ]


def found(rows: int = COUNT, **more: object) -> EventRows:
    return EventRows(columns(), np.arange(rows), **more)  # type: ignore[arg-type]


def lines(drawn: list[Text]) -> list[str]:
    return [row.plain for row in drawn]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(78, 20), (118, 30), (40, 8), (20, 3), (5, 1), (0, 0)])
def test_it_fills_its_place_in_every_terminal(size: tuple[int, int], look: Look) -> None:
    drawn = event_rows(found(letters={1: "A"}, tracks={1: np.array([0.1, 0.9])}), *size, look, told="30 rows")
    assert [row.cell_len for row in drawn] == [size[0]] * size[1]
    if look.ascii:
        assert all(row.plain.isascii() for row in drawn)


def test_numbers_of_a_column_end_under_each_other_with_one_count_of_decimals() -> None:
    one = EventColumn("x", "x", np.array([1.25, -30.5, 0.42, 12.0]), variable=True)
    drawn = lines(event_rows(EventRows([one], np.arange(4)), 30, 8, Look()))
    assert [line[4:].rstrip() for line in drawn[1:6]] == ["    x", "  1.2", "-30.5", "  0.4", " 12.0"]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([0.5, 0.123456, 0.9], ["0.500", "0.123", "0.900"]),
        ([1e-9, 2e-9, 3.456e-9], ["1e-9", "2e-9", "3.46e-9"]),
        ([1e12, 2.5e12, -3.25e12], ["1000000000000", "2500000000000", "-3250000000000"]),
        ([1.5e12, 2.25e300, np.inf], ["1.5e12", "2.25e300", "–"]),
        ([3.0, -2.0, np.nan], ["3", "-2", "–"]),
        ([np.nan, np.nan, np.nan], ["–", "–", "–"]),
        ([-1e-4, 5.0, 90.5], ["-1e-4", "5", "90.5"]),
        ([0.0531, -0.00823, 18.25], ["0.0531", "-0.00823", "18.2"]),
    ],
)
def test_a_column_has_the_digits_it_deserves(values: list[float], written: list[str]) -> None:
    one = EventColumn("x", "x", np.array(values), variable=True)
    drawn = lines(event_rows(EventRows([one], np.arange(3)), 40, 7, Look()))
    assert [line.strip("▸ ") for line in drawn[2:5]] == written


def test_nothing_is_never_written_with_a_minus() -> None:
    one = EventColumn("x", "x", np.array([-0.0004, *np.linspace(0.4, 9, 60)]), variable=True)
    assert lines(event_rows(EventRows([one], np.arange(1)), 40, 7, Look()))[2].split()[-1] == "0.00"


def test_whole_numbers_stay_exact() -> None:
    one = EventColumn("entry", "entry", np.array([2**62 + 1, 7]))
    drawn = lines(event_rows(EventRows([one], np.arange(2)), 40, 6, Look()))
    assert drawn[2].split()[-1] == str(2**62 + 1)


def test_scores_keep_their_decimals_however_little_they_spread() -> None:
    for values in ([0.5, 0.50001], [0.1, 0.9]):
        one = EventColumn("score", "score", np.array(values))
        assert lines(event_rows(EventRows([one], np.arange(1)), 40, 6, Look()))[2].split()[-1] == f"{values[0]:.3f}"


def test_columns_are_seen_whole_or_not_at_all_and_the_rest_is_counted() -> None:
    drawn = lines(event_rows(found(), 78, 20, Look()))
    heads = drawn[1].split("  ")
    assert "file" not in drawn[1]  # all rows have the same
    shown = [head.strip() for head in heads if "x" in head]
    assert shown == [f"x{n} [GeV]" for n in range(len(shown))]
    assert f"{8 - len(shown)} more columns →" in drawn[-1]
    assert "13 more ↓" in drawn[-1]


def test_sideways_every_column_comes_in_sight_and_the_first_ones_stay() -> None:
    table, seen = found(), set()
    far = furthest_across(table, 60, Look())
    assert far > 0
    for across in range(far + 1):
        head = lines(event_rows(table, 60, 20, Look(), across=across))[1]
        assert head.split()[:3] == ["true", "said", "score"]
        seen |= {column.name for column in table.columns if column.title in head}
    assert seen == {column.name for column in table.columns} - {"file"}
    last = lines(event_rows(table, 60, 20, Look(), across=far))
    assert "x7" in last[1]
    assert "→" not in last[-1]
    for name in ("loss", "x3", "x7"):
        to = across_to(table, name, 0, 60, Look())
        title = next(column.title for column in table.columns if column.name == name)
        assert title in lines(event_rows(table, 60, 20, Look(), across=to))[1]
    assert across_to(table, "true", 2, 60, Look()) == 2


def test_the_cursor_and_the_letters_stand_at_their_rows() -> None:
    table = found(letters={4: "A", 6: "B"})
    drawn = lines(event_rows(table, 78, 12, Look(), first=3, chosen=6))
    assert rows_in_sight(12) == 9
    assert [line[:3] for line in drawn[2:7]] == ["   "[:2] + " ", "  A", "   ", "▸ B", "   "]


def test_the_column_that_sorts_is_marked_in_more_than_colour() -> None:
    plain = Look(ascii=True)
    for falling, look, mark in ((True, Look(), "▾"), (False, Look(), "▴"), (True, plain, "v"), (False, plain, "^")):
        assert f"loss{mark}" in lines(event_rows(found(sorted_by="loss", falling=falling), 78, 12, look))[1]


def test_labels_from_data_are_shown_literally_and_missing_ones_by_a_dash() -> None:
    labels = "a\x1b[31m\n", "unused and very long label indeed"
    one = EventColumn("kind", "[red]kind", np.array([0, -1]), labels, variable=True)
    drawn = lines(event_rows(EventRows([one], np.arange(2)), 40, 6, Look()))
    assert "a␛[31m␊" in drawn[2]
    assert drawn[3].strip() == "–"
    assert "[red]kind" in drawn[1]


def test_a_track_is_a_curve_between_zero_and_one_with_gaps() -> None:
    assert track(np.array([0.0, 0.5, 1.0]), 10, Look()) == "▁▅█"
    assert track(np.array([0.0, np.nan, 1.0]), 10, Look()) == "▁ █"
    assert track(np.array([10.0, 20.0]), 10, Look(), bounded=False) == "▁█"
    assert track(np.array([3.0, 3.0]), 10, Look(), bounded=False) == "▅▅"
    assert track(np.linspace(0, 1, 100), 5, Look(ascii=True)) == "_.-=^"
    assert track(np.zeros(0), 5, Look()) == track(np.ones(3), 0, Look()) == ""


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=12),
    st.integers(0, 90),
    st.integers(0, 14),
    st.integers(0, 20),
)
def test_no_number_breaks_a_row(values: list[float], width: int, height: int, at: int) -> None:
    numbers = np.array(values)
    table = EventRows(
        [EventColumn("true", "true", numbers), EventColumn("x", "x", numbers, variable=True)],
        np.arange(len(values)),
        {0: "A"},
        {0: numbers},
        bounded=False,
    )
    drawn = event_rows(table, width, height, Look(), first=min(at, len(values)), chosen=at, across=at)
    assert [row.cell_len for row in drawn] == [width] * height
