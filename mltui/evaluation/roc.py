"""The ROC curve from sorted sums of weights, right also where some weights are negative."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.sums import cleaned, summed


@dataclass(frozen=True, eq=False)
class Roc:
    """A ROC curve, from the strictest threshold to the loosest.

    Attributes:
        false_positive: shape (points,): the background efficiency ε_B, the share of the others' weight above each
            threshold; it starts at 0 and ends at 1. Not monotonic where weights are negative.
        true_positive: shape (points,): the signal efficiency ε_S, likewise of the positive class.
        thresholds: shape (points,): a row counts as positive at `score >= threshold`; the first is +inf.
        auc: the area under the curve. None, with empty arrays, where either side has no weight or a score is not
            a number.
    """

    false_positive: Floats
    true_positive: Floats
    thresholds: Floats
    auc: float | None

    def efficiency_at(self, background: float) -> float | None:
        """The signal efficiency at a background efficiency, by linear interpolation along the curve.

        Where the curve rises straight up at `background`, the upper end counts. Where negative weights send the
        curve back, it is read at its largest background efficiency so far. None where there is no curve.
        """
        if self.auc is None:
            return None
        reached = self._reached
        left = int(np.searchsorted(reached, background + _CLOSE, side="right")) - 1
        if left + 1 == len(reached):
            return float(self.true_positive[left])
        share = max(background - reached[left], 0.0) / (reached[left + 1] - reached[left])
        low, high = self.true_positive[left], self.true_positive[left + 1]
        return float(low + share * (high - low))

    def partial_area(self, background: float) -> float | None:
        """The area up to a background efficiency, standardised: 0.5 for guessing and 1 for perfect, as the whole is.

        ½ (1 + (A - b²/2) / (b - b²/2)) for the area A up to b (McClish, Medical Decision Making 9 (1989) 190), as
        scikit-learn's `roc_auc_score(max_fpr=)` has it. None where there is no curve, or `background` is not above 0
        and at most 1. Where negative weights send the curve back, it ends where it first gets there.
        """
        if self.auc is None or not _CLOSE < background <= 1:
            return None
        end = int(np.searchsorted(self._reached, background - _CLOSE))
        (left, right), (low, high) = self.false_positive[end - 1 : end + 1], self.true_positive[end - 1 : end + 1]
        share = min((background - left) / (right - left), 1.0)
        area = self._areas[end - 1] + share * (right - left) * (low + share * (high - low) / 2)
        least = background**2 / 2
        return float(0.5 * (1 + (area - least) / (background - least)))

    @cached_property
    def _reached(self) -> Floats:
        """The largest background efficiency so far, shape (points,)."""
        return np.maximum.accumulate(self.false_positive)

    @cached_property
    def _areas(self) -> Floats:
        """The area up to each point, shape (points,)."""
        steps = np.diff(self.false_positive) * (self.true_positive[1:] + self.true_positive[:-1]) / 2
        return np.append(0.0, np.cumsum(steps))

    def average_precision(self, positive: float, negative: float) -> float | None:
        """The precision averaged over the steps in recall, Σ (R_n - R_{n-1}) P_n.

        The definition is that of scikit-learn's `average_precision_score`, without interpolation.

        Args:
            positive: the positive class's sum of weights.
            negative: the others' sum of weights.
        """
        if self.auc is None:
            return None
        signal, background = self.true_positive * positive, self.false_positive * negative
        chosen = cleaned(signal + background, np.maximum.accumulate(np.abs(signal) + np.abs(background)))
        precision = np.divide(signal, chosen, out=np.zeros_like(chosen), where=chosen != 0)
        return float(np.sum(np.diff(self.true_positive) * precision[1:]))


_CLOSE = 1e-12
"""Efficiencies so close are the same but for rounding."""
_NOTHING = Roc(np.zeros(0), np.zeros(0), np.zeros(0), None)


def roc(positive: NDArray[np.bool_], scores: Floats, weights: Floats) -> Roc:
    """The ROC curve of scores, rows of equal score taken together.

    The area is that of Σ w_i w_j ([s_i > s_j] + ½ [s_i = s_j]) / (Σ w_i Σ w_j), i over the positive rows and j over
    the others: the Mann-Whitney statistic with weights (Hanley and McNeil, Radiology 143 (1982) 29).

    Args:
        positive: shape (rows,): which rows are of the positive class.
        scores: shape (rows,): high means positive.
        weights: shape (rows,), negative ones admitted; rows of weight zero change nothing.
    """
    used = weights != 0
    if not used.all():
        positive, scores, weights = positive[used], scores[used], weights[used]
    if not np.isfinite(scores).all():
        return _NOTHING
    order = np.argsort(-scores)
    scores, weights = scores[order], weights[order]
    of_signal = np.where(positive[order], weights, 0.0)
    of_background = weights - of_signal
    if not (_counts(of_signal) and _counts(of_background)):
        return _NOTHING
    ends = np.append(np.flatnonzero(scores[1:] != scores[:-1]), len(scores) - 1)
    signal = np.cumsum(of_signal)[ends]
    background = np.cumsum(of_background)[ends]
    true_positive = np.append(0.0, signal / signal[-1])
    false_positive = np.append(0.0, background / background[-1])
    steps = np.diff(false_positive)
    auc = float(np.sum(steps * (true_positive[1:] + true_positive[:-1])) / 2)
    return Roc(false_positive, true_positive, np.append(np.inf, scores[ends]), auc)


def one_against_rest(scores: Scores, classes: tuple[str, ...]) -> list[Roc]:
    """One curve for two classes, that of the second, the positive one; else one a class, each against the rest."""
    if scores.scores.ndim == 1:
        return [roc(scores.target == 1, scores.scores, scores.weights)]
    columns = np.ascontiguousarray(scores.scores.T)
    return [roc(scores.target == code, columns[code], scores.weights) for code in range(len(classes))]


def _counts(weights: Floats) -> bool:
    """Whether the sum of weights can be divided by and mean a share."""
    total = summed(weights)
    return bool(np.isfinite(total) and total > 0)
