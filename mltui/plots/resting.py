"""The training rows that a model rests on, as marks over its surface: support vectors, and the neighbours that vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mltui.core.found import Support
from mltui.core.snapshot import Points
from mltui.core.table import Floats
from mltui.plots import marked, words
from mltui.plots.axes import Frame
from mltui.plots.grid import Grid
from mltui.plots.legend import Entry
from mltui.plots.look import Look

_CROWDED = 6
"""One cell in so many may hold a support vector."""


@dataclass(frozen=True, eq=False)
class Vote:
    """A row, and the neighbours that decide what the model says of it.

    Attributes:
        x, y: its place in the plane. target: what it is.
        xs, ys, targets: shape (neighbours,): the same of the neighbours, the nearest first.
        asked: how many the model asks, which may be more.
    """

    x: float
    y: float
    target: float
    xs: Floats
    ys: Floats
    targets: Floats
    asked: int


def put_support(grid: Grid, frame: Frame, support: Support, classes: int) -> None:
    """Mark support vectors by their class; where they crowd, the strongest of them.

    Args:
        classes: how many there are; 0 for a regression.
    """
    order = np.argsort(-np.nan_to_num(support.strength), kind="stable")
    known = np.nan_to_num(support.target, posinf=0, neginf=0).clip(0, max(classes - 1, 0)).astype(np.int64)
    places = _cells(frame, support.x[order], support.y[order])
    taken: set[tuple[int, int]] = set()
    room = max(1, frame.width * frame.height // _CROWDED)
    for number, place in zip(order.tolist(), places, strict=True):
        if place is None or place in taken:
            continue
        taken.add(place)
        code = int(known[number])
        marked.put_mark(grid, *place, support_sign(grid.look, code, classes), code if classes else None)
        if len(taken) >= room:
            return


def put_vote(grid: Grid, frame: Frame, vote: Vote, classes: int, scale: tuple[float, float]) -> None:
    """Mark the neighbours as rows are marked, and the row that they decide for."""
    target = vote.targets
    if classes:
        known = np.nan_to_num(target, posinf=0, neginf=0).clip(0, max(classes - 1, 0))
        target = known.astype(np.int64)
    points = Points(vote.xs, vote.ys, target, np.zeros(len(target), np.int64))
    marked.draw(grid, frame, points, classes, scale, crowded=1)
    place = _cells(frame, np.array([vote.x]), np.array([vote.y]))[0]
    if place is not None:
        marked.put_mark(grid, *place, row_sign(grid.look), None)


def support_sign(look: Look, code: int, classes: int) -> str:
    """The mark of a support vector; those of two classes differ by weight, those of more by colour alone."""
    return ("s" if look.ascii else "+") if classes == 2 and code == 0 else look.sign("✚", "S")


def row_sign(look: Look) -> str:
    """The mark of the row whose neighbours are shown."""
    return look.sign("✖", "X")


def support_entry(support: Support, look: Look, classes: int) -> Entry:
    """What the legend says of support vectors."""
    signs = "".join(support_sign(look, code, classes) for code in range(2 if classes == 2 else 1))
    return Entry(words.count(support.total, "support vector"), signs, short="support")


def vote_entry(look: Look) -> Entry:
    """What the legend says of the row."""
    return Entry("the row asked about", row_sign(look), short="the row")


def told(vote: Vote, classes: Sequence[str]) -> str:
    """Who the neighbours are: ``signal, its 15 nearest: 9 signal, 6 background``."""
    nearest = f"its {len(vote.targets)} nearest" + (f" of {vote.asked}" if vote.asked > len(vote.targets) else "")
    if not classes:
        known = vote.targets[np.isfinite(vote.targets)]
        mean = words.number(float(known.mean()) if len(known) else None)
        return f"{words.number(float(vote.target))}, {nearest}: mean {mean}"
    names = [words.clean(name, limit=24) for name in classes]
    counts = sorted(((int((vote.targets == code).sum()), name) for code, name in enumerate(names)), reverse=True)
    votes = ", ".join(f"{count} {name}" for count, name in counts if count)
    own = int(vote.target) if np.isfinite(vote.target) and 0 <= vote.target < len(names) else None
    return f"{'' if own is None else names[own]}, {nearest}: {votes}"


def _cells(frame: Frame, x: Floats, y: Floats) -> list[tuple[int, int] | None]:
    """The cell of each place, None outside of the frame."""
    xs, ys = frame.x.place(x), frame.y.place(y)
    with np.errstate(all="ignore"):
        inside = (xs >= 0) & (xs < 1) & (ys >= 0) & (ys < 1)
    return [
        (frame.top + frame.height - 1 - int(b * frame.height), frame.left + int(a * frame.width)) if there else None
        for a, b, there in zip(xs.tolist(), ys.tolist(), inside.tolist(), strict=True)
    ]
