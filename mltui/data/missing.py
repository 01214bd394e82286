"""Takes out the values that the user says mean missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Scalar
from mltui.data.readers.raw import Raw

_LARGEST_SINGLE = float(np.finfo(np.float32).max)


def cleaned(raw: Raw, values: Sequence[Scalar]) -> Raw:
    """The column with these values missing: numbers by their size, labels by their letters or their size."""
    if not values:
        return raw
    if raw.categories is not None:
        return _labels(raw, raw.categories, values)
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not numbers or raw.values.dtype.kind == "b" or raw.date:
        return raw
    gone = _equal(raw.values, numbers)
    if not gone.any():
        return raw
    kept = raw.values.astype(np.float64 if raw.values.dtype.kind != "f" else raw.values.dtype)
    kept[gone] = np.nan
    return replace(raw, values=kept)


def _equal(values: NDArray[np.generic], numbers: Sequence[float]) -> NDArray[np.bool_]:
    """Where one of the numbers stands; in single precision -999.9 is the nearest number there."""
    gone = np.zeros(values.shape, np.bool_)
    for number in numbers:
        if values.dtype.kind != "f":
            gone |= values == number
        elif values.dtype.itemsize > 4 or abs(number) <= _LARGEST_SINGLE:
            gone |= values == values.dtype.type(number)
    return gone


def _labels(raw: Raw, labels: tuple[str, ...], values: Sequence[Scalar]) -> Raw:
    texts = {str(value) for value in values}
    texts |= {str(int(value)) for value in values if isinstance(value, float) and value.is_integer()}
    if not texts & set(labels):
        return raw
    left = tuple(label for label in labels if label not in texts)
    places = {label: code for code, label in enumerate(left)}
    recode = np.array([*(places.get(label, -1) for label in labels), -1], np.int32)
    return replace(raw, values=recode[raw.values], categories=left)
