"""The model's answer over the plane of two features, as a heat map of half blocks with the rows on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from mltui.core.found import Support
from mltui.core.snapshot import Points, Surface
from mltui.core.table import Floats, Integers
from mltui.plots import heat, marked, resting, words
from mltui.plots.axes import Frame, framed, linear, ticks_for, x_ticks_for
from mltui.plots.canvas import DOTS_X, DOTS_Y, signs_of
from mltui.plots.grid import Grid, cut, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look
from mltui.plots.pinned import Pin, put_pins

UNDECIDED = 0.5


def surface(
    surface: Surface,
    points: Points | None,
    classes: tuple[str, ...],
    width: int,
    height: int,
    look: Look,
    *,
    support: Support | None = None,
    vote: resting.Vote | None = None,
    pins: Sequence[Pin] = (),
    truth: Surface | None = None,
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
        support: support vectors to mark too.
        vote: a row and its neighbours, which are then drawn in place of the points.
        pins: events to write at their places, over everything else.
        truth: the best answer that there can be, whose border between classes is drawn.
    """
    if not surface.values.size or not _spans(surface.extent):
        return message("no surface yet", width, height, look)
    grid = Grid(width, height, look)
    scale = _scale(surface.values, classes)
    points = points if vote is None else None
    support = support if vote is None else None
    truth = truth if classes else None
    entries = marked.class_entries(classes, points, look) if classes else marked.value_entries(*scale, look)
    entries += _beside(vote, support, truth, len(classes), look)
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
        _heat(grid, frame, surface.values, scale, len(classes))
        if truth is not None:
            _border(grid, frame, truth.values, len(classes))
        if vote is not None:
            resting.put_vote(grid, frame, vote, len(classes), scale)
        if points is not None:
            marked.draw(grid, frame, points, len(classes), scale)
        if support is not None:
            resting.put_support(grid, frame, support, len(classes))
        put_pins(grid, frame, pins)
    return grid.rows()


def _beside(
    vote: resting.Vote | None, support: Support | None, truth: Surface | None, classes: int, look: Look
) -> list[Entry]:
    """What the legend says of what is drawn beside the rows."""
    entries = [] if vote is None else [resting.vote_entry(look)]
    entries += [] if support is None else [resting.support_entry(support, look, classes)]
    if truth is not None:
        entries.append(Entry("best border", look.sign("⠤⠤", "~~"), role="strong", short="best"))
    return entries


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


def _sampled(values: Floats, rows: int, columns: int, *, smooth: bool = False) -> Floats:
    """Values for so many rows and columns, the first row at the top: the nearest, or those on the way between."""
    down = (np.arange(rows) + 0.5) / rows * values.shape[0]
    along = (np.arange(columns) + 0.5) / columns * values.shape[1]
    if not smooth:
        return np.asarray(values[::-1][down.astype(np.int64)][:, along.astype(np.int64)])
    centres_down, centres_along = (np.arange(count) + 0.5 for count in values.shape)
    wide = np.array([np.interp(along, centres_along, row) for row in values[::-1]])
    return np.array([np.interp(down, centres_down, column) for column in wide.T]).T


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


def _border(grid: Grid, frame: Frame, truth: Floats, classes: int) -> None:
    """Where the best answer goes from one class to another: dots over the colours that lie there."""
    dots_x, dots_y = (1, 1) if grid.look.ascii else (DOTS_X, DOTS_Y)
    fine = _sampled(truth, dots_y * frame.height, dots_x * frame.width, smooth=classes == 2)
    says = fine > UNDECIDED if classes == 2 else fine
    dots = np.zeros(says.shape, bool)
    dots[:-1] |= says[1:] != says[:-1]
    dots[:, :-1] |= says[:, 1:] != says[:, :-1]
    signs = np.where(dots, "~", " ") if grid.look.ascii else signs_of(dots)
    for row, column in np.argwhere(signs != " ").tolist():
        marked.put_mark(grid, frame.top + row, frame.left + column, str(signs[row, column]), None)


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
