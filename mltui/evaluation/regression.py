"""How far predicted values are from the true ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mltui.core.snapshot import Scores
from mltui.evaluation.probability import mean, number


def numbers(scores: Scores) -> dict[str, float | None]:
    """The loss (weighted mean squared error), rmse, mae and r2 of a regression; None where undefined.

    r2 = 1 - Σ w (y - ŷ)² / Σ w (y - ȳ)² with ȳ the weighted mean of y; undefined for a constant target.

    Of several targets each number is the plain mean of the targets' own, every target counting alike, as
    scikit-learn's multioutput="uniform_average"; undefined where one of them is.
    """
    return uniform([_of_one(scores.of(target)) for target in range(scores.targets)])


def by_target(scores: Scores, names: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """The same of each of several targets by itself, in its own unit."""
    return {name: _of_one(scores.of(target)) for target, name in enumerate(names)}


def uniform(each: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The plain mean of each number over the targets; None where one of them is."""
    found: dict[str, float | None] = {}
    for name in each[0]:
        values = [value for one in each if (value := one[name]) is not None]
        found[name] = sum(values) / len(values) if len(values) == len(each) else None
    return found


def _of_one(scores: Scores) -> dict[str, float | None]:
    true = scores.target.astype(np.float64)
    error = scores.scores - true
    loss = mean(error**2, scores.weights)
    return {
        "loss": loss,
        "rmse": math.sqrt(loss) if loss is not None and loss >= 0 else None,
        "mae": mean(np.abs(error), scores.weights),
        "r2": _r2(scores, loss),
    }


def _r2(scores: Scores, loss: float | None) -> float | None:
    true = scores.target.astype(np.float64)
    centre = mean(true, scores.weights)
    if loss is None or centre is None or np.all(true == true[0]):
        return None
    variance = mean((true - centre) ** 2, scores.weights)
    return number(1 - loss / variance) if variance is not None and variance > 0 else None
