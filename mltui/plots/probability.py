"""The probability of signal by score: a line for train, points with their errors for validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rich.text import Text

from mltui.evaluation.rarity import Probability
from mltui.plots import words
from mltui.plots.axes import framed, linear, ticks_for
from mltui.plots.canvas import Stroke, draw, whiskers
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look

_SIGNS = {"train": "*", "validation": "o"}


def probability_curve(
    parts: Sequence[tuple[str, Probability]], width: int, height: int, look: Look, *, threshold: float, signal: str
) -> list[Text]:
    """Draw the probability of signal over the score, of one part or two.

    Args:
        parts: each with its name; of two the first is a line, the second points.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        threshold: a score to mark by a vertical line; the legend's values are those there.
        signal: what the positive class is called.
    """
    parts = [(name, found) for name, found in parts if np.isfinite(found.values).any()]
    if not parts:
        return message("no scores of both classes yet", width, height, look)
    grid = Grid(width, height, look)
    name = words.clean(signal, ascii=look.ascii, limit=20)
    title, short = f"probability of {name}, were both as many", f"p({name})"
    top = legend(grid, list(_entries(parts, threshold, look)), title=title, short_title=short) if height >= 7 else 0
    first = parts[0][1]
    half = (first.scores[1] - first.scores[0]) / 2
    x = linear(float(first.scores[0] - half), float(first.scores[-1] + half), 6 if width >= 60 else 3, snap=False)
    frame = framed(grid, x, linear(0, 1, ticks_for(height - top - 2)), top=top, x_label="score")
    known = np.isfinite(first.values)
    strokes = [Stroke(np.array([0.0, 1.0]), np.array([0.5, 0.5]), "dim", (1, 3), ".")]
    role = parts[0][0]
    strokes.append(
        Stroke(x.place(first.scores[known]), first.values[known], role, look.dash(role), _SIGNS.get(role, "*"))
    )
    draw(grid, frame, strokes)
    part, last = parts[-1]
    known = np.isfinite(last.values)
    xs = x.place(last.scores[known])
    lows, highs = (np.clip(last.values[known] + sign * last.errors[known], 0, 1) for sign in (-1, 1))
    whiskers(grid, frame, xs, lows, highs, part)
    if len(parts) > 1:
        for place, value in zip(last.scores[known].tolist(), last.values[known].tolist(), strict=True):
            row, column = frame.row(value), frame.column(place)
            if row is not None and column is not None:
                grid.put(row, column, look.mark(1, 2, validation=True), part)
    column = frame.column(threshold)
    for row in range(frame.top, frame.top + frame.height):
        if column is not None:
            grid.put(row, column, look.sign("┃", "|"), "accent")
    return grid.rows()


def _entries(parts: Sequence[tuple[str, Probability]], threshold: float, look: Look) -> Iterator[Entry]:
    for number, (name, found) in enumerate(parts):
        sample = look.mark(1, 2, validation=True) if number else look.sample(name)
        value = words.fixed(found.at(threshold), 2, ascii=look.ascii)
        yield Entry(name, sample, value, name, "valid." if name == "validation" else "")
    yield Entry("threshold", look.sign("┃", "|"), words.threshold(threshold), "accent", "t")
