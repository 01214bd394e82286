"""The table of metrics by part, the sealed test part shown as such, unweighted numbers beside weighted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from mltui.core.sections import PARTS
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message
from mltui.plots.look import Look, Role

_NAMES = {
    "loss": ("loss", "loss"),
    "accuracy": ("accuracy", "accuracy"),
    "baseline": ("always {}", "always {}"),
    "auc": ("auc", "auc"),
    "average_precision": ("average precision", "avg. prec."),
    "brier": ("Brier score", "Brier"),
    "separation": ("separation", "separation"),
    "events": ("{}", "{}"),
    "efficiency_at": ("ε_S at ε_B {}", "ε_S @{}"),
    "rmse": ("rmse", "rmse"),
    "mae": ("mae", "mae"),
    "r2": ("r2", "r2"),
    "rmse of": ("rmse {}", "rmse {}"),
    "mae of": ("mae {}", "mae {}"),
    "r2 of": ("r2 {}", "r2 {}"),
    "precision": ("precision {}", "prec. {}"),
    "recall": ("recall {}", "recall {}"),
}
"""What a metric is called, and where there is little room."""
_OF = " of"
"""What ends the key of a metric of each of several targets by itself."""
_BY_CLASS = frozenset({"precision", "recall", "baseline", *(key for key in _NAMES if key.endswith(_OF))})
_EVENTS = {
    "rows": ("rows", "rows"),
    "effective": ("effective events", "effective"),
    "sum_of_weights": ("sum of weights", "sum of w"),
}
"""How many there are, as a metric called events holds it."""
_BELOW = "unweighted "
"""What leads the key of a row that repeats the one above without weights, where columns for that find no room."""
_TWICE = frozenset({"loss", "accuracy", "baseline", "auc", "rmse", "r2"})
"""What is repeated so."""
_SHORT_PARTS = {"validation": "valid.", "unweighted": "unw."}
_SPREAD: Role = "member"
_SHORTEST = 10
"""The least room for names."""
_MOST = 32
"""The most room for names, which may hold a class's label."""


_Metrics = Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True)
class Spread:
    """How far the models of a run lie apart.

    Attributes:
        title: what the column is called.
        parts: by part, the mean and the deviation of each metric that has them.
    """

    title: str = ""
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Column:
    title: str
    values: tuple[str, ...]
    role: Role

    @property
    def width(self) -> int:
        return max(map(cells, (self.title, *self.values)))


@dataclass(frozen=True)
class _Table:
    """The names of the rows and the columns that fit, with the cells between them; what they leave out."""

    names: tuple[str, ...]
    label: int
    columns: tuple[_Column, ...]
    gap: int
    sealed: bool


def numbers(
    metrics: Mapping[str, Mapping[str, Any] | None],
    width: int,
    height: int,
    look: Look,
    *,
    openings: int = 0,
    spread: Spread | None = None,
) -> list[Text]:
    """Draw the metrics, a row each, a column a part.

    Where a part's metrics were weighted, its unweighted ones follow in a column of their own, or where there is no
    room in rows under the others. Where there is little room, names become short, a sealed test part becomes one word
    under the table, and then train gives way to validation. What finds no row is counted in the last one.

    Args:
        metrics: by part, as the contract names them; the test part is absent or None while it is sealed.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        openings: how often the test part has been opened.
        spread: of a run of several models.
    """
    if not any(metrics.get(part) for part in PARTS):
        return message("no numbers yet", width, height, look)
    grid = Grid(width, height, look)
    metrics = {part: _by_target(found) for part, found in metrics.items()}
    table = _fitting(metrics, spread or Spread(), width, openings, look)
    notes = _notes(table, openings)
    room = max(height - 1 - len(notes), 0)
    count = len(table.names)
    shown = count if count <= room else max(room - 1, 0)
    for row, name in enumerate(table.names[:shown], start=1):
        grid.put(row, 0, cut(name, table.label, look), "label")
    end = table.label
    for column in table.columns:
        end += table.gap + column.width
        _right(grid, 0, end, column.title, column.role)
        for row, value in enumerate(column.values[:shown], start=1):
            _right(grid, row, end, value, _emphasis(column))
    if shown < count:
        notes = [f"{count - shown} more in a taller pane", *notes]
    for row, note in enumerate(notes, start=shown + 1):
        grid.put(row, 0, cut(note, width, look), "dim")
    return grid.rows()


