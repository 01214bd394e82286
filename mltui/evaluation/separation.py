"""How far two distributions lie apart: the separation of TMVA, of scores and of variables alike."""

from __future__ import annotations

import numpy as np

from mltui.core.table import Floats
from mltui.evaluation.histogram import Histogram, histogram
from mltui.evaluation.sums import cleaned, summed

_REACH = 8.0
"""Tails beyond this many standard deviations are left out, as in the histograms that TMVA ranks by (fTimesRMS)."""


def separated(signal: Floats, background: Floats) -> float | None:
    """The separation ½ Σ (ŝ - b̂)² / (ŝ + b̂) of a binned distribution ŝ from another, b̂, each of area 1.

    0 for the same shape, 1 for no overlap (TMVA Users Guide, arXiv:physics/0703039, evaluation of classifiers).
    Bins whose ŝ + b̂ is not positive, which negative weights can make, are left out, as TMVA does.

    Args:
        signal, background: shape (bins,): sums of weights.

    Returns:
        None where either has no positive area.
    """
    s_area, b_area = summed(signal), summed(background)
    if not (s_area > 0 and b_area > 0):
        return None
    s, b = signal / s_area, background / b_area
    both = cleaned(s + b, np.abs(s) + np.abs(b))
    usable = both > 0
    found = float(0.5 * np.sum((s - b)[usable] ** 2 / both[usable]))
    return found if np.isfinite(found) else None


def separation(
    signal: Floats, signal_weights: Floats, background: Floats, background_weights: Floats, bins: int = 40
) -> float:
    """The separation of a variable's two distributions, NaN where it is not defined.

    The bins span what both span, but no more than eight standard deviations either side of the mean of all, both
    counting the same, so that a few far values do not put all others into one bin; what lies outside is left out, as
    in TMVA.

    Args:
        signal, background: shape (rows,): the variable; values that are not finite are left out.
        signal_weights, background_weights: shape (rows,).
        bins: how many.
    """
    values = np.concatenate([signal, background])
    weights = np.concatenate([_of_area_1(signal_weights), _of_area_1(background_weights)])
    edges = _spanned(values, weights, bins)
    if edges is None:
        return float("nan")
    found = separated(_sums(signal, signal_weights, edges), _sums(background, background_weights, edges))
    return float("nan") if found is None else found


def _spanned(values: Floats, weights: Floats, bins: int) -> Floats | None:
    """Evenly spaced edges over the finite values, shape (bins + 1,); None where there is none or only one value."""
    used = np.isfinite(values) & np.isfinite(weights) & (weights != 0)
    known, weights = values[used], np.abs(weights[used])
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    scale = max(abs(low), abs(high))
    if not high - low > 1e-12 * scale or not np.isfinite(high - low):
        return None
    scaled = known / scale
    mean = np.average(scaled, weights=weights)
    reach = _REACH * np.sqrt(np.average((scaled - mean) ** 2, weights=weights))
    low, high = max(low, float(mean - reach) * scale), min(high, float(mean + reach) * scale)
    return np.linspace(low, high, bins + 1) if high > low else None


def of_histograms(signal: Histogram, background: Histogram) -> float | None:
    """The separation of two histograms on the same edges."""
    return separated(signal.sums, background.sums)


def _of_area_1(weights: Floats) -> Floats:
    total = np.abs(weights[np.isfinite(weights)]).sum()
    return weights / total if total > 0 else weights


def _sums(values: Floats, weights: Floats, edges: Floats) -> Floats:
    known = np.isfinite(weights)
    return histogram("", values[known], weights[known], edges).sums
