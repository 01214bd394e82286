"""From a number to its rows: the worst mistakes, those behind a cell of the matrix or a bin of the scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers
from mltui.evaluation.confusion import said
from mltui.evaluation.histogram import bin_of


def own_scores(scores: Scores) -> Floats:
    """The score that each row's true class got, shape (rows,); of two classes the first has what the second lacks."""
    codes = scores.target.astype(np.int64)
    if scores.scores.ndim == 1:
        return np.where(codes == 1, scores.scores, 1 - scores.scores)
    return np.asarray(scores.scores[np.arange(len(codes)), codes])


def losses(scores: Scores, task: Task) -> Floats:
    """What each row costs by itself, unweighted, shape (rows,): -log of its true class's score, or the residual's size.

    As in the log loss, scores are clipped at the rounding of double precision. What is no number, and the logarithm of
    scores outside 0 to 1, is NaN.

    Args:
        scores: of one target.
    """
    with np.errstate(all="ignore"):
        if task == "regression":
            return np.abs(scores.scores - scores.target.astype(np.float64))
        own, edge = own_scores(scores), np.finfo(np.float64).eps
        return np.where((own >= 0) & (own <= 1), -np.log(np.clip(own, edge, 1 - edge)), np.nan)


def known(scores: Scores) -> NDArray[np.bool_]:
    """Which rows are judged, shape (rows,): those that have a weight and whose scores are numbers."""
    finite = np.isfinite(scores.scores)
    judged: NDArray[np.bool_] = (scores.weights != 0) & (finite if finite.ndim == 1 else finite.all(axis=1))
    return judged


def mistakes(scores: Scores, task: Task, threshold: float = 0.5) -> Integers:
    """The rows that are said to be of another class than they are, or all rows of a regression; the largest loss first.

    Args:
        scores: of one target.
        threshold: as `said` takes it.

    Returns:
        Row numbers, shape (mistakes,).
    """
    if task == "regression":
        return worst_first(scores, task, known(scores) & np.isfinite(losses(scores, task)))
    wrong = said(scores.scores, threshold) != scores.target.astype(np.int64)
    return worst_first(scores, task, known(scores) & wrong)


def undecided(scores: Scores, threshold: float = 0.5) -> Integers:
    """All rows, the most doubtful first: those nearest to the threshold, or whose two largest scores are."""
    if scores.scores.ndim == 1:
        margin = np.abs(scores.scores - threshold)
    else:
        top = np.sort(scores.scores, axis=1)
        margin = top[:, -1] - top[:, -2]
    rows = np.flatnonzero(known(scores))
    return rows[np.argsort(margin[rows], kind="stable")]


def of_cell(scores: Scores, cell: tuple[int, int], threshold: float = 0.5) -> Integers:
    """The rows of a cell of the confusion matrix, the largest loss first.

    Args:
        scores: of a classification.
        cell: the codes of the true class and of the class said.
        threshold: as `said` takes it.
    """
    true, answer = cell
    inside = (scores.target.astype(np.int64) == true) & (said(scores.scores, threshold) == answer)
    return worst_first(scores, "classification", known(scores) & inside)


def of_bins(scores: Scores, edges: Floats, bins: tuple[int, int]) -> Integers:
    """The rows in some bins of the histogram of the scores, of many classes of those that the true class got.

    Args:
        scores: of a classification.
        edges: the histogram's, shape (bins + 1,).
        bins: the first of them, and the one after the last.
    """
    values = scores.scores if scores.scores.ndim == 1 else own_scores(scores)
    places = bin_of(values, edges)
    return worst_first(scores, "classification", known(scores) & (places >= bins[0]) & (places < bins[1]))


def worst_first(scores: Scores, task: Task, chosen: NDArray[np.bool_]) -> Integers:
    """The chosen rows by their loss, also where the logarithm is clipped or there is none."""
    badness = losses(scores, task) if task == "regression" else -own_scores(scores)
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-badness[rows], kind="stable")]


def ordered(rows: Integers, values: NDArray[np.generic], *, falling: bool = False) -> Integers:
    """The rows by their values, rows of equal ones as they stood, what is not a number last.

    Args:
        rows: numbers into `values`.
        values: numbers or codes, shape (n,).
        falling: from the largest to the smallest.
    """
    numbers = values.astype(np.float64) if values.dtype.kind == "f" else values.astype(np.int64)
    picked = numbers[rows]
    lacking = ~np.isfinite(picked)
    picked[lacking] = 0
    return rows[np.lexsort((-picked if falling else picked, lacking))]
