"""Mass sculpting: how a cut on the score changes the shape of the background in a variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.evaluation.deviations import deserved
from mltui.evaluation.events import effective
from mltui.evaluation.sums import binned, quantile, summed
from mltui.evaluation.variables import Labels, binning

SHARES = (0.5, 0.2, 0.05)
"""Of the background, the part with the highest scores that is looked at."""
MOST_BINS = 40


@dataclass(frozen=True, eq=False)
class Slice:
    """The background that passes a cut on the score.

    Attributes:
        share: of the background that was asked for; 1 for all of it.
        efficiency: the share of its weight that has the score; more where many rows have the same.
        threshold: a row is in it at score >= threshold; -inf for all.
        sums: shape (bins,): the sums of weights in the variable. errors: likewise, the root of the summed squares.
        events: the effective number of its rows in the bins.
        divergence: the Jensen–Shannon divergence between its shape and that of all, in bits; None where either has no
            shape.
        by_chance: what the divergence of a random part of so many effective rows would be on average.
        distance: the Kolmogorov–Smirnov distance of the unbinned distributions; None likewise.
    """

    share: float
    efficiency: float | None
    threshold: float
    sums: Floats
    errors: Floats
    events: float
    divergence: float | None
    by_chance: float | None
    distance: float | None


@dataclass(frozen=True, eq=False)
class Sculpting:
    """The background in a variable, all of it and slice by slice.

    Attributes:
        edges: shape (bins + 1,), evenly spaced; of a column of labels half a unit either side of each.
        slices: all of it first.
        labels: what each bin holds, of a column of labels; else empty.
    """

    edges: Floats
    slices: tuple[Slice, ...]
    labels: Labels = ()


def sculpting(
    values: NDArray[np.generic],
    scores: Floats,
    weights: Floats,
    shares: Sequence[float] = SHARES,
    bins: int | None = None,
    labels: Labels = (),
) -> Sculpting:
    """Cut the background on the score so that these shares of it are left, and compare the shapes of a variable.

    Args:
        values: shape (rows,): the variable of the background's rows; what is not finite, or code -1, is left out.
        scores: shape (rows,): high for signal; rows whose score is not finite are left out.
        weights: shape (rows,), negative ones admitted; rows of weight zero change nothing.
        shares: above 0 and below 1, of the weights' sizes.
        bins: at most so many; None for as many as the rows deserve (`deviations.deserved`).
        labels: of a column of labels, whose codes `values` then holds.
    """
    numbers = values.astype(np.float64)
    known = numbers >= 0 if labels else np.isfinite(numbers)
    used = known & np.isfinite(scores) & np.isfinite(weights) & (weights != 0)
    numbers, scores, weights = numbers[used], scores[used], weights[used]
    places, edges, labels = binning(numbers, weights, bins or deserved(weights, MOST_BINS), labels)
    order = np.argsort(numbers)
    rows = _Rows(numbers[order], scores[order], weights[order], places[order], len(edges) - 1)
    whole = rows.slice(1.0, -np.inf, None)
    if not len(scores):
        return Sculpting(edges, (whole,), labels)
    # negated, so that the least value up to which a share lies is the highest cut that leaves it
    cuts = -quantile(-scores, weights, np.asarray(shares, np.float64))
    cut = (rows.slice(share, float(at), whole) for share, at in zip(shares, cuts, strict=True))
    return Sculpting(edges, (whole, *cut), labels)


@dataclass(frozen=True)
class _Rows:
    """The background in the order of its values: shape (rows,) each, and how many bins there are."""

    values: Floats
    scores: Floats
    weights: Floats
    places: NDArray[np.int64]
    bins: int

    def slice(self, share: float, threshold: float, whole: Slice | None) -> Slice:
        """The rows at or above a score, compared with all of them."""
        chosen = self.scores >= threshold
        inside = chosen & (self.places >= 0) & (self.places < self.bins)
        weights, places = self.weights[inside], self.places[inside]
        sums = binned(places, weights, self.bins)
        errors = np.sqrt(np.bincount(places, weights**2, self.bins))
        events = effective(summed(weights), float((weights**2).sum())) or 0.0
        total = summed(self.weights)
        return Slice(
            share=share,
            efficiency=summed(self.weights[chosen]) / total if total > 0 else None,
            threshold=threshold,
            sums=sums,
            errors=errors,
            events=events,
            divergence=None if whole is None else divergence(sums, whole.sums),
            by_chance=None if whole is None else _by_chance(whole.sums, events, whole.events),
            distance=None if whole is None else self._distance(chosen),
        )

    def _distance(self, chosen: NDArray[np.bool_]) -> float | None:
        """The largest difference of the weighted cumulative distributions of a part and of all."""
        part = np.where(chosen, self.weights, 0.0)
        totals = summed(part), summed(self.weights)
        if not (totals[0] > 0 and totals[1] > 0):
            return None
        ends = np.append(self.values[1:] != self.values[:-1], True)
        found = np.abs(np.cumsum(part / totals[0] - self.weights / totals[1])[ends]).max()
        return float(found) if np.isfinite(found) else None


def divergence(one: Floats, other: Floats) -> float | None:
    """The Jensen–Shannon divergence of two binned distributions in bits, 0 for the same shape to 1 for no overlap.

    ½ Σ p log₂(p / m) + ½ Σ q log₂(q / m) with m = (p + q) / 2 (J. Lin, IEEE Trans. Inf. Theory 37 (1991) 145). Bins
    whose sum is negative, which negative weights can make, count as empty.

    Args:
        one, other: shape (bins,): sums of weights.

    Returns:
        None where either has no positive bin.
    """
    p, q = np.maximum(one, 0.0), np.maximum(other, 0.0)
    if not (p.sum() > 0 and q.sum() > 0):
        return None
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    found = (_relative(p, middle) + _relative(q, middle)) / 2
    return float(min(max(found, 0.0), 1.0)) if np.isfinite(found) else None


def _relative(p: Floats, q: Floats) -> float:
    filled = p > 0
    return float(np.sum(p[filled] * np.log2(p[filled] / q[filled])))


def _by_chance(whole: Floats, part: float, events: float) -> float | None:
    """The mean divergence of a random part of the whole from it, by its expansion for shapes that differ little.

    The divergence is then Σ (p - q)² / q / (8 ln 2), and the sum is χ² / n of as many degrees of freedom as there are
    filled bins but one; a part that is nearly all of it differs by less, as its rows are among the whole's.
    """
    filled = int(np.count_nonzero(whole > 0))
    if part <= 0 or events <= 0 or filled < 2:
        return None
    return (filled - 1) * max(0.0, 1 / part - 1 / events) / (8 * float(np.log(2)))
