"""How much each input does for a model of trees, as bars, the foremost first."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.found import Importances
from mltui.plots import words
from mltui.plots.coefficients import order
from mltui.plots.grid import Grid, cut, message
from mltui.plots.look import Look
from mltui.plots.named_bars import Bars, Words

_NOTED = 8
_KINDS = {
    "impurity": "how much its questions purify the nodes, by the rows asked; in sum 1",
    "gain": "how much its questions lower the loss; in sum 1",
}


def importance(found: Importances, width: int, height: int, look: Look, *, first: int = 0) -> list[Text]:
    """Draw the importances, a bar each; where they differ from tree to tree, the span says by how much.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        first: how many inputs are scrolled past.
    """
    if not found.names:
        return message("no input is asked about", width, height, look)
    grid = Grid(width, height, look)
    places = order(found.values)
    values, spread = found.values[places], found.spread[places]
    names = tuple(words.clean(found.names[place], ascii=look.ascii, limit=80) for place in places)
    numbers = tuple(words.fixed(float(value), ascii=look.ascii) for value in values)
    columns = [Words("importance", numbers, 2, "share")]
    if np.isfinite(spread).any():
        sign = look.sign("±", "+-")
        said = tuple(f"{sign} {words.fixed(float(one), ascii=look.ascii)}" for one in spread)
        columns.append(Words("over trees", said, 1))
    noted = int(height >= _NOTED)
    bars = Bars("input", names, values, spread, tuple(columns), signed=False, roles=("good", "good"))
    bars.put(grid, height - noted, first)
    if noted:
        left = f"; {words.count(found.left_out, 'lesser one')} left out" if found.left_out else ""
        grid.put(height - 1, 0, cut(_KINDS.get(found.kind, "") + left, width, look), "dim")
    return grid.rows()


def scrolls(found: Importances, height: int) -> int:
    """How far the inputs can be scrolled: the largest `first` that changes the picture."""
    return max(0, len(found.names) - max(height - 1 - int(height >= _NOTED), 1))
