"""Legends: entries that flow over a few rows above the canvas, so that they never hide it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.style import Style

from mltui.plots.grid import Grid, cells, cut
from mltui.plots.look import Look, Role

_GAP = 2
_CUT = 6
"""So much is left of a name before whole entries are left out."""


@dataclass(frozen=True)
class Entry:
    """One entry: a name, a sample of its mark in its style, and its value, all clean.

    Attributes:
        name: what it is called.
        sample: how it looks.
        value: its number, left out where there is little room.
        role: whose style the sample has.
        short: what it is called where there is little room; empty for its name.
        styles: a style for each sign of the sample, in place of the role's.
    """

    name: str
    sample: str = ""
    value: str = ""
    role: Role = "label"
    short: str = ""
    styles: tuple[Style, ...] = ()
    tight: bool = False

    @property
    def width(self) -> int:
        """How many cells it takes."""
        parts = [part for part in (self.sample, self.name, self.value) if part]
        return sum(map(cells, parts)) + (0 if self.tight else max(len(parts) - 1, 0))

    def draw(self, grid: Grid, row: int, column: int) -> None:
        """Write it from a cell on."""
        if self.styles:
            for sign, own in zip(self.sample, self.styles, strict=True):
                column = grid.put(row, column, sign, own)
            column += 1
        parts = ((self.sample if not self.styles else "", self.role), (self.name, "label"), (self.value, "strong"))
        for text, style in parts:
            if text:
                column = grid.put(row, column, text, style) + (not self.tight)


def legend(
    grid: Grid, entries: Sequence[Entry], *, title: str = "", short_title: str | None = None, rows: int = 1
) -> int:
    """Write a title on the left and the entries to the right end, over so many rows at most; return the rows taken.

    Where they find no room, the title becomes short or goes, then the names become short, then the values go, then
    samples and names close up and names are cut; what is still too much is left out, the last place saying how much.

    Args:
        grid: to draw on, from its first row.
        entries: what to explain.
        title: what the canvas shows.
        short_title: the title where there is little room; None leaves it out there.
        rows: at most.
    """
    if rows < 1 or not (entries or title):
        return 0
    for shown, head, gap in _forms(entries, title, short_title, grid.look):
        lines, left = _flow(shown, cells(head) + _GAP if head else 0, rows, grid.width, gap)
        if not left:
            break
    if left and not any(lines):
        head = title
    grid.put(0, 0, cut(head, grid.width, grid.look), "label")
    for row, line in enumerate(lines):
        column = grid.width - _width(line, gap)
        for entry in line:
            entry.draw(grid, row, column)
            column += entry.width + gap
    return max(len(lines), 1)


def _forms(
    entries: Sequence[Entry], title: str, short_title: str | None, look: Look
) -> Iterator[tuple[list[Entry], str, int]]:
    """The entries, the title and the gap, from the roomiest form to the closest."""
    bare = [replace(entry, value="") for entry in entries]
    short = [replace(entry, name=entry.short or entry.name) for entry in bare]
    brief = title if short_title is None else short_title
    named = [replace(entry, name=entry.short or entry.name) for entry in entries]
    for shown in (list(entries), named, bare, short):
        yield shown, title, _GAP
        if brief != title:
            yield shown, brief, _GAP
    yield short, "", _GAP
    tight = [replace(entry, tight=True) for entry in short]
    yield tight, brief, 1
    yield tight, "", 1
    yield [replace(entry, name=cut(entry.name, _CUT, look)) for entry in tight], "", 1


def _flow(entries: Sequence[Entry], taken: int, rows: int, width: int, gap: int) -> tuple[list[list[Entry]], int]:
    """The entries of each row, in the first of which so many cells are taken; and how many find no room."""
    lines: list[list[Entry]] = [[]]
    for number, entry in enumerate(entries):
        room = width - (taken if len(lines) == 1 else 0)
        if _width([*lines[-1], entry], gap) <= room:
            lines[-1].append(entry)
        elif len(lines) < rows and (lines[-1] or len(lines) == 1) and entry.width <= width:
            lines.append([entry])
        else:
            _more(lines[-1], len(entries) - number, room, gap)
            return lines, len(entries) - number
    return lines, 0


def _more(line: list[Entry], left: int, width: int, gap: int) -> None:
    """End a line with how many entries it leaves out."""
    while line and _width([*line, Entry(f"+{left}")], gap) > width:
        line.pop()
        left += 1
    if line:
        line.append(Entry(f"+{left}"))


def _width(line: Sequence[Entry], gap: int) -> int:
    return sum(entry.width for entry in line) + gap * max(len(line) - 1, 0)
