"""Which class was said of which: the confusion matrix at a threshold, and the rates read off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers
from mltui.evaluation.ranked import Ranked
from mltui.evaluation.sums import binned, summed


@dataclass(frozen=True, eq=False)
class Confusion:
    """Sums of weights by true class (rows) and by the class said (columns).

    Attributes:
        labels: the classes, in order.
        matrix: shape (classes, classes).
    """

    labels: tuple[str, ...]
    matrix: Floats

    @property
    def efficiency(self) -> tuple[float | None, ...]:
        """By class, the share of its weight that was said to be it; also called recall. None where it has none."""
        return _shares(np.diag(self.matrix), [summed(row) for row in self.matrix])

    @property
    def purity(self) -> tuple[float | None, ...]:
        """By class, the share of the weight said to be it that is it; also called precision. None where none was."""
        return _shares(np.diag(self.matrix), [summed(column) for column in self.matrix.T])

    @property
    def rejection(self) -> tuple[float | None, ...]:
        """By class, the share of the others' weight that was not said to be it: 1 minus the background efficiency."""
        others = [np.delete(self.matrix, code, axis=0) for code in range(len(self.labels))]
        rejected = [summed(np.delete(rows, code, axis=1)) for code, rows in enumerate(others)]
        return _shares(rejected, [summed(rows) for rows in others])

    @property
    def accuracy(self) -> float | None:
        """The share of the weight on the diagonal; None where there is no weight."""
        return _shares([summed(np.diag(self.matrix))], [summed(self.matrix)])[0]


def said(scores: Floats, threshold: float = 0.5) -> Integers:
    """The class codes that scores say, shape (rows,).

    Two classes: the second one above the threshold, the first at it or below, as a tie of two probabilities goes to
    the first. Many classes: the largest score, the first of equals; the threshold does not matter.
    """
    if scores.ndim == 1:
        return (scores > threshold).astype(np.int64)
    return np.asarray(np.argmax(scores, axis=1), np.int64)


def confusion(scores: Scores, classes: tuple[str, ...], threshold: float = 0.5) -> Confusion:
    """The confusion matrix of scores, weighted. Rows whose score is not a number are left out."""
    known = np.isfinite(scores.scores) if scores.scores.ndim == 1 else np.isfinite(scores.scores).all(axis=1)
    target = scores.target[known].astype(np.int64)
    cells = target * len(classes) + said(scores.scores[known], threshold)
    sums = binned(cells, scores.weights[known], len(classes) ** 2)
    return Confusion(classes, sums.reshape(len(classes), len(classes)))


def confusion_at(ranked: Ranked, classes: tuple[str, ...], threshold: float) -> Confusion:
    """The confusion matrix of two classes at a threshold, at once.

    Args:
        ranked: the rows by class, as `ranked.by_class` sorts them.
        classes: the two labels.
        threshold: of the score.
    """
    sides = ranked.below(threshold).first, ranked.above(threshold).first
    return Confusion(classes, np.stack(sides, axis=1))


def _shares(parts: Iterable[float], wholes: Iterable[float]) -> tuple[float | None, ...]:
    pairs = zip(parts, wholes, strict=True)
    return tuple(float(part / whole) if whole > 0 and np.isfinite(part) else None for part, whole in pairs)
