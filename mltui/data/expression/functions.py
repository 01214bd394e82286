"""The functions of an expression: of numbers, and of the values of a list or an image."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression.values import Numbers
from mltui.data.readers.raw import Raw

MANY = 1_000
"""More arguments of one function are a mistake."""
CONSTANTS: dict[str, float | bool] = {
    "pi": float(np.pi),
    "nan": float("nan"),
    "true": True,
    "false": False,
    "True": True,
    "False": False,
}
"""Names that stand for a value; a column of such a name goes in backticks."""


@dataclass(frozen=True)
class Elementwise:
    """A function of numbers, row by row.

    Attributes:
        least, most: how many arguments it takes.
        compute: from arrays or single numbers to the same.
    """

    least: int
    most: int
    compute: Callable[..., Numbers]


def _of(*ufuncs: Any) -> dict[str, Elementwise]:
    return {ufunc.__name__: Elementwise(ufunc.nin, ufunc.nin, ufunc) for ufunc in ufuncs}


def _smallest(*values: Numbers) -> Numbers:
    return reduce(np.minimum, values)


def _largest(*values: Numbers) -> Numbers:
    return reduce(np.maximum, values)


def _clip(value: Numbers, low: Numbers, high: Numbers) -> Numbers:
    return np.minimum(np.maximum(value, low), high)


ELEMENTWISE: dict[str, Elementwise] = {
    **_of(np.sqrt, np.exp, np.log, np.log2, np.log10, np.log1p, np.expm1, np.hypot, np.floor, np.ceil, np.sign),
    **_of(np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh),
    "abs": Elementwise(1, 1, np.abs),
    "fabs": Elementwise(1, 1, np.abs),
    "pow": Elementwise(2, 2, np.power),
    "round": Elementwise(1, 1, np.rint),
    **{name: Elementwise(1, 1, np.arcsin) for name in ("arcsin", "asin")},
    **{name: Elementwise(1, 1, np.arccos) for name in ("arccos", "acos")},
    **{name: Elementwise(1, 1, np.arctan) for name in ("arctan", "atan")},
    **{name: Elementwise(2, 2, np.arctan2) for name in ("arctan2", "atan2")},
    **{name: Elementwise(1, 1, np.arcsinh) for name in ("arcsinh", "asinh")},
    **{name: Elementwise(1, 1, np.arccosh) for name in ("arccosh", "acosh")},
    **{name: Elementwise(1, 1, np.arctanh) for name in ("arctanh", "atanh")},
    "min": Elementwise(2, MANY, _smallest),
    "max": Elementwise(2, MANY, _largest),
    "clip": Elementwise(3, 3, _clip),
}
"""By name; `round` takes halves to the even neighbour, and missing values make `min` and `max` missing, as in NumPy."""


def counts(raw: Raw) -> NDArray[np.int64]:
    """How many values each row of lists or images has, shape (rows,)."""
    if raw.offsets is None:
        return np.full(len(raw), np.prod(raw.values.shape[1:], dtype=np.int64))
    return np.diff(raw.offsets)


def _lengths(raw: Raw) -> NDArray[np.float64]:
    return counts(raw).astype(np.float64)


def _reduced(raw: Raw, ufunc: np.ufunc, empty: float) -> NDArray[np.float64]:
    """A function over the values of each row, shape (rows,); `empty` where a list has none."""
    if raw.offsets is None:
        values = raw.numbers().reshape(len(raw), math.prod(raw.values.shape[1:]))
        return np.asarray(ufunc.reduce(values, axis=1)) if values.shape[1] else np.full(len(raw), empty)
    found = np.full(len(raw), empty)
    filled = np.diff(raw.offsets) > 0
    if filled.any():
        # rows without values take no room, so that each filled row ends where the next filled one begins
        values = Raw(raw.values[: raw.offsets[-1]]).numbers()
        found[filled] = ufunc.reduceat(values, raw.offsets[:-1][filled])
    return found


def _sum(raw: Raw) -> NDArray[np.float64]:
    return _reduced(raw, np.add, 0.0)


def _mean(raw: Raw) -> NDArray[np.float64]:
    return np.asarray(_sum(raw) / counts(raw))


def _any(raw: Raw) -> NDArray[np.bool_]:
    return np.asarray(_reduced(_flags(raw), np.maximum, 0.0) == 1)


def _all(raw: Raw) -> NDArray[np.bool_]:
    return np.asarray(_reduced(_flags(raw), np.minimum, 1.0) == 1)


def _flags(raw: Raw) -> Raw:
    """Which values are true: those that are known and not 0."""
    known = raw.numbers()
    return Raw((~np.isnan(known) & (known != 0)).astype(np.float64), offsets=raw.offsets)


def _first(raw: Raw) -> NDArray[np.float64]:
    return picked(raw, np.float64(0))


REDUCTIONS: dict[str, Callable[[Raw], NDArray[np.float64] | NDArray[np.bool_]]] = {
    "len": _lengths,
    "sum": _sum,
    "mean": _mean,
    "min": lambda raw: _reduced(raw, np.minimum, np.nan),
    "max": lambda raw: _reduced(raw, np.maximum, np.nan),
    "any": _any,
    "all": _all,
    "first": _first,
}
"""By name; over no value at all `sum` is 0, `any` false, `all` true, and what else is no length is missing."""
TRUTHS = ("any", "all")
WHOLE = ("abs", "min", "max", "clip")
"""Functions that make whole numbers of whole numbers exactly."""
MISSING = ("ismissing", "isnan")
NAMES = frozenset((*ELEMENTWISE, *REDUCTIONS, *MISSING, "where"))
"""Every function there is."""


def picked(raw: Raw, index: Numbers) -> NDArray[np.float64]:
    """One value of each row's list, shape (rows,); missing where there is none at that place.

    Args:
        raw: lists, or images, whose pixels then count one after the other.
        index: from 0, or from -1 backwards; one for all rows or one a row.
    """
    rows = len(raw)
    lengths = counts(raw)
    if raw.offsets is None:
        values, begins = raw.values.reshape(-1), np.cumsum(lengths) - lengths
    else:
        values, begins = raw.values, raw.offsets[:-1]
    wanted = np.broadcast_to(index, (rows,))
    places = np.where(wanted < 0, wanted + lengths, wanted)
    there = (places >= 0) & (places < lengths) & (places == np.floor(places))
    found = np.full(rows, np.nan)
    found[there] = Raw(values[begins[there] + places[there].astype(np.int64)]).numbers()
    return found
