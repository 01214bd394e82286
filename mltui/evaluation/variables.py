"""What single columns tell of the target: histograms a class, and a ranking by separation and AUC, as TMVA's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats, Integers
from mltui.evaluation.correlation import correlations
from mltui.evaluation.roc import roc
from mltui.evaluation.separation import separated, separation
from mltui.evaluation.sums import binned, cleaned, quantile

__all__ = [
    "ClassHistograms", "Ranked", "auc", "binning", "class_histograms", "correlations", "ranking", "separation",
]  # fmt: skip
Labels = tuple[str, ...]
_TAIL = 0.005
"""The share of the weight at either end that may lie outside a histogram's edges."""


@dataclass(frozen=True, eq=False)
class ClassHistograms:
    """Histograms of one column, one a class, on the same edges.

    Attributes:
        classes: the labels, in the order of the rows of the arrays.
        edges: shape (bins + 1,), evenly spaced; of a column of labels half a unit either side of each.
        sums: shape (classes, bins): sums of weights; the last bin holds its upper edge too.
        errors: shape (classes, bins): the root of the sum of squared weights.
        below, above: shape (classes,): the sums of weights outside the edges.
        missing: shape (classes,): the sum of weights where there is no value.
        labels: what each bin holds, of a column of labels; else empty.
    """

    classes: Labels
    edges: Floats
    sums: Floats
    errors: Floats
    below: Floats
    above: Floats
    missing: Floats
    labels: Labels = ()


@dataclass(frozen=True)
class Ranked:
    """What one column alone tells of the target; None where that is not defined.

    Attributes:
        name: the column's.
        separation: of its distributions in both classes; of many classes the mean, each against the rest.
        auc: of the column taken as a score, in whichever direction is better, so at least 0.5; the mean likewise.
            A column of labels is a score by the share of the class at each label.
        correlation: with a target that is a number; then there is no separation and no AUC.
    """

    name: str
    separation: float | None = None
    auc: float | None = None
    correlation: float | None = None

    @property
    def order(self) -> float:
        """What it is ranked by: the separation, or how strong the correlation is."""
        strength = self.separation if self.correlation is None else abs(self.correlation)
        return -1.0 if strength is None else strength


def auc(values: Floats, positive: NDArray[np.bool_], weights: Floats) -> float:
    """The area under the ROC curve of a column taken as a score that is high for the positive rows.

    Args:
        values: shape (rows,); rows whose value or weight is not finite are left out.
        positive: shape (rows,).
        weights: shape (rows,).

    Returns:
        NaN where either side has no weight.
    """
    used = np.isfinite(values) & np.isfinite(weights)
    found = roc(positive[used], values[used], weights[used]).auc
    return float("nan") if found is None else found


def class_histograms(
    values: NDArray[np.generic], codes: Integers, classes: Labels, weights: Floats, bins: int = 40, labels: Labels = ()
) -> ClassHistograms:
    """Histogram a column in each class.

    The edges enclose the middle 99 % of the weight, and all where the rest lies near; whole numbers get bins of the
    same whole width. A column of labels has a bin a label; of more than `bins` the heaviest, and the others in one.

    Args:
        values: shape (rows,): numbers, where what is not finite is missing; or codes into `labels`, -1 for missing.
        codes: shape (rows,): class codes; rows of other codes are left out.
        classes: the class labels.
        weights: shape (rows,); rows whose weight is zero or not finite are left out.
        bins: at most so many.
        labels: of a column of labels.
    """
    used = np.isfinite(weights) & (weights != 0) & (codes >= 0) & (codes < len(classes))
    values, codes, weights = values[used], codes[used], weights[used]
    places, edges, labels = binning(values, weights, bins, labels)
    # columns of the sums: missing (-2), below (-1), the bins, above
    width = len(edges) + 2
    flat = codes * width + places + 2
    sums = binned(flat, weights, len(classes) * width).reshape(len(classes), width)
    squares = binned(flat, weights**2, len(classes) * width).reshape(len(classes), width)
    errors = np.sqrt(squares[:, 2:-1])
    return ClassHistograms(classes, edges, sums[:, 2:-1], errors, sums[:, 1], sums[:, -1], sums[:, 0], labels)


