"""Standard errors of the coefficients of linear models, where there is a formula for how they are fitted.

Least squares: s² (XᵀWX)⁻¹ with s² the weighted squares of the residuals over rows less parameters (Hastie, Tibshirani,
Friedman, The Elements of Statistical Learning, 3.2). Logistic regression: the inverse of the second derivatives of what
is minimised, the likelihood with its penalty (ibid., 4.4.1 and 18.3.2). Weights stand in both as they do in the fit.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats

PARAMETERS, OPERATIONS = 500, 2e9
"""No errors are worked out for more parameters at once, or with more multiplications: they must cost little."""
_FLAT = 1e-10
"""A share of the largest curvature that is none but for rounding."""
Errors = tuple[Floats, Floats, str]
"""Shape (rows, terms), shape (rows,), and where they come from."""


def standard_errors(linear: Any, x: Floats, target: NDArray[np.generic], weights: Floats | None) -> Errors:
    """The errors of `linear.coef_` and `linear.intercept_`; NaN, from none, where there is no formula.

    Args:
        linear: a fitted linear model of scikit-learn.
        x: shape (rows, terms), what its coefficients multiply. target: shape (rows,) or (rows, targets).
        weights: shape (rows,), those of the fit; None where all rows count alike.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression

    counts = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
    rows, terms = np.atleast_2d(linear.coef_).shape
    found: Errors | None = None
    with np.errstate(all="ignore"):
        if isinstance(linear, LinearRegression) and not linear.positive and _affordable(len(x), terms + 1):
            found = _least_squares(linear, x, target, counts)
        elif isinstance(linear, LogisticRegression) and not linear.l1_ratio and _affordable(len(x), rows * (terms + 1)):
            found = _likelihood(linear, x, target, counts)
    return found or (np.full((rows, terms), np.nan), np.full(rows, np.nan), "none")


def _affordable(rows: int, parameters: int) -> bool:
    return parameters <= PARAMETERS and rows * parameters**2 <= OPERATIONS


# -- least squares ------------------------------------------------------------------------------------------------
def _least_squares(linear: Any, x: Floats, target: NDArray[np.generic], weights: Floats) -> Errors | None:
    x, weights, values = _counted(x, weights, np.asarray(target, np.float64).reshape(len(x), -1))
    parameters = x.shape[1] + bool(linear.fit_intercept)
    if len(x) <= parameters or linear.rank_ < x.shape[1] or (weights < 0).any():
        return None
    answers = x @ np.atleast_2d(linear.coef_).T + linear.intercept_
    variance = (weights[:, None] * (values - answers) ** 2).sum(axis=0) / (len(x) - parameters)
    whole = weights.sum()
    mean = weights @ x / whole if linear.fit_intercept else np.zeros(x.shape[1])
    centred = x - mean
    inverse = _inverse((centred * weights[:, None]).T @ centred)
    if inverse is None:
        return None
    errors = np.sqrt(np.outer(variance, np.diag(inverse)))
    constant = np.sqrt(variance * (1 / whole + mean @ inverse @ mean)) if linear.fit_intercept else 0 * variance
    return errors, constant if linear.fit_intercept else np.full(len(errors), np.nan), "least_squares"


def _counted(x: Floats, weights: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Without the rows of no weight, which are no rows to a fit."""
    there = weights != 0
    return (x, weights, values) if there.all() else (x[there], weights[there], values[there])


def _inverse(matrix: Floats, *, undecided: int = 0) -> Floats | None:
    """The inverse of a matrix of curvatures; None where more directions are flat than are undecided by nature.

    Each parameter is brought to the scale of its own curvature first, so that units do not count.
    """
    lengths = np.sqrt(np.diag(matrix))
    if not (lengths > 0).all():
        return None
    shares, directions = np.linalg.eigh(matrix / np.outer(lengths, lengths))
    flat = shares <= _FLAT * shares[-1]
    if not np.isfinite(shares).all() or flat.sum() > undecided:
        return None
    inverse: Floats = (directions[:, ~flat] / shares[~flat]) @ directions[:, ~flat].T / np.outer(lengths, lengths)
    return inverse


# -- logistic regression ------------------------------------------------------------------------------------------
def _likelihood(linear: Any, x: Floats, target: NDArray[np.generic], weights: Floats) -> Errors | None:
    """Where there are several classes all constants together change no answer: each is told from their mean."""
    weights = weights * _class_weights(linear, target, weights)
    columns = np.column_stack([x, np.ones(len(x))]) if linear.fit_intercept else x
    probabilities = np.asarray(linear.predict_proba(x), np.float64)
    if len(linear.coef_) == 1:
        probabilities = probabilities[:, 1:]
    outputs, terms = linear.coef_.shape
    width = columns.shape[1]
    penalty = 0.0 if math.isinf(linear.C) else 1 / linear.C
    if outputs > 1 and not penalty:
        return None  # then all coefficients of a term together change no answer either
    matrix = _curvature(columns, probabilities, weights)
    matrix[np.diag_indices(len(matrix))] += np.tile(np.where(np.arange(width) < terms, penalty, 0.0), outputs)
    inverse = _inverse(matrix, undecided=int(outputs > 1 and bool(linear.fit_intercept)))
    if inverse is None:
        return None
    errors = np.sqrt(np.diag(inverse)).reshape(outputs, width)[:, :terms]
    constant = np.full(outputs, np.nan)
    if linear.fit_intercept:
        among = inverse[terms::width, terms::width]
        told = np.eye(outputs) - (1 / outputs if outputs > 1 else 0)
        constant = np.sqrt(np.diag(told @ among @ told.T))
    return errors, constant, "penalised" if penalty else "likelihood"


def _curvature(columns: Floats, probabilities: Floats, weights: Floats) -> Floats:
    """The second derivatives of the negative log likelihood, shape (outputs * columns, outputs * columns)."""
    outputs, width = probabilities.shape[1], columns.shape[1]
    found = np.zeros((outputs, width, outputs, width))
    for one in range(outputs):
        for other in range(one, outputs):
            share = probabilities[:, one] * ((one == other) - probabilities[:, other])
            block = (columns * (weights * share)[:, None]).T @ columns
            found[one, :, other], found[other, :, one] = block, block.T
    return found.reshape(outputs * width, -1)


def _class_weights(linear: Any, target: NDArray[np.generic], weights: Floats) -> Floats:
    """What class_weight counts each row, as the fit does it."""
    from sklearn.utils.class_weight import compute_class_weight

    if linear.class_weight is None:
        return np.ones(len(target))
    more: dict[str, Any] = {}
    if "sample_weight" in inspect.signature(compute_class_weight).parameters:
        more["sample_weight"] = weights
    each = compute_class_weight(linear.class_weight, classes=linear.classes_, y=target, **more)
    counted: Floats = np.asarray(each, np.float64)[np.searchsorted(linear.classes_, target)]
    return counted
