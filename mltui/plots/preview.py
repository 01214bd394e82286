"""The first picture of a dataset: its rows in the plane of two features, or along one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats, Integers
from mltui.evaluation.histogram import Histogram, histogram
from mltui.plots import heat, words
from mltui.plots.axes import Frame, axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.grid import Grid, cut, message
from mltui.plots.images import class_images
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look
from mltui.plots.scores import score_histogram

_LOW = 10
"""Up to this height a cell holds two rows of two classes' marks, so that shapes can be seen."""
_HALVES = (" ⠛⣤⣿", " ▀▄█")
"""By class: a mark in the upper half of a cell, in the lower one, in both."""
_BINS = 30
_FAR = 1.6
"""Where all values span so many times what their middle 98 % does, the rest is left out."""
_MARGIN = 0.03
_HUGE = 1e300


def preview(description: Mapping[str, Any], width: int, height: int, look: Look) -> list[Text]:
    """Draw what `data.describe` chose to show.

    Two features: rows marked by class, or by the value to predict from small and blue to full and orange. One
    feature: a histogram by class, or the value to predict against it. Nothing but images: what they look like.

    Args:
        description: with its preview, task and classes.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    shown = description.get("preview") or {}
    if shown.get("images"):
        names = [str(entry.get("label")) for entry in description.get("classes") or ()]
        return class_images(shown["images"], width, height, look, classes=names)
    xs, target = _numbers(shown.get("xs")), _numbers(shown.get("target"))
    labels = [words.clean(c["label"], ascii=look.ascii, limit=24) for c in description.get("classes") or ()]
    if not len(xs):
        return message("no rows to show", width, height, look)
    if len(target) != len(xs):
        target, labels = np.zeros(len(xs)), [""]
    ys, name = _numbers(shown.get("ys")), shown.get("y")
    if len(ys) != len(xs):
        if labels:
            weights = _numbers(shown.get("weights"))
            weights = weights if len(weights) == len(xs) else np.ones(len(xs))
            return _along((xs, target, weights), labels, str(shown.get("x", "")), (width, height), look)
        ys, name, labels = target, shown.get("of") or description.get("target"), [""]
        target = np.zeros(len(xs))
    of = str(shown.get("of") or "") if not labels else ""
    return _plane((xs, ys, target), (str(shown.get("x", "")), str(name or ""), of), labels, (width, height), look)


def _numbers(values: Any) -> Floats:
    """JSON numbers as floats, None as NaN."""
    return np.array(
        [np.nan if value is None else value for value in (values if values is not None else ())], np.float64
    )


def _along(
    of_rows: tuple[Floats, Floats, Floats], labels: list[str], name: str, size: tuple[int, int], look: Look
) -> list[Text]:
    xs, target, weights = of_rows
    known = xs[np.isfinite(xs)]
    ends = axis(known, 10)
    edges = np.linspace(ends.low, ends.high, _BINS + 1)
    groups: list[Histogram] = []
    for code, label in enumerate(labels):
        rows = target == code
        groups.append(histogram(label, xs[rows], weights[rows], edges))
    return score_histogram(groups, *size, look, x_label=name)


def _plane(
    rows: tuple[Floats, Floats, Floats],
    names: tuple[str, str, str],
    labels: list[str],
    size: tuple[int, int],
    look: Look,
) -> list[Text]:
    """Rows at the places of two features, of these names; the third is that of one target among several."""
    grid = Grid(*size, look)
    known = np.isfinite(rows[0]) & np.isfinite(rows[1]) & np.isfinite(rows[2])
    xs, ys, target = (values[known] for values in rows)
    if not len(xs):
        return message("no rows to show", *size, look)
    title = look.sign("↑ ", "^ ") + words.clean(names[1], ascii=look.ascii)
    low = grid.height <= _LOW and len(labels) == 2 and not look.ascii
    entries = _classes(labels, look, low=low) if labels else _scale(target, look, names[2])
    rows_above = 1 + (grid.height >= 16)
    brief = cut(title, max(grid.width // 3, 8), look)
    top = legend(grid, entries, title=title, short_title=brief, rows=rows_above) if grid.height >= 7 else 0
    x = linear(*_reach(xs), min(6, x_ticks_for(grid.width)), snap=False)
    y = linear(*_reach(ys), ticks_for(grid.height - top - 2), snap=False)
    frame = framed(grid, x, y, top=top, x_label=words.clean(names[0], ascii=look.ascii))
    inside = (xs >= x.low) & (xs <= x.high) & (ys >= y.low) & (ys <= y.high)
    place = _halves if low else _rows
    place(grid, frame, (xs[inside], ys[inside]), _codes(target, labels)[inside], labels)
    return grid.rows()


def _reach(values: Floats) -> tuple[float, float]:
    """The ends of an axis: close around the values, or around their middle 98 % where a few stand far off."""
    ends = np.quantile(np.clip(values, -_HUGE, _HUGE), [0, 0.01, 0.99, 1])
    low, high = ends[[0, 3]] if ends[3] / _FAR - ends[0] / _FAR <= ends[2] - ends[1] else ends[[1, 2]]
    room = _MARGIN * (high - low)
    return float(low - room), float(high + room)


def _codes(target: Floats, labels: list[str]) -> Integers:
    """Class codes, or with a value to predict its level."""
    if labels:
        return target.astype(np.int64)
    low, high = float(target.min()), float(target.max())
    return heat.levels(target, low, high) if high > low else np.full(len(target), heat.LEVELS // 2)


def _rows(grid: Grid, frame: Frame, places: tuple[Floats, Floats], codes: Integers, labels: list[str]) -> None:
    if not frame.width or not frame.height:
        return
    look = grid.look
    columns = np.minimum((frame.x.place(places[0]) * frame.width).astype(np.int64), frame.width - 1)
    heights = np.minimum((frame.y.place(places[1]) * frame.height).astype(np.int64), frame.height - 1)
    for column, row, code in zip(columns.tolist(), heights.tolist(), codes.tolist(), strict=True):
        if labels:
            mark, style = look.mark(code, max(len(labels), 2)), look.style(f"class{code % CLASSES}")
        else:
            mark, role = heat.mark(code, look)
            style = look.style(role)
        grid.put(frame.top + frame.height - 1 - row, frame.left + column, mark, style)


def _halves(grid: Grid, frame: Frame, places: tuple[Floats, Floats], codes: Integers, labels: list[str]) -> None:
    """Two classes with two rows a cell, the first as dots, the second as blocks; of a place the commoner class."""
    if not frame.width or not frame.height:
        return
    wide, high = frame.width, 2 * frame.height
    columns = np.minimum((frame.x.place(places[0]) * wide).astype(np.int64), wide - 1)
    rows = high - 1 - np.minimum((frame.y.place(places[1]) * high).astype(np.int64), high - 1)
    counts = np.zeros((len(labels), high, wide), np.int64)
    np.add.at(counts, (codes % len(labels), rows, columns), 1)
    owner = np.where(counts.any(axis=0), counts.argmax(axis=0), -1).reshape(frame.height, 2, wide)
    for code, marks in enumerate(_HALVES):
        held = owner == code
        signs = np.array(list(marks), dtype="<U1")[held[:, 0] + 2 * held[:, 1]]
        grid.paste(frame.top, frame.left, signs, np.full(signs.shape, grid.style(f"class{code}")))


def _classes(labels: list[str], look: Look, *, low: bool = False) -> list[Entry]:
    many = max(len(labels), 2)
    return [
        Entry(label, _HALVES[code][-1] if low else look.mark(code, many), role=f"class{code % CLASSES}", short=short)
        for code, (label, short) in enumerate(zip(labels, words.brief(labels), strict=True))
        if label
    ]


def _scale(target: Floats, look: Look, name: str) -> list[Entry]:
    ends = (float(target.min()), 0), (float(target.max()), heat.LEVELS - 1)
    marks = [(value, *heat.mark(level, look)) for value, level in ends]
    said = [words.number(value, ascii=look.ascii) for value, _, _ in marks]
    led = [f"{words.clean(name, ascii=look.ascii, limit=24)} {said[0]}" if name else said[0], *said[1:]]
    return [
        Entry(long, mark, role=role, short=short) for long, short, (_, mark, role) in zip(led, said, marks, strict=True)
    ]
