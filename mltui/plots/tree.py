"""A decision tree as indented text: a line a node with its rows, what it says, and how pure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from mltui.core.found import Trees
from mltui.core.table import Floats
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message, squeezed
from mltui.plots.look import CLASSES, Look, Role
from mltui.plots.tree_text import DEEPEST, Line, fitting_depth, lines

_BAR, _LEAST_QUESTION, _GAP = 10, 16, 2
_LONGEST = 16
"""Cells of a class's name."""


@dataclass(frozen=True)
class _Column:
    """A column beside the questions; the one with the lowest `keep` gives way first."""

    head: str
    values: tuple[str, ...]
    roles: tuple[Role, ...]
    keep: int

    @property
    def width(self) -> int:
        return max(map(cells, (self.head, *self.values)), default=0)


def tree(
    trees: Trees, which: int, width: int, height: int, look: Look, *, depth: int | None = None, first: int = 0
) -> list[Text]:
    """Draw one tree: the answer that leads to each node, then how many rows come by, what it says, and how purely.

    Of classes it says the one of the most weight and its share, and a bar of marks has the shares of all; of values the
    mean with its spread; of a boosted tree what a leaf adds to the score; of cuts how much of signal and background is
    left. Where there is room, the next trees follow.

    Args:
        trees: what to draw from.
        which: the place of the first tree.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        depth: how many levels are unfolded; None: as many as find room.
        first: how many lines are scrolled past.
    """
    if not len(trees):
        return message("no trees", width, height, look)
    found = _lines(trees, which, height, look, depth)
    first = max(0, min(first, len(found) - max(height - 1, 1)))
    shown = found[first : first + max(height - 1, 0)]
    grid = Grid(width, height, look)
    columns = _columns(trees, [line.node for line in shown], which, width, look)
    barred = width - sum(column.width + _GAP for column in columns) - _BAR - _GAP >= _LEAST_QUESTION + 8
    end = width - (_BAR + _GAP if barred else 0)
    for column in reversed(columns):
        grid.put(0, end - cells(column.head), column.head, "dim")
        for row, (value, role) in enumerate(zip(column.values, column.roles, strict=True), start=1):
            grid.put(row, end - cells(value), value, role)
        end -= column.width + _GAP
    _head(grid, trees, max(end, 0))
    for row, line in enumerate(shown, start=1):
        _question(grid, row, line, max(end, 0))
        if barred:
            _bar(grid, row, trees, line.node)
    return grid.rows()


def scrolls(trees: Trees, which: int, height: int, look: Look, depth: int | None = None) -> int:
    """How far the lines can be scrolled: the largest `first` that changes the picture."""
    if not len(trees):
        return 0
    return max(0, len(_lines(trees, which, height, look, depth)) - max(height - 1, 1))


def unfolded(trees: Trees, which: int, height: int) -> int:
    """How many levels find room."""
    return fitting_depth(trees, which, height - 1)


def _lines(trees: Trees, which: int, height: int, look: Look, depth: int | None) -> list[Line]:
    """Those of one tree, and of the next ones that find room below it as a whole."""
    depth = DEEPEST if trees.kind == "cuts" else depth
    found = lines(trees, which, unfolded(trees, which, height) if depth is None else depth, look)
    for other in range(which + 1, len(trees)):
        if len(found) >= height - 1:
            break
        more = lines(trees, other, DEEPEST if depth is None else depth, look)
        if len(found) + len(more) > height - 1:
            break
        found += more
    return found


def _head(grid: Grid, trees: Trees, room: int) -> None:
    """Over the questions: how to turn to other trees, and how many there are to turn to."""
    kept = f", {len(trees)} are kept" if len(trees) < trees.total else ""
    hints = ["question"]
    if len(trees) > 1:
        hints = [f"question   [ ] turn{kept}", "question   [ ] turn", *hints]
    grid.put(0, 0, next((hint for hint in hints if len(hint) <= room), cut("question", room, grid.look)), "dim")


