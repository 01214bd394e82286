"""The tables of yields, inputs and variations, and the curve of folds, read off their rows at several widths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from mltui.plots.bars import blocks
from mltui.plots.curve import Line, mean_line
from mltui.plots.inputs import hidden, inputs
from mltui.plots.look import Look
from mltui.plots.numbers import numbers
from mltui.plots.table import Column, fitting
from mltui.plots.variations import variations
from mltui.plots.yields import yields
from tests.ui.moments import CLASSES, events, pipeline, told, variation

PLAIN = Look(colours="none")
WIDTHS = pytest.mark.parametrize("width", [34, 78, 156])
FOUND = told(events()).document()
VARIED = {"JES_up": variation(1), "JES_down": variation(-1)}
WEIGHTED = {
    "loss": 0.5, "accuracy": 0.998, "baseline": 0.999, "auc": 0.781,
    "confusion": {"labels": list(CLASSES), "matrix": [[900.0, 99.0], [0.5, 0.5]]},
    "events": {"rows": 8800, "sum_of_weights": 3042234.2, "effective": 4312.4},
}  # fmt: skip
METRICS = {**WEIGHTED, "unweighted": {**WEIGHTED, "accuracy": 0.646, "baseline": 0.664, "auc": 0.751}}


def text(rows: list[Text], width: int) -> str:
    assert {cell_len(row.plain) for row in rows} == {width}
    return "\n".join(row.plain for row in rows)


@WIDTHS
def test_the_yields_keep_what_is_selected_and_the_sums_at_every_width(width: int) -> None:
    shown = text(yields(FOUND, width, 20, PLAIN, classes=CLASSES, luminosity=140.0), width)
    assert "above 0.50" in shown
    assert all(name in shown for name in ("H125", "ttbar", "W+jets"))
    assert f"S/√B {FOUND['s_over_sqrt_b']:.3g}" in shown
    assert "each process scaled to" in shown
    assert ("effective" in shown) == (width == 156)


def test_a_pane_too_low_for_every_process_counts_the_rest() -> None:
    shown = text(yields(FOUND, 78, 4, PLAIN), 78)
    assert "more in a taller pane" in shown
    assert "S/√B" in shown


def test_yields_that_cancel_are_a_dash_and_are_named() -> None:
    silent = {"name": "ZZ", "label": "background", "rows": 4, "effective": 0.0, "expected": 12.0, "error": None,
              "selected_rows": 2, "selected": None, "selected_error": None, "scale": None}  # fmt: skip
    shown = text(yields({**FOUND, "processes": [*FOUND["processes"], silent]}, 100, 20, PLAIN), 100)
    line = next(line for line in shown.split("\n") if line.startswith("ZZ"))
    assert "–" in line
    assert "say nothing of ZZ" in shown


@WIDTHS
def test_the_inputs_keep_both_histograms_at_every_width(width: int) -> None:
    shown = text(inputs(pipeline(3), width, 20, PLAIN), width)
    assert "before" in shown
    assert "after" in shown
    assert "11" not in shown
    assert "5 inputs" in shown
    line = next(line for line in shown.split("\n") if line.startswith("pt1"))
    assert line.count("█") == 4


def test_scrolling_the_inputs_to_the_end_shows_every_row_once() -> None:
    found = pipeline(30)
    last = hidden(found, 78, 16, PLAIN)
    seen: list[str] = []
    for first in range(last + 1):
        rows = text(inputs(found, 78, 16, PLAIN, first=first), 78).split("\n")
        seen += [name for row in rows if (name := row.split("  ")[0]).startswith("pt") and name not in seen]
    assert seen == [f"pt{number} [GeV]" for number in range(30)]
    assert "more ↓" not in text(inputs(found, 78, 16, PLAIN, first=last), 78)
    assert hidden(pipeline(3), 78, 40, PLAIN) == 0


def test_variables_that_are_not_listed_are_counted() -> None:
    shown = text(inputs({**pipeline(3), "left_out": 12, "outputs_left_out": 40}, 110, 20, PLAIN), 110)
    assert "16 variables" in shown
    assert "12 further variables not listed   40 further inputs not listed" in shown


@WIDTHS
def test_the_variations_are_told_as_differences_and_ratios(width: int) -> None:
    shown = text(variations(VARIED, width, 24, PLAIN, nominal={"auc": 0.871}, classes=CLASSES, chosen=1), width)
    line = next(line for line in shown.split("\n") if line.startswith("▸ JES_down"))
    assert "0.867" in line
    assert "−0.0040" in line
    assert ("0.980" in line) == (width > 34)
    assert "◇" in shown


@pytest.mark.parametrize(("height", "shapes", "ratio"), [(8, False, False), (14, True, False), (20, True, True)])
def test_where_there_is_little_room_the_ratio_goes_first(height: int, *, shapes: bool, ratio: bool) -> None:
    shown = text(variations(VARIED, 78, height, PLAIN, nominal={"auc": 0.871}, classes=CLASSES), 78)
    assert ("density" in shown) == shapes
    assert ("JES_up / nominal" in shown) == ratio


def test_of_many_variations_the_chosen_one_is_in_sight() -> None:
    many = {f"shift {number}": variation(number / 10) for number in range(30)}
    for chosen in (0, 15, 29):
        assert f"▸ shift {chosen} " in text(variations(many, 78, 18, PLAIN, nominal={}, chosen=chosen), 78)


def test_a_variation_that_only_scales_a_class_leaves_the_ratio_of_its_shape_at_one() -> None:
    one = variation(0)
    for shape in one["shape"]["classes"].values():
        shape["varied"] = [2 * value for value in shape["nominal"]]
    rows = text(variations({"lumi": one}, 78, 24, PLAIN, nominal={}, classes=CLASSES), 78).split("\n")
    marked = [row for row in rows[-5:] if "◇" in row or "◆" in row]
    assert len(marked) == 1
    assert "1.0┤" in marked[0]


@WIDTHS
def test_unweighted_numbers_stand_beside_or_below_the_weighted(width: int) -> None:
    shown = text(numbers({"validation": METRICS, "train": METRICS, "test": None}, width, 30, PLAIN), width)
    assert "always" in shown
    assert all(value in shown for value in ("0.998", "0.646", "0.999", "0.664", "0.781", "0.751"))
    below = "\n  unweighted" in shown
    assert below == (width == 34)
    assert "3,042,234" in shown
    assert "4,312" in shown


def test_rows_without_weights_are_counted_and_nothing_else() -> None:
    shown = text(numbers({"validation": WEIGHTED}, 78, 30, PLAIN), 78)
    assert "8,800" in shown
    assert "effective" not in shown
    assert "always background" in shown


def test_openings_stand_wherever_test_numbers_do() -> None:
    for width in (30, 44, 78, 120):
        shown = text(numbers({"validation": METRICS, "test": METRICS}, width, 40, PLAIN, openings=2), width)
        assert "2×" in shown or "opened 2 times" in shown


def test_the_mean_of_curves_is_that_of_those_that_reach_so_far() -> None:
    one = Line("a", np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 3.0, 2.0, 1.0]), "member")
    other = Line("b", np.array([1.0, 3.0]), np.array([2.0, 4.0]), "member")
    mean = mean_line("mean", [one, other], "validation")
    assert mean.xs.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert mean.ys.tolist() == [3.0, 3.0, 3.0, 1.0]
    assert mean_line("mean", [one, other], "validation", until=3).xs.tolist() == [1.0, 2.0, 3.0]
    assert len(mean_line("mean", [], "train").xs) == 0


@given(counts=st.lists(st.one_of(st.floats(), st.integers(0, 10**9)), max_size=40), width=st.integers(0, 30))
@settings(max_examples=30, deadline=None)
def test_blocks_fit_and_leave_no_filled_bin_blank(counts: list[float], width: int) -> None:
    shown = blocks(counts, width, Look())
    assert len(shown) <= width
    assert blocks(counts, width, Look(ascii=True)).isascii()
    if len(counts) <= width:
        known = np.nan_to_num(counts, posinf=0.0)
        assert [sign == " " for sign in shown] == [not (count > 0 and count / max(known) > 0) for count in known]


@given(
    wide=st.lists(st.integers(1, 30), min_size=1, max_size=8), width=st.integers(1, 120),
    keeps=st.permutations(list(range(8))),
)  # fmt: skip
def test_columns_give_way_in_their_order_and_the_first_never(wide: list[int], width: int, keeps: list[int]) -> None:
    columns = [Column("", ("x" * size,), keep=keep) for size, keep in zip(wide, keeps, strict=False)]
    shown, gap = fitting(columns, width)
    assert shown[0].values == columns[0].values
    taken = sum(column.width for column in shown[1:]) + gap * (len(shown) - 1)
    assert len(shown) == 1 or taken + 1 <= width
    gone = [column.keep for column in columns[1:] if column.keep not in {one.keep for one in shown}]
    assert not gone or max(gone) < min((one.keep for one in shown[1:]), default=99)
