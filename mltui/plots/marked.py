"""Rows of the data as marks on a picture, by class and part or by the value to predict, and what the marks mean."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.style import Style

from mltui.core.snapshot import Points
from mltui.plots import heat, words
from mltui.plots.axes import Frame
from mltui.plots.grid import Grid
from mltui.plots.legend import Entry
from mltui.plots.look import CLASSES, Look, Role

_MIXING, _MIXED = 7919, 10007
"""A prime step around a larger prime: every part and class is among the first rows of this order."""
_STRIP = 9
"""The cells of a regression's scale."""
CROWDED = 12
"""One cell in so many may hold a point, so that what lies under them stays visible."""


def class_entries(classes: tuple[str, ...], points: Points | None, look: Look) -> list[Entry]:
    """The legend of rows of classes."""
    many = len(classes)
    names = [words.clean(label, ascii=look.ascii, limit=24) for label in classes]
    short = words.brief(names)
    entries = [
        Entry(name, look.mark(code, many), role=f"class{code % CLASSES}", short=short[code])
        for code, name in enumerate(names)
    ]
    if points is not None and (points.part == 1).any():
        if many <= 2:
            marks = "".join(look.mark(code, many, validation=True) for code in range(many))
            return [*entries, Entry("validation", marks, short="valid.")]
        note = look.sign("underlined: validation", "letters: validation")
        return [*entries, Entry(note, short=look.sign("underlined: valid.", "letters: valid."))]
    return entries


def value_entries(low: float, high: float, look: Look) -> list[Entry]:
    """The legend of a regression: a strip from the lowest to the highest value."""
    signs, styles = [], []
    for level in np.linspace(0, heat.LEVELS - 1, _STRIP).round().astype(int).tolist():
        sign, role = heat.block(level)
        style = look.style(role or "label")
        if look.ascii or look.colours == "none":
            sign, style = heat.ramp(level, look), look.style("label")
        elif look.colours == "full":
            sign, style = " ", heat.halves(level, level, look.dark)
        signs.append(sign)
        styles.append(style)
    ends = [words.number(value, ascii=look.ascii) for value in (low, high)]
    return [
        Entry(
            ends[1],
            "".join([f"{ends[0]} ", *signs]),
            styles=(look.style("label"),) * (len(ends[0]) + 1) + tuple(styles),
        )
    ]


def draw(
    grid: Grid, frame: Frame, points: Points, classes: int, scale: tuple[float, float], crowded: int = CROWDED
) -> None:
    """Mark rows at their places by class and part, or by the value to predict; of many some, always the same.

    Args:
        classes: how many there are; 0 for a regression.
        scale: the lowest and the highest value of a regression.
        crowded: one cell in so many may hold a point.
    """
    xs, ys = frame.x.place(points.x), frame.y.place(points.y)
    inside = np.flatnonzero((xs >= 0) & (xs < 1) & (ys >= 0) & (ys < 1))
    inside = inside[np.argsort(inside * _MIXING % _MIXED, kind="stable")]
    columns = (xs[inside] * frame.width).astype(np.int64)
    rows = frame.height - 1 - (ys[inside] * frame.height).astype(np.int64)
    _, first = np.unique(rows * frame.width + columns, return_index=True)
    room = max(1, frame.width * frame.height // crowded)
    for place in np.sort(first)[:room].tolist():
        number = inside[place]
        target = points.target[number]
        row, column = frame.top + int(rows[place]), frame.left + int(columns[place])
        if classes:
            _point(grid, row, column, int(target), classes, bool(points.part[number] == 1))
        else:
            _value(grid, row, column, float(target), scale)


def _value(grid: Grid, row: int, column: int, value: float, scale: tuple[float, float]) -> None:
    """A row of a regression: its mark says its value, as in the picture of the data."""
    look = grid.look
    level = int(heat.levels(np.array([value]), *scale)[0])
    if level >= 0:
        mark, role = heat.mark(level, look)
        under = grid.palette(row, column).bgcolor if look.colours == "full" else None
        grid.put(row, column, mark, _point_style(look, role, under, False))


def _point(grid: Grid, row: int, column: int, code: int, classes: int, validation: bool) -> None:
    look = grid.look
    under = grid.palette(row, column).bgcolor if look.colours == "full" else None
    style = _point_style(look, f"class{code % CLASSES}", under, validation and classes > 2)
    grid.put(row, column, look.mark(code, max(classes, 2), validation=validation), style)


def put_mark(grid: Grid, row: int, column: int, sign: str, code: int | None) -> None:
    """Put a sign over what lies in a cell, in the colour of a class, or the strongest there is."""
    look = grid.look
    under = grid.palette(row, column).bgcolor if look.colours == "full" else None
    role = "strong" if code is None else f"class{code % CLASSES}"
    grid.put(row, column, sign, _point_style(look, role, under, False))


@lru_cache(maxsize=4096)
def _point_style(look: Look, role: Role, under: Color | None, underline: bool) -> Style:
    return look.style(role) + Style(bold=True, underline=underline or None, bgcolor=under)
