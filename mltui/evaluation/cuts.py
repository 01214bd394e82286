"""A cut on the score, wherever it is put: what signal and background are left, and where their significance is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.rates import shares
from mltui.evaluation.significance import Formula, with_error
from mltui.evaluation.sums import cleaned, summed
from mltui.evaluation.yields import places, scales_of

MOST = 2_000
"""So many places of the cut are looked at: at every score where there are no more, else at every so-manieth row."""
FEWEST = 10.0 * (1 - 1e-9)
"""With fewer effective events of either class above a cut, what its significance seems to be is chance: their errors
are a third of them. What is ten but for rounding is enough."""
Number = float | None


@dataclass(frozen=True, eq=False)
class Side:
    """One class above each cut, in expected events.

    Attributes:
        sums: shape (cuts,). errors: shape (cuts,), their statistical errors, the roots of Σw².
        total, total_error: of all rows, whatever their score.
    """

    sums: Floats
    errors: Floats
    total: float
    total_error: float

    @property
    def effective(self) -> Floats:
        """The rows of weight one that would say as much, (Σw)² / Σw², shape (cuts,)."""
        return np.divide(self.sums**2, self.errors**2, out=np.zeros_like(self.sums), where=self.errors > 0)

    @property
    def efficiency(self) -> tuple[Floats, Floats]:
        """The share above each cut, and its error; NaN where the class has no positive sum of weights.

        The error is that of `rates.shares`.
        """
        squares = self.errors**2
        return shares(self.sums, squares, self.total - self.sums, np.maximum(self.total_error**2 - squares, 0.0))


@dataclass(frozen=True)
class Best:
    """The cut of the highest significance.

    Attributes:
        threshold: above it a row is selected.
        value, error: its significance, in standard deviations, with the statistical error.
        signal, background: the expected events above it.
        signal_effective, background_effective: the rows of weight one that say as much.
        tempting: a cut that would seem better but rests on fewer than `FEWEST` effective events; None without one.
    """

    threshold: float
    value: float
    error: float
    signal: float
    background: float
    signal_effective: float
    background_effective: float
    tempting: Best | None = None

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @property
    def least_effective(self) -> float:
        """Of signal and background, the effective events of that which has fewer."""
        return min(self.signal_effective, self.background_effective)

    @property
    def trusted(self) -> bool:
        """Whether enough events stand behind it."""
        return self.least_effective >= FEWEST


@dataclass(frozen=True, eq=False)
class Cuts:
    """What is above each cut.

    Attributes:
        scores: shape (cuts,), falling: the lowest score that is still selected. The last cut selects every row.
        below: shape (cuts,), the next score below, which is not.
        signal, background: of the second and of the first class.
        left_out: the processes that the rows say nothing of, which are in neither.
    """

    scores: Floats
    below: Floats
    signal: Side
    background: Side
    left_out: tuple[str, ...] = ()

    @cached_property
    def thresholds(self) -> Floats:
        """Shape (cuts,), falling, each as round as it can be: a row is selected whose score lies above."""
        return _roundest(self.below, self.scores)

    @property
    def purity(self) -> tuple[Floats, Floats]:
        """The signal's share of what is above each cut, S / (S + B), and its error; NaN where that is no share."""
        s, b = self.signal, self.background
        known = cleaned(s.sums + b.sums, np.abs(s.sums) + np.abs(b.sums)) > 0
        values, errors = shares(s.sums, s.errors**2, b.sums, b.errors**2)
        return np.where(known, values, np.nan), np.where(known, errors, np.nan)

    def significance(self, formula: Formula = "asimov", uncertainty: float = 0.0) -> tuple[Floats, Floats]:
        """The significance at each cut with its statistical error, shape (cuts,); NaN where it is not defined."""
        s, b = self.signal, self.background
        return with_error(s.sums, b.sums, s.errors, b.errors, formula, uncertainty)

    def at(self, threshold: float) -> int | None:
        """The place of the cut at a threshold, of those looked at the next above it; None where it selects no row."""
        place = int(np.searchsorted(-self.scores, -threshold, side="left")) - 1
        return place if place >= 0 else None

    def of_sums(self, signal: float, signal_error: float, background: float, background_error: float) -> Cuts:
        """One cut that leaves these sums of the same whole, with their statistical errors."""
        s, b = self.signal, self.background
        nowhere = np.full(1, np.nan)
        return Cuts(
            nowhere,
            nowhere,
            Side(np.array([signal]), np.array([signal_error]), s.total, s.total_error),
            Side(np.array([background]), np.array([background_error]), b.total, b.total_error),
            self.left_out,
        )

    def best(self, formula: Formula = "asimov", uncertainty: float = 0.0) -> Best | None:
        """The cut of the highest significance; None where it is nowhere defined.

        Of those with `FEWEST` effective events of either class; where no cut has, of all.
        """
        values, errors = self.significance(formula, uncertainty)
        enough = np.minimum(self.signal.effective, self.background.effective) >= FEWEST
        every = self._best(values, errors, np.isfinite(values))
        sound = self._best(values, errors, np.isfinite(values) & enough)
        if sound is None or every is None:
            return every
        if every.value <= sound.value:
            return sound
        return replace(sound, tempting=every)

    def _best(self, values: Floats, errors: Floats, among: NDArray[np.bool_]) -> Best | None:
        if not among.any():
            return None
        place = int(np.argmax(np.where(among, values, -np.inf)))
        s, b = self.signal, self.background
        return Best(
            threshold=float(_roundest(self.below[[place]], self.scores[[place]])[0]),
            value=float(values[place]),
            error=float(errors[place]),
            signal=float(s.sums[place]),
            background=float(b.sums[place]),
            signal_effective=float(s.effective[place]),
            background_effective=float(b.effective[place]),
        )


