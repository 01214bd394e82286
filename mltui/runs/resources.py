"""What a run and its machine use now and used lately: processors, memory, graphics cards; at most one look a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from mltui.data import cgroups, memory, processors
from mltui.record import process
from mltui.record.folder import RunFolder
from mltui.record.status import Status, read_status
from mltui.runs.cards import Card, cards

INTERVAL = 1.0
"""Seconds between two looks."""
KEPT = 300
"""So many of them are kept: five minutes."""


@dataclass(frozen=True)
class Moment:
    """One look.

    Attributes:
        when: seconds on a clock that never goes back.
        machine_processors: how many of the processors that may be used are busy, by whomever; None at the first look.
        free: bytes that may still be taken.
        processors: how many the run keeps busy; None where that is not known. memory: bytes that it holds, or None.
        card_memory: bytes that it holds on graphics cards, or None.
    """

    when: float
    machine_processors: float | None
    free: int
    processors: float | None = None
    memory: int | None = None
    card_memory: int | None = None


@dataclass(frozen=True, eq=False)
class Resources:
    """What is known after a look; a new value for each.

    Attributes:
        host: the machine that is told of. worker: the one the run is on, where that is another; else empty.
        share: the processors that may be used there. usable: the bytes of memory.
        samples: the oldest first.
        threads: that the run's process has now. peak: the most bytes it held; 0 where not known.
        cards: none where the machine has none, None where they cannot be asked about.
    """

    host: str
    worker: str
    share: int
    usable: int
    samples: tuple[Moment, ...]
    threads: int = 0
    peak: int = 0
    cards: tuple[Card, ...] | None = ()


class Meter:
    """Looks at one run and at this machine. It blocks on files, so it belongs in a thread."""

    def __init__(self, folder: RunFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._due = 0.0
        self._samples: deque[Moment] = deque(maxlen=KEPT)
        self._processes: dict[int, psutil.Process] = {}
        self._spent: tuple[int, float, float] | None = None
        self._busy: tuple[float, float] | None = None
        self._last: Resources | None = None

    def look(self) -> Resources:
        """What there is to say; the very same object until the next look is due."""
        now = self._clock()
        if self._last is None or now >= self._due:
            self._due = now + INTERVAL
            self._last = self._look(now)
        return self._last

    def _look(self, now: float) -> Resources:
        status = read_status(self._folder.status)
        found = cards()
        sample, threads = self._sample(now, status, found)
        self._samples.append(sample)
        elsewhere = status is not None and status.boot != process.boot()
        return Resources(
            host=process.host(),
            worker=status.host if status is not None and elsewhere else "",
            share=processors.share(),
            usable=_usable(),
            samples=tuple(self._samples),
            threads=threads,
            peak=max(status.peak_memory, sample.memory or 0) if status is not None else 0,
            cards=found,
        )

    def _sample(self, now: float, status: Status | None, found: tuple[Card, ...] | None) -> tuple[Moment, int]:
        sample = Moment(now, self._machine_busy(), memory.available())
        if status is None:
            return sample, 0
        if status.boot != process.boot():  # by what the worker says of itself, every other second
            spent = self._rate(status.pid, now, status.processor_seconds)
            return Moment(now, *_machine(sample), spent, status.memory or None), status.running_threads
        try:
            one = self._processes.setdefault(status.pid, psutil.Process(status.pid))
            with one.oneshot():
                if not process.lives(status.pid, status.started):
                    return sample, 0
                times, held, threads = one.cpu_times(), int(one.memory_info().rss), one.num_threads()
        except psutil.Error:
            return sample, 0
        spent = self._rate(status.pid, now, times.user + times.system)
        on_cards = sum(card.processes.get(status.pid, 0) for card in found or ())
        return Moment(now, *_machine(sample), spent, held, on_cards or None), threads

    def _rate(self, pid: int, now: float, seconds: float) -> float | None:
        """Processors kept busy since the look before; None at the first."""
        before, self._spent = self._spent, (pid, now, seconds)
        if before is None or before[0] != pid or now <= before[1]:
            return None
        return max(0.0, seconds - before[2]) / (now - before[1])

    def _machine_busy(self) -> float | None:
        """How many of the processors that this process may use were busy since the look before; None at the first."""
        own = set(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else None
        every = [times for number, times in enumerate(psutil.cpu_times(percpu=True)) if own is None or number in own]
        idle = sum(times.idle + getattr(times, "iowait", 0.0) for times in every)
        whole = sum(sum(times[:8]) for times in every)  # guests' time, which comes after, is in the users' already
        before, self._busy = self._busy, (idle, whole)
        if before is None or whole <= before[1]:
            return None
        rest: float = (idle - before[0]) / (whole - before[1])
        return len(every) * min(1.0, max(0.0, 1.0 - rest))


def _machine(sample: Moment) -> tuple[float | None, int]:
    return sample.machine_processors, sample.free


def _usable() -> int:
    """The bytes of memory that may be used at all."""
    limits = [limit for limit, _ in cgroups.memory_limits()]
    return min([int(psutil.virtual_memory().total), *limits])
