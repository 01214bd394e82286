"""Rows in the order of their scores with the sums of weights above each, so that a threshold is answered at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers
from mltui.evaluation.sums import cleaned


@dataclass(frozen=True, eq=False)
class Sums:
    """Rows, sums of weights and of their squares, by kind.

    Attributes:
        rows, first, second: shape (kinds,), or (kinds, thresholds) where several were asked.
    """

    rows: Integers
    first: Floats
    second: Floats

    def error(self, kind: int) -> float:
        """The statistical error of a kind's sum of weights, √Σw², at one threshold."""
        return float(np.sqrt(self.second[kind]))


class Ranked:
    """Rows of several kinds, such as classes or processes, sorted by score once.

    Building it costs one sort; asking it costs a binary search a kind, whatever the number of rows. Rows of weight
    zero and of a kind below zero are left out, and so are those whose score is not a number, which are above nothing.

    Args:
        scores: shape (rows,).
        kinds: shape (rows,): from 0 to `count` - 1; those below 0 are nobody's.
        weights: shape (rows,), negative ones admitted.
        count: how many kinds there are.
    """

    def __init__(self, scores: Floats, kinds: NDArray[np.integer], weights: Floats, count: int) -> None:
        used = (weights != 0) & (kinds >= 0) & ~np.isnan(scores)
        if not used.all():
            scores, kinds, weights = scores[used], kinds[used], weights[used]
        order = np.argsort(scores)
        if count > 1:
            of_row = kinds.astype(np.min_scalar_type(count))[order]
            order = order[np.argsort(of_row, kind="stable")]
        counts = np.bincount(kinds, minlength=count)
        ends = np.append(0, np.cumsum(counts))
        scores, weights = scores[order], weights[order]
        self.count = count
        self._kinds = [_Kind(scores[a:b], weights[a:b]) for a, b in pairwise(ends.tolist())]

    def above(self, thresholds: Floats | float, *, inclusive: bool = False) -> Sums:
        """What lies above one threshold or several.

        Args:
            thresholds: a number, or shape (thresholds,).
            inclusive: a score that is the threshold counts too, as on a ROC curve.
        """
        asked = np.asarray(thresholds, np.float64)
        places = [kind.place(asked, inclusive) for kind in self._kinds]
        pairs = list(zip(self._kinds, places, strict=True))
        shape = (self.count, *asked.shape)
        return Sums(
            np.array([len(kind.scores) - place for kind, place in pairs], np.int64).reshape(shape),
            np.array([kind.sums(place) for kind, place in pairs], np.float64).reshape(shape),
            np.array([kind.second[place] for kind, place in pairs], np.float64).reshape(shape),
        )

    @property
    def every(self) -> Sums:
        """What all rows come to."""
        return self.above(-np.inf, inclusive=True)

    def below(self, thresholds: Floats | float) -> Sums:
        """What does not lie above one threshold or several."""
        above, every = self.above(thresholds), self.every
        beyond = (slice(None), *[None] * (above.rows.ndim - 1))
        sizes = self._sizes[beyond]
        return Sums(
            every.rows[beyond] - above.rows,
            cleaned(every.first[beyond] - above.first, np.broadcast_to(sizes, above.first.shape)),
            np.maximum(every.second[beyond] - above.second, 0.0),
        )

    def scores(self, kind: int) -> Floats:
        """A kind's scores from the lowest to the highest, shape (rows of it,)."""
        return self._kinds[kind].scores

    def weights(self, kind: int) -> Floats:
        """Their weights, shape (rows of it,)."""
        return self._kinds[kind].weights

    @property
    def _sizes(self) -> Floats:
        return np.array([float(kind.sizes[0]) for kind in self._kinds])


class _Kind:
    """Rows of one kind from the lowest score to the highest; sums from each row upwards, one more at the end for none.

    They are added from the top, so that what lies above a high threshold is no difference of large sums.
    """

    def __init__(self, scores: Floats, weights: Floats) -> None:
        self.scores, self.weights = scores, weights
        self.first, self.second = _from_top(weights), _from_top(weights**2)
        self.sizes = _from_top(np.abs(weights)) if (weights < 0).any() else self.first

    def place(self, thresholds: Floats, inclusive: bool) -> NDArray[np.intp]:
        return np.asarray(np.searchsorted(self.scores, thresholds, side="left" if inclusive else "right"))

    def sums(self, place: NDArray[np.intp]) -> Floats:
        return np.asarray(cleaned(self.first[place], self.sizes[place]))


def _from_top(values: Floats) -> Floats:
    return np.append(np.cumsum(values[::-1])[::-1], 0.0)


def by_class(scores: Scores, classes: int = 2) -> Ranked:
    """The rows of one part by their true class, for the score of the positive class; infinite scores are left out.

    Args:
        scores: of two classes, shape (rows,).
        classes: how many there are.
    """
    codes = np.where(np.isfinite(scores.scores), scores.target, -1).astype(np.int64)
    return Ranked(scores.scores, codes, scores.weights, classes)


def one_against_rest(scores: Scores, code: int) -> Ranked:
    """The rows that are not of a class (kind 0) and those that are (kind 1), by the score that this class gets.

    Args:
        scores: of two classes, shape (rows,), or of many, shape (rows, classes).
        code: the class that high scores mean.
    """
    values = scores.scores if scores.scores.ndim == 1 else np.ascontiguousarray(scores.scores[:, code])
    kinds = np.where(np.isfinite(values), scores.target == code, -1).astype(np.int64)
    return Ranked(values, kinds, scores.weights, 2)
