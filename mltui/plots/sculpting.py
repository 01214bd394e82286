"""Mass sculpting: the background's shape in a variable, all of it and what passes cuts on the score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.sculpting import Sculpting, Slice
from mltui.plots import words
from mltui.plots.axes import Frame, axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.canvas import Stroke, draw
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look, Role
from mltui.plots.table import Column, put_table

_LEAST = 9
"""Rows that the histogram keeps before the table has any."""
_FILL = ("·", ".")
_FEWEST, _A_BIN = 10, 3
"""Bins are taken together while there are more than so many, and they have fewer cells than that."""


def sculpting(found: Sculpting, width: int, height: int, look: Look, *, variable: str, of: str) -> list[Text]:
    """Draw the outlines as densities, and below them how far each slice is from the whole.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        variable: its name with its unit, clean.
        of: whose rows they are, such as background; clean.
    """
    whole = found.slices[0]
    if not whole.efficiency:
        return message(f"no {of} with this variable", width, height, look)
    rows = len(found.slices)
    tabled = rows if height - rows >= _LEAST else 0
    picture = _outlines(found, width, height - tabled, look, variable, of)
    if tabled:
        grid = Grid(width, tabled, look)
        put_table(grid, _columns(found.slices[1:], look))
        picture += grid.rows()
    return picture


def _outlines(found: Sculpting, width: int, height: int, look: Look, variable: str, of: str) -> list[Text]:
    """All as a textured hill, each slice as a line with its marks: they differ without colours too."""
    grid = Grid(width, height, look)
    factor = _merging(len(found.edges) - 1, width)
    edges, (whole, *cut) = found.edges[::factor], [_density(one, found.edges, factor) for one in found.slices]
    entries = [Entry(f"all {of}", look.sign(*_FILL) * 2, role="dim", short="all")]
    for place, one in enumerate(found.slices[1:]):
        entries.append(Entry(name(one, of), look.sign("─", "-") + _mark(place, look), role=_role(place)))
    top = legend(grid, entries, title="density", short_title="", rows=1 + (height >= 13)) if height >= 7 else 0
    y = axis(np.concatenate([whole, *cut]), ticks_for(height - top - 2), zero=True)
    x = linear(float(edges[0]), float(edges[-1]), min(7, x_ticks_for(width)), snap=False)
    frame = framed(grid, x, y, top=top, x_label=variable)
    if frame.width <= 0 or frame.height <= 0:
        return grid.rows()
    strokes = [Stroke(*_steps(edges, whole, frame), "label", None, "=")]
    for place, heights in enumerate(cut):
        role = _role(place)
        strokes.append(Stroke(*_steps(edges, heights, frame), role, look.dash(role), "."))
    draw(grid, frame, strokes)
    _fill(grid, frame, edges, whole)
    for place, heights in enumerate(cut):
        _put_marks(grid, frame, heights, place)
    return grid.rows()


def _merging(bins: int, width: int) -> int:
    """How many bins to take together so that each has room for its marks."""
    factor = 1
    while bins % (2 * factor) == 0 and bins // factor > max(_FEWEST, width // _A_BIN):
        factor *= 2
    return factor


def _density(one: Slice, edges: Floats, factor: int) -> Floats:
    sums = one.sums.reshape(-1, factor).sum(axis=1)
    area = float(sums.sum()) * factor * float(edges[1] - edges[0])
    return np.maximum(sums / area, 0.0) if area > 0 else np.zeros_like(sums)


def _steps(edges: Floats, heights: Floats, frame: Frame) -> tuple[Floats, Floats]:
    ys = np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
    return frame.x.place(np.repeat(edges, 2)), frame.y.place(ys)


def _fill(grid: Grid, frame: Frame, edges: Floats, heights: Floats) -> None:
    """Texture the empty cells under the outline."""
    of_column = ((np.arange(frame.width) + 0.5) / frame.width * (len(edges) - 1)).astype(np.int64)
    tops = frame.y.place(heights)[of_column] * frame.height
    level = np.arange(frame.height)[::-1, None] + 0.5
    block = np.s_[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    under = (grid.signs[block] == " ") & (tops[None, :] > level)
    grid.signs[block][under] = grid.look.sign(*_FILL)
    grid.styles[block][under] = grid.style("dim")


def _put_marks(grid: Grid, frame: Frame, heights: Floats, place: int) -> None:
    """A mark in the middle of each bin, a little to the side for each slice, so that none hides another."""
    bins = len(heights)
    for number, height in enumerate(heights.tolist()):
        row = frame.row(height)
        if row == frame.top + frame.height - 1:
            continue  # next to nothing, where marks would hide the axis
        at = frame.left + int((number + (place + 1) / 4) / bins * frame.width)
        if row is not None and height > 0:
            style = grid.look.style(_role(place)) + grid.look.style("strong")
            grid.put(row, min(at, frame.left + frame.width - 1), _mark(place, grid.look), style)


def _mark(place: int, look: Look) -> str:
    return look.mark(place + 1, CLASSES)


def _role(place: int) -> Role:
    return f"class{(place + 1) % CLASSES}"


def name(one: Slice, of: str) -> str:
    """What a slice is called.

    >>> from dataclasses import replace
    >>> import numpy as np
    >>> part = Slice(0.05, 0.05, 0.7, np.ones(1), np.ones(1), 1.0, 0.1, 0.01, 0.2)
    >>> name(part, "background"), name(replace(part, share=1.0), "background")
    ('top 5 %', 'all background')
    """
    return f"all {of}" if one.share >= 1 else f"top {100 * one.share:g} %"


def _columns(slices: Sequence[Slice], look: Look) -> list[Column]:
    def said(values: Sequence[float | None], decimals: int = 3) -> tuple[str, ...]:
        return tuple(words.fixed(value, decimals, ascii=look.ascii) for value in values)

    roles: tuple[Role, ...] = tuple(_role(place) for place in range(len(slices)))
    strong = tuple("strong" if _sculpted(one) else "label" for one in slices)
    return [
        Column("by score", tuple(f"{_mark(n, look)} {name(one, '')}" for n, one in enumerate(slices)), roles=roles),
        Column("score from", said([one.threshold for one in slices]), keep=1, short="from"),
        Column(look.sign("ε_B", "eff"), said([one.efficiency for one in slices]), keep=2),
        Column("events", tuple(words.amount(one.events, ascii=look.ascii) for one in slices), keep=3),
        Column("JSD [bit]", said([one.divergence for one in slices], 4), roles=strong, keep=9, short="JSD"),
        Column("by chance", said([one.by_chance for one in slices], 4), keep=8, short="chance"),
        Column("KS distance", said([one.distance for one in slices]), keep=5, short="KS"),
    ]


def _sculpted(one: Slice) -> bool:
    """Whether the shape differs by far more than chance would have it."""
    return one.divergence is not None and one.by_chance is not None and one.divergence > 3 * one.by_chance