def cuts(
    scores: Scores,
    processes: Sequence[Process] = (),
    names: tuple[str, ...] = (),
    classes: tuple[str, ...] = ("", ""),
    *,
    signal: Number = None,
    background: Number = None,
    most: int = MOST,
) -> Cuts | None:
    """What a cut on the score of two classes leaves, wherever it is put.

    Each process is scaled to what all its rows add up to, as `yields` does. A score that is no number is never above.

    Args:
        scores: of one part; rows of weight zero change nothing.
        processes: of all rows, as `yields.processes` gives them; none: the weights are the expected events.
        names: what `scores.process` is an index into.
        classes: the labels; the second is the signal.
        signal, background: the expected events of a class with no cut, where they are not the processes'.
        most: the places of the cut that are looked at.

    Returns:
        None where there are not two classes, or no row with a weight and a score.
    """
    if scores.scores.ndim != 1 or len(classes) != 2:
        return None
    weights, left_out = _expected(scores, processes, names, classes)
    own = scores.target == 1
    weights = _to(_to(weights, own, signal), ~own, background)
    used = weights != 0
    known = used & np.isfinite(scores.scores)
    if not known.any():
        return None
    order = np.flatnonzero(known)[np.argsort(-scores.scores[known])]
    values, sorted_weights, is_signal = scores.scores[order], weights[order], own[order]
    ends = _ends(values, most)
    least = float(values[-1])
    return Cuts(
        scores=values[ends],
        below=np.append(values[ends[:-1] + 1], 0.0 if least > 0 else least - 1.0),
        signal=_side(np.where(is_signal, sorted_weights, 0.0), ends, weights[used & own]),
        background=_side(np.where(is_signal, 0.0, sorted_weights), ends, weights[used & ~own]),
        left_out=left_out,
    )


def _expected(
    scores: Scores, processes: Sequence[Process], names: tuple[str, ...], classes: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...]]:
    """The weights as expected events, zero where nothing is known of the process; and which those are."""
    if not processes:
        return np.where(np.isfinite(scores.weights), scores.weights, 0.0), ()
    at = places(scores, processes, names, classes)
    scales = scales_of(processes, at, scores.weights)
    lost = tuple(one.name for one, scale in zip(processes, scales, strict=True) if scale is None and one.total != 0)
    known = np.array([*(0.0 if scale is None else scale for scale in scales), 0.0])
    with np.errstate(all="ignore"):
        return np.nan_to_num(scores.weights * known[at], nan=0.0, posinf=0.0, neginf=0.0), lost


def _to(weights: Floats, rows: NDArray[np.bool_], total: Number) -> Floats:
    """Weights of which those of some rows add up to a total; as they are where none is asked for or none can be."""
    if total is None:
        return weights
    held = summed(weights[rows])
    return np.where(rows, weights * (total / held), weights) if held > 0 else weights


def _ends(values: Floats, most: int) -> NDArray[np.integer]:
    """The last row of each cut: where the score changes, and of many only so many places."""
    ends = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    if len(ends) <= most:
        return ends
    chosen = np.searchsorted(ends, np.linspace(0, len(values) - 1, most))
    return np.asarray(ends[chosen[np.append(True, chosen[1:] != chosen[:-1])]])


def _side(weights: Floats, ends: NDArray[np.integer], every: Floats) -> Side:
    sums = cleaned(np.cumsum(weights)[ends], np.cumsum(np.abs(weights))[ends])
    errors = np.sqrt(np.cumsum(weights**2)[ends])
    return Side(sums, errors, summed(every), float(np.sqrt((every**2).sum())))


def _roundest(lows: Floats, highs: Floats) -> Floats:
    """From each of the lows on, below the high, the number with the fewest decimals, two at the least."""
    found, open_ = lows.copy(), np.ones(len(lows), np.bool_)
    for decimals in range(2, 13):
        with np.errstate(all="ignore"):
            rounded = np.ceil(lows * 10.0**decimals) / 10.0**decimals
        fits = open_ & (rounded >= lows) & (rounded < highs)
        found[fits] = rounded[fits]
        open_ &= ~fits
    return found
