"""The confusion matrix: which class was said of which, with counts, shares, and the rates under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

from mltui.evaluation.confusion import Confusion
from mltui.evaluation.rates import Rates
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import Look
from mltui.plots.rates import LEAST_WIDTH, ROWS, put_rates

_RIGHT = {True: ((22, 26, 32), (20, 92, 148)), False: ((248, 248, 247), (128, 188, 232))}
_WRONG = {True: ((22, 26, 32), (158, 84, 0)), False: ((248, 248, 247), (246, 172, 90))}
_LEAST, _MOST = 2, 24
"""The width of a cell, so that two digits fit and the eye can still go along a row."""
_ROOMY = 6
"""From this width on a cell has an empty column beside it and its share of the row in it."""
_FEW = 3
"""With more classes most cells are nothing."""
_WRITTEN = 2
"""The rows of a cell that its number and its share take."""
_TABLE = 2 * 3 + ROWS
"""The fewest rows under the heads of a matrix with the table of its rates."""
_NOTHING = 0.005
"""A smaller share of a row is as good as none: dim, and where there is little room not written."""


@dataclass(frozen=True)
class _Layout:
    """Where the cells are: the width of the row labels, the width and height of a cell, how many classes fit.

    Attributes:
        top: the row of the first cells, under the labels and, where those say only the class, what they mean.
        shares: whether the cells hold percentages, as the sums of weights find no room.
        tabled: whether the rates stand under it as a table.
    """

    label: int
    wide: int
    high: int
    shown: int
    top: int
    shares: bool
    tabled: bool

    def left_of(self, column: int) -> int:
        """The first column of a cell."""
        return self.label + column * self.wide

    @property
    def gap(self) -> int:
        """The empty columns between two cells."""
        return int(self.wide >= 4)


def confusion_matrix(
    table: Confusion,
    width: int,
    height: int,
    look: Look,
    rates: Rates | None = None,
    *,
    marked: tuple[int, int] | None = None,
) -> list[Text]:
    """Draw the matrix: a row for each true class ("is a"), a column for each class said ("said a").

    Each cell has its sum of weights and, where there is room, its share of the row; the fuller the shade, or where
    there are few colours the longer the bar, the larger the share; blue is right, orange wrong. Under it, where there
    is room, what the columns and rows come to.

    Args:
        table: the sums of weights.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        rates: of two classes with their errors; where there is room they stand under it as a table.
        marked: the codes of the true class and of the class said of a cell to mark.
    """
    labels = [words.clean(label, ascii=look.ascii) for label in table.labels]
    if not labels or not np.abs(table.matrix).sum() > 0:
        return message("no rows to tell apart yet", width, height, look)
    layout = _layout(table, labels, width, height, rates is not None and width >= LEAST_WIDTH)
    if layout is None:
        return message("the matrix needs a larger pane", width, height, look)
    grid = Grid(width, height, look)
    _heads(grid, layout, labels)
    sums = np.abs(table.matrix).sum(axis=1)
    for row in range(layout.shown):
        _row(grid, layout, row, table, labels, float(sums[row]))
    row = layout.top + layout.shown * layout.high
    if rates is not None and layout.tabled:
        put_rates(grid, row + (height - row > ROWS), rates, (labels[0], labels[1]))
    else:
        _rates(grid, layout, table, labels)
    if marked is not None and max(marked) < layout.shown:
        _mark(grid, layout, marked)
    return grid.rows()


def _mark(grid: Grid, layout: _Layout, cell: tuple[int, int]) -> None:
    """Brackets at the two sides of a cell; of one that is too narrow for them the number is turned around."""
    top, left = layout.top + cell[0] * layout.high, layout.left_of(cell[1])
    last = left + layout.wide - layout.gap - 1
    middle = top + (layout.high - 1) // 2
    for row in range(top, top + layout.high):
        for column, sign in ((left, grid.look.sign("▐", "[")), (last, grid.look.sign("▌", "]"))):
            if grid.signs[row, column] in (" ", "▄", "=") and last > left:
                under = grid.palette(row, column).bgcolor
                grid.put(row, column, sign, grid.look.style("accent") + Style(bgcolor=under))
    for column in range(left, last + 1) if layout.wide < _ROOMY else ():
        sign, style = str(grid.signs[middle, column]), grid.palette(middle, column)
        grid.put(middle, column, sign, style + Style(reverse=True))


def _layout(table: Confusion, labels: list[str], width: int, height: int, rated: bool) -> _Layout | None:
    many = len(labels)
    digits = max(cells(_said(float(value), 6)) for value in np.abs(table.matrix).flat)
    longest = max(cells(name) for name in labels) + 4
    if many > 2 and (width - len("efficiency ")) // many >= _ROOMY:
        longest = max(longest, len("efficiency "))
    least = max(digits + 1, _ROOMY) if many <= _FEW else digits + (digits > 2)
    label = min(longest, max(3, min(width - many * least, width * 2 // 5)))
    wide = min(_MOST, (width - label) // many)
    shown = many
    if wide < _LEAST:
        wide, shown = _LEAST, max(0, (width - label) // _LEAST)
    label = max(label, min(longest, width - wide * shown))
    titled = not _says_said(labels, wide) and height >= min(shown, many) + 4
    top = 1 + titled
    shown = min(shown, height - top - (shown < many or height - top < many))
    if shown < min(many, 2):
        return None
    shares = digits > wide - (wide >= 4)
    tabled = rated and many == 2 and shown == many and height - top >= _TABLE
    below = ROWS + 1 if tabled else max(shares, _below(labels, wide, width) if shown == many else 0)
    high = max(1, min(5, (height - top - below) // shown))
    return _Layout(label, wide, high, shown, top, shares, tabled)


def _below(labels: list[str], wide: int, width: int) -> int:
    """The rows that the rates take, and an empty one above them."""
    if len(labels) != 2:
        return 3 if wide >= _ROOMY else 0
    return 1 + (1 if width >= 76 + cells(labels[1]) - 6 else 4 if width < 44 else 2)


def _says_said(labels: list[str], wide: int) -> bool:
    return all(cells(name) + 6 <= wide for name in labels)


def _heads(grid: Grid, layout: _Layout, labels: list[str]) -> None:
    """What is said, over the columns; where the labels stand alone, once above them."""
    look, row = grid.look, layout.top - 1
    said = _says_said(labels, layout.wide)
    if not said:
        start = layout.label if row else 0
        room = grid.width - start if row else layout.label - 1
        grid.put(0, start, cut(look.sign("said →", "said ->"), room, look), "dim")
    if row:
        grid.put(row, 0, look.sign("is ↓", "is") if layout.label > 4 else look.sign("↓", "is"), "dim")
    for code in range(layout.shown):
        label = f"said {labels[code]}" if said else _brief(labels, code, layout.wide - layout.gap, look)
        start = layout.label + code * layout.wide
        grid.put(row, start + max(0, (layout.wide - layout.gap - cells(label) + 1) // 2), label, "label")


def _brief(labels: list[str], code: int, width: int, look: Look) -> str:
    """A label that fits; where it must be cut, without what it has in common with all others."""
    if max(map(cells, labels)) <= width:
        return labels[code]
    label = words.brief(labels)[code]
    return cut(label, width, look) if width > 2 else label[-width:] if label[-1:].isdigit() else label[:width]


def _row(grid: Grid, layout: _Layout, row: int, table: Confusion, labels: list[str], total: float) -> None:
    top = layout.top + row * layout.high
    middle = top + (layout.high - 1) // 2
    name = f"is {labels[row]}"
    if layout.top > 1 or cells(name) >= layout.label:
        name = _brief(labels, row, layout.label - 1, grid.look)
    grid.put(middle, 0, name, "label")
    for column in range(layout.shown):
        value = float(table.matrix[row, column])
        share = min(max(value / total, 0.0), 1.0) if total > 0 else 0.0
        _cell(grid, layout, (top, layout.label + column * layout.wide), value, share, right=row == column)


def _cell(grid: Grid, layout: _Layout, corner: tuple[int, int], value: float, share: float, *, right: bool) -> None:
    look, (top, left) = grid.look, corner
    style = _shade(share, right, look)
    inner = layout.wide - layout.gap
    for row in range(top, top + layout.high):
        grid.put(row, left, " " * inner, style)
    number, part = _written(value, inner, layout, right, look), words.percent(share, ascii=look.ascii)
    bold = style + Style(bold=right or None)
    middle = top + (layout.high - 1) // 2
    if layout.shares or layout.wide < _ROOMY - 1:
        number = _brief_cell(share, value, layout, right, look)
        grid.put(middle, left + max(0, inner - cells(number)), number, bold)
    elif layout.high >= 2 and cells(part) <= inner and (value or layout.shown <= _FEW):
        box = max(cells(number), cells(part))
        start = left + (inner - box) // 2
        grid.put(middle, start + box - cells(number), number, bold)
        grid.put(middle + 1, start + box - cells(part), part, style)
    elif cells(number) + len(part) + 3 <= inner and (value or layout.shown <= _FEW):
        both = f"{number}  {part:>7}"
        grid.put(middle, left + max(0, inner - len(both)) // 2, both, bold)
    else:
        grid.put(middle, left + inner - cells(number), number, bold)
    if look.colours != "full" and layout.high > _WRITTEN:
        _bar(grid, layout, corner, share, style)


def _written(value: float, inner: int, layout: _Layout, right: bool, look: Look) -> str:
    """A sum of weights; among many classes nothing is a dot, so that mistakes stand out."""
    nothing = value == 0 and not right and layout.shown > _FEW
    return look.sign("·", ".") if nothing else _said(value, inner)


def _brief_cell(share: float, value: float, layout: _Layout, right: bool, look: Look) -> str:
    """A number for a narrow cell, or the share of the row where that would not fit."""
    inner = layout.wide - layout.gap
    if not layout.shares or value == 0:
        return _written(value, inner, layout, right, look)
    percent = f"{100 * share:.0f}"
    return percent if len(percent) <= inner else look.sign("●", "@")


def _shade(share: float, right: bool, look: Look) -> Style:
    if look.colours == "none":
        return Style(dim=None if right or share >= 0.005 else True)
    if look.colours == "16":
        return look.style("good" if right else "bad" if share >= 0.005 else "dim")
    low, high = (_RIGHT if right else _WRONG)[look.dark]
    strength = share**0.6
    red, green, blue = (round(a + strength * (b - a)) for a, b in zip(low, high, strict=True))
    return Style(color="#f2f4f6" if look.dark else "#14181c", bgcolor=Color.from_rgb(red, green, blue))


def _bar(grid: Grid, layout: _Layout, corner: tuple[int, int], share: float, style: Style) -> None:
    """The share as a bar at the foot of the cell, where the background cannot tell it."""
    top, left = corner
    length = round(share * (layout.wide - layout.gap))
    grid.put(top + layout.high - 1, left, grid.look.sign("▄", "=") * length, style)


def _said(value: float, width: int) -> str:
    """A sum of weights in the digits there is room for."""
    for text in (words.number(value, 4), words.number(value, 3), f"{value:.0f}", words.exponent(value, 0)):
        if cells(text) <= width:
            return text
    return words.exponent(value, 0)[:width]


def _rates(grid: Grid, layout: _Layout, table: Confusion, labels: list[str]) -> None:
    """Under the matrix, where there is room: the rates of two classes, else efficiency and purity by class."""
    row = layout.top + layout.shown * layout.high
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
    if layout.shares:
        grid.put(grid.height - 1, 0, _note(layout, grid.look)[: grid.width], "dim")
        return
    row += grid.height - row > 2
    for number, (name, rates) in enumerate((("efficiency", table.efficiency), ("purity", table.purity))):
        if layout.wide < _ROOMY:
            break
        grid.put(row + number, 0, (name if cells(name) < layout.label else name[:3] + ".")[: layout.label - 1], "label")
        for code, rate in enumerate(rates):
            text = words.fixed(rate, 3 if layout.wide >= 7 else 2, ascii=grid.look.ascii)
            end = layout.label + (code + 1) * layout.wide - 1
            grid.put(row + number, end - cells(text) - max(0, (layout.wide - 1 - cells(text)) // 2), text, "strong")


def _note(layout: _Layout, look: Look) -> str:
    """What the cells hold, where that is not the sums of weights."""
    note = "% of the row's class"
    return note if layout.wide >= 3 else f"{note}, {look.sign('●', '@')} 100"


def _two(grid: Grid, row: int, table: Confusion, labels: list[str]) -> None:
    """Efficiency, purity and background rejection of the positive class, and the accuracy, in one or two lines."""
    rates = (
        ("efficiency", table.efficiency[1]),
        ("purity", table.purity[1]),
        ("rejection", table.rejection[1]),
        ("accuracy", table.accuracy),
    )
    row += grid.height - row > (4 if grid.width < 44 else 2)
    column = start = grid.put(row, 0, cut(f"{labels[1]}:", grid.width // 3, grid.look), "class1") + 2
    for name, rate in rates:
        text = words.fixed(rate, ascii=grid.look.ascii)
        if column > start and column + len(name) + 1 + len(text) > grid.width:
            row, column = row + 1, min(start, max(0, grid.width - 17))
        column = grid.put(row, column, f"{name} ", "label")
        column = grid.put(row, column, text, "strong") + 3
