"""What the pictures of scores, matrices, surfaces and datasets say, read off their rows."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from rich.text import Text

from mltui.core.snapshot import Points, Scores, Surface
from mltui.evaluation.calibration import calibration
from mltui.evaluation.confusion import Confusion, confusion
from mltui.evaluation.curves import (
    FORMS,
    Form,
    Sides,
    against_rest,
    at_background,
    chance,
    curve,
    efficiency_at,
    point,
    sides,
)
from mltui.evaluation.deviations import deviations
from mltui.evaluation.histogram import Histogram, answer_histograms, residuals, score_histograms
from mltui.evaluation.metrics import metrics
from mltui.plots import regression
from mltui.plots.bars import bar, sparkline
from mltui.plots.calibration import calibration_curve
from mltui.plots.look import Look
from mltui.plots.matrix import confusion_matrix
from mltui.plots.numbers import numbers
from mltui.plots.preview import preview
from mltui.plots.roc import Band, Chosen, Line, class_role, roc_curve
from mltui.plots.scores import score_histogram
from mltui.plots.surface import surface

PLAIN, ASCII, FULL = Look(colours="none"), Look(ascii=True, colours="none"), Look()
TWO = ("background", "signal")
RANDOM = np.random.default_rng(1)
TARGET = (RANDOM.random(400) < 0.5).astype(np.int64)
SCORES = Scores(TARGET, np.clip(0.5 + 0.3 * (TARGET - 0.5) + RANDOM.normal(size=400) * 0.15, 0, 1), np.ones(400))
MATRIX = Confusion(TWO, np.array([[121.0, 4.0], [3.0, 122.0]]))


def text_of(rows: list[str]) -> str:
    return "\n".join(rows)


def text(rows: list[Text]) -> str:
    return "\n".join(row.plain.rstrip() for row in rows)


def test_the_matrix_as_it_should_look() -> None:
    assert text(confusion_matrix(MATRIX, 76, 8, FULL)) == MATRIX_GOLDEN


def test_the_matrix_of_ten_classes_fits_80_by_24() -> None:
    labels = tuple("0123456789")
    shown = text(confusion_matrix(Confusion(labels, np.full((10, 10), 1234.0)), 78, 18, PLAIN))
    assert shown.count("1,234") == 100
    assert "said →" in shown
    assert "is ↓" in shown
    assert re.search("^9 +1,234", shown, re.MULTILINE)
    assert "efficiency" in shown
    assert "purity" in shown


def ten() -> Confusion:
    """Ten classes, each told right 35 times and taken for the next one once."""
    return Confusion(tuple("0123456789"), 35 * np.eye(10) + np.roll(np.eye(10), 1, axis=1))


def test_ten_classes_fit_a_small_pane_with_their_mistakes_and_without_their_nothings() -> None:
    shown = text(confusion_matrix(ten(), 27, 15, PLAIN)).splitlines()
    assert shown[0].strip() == "said →"
    assert shown[1].split() == ["is", "↓", *"0123456789"]
    assert [row.split()[0] for row in shown[2:12]] == list("0123456789")
    assert sum(row.count("35") for row in shown) == 10
    assert sum(row.count("·") for row in shown) == 80


def test_counts_too_large_for_a_small_pane_become_percentages() -> None:
    table = Confusion(tuple("0123456789"), 900 * np.eye(10) + 100 * np.roll(np.eye(10), 1, axis=1))
    shown = text(confusion_matrix(table, 27, 15, PLAIN))
    assert shown.count("90") == shown.split("%")[0].count("10") == 10
    assert "% of the row" in shown


@pytest.mark.parametrize("look", [PLAIN, ASCII, Look(colours="16")])
def test_the_bars_at_the_foot_of_cells_hide_no_number(look: Look) -> None:
    table = Confusion(("cultivar 1", "cultivar 2", "cultivar 3"), 12 * np.eye(3) + 1)
    for width in range(20, 60):
        assert text(confusion_matrix(table, width, 15, look)).count("13") == 3


def test_labels_cut_in_a_small_pane_keep_what_tells_them_apart() -> None:
    table = Confusion(("cultivar 1", "cultivar 2", "cultivar 3"), np.eye(3))
    shown = text(confusion_matrix(table, 24, 8, PLAIN)).splitlines()
    assert shown[1].split() == ["is", "↓", "1", "2", "3"]


def test_the_matrix_says_when_it_has_no_room() -> None:
    assert "larger pane" in text(confusion_matrix(Confusion(tuple("abcdefghij"), np.ones((10, 10))), 30, 2, PLAIN))


def test_classes_that_find_no_room_are_counted() -> None:
    labels = tuple(f"c{code}" for code in range(40))
    assert "more" in text(confusion_matrix(Confusion(labels, np.ones((40, 40))), 60, 20, PLAIN))


def test_bars_are_filled_from_zero_also_where_a_bin_is_negative() -> None:
    edges, sums = np.linspace(0, 1, 11), np.full(10, 10.0)
    sums[4] = -8
    group = Histogram("all", edges, sums, np.sqrt(np.abs(sums)), float(sums.sum()))
    rows = text(score_histogram([group], 78, 20, ASCII)).splitlines()
    zero = next(number for number, row in enumerate(rows) if row.lstrip().startswith("0+"))
    below = [row[6:] for row in rows[zero + 1 : -2]]
    filled = {column for row in below for column, sign in enumerate(row) if sign == "."}
    assert filled
    assert min(filled) / 72 > 0.38
    assert max(filled) / 72 < 0.52


def line(label: str, of: Sides, form: Form = "roc", threshold: float | None = None, role: str = "") -> Line:
    at = None if threshold is None else point(of, form, threshold)
    return Line(label, curve(of, form), role or label, of.roc.auc, at)


def test_the_threshold_marks_its_point_on_the_roc_curve() -> None:
    of = sides(SCORES)
    table = confusion(SCORES, TWO, 0.6)
    efficiency, rejection = table.efficiency[1], table.rejection[1]
    assert efficiency is not None
    assert rejection is not None
    shown = text(roc_curve([line("validation", of, threshold=0.6)], 90, 16, PLAIN, threshold=0.6))
    assert f"ε_S {efficiency:.3f} at ε_B {1 - rejection:.3f}" in shown
    assert f"validation {of.roc.auc:.3f}" in shown
    assert shown.count("◆") == 2


@pytest.mark.parametrize("width", [22, 27, 40])
def test_a_narrow_roc_curve_explains_both_lines_and_names_its_axis(width: int) -> None:
    lines = [line(part, sides(SCORES), threshold=0.5) for part in ("validation", "train")]
    shown = text(roc_curve(lines, width, 14, PLAIN, threshold=0.5))
    assert "valid" in shown
    assert "train" in shown
    assert "ε_B" in shown
    assert "…" not in shown


def test_many_roc_curves_in_little_room_become_their_mean_and_the_lowest() -> None:
    labels = tuple("abcdefgh")
    target = np.arange(400) % 8
    noise = np.random.default_rng(3)
    answers = np.eye(8)[target] + noise.normal(0, 0.2, (400, 8))
    answers[:, 3] = noise.normal(size=400)
    every = against_rest(Scores(target, answers, np.ones(400)), labels)
    rocs = [line(label, of, role=class_role(code)) for code, (label, of) in enumerate(zip(labels, every, strict=True))]
    shown = text(roc_curve(rocs, 40, 14, PLAIN))
    mean = np.mean([one.area or 0 for one in rocs])
    assert f"mean {mean:.3f}" in shown
    assert "lowest: d" in shown
    assert "lowest" not in text(roc_curve(rocs, 90, 20, PLAIN))


def test_many_classes_become_right_and_wrong_answers() -> None:
    target = np.arange(100) % 5
    answers = np.eye(5)[target] * 0.8 + 0.04
    answers[:10] = np.roll(answers[:10], 1, axis=1)
    right, wrong = answer_histograms(Scores(target, answers, np.ones(100)))
    assert (right.label, wrong.label) == ("right", "wrong")
    assert right.sums.sum() == 90
    assert wrong.sums.sum() == 10
    assert right.sums[33] == 90  # their own class got 0.84
    assert wrong.sums[1] == 10  # and there 0.04
    area = (right.density + wrong.density).sum() * (right.edges[1] - right.edges[0])
    assert area == pytest.approx(1)


def test_a_part_without_rows_in_a_bin_has_no_mark_there() -> None:
    target = np.array([0] * 50 + [1] * 50)
    scores = Scores(target, np.where(target == 1, 0.99, 0.01), np.ones(100))
    groups = score_histograms(scores, TWO)
    shown = text(score_histogram(groups, 78, 16, PLAIN, over=groups))
    assert shown.count("◇") == shown.count("◆") == 2  # one in the legend


def test_a_roc_curve_without_both_classes_says_so() -> None:
    of = sides(Scores(np.ones(3, np.int64), np.ones(3), np.ones(3)))
    assert "both classes" in text(roc_curve([line("train", of)], 40, 9, PLAIN))


def roc_picture(form: Form, look: Look = PLAIN, width: int = 78, height: int = 18) -> str:
    of = sides(SCORES)
    chosen = [Chosen(b, efficiency_at(of, b), at) for b in (0.01, 0.1) if (at := at_background(of, form, b))]
    rows = roc_curve(
        [line("validation", of, form, 0.5), line("run 6", of, form, role="previous_validation")],
        width, height, look,
        form=form, threshold=0.5, band=Band(curve(of, form), "folds"), chosen=chosen, partial=0.876,
        chance=chance(of, form),
    )  # fmt: skip
    return text(rows)


def test_each_form_names_its_axes_and_tells_the_thresholds_point_in_them() -> None:
    table = confusion(SCORES, TWO, 0.5)
    (_, signal), (_, purity), (_, rejection) = table.efficiency, table.purity, table.rejection
    assert signal is not None
    assert purity is not None
    assert rejection is not None
    assert f"1−ε_B {rejection:.3f} at ε_S {signal:.3f}" in roc_picture("rejection")
    assert f"precision {purity:.3f} at recall {signal:.3f}" in roc_picture("precision")
    assert f"1/ε_B {1 / (1 - rejection):.3g} at ε_S {signal:.3f}" in roc_picture("inverse", width=90)
    assert "recall ε_S" in roc_picture("precision")
    assert re.search("^ *100┤", roc_picture("inverse"), re.MULTILINE)


def test_the_efficiencies_at_the_chosen_backgrounds_stand_under_the_curve_and_are_marked() -> None:
    shown = roc_picture("roc")
    rate = efficiency_at(sides(SCORES), 0.1)
    assert rate.value is not None
    assert f"ε_S @0.1 {rate.value:.3f} ± " in shown.splitlines()[-1]
    assert "auc up to t 0.876" in shown.splitlines()[-1]
    assert shown.count("┼") == 2
    assert "@0.1" not in roc_picture("roc", height=12)


def test_the_band_is_drawn_around_its_curve_alone() -> None:
    of = sides(SCORES)
    wide = replace(curve(of, "roc"), low=np.zeros(len(curve(of, "roc").x)))
    bare, shaded = (
        text(roc_curve([line("validation", of)], 60, 16, PLAIN, band=band)) for band in (None, Band(wide, "folds"))
    )
    assert "±1σ folds" in shaded
    inked = [sum(sign != " " for sign in shown.splitlines()[11]) for shown in (bare, shaded)]
    assert inked[1] > inked[0] + 15


@pytest.mark.parametrize("form", FORMS)
def test_a_roc_picture_in_ascii_is_ascii(form: Form) -> None:
    assert roc_picture(form, ASCII).isascii()


def test_the_histogram_tells_classes_and_parts_apart_without_colour() -> None:
    groups = score_histograms(SCORES, TWO)
    shown = text(score_histogram(groups, 78, 16, PLAIN, over=groups, threshold=0.5))
    assert all(mark in shown for mark in "·╱╳◇◆┃")
    assert "threshold 0.50" in shown


def test_the_threshold_moves_only_its_line() -> None:
    groups = score_histograms(SCORES, TWO)
    pictures = (score_histogram(groups, 78, 16, PLAIN, threshold=t) for t in (0.5, 0.9))
    one, other = ("".join(row.plain for row in rows) for rows in pictures)
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    assert differing <= 16 * 2


def test_the_surface_points_the_right_way_up() -> None:
    values = np.array([[0.0, 0.0], [1.0, 1.0]])
    rows = surface(Surface(values, "x", "y", (0, 1, 0, 1)), None, TWO, 30, 12, ASCII)
    assert "@" in rows[1].plain
    assert "@" not in rows[-3].plain


def test_points_stand_where_they_are_and_differ_by_class_and_part() -> None:
    points = Points(
        np.array([0.1, 0.9, 0.1, 0.9]), np.array([0.1, 0.1, 0.9, 0.9]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    )
    rows = surface(Surface(np.full((4, 4), 0.5), "x", "y", (0, 1, 0, 1)), points, TWO, 44, 16, FULL)
    upper = next(row.plain for row in rows[1:] if "◇" in row.plain)
    lower = next(row.plain for row in rows[1:] if "○" in row.plain)
    assert upper.index("◇") < upper.index("◆")
    assert lower.index("○") < lower.index("●")
    assert [row.plain for row in rows].index(upper) < [row.plain for row in rows].index(lower)


def test_points_leave_most_of_the_surface_visible() -> None:
    points = Points(RANDOM.random(5000), RANDOM.random(5000), np.zeros(5000, np.int64), np.zeros(5000, np.int64))
    shown = text(surface(Surface(np.full((9, 9), 0.5), "x", "y", (0, 1, 0, 1)), points, TWO, 80, 20, FULL))
    assert shown.count("○") < 80 * 20 / 8


def test_the_surface_of_a_regression_names_its_scale() -> None:
    values = np.linspace(-3, 6, 16).reshape(4, 4)
    head = surface(Surface(values, "x", "y", (0, 1, 0, 1)), None, (), 60, 12, FULL)[0].plain
    assert "-6" in head
    assert "6" in head


def test_predictions_that_are_right_lie_on_the_diagonal() -> None:
    true = np.linspace(0, 10, 200)
    rows = regression.predicted_true(Scores(true, true, np.ones(200)), 60, 16, PLAIN, target="y [m]")
    assert "true y [m]" in rows[-1].plain
    places = [row.plain.rstrip().rfind("⠀") + len(row.plain.rstrip()) for row in rows[1:-2]]
    assert places == sorted(places, reverse=True)


def test_residuals_tell_their_moments() -> None:
    off = np.tile([-1.0, 3.0], 50)
    found = residuals(Scores(np.zeros(100), off, np.ones(100)))
    every, best = deviations(off, np.ones(100)), deviations(off, np.ones(100), 0.5)
    shown = text(regression.residuals(found, 70, 12, PLAIN, every=every, best=best))
    assert "all bias 1 RMS 2.24  best 90 % bias -1 RMS 1" in shown


def test_the_numbers_show_the_test_part_sealed_and_the_unweighted_beside() -> None:
    weighted = Scores(SCORES.target, SCORES.scores, RANDOM.random(400))
    found = metrics(weighted, "classification", TWO, weighted=True)
    rows = numbers({"train": found, "validation": found, "test": None}, 100, 16, PLAIN)
    assert rows[0].plain.split() == ["train", "unweighted", "validation", "unweighted", "test"]
    accuracy = next(row.plain for row in rows if row.plain.startswith("accuracy"))
    assert accuracy.split()[1:] == 2 * [f"{found['accuracy']:.3f}", f"{found['unweighted']['accuracy']:.3f}"]
    assert "sealed" in text(rows)
    opened = numbers({"train": found, "test": found}, 100, 16, PLAIN, openings=2)
    assert "test (2×)" in opened[0].plain
    assert "sealed" not in text(opened)


@pytest.mark.parametrize("width", [18, 22, 27, 31, 36, 60])
def test_the_columns_of_the_numbers_never_touch(width: int) -> None:
    found = metrics(SCORES, "classification", TWO, weighted=False)
    rows = [row.plain for row in numbers({"train": found, "validation": found}, width, 16, PLAIN)]
    auc = f"{found['auc']:.3f}"
    words = next(row for row in rows if row.startswith("auc")).split()
    assert words[1:] in ([auc], [auc, auc])
    assert (len(words) == 3) == (width >= 27)
    assert text_of(rows).count("sealed") == 1
    assert rows[0].split()[-1] in ("valid.", "validation", "test")


def test_wide_numbers_stay_together() -> None:
    found = metrics(SCORES, "classification", TWO, weighted=False)
    rows = numbers({"train": found, "validation": found}, 180, 16, PLAIN)
    assert max(len(row.plain.rstrip()) for row in rows) < 70


def test_numbers_that_find_no_row_are_counted() -> None:
    found = metrics(SCORES, "classification", TWO, weighted=False)
    assert "more in a taller pane" in numbers({"train": found}, 60, 8, PLAIN)[-1].plain


@pytest.mark.parametrize("label", ["\x1b[31mred", "[bold]b[/]", "a\nb", "\u202eabc"])
def test_labels_from_data_are_shown_literally(label: str) -> None:
    scores = Scores(SCORES.target, SCORES.scores, SCORES.weights)
    shown = text(score_histogram(score_histograms(scores, (label, "b")), 78, 16, PLAIN))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert {"\x1b[31mred": "␛[31mred", "[bold]b[/]": "[bold]b[/]", "a\nb": "a␊b", "\u202eabc": "�abc"}[label] in shown


def test_a_preview_of_two_features_marks_classes() -> None:
    shown = {"x": "p", "y": "q", "xs": [0, 1], "ys": [0, 1], "target": [0, 1]}
    classes = [{"label": "a", "rows": 1, "weight": 1.0}, {"label": "b", "rows": 1, "weight": 1.0}]
    drawn = text(preview({"preview": shown, "classes": classes}, 40, 14, PLAIN))
    assert drawn.count("○") == drawn.count("●") == 2
    assert "↑ q" in drawn


def test_a_low_preview_has_two_rows_a_cell() -> None:
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    shown = {
        "x": "p", "y": "q", "xs": [*np.cos(angle), *(0.3 * np.cos(angle))],
        "ys": [*np.sin(angle), *(0.3 * np.sin(angle))], "target": [0] * 200 + [1] * 200,
    }  # fmt: skip
    classes = [{"label": label, "rows": 200, "weight": 200.0} for label in "ab"]
    rows = preview({"preview": shown, "classes": classes}, 36, 9, PLAIN)
    picture = [row.plain[5:] for row in rows[1:-2]]
    middle = picture[len(picture) // 2]
    assert all(set(row) <= set(" ⠛⣤⣿▀▄█") for row in picture)
    assert [sign for sign in middle.replace(" ", "") if sign in "▀▄█"]
    assert middle.strip()[0] in "⠛⣤⣿"  # the ring stands around the disc
    assert middle.strip()[-1] in "⠛⣤⣿"
    assert not set("▀▄█") & set(picture[0] + picture[-1])


def test_a_preview_leaves_out_what_stands_far_off() -> None:
    ys = [*np.linspace(-1, 1, 400), -1207.0, 258.0]
    shown = {"x": "p", "y": "q", "xs": list(np.linspace(0, 1, 402)), "ys": ys, "target": [0] * 402}
    rows = preview({"preview": shown, "classes": [{"label": "a", "rows": 402, "weight": 402.0}]}, 40, 14, PLAIN)
    labels = [float(row.plain.split("┤")[0]) for row in rows if "┤" in row.plain]
    assert max(map(abs, labels)) <= 1
    assert sum("○" in row.plain for row in rows[1:]) > 8


def test_a_preview_of_one_feature_is_a_histogram_or_the_target_against_it() -> None:
    shown = {"x": "p", "y": None, "xs": [0, 1, 2], "ys": [], "target": [0, 1, 1]}
    classes = [{"label": "a", "rows": 1, "weight": 1.0}, {"label": "b", "rows": 2, "weight": 2.0}]
    assert "density" in text(preview({"preview": shown, "classes": classes}, 60, 12, PLAIN))
    value = text(
        preview({"preview": {**shown, "target": [1.0, 2.0, 3.0]}, "classes": [], "target": "price"}, 60, 12, PLAIN)
    )
    assert "↑ price" in value


def test_a_bar_fills_by_half_cells() -> None:
    assert bar(0.5, 10, PLAIN).spans[0].end == 5
    assert bar(0.25, 10, ASCII).plain == "##--------"
    assert bar(None, 4, ASCII).plain == "----"
    assert bar(0.55, 10, PLAIN).plain[5] == "╸"


def test_a_sparkline_rises_with_its_values() -> None:
    assert sparkline(np.arange(8.0), 8, PLAIN).plain == "▁▂▃▄▅▆▇█"
    assert sparkline(np.array([np.nan, 1.0, np.inf]), 4, ASCII).plain == "-   "


MATRIX_GOLDEN = """\
                  said background           said signal
is background           121                        4
                       97 %                    3.2 %
is signal                  3                    122
                       2.4 %                   98 %

signal:  efficiency 0.976   purity 0.968   rejection 0.968   accuracy 0.972
"""


def test_those_who_keep_their_word_lie_on_the_line_of_the_reliability_curve() -> None:
    said = np.tile(np.linspace(0.05, 0.95, 10), 1000)
    honest = Scores((np.random.default_rng(1).random(10_000) < said).astype(np.int64), said, np.ones(10_000))
    shown = text(calibration_curve([("validation", calibration(honest))], 61, 24, ASCII, signal="signal"))
    assert "share of signal" in shown
    places = [(row, line.index("X")) for row, line in enumerate(shown.splitlines()[1:]) if "X" in line]
    assert len(places) == 10
    assert places == sorted(places, key=lambda place: -place[1])
    assert re.search(r"error 0\.0\d\d", shown)


def test_what_is_no_probability_has_no_reliability_curve() -> None:
    found = calibration(Scores(np.array([0, 1]), np.array([-3.0, 5.0]), np.ones(2)))
    assert "no probabilities" in text(calibration_curve([("train", found)], 60, 9, PLAIN))
