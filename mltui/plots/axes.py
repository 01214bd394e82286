"""Axes: ranges that snap to round numbers, their ticks, and the frame around a canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mltui.core.table import Floats
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut

_HUGE = 1e300
_TINY = 1e-290
_LEAST_LABEL = 4
"""The room for y labels, so that a curve that needs a longer label does not at once move every row."""


@dataclass(frozen=True)
class Axis:
    """A range with its ticks, each a value with its label. A logarithmic axis has positive ends."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def place(self, values: Floats) -> Floats:
        """Where values stand between the ends, 0 to 1; NaN stays NaN, and what is not positive has no logarithm."""
        with np.errstate(all="ignore"):
            if self.log:
                values = np.log10(np.where(values > 0, values, np.nan))
                low, high = math.log10(self.low), math.log10(self.high)
            else:
                low, high = self.low, self.high
            return np.asarray((np.clip(values, -_HUGE, _HUGE) - low) / (high - low))

    def cell(self, value: float, count: int) -> int | None:
        """The cell of `count` along the axis that holds a value; None where none does."""
        place = float(self.place(np.array([value]))[0])
        if not 0 <= place <= 1 or count < 1:
            return None
        return min(int(place * count), count - 1)


def axis(values: Floats, at_most: int, *, log: bool = False, zero: bool = False) -> Axis:
    """An axis that holds every finite value, its ends and ticks on round numbers.

    The ends snap to round numbers, so that another value rarely moves them.

    Args:
        values: what it must hold, any shape; what is not finite is ignored.
        at_most: so many ticks at most, from 2.
        log: a logarithmic axis, over the positive values.
        zero: a linear axis that starts at zero unless a value is below.
    """
    values = values[np.isfinite(values)]
    if log:
        return _logarithmic(values[values > 0], at_most)
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    return linear(min(low, 0.0) if zero else low, high, at_most)


def linear(low: float, high: float, at_most: int, *, snap: bool = True) -> Axis:
    """A linear axis with round ticks; with `snap` its ends move out to round numbers, else they stay."""
    low, high = (min(max(end, -_HUGE), _HUGE) for end in (low, high))
    if not high - low > max(_TINY, 1e-12 * max(abs(low), abs(high))):
        room = 0.5 * abs(low) if abs(low) > _TINY else 0.5
        low, high = low - room, high + room
    step = _round_step((high - low) / max(at_most - 1, 1))
    if snap:
        while math.floor(high / step) - math.ceil(low / step) + 1 > max(at_most, 2):
            step = _round_step(1.01 * step)
        unit = _fine(step)
        low = min(low, math.floor(low / unit + 1e-9) * unit)
        high = max(high, math.ceil(high / unit - 1e-9) * unit)
    else:
        while math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) < 1:
            step = _round_step(step / 2.6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [number * step for number in range(first, last + 1)]
    return Axis(low, high, tuple((tick, _label(tick, step, max(abs(low), abs(high)))) for tick in ticks))


def _fine(step: float) -> float:
    """What ends snap to: half a step of 1 or 2 times a power of ten, a fifth of one of 5."""
    leading = round(step / 10.0 ** math.floor(math.log10(step) + 1e-9))
    return step / (5 if leading == 5 else 2)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    for factor in (1, 2, 5, 10):
        if factor * power >= least * (1 - 1e-9):
            return factor * power
    return 10 * power


def _label(value: float, step: float, largest: float) -> str:
    if abs(value) < step / 2:
        return "0"
    if largest >= 1e6 or step < 1e-4:
        digits = max(0, math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(step) + 1e-9))
        return words.exponent(value, min(digits, 15))
    return f"{value:,.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def _logarithmic(values: Floats, at_most: int) -> Axis:
    """Decades as ticks; where the range has few, twos and fives between them too."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.1, 1.0)
    low, high = (min(max(end, 1 / _HUGE), _HUGE) for end in (low, high))
    low, high = _round_log(low, up=False), _round_log(high, up=True)
    if low == high:
        low, high = low / 10, high * 10
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = [10.0**power for power in range(first, last + 1)]
    rounds = [f * 10.0**power for power in range(first - 1, last + 1) for f in (1, 2, 5)]
    ticks = [tick for tick in rounds if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
    if len(ticks) > max(at_most, 5) and len(decades) > 1:
        ticks = decades[:: max(1, math.ceil(len(decades) / max(at_most, 2)))]
    return Axis(low, high, tuple((tick, _log_label(tick)) for tick in ticks), log=True)


def _round_log(value: float, *, up: bool) -> float:
    """The nearest 1, 2 or 5 times a power of ten on the side asked for."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    rounds = [factor * power for factor in (1, 2, 5, 10)]
    if up:
        return next((r for r in rounds if r >= value * (1 - 1e-9)), 10 * power)
    return next((r for r in reversed(rounds) if r <= value * (1 + 1e-9)), power)


def _log_label(value: float) -> str:
    return words.exponent(value) if value < 1e-3 or value >= 1e5 else f"{value:,.12g}"


