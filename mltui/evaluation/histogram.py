"""Weighted histograms: the scores by true class, and the residuals of a regression."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers
from mltui.evaluation.sums import binned, quantile, summed

_HUGE = 1e300
"""Values beyond are taken as this, so that no difference overflows."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """Sums of weights in bins of equal width.

    Attributes:
        label: whose rows these are.
        edges: shape (bins + 1,).
        sums: shape (bins,): the sum of weights in each bin; the last bin holds its upper edge too.
        errors: shape (bins,): the statistical uncertainty, the root of the sum of squared weights.
        total: the sum of weights, those outside the edges too.
    """

    label: str
    edges: Floats
    sums: Floats
    errors: Floats
    total: float

    @property
    def density(self) -> Floats:
        """The sums as a probability density, shape (bins,); zeros where there is no weight."""
        scale = self.total * (self.edges[1] - self.edges[0])
        return self.sums / scale if scale > 0 else np.zeros_like(self.sums)


@dataclass(frozen=True, eq=False)
class Residuals:
    """Predicted minus true: the histogram of its middle, and the moments of all of it."""

    histogram: Histogram
    mean: float | None
    rms: float | None
    """The weighted standard deviation around the mean."""
    below: float
    """The sum of weights left of the first edge."""
    above: float
    """The sum of weights right of the last edge."""


def histogram(label: str, values: Floats, weights: Floats, edges: Floats) -> Histogram:
    """The histogram of values between evenly spaced edges. What is not a number is left out.

    Args:
        label: whose rows these are.
        values: shape (rows,).
        weights: shape (rows,).
        edges: shape (bins + 1,), evenly spaced.
    """
    known = np.isfinite(values)
    places = bin_of(values, edges)
    inside = places >= 0
    with np.errstate(all="ignore"):
        squares = np.bincount(places[inside], weights[inside] ** 2, len(edges) - 1).astype(np.float64)
    sums = binned(places[inside], weights[inside], len(edges) - 1)
    return Histogram(label, edges, sums, np.sqrt(squares), summed(weights[known]))


def bin_of(values: Floats, edges: Floats) -> Integers:
    """The bin that holds each value, the last one its upper edge too; -1 outside and for what is not a number.

    Args:
        values: shape (rows,).
        edges: shape (bins + 1,), evenly spaced.
    """
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    with np.errstate(all="ignore"):  # of numbers near the largest there are, halves have a difference
        shares = np.nan_to_num((values / 2 - low / 2) / (high / 2 - low / 2))
        places = np.minimum((shares * bins).astype(np.int64), bins - 1)
    return np.where((values >= low) & (values <= high), places, -1)


def score_histograms(scores: Scores, classes: tuple[str, ...], bins: int = 40) -> tuple[Histogram, ...]:
    """The scores of each true class, one histogram a class, all on the same edges.

    With many classes it is the score that each row's own true class got. The edges run from 0 to 1, as scores are
    probabilities; where some are not, from the smallest to the largest. Rows of weight zero are ignored.

    Args:
        scores: of one part.
        classes: the labels.
        bins: how many.
    """
    scores = _used(scores)
    values = scores.scores
    if values.ndim == 2:
        values = values[np.arange(len(values)), scores.target.astype(np.int64)]
    edges = score_edges(values, bins)
    groups = ((label, scores.target == code) for code, label in enumerate(classes))
    return tuple(histogram(label, values[rows], scores.weights[rows], edges) for label, rows in groups)


def answer_histograms(scores: Scores, bins: int = 40) -> tuple[Histogram, Histogram]:
    """With many classes, the score that each row's true class got: of the rows answered right, and of those wrong.

    Both are shares of all rows, so that their areas say how often either happens.

    Args:
        scores: of one part, shape (rows, classes).
        bins: how many.
    """
    scores = _used(scores)
    codes = scores.target.astype(np.int64)
    own = scores.scores[np.arange(len(codes)), codes]
    right = scores.scores.argmax(axis=1) == codes
    edges = score_edges(own, bins)
    found = histogram("right", own[right], scores.weights[right], edges)
    missed = histogram("wrong", own[~right], scores.weights[~right], edges)
    total = found.total + missed.total
    return replace(found, total=total), replace(missed, total=total)


def _used(scores: Scores) -> Scores:
    used = scores.weights != 0
    return scores if used.all() else scores.take(used)


def score_edges(values: Floats, bins: int) -> Floats:
    """Edges from 0 to 1, or over what finite scores span where some lie outside, shape (bins + 1,)."""
    known = np.clip(values[np.isfinite(values)], -_HUGE, _HUGE)
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        low, high = low - 0.5 * max(1.0, abs(low)), high + 0.5 * max(1.0, abs(high))
    return np.linspace(low, high, bins + 1)


def residuals(scores: Scores, bins: int = 40) -> Residuals:
    """Predicted minus true for a regression, binned symmetrically around zero over the middle 99 % of the weight."""
    with np.errstate(all="ignore"):
        difference = scores.scores - scores.target.astype(np.float64)
        known = np.isfinite(difference) & (scores.weights != 0)
        difference, weights = difference[known], scores.weights[known]
        reach = float(quantile(np.abs(difference), weights, np.array([0.99]))[0]) if len(difference) else 0.0
        if not 0 < reach < 1e300:
            reach = 1.0
        middle = histogram("residuals", difference, weights, np.linspace(-reach, reach, bins + 1))
        below, above = summed(weights[difference < -reach]), summed(weights[difference > reach])
        mean, rms = _moments(difference, weights)
    return Residuals(middle, mean, rms, below, above)


def _moments(values: Floats, weights: Floats) -> tuple[float | None, float | None]:
    total = summed(weights)
    if not total > 0:
        return None, None
    mean = summed(weights * values) / total
    variance = summed(weights * (values - mean) ** 2) / total
    if not np.isfinite(mean) or not np.isfinite(variance) or variance < 0:
        return (float(mean) if np.isfinite(mean) else None), None
    return float(mean), float(np.sqrt(variance))
