"""Events that are followed, as letters in a picture; and the stretch of an axis that is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from mltui.plots.axes import Frame
from mltui.plots.grid import Grid

SPAN = "▔", "="
"""What lies along a marked stretch, and what stands for it in ASCII."""


@dataclass(frozen=True)
class Pin:
    """A followed event: its letter and where it stands in the picture; y is left out where only x means something."""

    letter: str
    x: float
    y: float | None = None


def put_pins(grid: Grid, frame: Frame, pins: Sequence[Pin]) -> None:
    """Write the letters over what lies there: at their places, or at the foot; of several in one cell each above the
    one before.
    """
    taken: set[tuple[int, int]] = set()
    for pin in pins:
        column = frame.column(pin.x)
        row = frame.top + frame.height - 1 if pin.y is None else frame.row(pin.y)
        while column is not None and row is not None and (row, column) in taken:
            row -= 1
        if column is not None and row is not None and row >= frame.top:
            taken.add((row, column))
            under = grid.palette(row, column).bgcolor
            grid.put(row, column, pin.letter, grid.look.style("accent") + Style(bgcolor=under))


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
