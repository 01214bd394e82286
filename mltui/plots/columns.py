"""The columns of a dataset as a list, and its first rows as a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from rich.text import Text

from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message, squeezed
from mltui.plots.look import Look, Role

_ROLES: Mapping[str, tuple[str, str, Role]] = {
    "feature": ("✓", "x", "good"),
    "target": ("T", "T", "accent"),
    "weight": ("W", "W", "accent"),
    "unusable": ("✗", "-", "bad"),
}
"""By role: the mark, in ASCII, and whose style it has; every other role has an empty place."""
CURSOR = Style(bold=True, reverse=True)
"""How the row under the cursor looks where nothing else is said."""
_LEAST_NAME, _ENOUGH, _MOST_NAME = 12, 18, 48
_WIDEST_CELL = 24
_DIGITS = 10
_FRACTION = re.compile(r"-?\d{1,12}\.\d{1,30}(e[-+]?\d{1,3})?")
"""Longer fractions are rounded, so that more columns are in sight."""
_MEASURED = 300
"""The names of so many columns decide how wide a list is, beside those in sight."""
_GAP = 2


@dataclass(frozen=True)
class _Part:
    """A part of every row: its head, its texts, and on which side they stand."""

    head: str
    texts: tuple[str, ...]
    right: bool = True

    @property
    def width(self) -> int:
        return max(map(cells, (self.head, *self.texts)), default=0)


def column_list(
    columns: Sequence[Mapping[str, Any]],
    width: int,
    height: int,
    look: Look,
    *,
    first: int = 0,
    chosen: str | None = None,
    paired: Collection[str] = (),
    cursor: Style = CURSOR,
    empty: str = "no columns",
) -> list[Text]:
    """Draw a part of the list: what each column is used as, its name, its kind, what is missing, its range.

    A feature has a tick, the target a T, the weight a W, what cannot be used a cross. Where there is little room the
    range goes first, then the missing share, then the kind.

    Args:
        columns: as a description tells them; only those in sight are looked at.
        width: cells a row.
        height: rows, the first being the heads.
        look: what the terminal can show.
        first: how many columns are scrolled past.
        chosen: the name of the row to mark.
        paired: the names that are in the pair plot.
        cursor: the style of the row that is marked.
        empty: what is said where there is no column.
    """
    if not columns:
        return message(empty, width, height, look)
    grid = Grid(width, height, look)
    shown = list(columns)[first : first + max(height - 1, 0)]
    parts = _fitting(shown, width - 4, look)
    room = width - 4 - sum(part.width + _GAP for part in parts)
    longest = max((cells(named(column, look)) for column in (*columns[:_MEASURED], *shown)), default=0)
    name = min(room, _MOST_NAME, max(longest, _LEAST_NAME))
    grid.put(0, 2, cut("column", name, look), "dim")
    for row, column in enumerate(shown, start=1):
        here = cursor if column.get("name") == chosen else None
        if here:
            grid.put(row, 0, " " * width, here)
        sign, plain, role = _ROLES.get(_role(column), (" ", " ", "dim"))
        grid.put(row, 0, look.sign(sign, plain), here or role)
        quiet = "label" if _role(column) in ("feature", "target", "weight") else "dim"
        grid.put(row, 2, squeezed(named(column, look), name, look), here or quiet)
        if column.get("name") in paired:
            grid.put(row, 3 + name, "p", here or "accent")
    left = name + 4
    for part in parts:
        _put(grid, part, left + _GAP, [cursor if column.get("name") == chosen else "dim" for column in shown])
        left += part.width + _GAP
    return grid.rows()


def named(column: Mapping[str, Any], look: Look) -> str:
    """A column's name as a list shows it, its unit after it."""
    name = words.clean(column.get("name", ""), ascii=look.ascii, limit=300)
    unit = words.clean(column.get("unit") or "", ascii=look.ascii, limit=40)
    return f"{name} [{unit}]" if unit else name


def _role(column: Mapping[str, Any]) -> str:
    return "unusable" if column.get("kind") == "unusable" else str(column.get("role", ""))