def _by_target(found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The metrics of one part with those of each of several targets under a key for each metric, as by class."""
    if not found or not isinstance(targets := found.get("targets"), Mapping):
        return found
    own = {
        key: {name: numbers.get(key.removesuffix(_OF)) for name, numbers in targets.items()}
        for key in _NAMES
        if key.endswith(_OF)
    }
    return {**found, **own, **({"unweighted": _by_target(found["unweighted"])} if "unweighted" in found else {})}


def _notes(table: _Table, openings: int) -> list[str]:
    if openings:
        return [f"the test part has been opened {words.count(openings, 'time')}"]
    return ["test: sealed"] if table.sealed else []


def _fitting(metrics: _Metrics, spread: Spread, width: int, openings: int, look: Look) -> _Table:
    """The roomiest table that fits; where that has no columns without weights, rows."""
    rows = _rows(metrics)
    table = _form(rows, _columns(metrics, spread, rows, openings, look), width, openings, look)
    weighted = [part for part, found in metrics.items() if found and "unweighted" in found]
    if weighted and not any(column.role == "dim" for column in table.columns):
        rows = [row for one in rows for row in (one, *([(_BELOW + one[0], one[1])] if one[0] in _TWICE else []))]
        columns = [c for c in _columns(metrics, spread, rows, openings, look) if c.role != "dim"]
        table = _form(rows, columns, width, openings, look)
    return table


def _form(rows: Sequence[tuple[str, str]], whole: list[_Column], width: int, openings: int, look: Look) -> _Table:
    told = [column for column in whole if column.role != "dim"]
    plain = [column for column in told if column.role != _SPREAD]
    open_parts = [column for column in plain if column.values[:1] != ("sealed",)]
    judged = [column for column in open_parts if column.role != "train"] or open_parts
    for columns, short, gap in (
        (whole, False, 3), (whole, False, 2), (told, False, 3), (told, False, 2),
        (told, True, 2), (plain, False, 3), (plain, False, 2), (plain, True, 2),
        (open_parts, False, 2), (open_parts, True, 2), (open_parts, True, 1), (judged, True, 2),
    ):  # fmt: skip
        table = _table(rows, columns, short, gap, look)
        cutting = short and ((columns is not plain and columns is not told) or openings)
        least = min(table.label, _SHORTEST) if cutting else table.label
        room = width - sum(gap + column.width for column in table.columns)
        if room >= least:
            break
    label = max(0, min(table.label, room))
    return _Table(table.names, label, table.columns, gap, sealed=len(columns) < len(plain) and not openings)


def _table(rows: Sequence[tuple[str, str]], columns: Sequence[_Column], short: bool, gap: int, look: Look) -> _Table:
    labels = dict.fromkeys(inner for key, inner in rows if key in _BY_CLASS)
    brief = dict(zip(labels, words.brief([words.clean(label, ascii=look.ascii) for label in labels]), strict=True))
    names = tuple(_name(key, brief.get(inner, inner) if short else inner, short, look) for key, inner in rows)
    if short:
        columns = [_Column(_SHORT_PARTS.get(c.title, c.title), c.values, c.role) for c in columns]
    return _Table(names, min(max(map(cells, names)), _MOST), tuple(columns), gap, sealed=False)


def _columns(
    metrics: _Metrics, spread: Spread, rows: Sequence[tuple[str, str]], openings: int, look: Look
) -> list[_Column]:
    columns = []
    for part in PARTS:
        found = metrics.get(part)
        if found is None and part != "test":
            continue
        title = f"test ({openings}{look.sign('×', 'x')})" if part == "test" and openings else part
        values = tuple(_value(found, *row, look) for row in rows) if found else ("sealed",)
        columns.append(_Column(title, values, part))
        over = spread.parts.get(part) if part != "train" else None  # of how well it knows what it learnt, nobody asks
        if found and over:
            columns.append(_Column(spread.title, _spreads(over, rows, look), _SPREAD))
        if found and "unweighted" in found:
            values = tuple(_value(found["unweighted"], *row, look) for row in rows)
            columns.append(_Column("unweighted", values, "dim"))
    return columns


def _spreads(over: Mapping[str, Any], rows: Sequence[tuple[str, str]], look: Look) -> tuple[str, ...]:
    """``0.871 ± 0.012`` of each metric that has one."""
    sign, found = look.sign("±", "+-"), []
    for key, inner in rows:
        one = None if inner else over.get(key)
        pair = (one.get("mean"), one.get("deviation")) if isinstance(one, Mapping) else (None, None)
        mean = words.metric(key, pair[0], ascii=look.ascii)
        decimals = len(mean.partition(".")[2]) if "e" not in mean else 0
        small = pair[1] is None or not decimals or abs(pair[1]) < 0.5 * 10**-decimals
        deviation = words.number(pair[1], 2, ascii=look.ascii) if small else f"{pair[1]:.{decimals}f}"
        found.append("" if pair[0] is None else f"{mean} {sign} {deviation}")
    return tuple(found)


def _rows(metrics: _Metrics) -> list[tuple[str, str]]:
    """The rows: the metric's key, and the key within it or ""; of the baseline the class that it says."""
    found: Mapping[str, Any] = next(part for part in metrics.values() if part)
    weighted = any("unweighted" in part for part in metrics.values() if part)
    rows: list[tuple[str, str]] = []
    for key in _NAMES:
        inner = found.get(key)
        if key == "events" and isinstance(inner, Mapping):
            rows += [(key, at) for at in _EVENTS if at in inner and (weighted or at == "rows")]
        elif key == "baseline" and inner is not None:
            rows.append((key, _largest(found)))
        elif key in found:
            rows += [(key, at) for at in inner] if isinstance(inner, Mapping) else [(key, "")]
    return rows


def _largest(found: Mapping[str, Any]) -> str:
    """The class with the largest sum of weights, which is what the baseline always says."""
    table = found.get("confusion") or {}
    sums = [sum(row) for row in table.get("matrix") or ()]
    labels = table.get("labels") or ()
    return str(labels[sums.index(max(sums))]) if sums and len(labels) == len(sums) else "one class"


def _name(key: str, inner: str, short: bool, look: Look) -> str:
    if key.startswith(_BELOW):
        return "  unweighted"
    if key == "events":
        return _EVENTS[inner][short]
    template = _NAMES[key][short]
    if key == "efficiency_at":
        template = template.replace("ε", "eps") if look.ascii else template
        return template.format(f"{100 * float(inner):g} %")
    return template.format(words.clean(inner, ascii=look.ascii))


def _value(metrics: Mapping[str, Any], key: str, inner: str, look: Look) -> str:
    if key.startswith(_BELOW):
        return _value(metrics.get("unweighted") or {}, key.removeprefix(_BELOW), inner, look)
    value = metrics.get(key)
    if inner and key != "baseline":
        value = value.get(inner) if isinstance(value, Mapping) else None
    if key == "events":
        return words.amount(value, ascii=look.ascii)
    return words.metric(key.removesuffix(_OF), value, ascii=look.ascii)


def _emphasis(column: _Column) -> Role:
    if column.role == "dim" or column.values[:1] == ("sealed",):
        return "dim"
    if column.role == _SPREAD:
        return "label"
    return "strong" if column.role == "validation" else "label"


def _right(grid: Grid, row: int, end: int, text: str, role: Role) -> None:
    grid.put(row, end - cells(text), text, role)
