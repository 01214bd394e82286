"""The variables by how well each alone tells the classes apart, as a table with bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.style import Style
from rich.text import Text

from mltui.plots import words
from mltui.plots.columns import CURSOR
from mltui.plots.grid import Grid, cells, cut, message, squeezed
from mltui.plots.look import Look, Role

_HEAD = "variable"
_LEAST_BAR, _GOOD_BAR = 6, 12
_LEAST_NAME, _MOST_NAME = 14, 40
_SHORT = {"separation": "sep.", "correlation": "corr."}


def ranking(
    ranked: Sequence[Mapping[str, Any]],
    width: int,
    height: int,
    look: Look,
    *,
    first: int = 0,
    chosen: str | None = None,
    cursor: Style = CURSOR,
) -> list[Text]:
    """Draw the ranking: place, name, a bar, the separation and the AUC, or the correlation with a number to predict.

    Args:
        ranked: best first, each with its name, label, separation and auc, or with a correlation; numbers or None.
        width: cells a row.
        height: rows, the first being the heads.
        look: what the terminal can show.
        first: how many places are scrolled past.
        chosen: the name of the row to mark. cursor: its style.
    """
    if not ranked:
        return message("nothing to rank: no feature, or no target", width, height, look)
    grid = Grid(width, height, look)
    shown = list(ranked)[first : first + max(height - 1, 0)]
    place = len(str(len(ranked))) + 1
    longest = max(cells(_HEAD), *(cells(_label(entry, look)) for entry in shown)) if shown else 0
    numbers = _numbers(shown, width - place, look)
    taken = sum(column + 2 for column, _, _ in numbers)
    free = width - place - taken - 2
    name = min(longest, _MOST_NAME, max(free - _GOOD_BAR, _LEAST_NAME), max(free, min(8, width)))
    bar = width - place - name - 1 - taken - 1
    left = place + name + 1
    grid.put(0, place, cut(_HEAD, name, look), "dim")
    scale = max(map(_strength, ranked), default=0.0)
    for row, entry in enumerate(shown, start=1):
        here = cursor if entry.get("name") == chosen else None
        if here:
            grid.put(row, 0, " " * width, here)
        grid.put(row, 0, f"{first + row:>{place - 1}}", here or "dim")
        grid.put(row, place, squeezed(_label(entry, look), name, look), here or "label")
        if bar >= _LEAST_BAR:
            _bar(grid, (row, left), bar, _strength(entry) / scale if scale > 0 else 0.0, here or "good")
    end = width
    for column, head, values in reversed(numbers):
        grid.put(0, end - cells(head), head, "dim")
        for row, value in enumerate(values, start=1):
            plain = "label" if head == "auc" else "strong"
            grid.put(row, end - cells(value), value, cursor if shown[row - 1].get("name") == chosen else plain)
        end -= column + 2
    return grid.rows()


def _label(entry: Mapping[str, Any], look: Look) -> str:
    return words.clean(entry.get("label") or entry.get("name") or "", ascii=look.ascii, limit=200)


def _numbers(shown: Sequence[Mapping[str, Any]], room: int, look: Look) -> list[tuple[int, str, list[str]]]:
    """The columns of numbers with their widths and heads, as many as leave room for names."""
    columns: list[tuple[int, str, list[str]]] = []
    for key in ("separation", "auc", "correlation"):
        values = [words.fixed(_known(entry.get(key)), ascii=look.ascii) for entry in shown]
        if any(entry.get(key) is not None for entry in shown) and room > 20 + 10 * len(columns):
            head = key if room >= 40 else _SHORT.get(key, key)
            columns.append((max(map(cells, [head, *values])), head, values))
    return columns


def _known(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _strength(entry: Mapping[str, Any]) -> float:
    """What the bar shows: the separation, or how strong the correlation is."""
    number = _known(entry.get("separation", entry.get("correlation")))
    number = _known(entry.get("correlation")) if number is None else number
    return abs(number) if number is not None and np.isfinite(number) else 0.0


def _bar(grid: Grid, place: tuple[int, int], room: int, share: float, style: Style | Role) -> None:
    look = grid.look
    halves = round(min(share, 1.0) * room * 2)
    if look.ascii:
        grid.put(*place, "#" * (halves // 2), style)
    else:
        grid.put(*place, "━" * (halves // 2) + "╸" * (halves % 2), style)
