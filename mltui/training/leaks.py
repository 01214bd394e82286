"""What a user should know of the target, its classes and the weights before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Split
from mltui.core.table import Floats
from mltui.data.readers.raw import Raw
from mltui.data.target import Target
from mltui.evaluation.correlation import correlations
from mltui.evaluation.roc import roc
from mltui.training.facts import Facts
from mltui.training.findings import NAMED, Finding, percent, told

_ALONE = 0.99
_SAMPLE, _SUSPECT = 5_000, 0.97
"""So many rows are tried first; only a feature that separates those so well is looked at in all rows."""
_SAME_LINE = 0.99999
_FEW_ROWS = 10
_NEARLY_ALL = 0.95
_ONE_ROW, _MEAN_WEIGHTS = 0.01, 20
_EFFECTIVE = 0.1
_SEED = 1
_BINS, _ROWS_A_BIN = 50, 30
Bools = NDArray[np.bool_]


def on_target(
    features: Mapping[str, Raw], facts: Mapping[str, Facts], target: Target, name: str, weights: Floats | None
) -> list[Finding]:
    """Features that give the target away, and classes too small for the split.

    Args:
        features: by name. facts: theirs. target: coded. name: the target's.
        weights: shape (rows,), or None.
    """
    if target.task == "regression":
        names = target.names or (name,)
        each = zip(names, target.each(), strict=True)
        return [finding for n, one in each for finding in _same_line(features, facts, one, n)]
    found = [*alone(features, facts, target, name, weights), *small_classes(target, weights)]
    return [*found, *uneven_classes(target, weights)]


def alone(
    features: Mapping[str, Raw], facts: Mapping[str, Facts], target: Target, name: str, weights: Floats | None
) -> list[Finding]:
    """Features that by themselves tell the classes apart: AUC above 0.99 for two, of each against the rest for more.

    Classes of a few rows are not asked about, since those are told apart by chance.
    """
    counts = np.bincount(target.values[target.present].astype(np.int64), minlength=len(target.classes))
    rows = np.flatnonzero(target.present & (counts >= _FEW_ROWS)[target.values.astype(np.int64)])
    if np.count_nonzero(counts >= _FEW_ROWS) < 2:
        return []
    sample = np.sort(np.random.default_rng(_SEED).permutation(rows)[:_SAMPLE])
    found = {}
    for feature, raw in features.items():
        if raw.offsets is not None or raw.values.ndim > 1 or facts[feature].constant:
            continue
        if separates(raw, target, sample, None) < _SUSPECT:
            continue
        auc = separates(raw, target, rows, weights)
        if auc > _ALONE:
            found[feature] = auc
    return _told_alone(found, name)


def _told_alone(found: Mapping[str, float], name: str) -> list[Finding]:
    names = sorted(found, key=lambda feature: -found[feature])
    if not names:
        return []
    first = [f"{feature} (AUC {_auc(found[feature])})" for feature in names[:NAMED]]
    listed = told([*first, *names[NAMED:]])
    tells, it = ("tells", "it") if len(names) == 1 else ("each tell", "them")
    said = f"{listed} {tells} the classes of {name} apart alone; leave {it} out if known only together with the truth."
    return [Finding("alone", tuple(names), said)]


def _auc(auc: float) -> str:
    return "1" if auc == 1 else f"{min(auc, 0.9999):.4g}"


def separates(raw: Raw, target: Target, rows: NDArray[np.int64], weights: Floats | None) -> float:
    """The area under the ROC curve of one feature, whichever way it points; of many classes the worst against the rest.

    Texts and missing values get the place that their rows' classes give them. With many classes a value is as good as
    the share of each class at and around it, since a class in the middle is found by no threshold.
    """
    values, codes = raw.values[rows], target.values[rows].astype(np.int64)
    weight = np.ones(len(rows)) if weights is None else np.where(weights[rows] > 0, weights[rows], 0.0)
    scores = _scores(raw, values, codes, len(target.classes))
    if scores is None:
        return 0.0
    areas = []
    for code in [1] if len(target.classes) == 2 else range(len(target.classes)):
        auc = roc(codes == code, scores[:, code] if scores.ndim > 1 else scores, weight).auc
        if auc is not None:
            areas.append(max(auc, 1 - auc))
    return min(areas, default=0.0)


def _scores(raw: Raw, values: NDArray[np.generic], codes: NDArray[np.int64], classes: int) -> Floats | None:
    """What stands for a score: the number itself for two classes, else the classes' shares in its neighbourhood."""
    if raw.categories is not None:
        if len(raw.categories) > len(values) / 20:
            return None
        return _shares(values.astype(np.int64) + 1, codes, classes, 20)
    numbers = values.astype(np.float64)
    known = np.isfinite(numbers)
    if classes == 2 and known.all():
        return numbers
    if not known.any():
        return None
    bins = min(_BINS, len(known) // _ROWS_A_BIN + 2)
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, bins + 1)[1:-1]))
    places = np.where(known, np.searchsorted(edges, numbers, "right") + 1, 0)
    return _shares(places, codes, classes, 1)


def _shares(places: NDArray[np.int64], codes: NDArray[np.int64], classes: int, smooth: int) -> Floats:
    """Of each row, the share of every class among the rows at its place; shape (rows, classes)."""
    counts = np.zeros((int(places.max(initial=0)) + 1, classes))
    np.add.at(counts, (places, codes), 1)
    overall = counts.sum(axis=0) / max(1.0, counts.sum())
    shares = (counts + smooth * overall) / (counts.sum(axis=1, keepdims=True) + smooth)
    return np.asarray(shares[places])


