"""The score histogram: what the model says of each true class, overlaid, with the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.histogram import Histogram
from mltui.plots import words
from mltui.plots.axes import Frame, axis, framed, linear, ticks_for
from mltui.plots.canvas import Stroke, draw, whiskers
from mltui.plots.dates import date_axis
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look
from mltui.plots.pinned import Pin, put_pins, put_span

_FILLS = ("·", "╱"), (".", "/")
_BOTH = ("╳", "x")


def score_histogram(
    groups: Sequence[Histogram],
    width: int,
    height: int,
    look: Look,
    *,
    over: Sequence[Histogram] = (),
    over_name: str = "validation",
    threshold: float | None = None,
    log: bool = False,
    x_label: str = "score",
    x_short: str = "",
    errors: bool = False,
    empty: str = "no scores yet",
    dates: bool = False,
    pins: Sequence[Pin] = (),
    marked: tuple[float, float] | None = None,
) -> list[Text]:
    """Draw the histograms of the classes over each other, each as a probability density.

    Every class is an outline in its colour and dash; the areas of the first two are textured, · and ╱. Where both
    train and validation are given, train is drawn so and validation as the classes' marks: marks off the outline
    mean overtraining.

    Args:
        groups: one histogram a class, in the order of the classes, on common edges.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        over: the same classes of another part, drawn as points. over_name: what that is.
        threshold: a score to mark by a vertical line.
        log: a logarithmic y axis.
        x_label: what the score is.
        x_short: the same where there is little room.
        errors: draw the statistical uncertainty of every bin as an upright line.
        empty: what is said where there is nothing to draw.
        dates: the edges are days since 1970.
        pins: events to write at their scores. marked: from which to which score a bin is marked.
    """
    if not any(group.total > 0 for group in groups):
        return message(empty, width, height, look)
    grid = Grid(width, height, look)
    entries = _entries(groups, over_name if over else "", threshold, look)
    top = (
        legend(grid, entries, title="density", short_title="", rows=1 + (height >= 13) + (height >= 24))
        if height >= 7
        else 0
    )
    merged = _merging(groups[0], width, bool(over) or errors)
    groups, over = [_merged(g, merged) for g in groups], [_merged(g, merged) for g in over]
    every = np.concatenate([*(group.density for group in (*groups, *over)), *(_tops(g) for g in groups if errors)])
    y = axis(every, ticks_for(height - top - 2), log=log, zero=not log)
    edges = groups[0].edges
    ticks = 6 if width >= 60 else 3
    ends = float(edges[0]), float(edges[-1])
    x = date_axis(*ends, min(ticks, max(width // 14, 2))) if dates else linear(*ends, ticks, snap=False)
    frame = framed(grid, x, y, top=top, x_label=words.clean(x_label, ascii=look.ascii), x_short=x_short)
    many = len(groups)
    draw(grid, frame, [_outline(group, code, many, frame, look) for code, group in enumerate(groups)])
    if many <= 2:
        _fill(grid, frame, groups)
    for code, group in enumerate(groups if errors else ()):
        _whiskers(grid, frame, group, code)
    for code, group in enumerate(over):
        _points(grid, frame, group, code, many)
    _line(grid, frame, threshold)
    if marked is not None:
        put_span(grid, frame, *marked)
    put_pins(grid, frame, pins)
    return grid.rows()


def bins_together(bins: int, width: int, *, points: bool) -> int:
    """How many of so many bins are drawn as one in a picture of this width, with or without another part's points."""
    nothing = np.zeros(bins)
    return _merging(Histogram("", np.arange(bins + 1.0), nothing, nothing, 0.0), width, points)


def _merging(group: Histogram, width: int, points: bool) -> int:
    """How many bins to take together so that a bin is at least two cells wide, three where it holds points."""
    bins, factor = len(group.sums), 1
    while bins % (2 * factor) == 0 and bins // factor * (3 if points else 2) > width and bins // factor > 10:
        factor *= 2
    return factor


def _merged(group: Histogram, factor: int) -> Histogram:
    if factor == 1:
        return group
    sums = group.sums.reshape(-1, factor).sum(axis=1)
    errors = np.sqrt((group.errors.reshape(-1, factor) ** 2).sum(axis=1))
    return replace(group, edges=group.edges[::factor], sums=sums, errors=errors)


