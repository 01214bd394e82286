"""The model's answer over the plane of two features, as a heat map of half blocks with the rows on top."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

from mltui.core.snapshot import Points, Surface
from mltui.core.table import Floats, Integers
from mltui.plots import heat, words
from mltui.plots.axes import Frame, framed, linear, ticks_for, x_ticks_for
from mltui.plots.grid import Grid, cut, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look, Role

_MIXING, _MIXED = 7919, 10007
"""A prime step around a larger prime: every part and class is among the first rows of this order."""
_STRIP = 9
"""The cells of a regression's scale."""
_CROWDED = 12
"""One cell in so many may hold a point, so that the surface stays visible under them."""


def surface(
    surface: Surface, points: Points | None, classes: tuple[str, ...], width: int, height: int, look: Look
) -> list[Text]:
    """Draw the surface, its features on the axes and its scale in the legend.

    Two classes: blue towards the first, orange towards the second, the background's tone where the model is
    undecided. Many classes: each in its colour. Regression (no classes): blue low, orange high. In 16 colours denser
    signs are surer; without colour denser signs are higher. Points are marked by class and part, or by the value to
    predict from small and blue to full and orange; of many, some are shown, always the same.

    Args:
        surface: the grid of answers; what is not a number stays blank.
        points: rows to draw on top, or None.
        classes: the labels; empty for a regression.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    if not surface.values.size or not _spans(surface.extent):
        return message("no surface yet", width, height, look)
    grid = Grid(width, height, look)
    low, high = _scale(surface.values, classes)
    entries = _classes(classes, points, look) if classes else _values(low, high, look)
    name = words.clean(surface.y, ascii=look.ascii)
    rows_above = 1 + (height >= 13 and len(classes) > 2)
    title = look.sign("↑ ", "^ ") + name
    brief = cut(title, max(width // 3, 8), look)
    top = legend(grid, entries, title=title, short_title=brief, rows=rows_above) if height >= 7 else 0
    x_low, x_high, y_low, y_high = surface.extent
    x = linear(x_low, x_high, min(6, x_ticks_for(width)), snap=False)
    y = linear(y_low, y_high, ticks_for(height - top - 2), snap=False)
    frame = framed(grid, x, y, top=top, x_label=words.clean(surface.x, ascii=look.ascii))
    if frame.width and frame.height:
        _heat(grid, frame, surface.values, (low, high), len(classes))
        if points is not None:
            _points(grid, frame, points, len(classes), (low, high))
    return grid.rows()


def _spans(extent: tuple[float, float, float, float]) -> bool:
    return bool(np.isfinite(extent).all() and extent[1] > extent[0] and extent[3] > extent[2])


def _scale(values: Floats, classes: tuple[str, ...]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if classes or not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if low < 0 < high:
        high = max(-low, high)
        low = -high
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _classes(classes: tuple[str, ...], points: Points | None, look: Look) -> list[Entry]:
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


def _values(low: float, high: float, look: Look) -> list[Entry]:
    """The scale: a strip from the lowest to the highest value."""
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


def _sampled(values: Floats, rows: int, columns: int) -> Floats:
    """The nearest values for so many rows and columns, the first row at the top."""
    down = ((np.arange(rows) + 0.5) / rows * values.shape[0]).astype(np.int64)
    along = ((np.arange(columns) + 0.5) / columns * values.shape[1]).astype(np.int64)
    return np.asarray(values[::-1][down][:, along])


def _heat(grid: Grid, frame: Frame, values: Floats, scale: tuple[float, float], classes: int) -> None:
    look = grid.look
    plain = look.ascii or look.colours != "full"
    rows = frame.height if plain else 2 * frame.height
    sampled = _sampled(values, rows, frame.width)
    many = classes > 2
    if many:
        codes = np.where(np.isfinite(sampled), np.nan_to_num(sampled), -1).astype(np.int64)
    else:
        codes = heat.levels(sampled, *scale)
    if plain:
        _plain(grid, frame, codes, many)
    else:
        _blocks(grid, frame, codes, many)


def _blocks(grid: Grid, frame: Frame, codes: Integers, many: bool) -> None:
    """Upper half blocks: the foreground is the upper half's colour, the background the lower's."""
    base = int(codes.max()) + 2
    pairs = (codes[0::2] + 1) * base + codes[1::2] + 1
    found, inverse = np.unique(pairs, return_inverse=True)
    styles = []
    for pair in found.tolist():
        upper, lower = pair // base - 1, pair % base - 1
        style = heat.class_halves(upper, lower, grid.look) if many else heat.halves(upper, lower, grid.look.dark)
        styles.append(grid.style(style))
    grid.paste(
        frame.top,
        frame.left,
        np.full((frame.height, frame.width), "▀", dtype="<U1"),
        np.array(styles)[inverse.reshape(pairs.shape)],
    )
    nothing = (codes[0::2] < 0) & (codes[1::2] < 0)
    grid.signs[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width][nothing] = " "


def _plain(grid: Grid, frame: Frame, codes: Integers, many: bool) -> None:
    look = grid.look
    found, inverse = np.unique(codes, return_inverse=True)
    signs, styles = [], []
    for code in found.tolist():
        sign, role = _area(code, look) if many else heat.block(code)
        if not many and (look.ascii or look.colours == "none"):
            sign = heat.ramp(code, look)
        signs.append(sign)
        styles.append(grid.style(role))
    places = inverse.reshape(codes.shape)
    grid.paste(frame.top, frame.left, np.array(signs, dtype="<U1")[places], np.array(styles)[places])


def _area(code: int, look: Look) -> tuple[str, str]:
    """The texture of a class's area among many."""
    textures = " .:-=+~^'`" if look.ascii else " ░▒▓·∙╱╲┼─"
    return (" ", "") if code < 0 else (textures[code % CLASSES], f"class{code % CLASSES}")


def _points(grid: Grid, frame: Frame, points: Points, classes: int, scale: tuple[float, float]) -> None:
    xs, ys = frame.x.place(points.x), frame.y.place(points.y)
    inside = np.flatnonzero((xs >= 0) & (xs < 1) & (ys >= 0) & (ys < 1))
    inside = inside[np.argsort(inside * _MIXING % _MIXED, kind="stable")]
    columns = (xs[inside] * frame.width).astype(np.int64)
    rows = frame.height - 1 - (ys[inside] * frame.height).astype(np.int64)
    _, first = np.unique(rows * frame.width + columns, return_index=True)
    room = max(1, frame.width * frame.height // _CROWDED)
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


@lru_cache(maxsize=4096)
def _point_style(look: Look, role: Role, under: Color | None, underline: bool) -> Style:
    return look.style(role) + Style(bold=True, underline=underline or None, bgcolor=under)
