"""Tables on a picture: columns that give way to each other where there is little room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mltui.plots.grid import Grid, cells, cut, squeezed
from mltui.plots.look import Role

_LEAST_NAME = 14
"""So much of the first column is kept before the others give way."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: its head. short: the same where there is little room; empty for the title.
        values: a cell each, clean.
        role: whose style the cells have. roles: a role for each cell in its place.
        keep: the column with the lowest gives way first; the first column never does.
        left: whether cells stand at the left.
    """

    title: str
    values: tuple[str, ...]
    role: Role = "label"
    roles: tuple[Role, ...] = ()
    keep: int = 0
    left: bool = False
    short: str = ""

    @cached_property
    def width(self) -> int:
        """Of its widest cell."""
        return max(map(cells, (self.title, *self.values)))

    def role_of(self, row: int) -> Role:
        """Whose style a cell has."""
        return self.roles[row] if self.roles else self.role


def fitting(columns: Sequence[Column], width: int) -> tuple[list[Column], int]:
    """The columns that fit, in their order, and the cells between two of them.

    First the gaps close up, then the heads become short, then the first column is cut, then columns give way.
    """
    shown = list(columns)
    while True:
        brief = [replace(column, title=column.short or column.title) for column in shown]
        for form, gap in ((shown, 3), (shown, 2), (brief, 2)):
            if _taken(form, gap) <= width:
                return form, gap
        slack = _taken(brief, 2) - width
        if len(brief) == 1 or slack <= brief[0].width - max(_LEAST_NAME, cells(brief[0].title)):
            return brief, 2
        weakest = min(shown[1:], key=lambda column: column.keep)
        shown = [column for column in shown if column is not weakest]


def _taken(columns: Sequence[Column], gap: int) -> int:
    return sum(column.width for column in columns) + gap * (len(columns) - 1)


def put_table(grid: Grid, columns: Sequence[Column], *, top: int = 0, first: int = 0, rows: int | None = None) -> int:
    """Draw the columns that fit, their heads first; return the row after them.

    Args:
        grid: to draw on.
        columns: the first names the rows.
        top: the row of the heads.
        first: how many rows are scrolled past.
        rows: so many at most; None: all.
    """
    shown, gap = fitting(columns, grid.width)
    count = len(columns[0].values)
    last = count if rows is None else min(count, first + max(rows, 0))
    column_start = 0
    for number, column in enumerate(shown):
        room = column.width
        if number == 0:
            room = min(room, grid.width - (_taken(shown, gap) - column.width))
        for row, value in enumerate((column.title, *column.values[first:last])):
            role = "dim" if row == 0 else column.role_of(first + row - 1)
            text = (cut if row == 0 else squeezed)(value, room, grid.look)
            indent = 0 if column.left or number == 0 else room - cells(text)
            grid.put(top + row, column_start + indent, text, role)
        column_start += room + gap
    return top + 1 + last - first
