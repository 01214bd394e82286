"""How many events each process stands for: in all rows, and as the rows of one part tell, scaled up to the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mltui.core.process import Process
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers, Table
from mltui.evaluation.events import effective
from mltui.evaluation.ranked import Sums
from mltui.evaluation.sums import ByPlace

CHUNK = 250_000
Number = float | None


@dataclass(frozen=True)
class Yield:
    """What the rows of one part say of one process.

    Attributes:
        name, label: the process and the class of its rows.
        rows: those of the part that have a weight.
        effective: the rows of weight one that would say as much, (sum w)^2 / sum w^2.
        expected: the events of the whole data.
        error: its statistical error as the part knows it, the root of the sum of squared weights, scaled.
        selected_rows: the rows above the threshold.
        selected: the events above the threshold, scaled; selected_error: its statistical error.
        scale: the whole's sum of weights over the part's. None where the part has no row of the process or a sum of
            weights of another sign; nothing can be said of what is selected then.

    What is selected is None where there are not two classes.
    """

    name: str
    label: str
    rows: int
    effective: float
    expected: float
    error: Number
    selected_rows: int | None
    selected: Number
    selected_error: Number
    scale: Number


@dataclass(frozen=True)
class Yields:
    """The yields of all processes at a threshold, and what the signal's and the background's come to.

    Attributes:
        signal, background: the selected events of the second and of the first class; None without two classes.
        signal_error, background_error: their statistical errors.
        left_out: the processes that the part says nothing of, which are in neither.
        all_signal, all_background: the expected events of all rows, whatever their score.
    """

    threshold: float
    processes: tuple[Yield, ...]
    signal: Number
    background: Number
    signal_error: Number
    background_error: Number
    left_out: tuple[str, ...] = ()
    all_signal: Number = None
    all_background: Number = None

    @property
    def s_over_sqrt_b(self) -> Number:
        """S / √B; None where there is no background or less than none."""
        return significance(self.signal, self.background)

    @property
    def s_over_sqrt_sb(self) -> Number:
        """S / √(S + B)."""
        return significance(self.signal, _plus(self.signal, self.background))

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "threshold": self.threshold,
            "processes": [asdict(found) for found in self.processes],
            "signal": self.signal,
            "signal_error": self.signal_error,
            "background": self.background,
            "background_error": self.background_error,
            "s_over_sqrt_b": self.s_over_sqrt_b,
            "s_over_sqrt_sb": self.s_over_sqrt_sb,
            "left_out": list(self.left_out),
            "no_cut": {
                "signal": self.all_signal,
                "background": self.all_background,
                "s_over_sqrt_b": significance(self.all_signal, self.all_background),
                "s_over_sqrt_sb": significance(self.all_signal, _plus(self.all_signal, self.all_background)),
            },
        }


def _plus(one: Number, other: Number) -> Number:
    return None if one is None or other is None else one + other


def significance(signal: Number, under: Number) -> Number:
    """A number of events over the root of another, in standard deviations; None where that is not positive."""
    if signal is None or under is None or not under > 0:
        return None
    return float(signal / np.sqrt(under))


def processes(table: Table) -> tuple[Process, ...]:
    """Every process of a table with what all its rows add up to.

    Where the samples declare none, each class is one. A process with rows of two classes is two, ``name, class``; one
    without rows is none. The columns may be memory maps.
    """
    if not (table.classes or table.processes):
        return ()
    labels = table.classes or ("",)
    sums = ByPlace(max(1, len(table.processes)) * len(labels))
    coded = bool(table.classes)
    for part in _slices(len(table)):
        codes = np.asarray(table.target[part]).astype(np.int64) if coded else np.zeros(part.stop - part.start, np.int64)
        if table.processes:
            codes = codes + len(labels) * np.asarray(table.process[part]).astype(np.int64)
        sums.add(codes, np.ones(len(codes)) if table.weights is None else np.array(table.weights[part]))
    return tuple(_named(table.processes, labels, sums))


def _named(names: Sequence[str], labels: Sequence[str], sums: ByPlace) -> Iterator[Process]:
    for place, name in enumerate(names or ("",)):
        cells = range(place * len(labels), (place + 1) * len(labels))
        held = [cell for cell in cells if sums.rows[cell]] if names else list(cells)
        for cell in held:
            label = labels[cell % len(labels)]
            own = label if not names else name if len(held) == 1 else f"{name}, {label}"
            yield Process(own, label, int(sums.rows[cell]), float(sums.first[cell]), _effective(sums, cell))


def places(scores: Scores, processes: Sequence[Process], names: tuple[str, ...], classes: tuple[str, ...]) -> Integers:
    """Which of the processes each row belongs to, shape (rows,); -1 for none of them.

    Args:
        scores: of any rows.
        processes: as `processes` gives them.
        names: what `scores.process` is an index into; none where the classes are the processes.
        classes: what `scores.target` is an index into; none for a regression.
    """
    labels = classes or ("",)
    known = {(process.name, process.label): place for place, process in enumerate(processes)}
    cells = [
        known.get((name or label, label), known.get((f"{name}, {label}", label), -1))
        for name in names or ("",)
        for label in labels
    ]
    codes = scores.target.astype(np.int64) if classes else np.zeros(len(scores), np.int64)
    if names and not len(scores.process):
        return np.full(len(scores), -1)
    if names:
        codes = codes + len(labels) * scores.process.astype(np.int64)
    return np.array(cells, np.int64)[codes]


def scales_of(processes: Sequence[Process], at: Integers, weights: Floats) -> tuple[Number, ...]:
    """The whole over the part of each process; None where the part has nothing of it, or another sign.

    Args:
        processes: of all rows.
        at: shape (rows,): the process of each row of the part, as `places` gives it.
        weights: shape (rows,).
    """
    sums = ByPlace(len(processes))
    for part in _slices(len(at)):
        sums.add(at[part], weights[part])
    return _scales(processes, sums.first)


def _scales(processes: Sequence[Process], sums: Floats) -> tuple[Number, ...]:
    with np.errstate(all="ignore"):
        found = np.array([process.total for process in processes]) / sums
    return tuple(float(scale) if np.isfinite(scale) and scale > 0 else None for scale in found)


def same(one: Process | Yield, other: Process | Yield) -> bool:
    """Whether two tables' processes are one; of two classes in one table, it may have rows of one in another."""
    if one.label != other.label:
        return False
    return one.name in (other.name, f"{other.name}, {other.label}") or other.name == f"{one.name}, {one.label}"


