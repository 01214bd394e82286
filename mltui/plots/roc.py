"""The ROC curve: signal efficiency against background efficiency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.text import Text

from mltui.core.sections import PARTS
from mltui.evaluation.roc import Roc
from mltui.plots import words
from mltui.plots.axes import Frame, framed, linear, ticks_for
from mltui.plots.canvas import Stroke, draw
from mltui.plots.grid import Grid, message
from mltui.plots.legend import Entry, legend
from mltui.plots.look import CLASSES, Look, Role

_FEW, _WIDE, _HIGH = 3, 60, 16
"""More curves than so many are told apart only in a picture of this size."""
_SIGNS = {"train": "*", "validation": "o", "test": "+"}


def roc_curve(
    rocs: Sequence[tuple[str, Roc]], width: int, height: int, look: Look, threshold: float | None = None
) -> list[Text]:
    """Draw ROC curves over the dim diagonal of pure chance, with the area of each in the legend.

    A curve named after a part is drawn as that part is everywhere; others are classes, in order.

    Args:
        rocs: each with its label.
        width: cells a row.
        height: rows.
        look: what the terminal can show.
        threshold: a score whose point is marked on every curve drawn as a part, or on the only one.
    """
    drawn = [(label, roc, _role(label, number)) for number, (label, roc) in enumerate(rocs) if roc.auc is not None]
    if not drawn:
        return message("a ROC curve needs rows of both classes", width, height, look)
    if len(drawn) > _FEW and (width < _WIDE or height < _HIGH):
        return _many(drawn, width, height, look)
    grid = Grid(width, height, look)
    points = [_at(roc, threshold) for _, roc, role in drawn if role in _SIGNS or len(drawn) == 1]
    entries = _entries(drawn, points, threshold, look)
    title = look.sign("signal efficiency ε_S", "signal efficiency")
    brief = look.sign("ε_S", "eps_S")
    top = (
        legend(grid, entries, title=title, short_title=brief, rows=1 + (height >= 13) + (height >= 24))
        if height >= 7
        else 0
    )
    strokes = [_stroke(roc, role, (width, height), look, len(drawn)) for _, roc, role in drawn[::-1]]
    frame = _canvas(grid, top, strokes)
    for point in points:
        if point is not None:
            _mark(grid, frame, *point)
    return grid.rows()


def _role(label: str, number: int) -> Role:
    return label if label in PARTS else f"class{number % CLASSES}"


def _many(drawn: Sequence[tuple[str, Roc, Role]], width: int, height: int, look: Look) -> list[Text]:
    """Many classes in little room: the mean of their curves, each of them dim behind it, and the lowest named."""
    grid = Grid(width, height, look)
    background = np.linspace(0.0, 1.0, 201)
    signals = [np.interp(background, np.maximum.accumulate(r.false_positive), r.true_positive) for _, r, _ in drawn]
    mean = Stroke(background, np.mean(signals, axis=0), "strong", None, "*")
    areas = [float(roc.auc or 0.0) for _, roc, _ in drawn]
    lowest = int(np.argmin(areas))
    name = words.clean(drawn[lowest][0], ascii=look.ascii, limit=24)
    entries = [
        Entry("mean", look.sample("train"), words.fixed(sum(areas) / len(areas)), "strong"),
        Entry(f"lowest: {name}", value=words.fixed(areas[lowest])),
    ]
    top = legend(grid, entries, title=look.sign("ε_S", "eps_S"), short_title="") if height >= 7 else 0
    strokes = [_stroke(roc, "dim", (width, height), look, len(drawn)) for _, roc, _ in drawn]
    _canvas(grid, top, [*strokes, mean])
    return grid.rows()


def _canvas(grid: Grid, top: int, strokes: Sequence[Stroke]) -> Frame:
    """The axes, the diagonal of pure chance, and the curves over it."""
    look = grid.look
    x, y = (linear(0, 1, n) for n in (6 if grid.width >= 110 else 3, ticks_for(grid.height - top - 2)))
    across = look.sign("background efficiency ε_B", "background efficiency")
    frame = framed(grid, x, y, top=top, x_label=across, x_short=look.sign("ε_B", "eps_B"))
    chance = Stroke(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "dim", (1, 3), ".")
    draw(grid, frame, [chance, *strokes])
    return frame


def _stroke(roc: Roc, role: Role, size: tuple[int, int], look: Look, count: int) -> Stroke:
    """The curve thinned to the dots it passes, coarser where many curves share the canvas."""
    xs, ys = roc.false_positive, roc.true_positive
    fineness = 2 * min(1.0, 3 / count)
    dots = np.stack([np.round(xs * size[0] * fineness), np.round(ys * size[1] * 2 * fineness)])
    moved = np.ones(len(xs), bool)
    moved[1:-1] = (np.diff(dots[:, :-1]) != 0).any(axis=0)
    number = role.removeprefix("class")
    sign = _SIGNS.get(role) or (look.mark(int(number), CLASSES) if number.isdigit() else ".")
    return Stroke(xs[moved], ys[moved], role, look.dash(role), sign)


def _at(roc: Roc, threshold: float | None) -> tuple[float, float] | None:
    """The point of the rows above a threshold: ε_B and ε_S."""
    if threshold is None:
        return None
    above = int(np.searchsorted(-roc.thresholds, -threshold, side="left")) - 1
    above = max(above, 0)
    return float(roc.false_positive[above]), float(roc.true_positive[above])


def _entries(
    drawn: Sequence[tuple[str, Roc, Role]],
    points: Sequence[tuple[float, float] | None],
    threshold: float | None,
    look: Look,
) -> list[Entry]:
    names = [words.clean(label, ascii=look.ascii) for label, _, _ in drawn]
    short = ["valid." if name == "validation" else name for name in words.brief(names)]
    entries = [
        Entry(name, look.sample(role), words.metric("auc", roc.auc, ascii=look.ascii), role, brief)
        for name, brief, (_, roc, role) in zip(names, short, drawn, strict=True)
    ]
    if points and points[-1] is not None and threshold is not None:
        background, signal = points[-1]
        template = look.sign("ε_S {} at ε_B {}", "eps_S {} at eps_B {}")
        said = template.format(words.fixed(signal), words.fixed(background))
        entries.append(Entry(f"t {threshold:.2f}", look.sign("◆", "#"), said, "accent"))
    return entries


def _mark(grid: Grid, frame: Frame, background: float, signal: float) -> None:
    column, row = frame.column(min(max(background, 0), 1)), frame.row(min(max(signal, 0), 1))
    if column is not None and row is not None:
        grid.put(row, column, grid.look.sign("◆", "#"), "accent")
