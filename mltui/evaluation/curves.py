"""How two sides are told apart, threshold by threshold, in the forms that physicists and students draw, with errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.ranked import Ranked, one_against_rest
from mltui.evaluation.rates import Rate, shares
from mltui.evaluation.roc import Roc, roc

Form = Literal["roc", "rejection", "inverse", "precision"]
FORMS: tuple[Form, ...] = ("roc", "rejection", "inverse", "precision")
"""Signal efficiency against background efficiency; background rejection, 1 over the background efficiency, and
precision, each against signal efficiency (recall)."""
_FINE = 2048
"""A curve is thinned to the points that are on different lines of a grid as fine as this."""


@dataclass(frozen=True, eq=False)
class Sides:
    """One class (the signal) against the rest (the background).

    Attributes:
        scores: of both.
        code: the class that high scores mean.
        roc: the curve of all their rows.
    """

    scores: Scores
    code: int
    roc: Roc

    @cached_property
    def ranked(self) -> Ranked:
        """The rows by score: the background's (kind 0) and the signal's (kind 1)."""
        return one_against_rest(self.scores, self.code)

    @cached_property
    def auc_error(self) -> float | None:
        """What `auc_error` gives."""
        return auc_error(self)

    @cached_property
    def average_precision(self) -> float | None:
        """The area of the precision-recall curve, in steps."""
        background, signal = self.ranked.every.first.tolist()
        return self.roc.average_precision(signal, background)


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of a form, thinned to what any screen can show.

    Attributes:
        x, y: shape (points,), by rising signal efficiency unless weights are negative.
        low, high: shape (points,): the ends of y's standard deviation; NaN where it is not known.
    """

    form: Form
    x: Floats
    y: Floats
    low: Floats
    high: Floats


def sides(scores: Scores, code: int = 1) -> Sides:
    """Sort the rows of one part for the curves of one class against the rest.

    Args:
        scores: of two classes, shape (rows,), or of many, shape (rows, classes).
        code: the class that high scores mean.
    """
    values = scores.scores if scores.scores.ndim == 1 else np.ascontiguousarray(scores.scores[:, code])
    return Sides(scores, code, roc(scores.target == code, values, scores.weights))


def against_rest(scores: Scores, classes: tuple[str, ...]) -> tuple[Sides, ...]:
    """One for two classes, that of the second, the positive one; else one a class, each against the rest."""
    codes = (1,) if scores.scores.ndim == 1 else range(len(classes))
    return tuple(sides(scores, code) for code in codes)


def curve(of: Sides, form: Form) -> Curve:
    """A form's curve with its statistical error.

    The error is that of the ordinate at a given abscissa, as curves are compared: of ε_S at a given ε_B it is
    σ_S² + (dε_S/dε_B)² σ_B² (Hsieh and Turnbull, Annals of Statistics 24 (1996) 25, the first terms of their variance),
    with the slope taken over one σ_B on both sides, and the other way about for forms over ε_S. σ_S and σ_B are the
    binomial errors of weighted events that `rates.shares` gives. The classes' sums of weights are taken as known.
    """
    found = of.roc
    if found.auc is None:
        nothing = np.zeros(0)
        return Curve(form, nothing, nothing, nothing, nothing)
    x, base = _coordinates(found, form)
    y = _told(of, form, x, base)
    kept = _thinned(x, np.log10(y) / _decades(y) if form == "inverse" else y)
    x, base, y = x[kept], base[kept], y[kept]
    error = _errors(of, form, found.thresholds[kept], x)
    low, high = _band(of, form, x, base, error)
    return Curve(form, x, y, low, high)


def point(of: Sides, form: Form, threshold: float) -> tuple[float, float] | None:
    """Where the rows whose score lies above a threshold put themselves; None where that is nowhere."""
    if of.roc.auc is None:
        return None
    background, signal = (of.ranked.above(threshold).first / of.ranked.every.first).tolist()
    return _place(of, form, background, signal)


