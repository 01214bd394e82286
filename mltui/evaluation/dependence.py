"""How the score, or the residual, hangs together with each variable: linearly, and by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.evaluation.correlation import correlations

Mask = NDArray[np.bool_]
_AT_ONCE = 15


@dataclass(frozen=True, eq=False)
class Dependence:
    """Correlations of something that a model says with every variable.

    Attributes:
        names: of the variables.
        groups: of the rows, as "all" and the classes.
        linear, rank: shape (groups, variables): Pearson's and Spearman's correlation in each group; NaN where either
            side is constant there.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    linear: Floats
    rank: Floats


def dependence(
    variables: Mapping[str, Floats], said: Floats, weights: Floats, groups: Sequence[tuple[str, Mask]]
) -> Dependence:
    """Correlate what a model says with each variable, in each group of rows.

    Over all rows the score of a classifier goes with every variable that tells the classes apart; within one class it
    should not go with a variable that must stay what it is, such as a mass.

    Args:
        variables: by name, shape (rows,); what is not finite is missing.
        said: shape (rows,): scores or residuals.
        weights: shape (rows,), negative ones admitted; rows of weight zero change nothing.
        groups: each a name and its rows, shape (rows,).
    """
    shape = (len(groups), len(variables))
    linear, rank = np.full(shape, np.nan), np.full(shape, np.nan)
    for row, (_, chosen) in enumerate(groups):
        used = np.flatnonzero(chosen & np.isfinite(said) & np.isfinite(weights) & (weights != 0))
        columns = [values[used] for values in variables.values()]
        linear[row], rank[row] = _in_group(columns, said[used], weights[used])
    return Dependence(tuple(variables), tuple(name for name, _ in groups), linear, rank)


def _in_group(columns: Sequence[Floats], said: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Both correlations of each column with what is said, all rows of which count; shape (columns,) each.

    Those without missing values share the ranks of what is said, and are worked out together.
    """
    linear, rank = np.full(len(columns), np.nan), np.full(len(columns), np.nan)
    whole = [place for place, values in enumerate(columns) if len(said) > 1 and np.isfinite(values).all()]
    for place, values in enumerate(columns):
        if place not in whole:
            linear[place], rank[place] = pair(values, said, weights)
    if whole:
        linear[whole] = _with_first([said, *(columns[place] for place in whole)], weights)
        rank[whole] = _with_first(
            [ranks(one, weights) for one in (said, *(columns[place] for place in whole))], weights
        )
    return linear, rank


def _with_first(columns: Sequence[Floats], weights: Floats) -> Floats:
    """The correlation of each column but the first with the first, a few at a time: each is worked out with each."""
    found = [
        correlations(np.column_stack([columns[0], *columns[start : start + _AT_ONCE]]), weights)[0, 1:]
        for start in range(1, len(columns), _AT_ONCE)
    ]
    return np.concatenate(found)


def pair(x: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    """Pearson's and Spearman's correlation of two columns over the rows where both are known; NaN where not defined.

    Spearman's is Pearson's of the ranks (Kendall and Gibbons, Rank Correlation Methods, chapter 1), with ranks by
    `ranks`: a row of weight 2 counts as two rows.

    Args:
        x, y, weights: shape (rows,).
    """
    used = np.isfinite(x) & np.isfinite(y) & np.isfinite(weights) & (weights != 0)
    x, y, weights = x[used], y[used], weights[used]
    if len(x) < 2:
        return float("nan"), float("nan")
    linear = correlations(np.column_stack([x, y]), weights)[0, 1]
    by_rank = correlations(np.column_stack([ranks(x, weights), ranks(y, weights)]), weights)[0, 1]
    return float(linear), float(by_rank)


def ranks(values: Floats, weights: Floats) -> Floats:
    """The rank of each value, shape (rows,): the weight below it and half of that of its equals, as sizes of weights.

    Args:
        values: shape (rows,), finite.
        weights: shape (rows,).
    """
    if not len(values):
        return np.zeros(0)
    order = np.argsort(values)
    sizes, ordered = np.abs(weights)[order], values[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))  # the last of each group of equals
    reached = np.cumsum(sizes)[ends]
    middle = (reached + np.append(0.0, reached[:-1])) / 2
    found = np.empty(len(values))
    found[order] = np.repeat(middle, np.diff(ends, prepend=-1))
    return found
