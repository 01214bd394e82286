"""What the images of each class look like: their mean, and the first few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats, Integers

EXAMPLES = 6
MOST_SIDE = 64
"""Larger images are made smaller: more pixels than this a side find no room on a screen."""
_MOST_PIXELS = 60_000
_CHANNELS = 4
_OUTSIDE = 0.002
"""So much of the pixels may lie beyond either end of the scale, so that one bright pixel does not darken all others."""


@dataclass(frozen=True, eq=False)
class ClassImages:
    """Images of each class.

    Attributes:
        means: shape (classes, height, width), or (classes, length) of signals; NaN for a class without rows.
        examples: shape (classes, images, height, width) or (classes, images, length); NaN where a class has fewer.
        mean_scale, scale: the ends of a scale for all means, and for all examples.
    """

    means: Floats
    examples: Floats
    mean_scale: tuple[float, float]
    scale: tuple[float, float]


def class_images(values: NDArray[np.generic], codes: Integers, classes: int, weights: Floats) -> ClassImages:
    """The weighted mean of the images of each class, and its first ones.

    Args:
        values: shape (rows, height, width), (rows, height, width, channels), whose mean is taken, or (rows, length) of
            signals. What is not a number counts as nothing.
        codes: shape (rows,), the class of each; -1 for none.
        classes: how many there are.
        weights: shape (rows,); where those of a class sum to nothing, its rows count alike.
    """
    values = brief(values)
    size = int(np.prod(values.shape[1:], dtype=np.int64))
    count = int(np.clip(_MOST_PIXELS // (max(1, size) * max(1, classes)) - 1, 1, EXAMPLES))
    means = np.full((classes, *values.shape[1:]), np.nan)
    examples = np.full((classes, count, *values.shape[1:]), np.nan)
    for code in range(classes):
        rows = np.flatnonzero(codes == code)
        if not len(rows):
            continue
        own, counted = np.nan_to_num(values[rows].astype(np.float64)), weights[rows]
        means[code] = np.average(own, axis=0, weights=counted if counted.sum() > 0 else None)
        examples[code, : min(count, len(rows))] = own[:count]
    return ClassImages(means, examples, scale(means), scale(examples))


def scale(values: Floats) -> tuple[float, float]:
    """From the lowest to the highest value, but for the few farthest off; 0 and 1 where none is known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = (float(end) for end in np.quantile(known, (_OUTSIDE, 1 - _OUTSIDE)))
    if not low < high:
        low, high = float(known.min()), float(known.max())
    return low, high if low < high else low + 1.0


def brief(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Images without channels, and with no side longer than `MOST_SIDE`, of signals eight times that.

    Args:
        values: as `class_images` takes them.
    """
    if values.ndim == 4:
        channels_last = values.shape[3] <= _CHANNELS or values.shape[1] > _CHANNELS
        values = values.astype(np.float64).mean(axis=3 if channels_last else 1)
    most = MOST_SIDE if values.ndim == 3 else 8 * MOST_SIDE
    for axis in range(1, values.ndim):
        length = values.shape[axis]
        if length > most:
            starts = np.arange(most) * length // most
            counts = np.diff(np.append(starts, length)).reshape([-1 if at == axis else 1 for at in range(values.ndim)])
            values = np.add.reduceat(values.astype(np.float64), starts, axis=axis) / counts
    return values
