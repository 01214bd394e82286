"""How much each input does for a model, as bars, the foremost first."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from mltui.core.found import Importances
from mltui.core.permutation import Permutation
from mltui.core.table import Floats, Integers
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


def permuted(found: Permutation, width: int, height: int, look: Look, *, first: int = 0) -> list[Text]:
    """Draw what the model loses without each variable, a bar each; the span is its deviation over the repeats.

    Args:
        found: what to draw.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        first: how many variables are scrolled past.
    """
    if found.why or not found.names:
        return message(found.why or "no variable was dealt out", width, height, look)
    grid = Grid(width, height, look)
    places = foremost(found)
    values, spread = _floats(found.drops)[places], _floats(found.deviations)[places]
    names = tuple(words.clean(found.names[place], ascii=look.ascii, limit=80) for place in places)
    sign = look.sign("±", "+-")
    said = tuple(f"{sign} {words.fixed(float(one), ascii=look.ascii)}" for one in spread)
    columns = (
        Words(f"{found.metric} lost", _signed(values, look), 2, "lost"),
        Words(f"over {found.repeats} repeats", said, 1, "over repeats"),
    )
    noted = int(height >= _NOTED)
    bars = Bars(
        "variable", names, values, spread, columns, sides=("better without", "worse without"), roles=("bad", "good"),
    )  # fmt: skip
    bars.put(grid, height - noted, first)
    if noted:
        left = f"; {words.count(found.left_out, 'variable')} left out" if found.left_out else ""
        value = words.metric(found.metric, found.value, ascii=look.ascii)
        rows = f"{words.count(found.rows, 'row')} of {found.part}"
        grid.put(height - 1, 0, cut(f"{found.metric} {value} with all of them, on {rows}{left}", width, look), "dim")
    return grid.rows()


def foremost(found: Permutation) -> Integers:
    """The variables from the largest loss to the smallest, those whose loss is not known last."""
    drops = _floats(found.drops)
    return np.argsort(-np.where(np.isfinite(drops), drops, -np.inf), kind="stable")


def _floats(values: tuple[float | None, ...]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def _signed(values: Floats, look: Look) -> tuple[str, ...]:
    said = (words.fixed(float(value), ascii=look.ascii) for value in values)
    return tuple("0.000" if one == "-0.000" else one.replace("-", look.sign("−", "-"), 1) for one in said)


def scrolls(found: Importances | Permutation, height: int) -> int:
    """How far the inputs can be scrolled: the largest `first` that changes the picture."""
    return max(0, len(found.names) - max(height - 1 - int(height >= _NOTED), 1))
