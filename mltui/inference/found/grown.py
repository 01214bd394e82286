"""One tree as arrays, whichever library grew it, and the first levels of it where it is too large to keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats, Integers

HISTOGRAM_NODE = frozenset({"is_leaf", "feature_idx", "num_threshold", "left", "right", "count", "value", "gain"})
"""What a node of histogram gradient boosting has to say of itself."""


@dataclass(frozen=True, eq=False)
class Grown:
    """A tree, its nodes in any order that begins with the root; the arrays are those of `core.found.Trees`.

    Attributes:
        values: shape (nodes, columns).
        below: shape (nodes,): how many nodes hang below one whose children were cut off.
        inside: shape (nodes,): 0 where a cut takes the rows away; None where none does.
    """

    feature: Integers
    threshold: Floats
    left: Integers
    right: Integers
    rows: Integers
    weight: Floats
    values: Floats
    spread: Floats
    below: Integers
    inside: Integers | None = None

    def __len__(self) -> int:
        return len(self.feature)

    def first(self, most: int) -> Grown:
        """The tree level by level, at most so many nodes of it (an odd number, since children come in pairs)."""
        levels = list(self._levels())
        order = np.concatenate(levels)[:most]
        sizes = self._sizes(levels) if len(self) > most else np.zeros(len(self), np.int64)
        place = np.full(len(self) + 1, -1)  # the last one is that of no child
        place[order] = np.arange(len(order))
        left, right = place[self.left[order]], place[self.right[order]]
        cut = (self.left[order] >= 0) & (left < 0)
        taken = {
            name: getattr(self, name)[order] for name in ("feature", "threshold", "rows", "weight", "values", "spread")
        }
        inside = None if self.inside is None else self.inside[order]
        below = np.where(cut, sizes[order] - 1, 0)
        return replace(self, **taken, left=left, right=right, below=below, inside=inside)

    def _levels(self) -> Iterator[Integers]:
        level = np.zeros(1, np.int64)
        while len(level):
            yield level
            inner = level[self.left[level] >= 0]
            level = np.stack([self.left[inner], self.right[inner]], axis=1).ravel()

    def _sizes(self, levels: list[Integers]) -> Integers:
        """Of each node how many there are from it on down."""
        sizes = np.ones(len(self), np.int64)
        for level in reversed(levels):
            inner = level[self.left[level] >= 0]
            sizes[inner] += sizes[self.left[inner]] + sizes[self.right[inner]]
        return sizes


def of_scikit(estimator: Any, codes: NDArray[np.integer] | None, outputs: int, rate: float | None = None) -> Grown:
    """A tree of scikit-learn.

    Args:
        estimator: a fitted decision tree.
        codes: the class of each column of its values; None for a regression.
        outputs: how many classes there are, or targets.
        rate: by what a step is multiplied, where the tree is one of a sum; its inner nodes then say nothing.
    """
    tree = estimator.tree_
    squared = codes is None and rate is None and estimator.criterion in ("squared_error", "friedman_mse")
    inner = tree.children_left >= 0
    weight = np.asarray(tree.weighted_n_node_samples, np.float64)
    held = np.asarray(tree.value, np.float64)
    if codes is not None:
        values = np.zeros((len(weight), outputs))
        values[:, codes] = held[:, 0] * weight[:, None]
    else:
        values = held[:, :, 0] if rate is None else np.where(inner[:, None], np.nan, rate * held[:, :, 0])
    return Grown(
        feature=np.where(inner, tree.feature, -1).astype(np.int64),
        threshold=np.where(inner, tree.threshold, np.nan),
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        rows=tree.n_node_samples.astype(np.int64),
        weight=weight,
        values=values,
        spread=np.sqrt(np.maximum(tree.impurity, 0)) if squared else np.full(len(weight), np.nan),
        below=np.zeros(len(weight), np.int64),
    )


def of_histogram(predictor: Any) -> Grown:
    """A tree of scikit-learn's histogram gradient boosting; its leaves say what is added to the score."""
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    return Grown(
        feature=np.where(inner, nodes["feature_idx"], -1).astype(np.int64),
        threshold=np.where(inner, nodes["num_threshold"], np.nan),
        left=np.where(inner, nodes["left"].astype(np.int64), -1),
        right=np.where(inner, nodes["right"].astype(np.int64), -1),
        rows=nodes["count"].astype(np.int64),
        weight=nodes["count"].astype(np.float64),
        values=np.where(inner, np.nan, nodes["value"])[:, None],
        spread=np.full(len(nodes), np.nan),
        below=np.zeros(len(nodes), np.int64),
    )
