"""The curves of a run: a metric of train and validation along its axis, the previous run dim behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.plots import words
from mltui.plots.axes import Axis, Frame, axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.canvas import Stroke, draw
from mltui.plots.decimate import envelope
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look
from mltui.plots.marks import SIGNS, Mark, draw_marks

_STAGES = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8)
_HUGE = 1e300
_WIDE = 30

LineRole = Literal["train", "validation", "out_of_bag", "member", "refit", "previous_train", "previous_validation"]
_ORDER: dict[LineRole, int] = {
    "previous_train": 0, "previous_validation": 1, "member": 2, "refit": 3, "train": 4, "out_of_bag": 5,
    "validation": 6,
}  # fmt: skip
_SIGNS: dict[LineRole, str] = {
    "train": "*", "validation": "o", "out_of_bag": "+", "member": ":", "refit": "-",
    "previous_train": ".", "previous_validation": ",",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Line:
    """One curve.

    Attributes:
        label: its name in the legend.
        xs: shape (points,): where its points stand, not falling.
        ys: shape (points,): the values; what is not finite is passed over.
        role: how it is drawn.
    """

    label: str
    xs: Floats
    ys: Floats
    role: LineRole


def curve(
    lines: Sequence[Line],
    width: int,
    height: int,
    look: Look,
    *,
    x_label: str,
    y_label: str,
    log: bool = False,
    log_x: bool = False,
    kept: float | None = None,
    cursor: float | None = None,
    end: float | None = None,
    marks: Sequence[Mark] = (),
) -> list[Text]:
    """Draw curves, later roles over earlier ones, with a legend that gives their last values.

    Args:
        lines: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        x_label: what the points run over, with its unit.
        y_label: what the values are.
        log: a logarithmic y axis; values that are not positive are left out.
        log_x: a logarithmic x axis; every x is positive.
        kept: the x of the kept model, marked on the axis.
        cursor: an x to look at: a vertical line, and the legend's values are those there.
        end: where the x axis ends, if that is known beforehand.
        marks: where a value was changed on the way.
    """
    lines = sorted((_known(line, log) for line in lines), key=lambda line: _ORDER[line.role])
    if not any(len(line.xs) for line in lines):
        return message("no positive values for a logarithmic axis" if log else "no points yet", width, height, look)
    grid = Grid(width, height, look)
    title = words.clean(y_label, ascii=look.ascii)
    entries = _entries(lines, kept, cursor, y_label, look)
    if marks:
        entries.append(Entry("changed", look.sign(*SIGNS), role="dim"))
    top = legend(grid, entries, title=title, short_title="") if height >= 7 else 0
    every = np.concatenate([line.ys for line in lines])
    # from zero once the values span a factor of two: the range of a falling loss then stays
    y = axis(every, ticks_for(height - top - 2), log=log, zero=bool(0 < every.min() <= every.max() / 2))
    xs = np.concatenate([line.xs for line in lines])
    x = axis(xs, x_ticks_for(width), log=True) if log_x else _x_axis(lines, end, x_ticks_for(width))
    frame = framed(grid, x, y, top=top, x_label=words.clean(x_label, ascii=look.ascii))
    draw(grid, frame, [_stroke(line, frame, look) for line in lines])
    draw_marks(grid, frame, marks)
    _overlay(grid, frame, kept, cursor)
    return grid.rows()


def wide(lines: Sequence[Line]) -> bool:
    """Whether the points stand so far apart, all of them above 0, that a logarithmic x axis shows more of them."""
    xs = np.concatenate([line.xs for line in lines]) if lines else np.zeros(0)
    return bool(len(xs)) and bool(xs.min() > 0) and bool(xs.max() > _WIDE * xs.min())


def mean_line(label: str, lines: Sequence[Line], role: LineRole, until: float | None = None) -> Line:
    """The mean of several curves at every step of any: of those that reach so far.

    Args:
        label: its name in the legend.
        lines: what to average; values between two points of a curve lie on the line between them.
        role: how it is drawn.
        until: the last step, such as where the shortest of them ended, beyond which the mean would be of fewer.
    """
    known = [line for line in (_known(line, log=False) for line in lines) if len(line.xs)]
    steps = np.unique(np.concatenate([line.xs for line in known])) if known else np.zeros(0)
    if until is not None:
        steps = steps[steps <= until]
    values = np.array([np.interp(steps, line.xs, line.ys, left=np.nan, right=np.nan) for line in known])
    counts = np.isfinite(values).sum(axis=0) if known else np.zeros(0)
    ys = np.nansum(values, axis=0) / np.maximum(counts, 1) if known else np.zeros(0)
    return Line(label, steps[counts > 0], ys[counts > 0], role)


def _known(line: Line, log: bool) -> Line:
    known = np.isfinite(line.xs) & np.isfinite(line.ys)
    if log:
        known &= line.ys > 0
    return line if known.all() else replace(line, xs=line.xs[known], ys=line.ys[known])


def _x_axis(lines: Sequence[Line], end: float | None, at_most: int) -> Axis:
    xs = np.concatenate([line.xs for line in lines])
    low, high = min(0.0, float(xs.min())), float(xs.max())
    if all(bool((line.xs % 1 == 0).all()) for line in lines):
        at_most = max(2, int(min(at_most, max(high, end or 0.0) - low + 1)))  # no tick between two epochs
    if end is not None and np.isfinite(end) and end >= high:
        return linear(low, float(end), at_most, snap=False)
    if low < 0 or not 0 < high < _HUGE:
        return linear(low, high, min(at_most, 6))
    return linear(low, _stage(high), at_most, snap=False)


def _stage(high: float) -> float:
    """The end of a growing axis: it moves only when the curve is a quarter longer, as each move sends every row."""
    power = 10.0 ** math.floor(math.log10(high))
    return next((stage * power for stage in _STAGES if stage * power >= high * (1 - 1e-9)), 10 * power)


def _stroke(line: Line, frame: Frame, look: Look) -> Stroke:
    xs, ys = envelope(line.xs, line.ys, frame.width, (frame.x.low, frame.x.high))
    return Stroke(frame.x.place(xs), frame.y.place(ys), line.role, look.dash(line.role), _SIGNS[line.role])


def _entries(lines: Sequence[Line], kept: float | None, cursor: float | None, metric: str, look: Look) -> list[Entry]:
    entries = []
    for line in lines:
        if line.role in ("train", "validation", "out_of_bag"):
            value = words.metric(metric, _value(line, cursor), ascii=look.ascii)
            name = words.clean(line.label, ascii=look.ascii)
            short = name.replace("validation", "valid.").replace("out of bag", "oob")
            entries.append(Entry(name, look.sample(line.role), value, line.role, short))
    thin = dict.fromkeys((line.label, line.role) for line in lines if line.role in ("member", "refit"))
    entries += [Entry(words.clean(label, ascii=look.ascii), look.sample(role), role=role) for label, role in thin]
    if cursor is not None and np.isfinite(cursor):
        entries.append(Entry(f"at {words.number(cursor)}", look.sign("│", "|"), role="strong"))
    if kept is not None and np.isfinite(kept):
        entries.append(Entry("kept", look.sign("▲", "^"), _kept(lines, kept, metric, look), "accent"))
    old = next((line for line in lines if line.role.startswith("previous")), None)
    if old is not None:
        entries.append(Entry("previous", look.sample(old.role), role=old.role, short="prev."))
    return entries


def _kept(lines: Sequence[Line], kept: float, metric: str, look: Look) -> str:
    """Where the kept model stands; unless that is the end, with the validation's value there."""
    judge = next((line for line in lines if line.role == "validation"), None)
    value = None if judge is None or not len(judge.xs) or kept >= judge.xs[-1] else _value(judge, kept)
    step = words.reached(kept)
    return step if value is None else f"{step} ({words.metric(metric, value, ascii=look.ascii)})"


def _value(line: Line, cursor: float | None) -> float | None:
    """The last value, or the one at the cursor: of the last point at or before it."""
    if not len(line.ys):
        return None
    if cursor is None:
        return float(line.ys[-1])
    before = int(np.searchsorted(line.xs, cursor, side="right")) - 1
    return float(line.ys[before]) if before >= 0 else None


def _overlay(grid: Grid, frame: Frame, kept: float | None, cursor: float | None) -> None:
    column = None if cursor is None else frame.column(cursor)
    if column is not None:
        for row in range(frame.top, frame.top + frame.height):
            if grid.signs[row, column] in (" ", *SIGNS):
                grid.put(row, column, grid.look.sign("│", "|"), "strong")
    column = None if kept is None else frame.column(kept)
    if column is not None:
        base = min(frame.top + frame.height, grid.height - 1)
        grid.put(base, column, grid.look.sign("▲", "^"), "accent")