def _same_line(features: Mapping[str, Raw], facts: Mapping[str, Facts], target: Target, name: str) -> list[Finding]:
    """Numbers that lie on a straight line with the target."""
    found = []
    for feature, raw in features.items():
        if raw.categories is not None or raw.offsets is not None or raw.values.ndim > 1 or facts[feature].constant:
            continue
        pair = np.column_stack([raw.numbers(), target.values.astype(np.float64)])[target.present]
        pair = pair[np.isfinite(pair).all(axis=1)]
        if len(pair) > 2 and abs(correlations(pair, np.ones(len(pair)))[0, 1]) > _SAME_LINE:
            found.append(feature)
    if not found:
        return []
    verb = "is" if len(found) == 1 else "are each"
    said = f"{told(found)} {verb} the target {name} on another scale; leave {'it' if len(found) == 1 else 'them'} out."
    return [Finding("repeats", tuple(found), said)]


def small_classes(target: Target, weights: Floats | None) -> list[Finding]:
    """Classes with so few rows that a part of the split gets one or none, and those without weight."""
    counts = np.bincount(target.values[target.present].astype(np.int64), minlength=len(target.classes))
    few = sorted((int(count), code) for code, count in enumerate(counts) if count < _FEW_ROWS)
    found = []
    if few:
        rows = [f"{_label(target, code)} ({count})" for count, code in few]
        part = min(share for share in (Split().train, Split().validation, Split().test) if share > 0)
        each = "has" if len(few) == 1 else "each have"
        found.append(
            Finding(
                "small",
                tuple(target.classes[code] for _, code in few),
                f"{'The class' if len(few) == 1 else 'The classes'} {told(rows)} {each} fewer than {_FEW_ROWS} rows; "
                f"a part of {percent(part)} then holds one or none of them.",
            )
        )
    if weights is not None:
        sums = np.bincount(target.values[target.present].astype(np.int64), weights[target.present], len(counts))
        without = [target.classes[code] for code, total in enumerate(sums) if not total > 0]
        if without:
            said = f"The weights of {told(without)} do not add up to more than 0."
            found.append(Finding("small", tuple(without), said))
    return found


def uneven_classes(target: Target, weights: Floats | None) -> list[Finding]:
    """A class that is nearly everything, so that always saying it is nearly always right."""
    used = None if weights is None else weights[target.present]
    sums = np.bincount(target.values[target.present].astype(np.int64), used, len(target.classes))
    total = float(sums.sum())
    if not (total > 0 and np.all(sums > 0)) or sums.max() < _NEARLY_ALL * total:
        return []
    label, share = target.classes[int(np.argmax(sums))], percent(float(sums.max()) / total)
    what = "rows" if weights is None else "weight"
    said = f"The class {label} has {share} of the {what}: always saying it is as accurate, so look at the AUC."
    return [Finding("uneven", (label,), said)]


def _label(target: Target, code: int) -> str:
    return target.classes[code] or str(code)


def on_weights(weights: Floats, name: str, target: Target | None) -> list[Finding]:
    """Negative weights and zeros, a row that outweighs the others, and how few equal rows they are worth.

    The effective number of rows is (Σw)²/Σw² (Kish, Survey Sampling, 1965), of each class by itself, since classes
    are often weighted to their cross sections.

    Args:
        weights: shape (rows,). name: what they are called. target: coded, or None.
    """
    known = weights[np.isfinite(weights)]
    if not len(known) or not np.any(known):
        return []
    weights = weights / np.abs(known).max()  # no square is too small or too large then
    known = weights[np.isfinite(weights)]
    said = []
    if negative := float(np.mean(known < 0)):
        lost = float(-known[known < 0].sum() / np.abs(known).sum())
        said.append(f"{percent(negative)} of the weights {name} are negative, {percent(lost)} by their size.")
    if (zero := float(np.mean(known == 0))) > _ONE_ROW:
        said.append(f"{percent(zero)} of the weights {name} are 0; those rows count for nothing.")
    for label, rows in _groups(weights, target):
        said += _heavy(weights[rows], name, f" of {label}" if label else "")
    return [Finding("weights", (name,), sentence) for sentence in said]


def _heavy(weights: Floats, name: str, of: str) -> list[str]:
    """What weighs too much among the rows of one class."""
    total, squares = float(weights.sum()), float((weights * weights).sum())
    if len(weights) < 2 or not total > 0 or not squares > 0:
        return []
    said = []
    sizes = np.abs(weights)
    largest = float(sizes.max())
    if largest > max(_ONE_ROW * total, _MEAN_WEIGHTS * float(sizes.mean())):
        said.append(f"One row{of} carries {percent(largest / total)} of their weights {name}; it will rule the result.")
    effective = total**2 / squares
    if effective < _EFFECTIVE * len(weights):
        said.append(
            f"Weighted by {name}, the {len(weights):,} rows{of} are worth {max(1, round(effective)):,} equal ones, "
            "(Σw)²/Σw²."
        )
    return said


def _groups(weights: Floats, target: Target | None) -> Sequence[tuple[str, Bools]]:
    known = np.isfinite(weights)
    if target is None or target.task == "regression":
        return [("", known)]
    return [(label, known & (target.values == code)) for code, label in enumerate(target.classes)]
