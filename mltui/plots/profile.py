"""Quantile bands along a variable: where the middle of the rows lies, bin by bin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.deviations import QUANTILES, Profile
from mltui.plots import words
from mltui.plots.axes import Axis, Frame, axis, framed, linear, ticks_for, x_ticks_for
from mltui.plots.grid import Grid, cut, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import Look, Role

ENOUGH = 5.0
"""A bin of fewer effective rows has no bands: its outer quantiles are single rows."""
_BANDS = (("▒", ":"), ("░", "."))
"""The inner band and the outer one, each with what stands for it in ASCII."""
_MEDIAN, _FEW = ("━", "="), ("·", "-")
_LABEL = 16


def bands(
    found: Profile,
    width: int,
    height: int,
    look: Look,
    *,
    role: Role = "validation",
    title: str = "",
    x_label: str = "",
    diagonal: bool = False,
    told: Sequence[Entry] = (),
) -> list[Text]:
    """Draw the median along the variable, shaded from 16 to 84 % and more thinly from 5 to 95 %.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        role: the part, whose colour the bands have.
        title: what is upwards, clean. x_label: the variable with its unit, clean.
        diagonal: draw the line on which both axes say the same, in place of the one at zero.
        told: numbers beside the legend.
    """
    if not (found.events > 0).any():
        return message("no rows with this variable", width, height, look)
    grid = Grid(width, height, look)
    entries = [
        *told,
        Entry("median", look.sign(*_MEDIAN) * 2, role=role),
        Entry("16 to 84 %", look.sign(*_BANDS[0]) * 2, role=role, short="16-84"),
        Entry("5 to 95 %", look.sign(*_BANDS[1]) * 2, role=role, short="5-95"),
    ]
    top = legend(grid, entries, title=title, short_title="", rows=1 + (height >= 13)) if height >= 7 else 0
    y = axis(_seen(found, diagonal), ticks_for(height - top - 2))
    frame = framed(grid, _along(found, width, look), y, top=top, x_label=x_label)
    if frame.width > 0 and frame.height > 0:
        _draw(grid, frame, found, role, diagonal)
    return grid.rows()


def _seen(found: Profile, diagonal: bool) -> Floats:
    """What the upright axis must hold: the bands, and the line that they are compared with."""
    firm = found.events >= ENOUGH
    outer = found.quantiles[[0, -1]][:, firm] if firm.any() else found.quantiles
    middle = found.quantiles[len(QUANTILES) // 2]
    return np.concatenate([outer.ravel(), middle, found.edges if diagonal else np.zeros(1)])


def _along(found: Profile, width: int, look: Look) -> Axis:
    low, high = float(found.edges[0]), float(found.edges[-1])
    if not found.labels:
        return linear(low, high, min(7, x_ticks_for(width)), snap=False)
    names = (cut(words.clean(label, ascii=look.ascii, limit=40), _LABEL, look) for label in found.labels)
    return Axis(low, high, tuple((float(place), name) for place, name in enumerate(names)))


def _draw(grid: Grid, frame: Frame, found: Profile, role: Role, diagonal: bool) -> None:
    shares = (np.arange(frame.width) + 0.5) / frame.width
    bins = np.minimum((shares * (len(found.edges) - 1)).astype(np.int64), len(found.edges) - 2)
    low, high = float(found.edges[0]), float(found.edges[-1])
    rows = _rows(found.quantiles, frame)
    line, look = _rows(low + shares * (high - low) if diagonal else np.zeros(frame.width), frame), grid.look
    for column, place in enumerate(bins.tolist()):
        x = frame.left + column
        if found.events[place] > 0:
            _column(grid, frame, rows[:, place], x, role, found.events[place] >= ENOUGH)
        y = int(line[column])
        if 0 <= y < frame.height and grid.signs[frame.top + y, x] not in (*_MEDIAN, *_FEW):
            grid.put(frame.top + y, x, look.sign("┄", "-"), "strong")


def _rows(values: Floats, frame: Frame) -> Floats:
    """The row of the canvas, from its top, of each value; outside it for what is outside."""
    shares = np.nan_to_num(frame.y.place(values), nan=-1.0, posinf=2.0, neginf=-1.0)
    return np.asarray(frame.height - 1 - np.floor(np.where(shares == 1, 1 - 1e-9, shares) * frame.height))


def _column(grid: Grid, frame: Frame, rows: Floats, x: int, role: Role, firm: bool) -> None:
    look, last = grid.look, frame.height - 1
    count = len(rows)
    for low in range(count // 2) if firm else ():  # the outer band first, the inner one over it
        begin, end = (int(np.clip(rows[place], 0, last)) for place in (count - 1 - low, low))
        for y in range(begin, end + 1):
            grid.put(frame.top + y, x, look.sign(*_BANDS[1 - low]), role)
    middle = int(rows[count // 2])
    if 0 <= middle <= last:
        grid.put(frame.top + middle, x, look.sign(*(_MEDIAN if firm else _FEW)), role if firm else "dim")
