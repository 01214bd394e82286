"""The trees of an estimator as the library behind it holds them, and how to read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from mltui.core.found import Says
from mltui.core.table import Floats
from mltui.inference.found.grown import Grown

Made = TypeVar("Made")


@dataclass(frozen=True)
class Known:
    """What was read off trees before: a tree that is grown does not change."""

    _kept: dict[tuple[str, int], tuple[Any, Any]] = field(default_factory=dict)

    def of(self, what: str, tree: Any, make: Callable[[Any], Made]) -> Made:
        """What `make` gives for a tree, made once; the tree is held too, so that no other can take its place."""
        key = (what, tree if isinstance(tree, int) else id(tree))
        if key not in self._kept:
            self._kept[key] = (tree, make(tree))
        made: Made = self._kept[key][1]
        return made


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees in the order of their growth.

    Attributes:
        trees: as the library holds them, or their numbers; the first ones at least.
        total: how many there are.
        speaks: the output that each tree of a step speaks for; -1 for all. There are as many trees in a step.
        says, strict: as `core.found.Trees` has them.
        grow: reads one off.
        importances: what each input does, and its deviation over the trees or None; shape (inputs,), of any scale.
            None where there is no such thing.
        measure: what kind they are of, as `core.found.Importances` has it. kind: as `core.found.Trees` has it.
        alone: whether the model is a single tree.
        votes: shape (trees,): how much each counts; None where all count alike.
    """

    trees: Sequence[Any]
    total: int
    says: Says
    grow: Callable[[Any], Grown]
    importances: Callable[[Known], tuple[Floats, Floats | None]] | None
    measure: str
    speaks: tuple[int, ...] = (-1,)
    strict: bool = False
    alone: bool = False
    kind: str = "tree"
    votes: Floats | None = None


def spoken_for(codes: tuple[int, ...], each: int) -> tuple[int, ...]:
    """The outputs that the trees of a step speak for: of two classes the second, of more each in turn."""
    return codes if each == len(codes) else (codes[-1],)


def averaged(shares: Sequence[Floats], weights: Floats | None = None) -> tuple[Floats, Floats | None]:
    """What each input does over all trees, from what it does in each, and the deviation of that, both for a sum of 1.

    Args:
        shares: of each tree, shape (inputs,).
        weights: of the trees, where they do not count alike.
    """
    every = np.stack(shares)
    if weights is not None and not weights.sum() > 0:
        weights = None
    mean = np.average(every, axis=0, weights=weights)
    whole = mean.sum()
    if not whole > 0:
        return np.zeros_like(mean), None
    return mean / whole, every.std(axis=0) / whole if len(every) > 1 else None
