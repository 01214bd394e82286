"""What a run and its machine use, drawn: a bar and the last minutes of each; and what the record says, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.plots.grid import Grid, cells, cut
from mltui.plots.look import Look, Role
from mltui.plots.words import count, duration, number, size

_PHASES = ("preparing", "training", "closing")
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LABEL = 16
_WORDS = 27


@dataclass(frozen=True, eq=False)
class Gauge:
    """One row: a name, how full it is, words, and how that was lately.

    Attributes:
        past: shape (looks,), shares from 0 to 1, the last now; not-a-number where nothing is known.
        role: whose colour it has.
    """

    name: str
    words: str
    past: Floats
    role: Role = "label"


def said(resources: Mapping[str, Any]) -> str:
    """The record in one sentence; empty where it says nothing.

    >>> said({"peak_memory": 412_000_000, "processor_seconds": 3.24, "threads": 2, "phases": {"training": 2.1}})
    'used 412 MB of memory at its peak, 3.2 s of processor time, 2 threads; training took 2.1 s'
    """
    words = [f"{size(peak)} of memory at its peak" if (peak := _number(resources, "peak_memory")) else ""]
    card = _number(resources, "card_memory")
    words.append(f"{size(card)} of a graphics card's" if card else "")
    spent = _number(resources, "processor_seconds")
    words.append(f"{duration(spent)} of processor time" if spent is not None else "")
    threads = _number(resources, "threads")
    words.append(count(threads, "thread") if threads else "")
    parts = [f"{name} took {duration(seconds)}" for name, seconds in phases(resources).items()]
    used = ", ".join(filter(None, words))
    return "; ".join(filter(None, (f"used {used}" if used else "", ", ".join(parts))))


def phases(resources: Mapping[str, Any]) -> dict[str, float]:
    """The seconds of each part of the work that the record tells, in their order."""
    told = resources.get("phases")
    known = told if isinstance(told, Mapping) else {}
    return {name: seconds for name in _PHASES if (seconds := _number(known, name)) is not None}


def _number(found: Mapping[str, Any], name: str) -> float | None:
    value = found.get(name)
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None  # type: ignore[arg-type]


def gauges(
    sections: Sequence[tuple[str, Sequence[Gauge]]], lines: Sequence[str], width: int, height: int, look: Look
) -> list[Text]:
    """Exactly `height` rows of `width` cells: each section's title and its gauges, then lines of text.

    Where there is little room the past goes first, then the bars; a value is never cut for a picture.
    """
    grid = Grid(width, height, look)
    row = 0
    for title, found in sections:
        grid.put(row, 0, cut(title, width, look), "strong")
        row += 1
        for one in found:
            _gauge(grid, row, one)
            row += 1
        row += 1 if height > sum(len(g) + 2 for _, g in sections) + len(lines) else 0
    for line in lines:
        grid.put(row, 0, cut(line, width, look), "label")
        row += 1
    return grid.rows()


def _gauge(grid: Grid, row: int, one: Gauge) -> None:
    look, width = grid.look, grid.width
    grid.put(row, 1, cut(one.name, _LABEL - 2, look), "dim")
    left = width - _LABEL - 1
    room = max(0, left - max(_WORDS, cells(one.words)) - 1)
    bar = min(20, room // 2) if room >= 24 else min(20, room)
    column = _LABEL
    if bar >= 4:
        _bar(grid, row, column, bar, one)
        column += bar + 1
    column = grid.put(row, column, one.words, one.role)
    column = max(column, _LABEL + (bar + 1 if bar >= 4 else 0) + _WORDS) + 1
    if width - column >= 8:
        grid.put(row, column, _past(one.past, width - column - 1, look), one.role)


def _bar(grid: Grid, row: int, column: int, width: int, one: Gauge) -> None:
    share = float(one.past[-1]) if len(one.past) else math.nan
    full = 0 if math.isnan(share) else round(min(max(share, 0.0), 1.0) * width)
    grid.put(row, column, grid.look.sign("━", "#") * full, one.role)
    grid.put(row, column + full, grid.look.sign("─", "-") * (width - full), "dim")


def _past(past: Floats, width: int, look: Look) -> str:
    """The last looks, one a cell, the newest at the right; on one scale from nothing to all."""
    signs = " .:-=+*#" if look.ascii else _EIGHTHS
    recent = past[-width:]
    known = np.clip(np.nan_to_num(recent), 0.0, 1.0)
    levels = np.ceil(known * (len(signs) - 1)).astype(np.int64)
    shown = "".join(" " if math.isnan(value) else signs[level] for value, level in zip(recent, levels, strict=True))
    return shown.rjust(width)


def busy(processors: float | None, share: int, *, ascii: bool = False) -> str:
    """How many processors are busy.

    >>> busy(1.94, 8), busy(None, 2)
    ('1.9 of 8', '– of 2')
    """
    return f"{number(processors, ascii=ascii) if processors is None else f'{processors:.1f}'} of {share}"
