"""A view as a file: its picture as text or SVG, its numbers as CSV or JSON, or drawn by matplotlib as PNG or PDF."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from mltui.core.errors import InputError
from mltui.views.base import View
from mltui.views.numbers_of import Numbers, Table, plain
from mltui.views.shown import Shown

FORMATS: Mapping[str, str] = {
    ".txt": "the picture as text",
    ".svg": "the picture with its colours",
    ".csv": "the numbers, a file for each table",
    ".json": "the numbers in one document",
    ".png": "the numbers drawn by matplotlib",
    ".pdf": "the numbers drawn by matplotlib",
}
"""What can be written, by the ending of the file."""
_INCHES = (6.4, 4.0)
_DOTS = 150


def written(view: View, shown: Shown, ending: str, width: int, height: int) -> dict[str, bytes]:
    """The contents of the files, by what their name has before the ending: nothing, or a table's name.

    Args:
        ending: one of `FORMATS`.
        width, height: of the picture, in cells.

    Raises:
        InputError: where the view has nothing to write yet, cannot be written so, or a library is missing.
    """
    if not view.ready(shown):
        raise InputError(f"{view.name}: there is nothing to write yet. {view.empty(shown)}")
    if ending in (".txt", ".svg"):
        rows = [Text(heading(view, shown)), *view.picture(shown, width, height)]
        return {"": _text(rows) if ending == ".txt" else _svg(rows, width, shown)}
    numbers = view.numbers(shown)
    if ending == ".json":
        return {"": json.dumps(document(view, shown), indent=2, allow_nan=False).encode() + b"\n"}
    if ending == ".csv":
        return _tables(view, numbers)
    return {"": _drawn(view, shown, numbers, ending.removeprefix("."))}


def heading(view: View, shown: Shown) -> str:
    """The title with the most important number, as it stands over the picture."""
    return f"{view.heading(shown)}  {view.headline(shown) if view.ready(shown) else ''}".strip()


def document(view: View, shown: Shown) -> dict[str, Any]:
    """The numbers of a view with what it is of; of one that has none yet they are null."""
    form = view.form(shown)
    found: dict[str, Any] = {"values": None, "tables": None}
    if view.ready(shown):
        found = view.numbers(shown).document()
    return {
        "run": shown.state.run,
        "view": view.name,
        **({"form": form} if form else {}),
        "title": heading(view, shown),
        **found,
    }


def _text(rows: list[Text]) -> bytes:
    return "".join(f"{row.plain.rstrip()}\n" for row in rows).encode()


def _svg(rows: list[Text], width: int, shown: Shown) -> bytes:
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for row in rows:
        console.print(row, no_wrap=True, overflow="crop", crop=True, highlight=False)
    return console.export_svg(title=f"run {shown.state.run}").encode()


def _tables(view: View, numbers: Numbers) -> dict[str, bytes]:
    tables = [table for table in numbers.tables if table.columns]
    if numbers.values:
        tables = [Table("values", {"name": list(numbers.values), "value": list(numbers.values.values())}), *tables]
    if not tables:
        raise InputError(f"{view.name} has no table to write as .csv; .txt writes its picture")
    names = [table.name for table in tables] if len(tables) > 1 else [""]
    return dict(zip(names, map(_csv, tables), strict=True))


def _csv(table: Table) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(plain(values) for values in table.columns.values()), strict=True))
    return file.getvalue().encode()


def _drawn(view: View, shown: Shown, numbers: Numbers, kind: str) -> bytes:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            f".{kind} needs matplotlib, which is not installed; pip install 'mltui[matplotlib]' brings it"
        ) from None
    tables = [table for table in numbers.tables if table.draw != "none" and table.columns]
    if not tables:
        raise InputError(f"{view.name} has nothing that matplotlib draws; .svg writes its picture")
    figure = Figure(figsize=(_INCHES[0], _INCHES[1] * len(tables)), dpi=_DOTS, layout="constrained")
    for place, table in enumerate(tables, 1):
        _plot(figure.add_subplot(len(tables), 1, place), table)
    figure.suptitle(heading(view, shown).replace("$", r"\$"), fontsize="medium")
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def _plot(axes: Any, table: Table) -> None:
    """One table: every column but the axis's own over it."""
    if table.draw == "matrix":
        _matrix(axes, table)
        return
    x = plain(table.columns[table.x]) if table.x else list(range(len(next(iter(table.columns.values())))))
    named = any(isinstance(value, str) for value in x)
    places = list(range(len(x))) if named else x
    for name, values in table.columns.items():
        y = plain(values)
        if name == table.x or name in table.beside or any(isinstance(value, str) for value in y):
            continue
        y = [float("nan") if value is None else value for value in y]
        draw = {"line": axes.plot, "bar": axes.bar, "points": axes.scatter}.get(table.draw)
        if draw is None:
            axes.step(places, y, where="mid", label=name)
        else:
            draw(places, y, label=name)
    if named:
        axes.set_xticks(places, x, rotation=30, ha="right")
    axes.set_xlabel(table.x_label or table.x)
    axes.set_ylabel(table.y_label)
    axes.set_title(table.name, fontsize="small")
    if table.log_y:
        axes.set_yscale("log")
    if len(table.columns) - len(table.beside) > 2:
        axes.legend(fontsize="small")


def _matrix(axes: Any, table: Table) -> None:
    labels = [str(label) for label in table.columns[table.x]]
    columns = {name: plain(values) for name, values in table.columns.items() if name != table.x}
    cells = [[column[row] for column in columns.values()] for row in range(len(labels))]
    axes.imshow([[float("nan") if cell is None else cell for cell in row] for row in cells], aspect="auto")
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set_yticks(range(len(labels)), labels)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            axes.text(column, row, "" if value is None else f"{value:.4g}", ha="center", va="center", color="white")
    axes.set_xlabel(table.x_label)
    axes.set_ylabel(table.y_label)
