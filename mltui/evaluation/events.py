"""How many events a part holds: rows, sum of weights, and how many rows of weight one would say as much."""

from __future__ import annotations

import numpy as np

from mltui.core.table import Floats
from mltui.evaluation.sums import summed

Number = float | None


def effective(total: float, squares: float) -> Number:
    """The effective number of events, (Σw)² / Σw²; None where there is no weight or a sum is no number.

    So many rows of weight one have the same relative statistical error (G. Bohm and G. Zech, Introduction to
    Statistics and Data Analysis for Physicists, section on weighted observations).

    Args:
        total: the sum of weights.
        squares: the sum of their squares.
    """
    with np.errstate(all="ignore"):
        found = np.float64(total) ** 2 / np.float64(squares)
    return float(found) if np.isfinite(found) else None


def told(rows: int, total: float, squares: float) -> dict[str, Number]:
    """The numbers of events as the metrics hold them: rows, sum_of_weights, effective."""
    return {
        "rows": rows,
        "sum_of_weights": float(total) if np.isfinite(total) else None,
        "effective": effective(total, squares),
    }


def events(weights: Floats) -> dict[str, Number]:
    """The numbers of events of rows with these weights; rows of weight zero count for nothing.

    Args:
        weights: shape (rows,).
    """
    return told(int(np.count_nonzero(weights)), summed(weights), float((weights**2).sum()))


def baseline(sums: Floats) -> Number:
    """The accuracy of always saying the class of the largest sum of weights; None where there is no weight.

    Args:
        sums: shape (classes,): the sum of weights of each.
    """
    total = summed(sums)
    return float(sums.max() / total) if len(sums) and np.isfinite(total) and total > 0 else None
