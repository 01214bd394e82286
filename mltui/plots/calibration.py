"""The reliability curve: how often it is true, over the probability that is said, beside the line of those who keep
their word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rich.text import Text

from mltui.evaluation.calibration import Calibration
from mltui.plots import words
from mltui.plots.axes import Frame, framed, linear, ticks_for
from mltui.plots.canvas import Stroke, draw, whiskers
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look

_SIGNS = {"train": "*", "validation": "o"}


def calibration_curve(
    parts: Sequence[tuple[str, Calibration]],
    width: int,
    height: int,
    look: Look,
    *,
    signal: str = "",
    threshold: float | None = None,
) -> list[Text]:
    """Draw the share that is true over what is said, of one part or two, with the statistical errors of the last.

    Args:
        parts: each with its name; all are lines, the last has points too.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        signal: what the positive class is called; empty with many classes, where it is how often the answer is right.
        threshold: a score to mark by a vertical line.
    """
    parts = [(name, found) for name, found in parts if found.expected_error is not None]
    if not parts:
        return message("no probabilities to compare with what is true", width, height, look)
    grid = Grid(width, height, look)
    name = words.clean(signal, ascii=look.ascii, limit=20)
    title, short = (f"share of {name}", f"true {name}") if name else ("share of right answers", "right")
    entries = list(_entries(parts, look))
    rows = 1 + (height >= 13)
    top = legend(grid, entries, title=title, short_title=short, rows=rows) if height >= 7 else 0
    x = linear(0, 1, 6 if width >= 60 else 3)
    said = f"probability of {name}" if name else "probability of the answer"
    y = linear(0, 1, ticks_for(height - top - 2))
    frame = framed(grid, x, y, top=top, x_label=said, x_short="probability")
    truth = Stroke(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "dim", (1, 3), ".")
    draw(grid, frame, [truth, *(_stroke(part, found, look) for part, found in parts)])
    _points(grid, frame, *parts[-1])
    column = None if threshold is None else frame.column(threshold)
    for row in range(frame.top, frame.top + frame.height):
        if column is not None:
            grid.put(row, column, look.sign("┃", "|"), "accent")
    return grid.rows()


def _stroke(part: str, found: Calibration, look: Look) -> Stroke:
    known = np.isfinite(found.true)
    return Stroke(found.said[known], found.true[known], part, look.dash(part), _SIGNS.get(part, "*"))


def _points(grid: Grid, frame: Frame, part: str, found: Calibration) -> None:
    known = np.isfinite(found.true)
    said, true, errors = found.said[known], found.true[known], found.errors[known]
    lows, highs = (np.clip(true + sign * errors, 0, 1) for sign in (-1, 1))
    whiskers(grid, frame, said, lows, highs, part)
    for place, value in zip(said.tolist(), true.tolist(), strict=True):
        row, column = frame.row(value), frame.column(place)
        if row is not None and column is not None:
            grid.put(row, column, grid.look.mark(1, 2, validation=True), part)


def _entries(parts: Sequence[tuple[str, Calibration]], look: Look) -> Iterator[Entry]:
    for name, found in parts:
        value = f"error {words.metric('calibration', found.expected_error, ascii=look.ascii)}"
        yield Entry(name, look.sample(name), value, name, "valid." if name == "validation" else "")
