"""The rates of one threshold with their statistical errors: one number under the names of both worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mltui.core.table import Floats
from mltui.evaluation.ranked import Ranked


@dataclass(frozen=True)
class Rate:
    """A share of a sum of weights, and its statistical error; None where the whole is nothing or less."""

    value: float | None
    error: float | None


@dataclass(frozen=True)
class Rates:
    """What a threshold makes of two classes.

    Attributes:
        threshold: of the score; above it a row is said to be signal.
        signal_efficiency: the share of the signal that is selected: sensitivity, recall, the true positive rate.
        background_rejection: the share of the background that is not: specificity, 1 - ε_B.
        purity: the share of what is selected that is signal: precision, the positive predictive value.
        negative_purity: the share of what is not selected that is background: the negative predictive value, NPV.
        accuracy: the share of all that is said rightly.
    """

    threshold: float
    signal_efficiency: Rate
    background_rejection: Rate
    purity: Rate
    negative_purity: Rate
    accuracy: Rate


def shares(part: Floats, part_squares: Floats, rest: Floats, rest_squares: Floats) -> tuple[Floats, Floats]:
    """The share p = part / (part + rest) of weighted sums that fluctuate apart, and its standard deviation.

    σ² = ((1-p)² Σ_part w² + p² Σ_rest w²) / (part + rest)², the binomial error of weighted events (ROOT,
    TH1::Divide with option B); with weights that do not depend on the side it is p (1-p) / n with the effective number
    n = (Σw)² / Σw². It is never less than 1 / (2 (n+1)), which Wilson's interval (J. Am. Stat. Assoc. 22 (1927) 209)
    leaves at p = 0 and 1, where the formula would know no error at all.

    Args:
        part, rest: sums of weights, of one shape.
        part_squares, rest_squares: sums of squared weights, of the same shape.

    Returns:
        Shares and errors of that shape, NaN where part + rest is not positive.
    """
    with np.errstate(all="ignore"):
        whole, squares = part + rest, part_squares + rest_squares
        whole = np.where(whole > 0, whole, np.nan)
        share = part / whole
        variance = ((1 - share) ** 2 * part_squares + share**2 * rest_squares) / whole**2
        least = 0.5 / (whole**2 / squares + 1)
        return share, np.maximum(np.sqrt(variance), least)


def rate(part: float, part_squares: float, rest: float, rest_squares: float) -> Rate:
    """As `shares`, of single numbers."""
    share, error = shares(*(np.array(one, np.float64) for one in (part, part_squares, rest, rest_squares)))
    known = bool(np.isfinite(share))
    return Rate(float(share) if known else None, float(error) if known and np.isfinite(error) else None)


def rates(ranked: Ranked, threshold: float) -> Rates:
    """The rates of one threshold.

    Args:
        ranked: background (kind 0) and signal (kind 1), as `ranked.by_class` sorts them.
        threshold: of the score.
    """
    above, below = ranked.above(threshold), ranked.below(threshold)
    (b_in, s_in), (b_out, s_out) = (list(zip(side.first, side.second, strict=True)) for side in (above, below))
    right, wrong = ([a + b for a, b in zip(*pair, strict=True)] for pair in ((s_in, b_out), (b_in, s_out)))
    return Rates(
        threshold,
        signal_efficiency=rate(*s_in, *s_out),
        background_rejection=rate(*b_out, *b_in),
        purity=rate(*s_in, *b_in),
        negative_purity=rate(*b_out, *s_out),
        accuracy=rate(*right, *wrong),
    )
