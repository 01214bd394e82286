"""Sums of weights some of which are negative: what is nothing but rounding is zero, whatever the order of the rows."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats

_ROUNDING = 1e-12
"""What a sum may differ by, in units of the sum of sizes, when its terms come in another order."""


@overload
def cleaned(total: Floats, sizes: Floats) -> Floats: ...
@overload
def cleaned(total: float, sizes: float) -> float: ...
def cleaned(total: Any, sizes: Any) -> Any:
    """A sum, or each of an array of them; zero where its terms cancel but for rounding.

    Args:
        total: Σx.
        sizes: Σ|x|, of the same shape.
    """
    return np.where(np.abs(total) <= _ROUNDING * sizes, 0.0, total)[()]


def summed(values: Floats) -> float:
    """The sum of values, cleaned."""
    total = values.sum()
    return float(cleaned(total, np.abs(values).sum())) if (values < 0).any() else float(total)


def binned(places: NDArray[np.integer], weights: Floats, count: int) -> Floats:
    """The sum of weights at each place, cleaned; shape (count,)."""
    sums = np.bincount(places, weights, count).astype(np.float64)
    return (
        cleaned(sums, np.bincount(places, np.abs(weights), count).astype(np.float64)) if (weights < 0).any() else sums
    )


def quantile(values: Floats, weights: Floats, shares: Floats) -> Floats:
    """The least values up to which these shares of the weights' sizes lie, as if each row were there |w| times.

    Args:
        values: shape (rows,), at least one, all numbers.
        weights: shape (rows,), not all zero.
        shares: shape (n,), 0 to 1.

    Returns:
        Shape (n,).
    """
    order = np.argsort(values)
    reached = np.cumsum(np.abs(weights[order]))
    places = np.searchsorted(reached, shares * reached[-1] * (1 - _ROUNDING))
    return np.asarray(values[order][np.minimum(places, len(order) - 1)])


class Total:
    """A sum over chunks, cleaned at the end."""

    def __init__(self) -> None:
        self._total = self._sizes = 0.0

    def add(self, values: Floats) -> None:
        """Add all of these."""
        self._total += float(values.sum())
        self._sizes += float(np.abs(values).sum())

    @property
    def value(self) -> float:
        """What they add up to."""
        return float(cleaned(self._total, self._sizes))


class ByPlace:
    """Rows, sums of weights and of their squares, by place; of rows that have a weight.

    Attributes:
        rows, second: shape (count,).
    """

    def __init__(self, count: int) -> None:
        self.rows = np.zeros(count, np.int64)
        self.second = np.zeros(count)
        self._first = np.zeros(count)
        self._sizes = np.zeros(count)

    @property
    def first(self) -> Floats:
        """The sums of weights, shape (count,)."""
        return cleaned(self._first, self._sizes)

    def add(self, places: NDArray[np.integer], weights: Floats) -> None:
        """Count rows; those at place -1 are nobody's."""
        used = (places >= 0) & (weights != 0)
        places, weights = places[used], weights[used]
        self.rows += np.bincount(places, minlength=len(self.rows))
        self._first += np.bincount(places, weights, len(self.rows))
        self._sizes += np.bincount(places, np.abs(weights), len(self.rows))
        self.second += np.bincount(places, weights**2, len(self.rows))

    def error(self, place: int) -> float:
        """The statistical error of a sum of weights."""
        return float(np.sqrt(self.second[place]))
