"""Pictures of a regression: predicted against true values, and the histogram of the residuals."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.evaluation.deviations import Deviations
from mltui.evaluation.histogram import Residuals
from mltui.plots import words
from mltui.plots.axes import axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.bars import columns
from mltui.plots.canvas import Stroke, draw, scatter
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look, Role


def predicted_true(
    scores: Scores, width: int, height: int, look: Look, *, target: str = "", role: Role = "validation"
) -> list[Text]:
    """Draw the predicted value (up) against the true one (right): on the dim diagonal where the model is right.

    Args:
        scores: of one part.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        target: the target's name with its unit.
        role: the part, whose colour the points have.
    """
    true = scores.target.astype(np.float64)
    known = np.isfinite(true) & np.isfinite(scores.scores) & (scores.weights != 0)
    if not known.any():
        return message("no predictions yet", width, height, look)
    grid = Grid(width, height, look)
    name = words.clean(target, ascii=look.ascii)
    entries = [
        Entry("equal", look.sample("previous_train"), role="dim"),
        Entry(role, look.sign("⠿", "#"), role=role, short="valid." if role == "validation" else ""),
    ]
    top = legend(grid, entries, title=f"predicted {name}".rstrip(), short_title="predicted") if height >= 7 else 0
    both = np.concatenate([true[known], scores.scores[known]])
    x, y = axis(both, min(6, x_ticks_for(width))), axis(both, ticks_for(height - top - 2))
    frame = framed(grid, x, y, top=top, x_label=f"true {name}".rstrip(), x_short="true")
    low, high = max(x.low, y.low), min(x.high, y.high)
    ends = np.linspace(low, high, 2)
    draw(grid, frame, [Stroke(x.place(ends), y.place(ends), "dim", (1, 3), ".")])
    scatter(grid, frame, x.place(true[known]), y.place(scores.scores[known]), role)
    return grid.rows()


def residuals(
    found: Residuals,
    width: int,
    height: int,
    look: Look,
    *,
    role: Role = "validation",
    every: Deviations | None = None,
    best: Deviations | None = None,
) -> list[Text]:
    """Draw the histogram of predicted minus true, with bias and RMS, and what lies outside the edges.

    Args:
        found: the residuals of one part.
        every, best: bias and RMS of all of its rows, and of the best 90 %.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        role: the part, whose colour the columns have.
    """
    binned = found.histogram
    if found.mean is None:
        return message("no predictions yet", width, height, look)
    grid = Grid(width, height, look)
    entries = [*spreads(every, best, look), *_outside(found, look)]
    title = "rows" if _whole(found) else "weight"
    top = legend(grid, entries, title=title, short_title="", rows=1 + (height >= 13)) if height >= 7 else 0
    y = axis(np.maximum(binned.sums, 0), ticks_for(height - top - 2), zero=True)
    x = linear(float(binned.edges[0]), float(binned.edges[-1]), min(7, x_ticks_for(width)), snap=False)
    frame = framed(grid, x, y, top=top, x_label=look.sign("predicted − true", "predicted - true"), x_short="error")
    if frame.width and frame.height:
        of_column = ((np.arange(frame.width) + 0.5) / frame.width * len(binned.sums)).astype(np.int64)
        columns(grid, frame, y.place(binned.sums)[of_column], role)
        centre = frame.column(0.0)
        for row in range(frame.top, frame.top + frame.height):
            if centre is not None and grid.signs[row, centre] == " ":
                grid.put(row, centre, look.sign("┊", ":"), "dim")
    return grid.rows()


def _whole(found: Residuals) -> bool:
    """Whether every row counts as one."""
    return bool(np.allclose(found.histogram.errors**2, found.histogram.sums))


def spreads(every: Deviations | None, best: Deviations | None, look: Look) -> list[Entry]:
    """Bias and RMS of all rows, and of the best 90 %, for a legend."""
    found = []
    for name, one in (("all", every), ("best 90 %", best)):
        if one is not None:
            bias, rms = (words.number(value, ascii=look.ascii) for value in (one.bias, one.rms))
            found.append(Entry(name, value=f"bias {bias} RMS {rms}"))
    return found


def _outside(found: Residuals, look: Look) -> list[Entry]:
    outside = ((look.sign("←", "<"), found.below), (look.sign("→", ">"), found.above))
    return [Entry("outside", sign, words.number(sum, ascii=look.ascii)) for sign, sum in outside if sum]
