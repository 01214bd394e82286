"""The pair plot: every variable against every other, a cloud for each class, and each variable's own histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats, Integers
from mltui.plots import heat, words
from mltui.plots.axes import Axis, Frame, linear
from mltui.plots.grid import Grid, cells, message, squeezed
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look

LEAST = (14, 4)
"""The least width and height of a panel."""
_HALVES = (" ⠛⣤⣿", " ▀▄█")
_FAR = 1.6
_MARGIN = 0.02
_HUGE = 1e300


def fitting(count: int, width: int, height: int) -> int:
    """How many of so many variables a pair plot of this size has room for."""
    return max(0, min(count, (width + 1) // (LEAST[0] + 1), height // (LEAST[1] + 1)))


def pair_plot(found: Mapping[str, Any], width: int, height: int, look: Look) -> list[Text]:
    """Draw the pair plot.

    On the diagonal each variable's name, range and histogram by class; under it the rows as marks by class, or by
    the value to predict from small and blue to full and orange; above it the linear correlation in each class.

    Args:
        found: names, labels, classes; of some rows the values by name, the target (class codes or values to predict)
            and the weights (none where all are one), None for missing; and correlations, a matrix a class.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    names = [str(name) for name in found.get("names") or () if name in (found.get("values") or {})]
    shown = fitting(len(names), width, height - 1)
    if not names:
        return message("no variable is chosen: p in the columns takes one in", width, height, look)
    if shown < 1:
        return message("the pair plot needs a larger pane", width, height, look)
    labels = dict(zip(found.get("names") or (), found.get("labels") or (), strict=False))
    classes = [words.clean(label, ascii=look.ascii, limit=24) for label in found.get("classes") or ()]
    columns = [_numbers(found["values"][name]) for name in names[:shown]]
    rows = min(map(len, columns))
    columns = [column[:rows] for column in columns]
    target = _numbers(found.get("target"))
    target = target if len(target) >= rows else np.zeros(rows)
    codes = _codes(target[:rows], bool(classes))
    grid = Grid(width, height, look)
    more = f"{len(names) - shown} more in a larger terminal" if shown < len(names) else "pairs of variables"
    legend(grid, _entries(classes, target, look), title=more, short_title="")
    titles = [words.clean(labels.get(name) or name, ascii=look.ascii, limit=100) for name in names[:shown]]
    weights = _numbers(found.get("weights"))
    weights = weights[:rows] if len(weights) >= rows else np.ones(rows)
    _panels(grid, columns, titles, codes, weights, len(classes), found.get("correlations") or ())
    return grid.rows()


def _panels(
    grid: Grid,
    columns: Sequence[Floats],
    titles: Sequence[str],
    codes: Integers,
    weights: Floats,
    classes: int,
    matrices: Sequence[Sequence[Sequence[float | None]]],
) -> None:
    count = len(columns)
    axes = [_axis(column) for column in columns]
    lefts = [round(number * (grid.width + 1) / count) for number in range(count + 1)]
    tops = [1 + round(number * (grid.height - 1) / count) for number in range(count + 1)]
    for row in range(count):
        for column in range(count):
            wide, high = lefts[column + 1] - lefts[column] - 1, tops[row + 1] - tops[row]
            frame = Frame(axes[column], axes[row], tops[row], lefts[column], wide, high - (row + 1 < count))
            if row == column:
                _own(grid, frame, titles[row], columns[row], codes, weights, classes)
            elif column < row:
                _cloud(grid, frame, (columns[column], columns[row]), codes, classes)
            else:
                _correlations(grid, frame, [matrix[row][column] for matrix in matrices], classes)
    _rules(grid, lefts, tops)


def _rules(grid: Grid, lefts: Sequence[int], tops: Sequence[int]) -> None:
    """Thin lines between the panels."""
    look = grid.look
    for top in tops[1:-1]:
        grid.put(top - 1, 0, look.sign("─", "-") * grid.width, "axis")
    for left in lefts[1:-1]:
        for row in range(1, grid.height):
            crossing = row + 1 in tops[1:-1]
            grid.put(row, left - 1, look.sign("┼" if crossing else "│", "+" if crossing else "|"), "axis")


def _numbers(values: Any) -> Floats:
    return np.array([np.nan if value is None else value for value in values or ()], np.float64)


def _codes(target: Floats, classes: bool) -> Integers:
    known = np.where(np.isfinite(target), target, -1)
    if classes:
        return known.astype(np.int64)
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return heat.levels(target, low, high) if high > low else np.zeros(len(target), np.int64)


def _axis(values: Floats) -> Axis:
    """Close around the values, or around their middle 98 % where a few stand far off."""
    known = np.clip(values[np.isfinite(values)], -_HUGE, _HUGE)
    if not len(known):
        return linear(0, 1, 2, snap=False)
    ends = np.quantile(known, [0, 0.01, 0.99, 1])
    low, high = ends[[0, 3]] if ends[3] / _FAR - ends[0] / _FAR <= ends[2] - ends[1] else ends[[1, 2]]
    room = _MARGIN * (high - low)
    return linear(float(low - room), float(high + room), 2, snap=False)


def _places(axis: Axis, values: Floats, count: int) -> Integers:
    """The cell of each value along an axis; -1 outside."""
    shares = axis.place(values)
    inside = (shares >= 0) & (shares <= 1)
    places = np.minimum(np.where(inside, shares, 0) * count, count - 1).astype(np.int64)
    return np.where(inside, places, -1)


