"""Whether the scores of train and of validation are drawn from one distribution, class by class, weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.evaluation.events import effective
from mltui.evaluation.histogram import histogram, score_edges
from mltui.evaluation.roc import one_against_rest
from mltui.evaluation.sums import summed

DOUBTFUL = 0.01
"""Below this probability two distributions are said to differ, shared out over the classes."""
FILLED = 10.0
"""Bins are joined until each holds so many effective events of either, as a χ² needs them."""
_BINS = 40
_TERMS = np.arange(1, 101)
Verdict = Literal["agree", "overtrained", "differ", "unknown"]
Number = float | None


@dataclass(frozen=True)
class Agreement:
    """How two samples of a number agree.

    Attributes:
        distance: the largest distance of their distribution functions, of Kolmogorov and Smirnov.
        ks: the probability of one at least so large, were they drawn from one distribution.
        chi2, bins: Pearson's of their histograms, over so many bins. p: its probability.

    What is not defined is None.
    """

    distance: Number = None
    ks: Number = None
    chi2: Number = None
    bins: int = 0
    p: Number = None


@dataclass(frozen=True)
class Overtraining:
    """What train and validation say.

    Attributes:
        classes: by label, how their scores of this class agree.
        train, validation: the AUC of either.
        verdict: agree; overtrained, where they differ and train is told apart better; differ, where it is not;
            unknown where no class can be compared.
    """

    classes: Mapping[str, Agreement]
    train: Number
    validation: Number
    verdict: Verdict

    @property
    def gap(self) -> Number:
        """The AUC of train less that of validation."""
        return None if self.train is None or self.validation is None else self.train - self.validation

    def document(self) -> dict[str, float | str | None]:
        """As JSON holds it, the numbers of a class under its label."""
        told: dict[str, float | str | None] = {
            "verdict": self.verdict, "auc_train": self.train, "auc_validation": self.validation,
        }  # fmt: skip
        for label, one in self.classes.items():
            own = {"distance": one.distance, "ks_p": one.ks, "chi2": one.chi2, "chi2_bins": one.bins, "chi2_p": one.p}
            told |= {f"{name} {label}": value for name, value in own.items()}
        return told


def compared(train: Scores, validation: Scores, classes: tuple[str, ...]) -> Overtraining:
    """Whether a model tells the rows that it was fitted on apart better than others.

    Of each class the scores of its rows are compared; with many classes the score that the true class got.

    Args:
        train, validation: their scores; rows of weight zero change nothing.
        classes: the labels.
    """
    ours, theirs = _values(train), _values(validation)
    found = {}
    for code, label in enumerate(classes):
        mine, other = train.target == code, validation.target == code
        found[label] = agreement(ours[mine], train.weights[mine], theirs[other], validation.weights[other])
    aucs = _auc(train, classes), _auc(validation, classes)
    return Overtraining(found, aucs[0], aucs[1], _verdict(list(found.values()), *aucs))


def agreement(one: Floats, one_weights: Floats, other: Floats, other_weights: Floats) -> Agreement:
    """The tests of Kolmogorov and Smirnov and of χ² for two weighted samples; what is no number is left out.

    Args:
        one, other: shape (rows,) each. one_weights, other_weights: their weights, negative ones admitted.
    """
    (one, one_weights), (other, other_weights) = _known(one, one_weights), _known(other, other_weights)
    if not (summed(one_weights) > 0 and summed(other_weights) > 0):
        return Agreement()
    distance, ks = kolmogorov_smirnov(one, one_weights, other, other_weights)
    edges = score_edges(np.concatenate([one, other]), _BINS)
    histograms = [histogram("", values, w, edges) for values, w in ((one, one_weights), (other, other_weights))]
    (sums, errors), (other_sums, other_errors) = ((h.sums, h.errors) for h in histograms)
    chi2, bins = of_histograms(sums, errors**2, other_sums, other_errors**2)
    return Agreement(distance, ks, chi2, bins, None if chi2 is None else _survival(chi2, bins - 1))


def kolmogorov_smirnov(one: Floats, one_weights: Floats, other: Floats, other_weights: Floats) -> tuple[float, float]:
    """The largest distance D of two weighted distribution functions, and the probability of so large a one.

    The probability is the asymptotic one, 2 Σ (-1)^(k-1) exp(-2 k² λ²), with λ = D (√n + 0.12 + 0.11/√n) (M. Stephens,
    J. R. Stat. Soc. B 32 (1970) 115) and n = n₁n₂ / (n₁+n₂), where the effective numbers of events (Σw)²/Σw² take the
    place of the rows, as in ROOT's TH1::KolmogorovTest (J. Monahan, Numerical Methods of Statistics, 2001, section on
    weighted samples). It takes weights to be independent of the values; rows of few values make it too large.

    Args:
        one, other: shape (rows,), numbers. one_weights, other_weights: of positive sum.
    """
    values = np.concatenate([one, other])
    steps = np.concatenate([one_weights / summed(one_weights), -other_weights / summed(other_weights)])
    order = np.argsort(values)
    values, apart = values[order], np.cumsum(steps[order])
    last = np.append(values[1:] != values[:-1], True)
    distance = float(np.abs(apart[last]).max())
    counts = [effective(summed(w), float((w**2).sum())) or 0.0 for w in (one_weights, other_weights)]
    root = np.sqrt(counts[0] * counts[1] / (counts[0] + counts[1]))
    return distance, _kolmogorov(distance * float(root + 0.12 + 0.11 / root)) if root > 0 else 1.0


def of_histograms(one: Floats, one_squares: Floats, other: Floats, other_squares: Floats) -> tuple[Number, int]:
    """Pearson's χ² of two histograms of weighted rows, and over how many bins; it has one degree of freedom less.

    Σ (W₁w₂ - W₂w₁)² / (W₁²s₂² + W₂²s₁²), w being the sums of weights of a bin, s² those of their squares and W those of
    all bins (N. Gagunashvili, NIM A 614 (2010) 287; ROOT's TH1::Chi2Test with option WW). Neighbouring bins are joined
    until each holds `FILLED` effective events of either.

    Args:
        one, other: shape (bins,): sums of weights. one_squares, other_squares: of their squares.

    Returns:
        None and 0 where fewer than two bins are left.
    """
    joined = _joined(np.stack([one, one_squares, other, other_squares]))
    if joined.shape[1] < 2:
        return None, 0
    one, one_squares, other, other_squares = joined
    totals = summed(one), summed(other)
    above = (totals[0] * other - totals[1] * one) ** 2
    below = totals[0] ** 2 * other_squares + totals[1] ** 2 * one_squares
    return float((above / below).sum()), joined.shape[1]


def _joined(columns: Floats) -> Floats:
    """Columns of sums with neighbours added up until each is filled; what is left over goes to the last."""
    found: list[Floats] = []
    held = np.zeros(len(columns))
    for column in columns.T:
        held = held + column
        if _filled(held[0], held[1]) and _filled(held[2], held[3]):
            found.append(held)
            held = np.zeros(len(columns))
    if found:
        found[-1] = found[-1] + held
    return np.stack(found, axis=1) if found else np.zeros((len(columns), 0))


def _filled(total: float, squares: float) -> bool:
    return total > 0 and squares > 0 and total**2 / squares >= FILLED


def _kolmogorov(reach: float) -> float:
    """The probability that Kolmogorov's statistic is at least so large."""
    if reach < 0.2:  # where the series is slow, it is 1 to twelve digits
        return 1.0
    signs = np.where(_TERMS % 2, 1.0, -1.0)
    return float(min(1.0, max(0.0, 2 * np.sum(signs * np.exp(-2 * _TERMS**2 * reach**2)))))


def _survival(chi2: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi2))


def _verdict(found: Sequence[Agreement], train: Number, validation: Number) -> Verdict:
    known = [one.ks for one in found if one.ks is not None]
    if not known:
        return "unknown"
    if min(known) >= DOUBTFUL / len(known):
        return "agree"
    return "overtrained" if train is not None and validation is not None and train > validation else "differ"


def _values(scores: Scores) -> Floats:
    if scores.scores.ndim == 1:
        return scores.scores
    return np.asarray(scores.scores[np.arange(len(scores)), scores.target.astype(np.int64)])


def _auc(scores: Scores, classes: tuple[str, ...]) -> Number:
    found = [roc.auc for roc in one_against_rest(scores, classes) if roc.auc is not None]
    return sum(found) / len(found) if found else None


def _known(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    used = np.isfinite(values) & np.isfinite(weights) & (weights != 0)
    return values[used], weights[used]
