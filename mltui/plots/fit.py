"""The model's answer along the only feature, as a line through the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Points, Surface
from mltui.core.table import Floats
from mltui.plots import marked, words
from mltui.plots.axes import Axis, axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.canvas import Stroke, draw
from mltui.plots.grid import Grid, cut, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look

_CROWDED = 4
"""One cell in so many may hold a row."""
_SPREAD = 0.16
"""How far rows of one class are spread up and down, so that they do not hide each other."""
_STEP = 0.618
_BEYOND = 0.5
"""How far the line may leave the rows behind, in their own span, before it is cut off."""


def fit(
    surface: Surface,
    points: Points | None,
    classes: tuple[str, ...],
    width: int,
    height: int,
    look: Look,
    *,
    target: str = "",
    truth: Surface | None = None,
) -> list[Text]:
    """Draw the answer over the feature, the rows at their values, and the best answer that there can be.

    Regression (no classes): the predicted value through the rows. Two classes: the second one's probability, the rows
    of the first around 0 and of the second around 1. More: the most likely class, each at a height of its own.

    Args:
        surface: the answers, shape (1, places); what is not a number is left out.
        points: the rows, or None.
        classes: the labels; empty for a regression.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        target: the name of what is predicted, with its unit.
        truth: the best answers, at the same places.
    """
    answers = surface.values[0]
    if not np.isfinite(answers).any():
        return message("no line yet", width, height, look)
    grid = Grid(width, height, look)
    title = _title(classes, target, look)
    entries = [Entry("model", look.sign("━━", "**"), role="accent")]
    if truth is not None:
        entries.append(Entry("best possible", look.sign("┄┄", "::"), role="strong", short="best"))
    rows = _rows(points, len(classes)) if points is not None else None
    entries += _row_entries(classes, rows, look)
    brief = cut(title, max(width // 3, 8), look)
    above = 1 + (height >= 13 and len(classes) > 2)
    top = legend(grid, entries, title=title, short_title=brief, rows=above) if height >= 7 else 0
    x_low, x_high = surface.extent[:2]
    x = linear(x_low, x_high, min(6, x_ticks_for(width)), snap=False)
    y = _upwards(answers, rows, classes, ticks_for(height - top - 2), look)
    frame = framed(grid, x, y, top=top, x_label=words.clean(surface.x, ascii=look.ascii))
    if not frame.width or not frame.height:
        return grid.rows()
    if rows is not None:
        if classes:
            marked.draw(grid, frame, replace(rows, target=points.target), len(classes), (0, 1), _CROWDED)  # type: ignore[union-attr]
        else:
            marked.draw(grid, frame, replace(rows, target=np.zeros(len(rows.x), np.int64)), 2, (0, 1), _CROWDED)
    at = (np.arange(len(answers)) + 0.5) / len(answers)
    strokes = [Stroke(at, _within(y, answers), "accent", None, "*")]
    if truth is not None:
        strokes.insert(0, Stroke(at, _within(y, truth.values[0]), "strong", (2, 2), ":"))
    draw(grid, frame, strokes)
    return grid.rows()


def _title(classes: tuple[str, ...], target: str, look: Look) -> str:
    if len(classes) == 2:
        name = words.clean(classes[1], ascii=look.ascii, limit=24)
        return look.sign("↑ ", "^ ") + f"probability of {name}"
    return look.sign("↑ ", "^ ") + words.clean(target, ascii=look.ascii)


def _rows(points: Points, classes: int) -> Points:
    """The rows with where they stand upwards as their y."""
    target = points.target.astype(np.float64)
    if classes:
        target = target + _SPREAD * (2 * ((np.arange(len(target)) * _STEP) % 1) - 1)
    return replace(points, y=target)


def _row_entries(classes: tuple[str, ...], rows: Points | None, look: Look) -> list[Entry]:
    if classes:
        return marked.class_entries(classes, rows, look)
    if rows is None:
        return []
    there = [(part, name) for part, name in enumerate(("train", "validation")) if (rows.part == part).any()]
    return [
        Entry(name, look.mark(0, 2, validation=bool(part)), role="class0", short="valid." if part else "")
        for part, name in there
    ]


def _upwards(answers: Floats, rows: Points | None, classes: tuple[str, ...], ticks: int, look: Look) -> Axis:
    if len(classes) > 2:
        names = [words.clean(label, ascii=look.ascii, limit=12) for label in classes]
        return Axis(-0.5, len(classes) - 0.5, tuple((float(code), name) for code, name in enumerate(names)))
    if classes:
        return replace(linear(-0.25, 1.25, ticks, snap=False), ticks=((0.0, "0"), (0.5, "0.5"), (1.0, "1")))
    known = answers[np.isfinite(answers)]
    if rows is None or not np.isfinite(rows.y).any():
        return axis(known, ticks)
    values = rows.y[np.isfinite(rows.y)]
    low, high = float(values.min()), float(values.max())
    room = _BEYOND * (high - low)
    return axis(np.append(values, np.clip(known, low - room, high + room)), ticks)


def _within(y: Axis, values: Floats) -> Floats:
    """Shares of the canvas; what would lie outside is left out."""
    shares = y.place(values)
    return np.where((shares >= 0) & (shares <= 1), shares, np.nan)