def _fitting(shown: Sequence[Mapping[str, Any]], room: int, look: Look) -> list[_Part]:
    """As many parts as leave room for the names, in the order they stand in."""
    longest = min(max((cells(named(column, look)) for column in shown), default=0), _ENOUGH)
    parts = [
        _Part("kind", tuple(_kind(column) for column in shown), right=False),
        _Part("missing", tuple(_missing(column, look) for column in shown)),
        _Part("low", tuple(_end(column, "low", look) for column in shown)),
        _Part("high", tuple(_end(column, "high", look) for column in shown)),
    ]
    if not any(parts[1].texts):
        parts.pop(1)
    while parts and room - sum(part.width + _GAP for part in parts) < max(longest, _LEAST_NAME):
        parts.pop()
    if len(parts) == len([p for p in parts if p.head != "high"]):
        parts = [part for part in parts if part.head != "low"]
    return parts


def _kind(column: Mapping[str, Any]) -> str:
    return words.clean(column.get("kind") or "", limit=20)


def _missing(column: Mapping[str, Any], look: Look) -> str:
    missing, rows = column.get("missing") or 0, column.get("rows")
    if not missing:
        return ""
    return words.percent(missing / rows, ascii=look.ascii) if rows else f"{missing:,}"


def _end(column: Mapping[str, Any], key: str, look: Look) -> str:
    day = column.get("first" if key == "low" else "last")
    if isinstance(day, str):
        return words.clean(day, ascii=look.ascii, limit=10)
    value = column.get(key)
    return words.number(value, ascii=look.ascii) if isinstance(value, int | float) else ""


def _put(grid: Grid, part: _Part, left: int, styles: Sequence[Style | Role]) -> None:
    for row, (text, style) in enumerate(zip((part.head, *part.texts), ("dim", *styles), strict=True)):
        column = left + part.width - cells(text) if part.right else left
        grid.put(row, column, text, style)


def first_rows(
    head: Mapping[str, Any],
    width: int,
    height: int,
    look: Look,
    *,
    first: tuple[int, int] = (0, 0),
    roles: Mapping[str, str] | None = None,
) -> list[Text]:
    """Draw the first rows of a table as they stand in the file.

    Args:
        head: names, and rows of texts.
        width: cells a row.
        height: rows, the first being the names.
        look: what the terminal can show.
        first: how many rows and columns are scrolled past.
        roles: by name what a column is used as; target and weight stand out, what is not used is dim.
    """
    names, rows = list(head.get("names") or ()), list(head.get("rows") or ())
    if not names or not rows:
        return message("no rows to show", width, height, look)
    grid = Grid(width, height, look)
    begin, across = min(first[0], len(rows) - 1), min(first[1], len(names) - 1)
    shown = rows[begin : begin + max(height - 1, 0)]
    left = len(str(begin + len(shown))) + _GAP
    for row in range(len(shown)):
        grid.put(row + 1, 0, f"{begin + row + 1:>{left - _GAP}}", "dim")
    for place, name in enumerate(names[across:], start=across):
        texts = [_text(row, place, look) for row in shown]
        wide = min(max(cells(_clean(name, look)), *map(cells, texts), 1), _WIDEST_CELL)
        if left + wide > width:
            grid.put(0, min(left, width - 1), look.sign("▸", ">"), "accent")
            break
        _column(grid, left, wide, _clean(name, look), texts, _column_role((roles or {}).get(str(name), "feature")))
        left += wide + _GAP
    return grid.rows()


def _column(grid: Grid, left: int, wide: int, name: str, texts: Sequence[str], role: Role) -> None:
    right = all(map(_numeric, texts))
    for row, text in enumerate((name, *texts)):
        said = squeezed(text, wide, grid.look) if row == 0 else cut(text, wide, grid.look)
        column = left + wide - cells(said) if right else left
        grid.put(row, column, said, ("accent" if role == "accent" else "strong") if row == 0 else role)


def _column_role(role: str) -> Role:
    return "accent" if role in ("target", "weight") else "label" if role == "feature" else "dim"


def _clean(text: Any, look: Look) -> str:
    return words.clean("" if text is None else text, ascii=look.ascii, limit=200)


def _text(row: Sequence[Any], place: int, look: Look) -> str:
    text = _clean(row[place], look) if place < len(row) else ""
    return f"{float(text):.6g}" if len(text) > _DIGITS and _FRACTION.fullmatch(text) else text


def _numeric(text: str) -> bool:
    try:
        float(text.replace(",", "") or 0)
    except ValueError:
        return text in (words.NOTHING, "-", "nan")
    return True
