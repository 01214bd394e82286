"""A neuron as a small picture: the map of what it computes, or, where there is none, how strong its weights are."""

from __future__ import annotations

import math

import numpy as np

from mltui.core.table import Floats, Integers
from mltui.plots import heat, words
from mltui.plots.grid import Grid, cells
from mltui.plots.wires import role


def tile(
    grid: Grid,
    place: tuple[int, int, int, int],
    values: Floats,
    scale: tuple[float, float],
    *,
    tight: bool = False,
    code: int | None = None,
) -> None:
    """Draw a map, its first row lowest, in the colours of the decision surface.

    A map that is nowhere a number says so, and one that is in the middle of its scale everywhere, too.

    Args:
        place: (row, column, height, width) in cells.
        values: shape (rows, columns), any numbers.
        scale: the low and the high end of the colours.
        tight: whether half of the last row stays empty, where another tile follows without a gap.
        code: the class whose colour it has, from nothing at the low end; None for the colours of two ends.
    """
    height, width = place[2:]
    look = grid.look
    plain = look.ascii or look.colours != "full"
    codes = heat.levels(_resampled(values, height if plain else 2 * height, width), *scale)
    if not (codes >= 0).any():
        _said(grid, place, "NaN", "bad")
        return
    if plain:
        _plain(grid, place, codes, code)
    else:
        if tight:
            codes[-1] = -1
        _blocks(grid, place, codes, code)
    if scale[0] == -scale[1] and (np.abs(codes[codes >= 0] - heat.LEVELS // 2) < 1).all():
        _said(grid, place, look.sign("≈0", "~0"), "dim")


def bar(grid: Grid, place: tuple[int, int, int, int], share: float | None, positive: bool) -> None:
    """Draw a bar in the middle row of a place: a share of its width, in the colour of a sign; a mark where unknown."""
    top, left, height, width = place
    look, row = grid.look, top + (height - 1) // 2
    if share is None or not math.isfinite(share):
        grid.put(row, left + (width - 1) // 2, look.sign("●", "o"), "label")
        return
    filled = max(1, round(max(0.0, min(share, 1.0)) * width))
    column = grid.put(row, left, look.sign("━", "=") * filled, role(positive))
    grid.put(row, column, look.sign("─", "-") * (width - filled), "axis")


def source(grid: Grid, place: tuple[int, int, int, int], name: str) -> None:
    """Draw an input that has no map: its name, already clean, and a mark where its wires begin."""
    top, left, height, width = place
    row, mark = top + (height - 1) // 2, left + width - 1
    grid.put(row, mark - 1 - cells(name), name, "label")
    grid.put(row, mark, grid.look.sign("●", "o"), "label")


def snapped(largest: float) -> float:
    """The next of 1, 2 and 5 times a power of ten, so that a scale seldom moves; 1 for what is no size."""
    if not math.isfinite(largest) or not 1e-30 < largest < 1e30:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= largest * (1 - 1e-9)), 10 * power)


def _resampled(values: Floats, rows: int, columns: int) -> Floats:
    """Values between the nearest ones for so many rows and columns, the first row at the top."""
    down, down_share = _between(rows, values.shape[0])
    along, along_share = _between(columns, values.shape[1])
    with np.errstate(all="ignore"):
        values = np.clip(values, -1e300, 1e300)
        beside = values[:, along[0]] * (1 - along_share) + values[:, along[1]] * along_share
        mixed = beside[down[0]] * (1 - down_share[:, None]) + beside[down[1]] * down_share[:, None]
    return np.asarray(mixed[::-1])


def _between(count: int, size: int) -> tuple[tuple[Integers, Integers], Floats]:
    places = np.clip((np.arange(count) + 0.5) / count * size - 0.5, 0, size - 1)
    low = places.astype(np.int64)
    return (low, np.minimum(low + 1, size - 1)), places - low


def _blocks(grid: Grid, place: tuple[int, int, int, int], codes: Integers, code: int | None) -> None:
    """Upper half blocks, as in the decision surface."""
    top, left, height, width = place
    styles = np.zeros((height, width), np.int64)
    for row in range(height):
        for column in range(width):
            pair = int(codes[2 * row, column]), int(codes[2 * row + 1, column])
            own = heat.halves(*pair, grid.look.dark) if code is None else heat.tinted(*pair, code, grid.look)
            styles[row, column] = grid.style(own)
    grid.paste(top, left, np.full((height, width), "▀", dtype="<U1"), styles)


def _plain(grid: Grid, place: tuple[int, int, int, int], codes: Integers, code: int | None) -> None:
    """Signs, denser towards the ends of the scale, or without colour towards the high end; blanks are dotted."""
    look = grid.look
    without = look.ascii or look.colours == "none"
    for row in range(place[2]):
        for column in range(place[3]):
            found = int(codes[row, column])
            sign, own = heat.block(found) if code is None else (heat.ramp(found, look), f"class{code}")
            sign = heat.ramp(found, look) if without else sign
            if sign == " ":
                sign, own = look.sign("·", "."), "dim"
            grid.put(place[0] + row, place[1] + column, sign, own)


def _said(grid: Grid, place: tuple[int, int, int, int], text: str, style: str) -> None:
    top, left, height, width = place
    if width >= len(text):
        shown = words.clean(text, ascii=grid.look.ascii)
        grid.put(top + (height - 1) // 2, left + (width - len(shown)) // 2, shown, style)
