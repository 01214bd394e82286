"""What a run would cost, from a rehearsal of it that was cut short: how measured figures are extrapolated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mltui.core.events import STEPS
from mltui.core.experiment import Experiment
from mltui.record.state import RunState

SNAPSHOTS, SNAPSHOTS_ROOM = 24, 64_000_000
"""How many snapshots a long run keeps, and the bytes that they may take."""
GROWING = frozenset({"tree", "iteration"})
"""The axes along which the model itself grows."""
LEAST_POWER, MOST_POWER = 0.5, 4.0


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes:
        seconds: in all; preparing (libraries and data), training and closing (judging and saving) are its parts.
        memory: bytes of the worker at its peak. card_memory: of a graphics card's, 0 without one. disk: bytes of the
            run folder.
        whole: whether the rehearsal was the whole run, so that nothing is extrapolated.
        axis, steps, total: of how many steps in all, those of several models together, so many were measured; a total
            of None is not known, and then the figures are the least that it takes.
        models: how many are trained.
        rows: of the training part.
        fits: where too long a fit was timed on fewer rows, how many and the seconds of each.
        power: then, with which power of the rows the time grows.
        early: whether an early stop may end it sooner.
        threads: that the fit uses.
    """

    seconds: float
    preparing: float
    training: float
    closing: float
    memory: float
    disk: float
    whole: bool
    card_memory: float = 0.0
    axis: str = ""
    steps: float = 0.0
    total: float | None = None
    models: int = 1
    rows: int = 0
    fits: tuple[tuple[int, float], ...] = ()
    power: float | None = None
    early: bool = False
    threads: int = 0


@dataclass(frozen=True)
class Rehearsal:
    """A run that was cut short, as it was seen.

    Attributes:
        state: at its end.
        points: the share of the work that was done, with the seconds at which that was first seen, in order.
        disk: the bytes of its folder by what lies in it directly: model, snapshots, events.jsonl and so on.
        late: whether it was killed because nothing of the work was done in time; then it has no end.
    """

    state: RunState
    points: Sequence[tuple[float, float]] = ()
    disk: Mapping[str, int] = field(default_factory=dict)
    late: bool = False

    @property
    def rows(self) -> int:
        """Of the training part."""
        return int((self.state.started.get("parts") or {}).get("train") or 0)

    @property
    def all_rows(self) -> int:
        """Of all parts."""
        parts = (self.state.started.get("parts") or {}).values()
        return sum(rows for rows in parts if isinstance(rows, int))

    def figure(self, name: str) -> float:
        """A number of the resources event; 0 where it does not say."""
        return _number(self.state.resources, name)

    def phase(self, name: str) -> float:
        """The seconds of a part of the work."""
        phases = self.state.resources.get("phases")
        return _number(phases if isinstance(phases, Mapping) else {}, name)


def cost(experiment: Experiment, seen: Rehearsal) -> Cost:
    """The whole run from a rehearsal of it.

    What is done in a second is taken from the later part of what was timed, as the first steps are slow.
    """
    state = seen.state
    whole = state.phase == "finished"
    axis = str(state.started.get("axis", "step"))
    models = len(state.members)
    total = None if state.total is None else state.total * models
    known = whole or (total is not None and state.done > 0)
    share = 1.0 if whole or not known else state.done
    training = seen.phase("training") + ((1.0 - share) / pace(seen.points) if share < 1 else 0.0)
    longer = training / max(seen.phase("training"), 1e-9)
    grown = 1.0 / share if axis in GROWING else 1.0
    closing = seen.phase("closing") * grown
    parts = (seen.phase("preparing"), training, closing)
    return Cost(
        seconds=sum(parts),
        preparing=parts[0],
        training=training,
        closing=closing,
        memory=seen.figure("peak_memory") + (grown - 1.0) * seen.disk.get("model", 0),
        disk=sum(_disk(name, size, seen, 1.0 if whole else longer, grown) for name, size in seen.disk.items()),
        whole=whole,
        card_memory=seen.figure("card_memory"),
        axis=axis,
        steps=(total or 0.0) * share if total is not None else state.step,
        total=total,
        models=models,
        rows=seen.rows,
        early=not whole and bool(experiment.training.get("early_stopping")),
        threads=int(seen.figure("threads")),
    )