def binning(
    values: NDArray[np.generic], weights: Floats, bins: int, labels: Labels = ()
) -> tuple[Integers, Floats, Labels]:
    """Where each row stands among the bins that `class_histograms` gives a column.

    Args:
        values: shape (rows,), numbers, or codes into `labels`.
        weights: shape (rows,), finite and not zero.
        bins: at most so many.
        labels: of a column of labels.

    Returns:
        Each row's bin, shape (rows,): -2 for missing, -1 below and as many as there are bins above; the edges; and the
        labels of the bins, none of numbers.
    """
    if labels:
        return _label_bins(values.astype(np.int64), weights, labels, bins)
    places, edges = _number_bins(values.astype(np.float64), weights, bins)
    return places, edges, ()


def _label_bins(codes: Integers, weights: Floats, labels: Labels, bins: int) -> tuple[Integers, Floats, Labels]:
    """Each row's bin, -2 for missing; the edges; and the labels of the bins."""
    known = (codes >= 0) & (codes < len(labels))
    order = np.arange(len(labels))
    if len(labels) > bins:
        heavy = binned(codes[known], np.abs(weights[known]), len(labels))
        shares = np.round(heavy / (float(heavy.max()) or 1.0), 9)  # ties but for rounding stay ties
        order = np.sort(np.argsort(-shares, kind="stable")[: bins - 1])
    bin_of = np.full(len(labels) + 1, len(order), np.int64)
    bin_of[order] = np.arange(len(order))
    bin_of[-1] = -2
    shown = tuple(labels[code] for code in order) + (() if len(order) == len(labels) else ("others",))
    return bin_of[np.where(known, codes, -1)], np.arange(len(shown) + 1.0) - 0.5, shown


def _number_bins(values: Floats, weights: Floats, bins: int) -> tuple[Integers, Floats]:
    """Each row's bin, -2 for missing, -1 below and `bins` above; and the edges."""
    known = np.isfinite(values)
    edges = _edges(values[known], weights[known], bins)
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    with np.errstate(all="ignore"):
        inner = np.clip(np.floor((values - low) / (high - low) * bins), 0, bins - 1)
    places = np.where(values < low, -1, np.where(values > high, bins, inner))
    return np.where(known, places, -2).astype(np.int64), edges


def _edges(values: Floats, weights: Floats, bins: int) -> Floats:
    if not len(values):
        return np.linspace(0, 1, bins + 1)
    low, high = _reach(values, weights)
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        return np.linspace(low - 0.5 * max(1.0, abs(low)), high + 0.5 * max(1.0, abs(high)), bins + 1)
    if abs(low) < 2**52 and abs(high) < 2**52 and np.all(values == np.floor(values)):
        low, high = np.floor(low), np.ceil(high)
        width = int(np.ceil((high - low + 1) / bins))
        count = int(np.ceil((high - low + 1) / width))
        return np.asarray(low - 0.5 + width * np.arange(count + 1.0))
    return np.linspace(low, high, bins + 1)


def _reach(values: Floats, weights: Floats) -> tuple[float, float]:
    """From where to where the edges go: over the middle of the values, and over all where the rest lies near."""
    values = np.clip(values, -1e300, 1e300)
    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = quantile(values, weights, np.array([_TAIL, 1 - _TAIL])).tolist()
    margin = 0.25 * (inner_high - inner_low)
    if margin <= 0:
        return low, high
    return max(low, inner_low - margin), min(high, inner_high + margin)


