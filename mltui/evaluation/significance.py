"""How significant a signal over a background is expected to be, by three formulas, with statistical errors."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from mltui.core.table import Floats
from mltui.evaluation.sums import cleaned

Formula = Literal["asimov", "s_over_sqrt_b", "s_over_sqrt_sb"]
FORMULAS: tuple[Formula, ...] = get_args(Formula)
_SERIES_BELOW = 1e-3


def significance(
    signal: Floats | float, background: Floats | float, formula: Formula = "asimov", uncertainty: float = 0.0
) -> Floats:
    """The expected significance in standard deviations, NaN where it is not defined.

    - asimov: the median significance of a discovery by counting, sqrt(2 ((s+b) ln(1+s/b) - s)) (G. Cowan, K. Cranmer,
      E. Gross, O. Vitells, EPJC 71 (2011) 1554, eq. 97). Where the background is known to σ,
      sqrt(2 ((s+b) ln[(s+b)(b+σ²) / (b²+(s+b)σ²)] - b²/σ² ln[1 + σ²s / (b(b+σ²))])) (G. Cowan, Discovery sensitivity
      for a counting experiment with background uncertainty, note of 2012). Of a signal below zero it is negative.
    - s_over_sqrt_b: s/√b, which is what asimov comes to where s is much less than b, and b well known.
    - s_over_sqrt_sb: s/√(s+b), how well a signal that is known to be there is measured.

    Defined where b > 0 and s + b > 0; s/√(s+b) needs only the sum.

    Args:
        signal, background: expected events, any shapes that go together.
        formula: which.
        uncertainty: of the background, relative: σ = uncertainty · b. Asimov's alone knows of it.
    """
    return with_error(signal, background, 0.0, 0.0, formula, uncertainty)[0]


def with_error(
    signal: Floats | float,
    background: Floats | float,
    signal_error: Floats | float,
    background_error: Floats | float,
    formula: Formula = "asimov",
    uncertainty: float = 0.0,
) -> tuple[Floats, Floats]:
    """The significance as `significance` gives it, and its statistical error, of the shape of the sums.

    The error is that of the sums, which are independent, to first order; it says how well few rows know the
    significance, where `uncertainty` says how well the measurement knows its background.

    Args:
        signal_error, background_error: the statistical errors of the sums, the roots of Σw².
    """
    s, b, s_error, b_error = np.broadcast_arrays(
        *(np.asarray(value, np.float64) for value in (signal, background, signal_error, background_error))
    )
    with np.errstate(all="ignore"):
        both = cleaned(s + b, np.abs(s) + np.abs(b))
        defined = np.isfinite(s) & np.isfinite(b) & (both > 0) & ((b > 0) | (formula == "s_over_sqrt_sb"))
        s, b = np.where(defined, s, np.nan), np.where(defined, b, np.nan)
        if formula == "asimov":
            value, by_s, by_b = _asimov(s, b, uncertainty)
        else:
            value, by_s, by_b = _over_root(s, b, float(formula == "s_over_sqrt_sb"))
        error = np.hypot(by_s * s_error, by_b * b_error)
    return value, error


def _asimov(s: Floats, b: Floats, uncertainty: float) -> tuple[Floats, Floats, Floats]:
    """Its value and its derivatives by s and by b.

    Cowan's two logarithms are the deviances of the counts n = s + b and m = 1/uncertainty² from what they are with no
    signal; written so, all terms are positive, and nothing cancels for a small signal or a small uncertainty.
    """
    variance = uncertainty**2 * b
    known = 1 / (1 + variance)
    none = b + (1 - known) * s  # the background that suits n and m best where there is no signal
    half = none * _deviance(known * s / none)
    if uncertainty > 0:
        half = half + none * _deviance(-(1 - known) * s / none) / variance
    value = np.sign(s) * np.sqrt(2 * half)
    ratio = np.log1p(known * s / none)
    by_s = np.where(value == 0, np.sqrt(known / b), ratio / value)
    by_b = np.where(value == 0, 0.0, (ratio - known * s / b) / value)
    return value, by_s, by_b


def _deviance(x: Floats) -> Floats:
    """(1 + x) ln(1 + x) - x, never negative; by its series where that would cancel."""
    series = x**2 * (1 / 2 - x * (1 / 6 - x * (1 / 12 - x * (1 / 20 - x / 30))))
    full = np.where(x > -1, (1 + x) * np.log1p(np.maximum(x, -1 + 1e-16)) - x, 1.0)
    return np.where(np.abs(x) < _SERIES_BELOW, series, full)


def _over_root(s: Floats, b: Floats, own: float) -> tuple[Floats, Floats, Floats]:
    """s over the root of b, of s + b where `own` is 1, and its derivatives by s and by b."""
    under = own * s + b
    root = np.sqrt(under)
    by_s = 1 / root - own * s / (2 * under * root)
    by_b = -s / (2 * under * root)
    return s / root, by_s, by_b
