"""The coefficients of linear models, with standard errors where there is a formula."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np

from mltui.core.found import Coefficients
from mltui.core.table import Floats
from mltui.inference.found.errors import standard_errors
from mltui.inference.found.fitted_on import FittedOn, unwrapped

TERMS, VALUES = 1_000, 20_000
"""So many terms, and so many coefficients, are kept at most: those of the largest values."""
_TOKEN = re.compile(r"x(\d+)(\^\d+)?")


def coefficients(estimator: Any, fitted_on: FittedOn) -> Coefficients | None:
    """The coefficients of an estimator that has some; of a pipeline, those of its last step."""
    linear, before = unwrapped(estimator)
    values = getattr(linear, "coef_", None)
    if values is None:
        return None
    values = np.atleast_2d(np.asarray(values, np.float64))
    names, units, scale = _terms(fitted_on, before)
    rows = _rows(linear, len(values), fitted_on.outputs)
    if len(rows) != len(values) or len(names) != values.shape[1]:
        return None
    intercepts = np.broadcast_to(np.asarray(getattr(linear, "intercept_", 0.0), np.float64).ravel(), len(rows)).copy()
    x = fitted_on.x.astype(np.float64)
    errors, intercept_errors, source = standard_errors(
        linear, x if before is None else before.transform(x), fitted_on.target, fitted_on.weights
    )
    kept = _largest(values)
    return Coefficients(
        names=tuple(names[place] for place in kept),
        rows=rows,
        values=values[:, kept],
        intercepts=intercepts,
        errors=errors[:, kept],
        intercept_errors=intercept_errors,
        units=tuple(units[place] for place in kept),
        scale=scale[kept],
        source=source,
        left_out=len(names) - len(kept),
    )


def _largest(values: Floats) -> Any:
    """The places of the terms to keep, in their order."""
    most = max(1, min(TERMS, VALUES // len(values)))
    if values.shape[1] <= most:
        return np.arange(values.shape[1])
    return np.sort(np.argsort(-np.abs(values).max(axis=0), kind="stable")[:most])


def _rows(linear: Any, count: int, outputs: tuple[str, ...]) -> tuple[str, ...]:
    """What each row of the coefficients speaks for."""
    classes = getattr(linear, "classes_", None)
    if classes is None:
        return outputs[:count]
    labels = [outputs[int(code)] for code in classes]
    if count == 1:
        return (labels[-1],)
    if not hasattr(linear, "support_vectors_"):  # of three classes there are as many pairs
        return tuple(labels)
    return tuple(f"{one} | {other}" for one, other in itertools.combinations(labels, 2))


def _terms(fitted_on: FittedOn, before: Any) -> tuple[list[str], list[str], Floats]:
    """The names, the units and the scales of what the coefficients multiply."""
    origins = fitted_on.origins
    if before is None:
        return list(origins.names), list(origins.units), origins.scale
    names = [_written(str(name), origins.names) for name in before.get_feature_names_out()]
    return names, [""] * len(names), np.full(len(names), np.nan)


def _written(name: str, inputs: tuple[str, ...]) -> str:
    """A product such as ``x0^2 x3`` with the inputs' own names; a name of another form stays."""
    tokens = [_TOKEN.fullmatch(token) for token in name.split(" ")]
    if not all(token and int(token[1]) < len(inputs) for token in tokens):
        return name
    return " · ".join(f"{inputs[int(token[1])]}{token[2] or ''}" for token in tokens if token)
