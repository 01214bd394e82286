"""Lines and points to signs in cells: lines by plotext, in the one function that knows it, clouds of points by bits."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.plots.axes import Frame
from mltui.plots.grid import Grid, Signs, Styles
from mltui.plots.look import Look, Role

DOTS_X, DOTS_Y = 2, 4
"""The dots of one braille cell."""
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""By row from the top and column, the bit of a dot in a braille sign (Unicode 17.0, 4.21 Braille Patterns)."""
_FIRST_COLOUR = 16
_LOCK = threading.Lock()
_STEEP = 1.5
"""A dashed line, not a dotted one, that climbs more than so many dots for each dot of a gap is drawn there."""
_KEPT = 12
"""So many canvases are remembered: more than panes are ever in sight."""
_DRAWN: dict[Hashable, tuple[Signs, Styles]] = {}


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line to draw, in shares of the canvas.

    Attributes:
        xs, ys: shape (points,): 0 to 1 from the left and from the bottom. What is not finite is left out; what lies
            outside is drawn on the edge.
        role: whose style it has.
        dash: dots drawn and left out in turn along x; None draws all.
        sign: what it is drawn with in ASCII.
    """

    xs: Floats
    ys: Floats
    role: Role
    dash: tuple[int, int] | None = None
    sign: str = "*"


def draw(grid: Grid, frame: Frame, strokes: Sequence[Stroke]) -> None:
    """Draw lines on the frame's canvas, later ones over earlier ones."""
    if frame.width <= 0 or frame.height <= 0 or not strokes:
        return
    signs, owners = _remembered(strokes, frame.width, frame.height, grid.look)
    styles = np.array([0, *(grid.style(stroke.role) for stroke in strokes)])
    grid.paste(frame.top, frame.left, signs, styles[owners + 1])


def scatter(grid: Grid, frame: Frame, xs: Floats, ys: Floats, role: Role) -> None:
    """Draw points on the frame's canvas, any number of them; those outside are left out.

    Args:
        grid: to draw on.
        frame: where.
        xs: shape (points,), shares of the canvas from the left.
        ys: shape (points,), shares from the bottom.
        role: whose style they have.
    """
    inside = (xs >= 0) & (xs <= 1) & (ys >= 0) & (ys <= 1)
    if not inside.any() or frame.width <= 0 or frame.height <= 0:
        return
    columns = np.minimum((xs[inside] * frame.width * DOTS_X).astype(np.int64), frame.width * DOTS_X - 1)
    rows = frame.height * DOTS_Y - 1 - (ys[inside] * frame.height * DOTS_Y).astype(np.int64)
    dots = np.zeros((frame.height * DOTS_Y, frame.width * DOTS_X), np.int64)
    dots[np.maximum(rows, 0), columns] = 1
    if grid.look.ascii:
        block = dots.reshape(frame.height, DOTS_Y, frame.width, DOTS_X)
        signs: Signs = np.array([" ", ".", ":", "+", "#"])[
            np.minimum(block.sum(axis=(1, 3)), 7) // 2 + block.any(axis=(1, 3))
        ]
    else:
        signs = signs_of(dots)
    grid.paste(frame.top, frame.left, signs, np.full(signs.shape, grid.style(role)))


