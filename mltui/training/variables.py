"""What pictures of variables need: the ranking, histograms by class, correlations, and rows of a few variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.events import finite
from mltui.core.table import Floats, Integers
from mltui.data.readers.raw import Raw
from mltui.evaluation import variables as numbers
from mltui.evaluation.images import class_images
from mltui.inference.native_threads import native_threads
from mltui.training.subject import Subject

MOST_HISTOGRAMS, MOST_CORRELATED, MOST_MATRICES = 100, 50, 10
_MOST_VALUES = 4_000_000
"""So many values of a column of lists or images are drawn, from its beginning."""
_SEED = 1


@dataclass
class Looked:
    """A subject with what was computed of all its features, which several pictures ask for."""

    subject: Subject
    _ranking: list[dict[str, Any]] | None = field(default=None, init=False)
    _correlations: list[dict[str, Any]] | None = field(default=None, init=False)

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """As `ranking`."""
        if self._ranking is None:
            self._ranking = ranking(self.subject)
        return self._ranking

    @property
    def correlations(self) -> list[dict[str, Any]]:
        """As `correlations`, of the features that tell most."""
        if self._correlations is None:
            self._correlations = correlations(self.subject, [entry["name"] for entry in self.ranking])
        return self._correlations


def variables(looked: Looked, names: Sequence[str] | None = None, bins: int = 40) -> dict[str, Any]:
    """The features ranked, the histograms of some columns by class, and a correlation matrix for each class.

    Args:
        names: columns or expressions to draw; None: the first features.
        bins: of each histogram.

    Raises:
        InputError: for a name that is not there, or an expression that does not fit.
    """
    subject = looked.subject
    drawn = list(subject.features if names is None else names)[:MOST_HISTOGRAMS]
    plain: dict[str, Any] = finite(
        {
            "task": None if subject.target is None else subject.target.task,
            "target": subject.target_name or None,
            "classes": list(subject.classes),
            "ranking": looked.ranking,
            "histograms": {name: histogram(subject, name, bins) for name in drawn},
            "correlations": looked.correlations,
            "rows": len(subject.frame),
            "whole": subject.frame.whole,
        }
    )
    return plain


def ranking(subject: Subject) -> list[dict[str, Any]]:
    """The features by what each alone tells of the target, the most telling first; none without a target."""
    target = subject.target
    if target is None:
        return []
    rows = np.flatnonzero(target.present)
    raws = {name: subject.frame.columns[name] for name in subject.features}
    flat = {name: raw for name, raw in raws.items() if raw.offsets is None and raw.values.ndim == 1}
    ranked = numbers.ranking(
        {name: raw.values[rows] for name, raw in flat.items()},
        target.values[rows],
        target.classes,
        _weights(subject)[rows],
        {name: raw.categories for name, raw in flat.items() if raw.categories is not None},
    )
    return [{**asdict(entry), "label": subject.about(entry.name).label} for entry in ranked]


def histogram(subject: Subject, name: str, bins: int) -> dict[str, Any]:
    """One column by class; without classes all rows together. Of lists and images every value counts."""
    raw = subject.column(name)
    codes, classes = _codes(subject)
    rows = _rows_of_values(raw)
    values = raw.values.reshape(-1)[: len(rows)]
    weights = _weights(subject)[rows]
    found = numbers.class_histograms(values, codes[rows], classes, weights, bins, raw.categories or ())
    about = subject.about(name)
    arrays = {key: getattr(found, key) for key in ("edges", "sums", "errors", "below", "above", "missing")}
    looks = {"images": images(subject, name)} if raw.offsets is None and raw.values.ndim > 1 else {}
    return {"name": name, "label": about.label, "date": raw.date, **arrays, "labels": list(found.labels), **looks}


def images(subject: Subject, name: str) -> dict[str, Any]:
    """What a column of images or signals looks like in each class: means and examples, each as shares of a scale."""
    raw = subject.column(name)
    codes, classes = _codes(subject)
    rows = slice(max(1, _MOST_VALUES // max(1, int(np.prod(raw.values.shape[1:], dtype=np.int64)))))
    found = class_images(raw.values[rows], codes[rows], len(classes), _weights(subject)[rows])

    def shares(values: Floats, scale: tuple[float, float]) -> Floats:
        return np.asarray(np.clip((values - scale[0]) / (scale[1] - scale[0]), 0, 1).round(3), np.float64)

    return {"means": shares(found.means, found.mean_scale), "examples": shares(found.examples, found.scale)}


def _rows_of_values(raw: Raw) -> Integers:
    """The row that each value belongs to."""
    if raw.offsets is not None:
        return np.repeat(np.arange(len(raw)), np.diff(raw.offsets))[:_MOST_VALUES]
    each = int(np.prod(raw.values.shape[1:], dtype=np.int64))
    rows = min(len(raw), max(1, _MOST_VALUES // max(1, each))) if each > 1 else len(raw)
    return np.repeat(np.arange(rows), each)


def correlations(subject: Subject, names: Sequence[str]) -> list[dict[str, Any]]:
    """A matrix for each class, signal first; without classes one for all rows.

    Args:
        names: features, the most telling first; of many the first are taken, and stand in the features' order.
    """
    chosen = set(_numeric(subject, names)[:MOST_CORRELATED])
    kept = [name for name in subject.features if name in chosen]
    if subject.target is None:
        kept = _numeric(subject, subject.features)[:MOST_CORRELATED]
    if not kept:
        return []
    matrix = np.column_stack([_as_floats(subject.frame.columns[name]) for name in kept])
    weights = _weights(subject)
    codes, classes = _codes(subject)
    order = [1, 0] if len(classes) == 2 else range(min(len(classes), MOST_MATRICES))
    found = []
    for code in order:
        rows = codes == code
        with native_threads(1):
            values = numbers.correlations(matrix[rows], weights[rows])
        found.append({"label": classes[code], "names": kept, "matrix": values, "rows": int(rows.sum())})
    labels = [subject.about(name).label for name in kept]
    return [{**entry, "labels": labels} for entry in found]


def _numeric(subject: Subject, names: Sequence[str]) -> list[str]:
    raws = {name: subject.frame.columns[name] for name in names}
    return [n for n, raw in raws.items() if raw.categories is None and raw.offsets is None and raw.values.ndim == 1]


def pairs(subject: Subject, names: Sequence[str], points: int) -> dict[str, Any]:
    """Random rows of a few columns, with the class or the value to predict and the weight of each.

    Their linear correlations are of all rows, weighted: a matrix for each class, in the order of the classes.

    Args:
        names: columns or expressions with one value in each row; labels come as their numbers.
        points: at most so many rows.

    Raises:
        InputError: for a name that is not there, or an expression that does not fit.
    """
    target = subject.target
    there = np.arange(len(subject.frame)) if target is None else np.flatnonzero(target.present)
    rows = np.sort(np.random.default_rng(_SEED).permutation(there)[:points])
    raws = {name: subject.column(name) for name in names}
    flat = {name: raw for name, raw in raws.items() if raw.offsets is None and raw.values.ndim == 1}
    columns = {name: _as_floats(raw) for name, raw in flat.items()}
    weights = _weights(subject)
    plain: dict[str, Any] = finite(
        {
            "names": list(flat),
            "labels": [subject.about(name).label for name in flat],
            "classes": list(subject.classes),
            "values": {name: values[rows] for name, values in columns.items()},
            "target": [] if target is None else target.each()[0].values[rows],
            "weights": [] if subject.frame.weights is None else weights[rows],
            "correlations": _by_class(subject, np.column_stack(list(columns.values())), weights) if columns else [],
            "rows": len(rows),
        }
    )
    return plain


def _by_class(subject: Subject, matrix: Floats, weights: Floats) -> list[Floats]:
    codes, classes = _codes(subject)
    with native_threads(1):
        return [numbers.correlations(matrix[codes == code], weights[codes == code]) for code in range(len(classes))]


def _as_floats(raw: Raw) -> Floats:
    """Shape (rows,), NaN for missing; labels as their codes."""
    values = raw.values.astype(np.float64)
    return np.where(raw.missing, np.nan, values)


def _weights(subject: Subject) -> Floats:
    weights = subject.frame.weights
    return np.ones(len(subject.frame)) if weights is None else weights


def _codes(subject: Subject) -> tuple[Integers, tuple[str, ...]]:
    """Each row's class, -1 for none; all rows in one where there are no classes."""
    target = subject.target
    if target is None or not target.classes:
        return np.zeros(len(subject.frame), np.int64), ("all rows",)
    codes: NDArray[np.int64] = target.values.astype(np.int64)
    return codes, target.classes