def pace(points: Sequence[tuple[float, float]]) -> float:
    """The share of the work that is done in a second.

    Args:
        points: (seconds, share), in order, at least one with a share above 0.
    """
    if len(points) < 2:
        seconds, share = points[-1]
        return share / max(seconds, 1e-9)
    first, last = points[0][0], points[-1][0]
    begin = next(place for place, point in enumerate(points) if point[0] >= first + 0.3 * (last - first))
    early = points[min(begin, len(points) - 2)]
    return (points[-1][1] - early[1]) / max(last - early[0], 1e-9)


def grown(rows: int, smaller: Sequence[Cost]) -> Cost:
    """The cost of a fit that takes too long to be timed, from whole runs on fewer rows.

    Memory and disk are taken to grow along a straight line, time as `growth` says.

    Args:
        rows: of the training part, of all of them.
        smaller: at least two, fewest rows first.
    """
    one, two = smaller[-2:]
    timed = [(found.rows, found.training) for found in smaller]
    base, factor, power = growth(timed)

    def straight(of_one: float, of_two: float) -> float:
        return of_two + max(0.0, of_two - of_one) / (two.rows - one.rows) * (rows - two.rows)

    training = base + factor * rows**power
    preparing, closing = straight(one.preparing, two.preparing), straight(one.closing, two.closing)
    return replace(
        two,
        seconds=preparing + training + closing,
        preparing=preparing,
        training=training,
        closing=closing,
        memory=straight(one.memory, two.memory),
        disk=straight(one.disk, two.disk),
        whole=False,
        rows=rows,
        total=None,
        fits=tuple(timed),
        power=power,
    )


def growth(timed: Sequence[tuple[int, float]]) -> tuple[float, float, float]:
    """c, a and p of seconds = c + a rows^p through the smallest and the two largest of timed fits.

    With two of them c is 0. The power is kept within `LEAST_POWER` and `MOST_POWER`.

    Args:
        timed: rows and seconds, at least two, fewest rows first.
    """
    (fewest, base), (few, one), (many, two) = timed[0], timed[-2], timed[-1]
    if len(timed) == 2 or not base < one < two:
        power = math.log(max(two, 1e-3) / max(one, 1e-3)) / math.log(many / few)
        power = min(max(power, LEAST_POWER), MOST_POWER)
        return 0.0, two / many**power, power
    ratio = (two - base) / (one - base)
    low, high = LEAST_POWER, MOST_POWER
    for _ in range(50):  # the right side grows with the power
        power = (low + high) / 2
        smaller = (many / fewest) ** power - 1.0 < ratio * ((few / fewest) ** power - 1.0)
        low, high = (power, high) if smaller else (low, power)
    factor = (two - base) / (float(many) ** power - float(fewest) ** power)
    return base - factor * fewest**power, factor, power


def _disk(name: str, size: int, seen: Rehearsal, longer: float, grown: float) -> float:
    """What a part of the run folder will take in the end."""
    if name == "events.jsonl":
        return size * longer
    if name == "snapshots":
        kept = max(1, len(seen.state.snapshots))
        return size if longer <= 1 else min(size * max(1.0, SNAPSHOTS / kept), max(SNAPSHOTS_ROOM, size))
    return size * grown if name == "model" else size


def steps_of(axis: str) -> bool:
    """Whether one model grows along an axis, so that it can be stopped half way; else each point is a whole fit."""
    return axis in STEPS


def _number(found: Mapping[str, Any], name: str) -> float:
    value = found.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
