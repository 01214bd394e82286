"""Rectangular cuts as chains of questions: what is left of the rows after each, as in a cut flow."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from mltui.core.table import Floats, Integers
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.forest import Forest
from mltui.inference.found.grown import Grown


def cut_flow(cuts: Any, fitted_on: FittedOn) -> Forest | None:
    """The sets of cuts of a model that has some, from tight to loose; None of others.

    Args:
        cuts: with `rectangles`, which have `efficiencies`, shape (sets,), and `lower` and `upper`, both of shape
            (sets, inputs): in a set is a row with lower <= x < upper for every input; an infinite bound is none.
    """
    found = getattr(cuts, "rectangles", None)
    if found is None or not len(found.efficiencies):
        return None
    places = range(len(found.efficiencies))
    grow = partial(_flow, rectangles=found, fitted_on=fitted_on)
    return Forest(
        places, len(places), "classes", grow, None, "", strict=True, kind="cuts", votes=np.asarray(found.efficiencies)
    )


def _flow(place: int, rectangles: Any, fitted_on: FittedOn) -> Grown:
    """One set of cuts: of each the rows that fail it, and those that go on to the next."""
    cuts = [
        (number, float(bound), passes)
        for number, bounds in enumerate(zip(rectangles.lower[place], rectangles.upper[place], strict=True))
        for bound, passes in zip(bounds, ("right", "left"), strict=True)
        if np.isfinite(bound)
    ]
    nodes = 2 * len(cuts) + 1
    feature, left, right = (np.full(nodes, -1) for _ in range(3))
    threshold, rows, passed = np.full(nodes, np.nan), np.zeros(nodes, np.int64), np.ones(nodes, np.int64)
    values = np.zeros((nodes, len(fitted_on.outputs)))
    counts = np.ones(len(fitted_on.x)) if fitted_on.weights is None else fitted_on.weights
    target = np.asarray(fitted_on.target, np.int64)

    def count(node: int, chosen: Integers) -> None:
        rows[node] = len(chosen)
        values[node] = _sums(target[chosen], counts[chosen], values.shape[1])

    inside, node = np.arange(len(target)), 0
    count(node, inside)
    for made, (number, bound, passes) in enumerate(cuts):
        low, high = 2 * made + 1, 2 * made + 2
        feature[node], threshold[node], left[node], right[node] = number, bound, low, high
        below = fitted_on.x[inside, number].astype(np.float64) < bound
        count(low, inside[below])
        count(high, inside[~below])
        passed[high if passes == "left" else low] = 0
        node, inside = (low, inside[below]) if passes == "left" else (high, inside[~below])
    return Grown(
        feature, threshold, left, right, rows, values.sum(axis=1), values, np.full(nodes, np.nan),
        np.zeros(nodes, np.int64), passed,
    )  # fmt: skip


def _sums(target: Integers, counts: Floats, classes: int) -> Floats:
    return np.bincount(target, weights=counts, minlength=classes)[:classes].astype(np.float64)