def ranking(
    columns: Mapping[str, NDArray[np.generic]],
    target: NDArray[np.generic],
    classes: Labels,
    weights: Floats,
    labels: Mapping[str, Labels] | None = None,
) -> list[Ranked]:
    """The columns by what each alone tells of the target, the most telling first.

    Args:
        columns: by name, shape (rows,): numbers, or codes of a column of labels, -1 for missing.
        target: shape (rows,): class codes; or without classes the numbers to predict, shape (rows, targets) where there
            are several: of each column the correlation that is the strongest of them.
        classes: the labels; with two, the second is the positive one; none for a regression.
        weights: shape (rows,).
        labels: of those columns that are codes.
    """
    labels = labels or {}
    found = []
    for name, values in columns.items():
        if not classes:
            targets = target.reshape(len(target), -1).T if len(target) else [target]
            each = [_with_target(values, one, weights, name in labels) for one in targets]
            known = [one for one in each if one is not None]
            found.append(Ranked(name, correlation=max(known, key=abs) if known else None))
        elif name in labels:
            found.append(_ranked_labels(name, values.astype(np.int64), target, classes, weights, len(labels[name])))
        else:
            found.append(_ranked_numbers(name, values.astype(np.float64), target, classes, weights))
    return sorted(found, key=lambda ranked: -ranked.order)


def _positive(classes: Labels) -> list[int]:
    """The codes that take the positive side in turn."""
    return [1] if len(classes) == 2 else list(range(len(classes)))


def _with_target(
    values: NDArray[np.generic], target: NDArray[np.generic], weights: Floats, codes: bool
) -> float | None:
    if codes:
        return _ratio(values.astype(np.int64), target.astype(np.float64), weights)
    pair = np.column_stack([values.astype(np.float64), target.astype(np.float64)])
    return _number(correlations(pair, weights)[0, 1])


def _ratio(codes: Integers, target: Floats, weights: Floats) -> float | None:
    """The correlation ratio: what share of the target's spread its mean at each label has (Pearson 1905)."""
    used = (codes >= 0) & np.isfinite(target) & np.isfinite(weights) & (weights != 0)
    if not used.any():
        return None
    count = int(codes[used].max()) + 1
    sums = binned(codes[used], weights[used], count)
    means = binned(codes[used], weights[used] * target[used], count)
    mean_at = np.divide(means, sums, out=np.zeros(len(sums)), where=sums > 0)
    return _number(correlations(np.column_stack([mean_at[codes[used]], target[used]]), weights[used])[0, 1])


def _ranked_numbers(name: str, values: Floats, target: NDArray[np.generic], classes: Labels, weights: Floats) -> Ranked:
    used = np.isfinite(values) & np.isfinite(weights) & (weights != 0)
    order = np.argsort(values[used])  # once, so that the curve of each class finds its rows sorted
    values, codes, weights = values[used][order], target[used][order], weights[used][order]
    separations, areas = [], []
    for code in _positive(classes):
        own = codes == code
        separations.append(separation(values[own], weights[own], values[~own], weights[~own]))
        areas.append(_either_way(auc(values, own, weights)))
    return Ranked(name, _mean(separations), _mean(areas))


def _ranked_labels(
    name: str, values: Integers, target: NDArray[np.generic], classes: Labels, weights: Floats, count: int
) -> Ranked:
    used = (values >= 0) & np.isfinite(weights) & (weights != 0)
    values, codes, weights = values[used], target[used], weights[used]
    separations, areas = [], []
    for code in _positive(classes):
        own = codes == code
        signal = binned(values[own], weights[own], count)
        background = binned(values[~own], weights[~own], count)
        found = separated(signal, background)
        separations.append(float("nan") if found is None else found)
        total = cleaned(signal + background, np.abs(signal) + np.abs(background))
        share = np.divide(signal, total, out=np.zeros(count), where=total > 0)
        areas.append(_either_way(auc(share[values], own, weights)))
    return Ranked(name, _mean(separations), _mean(areas))


def _either_way(area: float) -> float:
    return max(area, 1 - area)


def _mean(values: list[float]) -> float | None:
    known = [value for value in values if np.isfinite(value)]
    return sum(known) / len(known) if known else None


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