def _question(grid: Grid, row: int, line: Line, room: int) -> None:
    """The branches, the answer that leads to the node, and what is folded below it."""
    look = grid.look
    folded = f"{look.sign('▸', '>')} {words.count(line.folded, 'node')} below" if line.folded else ""
    prefix = line.prefix
    if len(prefix) > max(0, room - _LEAST_QUESTION):  # of a deep one the last branches tell most
        kept = max(0, room - _LEAST_QUESTION - 1)
        prefix = look.sign("…", "~") + prefix[len(prefix) - kept :] if kept else ""
    column = grid.put(row, 0, prefix, "axis")
    if folded and column + cells(line.name) + cells(line.answer) + _GAP + cells(folded) > room:
        folded = look.sign("▸", ">") + str(line.folded)
    space = room - column - cells(line.answer) - (cells(folded) + 1 if folded else 0)
    name = squeezed(line.name, max(space, min(4, room - column), 0), look) if line.prefix else line.name
    role = "" if line.prefix else "strong"
    column = grid.put(row, column, cut(name + line.answer, max(room - column, 0), look), role)
    if folded:
        grid.put(row, column + 1, cut(folded, max(0, room - column - 1), look), "dim")


# -- what stands beside -------------------------------------------------------------------------------------------
def _columns(trees: Trees, nodes: list[int], which: int, width: int, look: Look) -> list[_Column]:
    rows, weight = trees.rows[nodes], trees.weight[nodes]
    plain: tuple[Role, ...] = ("label",) * len(nodes)
    columns = []
    if (rows >= 0).all():
        columns.append(_Column("rows", tuple(f"{count:,}" for count in rows.tolist()), plain, 2))
    if not (rows >= 0).all() or (width >= 90 and not np.allclose(weight, rows, equal_nan=True)):
        said = tuple(words.number(float(one), ascii=look.ascii) for one in weight)
        columns.append(_Column("weight" if (rows >= 0).all() else "cover", said, plain, 1))
    if trees.kind == "cuts" and trees.values.shape[1] == 2:
        columns += _efficiencies(trees, nodes, look)
    elif trees.says == "classes":
        columns += _classes(trees, nodes, look)
    else:
        columns += _values(trees, nodes, which, look)
    while len(columns) > 1 and sum(column.width + _GAP for column in columns) > width - _LEAST_QUESTION:
        columns.remove(min(columns, key=lambda column: column.keep))
    return columns if columns and columns[0].width + _GAP <= width - _LEAST_QUESTION // 2 else []


def _shares(trees: Trees, node: int) -> Floats:
    """The share of each class in a node; what weighs less than nothing counts as nothing."""
    with np.errstate(all="ignore"):
        values = np.nan_to_num(trees.values[node], nan=0.0, posinf=0.0, neginf=0.0).clip(0)
        largest = values.max(initial=0.0)
        values = values / largest if largest > 0 else values
        whole = values.sum()
        return values / whole if whole > 0 else np.zeros_like(values)


def _efficiencies(trees: Trees, nodes: list[int], look: Look) -> list[_Column]:
    """Of cuts how much of signal and background is left, and how pure the signal is."""
    roots = trees.start[np.searchsorted(trees.start, nodes, side="right") - 1]
    with np.errstate(all="ignore"):
        left = trees.values[nodes] / trees.values[roots]
        purity = trees.values[nodes, 1] / trees.values[nodes].sum(axis=1)
    found = (
        (look.sign("ε_S", "eps_S"), left[:, 1], 3),
        (look.sign("ε_B", "eps_B"), left[:, 0], 3),
        ("purity", purity, 2),
    )
    roles: tuple[Role, ...] = ("label",) * len(nodes)
    return [
        _Column(head, tuple(words.fixed(float(value), decimals, ascii=look.ascii) for value in values), roles, keep)
        for keep, (head, values, decimals) in enumerate(found, start=3)
    ]


