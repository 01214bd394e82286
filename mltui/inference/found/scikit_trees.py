"""The trees of scikit-learn: one alone, those of a forest, of boosting, and of histogram gradient boosting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mltui.core.found import Says
from mltui.core.table import Floats
from mltui.inference.found.forest import Forest, Known, averaged, spoken_for
from mltui.inference.found.grown import HISTOGRAM_NODE, of_histogram, of_scikit


def scikit_trees(estimator: Any, codes: tuple[int, ...], outputs: int) -> Forest | None:
    """The trees of an estimator of scikit-learn, as far as it has grown; None where it has none.

    Args:
        codes: of the classes that it was fitted to; of a regression the places of its targets.
        outputs: how many classes, or targets, there are.
    """
    if hasattr(estimator, "tree_"):
        return _mean([estimator], estimator, outputs, alone=True)
    if hasattr(estimator, "_predictors"):  # private, and so may be otherwise in another version: then there is nothing
        return _histogram(estimator, codes)
    held = getattr(estimator, "estimators_", None)
    if held is None:
        return None
    trees = [tree for tree in np.ravel(np.array(held, dtype=object)) if hasattr(tree, "tree_")]  # some may be to come
    if not trees:
        return None
    if np.ndim(held) == 2:
        return _sum(trees, estimator, codes, np.shape(held)[1])
    return _mean(trees, estimator, outputs)


def _mean(trees: Sequence[Any], estimator: Any, outputs: int, *, alone: bool = False) -> Forest:
    """Trees that vote, or whose values are averaged; those of AdaBoost with weights."""
    codes = np.asarray(estimator.classes_, np.int64) if hasattr(estimator, "classes_") else None
    held = getattr(estimator, "estimator_weights_", None)
    votes = None if held is None else np.asarray(held, np.float64)[: len(trees)]

    def importances(known: Known) -> tuple[Floats, Floats | None]:
        shares = [known.of("share", tree, lambda one: one.tree_.compute_feature_importances()) for tree in trees]
        return averaged(shares, votes)

    grow = partial(of_scikit, codes=codes, outputs=outputs)
    says: Says = "classes" if codes is not None else "value"
    return Forest(trees, len(trees), says, grow, importances, "impurity", alone=alone, votes=votes)


def _sum(trees: Sequence[Any], estimator: Any, codes: tuple[int, ...], each: int) -> Forest:
    """Gradient boosting: each tree adds a step to a score."""

    def importances(known: Known) -> tuple[Floats, Floats | None]:
        asking = [tree for tree in trees if tree.tree_.node_count > 1]
        if not asking:
            return np.zeros(trees[0].n_features_in_), None
        return averaged(
            [
                known.of("sum", tree, lambda one: one.tree_.compute_feature_importances(normalize=False))
                for tree in asking
            ]
        )

    grow = partial(of_scikit, codes=None, outputs=1, rate=float(estimator.learning_rate))
    return Forest(trees, len(trees), "step", grow, importances, "impurity", spoken_for(codes, each))


def _histogram(estimator: Any, codes: tuple[int, ...]) -> Forest | None:
    steps = estimator._predictors
    trees = [tree for step in steps for tree in step]
    if not trees or not set(trees[0].nodes.dtype.names) >= HISTOGRAM_NODE:
        return None
    inputs = int(estimator.n_features_in_)

    def gain(tree: Any) -> Floats:
        asking = tree.nodes[tree.nodes["is_leaf"] == 0]
        found: Floats = np.bincount(asking["feature_idx"], weights=asking["gain"], minlength=inputs).astype(np.float64)
        return found

    def importances(known: Known) -> tuple[Floats, Floats | None]:
        return averaged([known.of("gain", tree, gain) for tree in trees])[0], None

    return Forest(trees, len(trees), "step", of_histogram, importances, "gain", spoken_for(codes, len(steps[0])))
