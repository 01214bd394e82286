"""The table of metrics by part, the sealed test part shown as such, unweighted numbers beside weighted ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from mltui.core.sections import PARTS
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import Look, Role

_NAMES = {
    "loss": ("loss", "loss"),
    "accuracy": ("accuracy", "accuracy"),
    "auc": ("AUC", "AUC"),
    "average_precision": ("average precision", "average precision"),
    "brier": ("Brier score", "Brier score"),
    "separation": ("separation", "separation"),
    "efficiency_at": ("ε_S at ε_B {:.0%}", "eps_S at eps_B {:.0%}"),
    "rmse": ("RMSE", "RMSE"),
    "mae": ("mean absolute error", "mean absolute error"),
    "r2": ("R²", "R2"),
    "precision": ("precision {}", "precision {}"),
    "recall": ("recall {}", "recall {}"),
}
_FEWEST = 9
"""The narrowest column of numbers."""


@dataclass(frozen=True)
class _Column:
    title: str
    metrics: Mapping[str, Any] | None
    role: Role


def numbers(
    metrics: Mapping[str, Mapping[str, Any] | None], width: int, height: int, look: Look, *, openings: int = 0
) -> list[Text]:
    """Draw the metrics, a row each, a column a part.

    Where a part's metrics were weighted, its unweighted ones follow in a column of their own if there is room. What
    finds no row is counted in the last one.

    Args:
        metrics: by part, as the contract names them; the test part is absent or None while it is sealed.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        openings: how often the test part has been opened.
    """
    if not any(metrics.get(part) for part in PARTS):
        return message("no numbers yet", width, height, look)
    names = _names(metrics, look)
    label = min(max(cells(name) for _, _, name in names) + 1, max(8, width // 3))
    grid = Grid(width, height, look)
    columns = _columns(metrics, width - label, openings, look)
    wide = min(16, (width - label) // len(columns))
    for number, column in enumerate(columns):
        _right(grid, 0, label + (number + 1) * wide, cut(column.title, wide - 1, look), column.role)
    room = height - 1
    shown = names if len(names) <= room else names[: max(room - 1, 0)]
    for row, (key, inner, name) in enumerate(shown, start=1):
        grid.put(row, 0, cut(name, label - 1, look), "label")
        for number, column in enumerate(columns):
            text, style = _value(column, key, inner, row, look)
            _right(grid, row, label + (number + 1) * wide, text, style)
    if openings and len(names) + 1 < height:
        note = f"the test part has been opened {words.count(openings, 'time')}"
        grid.put(len(names) + 1, 0, cut(note, width, look), "dim")
    if len(shown) < len(names) and height > 1:
        grid.put(height - 1, 0, cut(f"and {len(names) - len(shown)} more in a taller pane", width, look), "dim")
    return grid.rows()


def _columns(metrics: Mapping[str, Mapping[str, Any] | None], room: int, openings: int, look: Look) -> list[_Column]:
    columns = []
    for part in PARTS:
        title = f"test ({openings}{look.sign('×', 'x')})" if part == "test" and openings else part
        columns.append(_Column(title, metrics.get(part), part))
    weighted = [number for number, column in enumerate(columns) if column.metrics and "unweighted" in column.metrics]
    if (len(columns) + len(weighted)) * _FEWEST <= room:
        for number in reversed(weighted):
            found = columns[number].metrics
            columns.insert(number + 1, _Column("unweighted", found["unweighted"] if found else None, "dim"))
    return columns


def _names(metrics: Mapping[str, Mapping[str, Any] | None], look: Look) -> list[tuple[str, str, str]]:
    """The rows: the metric's key, the key within it or "", and what it is called."""
    found: Mapping[str, Any] = next(part for part in metrics.values() if part)
    rows = []
    for key, (name, plain) in _NAMES.items():
        if key not in found:
            continue
        template = look.sign(name, plain)
        if key == "efficiency_at":
            rows += [(key, at, template.format(float(at))) for at in found[key]]
        elif isinstance(found[key], Mapping):
            rows += [(key, at, template.format(words.clean(at, ascii=look.ascii))) for at in found[key]]
        else:
            rows.append((key, "", template))
    return rows


def _value(column: _Column, key: str, inner: str, row: int, look: Look) -> tuple[str, Role]:
    if not column.metrics:
        return ("sealed" if column.title == "test" and row == 1 else ""), "dim"
    value = column.metrics.get(key)
    if inner:
        value = value.get(inner) if isinstance(value, Mapping) else None
    text = (
        words.number(value, 4, ascii=look.ascii)
        if key in ("loss", "rmse", "mae")
        else words.fixed(value, 4, ascii=look.ascii)
    )
    return text, "dim" if column.role == "dim" else "strong" if column.role == "validation" else "label"


def _right(grid: Grid, row: int, end: int, text: str, role: Role) -> None:
    grid.put(row, end - cells(text), text, role)
