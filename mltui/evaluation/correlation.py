"""Linear correlations of many columns at once, with weights and with values missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.evaluation.sums import cleaned

_BLOCK = 16_384
_FLAT = (16 * float(np.finfo(np.float64).eps)) ** 2
"""A variance below this, of values scaled to 1, is the rounding of a constant."""


def correlations(matrix: Floats, weights: Floats) -> Floats:
    """Pearson's linear correlation of every pair of columns, shape (n, n).

    r = cov(x, y) / √(var(x) var(y)) with cov(x, y) = Σ w (x - x̄)(y - ȳ) / Σ w, over the rows where both are known.
    NaN where a column is constant there, or where negative weights leave no variance or more than |r| = 1.
    The cost is linear in the rows.

    Args:
        matrix: shape (rows, n); what is not finite is missing.
        weights: shape (rows,), negative ones admitted; rows whose weight is zero or not finite are left out.
    """
    count = matrix.shape[1]
    used = np.isfinite(weights) & (weights != 0)
    scales = np.maximum(_largest(matrix, used), np.finfo(np.float64).tiny)
    unit = np.abs(weights[used]).max(initial=0) or 1.0
    centres = _centres(matrix, scales, np.where(used, np.abs(weights) / unit, 0.0))
    # sums over the rows where both columns are known: of w, of w x, of w x², of |w| x² and of w x y
    sums = np.zeros((5, count, count))
    signed = bool((weights[used] < 0).any())
    for begin in range(0, len(matrix), _BLOCK):
        rows = used[begin : begin + _BLOCK]
        values = matrix[begin : begin + _BLOCK][rows]
        w = (weights[begin : begin + _BLOCK][rows] / unit)[:, None]
        known = np.isfinite(values)
        x = np.where(known, values, 0) / scales - centres
        x[~known] = 0
        there = known.astype(np.float64)  # a product of numbers is quicker than one with truth values
        second = (w * x**2).T @ there
        sizes = (np.abs(w) * x**2).T @ there if signed else second
        sums += (w * there).T @ there, (w * x).T @ there, second, sizes, (w * x).T @ x
    sums[0] = cleaned(sums[0], np.full((count, count), float(np.abs(weights[used] / unit).sum())))
    return _pearson(*sums)


def _pearson(total: Floats, first: Floats, second: Floats, sizes: Floats, both: Floats) -> Floats:
    with np.errstate(all="ignore"):
        mean = first / total  # [i, j]: of column i where column j is known too
        variance = cleaned(second / total - mean**2, sizes / total + mean**2)
        covariance = both / total - mean * mean.T
        defined = (total > 0) & (variance > _FLAT) & (variance.T > _FLAT)
        found = np.where(defined, covariance / np.sqrt(variance) / np.sqrt(variance.T), np.nan)
    found[np.abs(found) > 1 + 1e-6] = np.nan
    found = np.clip((found + found.T) / 2, -1, 1)
    np.fill_diagonal(found, np.where(np.isfinite(found.diagonal()), 1.0, np.nan))
    return found


def _largest(matrix: Floats, used: NDArray[np.bool_]) -> Floats:
    """The largest finite magnitude of each column, shape (n,)."""
    found = np.zeros(matrix.shape[1])
    for begin in range(0, len(matrix), _BLOCK):
        block = np.abs(matrix[begin : begin + _BLOCK][used[begin : begin + _BLOCK]])
        found = np.maximum(found, np.where(np.isfinite(block), block, 0).max(axis=0, initial=0))
    return found


def _centres(matrix: Floats, scales: Floats, sizes: Floats) -> Floats:
    """The mean of each column by the weights' sizes, in units of its scale, shape (n,).

    Sums around it lose no digits.
    """
    total, counts = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    for begin in range(0, len(matrix), _BLOCK):
        size = sizes[begin : begin + _BLOCK]
        block, size = matrix[begin : begin + _BLOCK][size > 0], size[size > 0]
        known = np.isfinite(block)
        total += size @ (np.where(known, block, 0) / scales)
        counts += size @ known
    return np.asarray(total / np.where(counts > 0, counts, 1.0))