def signs_of(dots: NDArray[np.generic]) -> Signs:
    """Dots, shape (4 rows, 2 columns), as signs of braille, shape (rows, columns)."""
    rows, columns = dots.shape
    block = dots.astype(np.int64).reshape(rows // DOTS_Y, DOTS_Y, columns // DOTS_X, DOTS_X)
    codes = (block * _BITS[None, :, None, :]).sum(axis=(1, 3))
    return np.where(codes == 0, ord(" "), codes + 0x2800).astype(np.uint32).view("<U1")


def whiskers(grid: Grid, frame: Frame, xs: Floats, lows: Floats, highs: Floats, role: Role) -> None:
    """Draw upright lines, such as the errors of a histogram's bins, leaving the lines that are there to be seen.

    Args:
        grid: to draw on.
        frame: where.
        xs: shape (lines,), shares of the canvas from the left.
        lows, highs: shape (lines,), shares from the bottom; what is not finite is left out.
        role: whose style they have.
    """
    if grid.look.ascii or frame.width <= 0 or frame.height <= 0:
        return
    tall = frame.height * DOTS_Y
    known = np.isfinite(xs) & np.isfinite(lows) & np.isfinite(highs) & (xs >= 0) & (xs <= 1)
    dots = np.zeros((tall, frame.width * DOTS_X), np.int64)
    first, last = (_dots(ends[known], tall).astype(np.int64) for ends in (lows, highs))
    for x, low, high in zip(_dots(xs[known], frame.width * DOTS_X).astype(np.int64), first, last, strict=True):
        if high > low:
            dots[tall - 1 - high : tall - low, x] = 1
    codes = (dots.reshape(frame.height, DOTS_Y, frame.width, DOTS_X) * _BITS[None, :, None, :]).sum(axis=(1, 3))
    block = np.s_[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    there = grid.signs[block].astype("<U1").view(np.uint32).reshape(codes.shape).astype(np.int64) - 0x2800
    lines = (there > 0) & (there < 0x100) & (codes > 0)
    drawn = np.where(codes > 0, codes + 0x2800, ord(" "))
    drawn[lines] = (codes[lines] | there[lines]) + 0x2800
    signs = drawn.astype(np.uint32).view("<U1")
    grid.paste(frame.top, frame.left, signs, np.where(lines, grid.styles[block], grid.style(role)))


def _remembered(strokes: Sequence[Stroke], width: int, height: int, look: Look) -> tuple[Signs, Styles]:
    """The same lines again cost nothing, so that a mark over them, as a threshold or a cursor, moves at once."""
    lines = tuple((stroke.xs.tobytes(), stroke.ys.tobytes(), stroke.dash, stroke.sign) for stroke in strokes)
    key = (lines, width, height, look.ascii)
    drawn = _DRAWN.get(key)
    if drawn is None:
        drawn = _DRAWN[key] = _plotext(strokes, width, height, look)
        with _LOCK:
            for old in list(_DRAWN)[:-_KEPT]:
                _DRAWN.pop(old, None)
    return drawn


def _plotext(strokes: Sequence[Stroke], width: int, height: int, look: Look) -> tuple[Signs, Styles]:
    """Draw strokes with plotext: clear, build, return the signs and, by cell, the stroke they belong to (-1 for none).

    plotext 6.1.0 aborts the process on a NaN and on numbers far outside its limits (std::bad_alloc in its compiled
    part), so it only ever sees the centres of dots inside the canvas. Its figure is global: one thread at a time.
    """
    import plotext

    dots_x, dots_y = (1, 1) if look.ascii else (DOTS_X, DOTS_Y)
    with _LOCK:
        plotext.terminal.limit(False, False)
        figure = plotext.figure
        figure.clear()
        figure.plot_size(width, height)
        figure.axes(False)
        figure.legend(False)
        figure.canvas("default")
        for number, stroke in enumerate(strokes):
            xs, ys, starts = _runs(stroke, width * dots_x, height * dots_y, look)
            pixel = plotext.pixel(_FIRST_COLOUR + number)
            marker = plotext.marker(stroke.sign if look.ascii else "braille", pixel=pixel)
            signal = figure.signal((xs / (width * dots_x)).tolist(), (ys / (height * dots_y)).tolist(), marker=marker)
            signal.lines()
            for start in starts:
                signal.line(start, False)
            figure.draw(signal)
        for side in "xy":
            ruler = figure.ruler(side)
            ruler.frequency(0)
            ruler.alignment(lim="edge")
            ruler.lim(0, 1)
        drawn = figure.build().string()
    return _read(drawn, width, height)


def _read(drawn: str, width: int, height: int) -> tuple[Signs, Styles]:
    """The signs and colours of plotext's text, whose only escape codes are colours by number and resets."""
    signs: Signs = np.full((height, width), " ", dtype="<U1")
    owners = np.full((height, width), -1, np.int64)
    for row, line in enumerate(drawn.split("\n")[:height]):
        column, owner = 0, -1
        for piece in line.split("\x1b["):
            code, mark, text = piece.partition("m")
            if not mark or not all(part.isdigit() for part in code.split(";")):
                code, text = "", piece
            if code:
                owner = int(code.rsplit(";", 1)[1]) - _FIRST_COLOUR if code.startswith("38;5;") else -1
            text = text[: width - column]
            if text:
                signs[row, column : column + len(text)] = list(text)
                owners[row, column : column + len(text)] = owner
                column += len(text)
    return signs, owners


def _runs(stroke: Stroke, columns: int, rows: int, look: Look) -> tuple[Floats, Floats, list[int]]:
    """The stroke in dots, each at its centre, and where a new run begins after a gap."""
    known = np.isfinite(stroke.xs) & np.isfinite(stroke.ys)
    xs = _dots(stroke.xs[known], columns)
    ys = _dots(stroke.ys[known], rows)
    kept = _moving(xs, ys)
    xs, ys = xs[kept], ys[kept]
    if stroke.dash is None or look.ascii or len(xs) < 2:
        return xs, ys, []
    return _dashed(xs, ys, stroke.dash)


def _dots(shares: Floats, count: int) -> Floats:
    return np.asarray(np.floor(np.clip(shares, 0, 1 - 1e-9) * count) + 0.5)


def _moving(xs: Floats, ys: Floats) -> NDArray[np.bool_]:
    """Which points are on another dot than the one before."""
    moved = np.ones(len(xs), bool)
    moved[1:] = (np.diff(xs) != 0) | (np.diff(ys) != 0)
    return moved


def _dashed(xs: Floats, ys: Floats, dash: tuple[int, int]) -> tuple[Floats, Floats, list[int]]:
    """Cut a line into dashes by columns: the runs one after the other, and where each but the first begins.

    What the eye would miss in a gap is drawn too: where the line falls or rises far, and its two ends. Columns, not
    the way along the line, decide, so that one more point leaves every other dash where it is.
    """
    order = np.argsort(xs, kind="stable")
    xs, ys = xs[order], ys[order]
    drawn, period = dash[0], sum(dash)
    starts = np.arange(xs[0] // period, xs[-1] // period + 1) * period + 0.5
    lows = np.concatenate([[xs[0]], starts, starts + drawn - 1, [xs[-1] - 1]])
    highs = np.concatenate([[xs[0] + 1], starts + drawn - 1, starts + period, [xs[-1]]])
    gap = np.repeat([False, True, False], [1 + len(starts), len(starts), 1])
    inside = (lows <= xs[-1]) & (highs >= xs[0])
    order = np.flatnonzero(inside)[np.argsort(lows[inside], kind="stable")]
    pieces = _pieces(xs, ys, np.clip(lows, xs[0], xs[-1])[order], np.clip(highs, xs[0], xs[-1])[order])
    least = _STEEP * dash[1] if drawn > 1 else np.inf
    kept = [
        piece for piece, between in zip(pieces, gap[order].tolist(), strict=True)
        if not between or piece[1].max() - piece[1].min() > least
    ]  # fmt: skip
    lengths = np.cumsum([len(piece[0]) for piece in kept])[:-1].tolist()
    return np.concatenate([piece[0] for piece in kept]), np.concatenate([piece[1] for piece in kept]), lengths


def _pieces(xs: Floats, ys: Floats, lows: Floats, highs: Floats) -> Iterator[tuple[Floats, Floats]]:
    """The parts of a line between pairs of columns, their ends worked out where it has no points there."""
    left, right = np.searchsorted(xs, lows, "left").tolist(), np.searchsorted(xs, highs, "right").tolist()
    ends_x = np.stack([lows, highs], axis=1)
    ends_y = np.floor(np.interp(ends_x, xs, ys)) + 0.5
    for number, (first, last) in enumerate(zip(left, right, strict=True)):
        if last - first >= 2 and xs[first] == lows[number] and xs[last - 1] == highs[number]:
            yield xs[first:last], ys[first:last]
            continue
        yield (
            np.concatenate([ends_x[number, :1], xs[first:last], ends_x[number, 1:]]),
            np.concatenate([ends_y[number, :1], ys[first:last], ends_y[number, 1:]]),
        )
