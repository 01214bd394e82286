"""The lowest loss that is to be had without learning: by one answer that is the same for every row."""

from __future__ import annotations

import math

import numpy as np

from mltui.core.table import Floats
from mltui.models.card import Shape
from mltui.training.losses import DELTA, named_loss


def constant_loss(target: np.ndarray, weights: Floats | None, shape: Shape, name: str = "auto") -> float:
    """The mean over rows of weight times loss that the best constant outputs of a network have.

    For perceptron this is 0: it is content with outputs of zero.

    Args:
        target: codes of classes, or values as the loss takes them, shape (rows,) or (rows, targets).
        weights: shape (rows,), of mean 1; None: all rows count alike.

    Returns:
        NaN where the loss of constants has no lowest value, as with negative weights it may be, or there are no rows.

    Raises:
        InputError: for a loss that the task does not take.
    """
    name = named_loss(shape, name)
    counts = np.ones(len(target)) if weights is None else np.asarray(weights, np.float64)
    if not len(target):
        return math.nan
    if shape.task == "regression":
        values = np.asarray(target, np.float64).reshape(len(target), -1)
        return float(np.mean([_of_values(column, counts, name) for column in values.T]))
    return _of_classes(np.bincount(target.astype(np.int64), counts, shape.classes) / len(target), name)


def _of_classes(shares: Floats, name: str) -> float:
    """From the sums of weights by class over the number of rows."""
    total = float(shares.sum())
    if total <= 0 or (shares < 0).any():
        return math.nan
    others = total - float(shares.max())
    brier = float(total - np.square(shares).sum() / total) / (2 if len(shares) == 2 else 1)
    present = shares[shares > 0]
    lowest = {
        "perceptron": 0.0,
        "hinge": min(total, 2 * others),  # all logits alike, or the most frequent class's larger by 1
        "cross_entropy": float(-(present * np.log(present / total)).sum()),
        "absolute": others if len(shares) == 2 else 2 * others,
        "squared": brier,
        "huber": brier / 2,  # no two probabilities are farther apart than DELTA
    }
    return lowest[name]


def _of_values(values: Floats, weights: Floats, name: str) -> float:
    total = float(weights.sum())
    if not total > 0:
        return math.nan
    if name == "squared":
        mean = float(np.dot(weights, values)) / total
        return float(np.dot(weights, np.square(values - mean))) / len(values)
    return (_absolute if name == "absolute" else _huber)(values, weights) / len(values)


def _absolute(values: Floats, weights: Floats) -> float:
    """The sum is a chain of lines that bends at the values only, so it is lowest at one of them."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    below, moment = np.cumsum(weights), np.cumsum(weights * values)
    sums = values * (2 * below - below[-1]) - (2 * moment - moment[-1])
    return float(sums.min())


def _huber(values: Floats, weights: Floats) -> float:
    """The sum is a chain of parabolas between the places DELTA away from the values, its slope a chain of lines."""
    places = np.concatenate([values - DELTA, values + DELTA])
    order = np.argsort(places)
    places = places[order]
    gaps = np.diff(places)
    bends = np.cumsum(np.concatenate([weights, -weights])[order])[:-1]
    slopes = np.concatenate([[0.0], np.cumsum(bends * gaps)]) - DELTA * weights.sum()
    rises = slopes[:-1] * gaps + 0.5 * bends * gaps**2
    distances = np.abs(values - places[0])  # none is smaller than DELTA there
    sums = float(np.dot(weights, DELTA * (distances - 0.5 * DELTA))) + np.concatenate([[0.0], np.cumsum(rises)])
    turns = (slopes[:-1] <= 0) & (slopes[1:] > 0)
    return float((sums[:-1][turns] - np.square(slopes[:-1][turns]) / (2 * bends[turns])).min())
