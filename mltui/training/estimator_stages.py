"""The scores of an ensemble while it grows, each member asked only once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mltui.core.table import Floats
from mltui.inference.fitted import Inputs

Add = Callable[[Any, Any, int, int], None]


class Stages:
    """The scores of an ensemble that grows: rows that are asked for again cost only the members added since.

    Args:
        prepare: the rows as `add` wants them, and the raw sums of no member, such as zeros, shape (rows, outputs).
        add: adds the members first to last - 1 to the raw sums in place.
        finish: scores from the raw sums of so many members.
        known: the scores of rows that the library itself has followed so far; None of other rows.
    """

    _REMEMBERED = 8
    """Arrays whose sums are kept: the samples of both parts for curves and pictures, and the decision surface."""

    def __init__(
        self,
        prepare: Callable[[Inputs], tuple[Any, Any]],
        add: Add,
        finish: Callable[[Any, int], Floats],
        known: Callable[[Inputs], Floats | None] = lambda x: None,
    ) -> None:
        self.count = 0
        self._followed = known
        self._prepare, self._add, self._finish = prepare, add, finish
        self._known: dict[int, _Sums] = {}

    def predict(self, x: Inputs) -> Floats:
        """Scores of the ensemble as it is now; arrays asked for must not be changed in place in between."""
        followed = self._followed(x)
        if followed is not None:
            return followed
        sums = self._known.pop(id(x), None)
        if sums is None or sums.x is not x or sums.count > self.count:
            sums = _Sums(x, *self._prepare(x))
        self._known[id(x)] = sums
        if len(self._known) > self._REMEMBERED:
            del self._known[next(iter(self._known))]
        if len(x):
            self._add(sums.raw, sums.prepared, sums.count, self.count)
        sums.count = self.count
        return self._finish(sums.raw, self.count)


class _Sums:
    """The raw sums of one array over the first `count` members."""

    def __init__(self, x: Inputs, prepared: Any, raw: Any) -> None:
        self.x, self.prepared, self.raw = x, prepared, raw
        self.count = 0