def _classes(trees: Trees, nodes: list[int], look: Look) -> list[_Column]:
    shares = [_shares(trees, node) for node in nodes]
    named = [one for one in shares if one.any()]
    names = [words.clean(name, ascii=look.ascii, limit=40) for name in trees.outputs]
    said, roles, purities = [], [], []
    for share in shares:
        code = int(share.argmax()) if len(share) else 0
        told = bool(named) and bool(share.any()) and code < len(names)
        said.append(cut(names[code], _LONGEST, look) if told else words.fixed(None, ascii=look.ascii))
        roles.append(f"class{code % CLASSES}" if told else "dim")
        purities.append(words.fixed(float(share[code]) if told else None, 2, ascii=look.ascii))
    return [
        _Column("says", tuple(said), tuple(roles), 4),
        _Column("purity", tuple(purities), ("strong",) * len(nodes), 3),
    ]


def _values(trees: Trees, nodes: list[int], which: int, look: Look) -> list[_Column]:
    """The value of each node with its spread; of a boosted tree what a leaf adds, and for which class."""
    head = "says"
    if trees.says == "step":
        several = len(np.unique(trees.output)) > 1  # then each tree says for whom
        name = "" if several else words.clean(_output(trees, which), ascii=look.ascii, limit=40)
        head = f"adds to {cut(name, _LONGEST, look)}" if name else "adds"
    columns = []
    for place in range(trees.values.shape[1]):
        values = trees.values[nodes, place]
        told = tuple(words.number(float(value), ascii=look.ascii) if np.isfinite(value) else "" for value in values)
        several = trees.values.shape[1] > 1 and place < len(trees.outputs)
        title = cut(words.clean(trees.outputs[place], ascii=look.ascii, limit=40), _LONGEST, look) if several else head
        columns.append(_Column(title, told, ("strong",) * len(nodes), 5 - place))
    spread = trees.spread[nodes]
    if np.isfinite(spread).any() and trees.values.shape[1] == 1:
        sign = look.sign("±", "+-")
        said = tuple(f"{sign} {words.number(float(one), 2, ascii=look.ascii)}" for one in spread)
        columns.append(_Column("spread", said, ("label",) * len(nodes), 1))
    return columns


def _output(trees: Trees, which: int) -> str:
    code = int(trees.output[which])
    return trees.outputs[code] if 0 <= code < len(trees.outputs) else ""


# -- the bar ------------------------------------------------------------------------------------------------------
def _bar(grid: Grid, row: int, trees: Trees, node: int) -> None:
    """What a node says at a glance: the classes by their marks, or how high the value is among those of all trees."""
    left, look = grid.width - _BAR, grid.look
    if trees.says == "classes":
        shares = _shares(trees, node)
        ends = np.round(np.cumsum(shares) * _BAR).astype(np.int64)
        begin = 0
        for code, end in enumerate(ends.tolist()):
            mark = look.mark(code, max(2, len(shares)))
            grid.put(row, left + begin, mark * (end - begin), f"class{code % CLASSES}")
            begin = max(begin, end)
        return
    value = float(trees.values[node, 0])
    known = trees.values[:, 0][np.isfinite(trees.values[:, 0])]
    if not math.isfinite(value) or not len(known):
        return
    signed = trees.says == "step"
    with np.errstate(all="ignore"):
        low, high = (0.0, float(np.abs(known).max())) if signed else (float(known.min()), float(known.max()))
        share = (abs(value) if signed else value - low) / (high - low) if high > low else 1.0
    filled = round(min(max(share, 0.0), 1.0) * _BAR) if math.isfinite(share) else 0
    role = ("class0", "class1")[value > 0] if signed else "good"
    grid.put(row, left, look.sign("─", "-") * _BAR, "axis")
    grid.put(row, left, look.sign("━", "#") * filled, role)
