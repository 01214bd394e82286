"""The yields of one part at any threshold, from rows that are sorted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.evaluation.ranked import Ranked
from mltui.evaluation.sums import ByPlace
from mltui.evaluation.yields import Yields, of_sums, places


@dataclass(frozen=True, eq=False)
class RankedYields:
    """Rows by process.

    Attributes:
        processes: of all rows.
        classes: the labels.
        every: what all rows of the part come to.
        ranked: the rows by score; None without two classes.
    """

    processes: tuple[Process, ...]
    classes: tuple[str, ...]
    every: ByPlace
    ranked: Ranked | None

    def at(self, threshold: float) -> Yields:
        """What `yields.yields` gives at this threshold."""
        chosen = None if self.ranked is None else self.ranked.above(threshold)
        return of_sums(self.processes, self.classes, threshold, self.every, chosen)


def ranked_yields(
    scores: Scores, processes: Sequence[Process], names: tuple[str, ...], classes: tuple[str, ...]
) -> RankedYields:
    """Sort the rows of one part; the arguments are those of `yields.yields`, the arrays in memory."""
    at = places(scores, processes, names, classes)
    every = ByPlace(len(processes))
    every.add(at, scores.weights)
    two = len(classes) == 2 and scores.scores.ndim == 1
    ranked = Ranked(scores.scores, at, scores.weights, len(processes)) if two else None
    return RankedYields(tuple(processes), classes, every, ranked)
