"""What a regression is off by: bias and RMS of all rows and of the best 90 %, and quantiles along a variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.evaluation.events import effective
from mltui.evaluation.probability import mean
from mltui.evaluation.sums import quantile, summed
from mltui.evaluation.variables import Labels, binning

BEST = 0.9
"""The share of the rows that TMVA's plots of a regression call truncated."""
QUANTILES = (0.05, 0.16, 0.5, 0.84, 0.95)
MOST_BINS, FEWEST_BINS, A_BIN = 20, 5, 30
"""Without a number of bins there are so many that a bin holds about `A_BIN` effective rows."""


@dataclass(frozen=True)
class Deviations:
    """Moments of residuals, predicted minus true, in the target's unit; None where there is no weight.

    Attributes:
        bias: their weighted mean.
        rms: the root of the weighted mean of their squares, about zero and not about the bias.
        reach: the largest |residual| among them.
    """

    bias: float | None
    rms: float | None
    reach: float | None


def deviations(residuals: Floats, weights: Floats, best: float = 1.0) -> Deviations:
    """Bias and RMS of the rows with the smallest |residual| that together hold a share of the weight.

    With best = 0.9 they are the truncated ones of TMVA's plots of a regression, of the 90 % of the rows with the
    smallest deviation, which a few far rows do not spoil. (The `_T` columns of its printed table are another cut, at
    two RMS around the bias.) With best = 1 the RMS is the rmse of the metrics.

    Args:
        residuals: shape (rows,); what is not finite is left out.
        weights: shape (rows,); the share is one of their sizes, and the moments take them with their signs.
        best: above 0 up to 1.
    """
    used = np.isfinite(residuals) & np.isfinite(weights) & (weights != 0)
    residuals, weights = residuals[used], weights[used]
    if not len(residuals):
        return Deviations(None, None, None)
    sizes = np.abs(residuals)
    reach = float(quantile(sizes, weights, np.array([best]))[0])
    kept = sizes <= reach
    residuals, weights = residuals[kept], weights[kept]
    with np.errstate(all="ignore"):
        bias, square = mean(residuals, weights), mean(residuals**2, weights)
    return Deviations(bias, None if square is None or square < 0 else float(np.sqrt(square)), reach)


@dataclass(frozen=True, eq=False)
class Profile:
    """Values along a variable, bin by bin.

    Attributes:
        edges: shape (bins + 1,), evenly spaced; of a column of labels half a unit either side of each.
        quantiles: shape (QUANTILES, bins): of the values in each bin; NaN in a bin without rows.
        bias, rms: shape (bins,): the weighted mean and the root mean square of the values in each bin, NaN likewise.
        events: shape (bins,): the effective number of rows in each bin, (Σw)² / Σw².
        labels: what each bin holds, of a column of labels; else empty.
    """

    edges: Floats
    quantiles: Floats
    bias: Floats
    rms: Floats
    events: Floats
    labels: Labels = ()


def deserved(weights: Floats, most: int = MOST_BINS) -> int:
    """How many bins rows are worth, their weights finite and not zero: from 5 on, of about 30 effective rows each."""
    known = effective(float(np.abs(weights).sum()), float((weights**2).sum())) or 0.0
    return int(min(most, max(FEWEST_BINS, known // A_BIN)))


def profile(
    along: NDArray[np.generic], values: Floats, weights: Floats, bins: int | None = None, labels: Labels = ()
) -> Profile:
    """The quantiles 5, 16, 50, 84 and 95 %, the mean and the RMS of values in bins of a variable.

    The bins are those of the variable's histogram (`variables.class_histograms`); rows outside them are left out. A
    quantile is the least value up to which its share of the weights' sizes lies.

    Args:
        along: shape (rows,): the variable; what is not finite, or code -1, is left out.
        values: shape (rows,), such as residuals; what is not finite is left out.
        weights: shape (rows,), negative ones admitted; rows of weight zero are left out.
        bins: at most so many; None for as many as the rows deserve.
        labels: of a column of labels, whose codes `along` then holds.
    """
    used = np.isfinite(values) & np.isfinite(weights) & (weights != 0)
    along, values, weights = along[used], values[used], weights[used]
    places, edges, labels = binning(along, weights, bins or deserved(weights), labels)
    count = len(edges) - 1
    quantiles, bias, rms, events = np.full((len(QUANTILES), count), np.nan), *np.full((3, count), np.nan)
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(count + 1))
    for place in range(count):
        rows = order[starts[place] : starts[place + 1]]
        if len(rows):
            own, w = values[rows], weights[rows]
            quantiles[:, place] = quantile(own, w, np.array(QUANTILES))
            found = deviations(own, w)
            bias[place], rms[place] = (np.nan if one is None else one for one in (found.bias, found.rms))
            events[place] = effective(summed(w), float((w**2).sum())) or 0.0
    return Profile(edges, quantiles, bias, rms, np.nan_to_num(events), labels)