def _outline(group: Histogram, code: int, many: int, frame: Frame, look: Look) -> Stroke:
    xs = np.repeat(group.edges, 2)
    ys = np.concatenate([[0.0], np.repeat(group.density, 2), [0.0]])
    role = f"class{code % CLASSES}"
    dash = look.dash(role) if many > 2 else None
    return Stroke(frame.x.place(xs), _heights(ys, frame), role, dash, look.mark(code, many))


def _heights(values: Floats, frame: Frame) -> Floats:
    """Places on the y axis; what a logarithmic axis has no place for is at its foot."""
    return np.nan_to_num(frame.y.place(values), nan=0.0)


def _fill(grid: Grid, frame: Frame, groups: Sequence[Histogram]) -> None:
    """Texture the empty cells between zero and each outline, those of both with a mark of their own."""
    if not frame.width or not frame.height:
        return
    bins = len(groups[0].sums)
    of_column = ((np.arange(frame.width) + 0.5) / frame.width * bins).astype(np.int64)
    tops = [_heights(group.density, frame)[of_column] * frame.height for group in groups]
    level = np.arange(frame.height)[::-1, None] + 0.5
    zero = float(_heights(np.zeros(1), frame)[0]) * frame.height
    block = np.s_[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    empty = grid.signs[block] == " "
    within = [(np.minimum(top, zero)[None, :] < level) & (level < np.maximum(top, zero)[None, :]) for top in tops]
    under = [empty & inside for inside in within]
    plain = grid.look.ascii
    for code, mask in enumerate(under):
        grid.signs[block][mask] = _FILLS[plain][code]
        grid.styles[block][mask] = grid.style(f"class{code}")
    if len(under) == 2:
        both = under[0] & under[1]
        grid.signs[block][both] = _BOTH[plain]
        grid.styles[block][both] = grid.style("dim")


def _spread(group: Histogram) -> Floats:
    """The errors as densities, shape (bins,)."""
    scale = group.total * (group.edges[1] - group.edges[0])
    return group.errors / scale if scale > 0 else np.zeros_like(group.errors)


def _tops(group: Histogram) -> Floats:
    """The upper ends of the errors; those of bins that hold next to nothing do not stretch the axis."""
    tops = group.density + _spread(group)
    return tops[tops <= 1.5 * max(float(group.density.max()), 0.0)]


def _whiskers(grid: Grid, frame: Frame, group: Histogram, code: int) -> None:
    centres = group.edges[1:] / 2 + group.edges[:-1] / 2
    filled, spread = group.errors > 0, _spread(group)
    lows, highs = (_heights(group.density + sign * spread, frame)[filled] for sign in (-1, 1))
    whiskers(grid, frame, frame.x.place(centres)[filled], lows, highs, f"class{code % CLASSES}")


def _points(grid: Grid, frame: Frame, group: Histogram, code: int, many: int) -> None:
    centres = group.edges[1:] / 2 + group.edges[:-1] / 2
    xs, ys = frame.x.place(centres), frame.y.place(group.density)
    mark = grid.look.mark(code, many, validation=True)
    style = grid.look.style(f"class{code % CLASSES}") + grid.look.style("strong")
    for x, y, weight in zip(xs.tolist(), ys.tolist(), group.sums.tolist(), strict=True):
        if weight != 0 and 0 <= x <= 1 and 0 <= y <= 1:
            row = frame.height - 1 - min(int(y * frame.height), frame.height - 1)
            grid.put(frame.top + row, frame.left + min(int(x * frame.width), frame.width - 1), mark, style)


def _line(grid: Grid, frame: Frame, threshold: float | None) -> None:
    column = None if threshold is None else frame.column(threshold)
    if column is not None:
        for row in range(frame.top, frame.top + frame.height):
            grid.put(row, column, grid.look.sign("┃", "|"), "accent")


def _entries(groups: Sequence[Histogram], over: str, threshold: float | None, look: Look) -> list[Entry]:
    many = len(groups)
    names = [words.clean(group.label, ascii=look.ascii, limit=24) for group in groups]
    short = words.brief(names)
    entries = []
    for code, name in enumerate(names):
        sample = look.sample(f"class{code % CLASSES}") if many > 2 else _FILLS[look.ascii][code] * 2
        entries.append(Entry(name, sample, role=f"class{code % CLASSES}", short=short[code]))
    if over:
        marks = "".join(look.mark(code, many, validation=True) for code in range(min(many, 2)))
        entries.append(Entry(over, marks, short="valid." if over == "validation" else ""))
    if threshold is not None:
        entries.append(Entry("threshold", look.sign("┃", "|"), f"{threshold:.2f}", "accent", "t"))
    return entries
