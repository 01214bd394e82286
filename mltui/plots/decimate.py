"""Fewer points that draw the same line: the envelope of smallest and largest values by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats, Integers


def envelope(xs: Floats, ys: Floats, columns: int, span: tuple[float, float] | None = None) -> tuple[Floats, Floats]:
    """At most two points a column: the smallest and the largest y, in the order they came.

    Points that are not finite are dropped first. Lines of at most two points a column stay as they are.

    Args:
        xs: shape (points,), not falling.
        ys: shape (points,).
        columns: how many, of equal width.
        span: the first column's left and the last one's right edge, so that a growing line keeps the columns it has;
            None takes the ends of xs. What lies outside counts to the column at that end.
    """
    known = np.isfinite(xs) & np.isfinite(ys)
    if not known.all():
        xs, ys = xs[known], ys[known]
    if len(xs) <= 2 * columns or columns < 1 or xs[-1] <= xs[0]:
        return xs, ys
    low, high = span if span and span[1] > span[0] else (xs[0], xs[-1])
    with np.errstate(all="ignore"):
        column = np.nan_to_num(np.clip((xs - low) / (high - low), 0, 1) * columns).astype(np.int64)
    column = np.minimum(column, columns - 1)
    starts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(xs))))
    lowest = _first(ys == np.minimum.reduceat(ys, starts)[group], group)
    highest = _first(ys == np.maximum.reduceat(ys, starts)[group], group)
    kept = np.unique(np.concatenate([[0], lowest, highest, [len(xs) - 1]]))
    return xs[kept], ys[kept]


def _first(hits: NDArray[np.bool_], group: Integers) -> Integers:
    """The index of the first hit of every group."""
    places: Integers = np.flatnonzero(hits).astype(np.int64)
    return np.asarray(places[np.append(True, np.diff(group[places]) != 0)])
