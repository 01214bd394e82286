"""The confusion matrix: which class was said of which, with counts, shares, and the rates under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

from mltui.evaluation.confusion import Confusion
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import Look

_RIGHT = {True: ((22, 26, 32), (20, 92, 148)), False: ((248, 248, 247), (128, 188, 232))}
_WRONG = {True: ((22, 26, 32), (158, 84, 0)), False: ((248, 248, 247), (246, 172, 90))}
_LEAST, _MOST = 4, 24
"""The width of a cell, so that numbers fit and the eye can still go along a row."""
_SHADES = (" ░▒▓█", " .:*#")


@dataclass(frozen=True)
class _Layout:
    """Where the cells are: the width of the row labels, the width and height of a cell, how many classes fit."""

    label: int
    wide: int
    high: int
    shown: int


def confusion_matrix(table: Confusion, width: int, height: int, look: Look) -> list[Text]:
    """Draw the matrix: a row for each true class ("is a"), a column for each class said ("said a").

    Each cell has its sum of weights and, where there is room, its share of the row; the fuller the shade, the larger
    the share; blue is right, orange wrong. Under it, where there is room, what the columns and rows come to.

    Args:
        table: the sums of weights.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
    """
    labels = [words.clean(label, ascii=look.ascii) for label in table.labels]
    if not labels or not np.abs(table.matrix).sum() > 0:
        return message("no rows to tell apart yet", width, height, look)
    layout = _layout(labels, width, height)
    if layout is None:
        return message("the matrix needs a larger pane", width, height, look)
    grid = Grid(width, height, look)
    if any(cells(name) + 6 > layout.wide for name in labels[: layout.shown]):
        said = cut(look.sign("said →", "said ->"), layout.label - 1, look)
        grid.put(0, layout.label - 1 - cells(said), said, "dim")
    for code in range(layout.shown):
        _head(grid, layout, code, labels[code])
    sums = np.abs(table.matrix).sum(axis=1)
    for row in range(layout.shown):
        _row(grid, layout, row, table, labels[row], float(sums[row]))
    _rates(grid, layout, table, labels)
    return grid.rows()


def _layout(labels: list[str], width: int, height: int) -> _Layout | None:
    many = len(labels)
    longest = max(cells(name) for name in labels) + 4
    if many > 2 and (width - len("efficiency ")) // many >= 6:
        longest = max(longest, len("efficiency "))
    label = min(longest, max(6, width // 4))
    wide = min(_MOST, (width - label) // many)
    shown = many
    if wide < _LEAST:
        wide, shown = _LEAST, max(0, (width - label) // _LEAST)
    shown = min(shown, height - 1)
    high = max(1, min(5, (height - 1 - 2 * (height >= many + 4)) // max(shown, 1)))
    return _Layout(label, wide, high, shown) if shown >= min(many, 2) else None


def _head(grid: Grid, layout: _Layout, code: int, label: str) -> None:
    said = f"said {label}" if cells(label) + 6 <= layout.wide else label
    shown = cut(said, layout.wide - 1, grid.look)
    start = layout.label + code * layout.wide
    grid.put(0, start + max(0, (layout.wide - cells(shown)) // 2), shown, "label")


def _row(grid: Grid, layout: _Layout, row: int, table: Confusion, label: str, total: float) -> None:
    top = 1 + row * layout.high
    middle = top + (layout.high - 1) // 2
    grid.put(middle, 0, cut(f"is {label}", layout.label - 1, grid.look), "label")
    for column in range(layout.shown):
        value = float(table.matrix[row, column])
        share = min(max(value / total, 0.0), 1.0) if total > 0 else 0.0
        _cell(grid, layout, (top, layout.label + column * layout.wide), value, share, right=row == column)


def _cell(grid: Grid, layout: _Layout, corner: tuple[int, int], value: float, share: float, *, right: bool) -> None:
    look, (top, left) = grid.look, corner
    style = _shade(share, right, look)
    inner = layout.wide - 1
    for row in range(top, top + layout.high):
        grid.put(row, left, " " * inner, style)
    number, part = _said(value, inner), words.percent(share, ascii=look.ascii)
    bold = style + Style(bold=right or None)
    middle = top + (layout.high - 1) // 2
    if layout.high >= 2 and cells(part) <= inner:
        box = max(cells(number), cells(part))
        start = left + (inner - box) // 2
        grid.put(middle, start + box - cells(number), number, bold)
        grid.put(middle + 1, start + box - cells(part), part, style)
    elif cells(number) + len(part) + 3 <= inner:
        both = f"{number}  {part:>7}"
        grid.put(middle, left + max(0, inner - len(both)) // 2, both, bold)
    else:
        grid.put(middle, left + inner - cells(number), number, bold)
    if look.colours != "full" and layout.high >= 2:
        _side(grid, layout, corner, share)


def _shade(share: float, right: bool, look: Look) -> Style:
    if look.colours == "none":
        return Style(dim=None if right or share >= 0.005 else True)
    if look.colours == "16":
        return look.style("good" if right else "bad" if share >= 0.005 else "dim")
    low, high = (_RIGHT if right else _WRONG)[look.dark]
    strength = share**0.6
    red, green, blue = (round(a + strength * (b - a)) for a, b in zip(low, high, strict=True))
    return Style(color="#f2f4f6" if look.dark else "#14181c", bgcolor=Color.from_rgb(red, green, blue))


def _side(grid: Grid, layout: _Layout, corner: tuple[int, int], share: float) -> None:
    """The share as a shade on both sides of the cell, where the background cannot tell it."""
    shades = _SHADES[grid.look.ascii]
    sign = shades[min(int(share * len(shades)), len(shades) - 1)]
    top, left = corner
    for row in range(top, top + layout.high):
        grid.put(row, left, sign, "dim")
        grid.put(row, left + layout.wide - 2, sign, "dim")


def _said(value: float, width: int) -> str:
    """A sum of weights in the digits there is room for."""
    for text in (words.number(value, 4), words.number(value, 3), f"{value:.0f}", words.exponent(value, 0)):
        if cells(text) <= width:
            return text
    return words.exponent(value, 0)[:width]


def _rates(grid: Grid, layout: _Layout, table: Confusion, labels: list[str]) -> None:
    """Under the matrix, where there is room: the rates of two classes, else efficiency and purity by class."""
    row = 1 + layout.shown * layout.high
    if layout.shown < len(labels):
        grid.put(
            row,
            0,
            cut(f"and {words.count(len(labels) - layout.shown, 'class', 'classes')} more", grid.width, grid.look),
            "dim",
        )
        return
    if len(labels) == 2:
        _two(grid, row, table, labels)
        return
    for number, (name, rates) in enumerate((("efficiency", table.efficiency), ("purity", table.purity))):
        if layout.wide < 6:
            break
        grid.put(row + number, 0, cut(name, layout.label - 1, grid.look), "label")
        for code, rate in enumerate(rates):
            text = words.fixed(rate, 3 if layout.wide >= 7 else 2, ascii=grid.look.ascii)
            end = layout.label + (code + 1) * layout.wide - 1
            grid.put(row + number, end - cells(text) - max(0, (layout.wide - 1 - cells(text)) // 2), text, "strong")


def _two(grid: Grid, row: int, table: Confusion, labels: list[str]) -> None:
    """Efficiency, purity and background rejection of the positive class, and the accuracy, in one or two lines."""
    rates = (
        ("efficiency", table.efficiency[1]),
        ("purity", table.purity[1]),
        ("rejection", table.rejection[1]),
        ("accuracy", table.accuracy),
    )
    row += grid.height - row > 2
    column = start = grid.put(row, 0, cut(f"{labels[1]}:", grid.width // 3, grid.look), "class1") + 2
    for name, rate in rates:
        text = words.fixed(rate, ascii=grid.look.ascii)
        if column > start and column + len(name) + 1 + len(text) > grid.width:
            row, column = row + 1, start
        column = grid.put(row, column, f"{name} ", "label")
        column = grid.put(row, column, text, "strong") + 3
