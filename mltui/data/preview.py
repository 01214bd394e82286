"""Chooses a few rows and the two most telling features of a table for a first picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from mltui.core.table import Floats, Table

_RANKED_ROWS = 5_000
_SEED = 1


def preview(table: Table, points: int) -> dict[str, Any] | None:
    """Random rows in the plane of two features, those that tell most of the target, in the table's order.

    With the target, of several the first, and the weight of each; without weights in the table there are none.

    `x` and `y` are the names with their units; `y` is None where the table has one feature only. `of` is, where there
    are several targets, the name of the first. Rows without a value on an axis are not shown. None where all features
    are images.
    """
    names = axes(table)
    if not names:
        return None
    rows = np.random.default_rng(_SEED).permutation(len(table))
    values = [table.values[name][rows].astype(np.float64) for name in names]
    whole = np.all([np.isfinite(v) for v in values], axis=0)
    shown = np.flatnonzero(whole)[:points]
    labels = {column.name: column.label for column in table.columns}
    return {
        "x": labels[names[0]],
        "y": labels[names[1]] if len(names) > 1 else None,
        "xs": values[0][shown],
        "ys": values[1][shown] if len(names) > 1 else [],
        **({"of": table.target_labels[0]} if table.targets else {}),
        "target": table.target[rows][shown] if table.target.ndim == 1 else table.target[rows][shown, 0],
        "weights": [] if table.weights is None else table.weights[rows][shown],
    }


def axes(table: Table) -> list[str]:
    """The two features to look at first, which tell most of the target by themselves; numbers before categories.

    A training run draws its decision surface over the same two. Fewer where the table has fewer; images are no axes.
    """
    numbers = [column.name for column in table.columns if column.kind == "number"]
    others = [column.name for column in table.columns if column.kind not in ("number", "image")]
    names = numbers if len(numbers) >= 2 else [*numbers, *others]
    if len(names) <= 2:
        return names
    rows = np.random.default_rng(_SEED).permutation(len(table))[:_RANKED_ROWS]
    target = table.target[rows]
    each = [target] if target.ndim == 1 else list(target.T)
    telling = [
        sum(_explained(table.values[n][rows].astype(np.float64), one, len(table.classes)) for one in each)
        for n in names
    ]
    varying = [_varies(table.values[n]) for n in names]
    best = sorted(np.lexsort((telling, varying))[::-1][:2])
    return [names[i] for i in best]


def _varies(values: np.ndarray[Any, np.dtype[np.generic]]) -> bool:
    first = values[:_RANKED_ROWS]
    for numbers in (first, values):  # the first rows mostly tell
        low, high = np.fmin.reduce(_finite(numbers), initial=np.inf), np.fmax.reduce(_finite(numbers), initial=-np.inf)
        if low < high:
            return True
    return False


def _finite(values: np.ndarray[Any, np.dtype[np.generic]]) -> Floats:
    numbers = values.astype(np.float64)
    return np.asarray(numbers[np.isfinite(numbers)])


def _explained(values: Floats, target: np.ndarray[Any, np.dtype[np.generic]], classes: int) -> float:
    """The share of the feature's variance between classes (η²), or its squared correlation with the value."""
    present = np.isfinite(values)
    values, known = values[present], target[present]
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(np.var(values)) if len(values) else 0.0
        if not np.isfinite(total) or total == 0:
            return 0.0
        if not classes:
            return _squared_correlation(values, known.astype(np.float64))
        groups = [values[known == code] for code in range(classes)]
        between = sum(len(g) * float(g.mean() - values.mean()) ** 2 for g in groups if len(g))
        return between / len(values) / total


def _squared_correlation(values: Floats, target: Floats) -> float:
    spread = float(np.var(target)) * float(np.var(values))
    if spread == 0:
        return 0.0
    return float(np.mean((values - values.mean()) * (target - target.mean()))) ** 2 / spread