def at_background(of: Sides, form: Form, background: float) -> tuple[float, float] | None:
    """Where on the curve the background has this efficiency; None where that is nowhere."""
    signal = of.roc.efficiency_at(background)
    return None if signal is None else _place(of, form, background, signal)


def _place(of: Sides, form: Form, background: float, signal: float) -> tuple[float, float] | None:
    x, base = (background, signal) if form == "roc" else (signal, background)
    y = float(_told(of, form, np.array([x]), np.array([base]))[0])
    return (x, y) if np.isfinite(y) else None


def chance(of: Sides, form: Form, points: int = 101) -> tuple[Floats, Floats]:
    """The curve of scores that know nothing, whose efficiencies are the same on both sides; x and y."""
    x = np.linspace(0.0, 1.0, points)
    y = _told(of, form, x, x)
    known = np.isfinite(y)
    return x[known], y[known]


def over_members(of: Sides, members: Sequence[Sides], form: Form, points: int = 201) -> Curve:
    """The mean of several models' curves, such as one a fold, at evenly spaced places, with their standard deviation.

    Args:
        of: all their rows together, whose sums of weights say what precision means.
        members: one of each model; those without a curve say nothing.
        form: which.
        points: how many places.
    """
    x = np.linspace(0.0, 1.0, points)
    known = [one for one in members if one.roc.auc is not None]
    if len(known) < 2:
        nothing = np.zeros(0)
        return Curve(form, nothing, nothing, nothing, nothing)
    bases = np.array([_at(one.roc, form, x) for one in known])
    base, error = bases.mean(axis=0), bases.std(axis=0, ddof=1)
    low, high = _band(of, form, x, base, error)
    return Curve(form, x, _told(of, form, x, base), low, high)


def by_member(scores: Scores, member: NDArray[np.integer], code: int = 1) -> tuple[Sides, ...]:
    """The sides of each model's own rows, such as those that a fold holds out.

    Args:
        scores: of one part.
        member: shape (rows,): which model's each row is, from 0.
        code: the class that high scores mean.
    """
    return tuple(sides(scores.take(member == place), code) for place in np.unique(member[member >= 0]).tolist())


def by_seed(scores: Scores, seeds: NDArray[np.floating], code: int = 1) -> tuple[Sides, ...]:
    """The sides of several models' scores of the same rows.

    Args:
        scores: of two classes; only its targets and weights count.
        seeds: shape (rows, models).
        code: the class that high scores mean.
    """
    return tuple(sides(replace(scores, scores=column.astype(np.float64)), code) for column in seeds.T)


def auc_error(of: Sides) -> float | None:
    """The standard deviation of the area under the ROC curve.

    Each row's own share of the area, its structural component, says what that row moves (DeLong, DeLong and
    Clarke-Pearson, Biometrics 44 (1988) 837); with weights σ² = Σ_S w² (V - A)² / (Σ_S w)² + the same of the
    background. None where there is no curve.
    """
    area = of.roc.auc
    if area is None:
        return None
    variance = 0.0
    for kind in (0, 1):
        own, weights = of.ranked.scores(kind), of.ranked.weights(kind)
        other = 1 - kind
        total = float(of.ranked.every.first[other])
        above, equal = (of.ranked.above(own, inclusive=tied).first[other] for tied in (False, True))
        higher = (above + equal) / 2 / total
        component = higher if kind == 0 else 1 - higher
        variance += float(np.sum(weights**2 * (component - area) ** 2)) / float(of.ranked.every.first[kind]) ** 2
    return float(np.sqrt(variance)) if np.isfinite(variance) else None


def efficiency_at(of: Sides, background: float) -> Rate:
    """The signal efficiency at a background efficiency, with its statistical error as `curve` has it."""
    value = of.roc.efficiency_at(background)
    if value is None:
        return Rate(None, None)
    place = np.searchsorted(np.maximum.accumulate(of.roc.false_positive), np.array([background]))
    threshold = of.roc.thresholds[np.minimum(place, len(of.roc.thresholds) - 1)]
    error = float(_errors(of, "roc", threshold, np.array([background]))[0])
    return Rate(value, error if np.isfinite(error) else None)


