"""One variable of a dataset: its weighted distribution in each class, with statistical errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.text import Text

from mltui.core.table import Floats
from mltui.evaluation.histogram import Histogram
from mltui.plots import words
from mltui.plots.grid import Grid, cells, cut, message, squeezed
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look
from mltui.plots.scores import score_histogram

_HUGE, _LARGEST = 1e300, 1e140
"""Edges and sums beyond are taken as this, so that neither differences nor squares overflow."""
_GROUPED = 3
"""Up to so many classes each have a bar of their own for every label; more share one bar."""
_LEAST_BAR = 8


def class_histogram(
    found: Mapping[str, Any],
    width: int,
    height: int,
    look: Look,
    *,
    classes: Sequence[str] = (),
    x_label: str = "",
    log: bool = False,
    title: str = "",
) -> list[Text]:
    """Draw how a variable is distributed in each class.

    A number: the classes' probability densities over each other, an upright line a bin being its statistical error.
    A category: a row for each label and class, the bar being the label's share of the class; with many classes one
    bar a label, its parts being the classes.

    Args:
        found: edges of shape (bins + 1,), sums and errors of shape (classes, bins); with labels, shapes
            (classes, labels), and no edges; `date` says that the edges are days. What is None counts as nothing.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        classes: the classes' labels; none where there is no target.
        x_label: the variable with its unit.
        log: a logarithmic y axis; of numbers only.
        title: what the bars of labels show, where they are not shares of classes or rows.
    """
    sums, errors = _matrix(found.get("sums")), _matrix(found.get("errors"))
    if not sums.size or not np.any(sums):
        return message("no value to draw", width, height, look)
    errors = errors if errors.shape == sums.shape else np.zeros_like(sums)
    names = list(classes) if len(classes) == len(sums) else ["all rows"] if len(sums) == 1 else _numbered(len(sums))
    labels = [words.clean(label, ascii=look.ascii) for label in found.get("labels") or ()]
    if labels:
        return _bars(labels, sums[:, : len(labels)], names, (width, height), look, title)
    edges = np.clip(np.array(found.get("edges") or (), np.float64), -_HUGE, _HUGE)
    if len(edges) != sums.shape[1] + 1 or not np.isfinite(edges).all() or not edges[-1] > edges[0]:
        return message("no range to draw over", width, height, look)
    groups = [
        Histogram(label, edges, own, error, float(own.sum()))
        for label, own, error in zip(names, sums, errors, strict=True)
    ]
    nothing = "the weights of every class sum to nothing"
    return score_histogram(
        groups,
        width,
        height,
        look,
        log=log,
        x_label=words.clean(x_label, limit=200),
        errors=True,
        empty=nothing,
        dates=bool(found.get("date")),
    )


def _numbered(count: int) -> list[str]:
    return [f"class {number}" for number in range(1, count + 1)]


def _matrix(rows: Any) -> Floats:
    """JSON rows as floats of shape (classes, bins), what is no number as zero."""
    if rows is None or not len(rows):
        return np.zeros((0, 0))
    sums: Floats = np.array([[0.0 if value is None else value for value in row] for row in rows], np.float64)
    return _bounded(sums, -_LARGEST)


def _bars(
    labels: list[str], sums: Floats, names: Sequence[str], size: tuple[int, int], look: Look, title: str = ""
) -> list[Text]:
    grid = Grid(*size, look)
    many = len(names)
    named = [words.clean(name, ascii=look.ascii, limit=24) for name in names]
    entries = [
        Entry(name, look.mark(code, many), role=f"class{code % CLASSES}", short=short)
        for code, (name, short) in enumerate(zip(named, words.brief(named), strict=True))
    ]
    grouped = many <= _GROUPED
    title = title or ("share of the class" if many > 1 and grouped else "share of the rows")
    top = legend(grid, entries if many > 1 else (), title=title, short_title="share") if grid.height >= 4 else 0
    each = many if grouped else 1
    gap = int(grouped and many > 1 and (each + 1) * len(labels) <= grid.height - top)
    room = (grid.height - top + gap) // (each + gap)
    shown = len(labels) if len(labels) <= room else max((grid.height - top - 1) // (each + gap), 0)
    wide = min(max(map(cells, labels)), grid.width * 2 // 5)
    shares = _shares(sums, grouped)
    largest = float(shares.sum(axis=0).max() if not grouped else shares.max()) or 1.0
    for number, label in enumerate(labels[:shown]):
        row = top + number * (each + gap)
        grid.put(row, 0, squeezed(label, wide, look), "label")
        draw = _grouped if grouped else _stacked
        draw(grid, row, wide + 1, shares[:, number], largest)
    if shown < len(labels):
        grid.put(
            top + shown * (each + gap), 0, cut(f"and {len(labels) - shown:,} more labels", grid.width, look), "dim"
        )
    return grid.rows()


def _shares(sums: Floats, grouped: bool) -> Floats:
    """Shares of each class's sum, or of the sum of all; negative ones are nothing."""
    total = sums.sum(axis=1, keepdims=True) if grouped else sums.sum()
    with np.errstate(all="ignore"):
        shares: Floats = sums / total
    return np.minimum(_bounded(shares, 0.0), 1.0)


def _bounded(values: Floats, low: float) -> Floats:
    return np.asarray(np.clip(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0), low, _LARGEST))


def _grouped(grid: Grid, row: int, left: int, shares: Floats, largest: float) -> None:
    """A bar for each class under the other."""
    look, many = grid.look, len(shares)
    room = grid.width - left - 8
    for code, share in enumerate(shares.tolist()):
        role = f"class{code % CLASSES}"
        if room >= _LEAST_BAR:
            halves = round(share / largest * room * 2)
            line = look.sign("━", "=" if code else "#") * (halves // 2) + look.sign("╸", "") * (halves % 2)
            grid.put(row + code, left, look.mark(code, many) if many > 1 else "", role)
            grid.put(row + code, left + 2 * (many > 1), line[: room - 2], role)
        text = words.percent(share, ascii=look.ascii)
        grid.put(row + code, grid.width - cells(text), text, "strong" if share == shares.max() else "label")


def _stacked(grid: Grid, row: int, left: int, shares: Floats, largest: float) -> None:
    """One bar whose parts are the classes, each in its mark."""
    room = max(grid.width - left - 8, 0)
    ends = np.round(np.concatenate([[0.0], np.cumsum(shares)]) / largest * room).astype(int)
    for code in range(len(shares)):
        length = int(ends[code + 1] - ends[code])
        grid.put(row, left + int(ends[code]), grid.look.mark(code, len(shares)) * length, f"class{code % CLASSES}")
    text = words.percent(float(shares.sum()), ascii=grid.look.ascii)
    grid.put(row, grid.width - cells(text), text, "label")
