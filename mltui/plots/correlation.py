"""Correlation matrices: how the variables move together, one matrix for each class side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.style import Style
from rich.text import Text

from mltui.core.table import Floats
from mltui.plots import heat, words
from mltui.plots.grid import Grid, cells, cut, message, squeezed
from mltui.plots.look import CLASSES, Look

_WIDTHS = (6, 5, 4, 3, 2)
"""The widths of a cell, tried from the widest; numbers find no room in the last."""
_LABELS = (24, 14, 9)
"""The room for names, tried from the widest."""
_GAP = 2
_WEAK, _STRONG = 0.1, 0.5
_SHADES = (" ░▒▓█", " .:+#")


@dataclass(frozen=True)
class _Layout:
    """The matrices side by side: which variables, and how wide and high a cell is.

    Attributes:
        label: the width of the row labels. digits: of a variable's number, which heads its column.
        named: whether names head the columns, in place of numbers.
    """

    matrices: int
    label: int
    digits: int
    wide: int
    high: int
    rows: int
    columns: int
    named: bool

    @property
    def span(self) -> int:
        return self.columns * self.wide


def correlation_matrices(
    found: Sequence[Mapping[str, Any]],
    width: int,
    height: int,
    look: Look,
    *,
    first: tuple[int, int] = (0, 0),
    least: int = 1,
    classes: Sequence[str] = (),
    brief: bool = False,
) -> list[Text]:
    """Draw the linear correlations in percent, a matrix for each class, side by side.

    Blue is negative, orange positive, the fuller the stronger; in 16 colours and without, strong ones are bold, weak
    ones dim, and the sign is written. What finds no room is counted in the last row.

    Args:
        found: for each class its label, names, matrix of shape (names, names) with None for what is not known, and
            rows; the names are the same in all.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        first: the variables of the first row and column in sight.
        brief: shades without numbers, so that more find room.
        classes: the labels of all classes, for their marks.
        least: so many matrices are in sight if there are as many, though numbers find no room then.
    """
    found = [entry for entry in found if entry.get("names")]
    if not found:
        return message("no correlations: at least two numbers are needed", width, height, look)
    names = [words.clean(name, ascii=look.ascii, limit=200) for name in found[0].get("labels") or found[0]["names"]]
    first = (min(max(first[0], 0), len(names) - 1), min(max(first[1], 0), len(names) - 1))
    layout = _layout(names, found, (width, height), first, least, brief)
    if layout is None:
        return message("the matrices need a larger pane", width, height, look)
    grid = Grid(width, height, look)
    _names(grid, layout, names, first[0])
    for number, entry in enumerate(found[: layout.matrices]):
        left = layout.label + number * (layout.span + _GAP)
        matrix = _matrix(entry.get("matrix"), len(names))
        code = list(classes).index(entry["label"]) if entry.get("label") in classes else None
        _head(grid, layout, left, (entry, code, max(len(classes), 2)), names, first[1])
        for row in range(layout.rows):
            for column in range(layout.columns):
                at = (2 + row * layout.high, left + column * layout.wide)
                place = (first[0] + row, first[1] + column)
                _cell(grid, layout, at, float(matrix[place]), own=place[0] == place[1])
    _left_out(grid, layout, len(found), len(names), first)
    return grid.rows()


def _matrix(rows: Any, count: int) -> Floats:
    matrix = np.full((count, count), np.nan)
    for row, values in enumerate((rows or ())[:count]):
        for column, value in enumerate(values[:count]):
            matrix[row, column] = np.nan if value is None else value
    return np.asarray(np.clip(matrix, -1, 1))


def _layout(
    names: list[str], found: Sequence[Any], size: tuple[int, int], first: tuple[int, int], least: int, brief: bool
) -> _Layout | None:
    width, height = size
    digits = len(str(len(names)))
    longest = digits + 1 + max(map(cells, names)) + 1
    rows_left, columns_left = len(names) - first[0], len(names) - first[1]
    rows = min(rows_left, height - 2 - (rows_left > height - 2 or first != (0, 0)))
    if rows < 1 or width < 12:
        return None
    shapes = [(min(max(least, 1), len(found)), 2, 14)] if brief else _tries(len(found), max(least, 1))
    for matrices, wide, most in shapes:
        label = min(longest, most)
        if width - label - (matrices - 1) * _GAP >= matrices * wide * columns_left:
            return _complete(names, label, digits, (matrices, wide, rows, columns_left), height)
    label = min(longest, 14, width // 3)
    matrices, wide = min(len(found), max(least, 1)), 2 if brief else 4
    columns = (width - label - (matrices - 1) * _GAP) // (matrices * wide)
    while columns < 1 and matrices > 1:
        matrices -= 1
        columns = (width - label - (matrices - 1) * _GAP) // (matrices * wide)
    rows = min(rows, height - 3)
    return (
        _Layout(matrices, label, digits, wide, 1, rows, min(columns, columns_left), False)
        if rows * columns > 0
        else None
    )


def _tries(count: int, least: int) -> list[tuple[int, int, int]]:
    """How many matrices in cells how wide beside labels how long, the best first: numbers before names before all."""
    least = min(least, count)
    numbered = [
        (matrices, wide, label)
        for matrices in range(count, least - 1, -1)
        for label in _LABELS
        for wide in _WIDTHS[:-1]
    ]
    return [*numbered, *((least, _WIDTHS[-1], label) for label in _LABELS)]


def _complete(names: list[str], label: int, digits: int, shape: tuple[int, int, int, int], height: int) -> _Layout:
    matrices, wide, rows, columns = shape
    high = max(1, min(wide // 2, 3, (height - 2) // rows)) if rows == len(names) else 1
    named = max(map(cells, names)) < wide
    return _Layout(matrices, label, digits, wide, high, rows, columns, named)


def _names(grid: Grid, layout: _Layout, names: list[str], first: int) -> None:
    for row in range(layout.rows):
        place = 2 + row * layout.high + (layout.high - 1) // 2
        number = f"{first + row + 1:>{layout.digits}} "
        column = 0 if layout.named else grid.put(place, 0, number, "dim")
        grid.put(place, column, squeezed(names[first + row], layout.label - 1 - column, grid.look), "label")


def _head(
    grid: Grid,
    layout: _Layout,
    left: int,
    about: tuple[Mapping[str, Any], int | None, int],
    names: list[str],
    first: int,
) -> None:
    """The class above its matrix, and the columns' numbers, or names where they fit."""
    look, (entry, code, many) = grid.look, about
    label = words.clean(entry.get("label") or "all rows", ascii=look.ascii, limit=100)
    rows = entry.get("rows")
    counted = f"  {words.count(rows, 'row')}" if isinstance(rows, int | float) else ""
    mark = f"{look.mark(code, many)} " if code is not None else ""
    room = max(layout.span, min(grid.width - left, 24) if left + layout.span + _GAP >= grid.width else 0)
    column = grid.put(0, left, mark[:room], f"class{(code or 0) % CLASSES}")
    label = cut(label, room - cells(mark), look)
    column = grid.put(0, column, label, "strong")
    if column + cells(counted) <= left + room:
        grid.put(0, column, counted, "dim")
    for number in range(layout.columns):
        text = names[first + number] if layout.named else str(first + number + 1)
        text = text if len(text) <= layout.wide else text[-layout.wide :]
        grid.put(1, left + (number + 1) * layout.wide - cells(text) - (layout.wide > 3), text, "dim")


