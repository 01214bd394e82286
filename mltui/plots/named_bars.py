"""Named numbers as bars with their errors, and further columns of words beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from mltui.core.table import Floats
from mltui.plots.grid import Grid, cells, cut, squeezed
from mltui.plots.look import Role

_FEWEST, _LEAST_NAME, _MOST_NAME = 5, 8, 40
_LEAST_BAR, _GOOD_BAR = 9, 25
_GAP = 2


@dataclass(frozen=True)
class Words:
    """A column of words beside the bars.

    Attributes:
        head: what it holds. short: the same where there is little room; empty for the head.
        values: a cell each, clean.
        keep: the column with the lowest gives way first where there is little room.
    """

    head: str
    values: tuple[str, ...]
    keep: int = 0
    short: str = ""

    @property
    def width(self) -> int:
        """Of its widest cell."""
        return max(map(cells, (self.head, *self.values)))


@dataclass(frozen=True, eq=False)
class Bars:
    """What is drawn, a row each.

    Attributes:
        head: what the names are.
        names: clean.
        values, errors: shape (rows,); NaN where there is none.
        columns: beside the bars, from left to right.
        signed: whether bars reach to both sides of zero; otherwise they begin at the left.
        sides: what a bar to the left and one to the right mean, clean; where there is little room, the first words.
        roles: whose colours the bars to the left and to the right have.
        full: what a bar of the whole length stands for; 0 for the largest value with its error.
    """

    head: str
    names: tuple[str, ...]
    values: Floats
    errors: Floats
    columns: tuple[Words, ...]
    signed: bool = True
    sides: tuple[str, str] = ("", "")
    roles: tuple[Role, Role] = ("class0", "class1")
    full: float = 0.0

    def put(self, grid: Grid, rows: int, first: int) -> None:
        """Draw the heads and the rows from the place `first` on, in so many rows of the grid."""
        columns, name, bar = self._room(grid.width)
        grid.put(0, 0, cut(self.head, name, grid.look), "dim")
        last = min(len(self.names), first + max(rows - 1, 0))
        for row, place in enumerate(range(first, last), start=1):
            grid.put(row, 0, squeezed(self.names[place], name, grid.look), "label")
        if bar:
            self._put_bars(grid, (name + 1, bar), range(first, last))
        end = grid.width
        for column in reversed(columns):
            grid.put(0, end - cells(column.head), column.head, "dim")
            for row, place in enumerate(range(first, last), start=1):
                value = column.values[place]
                grid.put(row, end - cells(value), value, "strong" if column is columns[0] else "label")
            end -= column.width + _GAP

    def _room(self, width: int) -> tuple[list[Words], int, int]:
        """The columns that fit, and the cells of names and of bars."""
        columns = list(self.columns)
        longest = max(map(cells, (self.head, *self.names)))
        if width < sum(column.width + _GAP for column in columns[:1]) + longest + 1 + _LEAST_BAR:
            columns = [replace(column, head=column.short or column.head) for column in columns]
        while True:
            free = width - sum(column.width + _GAP for column in columns)
            least = _GOOD_BAR if len(columns) > 1 else _LEAST_BAR
            name = min(longest, _MOST_NAME, max(free - least - 1, _LEAST_NAME))
            bar = free - name - 1
            if len(columns) <= 1 or (bar >= least and name >= min(longest, _LEAST_NAME + 6)):
                break
            columns.remove(min(columns, key=lambda column: column.keep))
        if columns and free < _FEWEST:
            return [], min(longest, width), 0
        if bar < _LEAST_BAR:
            return columns, max(0, min(longest, free)), 0
        return columns, name, bar

    def _put_bars(self, grid: Grid, area: tuple[int, int], places: range) -> None:
        left, width = area
        scale = self._scale()
        half = (width - 1) // 2 if self.signed else width - 1
        zero = left + half if self.signed else left
        self._heads(grid, left, zero, half)
        for row, place in enumerate(places, start=1):
            value, error = float(self.values[place]), float(self.errors[place])
            if self.signed:
                grid.put(row, zero, grid.look.sign("│", "|"), "axis")
            if math.isfinite(value) and scale > 0:
                self._bar(grid, row, zero, value / scale * half)
                if math.isfinite(error) and error > 0:
                    self._error(grid, row, zero, ((value - error) / scale * half, (value + error) / scale * half), half)

    def _scale(self) -> float:
        if self.full:
            return self.full
        with np.errstate(all="ignore"):
            ends = np.abs(self.values) + np.where(np.isfinite(self.errors), self.errors, 0)
        known = ends[np.isfinite(ends)]
        return float(known.max()) if len(known) else 0.0

    def _heads(self, grid: Grid, left: int, zero: int, half: int) -> None:
        look = grid.look
        if not self.signed or half < 8:
            return
        arrows = look.sign("← ", "< "), look.sign(" →", " >")
        brief = any(cells(side) > half - 3 for side in self.sides)
        below, above = (side.split(" ")[0] if brief else side for side in self.sides)
        shown = cut(f"{arrows[0]}{below}", half - 1, look) if below else ""
        grid.put(0, zero - 1 - cells(shown), shown, self.roles[0])
        if above:
            grid.put(0, zero + 2, cut(above, half - 3, look) + arrows[1], self.roles[1])

    def _bar(self, grid: Grid, row: int, zero: int, length: float) -> None:
        look, role = grid.look, self.roles[length > 0]
        halves = round(abs(length) * 2)
        whole = halves // 2
        start = zero + 1 if length > 0 else zero - whole
        grid.put(row, start, look.sign("━", "#") * whole, role)
        if halves % 2 and not look.ascii:
            tip = start + whole if length > 0 else start - 1
            grid.put(row, tip, "╸" if length > 0 else "╺", role)

    def _error(self, grid: Grid, row: int, zero: int, ends: tuple[float, float], half: int) -> None:
        look = grid.look
        low, high = (zero + round(end) for end in ends)
        low, high = max(low, zero - half if self.signed else zero), min(high, zero + half)
        if high <= low:
            return
        for column in range(low + 1, high):
            if grid.signs[row, column] == " ":
                grid.put(row, column, look.sign("─", "-"), "label")
        grid.put(row, low, look.sign("├", "["), "strong")
        grid.put(row, high, look.sign("┤", "]"), "strong")
