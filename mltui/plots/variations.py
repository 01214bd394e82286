"""The systematic variations: what each does to the AUC and the yields, and to the shape of the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.histogram import Histogram
from mltui.plots import words
from mltui.plots.axes import framed, linear
from mltui.plots.canvas import whiskers
from mltui.plots.grid import Grid, message
from mltui.plots.look import CLASSES, Look
from mltui.plots.scores import score_histogram
from mltui.plots.table import Column, put_table

_TABLE, _PICTURE, _RATIO = 4, 8, 5
"""The fewest rows of the table, of the shapes and of their ratio, which goes first where there is little room."""
_LEAST_REACH, _MOST_REACH = 0.1, 1.0
"""How far from one the ratio's axis reaches."""
_MOVED = 5e-4
"""A ratio nearer to one is shown as one."""
_NEXT_TO_NOTHING = 0.1
"""Of the fullest bin."""


def variations(
    found: Mapping[str, Any],
    width: int,
    height: int,
    look: Look,
    *,
    nominal: Mapping[str, Any],
    classes: Sequence[str] = (),
    chosen: int = 0,
) -> list[Text]:
    """Draw a table of the variations, and the chosen one's shapes against the nominal ones with their ratio.

    Args:
        found: by name, as `evaluation.variations` documents them.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        nominal: the metrics of the same part without a variation.
        classes: the labels, in the order of their colours.
        chosen: which variation's shapes are drawn.
    """
    names = list(found)
    if not names:
        return message("no variations", width, height, look)
    chosen = min(max(chosen, 0), len(names) - 1)
    groups = _histograms(found[names[chosen]], classes)
    low = max(_RATIO, (height - len(names)) // 5) if height >= _PICTURE + _RATIO + _TABLE else 0
    room = height - _PICTURE - low
    pictured = bool(groups) and room >= _TABLE and width >= 24
    rows = min(len(names) + 2, room) if pictured else height
    table = _table(found, nominal, names, chosen, width, rows, look)
    if not pictured:
        return table
    name = words.clean(names[chosen], ascii=look.ascii, limit=24)
    shapes = score_histogram(
        [one for one, _ in groups],
        width,
        height - len(table) - low,
        look,
        over=[other for _, other in groups],
        over_name=name,
    )
    return [*table, *shapes, *(_ratios(groups, width, low, look, name) if low else [])]


def _table(
    found: Mapping[str, Any],
    nominal: Mapping[str, Any],
    names: Sequence[str],
    chosen: int,
    width: int,
    height: int,
    look: Look,
) -> list[Text]:
    grid = Grid(width, height, look)
    room = max(height - 2, 1)
    first = min(max(chosen - room + 1, 0), max(len(names) - room, 0))
    seen = names[first : first + room]
    put_table(grid, _columns(found, nominal, seen, names[chosen], len(names), look), rows=height - 1)
    return grid.rows()


def _columns(
    found: Mapping[str, Any], nominal: Mapping[str, Any], seen: Sequence[str], chosen: str, many: int, look: Look
) -> list[Column]:
    mark = look.sign("▸", ">")
    labels = [f"{mark if name == chosen else ' '} {words.clean(name, ascii=look.ascii, limit=40)}" for name in seen]
    roles = ("dim", *("accent" if name == chosen else "label" for name in seen))
    title = "variation" + (look.sign(" ↑↓", "") if many > 1 else "")
    columns = [Column(title, ("  nominal", *labels), roles=roles, left=True)]
    for key, keep in (("auc", 20), ("significance", 16), ("accuracy", 7), ("rmse", 20), ("r2", 7)):
        plain = next((value for name in seen if (value := plain_value(key, found[name], nominal)) is not None), None)
        values = [value_of(key, found[name]) for name in seen]
        if any(value is not None for value in values):
            shown = tuple(words.metric(key, value, ascii=look.ascii) for value in (plain, *values))
            moved = ("", *(_difference(value, plain, look) for value in values))
            columns.append(Column("Z_A" if key == "significance" else key, shown, "strong", keep=keep))
            columns.append(Column(look.sign("Δ", "diff"), moved, keep=keep - 1))
    return [*columns, *_yields(found, seen, look)]


def value_of(key: str, one: Mapping[str, Any]) -> float | None:
    """A number of a variation; None where it has none."""
    if key == "significance":
        return _known((one.get(key) or {}).get("varied"))
    return _known(one.get(key))


def plain_value(key: str, one: Mapping[str, Any], nominal: Mapping[str, Any]) -> float | None:
    """The same number without the variation.

    Args:
        nominal: the metrics of the part.
    """
    return _known((one.get(key) or {}).get("nominal")) if key == "significance" else _known(nominal.get(key))


def _yields(found: Mapping[str, Any], seen: Sequence[str], look: Look) -> list[Column]:
    """Two columns for each process: what becomes of its events as a ratio, of all and of those above the threshold.

    That of all is left out where no variation changes it.
    """
    processes = list(dict.fromkeys(process for name in seen for process in found[name].get("yields") or ()))
    columns = []
    for kind, keep, sides in ((" above", 14, ("selected_nominal", "selected_varied")), ("", 7, ("nominal", "varied"))):
        for place, process in enumerate(processes):
            told = [(found[name].get("yields") or {}).get(process) or {} for name in seen]
            ratios = [_ratio(*(_known(one.get(side)) for side in sides)) for one in told]
            if not any(ratio is not None and (kind or abs(ratio - 1) >= _MOVED) for ratio in ratios):
                continue
            shown = tuple(words.fixed(ratio, ascii=look.ascii) for ratio in ratios)
            title = words.clean(process, ascii=look.ascii, limit=20) + kind
            one = look.sign("×1", "x1")
            columns.append(Column(title, (one, *shown), keep=keep - min(place, 6)))
    return columns


def _ratio(nominal: float | None, varied: float | None) -> float | None:
    return varied / nominal if nominal and varied is not None else None


def _known(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _difference(value: float | None, nominal: float | None, look: Look) -> str:
    """How far from the nominal, with its sign.

    >>> _difference(0.981, 0.9865, Look())
    '−0.0055'
    """
    if value is None or nominal is None or not np.isfinite(value - nominal):
        return words.number(None, ascii=look.ascii)
    moved = value - nominal
    return f"{moved:+.4f}".replace("-", look.sign("−", "-"))


def _histograms(one: Mapping[str, Any], classes: Sequence[str]) -> list[tuple[Histogram, Histogram]]:
    """The nominal and the varied shape of each class that has both, in the order of the classes."""
    shape = one.get("shape") or {}
    edges = np.array(shape.get("edges") or (), np.float64)
    by_class = shape.get("classes") or {}
    found = []
    for label in [*(label for label in classes if label in by_class), *(c for c in by_class if c not in classes)]:
        nominal, varied, errors = (_floats(by_class[label].get(key)) for key in ("nominal", "varied", "errors"))
        if len(nominal) == len(varied) == len(edges) - 1 > 0:
            errors = errors if len(errors) == len(varied) else np.zeros_like(varied)
            found.append((_histogram(label, edges, nominal, 0 * errors), _histogram(label, edges, varied, errors)))
    return found


def _floats(values: Any) -> Floats:
    return np.array([np.nan if _known(value) is None else value for value in values or ()], np.float64)


def _histogram(label: str, edges: Floats, sums: Floats, errors: Floats) -> Histogram:
    sums = np.nan_to_num(sums)
    return Histogram(label, edges, sums, np.nan_to_num(errors), float(sums.sum()))


def _ratios(
    groups: Sequence[tuple[Histogram, Histogram]], width: int, height: int, look: Look, name: str
) -> list[Text]:
    """The varied shape over the nominal one, bin by bin, each class by its mark, with the statistical errors."""
    grid = Grid(width, height, look)
    with np.errstate(all="ignore"):
        ratios = [varied.density / nominal.density for nominal, varied in groups]
        spreads = [
            varied.errors / (varied.total * (varied.edges[1] - varied.edges[0])) / nominal.density
            for nominal, varied in groups
        ]
    edges = groups[0][0].edges
    reach = _reach(groups, ratios)
    y = linear(1 - reach, 1 + reach, 3)
    x = linear(float(edges[0]), float(edges[-1]), 6 if width >= 60 else 3, snap=False)
    frame = framed(grid, x, y, x_label=f"{name} / nominal", x_short="ratio")
    centre = frame.row(1.0)
    if centre is not None:
        grid.put(centre, frame.left, look.sign("┄", "-") * frame.width, "dim")
    middle = edges[1:] / 2 + edges[:-1] / 2
    for code, (ratio, spread) in enumerate(zip(ratios, spreads, strict=True)):
        known = np.isfinite(ratio) & np.isfinite(spread)
        lows, highs = (frame.y.place(ratio[known] + sign * spread[known]) for sign in (-1, 1))
        whiskers(grid, frame, frame.x.place(middle[known]), lows, highs, f"class{code % CLASSES}")
    for code, ratio in enumerate(ratios):
        for place, value in zip(middle.tolist(), np.clip(ratio, y.low, y.high).tolist(), strict=True):
            row, column = (None if not np.isfinite(value) else frame.row(value)), frame.column(place)
            if row is not None and column is not None:
                grid.put(row, column, look.mark(code, len(groups), validation=True), f"class{code % CLASSES}")
    return grid.rows()


def _reach(groups: Sequence[tuple[Histogram, Histogram]], ratios: Sequence[Floats]) -> float:
    """How far the ratios stray from one, those of bins that hold next to nothing left aside."""
    off = [0.0]
    for (nominal, _), ratio in zip(groups, ratios, strict=True):
        filled = (nominal.sums > _NEXT_TO_NOTHING * nominal.sums.max()) & np.isfinite(ratio)
        off += np.abs(ratio[filled] - 1).tolist()
    return float(np.clip(1.2 * max(off), _LEAST_REACH, _MOST_REACH))
