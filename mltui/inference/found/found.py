"""All that a fitted estimator found, but for what lies in the plane."""

from __future__ import annotations

from typing import Any

from mltui.core.found import Found
from mltui.inference.found.coefficients import coefficients
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.forest import Known
from mltui.inference.found.trees import forest, importances, trees


def found(estimator: Any, fitted_on: FittedOn, known: Known | None = None) -> Found:
    """What it found, by what it is: it has coefficients, or trees, or neither.

    Args:
        known: what was read off its trees before, as it grew.
    """
    known = known or Known()
    grown = forest(estimator, fitted_on, known)
    if grown is None:
        return Found(coefficients(estimator, fitted_on))
    return Found(trees=trees(grown, fitted_on, known), importances=importances(grown, fitted_on, known))
