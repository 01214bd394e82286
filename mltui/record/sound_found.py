"""Whether what a model found fits together, so that whoever draws it need not ask."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from mltui.core.found import Coefficients, Found, Importances, Neighbours, Support, Trees


def sound_found(found: Found) -> bool:
    """Whether all arrays have the shapes that belong to each other, and trees end."""
    return (
        (found.coefficients is None or _coefficients(found.coefficients))
        and (found.trees is None or _trees(found.trees))
        and (found.importances is None or _importances(found.importances))
        and (found.support is None or _support(found.support))
        and (found.neighbours is None or _neighbours(found.neighbours))
    )


def _coefficients(found: Coefficients) -> bool:
    shape = len(found.rows), len(found.names)
    return (
        min(shape) > 0
        and {found.values.shape, found.errors.shape} == {shape}
        and {found.intercepts.shape, found.intercept_errors.shape} == {shape[:1]}
        and found.scale.shape == shape[1:]
        and len(found.units) == shape[1]
    )


def _importances(found: Importances) -> bool:
    return {found.values.shape, found.spread.shape} == {(len(found.names),)}


def _support(found: Support) -> bool:
    shapes = {found.x.shape, found.y.shape, found.target.shape, found.strength.shape}
    return len(shapes) == 1 and found.x.ndim == 1


def _neighbours(found: Neighbours) -> bool:
    shapes = {found.x.shape, found.y.shape, found.target.shape}
    return len(shapes) == 1 and found.x.ndim == 2 and found.reach.shape == found.x.shape[:1]


def _trees(found: Trees) -> bool:
    nodes = len(found.feature)
    by_node = (
        found.threshold, found.raw, found.left, found.right, found.below, found.inside, found.rows, found.weight,
        found.spread,
    )  # fmt: skip
    return (
        {array.shape for array in by_node} == {(nodes,)}
        and found.values.ndim == 2
        and found.values.shape[0] == nodes
        and found.values.shape[1] == (1 if found.says == "step" else max(1, len(found.outputs)))
        and len(found.units) == len(found.names) == len(found.yes_or_no)
        and {found.number.shape, found.output.shape, found.vote.shape} == {(len(found.start) - 1,)}
        and bool(((found.output >= -1) & (found.output < max(1, len(found.outputs)))).all())
        and bool(((found.feature >= -1) & (found.feature < len(found.names))).all())
        and _ends(found)
    )


def _ends(found: Trees) -> bool:
    """Whether every tree has a root, and every child stands after its only parent within its own tree."""
    starts = found.start.tolist()
    if not starts or starts[0] != 0 or starts[-1] != len(found.feature):
        return False
    for start, end in pairwise(starts):
        if end <= start:
            return False
        place = np.arange(end - start)
        left, right = found.left[start:end], found.right[start:end]
        leaf = (left == -1) & (right == -1)
        inner = (left > place) & (right > place) & (left < end - start) & (right < end - start)
        if not (leaf | (inner & (found.feature[start:end] >= 0))).all():
            return False
        children = np.concatenate([left[inner], right[inner]])
        if len(np.unique(children)) != len(children):
            return False
    return True
