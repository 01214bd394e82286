"""How good predicted probabilities are: log loss and Brier score."""

from __future__ import annotations

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.sums import summed

_SLACK = 1e-6
"""How far outside 0 to 1 a probability may lie by rounding: models in single precision leave their mark."""


def log_loss(scores: Scores) -> float | None:
    """The weighted mean of -log p of the true class, probabilities clipped at the rounding of double precision.

    None where the scores are not probabilities or the weights sum to nothing. The definition and the clipping are
    those of scikit-learn's `log_loss`.
    """
    return mean(log_losses(scores), scores.weights) if probabilities(scores.scores) else None


def log_losses(scores: Scores) -> Floats:
    """Each row's -log p of its true class, shape (rows,)."""
    target = scores.target.astype(np.int64)
    if scores.scores.ndim == 1:
        own = np.where(target == 1, scores.scores, 1 - scores.scores)
    else:
        own = scores.scores[np.arange(len(target)), target]
    edge = np.finfo(np.float64).eps
    losses: Floats = -np.log(np.clip(own, edge, 1 - edge))
    return losses


def brier(scores: Scores) -> float | None:
    """The weighted mean squared distance of the probabilities from the truth.

    Two classes: of the positive one's probability alone, 0 to 1; many: summed over the classes, 0 to 2 (Brier, Monthly
    Weather Review 78 (1950) 1). None where the scores are not probabilities or the weights sum to nothing.
    """
    return mean(squared_distances(scores), scores.weights) if probabilities(scores.scores) else None


def squared_distances(scores: Scores) -> Floats:
    """Each row's squared distance of its probabilities from the truth, shape (rows,)."""
    if scores.scores.ndim == 1:
        distances: Floats = (scores.scores - (scores.target == 1)) ** 2
        return distances
    truth = scores.target[:, None] == np.arange(scores.scores.shape[1])
    summed: Floats = ((scores.scores - truth) ** 2).sum(axis=1)
    return summed


def mean(values: Floats, weights: Floats) -> float | None:
    """The weighted mean, or None where the weights sum to nothing or the result is not finite."""
    total = summed(weights)
    return number(summed(weights * values) / total) if total > 0 else None


def number(value: float) -> float | None:
    """A plain finite number, or None."""
    return float(value) if np.isfinite(value) else None


def probabilities(scores: Floats) -> bool:
    """Whether all scores lie between 0 and 1."""
    return bool(scores.min() >= -_SLACK and scores.max() <= 1 + _SLACK)
