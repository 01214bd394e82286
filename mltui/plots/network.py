"""A network drawn with what each neuron computes, its weights as wires, and the gradient that reaches each layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Layers, Surface
from mltui.plots import neurons, wires, words
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import CLASSES, Look
from mltui.plots.neural import Answer, Column, columns

_LEAST_WIDTH, _LEAST_GAP = 4, 3
_GOOD_GAP = 8
"""Columns are moved together before they are closer than this."""
_WIDEST_GAP = 30
_NAME = 12
_BAR, _NUMBER = 10, 7
"""Cells of the bar and of the number of a gradient."""
_VANISHED = -6.0
"""The power of ten of a gradient that leaves its bar empty; at 1 it is full."""
_ROOMY = 26
"""Rows from which there is a blank one under the titles."""
_SAID = 9
"""Rows from which the last one is kept for what the picture lacks."""
_CROWD = 0.35
"""Where wires are many, those below this share of the largest are left out, but each neuron's strongest."""


@dataclass(frozen=True)
class _Plan:
    """How large everything is, which depends on the network's shape and the room alone.

    Attributes:
        places: the columns that are drawn; None stands for those left out in the middle.
        rows: the first row of the neurons, and how many there are for them.
        size: (height, width) of a neuron, and last: that of an output.
        gap: cells between columns. left: where the first begins.
        room: so many neurons of a column find room, and tight: whether without a row between them.
        head: the rows of the titles. brief: which form they have, 0 being the longest.
    """

    places: list[int | None]
    rows: tuple[int, int]
    size: tuple[int, int]
    last: tuple[int, int]
    gap: int
    left: int
    room: int
    tight: bool
    head: int
    brief: int

    def width(self, place: int | None, count: int) -> int:
        """Of one of `count` columns."""
        return self.last[1] if place == count - 1 else self.size[1]


def network(
    layers: Layers,
    surface: Surface | None,
    inputs: Sequence[str],
    outputs: Sequence[str],
    answer: Answer,
    width: int,
    height: int,
    look: Look,
    *,
    first: int = 0,
) -> list[Text]:
    """Draw the columns from the inputs to the output, each neuron a map of what it computes over the plane.

    Blue is below zero, orange above, of maps and of weights, whose wires are dashed below zero; the colours of a layer
    have one scale. Above each layer stand its name, size and activation, and the length of the loss's gradient in it,
    with a bar that is logarithmic from 1e-6 to 1. Where there is no map, a bar is the length of a neuron's weights in
    the colour of its bias's sign.

    Args:
        surface: the model's answer over the plane.
        inputs: the names of what goes in; they are left out where they are not as many.
        outputs: the names of what comes out; likewise.
        answer: what becomes of the output.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        first: the first neuron to show of the layers that find no room.
    """
    found = columns(layers, surface, inputs, outputs, answer, look) if layers.names else []
    if not found or not all(column.units for column in found):
        return message("nothing is kept of this network's layers", width, height, look)
    if height < 4 or width < 2 * _LEAST_WIDTH + _LEAST_GAP:
        return message("too small for the network", width, height, look)
    grid = Grid(width, height, look)
    mapped = any(column.maps is not None for column in found[:-1])
    plan = _plan(found, width, height, look, mapped=mapped)
    _draw(grid, plan, found, first)
    _foot(grid, plan, found, mapped)
    return grid.rows()


def scrolls(layers: Layers, width: int, height: int, look: Look) -> int:
    """How far the neurons can be scrolled at this size: the largest `first` that changes the picture."""
    found = columns(layers, None, (), (), "linear", look) if layers.names else []
    if not found or not all(column.units for column in found):
        return 0
    mapped = any(column.maps is not None for column in found[:-1])
    plan = _plan(found, width, height, look, mapped=mapped)
    return max(0, max(column.units for column in found) - plan.room)


