"""The score histogram: which scores each class gets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.plots.words import number
from mltui.views.base import Change, Key
from mltui.views.derived import judged, remembered
from mltui.views.scored import ScoredView, fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.histogram import Histogram
    from mltui.plots.pinned import Pin


MOST_OUTLINES = 3
"""With more classes their outlines hide each other."""


class ScoresView(ScoredView):
    """Scores by class, train and validation, with the threshold."""

    name = "scores"
    title = "Scores"
    promise = "how the scores of each class spread"
    help = (
        "Shows how often each score is given, by class: bars for the rows the model learned from, points for the "
        "validation. The line is your threshold; what lies right of it counts as the positive class.\n\n"
        "Two hills far apart: the classes are told apart well. What lies on the wrong side of the line are the "
        "mistakes. Points that do not follow the bars of their class: the model knows its training rows better than "
        "new ones, which is overtraining. With many classes there are two hills instead, of the rows whose answer is "
        "right and of those whose answer is wrong, over the score that their true class got.\n\n"
        "The arrow down marks a bin, left and right move the mark, enter opens the rows in it one by one, the arrow up "
        "lets go. Letters are rows that you pinned in Events.\n\n"
        "Try next: move the line with [ and ], and choose where it costs you least."
    )

    keys = (
        Key("down,j", "mark", 0, "Mark the bin at the threshold"),
        Key("up,k", "release", 0, "Let the marked bin go"),
        Key("right", "along", 1, "The bin to the right of the marked one"),
        Key("left", "along", -1, "The bin to the left of the marked one"),
        Key("enter", "open", 0, "The events of the marked bin"),
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, where there is one."""
        return f"t {shown.threshold:.2f}" if len(shown.classes) == 2 else ""

    @classmethod
    def by_hand(cls, shown: Shown) -> tuple[object, ...]:
        """The threshold too, and what is marked and pinned."""
        return (*super().by_hand(shown), shown.threshold, shown.picked)

    @classmethod
    def hears(cls, method: str, shown: Shown) -> bool:
        """Before a bin is marked only the arrow that marks one."""
        return cls.ready(shown) and (method == "mark" or shown.picked.bins is not None)

    @classmethod
    def hints(cls, shown: Shown) -> tuple[tuple[str, str], ...]:
        """How to come from a bin to its rows."""
        if not cls.ready(shown) or shown.sample is None:
            return ()
        return (("↓", "mark a bin"),) if shown.picked.bins is None else (("←→", "bin"), ("↵", "its events"))

    def draw(self, shown: Shown, width: int, height: int) -> list[Text]:
        """Train as outlines with the validation as points on them; whichever there is, where there is only one."""
        from mltui.plots.scores import score_histogram

        part = judged(shown)
        assert part is not None
        assert shown.snapshot is not None
        binary = len(shown.classes) == 2
        histograms = _by_answer if len(shown.classes) > MOST_OUTLINES else _by_class
        groups = histograms(part[1], shown.classes)
        over: tuple[Histogram, ...] = ()
        train = shown.snapshot.scores.get("train")
        if part[0] == "validation" and train is not None and len(train.target) and fits(train, shown):
            groups, over = histograms(train, shown.classes), groups
        return score_histogram(
            groups, width, height, shown.look,
            over=over, threshold=shown.threshold if binary else None,
            x_label="score" if binary else "score of the true class", x_short="score",
            pins=pins_at_scores(shown), marked=_span(shown),
        )  # fmt: skip

    def mark(self, _by: int, shown: Shown, width: int, _height: int) -> Change | None:
        """Mark the bin at the threshold, of many classes the first one."""
        if shown.picked.bins is not None:
            return None
        from mltui.evaluation.histogram import bin_of

        edges = drawn_edges(shown)
        at = int(bin_of(np.array([shown.threshold]), edges)[0]) if len(shown.classes) == 2 else 0
        return self._to(max(at, 0), shown, width)

    def along(self, by: int, shown: Shown, width: int, _height: int) -> Change | None:
        """To the bin beside."""
        bins, together = shown.picked.bins, _together(shown, width)
        return None if bins is None else self._to((bins[0] // together + by) * together, shown, width)

    def release(self, _by: int, shown: Shown, _width: int, _height: int) -> Change:
        """Mark none."""
        return Change(picked=replace(shown.picked, bins=None))

    def open(self, _by: int, _shown: Shown, _width: int, _height: int) -> Change:
        """Its events."""
        return Change(forms={"events": "bin"}, front="events")

    def _to(self, place: int, shown: Shown, width: int) -> Change:
        together, bins = _together(shown, width), len(drawn_edges(shown)) - 1
        first = max(0, min(place, bins - 1)) // together * together
        return Change(picked=replace(shown.picked, bins=(first, first + together)))


def _together(shown: Shown, width: int) -> int:
    """How many bins a picture of this width draws as one."""
    from mltui.plots.scores import bins_together

    assert shown.snapshot is not None
    train, part = shown.snapshot.scores.get("train"), judged(shown)
    over = part is not None and part[0] == "validation" and train is not None and len(train.target) > 0
    return bins_together(len(drawn_edges(shown)) - 1, width, points=over)


def drawn_edges(shown: Shown) -> Floats:
    """The edges of the bins of the part to judge by, shape (bins + 1,), before any are drawn as one."""
    part = judged(shown)
    assert part is not None
    return (_by_answer if len(shown.classes) > MOST_OUTLINES else _by_class)(part[1], shown.classes)[0].edges


def _span(shown: Shown) -> tuple[float, float] | None:
    """From which to which score a bin is marked."""
    edges, bins = drawn_edges(shown), shown.picked.bins
    if bins is None or bins[1] >= len(edges):
        return None
    return float(edges[bins[0]]), float(edges[bins[1]])


def span_said(shown: Shown) -> str:
    """The marked stretch in words; empty where none is."""
    span = _span(shown)
    return "" if span is None else f"{number(span[0])} to {number(span[1])}"


def pins_at_scores(shown: Shown) -> list[Pin]:
    """The pinned events of the part to judge by, at their scores."""
    from mltui.plots.pinned import Pin

    part = judged(shown)
    if part is None or shown.sample is None or part[0] not in shown.sampled:
        return []
    values = _values(shown.sampled[part[0]])
    found = ((letter, shown.sample.find(place)) for letter, place in shown.picked.pins)
    return [Pin(letter, float(values[at[1]])) for letter, at in found if at is not None and at[0] == part[0]]


@remembered
def _values(scores: Scores) -> Floats:
    from mltui.evaluation.picking import own_scores

    return scores.scores if scores.scores.ndim == 1 else own_scores(scores)


@remembered
def _by_class(scores: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.histogram import score_histograms

    return score_histograms(scores, classes)


@remembered
def _by_answer(scores: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.histogram import answer_histograms

    return answer_histograms(scores)