@dataclass(frozen=True)
class Frame:
    """Where the canvas lies within a grid, and its axes.

    Attributes:
        right: a second y axis, at the right end, for lines of another unit.
    """

    x: Axis
    y: Axis
    top: int
    left: int
    width: int
    height: int
    right: Axis | None = None

    def column(self, value: float) -> int | None:
        """The grid column of an x value; None outside."""
        column = self.x.cell(value, self.width)
        return None if column is None else self.left + column

    def row(self, value: float) -> int | None:
        """The grid row of a y value; None outside."""
        row = self.y.cell(value, self.height)
        return None if row is None else self.top + self.height - 1 - row


def ticks_for(height: int) -> int:
    """How many y ticks a picture of this height has room for."""
    return max(2, min(6, 1 + height // 3))


def x_ticks_for(width: int) -> int:
    """How many x ticks a picture of this width has room for."""
    return max(2, min(11, width // 10))


def framed(
    grid: Grid,
    x: Axis,
    y: Axis,
    *,
    top: int = 0,
    x_label: str = "",
    x_short: str = "",
    bare: bool = False,
    right: Axis | None = None,
) -> Frame:
    """Draw the axes around the rest of a grid from row `top` on, and say where the canvas is.

    Where there is no room for axes (under 5 rows or 16 columns, or `bare`), all of it is canvas.

    Args:
        grid: to draw on.
        x: the horizontal axis.
        y: the vertical axis.
        top: the rows above that are taken.
        x_label: written at the right end of the tick labels, data-borne parts already clean.
        x_short: the same where there is little room; empty: it is cut.
        bare: draw no axes.
        right: a second y axis at the right end.
    """
    height = grid.height - top
    if bare or height < 5 or grid.width < 16:
        return Frame(x, y, top, 0, grid.width, max(height, 0), right)
    room = max([_LEAST_LABEL, *(len(label) for _, label in y.ticks)])
    room = min(room, grid.width // 3)
    beyond = 1 + max(len(label) for _, label in right.ticks) if right is not None and right.ticks else 0
    frame = Frame(x, y, top, room + 1, grid.width - room - 1 - beyond, height - 2, right)
    _draw_y(grid, frame)
    if beyond:
        _draw_right(grid, frame)
    _draw_x(grid, frame, [x_label, x_short or x_label])
    return frame


def _draw_y(grid: Grid, frame: Frame) -> None:
    line, tick = grid.look.sign("│", "|"), grid.look.sign("┤", "+")
    for row in range(frame.top, frame.top + frame.height):
        grid.put(row, frame.left - 1, line, "axis")
    for value, label in frame.y.ticks:
        place = frame.row(value)
        if place is None or grid.signs[place, frame.left - 1] == tick:
            continue
        shown = cut(label, frame.left - 1, grid.look)
        grid.put(place, frame.left - 1 - len(shown), shown, "label")
        grid.put(place, frame.left - 1, tick, "axis")


def _draw_right(grid: Grid, frame: Frame) -> None:
    assert frame.right is not None
    line, tick, column = grid.look.sign("│", "|"), grid.look.sign("├", "+"), frame.left + frame.width
    for row in range(frame.top, frame.top + frame.height):
        grid.put(row, column, line, "axis")
    for value, label in frame.right.ticks:
        place = frame.right.cell(value, frame.height)
        row = -1 if place is None else frame.top + frame.height - 1 - place
        if row >= 0 and grid.signs[row, column] != tick:
            grid.put(row, column, tick, "axis")
            grid.put(row, column + 1, label, "strong")


def _draw_x(grid: Grid, frame: Frame, names: list[str]) -> None:
    base, look = frame.top + frame.height, grid.look
    grid.put(base, frame.left - 1, look.sign("└", "+") + look.sign("─", "-") * frame.width, "axis")
    labels: list[tuple[int, int, str]] = []
    for value, label in frame.x.ticks:
        column = frame.column(value)
        used = labels[-1][1] + len(labels[-1][2]) + 1 if labels else 0
        if column is None:
            continue
        start = min(max(column - len(label) // 2, frame.left - 1, 0), grid.width - len(label))
        if start >= used:
            labels.append((column, start, label))
    name, kept = names[0], list(labels)
    room = _room(kept, cells(name), grid.width)
    if room[1] - room[0] - 2 < cells(name):
        name, kept = names[1], list(labels)
        room = _room(kept, cells(name), grid.width)
    labels = kept
    for column, start, label in labels:
        grid.put(base, column, look.sign("┬", "+"), "axis")
        grid.put(base + 1, start, label, "label")
    shown = cut(name, max(0, room[1] - room[0] - 2), look)
    grid.put(base + 1, room[1] - 1 - cells(shown), shown, "axis")


def _room(labels: list[tuple[int, int, str]], width: int, end: int) -> tuple[int, int]:
    """The rightmost gap between tick labels that takes the axis's name; the last labels give way to it, all but two."""
    while True:
        ends = [0, *(start + len(label) for _, start, label in labels)]
        starts = [*(start for _, start, _ in labels), end + 1]
        gaps = [gap for gap in zip(ends, starts, strict=True) if gap[1] - gap[0] - 2 >= width]
        if gaps or len(labels) <= 2:
            return gaps[-1] if gaps else max(zip(ends, starts, strict=True), key=lambda gap: gap[1] - gap[0])
        labels.pop()