def numbers(of: Sides, backgrounds: Sequence[float]) -> Mapping[str, float | None]:
    """What the curves of one class come to, by name: areas, and what stands at some background efficiencies.

    Args:
        of: the class and the rest.
        backgrounds: of each the efficiency with its error, and the standardised area up to it.
    """
    found: dict[str, float | None] = {
        "auc": of.roc.auc,
        "auc_error": of.auc_error,
        "average_precision": of.average_precision,
    }
    for background in backgrounds:
        rate = efficiency_at(of, background)
        found[f"efficiency_at_{background:g}"] = rate.value
        found[f"efficiency_at_{background:g}_error"] = rate.error
        found[f"partial_auc_to_{background:g}"] = of.roc.partial_area(background)
    return found


def _coordinates(found: Roc, form: Form) -> tuple[Floats, Floats]:
    """What is along the axis, and the other side's efficiency, of which the ordinate is made."""
    if form == "roc":
        return found.false_positive, found.true_positive
    return found.true_positive, found.false_positive


def _told(of: Sides, form: Form, x: Floats, base: Floats) -> Floats:
    """The ordinate: made of the signal efficiency for a ROC curve, else of the background efficiency."""
    if form == "roc":
        return base
    if form == "rejection":
        return 1 - base
    with np.errstate(all="ignore"):
        if form == "inverse":
            return np.where(base > 0, 1 / base, np.nan)
        background, signal = of.ranked.every.first.tolist()
        chosen = x * signal + base * background
        return np.where(chosen > 0, x * signal / chosen, np.nan)


def _band(of: Sides, form: Form, x: Floats, base: Floats, error: Floats) -> tuple[Floats, Floats]:
    """The ordinates at one standard deviation below and above."""
    least, most = np.minimum(base, 0.0), np.maximum(base, 1.0)
    ends = (_told(of, form, x, np.clip(base + sign * error, least, most)) for sign in (-1, 1))
    down, up = ends
    if form == "roc":
        return down, up
    return up, np.where(np.isnan(down) & np.isfinite(up), np.inf, down) if form == "inverse" else down


def _errors(of: Sides, form: Form, thresholds: Floats, x: Floats) -> Floats:
    """The standard deviation of the base at a given x, shape (points,)."""
    above, every = of.ranked.above(thresholds, inclusive=True), of.ranked.every
    rest, squares = every.first[:, None] - above.first, every.second[:, None] - above.second
    _, spread = shares(above.first, above.second, rest, np.maximum(squares, 0.0))
    background, signal = spread
    along, own = (background, signal) if form == "roc" else (signal, background)
    up, down = (_at(of.roc, form, np.clip(x + sign * along, 0.0, 1.0)) for sign in (1, -1))
    return np.asarray(np.sqrt(own**2 + ((up - down) / 2) ** 2))


def _at(found: Roc, form: Form, x: Floats) -> Floats:
    """The base at places along the axis, between the curve's points; where it goes back, at its farthest so far."""
    along, base = _coordinates(found, form)
    return np.interp(x, np.maximum.accumulate(along), base)


def _decades(y: Floats) -> float:
    known = y[np.isfinite(y)]
    return max(1.0, float(np.log10(known.max() / known.min()))) if len(known) else 1.0


def _thinned(x: Floats, y: Floats) -> NDArray[np.intp]:
    """Which points to keep: where the curve reaches another line of a fine grid, and both ends."""
    known = np.flatnonzero(np.isfinite(y))
    if not len(known):
        return known
    xs, ys = np.floor(x[known] * _FINE), np.floor(y[known] * _FINE)
    moved = np.ones(len(known), bool)
    moved[1:] = (np.diff(xs) != 0) | (np.diff(ys) != 0)
    moved[-1] = True
    kept = known[moved]
    return kept[:: len(kept) // (4 * _FINE) + 1]