def _cell(grid: Grid, layout: _Layout, corner: tuple[int, int], value: float, *, own: bool) -> None:
    look, (top, left), inner = grid.look, corner, layout.wide
    text = _written(value, own, layout, look)
    style = _style(value, own, look)
    for row in range(top, top + layout.high):
        grid.put(row, left, " " * inner, style)
    place = top + (layout.high - 1) // 2
    grid.put(place, left + inner - cells(text) - (inner > 3), text, style)


def _written(value: float, own: bool, layout: _Layout, look: Look) -> str:
    if own:
        return look.sign("■", "#") if layout.wide > 2 else look.sign("■ ", "# ")
    if not np.isfinite(value):
        return look.sign("·", ".")
    if layout.wide > 2:
        percent = round(100 * value)
        return f"{percent:d}" if percent <= 0 else f"+{percent:d}" if look.colours == "none" else f"{percent:d}"
    if look.colours == "full":
        return "  "
    shade = _SHADES[look.ascii][round(abs(value) * 4)]
    return shade + ("-" if value < 0 and shade != " " else shade)


def _style(value: float, own: bool, look: Look) -> Style:
    if own or not np.isfinite(value):
        return look.style("dim")
    weak, strong = abs(value) < _WEAK, abs(value) >= _STRONG
    if look.colours == "full":
        level = int(heat.levels(np.array([value]), -1, 1)[0])
        return heat.ground(level, look.dark) + Style(bold=strong or None)
    if look.colours == "none" or weak:
        return Style(dim=weak or None, bold=strong or None)
    return look.style("class0" if value < 0 else "class1") + Style(bold=strong or None)


def _left_out(grid: Grid, layout: _Layout, matrices: int, names: int, first: tuple[int, int]) -> None:
    said = []
    if layout.rows < names or layout.columns < names:
        said.append(
            f"rows {first[0] + 1} to {first[0] + layout.rows}, columns {first[1] + 1} to {first[1] + layout.columns}"
            f" of {names}"
        )
    if layout.matrices < matrices:
        said.append(f"{words.count(matrices - layout.matrices, 'more class', 'more classes')}")
    row = 2 + layout.rows * layout.high
    if said:
        grid.put(min(row, grid.height - 1), 0, cut("; ".join(said), grid.width, grid.look), "dim")