def yields(
    scores: Scores,
    processes: Sequence[Process],
    names: tuple[str, ...],
    classes: tuple[str, ...],
    threshold: float = 0.5,
) -> Yields:
    """What the rows of one part say of the expected events of each process, and of those above a threshold.

    Each process is scaled by the whole over the part: by its sum of weights in all rows over that in the part, so that
    the yields of a fifth of the data are those of all data. Selected is a row whose score lies above the threshold.

    Args:
        scores: what the model says of the part; its arrays may be memory maps.
        processes: of all rows, as `processes` gives them.
        names: what `scores.process` is an index into: `Table.processes`.
        classes: the labels; with two, the second is the signal.
        threshold: of the score.
    """
    two = len(classes) == 2 and scores.scores.ndim == 1
    every, chosen = ByPlace(len(processes)), ByPlace(len(processes))
    for part in _slices(len(scores)):
        rows = scores.take(np.arange(part.start, part.stop))
        at = places(rows, processes, names, classes)
        every.add(at, rows.weights)
        if two:
            chosen.add(np.where(rows.scores > threshold, at, -1), rows.weights)
    return of_sums(processes, classes, threshold, every, chosen if two else None)


def of_sums(
    processes: Sequence[Process],
    classes: tuple[str, ...],
    threshold: float,
    every: ByPlace,
    chosen: ByPlace | Sums | None,
) -> Yields:
    """The yields of a part from its sums by process.

    Args:
        processes: of all rows.
        classes: the labels; with two, the second is the signal.
        threshold: of the score.
        every: what all rows of the part come to.
        chosen: what those above the threshold come to; None without two classes.
    """
    two = chosen is not None
    found = _scaled(processes, every, chosen)
    sides: Mapping[str, tuple[Number, Number]] = {}
    if two:
        sides = {label: _together([one for one in found if one.label == label]) for label in classes}
    background, signal = (sides.get(label, (None, None)) for label in (classes if two else ("", "")))
    left_out = tuple(one.name for one in found if one.scale is None and _expects(one))
    totals = [sum(one.expected for one in found if one.label == label) if two else None for label in classes[:2]]
    background_total, signal_total = totals if two else (None, None)
    return Yields(
        threshold, found, signal[0], background[0], signal[1], background[1], left_out, signal_total, background_total
    )


def _expects(one: Yield) -> bool:
    return one.expected != 0 or one.rows > 0


def _scaled(processes: Sequence[Process], every: ByPlace, chosen: ByPlace | Sums | None) -> tuple[Yield, ...]:
    found = []
    for place, scale in enumerate(_scales(processes, every.first)):
        process = processes[place]
        selected = selected_error = None
        if chosen is not None and scale is not None:
            selected, selected_error = scale * float(chosen.first[place]), scale * chosen.error(place)
        found.append(
            Yield(
                name=process.name,
                label=process.label,
                rows=int(every.rows[place]),
                effective=_effective(every, place),
                expected=process.total,
                error=None if scale is None else scale * every.error(place),
                selected_rows=None if chosen is None else int(chosen.rows[place]),
                selected=selected,
                selected_error=selected_error,
                scale=scale,
            )
        )
    return tuple(found)


def _together(found: Sequence[Yield]) -> tuple[float, float]:
    """The sum of what is selected, and its error; what nothing is known of is left out."""
    known = [one for one in found if one.selected is not None]
    squares = sum(one.selected_error**2 for one in known if one.selected_error is not None)
    return sum(one.selected for one in known if one.selected is not None), float(np.sqrt(squares))


def _effective(sums: ByPlace, place: int) -> float:
    return effective(float(sums.first[place]), float(sums.second[place])) or 0.0


def _slices(rows: int) -> Iterator[slice]:
    return (slice(start, min(rows, start + CHUNK)) for start in range(0, rows, CHUNK))
