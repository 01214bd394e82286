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
    grid = Grid(width, height, look)
    points = [_at(roc, threshold) for _, roc, role in drawn if role in _SIGNS or len(drawn) == 1]
    entries = _entries(drawn, points, threshold, look)
    title = look.sign("signal efficiency ε_S", "signal efficiency")
    top = legend(grid, entries, title=title, rows=max(1, height // 7)) if height >= 7 else 0
    x, y = (linear(0, 1, n) for n in (6 if width >= 110 else 3, ticks_for(height - top - 2)))
    frame = framed(grid, x, y, top=top, x_label=look.sign("background efficiency ε_B", "background efficiency"))
    chance = Stroke(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "dim", (1, 3), ".")
    draw(grid, frame, [chance, *(_stroke(roc, role, frame, look, len(drawn)) for _, roc, role in drawn)])
    for point in points:
        if point is not None:
            _mark(grid, frame, *point)
    return grid.rows()


def _role(label: str, number: int) -> Role:
    return label if label in PARTS else f"class{number % CLASSES}"


def _stroke(roc: Roc, role: Role, frame: Frame, look: Look, count: int) -> Stroke:
    """The curve thinned to the dots it passes, coarser where many curves share the canvas."""
    xs, ys = frame.x.place(roc.false_positive), frame.y.place(roc.true_positive)
    fineness = 2 * min(1.0, 3 / count)
    dots = np.stack([np.round(xs * frame.width * fineness), np.round(ys * frame.height * 2 * fineness)])
    moved = np.ones(len(xs), bool)
    moved[1:-1] = (np.diff(dots[:, :-1]) != 0).any(axis=0)
    sign = _SIGNS.get(role) or look.mark(int(role.removeprefix("class") or 0), CLASSES)
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
    entries = [
        Entry(words.clean(label, ascii=look.ascii), look.sample(role), words.fixed(roc.auc), role)
        for label, roc, role in drawn
    ]
    if points and points[-1] is not None and threshold is not None:
        background, signal = points[-1]
        names = look.sign("ε_S {} at ε_B {}", "eps_S {} at eps_B {}")
        said = names.format(words.fixed(signal), words.fixed(background))
        entries.append(Entry(f"t {threshold:.2f}", look.sign("◆", "#"), said, "accent"))
    return entries


def _mark(grid: Grid, frame: Frame, background: float, signal: float) -> None:
    column, row = frame.column(min(max(background, 0), 1)), frame.row(min(max(signal, 0), 1))
    if column is not None and row is not None:
        grid.put(row, column, grid.look.sign("◆", "#"), "accent")
