"""How far predicted probabilities are what happens: the reliability curve and its expected error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.probability import probabilities
from mltui.evaluation.rates import shares
from mltui.evaluation.sums import binned, cleaned


@dataclass(frozen=True, eq=False)
class Calibration:
    """Rows in bins of equal width by the probability that is said.

    Attributes:
        edges: shape (bins + 1,), 0 to 1.
        sums: shape (bins,): the sum of weights.
        said: shape (bins,): the mean of the probabilities said; NaN where a bin has no weight.
        true: shape (bins,): the share of the weight of which it is true; NaN likewise.
        errors: shape (bins,): its statistical error, as `rates.shares` gives it.
        expected_error: the mean of |true - said|, each bin by its weight: the expected calibration error. None where
            the scores are not probabilities or nothing has weight.
    """

    edges: Floats
    sums: Floats
    said: Floats
    true: Floats
    errors: Floats
    expected_error: float | None


def calibration(scores: Scores, bins: int = 10) -> Calibration:
    """The reliability curve of a part, weighted.

    With two classes it is the positive one's probability and how often it is so (as scikit-learn's
    `calibration_curve`); with many the largest probability, the confidence, and how often that class is right (Guo,
    Pleiss, Sun and Weinberger, ICML 2017, also for the expected calibration error). Bins whose sum of weights is not
    positive are left out.

    Args:
        scores: of one part.
        bins: how many.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    said, true, weights = _claims(scores)
    if not len(said) or not probabilities(said):
        unknown = np.full(bins, np.nan)
        return Calibration(edges, np.zeros(bins), unknown, unknown, unknown, None)
    said = np.clip(said, 0.0, 1.0)
    places = np.clip(np.searchsorted(edges[1:-1], said), 0, bins - 1)
    yes, no = (binned(places[side], weights[side], bins) for side in (true, ~true))
    yes_squares, no_squares = (binned(places[side], weights[side] ** 2, bins) for side in (true, ~true))
    sums = cleaned(yes + no, binned(places, np.abs(weights), bins))
    found, errors = shares(np.where(sums > 0, yes, np.nan), yes_squares, no, no_squares)
    with np.errstate(all="ignore"):
        mean = np.where(sums > 0, binned(places, weights * said, bins) / sums, np.nan)
    return Calibration(edges, sums, mean, found, errors, _expected(sums, mean, found))


def _claims(scores: Scores) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """What probability is said of each row that counts, whether it is so, and its weight."""
    values = scores.scores
    codes = scores.target.astype(np.int64)
    said, true = (values, codes == 1) if values.ndim == 1 else (values.max(axis=1), values.argmax(axis=1) == codes)
    used = np.isfinite(said) & (scores.weights != 0)
    return said[used], true[used], scores.weights[used]


def _expected(sums: Floats, said: Floats, true: Floats) -> float | None:
    known = np.isfinite(said) & np.isfinite(true)
    if not known.any():
        return None
    return float(np.sum(sums[known] * np.abs(true - said)[known]) / np.sum(sums[known]))
