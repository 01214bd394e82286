"""Whole numbers stay whole, so that event numbers beyond 2**53, where float64 begins to round, are exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression.values import Value
from mltui.data.readers.raw import Raw

Whole = NDArray[np.integer[Any]]
"""int64 or uint64, one a row or of shape () for all rows."""
Bounds = tuple[int, int]
_SIGNED = -(2**63) + 1, 2**63 - 1
"""The lowest number of all is left out, so that each has its negative."""
_UNSIGNED = 0, 2**64 - 1


def constant(number: float) -> np.float64 | np.int64 | np.uint64:
    """A number as written: whole where it is written so and has room, else float64."""
    if isinstance(number, int) and _SIGNED[0] <= number <= _UNSIGNED[1]:
        return np.int64(number) if number <= _SIGNED[1] else np.uint64(number)
    return np.float64(number)


def whole(value: Value) -> Whole | None:
    """A value as whole numbers, int64 or uint64; None where it is floating, and may have a fraction or be missing."""
    found: NDArray[Any] = value.values if isinstance(value, Raw) else np.asarray(value)
    if (isinstance(value, Raw) and value.categories is not None) or found.dtype.kind not in "biu":
        return None
    return found.astype(np.uint64 if found.dtype == np.uint64 else np.int64, copy=False)


def together(*values: Value) -> tuple[Whole, ...] | None:
    """Values as whole numbers of one type; None where one may not be whole, or no type has room for all of them."""
    found = [whole(value) for value in values]
    known = [each for each in found if each is not None]
    dtype = _type(known, *map(_bounds, known)) if len(known) == len(found) else None
    return None if dtype is None else tuple(each.astype(dtype, copy=False) for each in known)


def arithmetic(sign: str, left: Value, right: Value) -> Whole | None:
    """What + - * // % make of two whole numbers; None where that is not whole, or not surely within 64 bits."""
    one, other = whole(left), whole(right)
    if sign not in _ARITHMETIC or one is None or other is None:
        return None
    compute, reach = _ARITHMETIC[sign]
    bounds = _bounds(one), _bounds(other)
    if sign in ("//", "%") and bounds[1][0] <= 0 <= bounds[1][1] and (not other.size or not other.all()):
        return None if other.size else np.zeros(0, np.int64)  # by zero there is no whole number
    dtype = _type([one, other], *bounds, reach(*bounds))
    if dtype is None:
        return None
    found: Whole = compute(one.astype(dtype, copy=False), other.astype(dtype, copy=False))
    return found


def _bounds(values: Whole) -> Bounds:
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def _type(operands: list[Whole], *bounds: Bounds) -> type[np.int64] | type[np.uint64] | None:
    """The type with room for all; unsigned where an operand is, so that a column's chunks come out alike."""
    low, high = min(bound[0] for bound in bounds), max(bound[1] for bound in bounds)
    if low >= 0 and high <= _UNSIGNED[1] and (high > _SIGNED[1] or any(each.dtype == np.uint64 for each in operands)):
        return np.uint64
    return np.int64 if _SIGNED[0] <= low and high <= _SIGNED[1] else None


def _sum(one: Bounds, other: Bounds) -> Bounds:
    return one[0] + other[0], one[1] + other[1]


def _difference(one: Bounds, other: Bounds) -> Bounds:
    return one[0] - other[1], one[1] - other[0]


def _product(one: Bounds, other: Bounds) -> Bounds:
    corners = [a * b for a in one for b in other]
    return min(corners), max(corners)


def _quotient(one: Bounds, other: Bounds) -> Bounds:
    most = max(map(abs, one))
    return (0 if one[0] >= 0 and other[0] >= 0 else -most), most


def _rest(one: Bounds, other: Bounds) -> Bounds:
    """It has the sign of what it is divided by."""
    return min(0, other[0]), max(0, other[1])


_ARITHMETIC: dict[str, tuple[Callable[..., Any], Callable[[Bounds, Bounds], Bounds]]] = {
    "+": (np.add, _sum),
    "-": (np.subtract, _difference),
    "*": (np.multiply, _product),
    "//": (np.floor_divide, _quotient),
    "%": (np.remainder, _rest),
}
"""What each sign computes, and the bounds of its result by those of the operands."""
