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
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look
from mltui.plots.scores import score_histogram

_VALUES = ("·∘○◍●", ".:oO@")
"""Marks of a value to predict, from low to high."""
_BINS = 30


def preview(description: Mapping[str, Any], width: int, height: int, look: Look) -> list[Text]:
    """Draw what `data.describe` chose to show.

    Two features: rows marked by class, or by the value to predict from small and blue to full and orange. One
    feature: a histogram by class, or the value to predict against it.

    Args:
        description: with its preview, task and classes.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    shown = description.get("preview") or {}
    xs, target = _numbers(shown.get("xs")), _numbers(shown.get("target"))
    labels = [words.clean(c["label"], ascii=look.ascii, limit=24) for c in description.get("classes") or ()]
    if not len(xs):
        return message("no rows to show", width, height, look)
    if len(target) != len(xs):
        target, labels = np.zeros(len(xs)), [""]
    ys, name = _numbers(shown.get("ys")), shown.get("y")
    if len(ys) != len(xs):
        if labels:
            return _along(xs, target, labels, str(shown.get("x", "")), (width, height), look)
        ys, name, labels = target, description.get("target"), [""]
        target = np.zeros(len(xs))
    return _plane((xs, ys, target), (str(shown.get("x", "")), str(name or "")), labels, (width, height), look)


def _numbers(values: Any) -> Floats:
    """JSON numbers as floats, None as NaN."""
    return np.array(
        [np.nan if value is None else value for value in (values if values is not None else ())], np.float64
    )


def _along(xs: Floats, target: Floats, labels: list[str], name: str, size: tuple[int, int], look: Look) -> list[Text]:
    known = xs[np.isfinite(xs)]
    ends = axis(known, 10)
    edges = np.linspace(ends.low, ends.high, _BINS + 1)
    groups: list[Histogram] = []
    for code, label in enumerate(labels):
        rows = target == code
        groups.append(histogram(label, xs[rows], np.ones(int(rows.sum())), edges))
    return score_histogram(groups, *size, look, x_label=name)


def _plane(
    rows: tuple[Floats, Floats, Floats], names: tuple[str, str], labels: list[str], size: tuple[int, int], look: Look
) -> list[Text]:
    grid = Grid(*size, look)
    known = np.isfinite(rows[0]) & np.isfinite(rows[1]) & np.isfinite(rows[2])
    xs, ys, target = (values[known] for values in rows)
    if not len(xs):
        return message("no rows to show", *size, look)
    title = look.sign("↑ ", "^ ") + words.clean(names[1], ascii=look.ascii)
    entries = _classes(labels, look) if labels else _scale(target, look)
    top = legend(grid, entries, title=title, rows=max(1, grid.height // 8)) if grid.height >= 7 else 0
    x, y = axis(xs, min(6, x_ticks_for(grid.width))), axis(ys, ticks_for(grid.height - top - 2))
    frame = framed(grid, x, y, top=top, x_label=words.clean(names[0], ascii=look.ascii))
    _rows(grid, frame, (xs, ys), _codes(target, labels), labels)
    return grid.rows()


def _codes(target: Floats, labels: list[str]) -> Integers:
    """Class codes, or with a value to predict its level among the marks."""
    if labels:
        return target.astype(np.int64)
    low, high = float(target.min()), float(target.max())
    scale = linear(low, high, 3, snap=False)
    return np.clip(scale.place(target) * len(_VALUES[0]), 0, len(_VALUES[0]) - 1).astype(np.int64)


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
            mark = _VALUES[look.ascii][code]
            style = look.style(heat.block(code * (heat.LEVELS - 1) // (len(_VALUES[0]) - 1))[1])
        grid.put(frame.top + frame.height - 1 - row, frame.left + column, mark, style)


def _classes(labels: list[str], look: Look) -> list[Entry]:
    many = max(len(labels), 2)
    named = [(code, label) for code, label in enumerate(labels) if label]
    return [Entry(label, look.mark(code, many), role=f"class{code % CLASSES}") for code, label in named]


def _scale(target: Floats, look: Look) -> list[Entry]:
    ends = ((float(target.min()), 0, "class0"), (float(target.max()), -1, "class1"))
    return [
        Entry(words.number(value, ascii=look.ascii), _VALUES[look.ascii][mark], role=role) for value, mark, role in ends
    ]
