"""Legends: entries that flow over a few rows above the canvas, so that they never hide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mltui.plots.grid import Grid, cells, cut
from mltui.plots.look import Role

_GAP = 2


@dataclass(frozen=True)
class Entry:
    """One entry: a name, a sample of its mark in its style, and its value, all clean."""

    name: str
    sample: str = ""
    value: str = ""
    role: Role = "label"

    @property
    def width(self) -> int:
        """How many cells it takes."""
        return cells(" ".join(part for part in (self.sample, self.name, self.value) if part))

    def draw(self, grid: Grid, row: int, column: int) -> None:
        """Write it from a cell on."""
        for text, style in ((self.sample, self.role), (self.name, "label"), (self.value, "strong")):
            if text:
                column = grid.put(row, column, text, style) + 1


def legend(grid: Grid, entries: Sequence[Entry], *, title: str = "", rows: int = 1) -> int:
    """Write a title on the left and the entries to the right end, over so many rows at most; return the rows taken.

    Entries that find no room are left out, the last place saying how many.
    """
    if rows < 1 or not (entries or title):
        return 0
    lines = _flow(entries, cells(title) + _GAP if title else 0, rows, grid.width)
    if not any(lines):
        lines = _flow(entries, 0, rows, grid.width)
        title = "" if any(lines) else title
    grid.put(0, 0, cut(title, grid.width, grid.look), "label")
    for row, line in enumerate(lines):
        column = grid.width - _width(line)
        for entry in line:
            entry.draw(grid, row, column)
            column += entry.width + _GAP
    return max(len(lines), 1)


def _flow(entries: Sequence[Entry], taken: int, rows: int, width: int) -> list[list[Entry]]:
    """The entries of each row; in the first, so many cells are taken."""
    lines: list[list[Entry]] = [[]]
    for number, entry in enumerate(entries):
        room = width - (taken if len(lines) == 1 else 0)
        if _width([*lines[-1], entry]) <= room:
            lines[-1].append(entry)
        elif len(lines) < rows and lines[-1] and entry.width <= width:
            lines.append([entry])
        else:
            _more(lines[-1], len(entries) - number, room)
            break
    return lines


def _more(line: list[Entry], left: int, width: int) -> None:
    """End a line with how many entries it leaves out."""
    while line and _width([*line, Entry(f"+{left}")]) > width:
        line.pop()
        left += 1
    if line:
        line.append(Entry(f"+{left}"))


def _width(line: Sequence[Entry]) -> int:
    return sum(entry.width for entry in line) + _GAP * max(len(line) - 1, 0)