def _cloud(grid: Grid, frame: Frame, values: tuple[Floats, Floats], codes: Integers, classes: int) -> None:
    look, high = grid.look, frame.height
    halves = classes == 2 and not look.ascii
    tall = 2 * high if halves else high
    xs, ys = _places(frame.x, values[0], frame.width), _places(frame.y, values[1], tall)
    inside = (xs >= 0) & (ys >= 0) & (codes >= 0)
    xs, ys, codes = xs[inside], tall - 1 - ys[inside], codes[inside]
    if halves:
        _halves(grid, frame, xs, ys, codes % 2)
        return
    for x, y, code in zip(xs.tolist(), ys.tolist(), codes.tolist(), strict=True):
        if classes:
            mark, style = look.mark(code, max(classes, 2)), look.style(f"class{code % CLASSES}")
        else:
            mark, role = heat.mark(code, look)
            style = look.style(role)
        grid.put(frame.top + y, frame.left + x, mark, style)


def _halves(grid: Grid, frame: Frame, xs: Integers, ys: Integers, codes: Integers) -> None:
    """Two rows of marks a cell, the first class as dots, the second as blocks; of a place the commoner class."""
    counts = np.zeros((2, 2 * frame.height, frame.width), np.int64)
    np.add.at(counts, (codes, ys, xs), 1)
    owner = np.where(counts.any(axis=0), counts.argmax(axis=0), -1).reshape(frame.height, 2, frame.width)
    for code, marks in enumerate(_HALVES):
        held = owner == code
        signs = np.array(list(marks), dtype="<U1")[held[:, 0] + 2 * held[:, 1]]
        grid.paste(frame.top, frame.left, signs, np.full(signs.shape, grid.style(f"class{code}")))


def _own(grid: Grid, frame: Frame, title: str, values: Floats, codes: Integers, weights: Floats, classes: int) -> None:
    """A variable's name and range, and its histogram by class in marks, each class to its own height."""
    look = grid.look
    room = (frame.x.high - frame.x.low) * _MARGIN / (1 + 2 * _MARGIN)
    ends = [_end(end, room, look) for end in (frame.x.low + room, frame.x.high - room)]
    high = frame.height - 2
    grid.put(frame.top, frame.left, squeezed(title, frame.width, look), "strong")
    base = frame.top + frame.height - 1
    grid.put(base, frame.left, ends[0], "dim")
    if cells(ends[0]) + cells(ends[1]) + 1 <= frame.width:
        grid.put(base, frame.left + frame.width - cells(ends[1]), ends[1], "dim")
    if high < 1:
        return
    halves = classes == 2 and not look.ascii
    inner = Frame(frame.x, frame.y, frame.top + 1, frame.left, frame.width, high)
    for code in reversed(range(max(classes, 1))):
        own = (codes == code) if classes else slice(None)
        xs, ys = _outline(frame, values[own], weights[own], high * (1 + halves))
        if halves:
            _halves(grid, inner, xs, ys, np.full(len(xs), code))
            continue
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            grid.put(inner.top + y, inner.left + x, look.mark(code, max(classes, 2)), f"class{code % CLASSES}")


def _end(value: float, room: float, look: Look) -> str:
    """An end of the values, which lies the margin inside the axis; what that leaves of zero is zero."""
    return words.number(0.0 if abs(value) < room / 1e6 else float(f"{value:.9g}"), ascii=look.ascii)


def _outline(frame: Frame, values: Floats, weights: Floats, tall: int) -> tuple[Integers, Integers]:
    """A histogram's tops as columns and rows from the top of `tall`, smoothed, its highest reaching the top."""
    places = _places(frame.x, values, frame.width)
    counting = (places >= 0) & np.isfinite(weights)
    sums = np.bincount(places[counting], weights[counting], frame.width)
    smooth = np.convolve(np.pad(sums, 2, "edge"), np.array([1, 2, 3, 2, 1]) / 9, "valid")
    if not smooth.max(initial=0) > 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    columns = np.flatnonzero(smooth > 0)
    heights = np.minimum(smooth[columns] / smooth.max() * tall, tall - 1).astype(np.int64)
    return columns, tall - 1 - heights


def _correlations(grid: Grid, frame: Frame, values: Sequence[float | None], classes: int) -> None:
    """The linear correlation in each class, as many as fit."""
    look = grid.look
    lines = []
    for code, value in enumerate(values):
        sign = f"{look.mark(code, max(classes, 2))} " if classes else ""
        lines.append((sign, words.fixed(value, 2, ascii=look.ascii), code))
    lines = lines[: frame.height]
    top = frame.top + (frame.height - len(lines)) // 2
    for row, (sign, text, code) in enumerate(lines):
        left = frame.left + max(0, (frame.width - cells(sign) - 5) // 2)
        column = grid.put(top + row, left, sign, f"class{code % CLASSES}")
        grid.put(top + row, column, f"{text:>5}", "label")


def _entries(classes: Sequence[str], target: Floats, look: Look) -> list[Entry]:
    many = max(len(classes), 2)
    halves = len(classes) == 2 and not look.ascii
    if classes:
        return [
            Entry(label, _mark(code, many, halves, look), role=f"class{code % CLASSES}", short=short)
            for code, (label, short) in enumerate(zip(classes, words.brief(classes), strict=True))
        ]
    known = target[np.isfinite(target)]
    if not len(known) or not known.max() > known.min():
        return []
    ends = ((float(known.min()), 0), (float(known.max()), heat.LEVELS - 1))
    marks = [(value, *heat.mark(level, look)) for value, level in ends]
    return [Entry(words.number(value, ascii=look.ascii), mark, role=role) for value, mark, role in marks]


def _mark(code: int, many: int, halves: bool, look: Look) -> str:
    return f"{look.mark(code, many)}{_HALVES[code][-1]}" if halves else look.mark(code, many)
