"""The few numbers that one column is described by, and the value in it that seems to stand for missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw

_REPEATED, _AT_LEAST = 0.005, 3
"""A value stands for missing only where it fills this share of the rows, and so many of them."""
_NINES = frozenset(float(f"{sign}{digit * count}") for sign in "-+" for digit in "9876" for count in range(2, 8))
"""99, 999 and so on and their negatives; 88 or 77 mean "don't know" and "refused" in surveys."""
_VARIETY = 5
"""Different values that the others must have for one to stand out."""


@dataclass(frozen=True)
class Facts:
    """What a column's values say.

    Attributes:
        rows: how many there are.
        missing: how many have no value; infinities are counted in.
        infinite: how many are infinite.
        low, high, mean, std: of the numbers that are there, also of those in lists and images; None without any.
        distinct: how many different values there are, of numbers, dates and texts.
        sentinel: the number that seems to stand for missing.
        whole: whether all numbers are whole.
        rises: whether every value is larger than the one before, or every one smaller.
    """

    rows: int
    missing: int
    infinite: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    std: float | None = None
    distinct: int | None = None
    sentinel: float | None = None
    whole: bool = False
    rises: bool = False

    @property
    def constant(self) -> bool:
        """Whether all values that are there are the same, and there are two."""
        if self.rows - self.missing < 2:
            return False
        if self.distinct is not None:
            return self.distinct == 1
        return self.low is not None and self.low == self.high


def facts(raw: Raw) -> Facts:
    """The facts of one column, in time that grows little faster than its rows."""
    missing = int(np.count_nonzero(raw.missing))
    if raw.categories is not None:
        known = raw.values[~raw.missing].astype(np.int64)
        return Facts(len(raw), missing, distinct=int(np.count_nonzero(np.bincount(known))) if len(known) else 0)
    if raw.values.ndim > 1 or raw.offsets is not None:
        return _moments(raw, missing)
    return _of_numbers(raw, missing)


def _moments(raw: Raw, missing: int) -> Facts:
    """Of all values of lists and images."""
    known = raw.values[np.isfinite(raw.values)] if raw.values.dtype.kind == "f" else raw.values.ravel()
    if not len(known):
        return Facts(len(raw), missing)
    mean, std = _mean_std(known)
    return Facts(len(raw), missing, low=float(known.min()), high=float(known.max()), mean=mean, std=std)


def _of_numbers(raw: Raw, missing: int) -> Facts:
    known = raw.values
    infinite = 0
    if known.dtype.kind == "f":
        infinite = int(np.count_nonzero(np.isinf(known)))
        known = known[np.isfinite(known)] if missing else known
    if not len(known):
        return Facts(len(raw), missing, infinite, distinct=0)
    mean, std = _mean_std(known)
    ordered = np.sort(known)
    whole = known.dtype.kind in "iub" or bool(np.all(known == np.floor(known)))
    return Facts(
        rows=len(raw),
        missing=missing,
        infinite=infinite,
        low=float(ordered[0]),
        high=float(ordered[-1]),
        mean=mean,
        std=std,
        distinct=int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1,
        sentinel=None if raw.date or known.dtype.kind == "b" else sentinel(ordered),
        whole=whole,
        rises=len(known) > 1 and (_rises(known) or _rises(known[::-1])),
    )


def _mean_std(known: NDArray[np.generic]) -> tuple[float, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(known.mean(dtype=np.float64)), float(known.astype(np.float64, copy=False).std())


def _rises(values: NDArray[Any]) -> bool:
    return bool(values[1] > values[0]) and bool(np.all(values[1:] > values[:-1]))


def sentinel(ordered: NDArray[np.generic]) -> float | None:
    """The smallest or largest value, where it repeats, stands far from the rest and is one that people write for none.

    Args:
        ordered: shape (values,), in rising order, without missing ones.
    """
    for end in (_low_end(ordered), _high_end(ordered)):
        if end is not None and _stands_out(*end):
            return end[0]
    return None


def at_the_end(ordered: NDArray[np.generic], value: float) -> bool:
    """Whether a value that means missing in other columns may mean it here: it repeats at one end, apart from the rest.

    Args:
        ordered: as `sentinel`. value: the one in question.
    """
    for end in (_low_end(ordered), _high_end(ordered)):
        if end is not None and end[0] == value:
            gap, spread = _gap(*end)
            return (value < 0 <= end[1][0]) or gap > 0.1 * spread
    return False


_End = tuple[float, NDArray[np.generic]]
"""A value at one end of a column, and the others in rising order."""


def _low_end(ordered: NDArray[np.generic]) -> _End | None:
    count = int(np.searchsorted(ordered, ordered[0], "right"))
    return (float(ordered[0]), ordered[count:]) if _repeats(count, len(ordered)) else None


def _high_end(ordered: NDArray[np.generic]) -> _End | None:
    first = int(np.searchsorted(ordered, ordered[-1], "left"))
    return (float(ordered[-1]), ordered[:first]) if _repeats(len(ordered) - first, len(ordered)) else None


def _repeats(count: int, rows: int) -> bool:
    return max(_AT_LEAST, _REPEATED * rows) <= count < rows


def _gap(value: float, rest: NDArray[np.generic]) -> tuple[float, float]:
    """How far a value is from the nearest other, and how far nearly all others are apart."""
    low, high = (float(rest[int(share * (len(rest) - 1))]) for share in (0.01, 0.99))
    return (float(rest[0]) - value if value < rest[0] else value - float(rest[-1])), high - low


def _stands_out(value: float, rest: NDArray[np.generic]) -> bool:
    """Whether a value at an end is no value at all, judged by the others, in rising order."""
    if abs(value) < 9 or not value.is_integer():
        return False
    gap, spread = _gap(value, rest)
    if spread == 0 or len(np.unique(rest[:: max(1, len(rest) // 1000)])) < _VARIETY:
        return False
    nines, whole = value in _NINES, bool(np.all(rest == np.floor(rest)))
    if value < 0 <= rest[0]:  # the one negative value of a quantity that has none
        return nines or gap > spread or not whole
    if nines:
        return gap > spread
    return gap > 2 * spread and _round(value) and (abs(value) >= 100 or not whole)


def _round(value: float) -> bool:
    """Whether a number has one or two digits before its zeros, as -200, or is too large to have been measured."""
    return abs(value) >= 1e15 or len(f"{abs(value):.0f}".rstrip("0")) <= 2
