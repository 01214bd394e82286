"""scikit-learn's warnings as sentences of the run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from scipy.linalg import LinAlgWarning
from sklearn.exceptions import ConvergenceWarning

from mltui.models.card import ModelCard
from mltui.training.report import Reporter

_MOOT = ("class_weight presets",)
"""What does not apply here: the forest sees all rows at every tree, so balancing stays the same."""

_NOT_A_NUMBER = ("invalid value", "overflow", "divide by zero")
"""How NumPy begins to say that a result is no number."""


@contextmanager
def translated(card: ModelCard, reporter: Reporter) -> Iterator[None]:
    """Hand every warning of the block to the reporter, each sentence once; deprecations stay warnings."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    finally:
        said: set[str] = set()
        for warning in caught:
            _hand_on(card, reporter, warning, said)


def _hand_on(card: ModelCard, reporter: Reporter, warning: warnings.WarningMessage, said: set[str]) -> None:
    if issubclass(warning.category, FutureWarning | DeprecationWarning | PendingDeprecationWarning):
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        return
    sentence = _sentence(card, warning)
    if sentence and sentence not in said:
        said.add(sentence)
        reporter.warning(sentence)


def _sentence(card: ModelCard, warning: warnings.WarningMessage) -> str:
    if issubclass(warning.category, ConvergenceWarning):
        return (
            f"{card.title} had not settled when its iterations were used up: raise model.max_iter, "
            "scale the features, or regularise more."
        )
    if issubclass(warning.category, LinAlgWarning):
        return (
            f"{card.title} met features that nearly follow from others, so that rounding decides some coefficients: "
            "raise model.alpha, scale the features, or leave some out."
        )
    text = " ".join(str(warning.message).split())
    if issubclass(warning.category, RuntimeWarning) and text.startswith(_NOT_A_NUMBER):
        steps = any(hyperparameter.name == "learning_rate" for hyperparameter in card.hyperparameters)
        mend = "lower model.learning_rate" if steps else "scale the features"
        return f"{card.title} met numbers too large to compute with, so that some results are void: {mend}."
    if text.startswith(_MOOT):
        return ""
    return f"{card.title}: {text.split('. ')[0].rstrip('.')}."
