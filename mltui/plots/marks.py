"""Upright lines at places along a picture's x axis, each with a label where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mltui.plots.axes import Frame
from mltui.plots.grid import Grid, cells

SIGNS = ("┊", "'")
"""Of the line, and what stands for it in ASCII."""
_LABEL_ROWS = 3
"""A label stands in the first of so many rows that has room for it."""


@dataclass(frozen=True)
class Mark:
    """A place on the x axis.

    Attributes:
        at: where it is.
        labels: what it is called, clean, from the longest to the shortest; the first that fits is written.
    """

    at: float
    labels: tuple[str, ...] = ()


def draw_marks(grid: Grid, frame: Frame, marks: Sequence[Mark]) -> None:
    """Draw marks in the cells of the canvas that are empty; of several in one column the last is called by its name."""
    columns = {column: mark for mark in marks if (column := frame.column(mark.at)) is not None}
    sign = grid.look.sign(*SIGNS)
    for column in columns:
        for row in range(frame.top, frame.top + frame.height):
            if grid.signs[row, column] == " ":
                grid.put(row, column, sign, "dim")
    for column, mark in columns.items():
        _label(grid, frame, column, mark)


def _label(grid: Grid, frame: Frame, column: int, mark: Mark) -> None:
    """Beside the line, to its right or else to its left, where nothing else stands."""
    for label in mark.labels:
        width = cells(label)
        for row in range(frame.top, frame.top + min(_LABEL_ROWS, frame.height)):
            for start, gap in ((column + 1, column + 1 + width), (column - width, column - width - 1)):
                apart = not frame.left <= gap < frame.left + frame.width or grid.signs[row, gap] == " "
                if apart and _free(grid, frame, row, start, width):
                    grid.put(row, start, label, "label")
                    return


def _free(grid: Grid, frame: Frame, row: int, start: int, width: int) -> bool:
    """Whether so many cells of the canvas are empty."""
    inside = frame.left <= start and start + width <= frame.left + frame.width
    return inside and bool((grid.signs[row, start : start + width] == " ").all())
