"""The score histogram: which scores each class gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.text import Text

from mltui.core.snapshot import Scores
from mltui.core.table import Floats
from mltui.plots.words import metric, number, threshold
from mltui.views.base import Change, Key
from mltui.views.cutting import cut_table
from mltui.views.derived import judged, remembered
from mltui.views.numbers_of import Numbers, Table, Value
from mltui.views.scored import ScoredView, fits
from mltui.views.shown import Shown

if TYPE_CHECKING:
    from mltui.evaluation.calibration import Calibration
    from mltui.evaluation.cuts import Cuts
    from mltui.evaluation.histogram import Histogram
    from mltui.evaluation.overtraining import Overtraining
    from mltui.evaluation.rarity import Probability, Rarity
    from mltui.plots.pinned import Pin


MOST_OUTLINES = 3
"""With more classes their outlines hide each other."""
_TOLD = 14
"""From this height on there is room to say how train and validation agree."""
_HEADINGS = {
    "calibration": "Calibration",
    "probability": "Signal probability",
    "rarity": "Rarity",
    "cuts": "Cut efficiencies",
}


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
        "new ones, which is overtraining. The lines below test it, weighted: KS p is the probability of so large a "
        "distance between two samples of one distribution (Kolmogorov, Smirnov), χ² p the same of their histograms; a "
        "small one says that they differ. With many classes there are two hills instead, of the rows whose answer is "
        "right and of those whose answer is wrong, over the score that their true class got.\n\n"
        "f goes on to the calibration: of all rows said to be signal with 0.8, are eight in ten? Points on the dim "
        "line keep their word, below it the model is too sure; the error is how far they lie off it in the mean, each "
        "by its weight. Then to the probability of signal by score, as if both classes were as many; to the rarity, by "
        "which the background is flat and signal stands at 1; and to what is kept above each cut.\n\n"
        "The arrow down marks a bin, left and right move the mark, enter opens the rows in it one by one, the arrow up "
        "lets go. Letters are rows that you pinned in Events.\n\n"
        "Try next: move the line with [ and ], and choose where it costs you least."
    )

    forms = ("scores", "calibration", "probability", "rarity", "cuts")

    @classmethod
    def forms_of(cls, shown: Shown) -> tuple[str, ...]:
        """The others than the histogram and the calibration are of a signal and a background."""
        return cls.forms if len(shown.classes) == 2 else cls.forms[:2]

    @classmethod
    def heading(cls, shown: Shown) -> str:
        """What is drawn."""
        return _HEADINGS.get(cls.form(shown), cls.title)

    keys = (
        Key("down,j", "mark", 0, "Mark the bin at the threshold"),
        Key("up,k", "release", 0, "Let the marked bin go"),
        Key("right", "along", 1, "The bin to the right of the marked one"),
        Key("left", "along", -1, "The bin to the left of the marked one"),
        Key("enter", "open", 0, "The events of the marked bin"),
    )

    @classmethod
    def headline(cls, shown: Shown) -> str:
        """The threshold, where there is one, and whether train and validation agree."""
        from mltui.plots.agreement import verdict

        told = f"t {threshold(shown.threshold)}" if len(shown.classes) == 2 else ""
        if cls.form(shown) == "calibration":
            error = _calibrations(shown)[-1][1].expected_error
            said = "" if error is None else f"error {metric('calibration', error)}"
            return "  ".join(filter(None, (told, said)))
        found = _overtraining(shown) if cls.form(shown) in ("scores", "rarity") else None
        return "  ".join(filter(None, (told, verdict(found) if found else "")))

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
        form = self.form(shown)
        if form == "probability":
            return _draw_probability(shown, width, height)
        if form == "calibration":
            return _draw_calibration(shown, width, height)
        if form == "cuts":
            return _draw_cuts(shown, width, height)
        return _draw_histograms(shown, width, height, rare=form == "rarity")

    @classmethod
    def numbers(cls, shown: Shown) -> Numbers:
        """Of each part what is drawn, and the tests of their agreement."""
        if not cls.ready(shown):
            return Numbers()
        form = cls.form(shown)
        if form == "probability":
            tables = [_probability_table(name, found) for name, found in _probabilities(shown)]
        elif form == "calibration":
            tables = [_calibration_table(name, found) for name, found in _calibrations(shown)]
        elif form == "cuts":
            tables = [cut_table(found, None, shown, name) for name, found in _part_cuts(shown)]
        else:
            tables = [_histogram_table(name, groups, form) for name, groups in _groups(shown, rare=form == "rarity")]
        values: dict[str, Value] = {"threshold": shown.threshold} if len(shown.classes) == 2 else {}
        found = _overtraining(shown)
        calibrated = {f"calibration_error {name}": one.expected_error for name, one in _calibrations(shown)}
        return Numbers({**values, **calibrated, **(found.document() if found else {})}, tables)

    def mark(self, _by: int, shown: Shown, width: int, _height: int) -> Change | None:
        """Mark the bin at the threshold, of many classes the first one."""
        if shown.picked.bins is not None or self.form(shown) != "scores":
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


def _draw_histograms(shown: Shown, width: int, height: int, *, rare: bool) -> list[Text]:
    from mltui.plots.agreement import agreement
    from mltui.plots.scores import score_histogram

    parts, binary = _groups(shown, rare=rare), len(shown.classes) == 2
    found = _overtraining(shown)  # the title asks for it, and must find it there: a picture may be drawn in a thread
    below = agreement(found, width, shown.look) if found and height >= _TOLD else []
    at: float | None = shown.threshold if binary else None
    said, short = ("score" if binary else "score of the true class"), "score"
    if rare:
        at, said, short = _rare_threshold(shown), "rarity: the background that scores less", "rarity"
    rows = score_histogram(
        parts[0][1], width, height - len(below), shown.look,
        over=parts[1][1] if len(parts) > 1 else (), threshold=at, x_label=said, x_short=short,
        pins=() if rare else pins_at_scores(shown), marked=None if rare else _span(shown),
    )  # fmt: skip
    return [*rows, *below]


def _draw_probability(shown: Shown, width: int, height: int) -> list[Text]:
    from mltui.plots.probability import probability_curve

    parts, signal = _probabilities(shown), shown.classes[1]
    return probability_curve(parts, width, height, shown.look, threshold=shown.threshold, signal=signal)


def _draw_calibration(shown: Shown, width: int, height: int) -> list[Text]:
    from mltui.plots.calibration import calibration_curve

    binary = len(shown.classes) == 2
    return calibration_curve(
        _calibrations(shown), width, height, shown.look,
        signal=shown.classes[1] if binary else "", threshold=shown.threshold if binary else None,
    )  # fmt: skip


def _draw_cuts(shown: Shown, width: int, height: int) -> list[Text]:
    from mltui.plots.cuts import cut_curves

    parts, classes = _part_cuts(shown), (shown.classes[0], shown.classes[1])
    part, found = parts[-1] if parts else ("", None)
    here = None if found is None else _here(found, _parts(shown)[-1][1], shown.threshold)
    return cut_curves(
        found, width, height, shown.look, threshold=shown.threshold, here=here, part=part, classes=classes
    )  # fmt: skip


def _here(found: Cuts, scores: Scores, threshold: float) -> Cuts:
    """The cut at the threshold, from all rows."""
    own = [scores.weights[(scores.scores > threshold) & (scores.target == code)] for code in (1, 0)]
    (signal, signal_error), (background, background_error) = ((w.sum(), np.sqrt((w**2).sum())) for w in own)
    return found.of_sums(float(signal), float(signal_error), float(background), float(background_error))


def _parts(shown: Shown) -> list[tuple[str, Scores]]:
    """Train, where it is there, then the part to judge by."""
    part = judged(shown)
    assert part is not None
    assert shown.snapshot is not None
    train = shown.snapshot.scores.get("train")
    if part[0] == "validation" and train is not None and len(train.target) and fits(train, shown):
        return [("train", train), part]
    return [part]


def _groups(shown: Shown, *, rare: bool) -> list[tuple[str, tuple[Histogram, ...]]]:
    """The histograms of each part by class; with many classes by whether the answer is right."""
    parts = _parts(shown)
    if rare:
        return [(name, _by_rarity(scores, parts[0][1], shown.classes)) for name, scores in parts]
    histograms = _by_answer if len(shown.classes) > MOST_OUTLINES else _by_class
    return [(name, histograms(scores, shown.classes)) for name, scores in parts]


def _probabilities(shown: Shown) -> list[tuple[str, Probability]]:
    from mltui.evaluation.rarity import signal_probability

    pairs = [(name, _by_class(scores, shown.classes)) for name, scores in _parts(shown)]
    return [(name, signal_probability(signal, background)) for name, (background, signal) in pairs]


def _calibrations(shown: Shown) -> list[tuple[str, Calibration]]:
    return [(name, _calibration(scores)) for name, scores in _parts(shown)]


def _part_cuts(shown: Shown) -> list[tuple[str, Cuts]]:
    found = [(name, _cuts(scores)) for name, scores in _parts(shown)]
    return [(name, one) for name, one in found if one is not None]


def _overtraining(shown: Shown) -> Overtraining | None:
    """How train and validation agree, where there are both."""
    parts = _parts(shown)
    return _compared(parts[0][1], parts[1][1], shown.classes) if len(parts) > 1 else None


def _rare_threshold(shown: Shown) -> float | None:
    value = float(_rarity(_parts(shown)[0][1]).of(np.array([shown.threshold]))[0])
    return value if np.isfinite(value) else None


def _histogram_table(part: str, groups: Sequence[Histogram], form: str) -> Table:
    edges = groups[0].edges
    columns: dict[str, Any] = {form: edges[1:] / 2 + edges[:-1] / 2}
    for group in groups:
        columns |= {group.label: group.density, f"{group.label} sum": group.sums, f"{group.label} error": group.errors}
    return Table(part, columns, "step", form, form, "density")


def _calibration_table(part: str, found: Calibration) -> Table:
    columns = {"said": found.said, "true": found.true, "error": found.errors, "sum of weights": found.sums}
    return Table(part, columns, "points", "said", "probability said", "share that is true")


def _probability_table(part: str, found: Probability) -> Table:
    columns = {"score": found.scores, "probability": found.values, "error": found.errors}
    return Table(part, columns, "points", "score", "score", "probability of signal, were both as many")


@remembered
def _compared(train: Scores, validation: Scores, classes: tuple[str, ...]) -> Overtraining:
    from mltui.evaluation.overtraining import compared

    return compared(train, validation, classes)


@remembered
def _calibration(scores: Scores) -> Calibration:
    from mltui.evaluation.calibration import calibration

    return calibration(scores)


@remembered
def _cuts(scores: Scores) -> Cuts | None:
    from mltui.evaluation.cuts import cuts

    return cuts(scores)


@remembered
def _rarity(reference: Scores) -> Rarity:
    from mltui.evaluation.rarity import Rarity

    own = reference.target == 0
    return Rarity(reference.scores[own], reference.weights[own])


@remembered
def _by_rarity(scores: Scores, reference: Scores, classes: tuple[str, ...]) -> tuple[Histogram, ...]:
    from mltui.evaluation.rarity import rarity_histograms

    return rarity_histograms(scores, reference, classes)


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
