"""What a score says of a row: how probable signal is at it, and how rare it is among the background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.histogram import Histogram, histogram
from mltui.evaluation.rates import shares
from mltui.evaluation.sums import cleaned, summed

_BINS = 20
_DIGITS = 12
"""More decimals are rounding, which would send what lies on an edge to either bin."""


@dataclass(frozen=True, eq=False)
class Probability:
    """The probability of signal by score.

    Attributes:
        scores: shape (bins,), the middles of the bins.
        values, errors: shape (bins,); NaN where a bin is empty.
    """

    scores: Floats
    values: Floats
    errors: Floats

    def at(self, score: float) -> float | None:
        """The probability in the bin of a score; None outside or where nothing is known."""
        if not len(self.scores):
            return None
        half = (self.scores[1] - self.scores[0]) / 2 if len(self.scores) > 1 else np.inf
        place = int(np.argmin(np.abs(self.scores - score)))
        value = float(self.values[place])
        return value if abs(float(self.scores[place]) - score) <= half * (1 + 1e-9) and np.isfinite(value) else None


def signal_probability(signal: Histogram, background: Histogram) -> Probability:
    """The probability that a row of a score is signal, ŝ / (ŝ + b̂), were there as much of either class.

    ŝ and b̂ are the densities of the score (TMVA Users Guide, arXiv:physics/0703039, classifier probability, with a
    signal fraction of one half). Bins whose sums of weights give no share are NaN.

    Args:
        signal, background: the scores of either class on the same edges.
    """
    middles = signal.edges[1:] / 2 + signal.edges[:-1] / 2
    if not (signal.total > 0 and background.total > 0):
        nothing = np.full(len(middles), np.nan)
        return Probability(middles, nothing, nothing)
    sides = [(side.sums / side.total, (side.errors / side.total) ** 2) for side in (signal, background)]
    values, errors = shares(*sides[0], *sides[1])
    known = (values >= 0) & (values <= 1)
    return Probability(middles, np.where(known, values, np.nan), np.where(known, errors, np.nan))


class Rarity:
    """The share of the background that scores less, R(y) = ∫ b̂(y') dy' up to y; sorted once.

    The background's own rarity is flat between 0 and 1, and signal is at 1 (TMVA Users Guide, arXiv:physics/0703039,
    rarity). Of the background at the very score half counts. Where negative weights would let it fall, it stays.

    Args:
        background: shape (rows,), the scores of the background that is compared with. weights: theirs.
    """

    def __init__(self, background: Floats, weights: Floats) -> None:
        used = np.isfinite(background) & np.isfinite(weights) & (weights != 0)
        values, weights = background[used], weights[used]
        total = summed(weights)
        order = np.argsort(values)
        values, weights = values[order], weights[order]
        last = np.append(values[1:] != values[:-1], True)[: len(values)]
        sums = cleaned(np.cumsum(weights), np.cumsum(np.abs(weights)))
        self._known = total > 0
        self._values, reached = values[last], np.append(0.0, sums[last])
        self._reached = np.clip(np.maximum.accumulate(reached) / (total if self._known else 1.0), 0.0, 1.0)

    def of(self, scores: Floats) -> Floats:
        """Of any rows, shape of `scores`; NaN where one is no number, and all without a positive sum of weights."""
        if not self._known:
            return np.full(np.shape(scores), np.nan)
        below, upto = (self._reached[np.searchsorted(self._values, scores, side=side)] for side in ("left", "right"))
        half = np.round(below / 2 + upto / 2, _DIGITS)
        return np.where(np.isfinite(scores), half, np.nan)


def rarity(scores: Floats, background: Floats, weights: Floats) -> Floats:
    """The rarity of scores, shape of `scores`; the other arguments are those of `Rarity`."""
    return Rarity(background, weights).of(scores)


def rarity_histograms(scores: Scores, reference: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    """The rarity of the rows of each of two classes, between 0 and 1.

    Args:
        scores: of one part.
        reference: of the part whose background is compared with; with that of train the background of validation is
            flat only where both are drawn from one distribution.
        classes: the labels; the first is the background.
    """
    own = reference.target == 0
    values = rarity(scores.scores, reference.scores[own], reference.weights[own])
    groups = ((label, scores.target == code) for code, label in enumerate(classes))
    edges = np.linspace(0, 1, _BINS + 1)
    return tuple(histogram(label, values[rows], scores.weights[rows], edges) for label, rows in groups)