# -- how large everything is --------------------------------------------------------------------------------------
def _plan(found: list[Column], width: int, height: int, look: Look, *, mapped: bool) -> _Plan:
    left = _margin(found[0].names, width) if mapped else 0
    right = _margin(found[-1].names, width)
    if len(_across(len(found), width - left - right)) < len(found):
        left = right = 0
    across = width - left - right
    places = _across(len(found), across)
    most = max(column.units for column in found)
    pitch = across // len(places)
    head = 2 if pitch >= 20 or pitch < 10 or height < 14 else 3
    if _tile(most, height - 2, across, len(places), look, mapped=mapped)[2] >= most:
        head = 2 if _tile(most, height - 3, across, len(places), look, mapped=mapped)[2] < most else head
    blank = int(height >= _ROOMY)
    rows = max(1, height - head - blank - int(bool(_lacking(found, mapped)) and height >= _SAID))
    size, gap_rows, room = _tile(most, rows, across, len(places), look, mapped=mapped)
    last = _output(found[-1].units, size, rows, across, len(places), mapped=mapped)
    taken = size[1] * (len(places) - 1) + last[1]
    gap = min(_WIDEST_GAP, (across - taken) // max(len(places) - 1, 1))
    spare = across - taken - gap * (len(places) - 1)
    titles = [_titles(found[place], look) for place in places if place is not None]
    brief = next((n for n in (0, 1) if all(cells(forms[n]) <= size[1] + gap - 2 for forms in titles)), 2)
    return _Plan(
        places, (head + blank, rows), size, last, gap, left + max(spare, 0) // 2, room, gap_rows == 0, head, brief
    )  # fmt: skip


def _margin(names: tuple[str, ...], width: int) -> int:
    """The room beside the neurons for their names."""
    longest = max((cells(name) for name in names), default=0)
    return min(longest, _NAME, width // 7) + 1 if longest else 0


def _across(count: int, width: int) -> list[int | None]:
    """The columns that find room: all, or the first and the last ones around a gap."""
    room = max(2, (width + _LEAST_GAP) // (_LEAST_WIDTH + _LEAST_GAP))
    if count <= room:
        return list(range(count))
    if room < 4:
        return [0, count - 1]
    front, back = (room - 1 + 1) // 2, (room - 1) // 2
    return [*range(front), None, *range(count - back, count)]


def _tile(
    most: int, rows: int, across: int, count: int, look: Look, *, mapped: bool
) -> tuple[tuple[int, int], int, int]:
    """A neuron's (height, width), the rows between two, and how many find room: all if that can be."""
    widest = max(_LEAST_WIDTH, (across - (count - 1) * _GOOD_GAP) // count)
    if not mapped:
        gap = int(2 * most - 1 <= rows)
        room = most if most * (1 + gap) - gap <= rows else max(1, (rows - 1) // (1 + gap))
        return (1, min(widest, 12)), gap, room
    tight = not look.ascii and look.colours == "full"
    smallest = [(2, 0)] if tight else []
    for high, gap in [*((high, 1) for high in range(10, 1, -1)), *smallest]:
        wide = min(widest, 3 * high if high == 2 else 2 * high)
        if most * (high + gap) - gap <= rows and wide >= min(2 * high, 8):
            return (high, wide), gap, most
    high, gap = (3, 1) if rows >= 15 else (2, 1) if rows >= 7 or not tight else (2, 0)
    high = min(high, max(1, rows - 1))
    return (high, min(widest, max(2 * high, _LEAST_WIDTH))), gap, max(1, (rows - 1 + gap) // (high + gap))


def _output(units: int, size: tuple[int, int], rows: int, across: int, count: int, *, mapped: bool) -> tuple[int, int]:
    """The (height, width) of an output, which may be larger than the other neurons."""
    spare = across - (count - 1) * (size[1] + _GOOD_GAP)
    if not mapped:
        return size
    for high in range(min(10, 2 * size[0] + 1), size[0], -1):
        if units * (high + 1) - 1 <= rows and 2 * high <= spare:
            return high, 2 * high
    return size


# -- drawing ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class _Stack:
    """The neurons of one column that are drawn: their numbers, and the first row and column of each."""

    column: Column
    left: int
    width: int
    height: int
    units: list[int]
    tops: list[int]
    start: int


def _draw(grid: Grid, plan: _Plan, found: list[Column], first: int) -> None:
    left, before, shown = plan.left, None, -1
    largest = max(1, len(found) - 1)
    for place in plan.places:
        width = plan.width(place, len(found))
        if place is None:
            _left_out(grid, plan, left, width, len(found) - len(plan.places) + 1)
            before = None
        else:
            stack = _stack(found[place], plan, left, width, first, last=place == largest)
            if before is not None and place == shown + 1:
                _wires(grid, plan, before, stack)
            _neurons(grid, plan, stack)
            _names(grid, stack, before is None and place == 0, place == largest)
            _head(grid, plan, stack)
            before, shown = stack, place
        left += width + plan.gap


def _stack(column: Column, plan: _Plan, left: int, width: int, first: int, *, last: bool) -> _Stack:
    top, rows = plan.rows
    high = plan.last[0] if last else plan.size[0]
    gap = 0 if plan.tight else 1
    room = column.units if column.units * (high + gap) - gap <= rows else max(1, (rows - 1 + gap) // (high + gap))
    start = max(0, min(first, column.units - room))
    units = [int(unit) for unit in column.order[start : start + room]]
    count = len(units)
    used = rows - (room < column.units)
    gap = max(gap, min(3, (used - count * high) // (count - 1))) if count > 1 else 0
    begin = top + max(0, (used - count * (high + gap) + gap) // 2)
    return _Stack(column, left, width, high, units, [begin + place * (high + gap) for place in range(count)], start)


def _neurons(grid: Grid, plan: _Plan, stack: _Stack) -> None:
    column = stack.column
    for unit, top in zip(stack.units, stack.tops, strict=True):
        place, values = (top, stack.left, stack.height, stack.width), column.map_of(unit)
        if values is not None:
            code = unit % CLASSES if column.tinted else None
            tight = plan.tight and len(stack.tops) > 1 and stack.tops[1] - stack.tops[0] == stack.height
            neurons.tile(grid, place, values, column.scale, tight=tight, code=code)
        elif column.gradient is None:
            name = column.names[unit] if column.names else ""
            neurons.source(grid, place, cut(name, max(stack.width - 2, 0), grid.look))
        else:
            neurons.bar(grid, place, *column.strength(unit))
    hidden = column.units - len(stack.units)
    if hidden > 0 and stack.tops:
        shown = f"+{hidden}"
        if stack.start:
            shown = f"{stack.start + 1}{grid.look.sign('–', '-')}{stack.start + len(stack.units)} of {column.units}"
        row = min(stack.tops[-1] + stack.height, grid.height - 1)
        _centred(grid, row, stack, (shown, f"+{hidden}"), plan, "label")


def _names(grid: Grid, stack: _Stack, left: bool, right: bool) -> None:
    """The names of the inputs on their left, of the outputs on their right."""
    if not stack.column.names or not (left or right):
        return
    for unit, top in zip(stack.units, stack.tops, strict=True):
        row, name = top + (stack.height - 1) // 2, stack.column.names[unit]
        if left and stack.column.maps is None:
            continue
        if left:
            shown = cut(name, max(0, min(stack.left - 1, _NAME)), grid.look)
            grid.put(row, stack.left - 1 - cells(shown), shown, "label")
        else:
            column = stack.left + stack.width + 1
            style = f"class{unit % CLASSES}" if stack.column.tinted else "label"
            grid.put(row, column, cut(name, max(0, grid.width - column), grid.look), style)


def _left_out(grid: Grid, plan: _Plan, left: int, width: int, count: int) -> None:
    row = plan.rows[0] + plan.rows[1] // 2
    for line, text in enumerate((f"+{count}", "layers")):
        grid.put(row + line - 1, left + (width - len(text)) // 2, text, "label")


# -- titles -------------------------------------------------------------------------------------------------------
def _head(grid: Grid, plan: _Plan, stack: _Stack) -> None:
    column = stack.column
    _, size, number = _titles(column, grid.look)
    if plan.head == 2:
        _centred(grid, 0, stack, _titles(column, grid.look)[plan.brief :], plan, "strong")
    else:
        _centred(grid, 0, stack, (column.title,), plan, "strong")
        _centred(grid, 1, stack, (size if column.gradient is not None else number, number), plan, "label")
    row = plan.head - 1
    if column.gradient is None:
        _centred(grid, row, stack, ("gradient:", "grad."), plan, "dim")
    else:
        _gradient(grid, row, stack, plan, column.gradient)


def _titles(column: Column, look: Look) -> tuple[str, str, str]:
    """What stands over a column where there is one row for it, from the longest to the shortest."""
    size = f"{column.units} {column.function}".strip()
    brief = "inputs" if column.gradient is None else size
    return f"{column.title} {look.sign('·', '-')} {size}", brief, f"{column.units}"


def _gradient(grid: Grid, row: int, stack: _Stack, plan: _Plan, gradient: float) -> None:
    """A bar from 1e-6 to 1 with the number; the number alone where there is little room."""
    look = grid.look
    shown = words.number(gradient, 2, ascii=look.ascii)
    length = min(stack.width + plan.gap - 2 - _NUMBER, _BAR)
    if length < 4:
        brief = words.exponent(gradient, 0) if math.isfinite(gradient) else shown
        _centred(grid, row, stack, (shown, brief), plan, "label")
        return
    share = 0.0
    if math.isfinite(gradient) and gradient > 0:
        share = min(max(1 - math.log10(gradient) / _VANISHED, 0.0), 1.0)
    filled = round(share * length)
    start = max(0, min(stack.left + (stack.width - length - _NUMBER) // 2, grid.width - length - 1 - cells(shown)))
    column = grid.put(row, start, look.sign("━", "=") * filled, "train")
    column = grid.put(row, column, look.sign("─", "-") * (length - filled), "axis")
    grid.put(row, column + 1, shown, "label")


def _centred(grid: Grid, row: int, stack: _Stack, forms: Sequence[str], plan: _Plan, style: str) -> None:
    """The first form that fits over a column, else the last one cut."""
    room = stack.width + plan.gap - 2
    form = next((form for form in forms if cells(form) <= room), cut(forms[-1], room, grid.look))
    start = stack.left + (stack.width - cells(form)) // 2
    grid.put(row, max(0, min(start, grid.width - cells(form))), form, style)


# -- wires --------------------------------------------------------------------------------------------------------
def _wires(grid: Grid, plan: _Plan, before: _Stack, stack: _Stack) -> None:
    """The weights between the neurons that are drawn: all, or where they are many those that matter."""
    weights = stack.column.weights
    if weights is None or not weights.size or plan.gap < 1:
        return
    with np.errstate(all="ignore"):
        known = np.abs(weights[np.isfinite(weights)])
    if not len(known) or not known.max() > 0:
        return
    largest = neurons.snapped(float(known.max()))
    shown = weights[np.ix_(stack.units, before.units)]
    sizes = np.where(np.isfinite(shown), np.abs(shown), 0) / largest
    least = np.zeros(len(shown)) if shown.size <= plan.rows[1] else np.minimum(_CROWD, sizes.max(axis=1))
    drawn = []
    for place in np.argsort(sizes, axis=None, kind="stable").tolist():
        to, come = divmod(place, len(before.units))
        if sizes[to, come] >= least[to] and sizes[to, come] > 0.02:
            start = before.tops[come] + before.height / 2, float(before.left + before.width)
            end = stack.tops[to] + stack.height / 2, float(stack.left)
            drawn.append(wires.Wire(start, end, wires.level(float(sizes[to, come])), bool(shown[to, come] > 0)))
    aside = int(grid.look.ascii or grid.look.colours != "full")  # else the signs of wires and of maps run together
    left, right = before.left + before.width + aside, stack.left - aside
    wires.draw(grid, drawn, plan.rows[0], left, plan.rows[1], right - left)


# -- the last row -------------------------------------------------------------------------------------------------
def _lacking(found: list[Column], mapped: bool) -> str:
    """What the picture lacks, and why; empty where it is whole."""
    if all(column.weights is None for column in found):
        return "too many weights to keep for lines"
    return "" if mapped else "no plane for maps; bars: how long a neuron's weights are; colour: its bias"


def _foot(grid: Grid, plan: _Plan, found: list[Column], mapped: bool) -> None:
    """What the colours mean, and why there are no maps, in the last row where nothing stands in it."""
    row, look = grid.height - 1, grid.look
    if row < plan.rows[0] + 2 or (grid.signs[row] != " ").any():
        return
    sentence = _lacking(found, mapped)
    dash = look.sign("╍╍", "--")
    line = look.sign("━━", "++")
    entries = [(f"{dash} ", wires.role(False)), ("below zero  ", "label")]
    entries += [(f"{line} ", wires.role(True)), ("above", "label")]
    room = sum(cells(text) for text, _ in entries)
    if room + (cells(sentence) + 2 if sentence else 0) <= grid.width:
        column = grid.width - room
        for text, style in entries:
            column = grid.put(row, column, text, style)
    if sentence:
        grid.put(row, 0, cut(sentence, grid.width, look), "dim")
