"""Looks for rectangular cuts by differential evolution: the least background at a given signal efficiency.

The task, its constraint and the archive of efficiencies are those of TMVA's MethodCuts (TMVA Users Guide, arXiv
physics/0703039, section 8.1), with scipy's differential evolution (Storn and Price, J. Global Optimization 11 (1997)
341) as the genetic algorithm. Bounds are looked for at quantiles of each class, for which the rows that pass are
known beforehand, bit by bit: what a rectangle lets through is then a logical and of few bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats
from mltui.models.rectangles import Rectangles

Sides = Literal["both", "lower", "upper"]
Bits = NDArray[np.uint8]
Places = NDArray[np.intp]
QUANTILES = 100
"""Of each class and input, as many bounds are tried."""
_SLACK = 1e-6
"""By so much a rectangle may miss its efficiency: sums are in single precision."""
_CONVERGED = 1e-4
_AT_ONCE = 20_000_000
"""Of so many rows in all rectangles is the sum taken at once."""


@dataclass(frozen=True)
class CutSearch:
    """How rectangles are looked for.

    Attributes:
        efficiencies: how many, evenly apart between 0 and 1.
        sides: which bounds an input may have.
        nested: whether each rectangle lies in the next looser one.
        population: rectangles that live at once.
        generations: steps of the evolution at most, for each efficiency.
    """

    efficiencies: int
    sides: Sides
    nested: bool
    population: int
    generations: int
    seed: int

    def search(
        self, x: NDArray[np.floating], signal: NDArray[np.bool_], weights: Floats, goes_on: Callable[[int, int], bool]
    ) -> Iterator[Rectangles]:
        """The rectangles found so far, after each that is found: first the middle one, then those between two.

        Args:
            x: shape (rows, inputs). signal: shape (rows,).
            weights: shape (rows,), of a positive sum in each class; negative ones count as such.
            goes_on: asked after each generation, with the number of rectangles found and that of the generation,
                whether to go on; where not, the best so far is the last.
        """
        sample = _Sample(x, signal, weights)
        targets = np.arange(1, self.efficiencies + 1) / (self.efficiencies + 1)
        found: dict[int, Places] = {}
        stopped = False

        def asked(generation: int) -> bool:
            nonlocal stopped
            stopped = not goes_on(len(found), generation)
            return stopped

        for place in halving(self.efficiencies):
            found[place] = self._evolved(sample, targets, place, found, asked)
            kept = sorted(found)
            yield Rectangles(targets[kept], *sample.bounds(np.array([found[key] for key in kept])))
            if stopped:
                return

    def _evolved(
        self, sample: _Sample, targets: Floats, place: int, found: dict[int, Places], asked: Callable[[int], bool]
    ) -> Places:
        """The best rectangle of one efficiency, as places of bounds, shape (2, inputs)."""
        from scipy.optimize import differential_evolution

        tighter = found.get(max((key for key in found if key < place), default=-1))
        looser = found.get(min((key for key in found if key > place), default=-1), sample.whole)
        space = _Space(sample, self.sides, looser, tighter if self.nested else None, nested=self.nested)
        luck = np.random.default_rng([self.seed, place])
        generation = 0

        def after(*_: Any, **__: Any) -> bool:
            nonlocal generation
            generation += 1
            return asked(generation)

        if space.empty:
            return looser
        done = differential_evolution(
            lambda parameters: sample.badness(space.places(parameters.T), targets[place]),
            space.limits,
            init=space.first(self.population, luck, [looser, *([] if tighter is None else [tighter])]),
            maxiter=self.generations,
            tol=_CONVERGED,
            polish=False,
            vectorized=True,
            updating="deferred",
            seed=luck,
            callback=after,
        )
        return space.relaxed(space.places(done.x[None])[0], lambda places: sample.badness(places, targets[place]))


def halving(count: int) -> list[int]:
    """The numbers below count, from coarse to fine: the middle, the middles of both halves, and so on.

    >>> halving(7)
    [3, 1, 5, 0, 2, 4, 6]
    """
    found: list[int] = []
    parts = [(0, count)]
    while parts:
        first, last = parts.pop(0)
        if first < last:
            middle = (first + last) // 2
            found.append(middle)
            parts += [(first, middle), (middle + 1, last)]
    return found


class _Sample:
    """The rows, and which of them lie above each bound that may be drawn.

    Attributes:
        whole: the rectangle without bounds.
    """

    def __init__(self, x: NDArray[np.floating], signal: NDArray[np.bool_], weights: Floats) -> None:
        parts = [np.flatnonzero(signal), np.flatnonzero(~signal)]
        self._weights = [(weights[rows] / weights[rows].sum()).astype(np.float32) for rows in parts]
        self._edges = [_edges([column[rows] for rows in parts]) for column in x.T]
        self._above = [
            [_above(column[rows], edges) for column, edges in zip(x.T, self._edges, strict=True)] for rows in parts
        ]
        last = np.array([len(edges) - 1 for edges in self._edges])
        self.whole: Places = np.array([np.zeros_like(last), last])

    def bounds(self, places: Places) -> tuple[Floats, Floats]:
        """The values of bounds at places of shape (rectangles, 2, inputs): lower and upper, (rectangles, inputs)."""
        values = np.stack([edges[places[..., n]] for n, edges in enumerate(self._edges)], axis=-1)
        return values[:, 0], values[:, 1]

    def badness(self, places: Places, efficiency: float) -> Floats:
        """Of each rectangle the background efficiency, or more than that where it holds too little of the signal.

        A negative sum of the background counts as none, as in TMVA.
        """
        signal, background = (self._efficiencies(places, part) for part in range(2))
        missing = np.maximum(efficiency - _SLACK - signal, 0)
        return np.where(missing > 0, 1 + np.maximum(background, 1) + missing, np.maximum(background, 0))

    def _efficiencies(self, places: Places, part: int) -> Floats:
        """The shares of a class, shape (rectangles,), that are in rectangles of shape (rectangles, 2, inputs)."""
        above = self._above[part]
        inside = np.full((len(places), above[0].shape[1]), 255, np.uint8)
        for n, table in enumerate(above):
            inside &= table[places[:, 0, n]]
            inside &= ~table[places[:, 1, n]]
        weights = self._weights[part]
        several = max(1, _AT_ONCE // len(weights))
        sums = [
            np.unpackbits(inside[first : first + several], axis=1, count=len(weights)).astype(np.float32) @ weights
            for first in range(0, len(places), several)
        ]
        return np.concatenate(sums).astype(np.float64)


class _Space:
    """Where the evolution looks: the places of the bounds that are free, as numbers.

    Attributes:
        limits: the least and the largest of each.
        empty: whether none is free.
    """

    def __init__(self, sample: _Sample, sides: Sides, looser: Places, tighter: Places | None, *, nested: bool) -> None:
        outer = looser if nested else sample.whole
        inner = outer[::-1] if tighter is None else tighter
        least, most = np.minimum(outer, inner), np.maximum(outer, inner)
        free = np.zeros(outer.shape, bool)
        free[{"both": [0, 1], "lower": [0], "upper": [1]}[sides]] = True
        free &= most > least
        self._free, self._fixed = free, outer
        self.limits = [(float(a), float(b)) for a, b in zip(least[free], most[free], strict=True)]
        self.empty = not self.limits

    def places(self, parameters: Floats) -> Places:
        """The places of bounds, shape (rectangles, 2, inputs), of numbers of shape (rectangles, free bounds)."""
        found = np.broadcast_to(self._fixed, (len(parameters), *self._fixed.shape)).copy()
        found[:, self._free] = np.rint(parameters).astype(np.intp)
        return np.sort(found, axis=1)

    def relaxed(self, found: Places, badness: Callable[[Places], Floats]) -> Places:
        """The rectangle, shape (2, inputs), without those bounds that keep nothing out."""
        for bound in np.argwhere(self._free):
            looser = found.copy()
            looser[tuple(bound)] = self._fixed[tuple(bound)]
            before, after = badness(np.array([found, looser]))
            found = looser if after <= before else found
        return found

    def first(self, population: int, luck: np.random.Generator, known: list[Places]) -> Floats:
        """The first generation, shape (rectangles, free bounds): what is known, and what chance draws about it.

        Most bounds of a rectangle drawn are those of the looser one, since many cuts at once let no signal through.
        """
        least, most = np.array(self.limits).T
        start = np.clip([rectangle[self._free] for rectangle in known], least, most).astype(np.float64)
        drawn = luck.uniform(least, most, (population, len(least)))
        kept = luck.random(drawn.shape) < luck.random((len(drawn), 1))
        drawn[kept] = np.broadcast_to(start[0], drawn.shape)[kept]
        drawn[: len(start)] = start
        return drawn


def _edges(classes: list[NDArray[np.floating]]) -> Floats:
    """The bounds that may be drawn: below quantiles of each class, between no bound below and none above.

    They lie halfway to the next smaller value, so that no row is decided by rounding.
    """
    shares = np.arange(1, QUANTILES) / QUANTILES
    values = np.unique(np.concatenate(classes)).astype(np.float64)
    drawn = np.concatenate([np.quantile(own, shares, method="nearest") for own in classes])
    places = np.unique(np.searchsorted(values, drawn))
    places = places[places > 0]
    return np.concatenate([[-np.inf], (values[places - 1] + values[places]) / 2, [np.inf]])


def _above(values: NDArray[np.floating], edges: Floats) -> Bits:
    """Which rows lie at or above each edge, shape (edges, rows / 8), as bits."""
    return np.packbits(values[None, :] >= edges[:, None], axis=1)
