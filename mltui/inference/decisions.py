"""Scores from 0 to 1 of classifiers that give no probabilities, from what they decide by."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats

Score = Literal["probability", "least_squares", "margin"]


def kind_of_score(estimator: Any) -> Score:
    """What a classifier's score is made of: a probability, an answer of least squares, or a distance."""
    from sklearn.linear_model import RidgeClassifier

    if isinstance(estimator, RidgeClassifier):
        return "least_squares"
    return "probability" if hasattr(estimator, "predict_proba") else "margin"


def shares(estimator: Any, x: NDArray[np.floating]) -> Floats:
    """What speaks for each class that was fitted, shape (rows, classes), each row from 0 to 1 and of sum 1.

    The class with the largest share is the one that the classifier decides for.
    """
    from scipy.special import expit, softmax

    kind = kind_of_score(estimator)
    if kind == "probability":
        return np.asarray(estimator.predict_proba(x), np.float64)
    decided = np.asarray(estimator.decision_function(x), np.float64)
    if kind == "least_squares":
        return _of_targets(decided)
    return _both(expit(decided)) if decided.ndim == 1 else np.asarray(softmax(decided, axis=1))


def _of_targets(decided: Floats) -> Floats:
    """Of what was fitted to -1 and +1: brought to 0 and 1, and then to the nearest shares."""
    ones = (decided + 1) / 2
    return _both(np.clip(ones, 0, 1)) if ones.ndim == 1 else nearest_shares(ones)


def _both(second: Floats) -> Floats:
    return np.column_stack([1 - second, second])


def nearest_shares(values: Floats) -> Floats:
    """Of each row the nearest point whose coordinates are not negative and add up to 1; their order stays.

    A constant is taken from all, and what is negative then is set to zero (Duchi et al., Proc. 25th ICML (2008) 272).

    Args:
        values: shape (rows, classes).

    >>> nearest_shares(np.array([[0.75, 0.5, -0.25], [3.0, 1.0, 0.0]]))
    array([[0.625, 0.375, 0.   ],
           [1.   , 0.   , 0.   ]])
    """
    falling = -np.sort(-values, axis=1)
    constants = (np.cumsum(falling, axis=1) - 1) / np.arange(1, values.shape[1] + 1)
    left = (falling > constants).sum(axis=1)
    return np.maximum(values - np.take_along_axis(constants, left[:, None] - 1, axis=1), 0)
