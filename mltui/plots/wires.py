"""Lines between cells: a network's weights as wires, and polylines, drawn in dots of braille or in signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.style import Style

from mltui.core.table import Floats, Integers
from mltui.plots.canvas import DOTS_X, DOTS_Y
from mltui.plots.grid import Grid
from mltui.plots.look import Look, Role

LEVELS = 4
"""Wires are drawn in so many strengths, so that a weight that moves a little redraws nothing."""
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_SHARES = (0.38, 0.58, 0.8, 1.0)
_FAR = 1e4
"""Dots away from which a line is not followed."""
_DASH = 4
"""A wire below zero is drawn and left out in turn, for half of so many dots each."""


@dataclass(frozen=True)
class Wire:
    """A line from one cell's edge to another's.

    Attributes:
        start, end: (row, column) in cells, fractions being places within a cell.
        level: how strong, 0 to LEVELS - 1.
        positive: whether its weight is above zero.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    level: int
    positive: bool


def level(share: float) -> int:
    """The strength of a wire whose weight is this share of the largest."""
    return int(min(max(share, 0.0), 0.999) * LEVELS)


def role(positive: bool) -> Role:
    """Whose colour what is above or below zero has: the same as in the maps."""
    return "class1" if positive else "class0"


@lru_cache(maxsize=64)
def style(positive: bool, level: int, look: Look) -> Style:
    """How a wire looks: above zero in the colour of the maps' high end, below in that of the low end."""
    own = look.style(role(positive))
    if look.colours != "full" or own.color is None:
        return own + Style(dim=level < 2 or None, bold=level == LEVELS - 1 or None)
    towards, share = (18, 21, 26) if look.dark else (251, 251, 249), _SHARES[level]
    mixed = (round(share * o + (1 - share) * t) for o, t in zip(own.color.get_truecolor(), towards, strict=True))
    return Style(color=Color.from_rgb(*mixed))


def draw(grid: Grid, wires: list[Wire], top: int, left: int, height: int, width: int) -> None:
    """Draw wires within a block of cells, the later ones in front: a cell shows only the one in front."""
    if height <= 0 or width <= 0:
        return
    canvas = _Canvas(height, width, grid.look.ascii)
    for wire in wires:
        (y0, x0), (y1, x1) = wire.start, wire.end
        number = grid.style(style(wire.positive, wire.level, grid.look))
        ends = np.array([x0 - left, x1 - left]), np.array([y0 - top, y1 - top])
        sign = "." if not wire.level else "+" if wire.positive else "-"
        canvas.line(*ends, number, thick=wire.level, dashed=not wire.positive, sign=sign)
    canvas.paste(grid, top, left)


def polylines(
    grid: Grid, lines: Sequence[tuple[Floats, Floats]], top: int, left: int, height: int, width: int, style: Role
) -> None:
    """Draw lines through places in a block of cells.

    Args:
        lines: each the places' columns and rows, shape (points,), in cells from the block's left and top; what is
            outside, far away or not finite is left out.
        style: the role they have.
    """
    if height <= 0 or width <= 0 or not lines:
        return
    canvas = _Canvas(height, width, grid.look.ascii)
    for xs, ys in lines:
        canvas.line(xs, ys, grid.style(style), over=False)
    canvas.paste(grid, top, left)


class _Canvas:
    """A block of cells, each with its dots, or its sign, and its style."""

    def __init__(self, height: int, width: int, ascii: bool) -> None:
        self._fine = (1, 1) if ascii else (DOTS_Y, DOTS_X)
        self._ascii = ascii
        self._dots = np.full((height * self._fine[0], width * self._fine[1]), -1, np.int64)
        self._owner = np.full((height, width), -1, np.int64)
        self._signs = np.full((height, width), " ", dtype="<U1")
        self._styles = np.zeros((height, width), np.int64)
        self._lines = 0

    def line(
        self,
        xs: Floats,
        ys: Floats,
        style: int,
        *,
        thick: int = 0,
        dashed: bool = False,
        sign: str = ".",
        over: bool = True,
    ) -> None:
        """Draw a line, over those before it, whose dots go from its cells, or together with them."""
        down, along = self._fine
        across, upright = _sampled(xs * along, ys * down)
        if dashed and not self._ascii:
            drawn = np.arange(len(across)) % _DASH < _DASH // 2
            across, upright = across[drawn], upright[drawn]
        shifts = (0,) if self._ascii else ((0,), (0,), (0, 1), (-1, 0, 1))[thick]
        columns = np.concatenate([across] * len(shifts))
        rows = np.concatenate([upright + shift for shift in shifts])
        inside = (rows >= 0) & (rows < self._dots.shape[0]) & (columns >= 0) & (columns < self._dots.shape[1])
        rows, columns = rows[inside], columns[inside]
        cells = rows // down, columns // along
        self._lines += over
        self._owner[cells] = self._dots[rows, columns] = self._lines
        self._signs[cells], self._styles[cells] = sign, style

    def paste(self, grid: Grid, top: int, left: int) -> None:
        signs = self._signs
        if not self._ascii:
            height, width = self._owner.shape
            dots = self._dots.reshape(height, DOTS_Y, width, DOTS_X)
            own = (dots == self._owner[:, None, :, None]) & (dots >= 0)
            codes = (own * _BITS[None, :, None, :]).sum(axis=(1, 3))
            signs = np.where(codes == 0, ord(" "), codes + 0x2800).astype(np.uint32).view("<U1")
        grid.paste(top, left, signs, self._styles)


def _sampled(xs: Floats, ys: Floats) -> tuple[Integers, Integers]:
    """The dots that a line through these places passes, in their order."""
    ends = np.stack([xs[:-1], xs[1:], ys[:-1], ys[1:]])
    with np.errstate(all="ignore"):
        x0, x1, y0, y1 = ends[:, (np.abs(ends) < _FAR).all(axis=0)]
    counts = np.maximum(np.abs(x1 - x0), np.abs(y1 - y0)).astype(np.int64) + 1
    which = np.repeat(np.arange(len(counts)), counts)
    shares = (np.arange(len(which)) - (np.cumsum(counts) - counts)[which] + 0.5) / counts[which]
    columns, rows = x0[which] + shares * (x1 - x0)[which], y0[which] + shares * (y1 - y0)[which]
    return np.floor(columns).astype(np.int64), np.floor(rows).astype(np.int64)
