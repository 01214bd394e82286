"""How the score or the residual goes with each variable, as bars from zero, the strongest first."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.table import Floats, Integers
from mltui.evaluation.dependence import Dependence
from mltui.plots import words
from mltui.plots.grid import Grid, cut, message
from mltui.plots.look import Look
from mltui.plots.named_bars import Bars, Words

_NOTED = 8


def dependence(found: Dependence, width: int, height: int, look: Look, *, of: str, first: int = 0) -> list[Text]:
    """Draw the linear correlation over the first group of rows; beside it by rank, and the linear one in the others.

    A bar of the whole length is a correlation of 1.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        of: what goes with the variables, such as the score.
        first: how many variables are scrolled past.
    """
    if not found.names:
        return message("no variable that is a number", width, height, look)
    grid = Grid(width, height, look)
    places = strongest(found)
    columns = [
        Words("linear", _said(found.linear[0][places], look), 9),
        Words("rank", _said(found.rank[0][places], look), 5),
    ]
    for place, group in enumerate(found.groups[1:], start=1):
        label = cut(words.clean(group, ascii=look.ascii, limit=40), 12, look)
        columns.append(Words(label, _said(found.linear[place][places], look), 8 - place))
    names = tuple(words.clean(found.names[place], ascii=look.ascii, limit=80) for place in places)
    noted = int(height >= _NOTED)
    values = found.linear[0][places]
    bars = Bars(
        "variable", names, values, np.full(len(values), np.nan), tuple(columns),
        sides=("falls with it", "rises with it"), roles=("bad", "good"), full=1.0,
    )  # fmt: skip
    bars.put(grid, height - noted, first)
    if noted:
        within = "; then linear within each class" if len(found.groups) > 1 else ""
        note = f"{of} over all rows, linear (bar) and by rank{within}"
        grid.put(height - 1, 0, cut(note, width, look), "dim")
    return grid.rows()


def strongest(found: Dependence) -> Integers:
    """The variables from the strongest correlation in any group, of either kind, to the weakest."""
    every = np.concatenate([found.linear, found.rank])
    sizes = np.where(np.isfinite(every), np.abs(every), -1.0).max(axis=0)
    return np.argsort(-sizes, kind="stable")


def _said(values: Floats, look: Look) -> tuple[str, ...]:
    return tuple(signed(float(value), look) for value in values)


def signed(value: float, look: Look) -> str:
    """A correlation with its sign and two decimals; a dash for none."""
    if not np.isfinite(value):
        return words.fixed(None, ascii=look.ascii)
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", look.sign("−", "-"))


def scrolls(found: Dependence, height: int) -> int:
    """How far the variables can be scrolled: the largest `first` that changes the picture."""
    return max(0, len(found.names) - max(height - 1 - int(height >= _NOTED), 1))
