"""What the pictures of scores, matrices, surfaces and datasets say, read off their rows."""

from __future__ import annotations

import numpy as np
import pytest
from rich.text import Text

from mltui.core.snapshot import Points, Scores, Surface
from mltui.evaluation.confusion import Confusion, confusion
from mltui.evaluation.histogram import residuals, score_histograms
from mltui.evaluation.metrics import metrics
from mltui.evaluation.roc import roc
from mltui.plots import regression
from mltui.plots.bars import bar, sparkline
from mltui.plots.look import Look
from mltui.plots.matrix import confusion_matrix
from mltui.plots.numbers import numbers
from mltui.plots.preview import preview
from mltui.plots.roc import roc_curve
from mltui.plots.scores import score_histogram
from mltui.plots.surface import surface

PLAIN, ASCII, FULL = Look(colours="none"), Look(ascii=True, colours="none"), Look()
TWO = ("background", "signal")
RANDOM = np.random.default_rng(1)
TARGET = (RANDOM.random(400) < 0.5).astype(np.int64)
SCORES = Scores(TARGET, np.clip(0.5 + 0.3 * (TARGET - 0.5) + RANDOM.normal(size=400) * 0.15, 0, 1), np.ones(400))
MATRIX = Confusion(TWO, np.array([[121.0, 4.0], [3.0, 122.0]]))


def text(rows: list[Text]) -> str:
    return "\n".join(row.plain.rstrip() for row in rows)


def test_the_matrix_as_it_should_look() -> None:
    assert text(confusion_matrix(MATRIX, 76, 8, FULL)) == MATRIX_GOLDEN


def test_the_matrix_of_ten_classes_fits_80_by_24() -> None:
    labels = tuple("0123456789")
    shown = text(confusion_matrix(Confusion(labels, np.full((10, 10), 1234.0)), 78, 18, PLAIN))
    assert shown.count("1,234") == 100
    assert "said →" in shown
    assert "is 9" in shown
    assert "efficiency" in shown
    assert "purity" in shown


def test_the_matrix_says_when_it_has_no_room() -> None:
    assert "larger pane" in text(confusion_matrix(Confusion(tuple("abcdefghij"), np.ones((10, 10))), 30, 2, PLAIN))


def test_classes_that_find_no_room_are_counted() -> None:
    labels = tuple(f"c{code}" for code in range(40))
    assert "more" in text(confusion_matrix(Confusion(labels, np.ones((40, 40))), 60, 20, PLAIN))


def test_the_threshold_marks_its_point_on_the_roc_curve() -> None:
    curve = roc(SCORES.target == 1, SCORES.scores, SCORES.weights)
    table = confusion(SCORES, TWO, 0.6)
    efficiency, rejection = table.efficiency[1], table.rejection[1]
    assert efficiency is not None
    assert rejection is not None
    shown = text(roc_curve([("validation", curve)], 90, 16, PLAIN, threshold=0.6))
    assert f"ε_S {efficiency:.3f} at ε_B {1 - rejection:.3f}" in shown
    assert f"validation {curve.auc:.3f}" in shown
    assert shown.count("◆") == 2


def test_a_roc_curve_without_both_classes_says_so() -> None:
    assert "both classes" in text(roc_curve([("a", roc(np.ones(3, bool), np.ones(3), np.ones(3)))], 40, 9, PLAIN))


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
    scores = Scores(np.zeros(100), np.tile([-1.0, 3.0], 50), np.ones(100))
    assert "mean 1  RMS 2" in text(regression.residuals(residuals(scores), 60, 12, PLAIN))


def test_the_numbers_show_the_test_part_sealed_and_the_unweighted_beside() -> None:
    weighted = Scores(SCORES.target, SCORES.scores, RANDOM.random(400))
    found = metrics(weighted, "classification", TWO, weighted=True)
    rows = numbers({"train": found, "validation": found, "test": None}, 100, 16, PLAIN)
    assert rows[0].plain.split() == ["train", "unweighted", "validation", "unweighted", "test"]
    accuracy = next(row.plain for row in rows if row.plain.startswith("accuracy"))
    assert accuracy.split()[1:] == 2 * [f"{found['accuracy']:.4f}", f"{found['unweighted']['accuracy']:.4f}"]
    assert "sealed" in text(rows)
    opened = numbers({"train": found, "test": found}, 100, 16, PLAIN, openings=2)
    assert "test (2×)" in opened[0].plain
    assert "sealed" not in text(opened)


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
    drawn = text(preview({"preview": shown, "classes": classes}, 40, 10, PLAIN))
    assert drawn.count("○") == drawn.count("●") == 2
    assert "↑ q" in drawn


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
