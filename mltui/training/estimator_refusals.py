"""What an estimator refuses, and a fit that is void, in words of the experiment."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.training.fit_weights import NEGATIVE
from mltui.training.problem import Problem

_CODE = re.compile(r"\bclass (\d+)\b")
_FLAT = {
    "lda": "take model.solver = svd, or raise model.shrinkage",
    "qda": "raise model.reg_param, or lower model.tol",
}
"""What to do where some direction has no spread, by the model."""


def refused(problem: Problem, error: ValueError) -> InputError:
    """The library's error as one sentence; class codes in it become labels."""
    card = problem.card
    found = _CODE.search(str(error))
    if isinstance(error, np.linalg.LinAlgError):
        of_class = f" in class {_label(problem, found)}" if found else ""
        cure = _FLAT.get(card.name, "leave such features out")
        return InputError(
            f"{card.name} cannot be fitted: some inputs follow from others, so that in some direction there is no "
            f"spread{of_class}; {cure}"
        )
    reason = _CODE.sub(lambda match: f"class {_label(problem, match)}", " ".join(str(error).split()).rstrip("."))
    return InputError(f"{card.name} cannot be fitted to these data with these settings: {reason}")


def _label(problem: Problem, match: re.Match[str]) -> str:
    code = int(match[1])
    return problem.classes[code] if code < len(problem.classes) else match[1]


def refuse_void(problem: Problem, estimator: Any) -> None:
    """See that a fitted estimator can answer.

    Raises:
        InputError: where negative weights have left it a negative variance.
    """
    variances = getattr(estimator, "var_", None)  # of naive Bayes, shape (classes, inputs)
    if variances is None or (variances > 0).all():
        return
    place = int(np.flatnonzero((variances <= 0).any(axis=1))[0])
    label = problem.classes[int(estimator.classes_[place])]
    raise InputError(
        f"the negative weights of class {label} leave one of its inputs with a negative variance, of which "
        f'{problem.card.name} can make nothing; set {NEGATIVE} to "drop" or "absolute", for the fit only, or choose '
        "more rows",
        key=NEGATIVE,
    )
