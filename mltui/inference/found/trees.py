"""The trees of an estimator as arrays, and what each input does for it: within bounds, whichever library it is of."""

from __future__ import annotations

from typing import Any

import numpy as np

from mltui.core.found import Importances, Trees
from mltui.core.table import Floats, Integers
from mltui.inference.found.cut_flow import cut_flow
from mltui.inference.found.fitted_on import FittedOn
from mltui.inference.found.forest import Forest, Known
from mltui.inference.found.grown import Grown
from mltui.inference.found.other_libraries import other_trees
from mltui.inference.found.scikit_trees import scikit_trees

ALONE, EACH = 3_001, 101
"""Nodes that are kept of a tree alone, and of each of several; odd, as children come in pairs."""
AT_MOST, VALUES = 30, 40_000
"""So many trees are kept, the first ones, and so many values in their nodes."""
INPUTS = 1_000
"""So many inputs are told with what they do, the foremost ones."""


def forest(estimator: Any, fitted_on: FittedOn, known: Known) -> Forest | None:
    """The trees of an estimator; None where it has none."""
    codes = fitted_on.codes
    return (
        other_trees(estimator, codes, AT_MOST, known)
        or scikit_trees(estimator, codes, len(fitted_on.outputs))
        or cut_flow(estimator, fitted_on)
    )


def trees(found: Forest, fitted_on: FittedOn, known: Known) -> Trees:
    """The first trees of a forest, level by level."""
    columns = len(fitted_on.outputs) if found.says != "step" else 1
    most = min(ALONE if found.alone else EACH, (VALUES // max(columns, 1) - 1) // 2 * 2 + 1)
    count = max(1, min(AT_MOST, VALUES // (most * columns)))
    kept = [known.of("grown", tree, lambda one: found.grow(one).first(most)) for tree in found.trees[:count]]
    asked = np.concatenate([tree.feature for tree in kept])
    threshold = np.concatenate([tree.threshold for tree in kept])
    inputs = np.unique(asked[asked >= 0])
    origins = fitted_on.origins
    return Trees(
        names=tuple(origins.names[place] for place in inputs),
        units=tuple(origins.units[place] for place in inputs),
        yes_or_no=origins.indicators[inputs].astype(np.int64),
        outputs=fitted_on.outputs,
        says=found.says,
        strict=found.strict,
        total=found.total,
        kind=found.kind,
        start=np.cumsum([0, *map(len, kept)]),
        number=np.arange(len(kept)) // len(found.speaks) + 1,
        output=np.resize(np.array(found.speaks, np.int64), len(kept)),
        vote=np.full(len(kept), np.nan) if found.votes is None else found.votes[: len(kept)],
        feature=np.where(asked < 0, -1, np.searchsorted(inputs, asked)),
        threshold=threshold,
        raw=_raw(asked, threshold, fitted_on),
        left=_joined(kept, "left"),
        right=_joined(kept, "right"),
        below=_joined(kept, "below"),
        inside=np.concatenate([np.ones(len(one), np.int64) if one.inside is None else one.inside for one in kept]),
        rows=_joined(kept, "rows"),
        weight=np.concatenate([tree.weight for tree in kept]),
        values=np.concatenate([tree.values for tree in kept]),
        spread=np.concatenate([tree.spread for tree in kept]),
    )


def _joined(kept: list[Grown], name: str) -> Integers:
    found: Integers = np.concatenate([getattr(tree, name) for tree in kept])
    return found


def _raw(asked: Integers, threshold: Floats, fitted_on: FittedOn) -> Floats:
    raw = np.full(len(asked), np.nan)
    inner = asked >= 0
    raw[inner] = fitted_on.origins.raw_at(asked[inner], threshold[inner])
    return raw


def importances(found: Forest, fitted_on: FittedOn, known: Known) -> Importances | None:
    """What each input does for a forest, the sum being 1; None where nothing tells."""
    if found.importances is None:
        return None
    values, spread = found.importances(known)
    whole = values.sum()
    values = values / whole if whole > 0 else np.zeros_like(values)
    kept = np.sort(np.argsort(-values, kind="stable")[:INPUTS])
    deviation = np.full(len(values), np.nan) if spread is None else spread
    names = tuple(fitted_on.origins.names[place] for place in kept)
    return Importances(names, values[kept], deviation[kept], found.measure, len(values) - len(kept))
