"""Events that are followed, as letters in a picture; and the stretch of an axis that is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mltui.plots.axes import Frame
from mltui.plots.grid import Grid
from mltui.plots.marked import put_mark

SPAN = "▔", "="
"""What lies along a marked stretch, and what stands for it in ASCII."""


@dataclass(frozen=True)
class Pin:
    """A followed event: its letter and where it stands in the picture; y is left out where only x means something."""

    letter: str
    x: float
    y: float | None = None


def put_pins(grid: Grid, frame: Frame, pins: Sequence[Pin]) -> None:
    """Write the letters over what lies there: at their places, or at the foot, those of one column upon each other."""
    stacked: dict[int, int] = {}
    for pin in pins:
        column = frame.column(pin.x)
        if column is None:
            continue
        row = None if pin.y is None else frame.row(pin.y)
        if pin.y is None:
            row = frame.top + frame.height - 1 - stacked.get(column, 0)
            stacked[column] = stacked.get(column, 0) + 1
        if row is not None and row >= frame.top:
            put_mark(grid, row, column, pin.letter, None)


def put_span(grid: Grid, frame: Frame, low: float, high: float) -> None:
    """Mark a stretch of the x axis along the upper edge of the canvas and at its two ends."""
    first, last = frame.column(low), frame.column(high)
    if first is None or last is None:
        return
    last = max(first, last - (last > first))
    sign = grid.look.sign(*SPAN)
    for column in range(first, last + 1):
        grid.put(frame.top, column, sign, "accent")
        if column in (first, last):
            for row in range(frame.top + 1, frame.top + frame.height):
                if grid.signs[row, column] == " ":
                    grid.put(row, column, grid.look.sign("┊", "'"), "accent")
