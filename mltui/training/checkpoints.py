"""When training's state is written down, and what an earlier attempt at the run has left to go on from.

Writing follows the clock, since it changes no number: a run that goes on from any checkpoint, or from its beginning,
comes to the same end. So an epoch of an hour is no loss, and a network of a thousand epochs a second is not held up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mltui.core.events import Event
from mltui.core.hyperparameters import Value
from mltui.record.checkpoint import Checkpoint, read_checkpoint, read_done, write_checkpoint, write_done
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.reader import EventReader

EVERY = 5.0
"""Seconds between two checkpoints at the least."""
SHARE = 20.0
"""And so many times what writing the last one took, so that a slow disk costs no more than a twentieth."""


@dataclass(frozen=True)
class Changed:
    """A value that was changed while a run trained: of which model, before which batch, and to what."""

    member: int
    epoch: int
    batch: int
    key: str
    value: Value


@dataclass(frozen=True)
class Left:
    """What an earlier attempt at a run has left.

    Attributes:
        done: the names of the models that are trained and kept, those first in turn.
        checkpoint: of the model that comes next, where there is one.
        changes: every change that was made by hand, in order.
        seconds: what the earlier attempts have taken, each from its first event to its last.
    """

    done: tuple[str, ...] = ()
    checkpoint: Checkpoint | None = None
    changes: tuple[Changed, ...] = ()
    seconds: float = 0.0

    @property
    def begins(self) -> bool:
        """Whether training begins at its beginning, if with the same changes."""
        return self.checkpoint is None and not self.done

    @property
    def member(self) -> int:
        """The model that is trained next, counted from 0."""
        return len(self.done)

    @property
    def step(self) -> float:
        """Where that model's training goes on."""
        return self.checkpoint.step if self.checkpoint else 0.0

    @classmethod
    def of(cls, folder: RunFolder, names: Sequence[str]) -> Left:
        """What there is to go on from.

        Args:
            names: of the models of the run, in turn.
        """
        events = EventReader(folder).poll()
        if not any(event.kind == "started" for event in events):
            return cls(seconds=_seconds(events))
        kept = set(read_done(folder))
        done: list[str] = []
        for name in names:
            if name not in kept or not folder.member_model(name).is_dir():
                break
            done.append(name)
        checkpoint = read_checkpoint(folder)
        if checkpoint is not None and checkpoint.member != len(done):
            checkpoint = None
        return cls(tuple(done), checkpoint, tuple(_changes(events)), _seconds(events))


def _seconds(events: Sequence[Event]) -> float:
    spans: dict[int, list[float]] = {}
    for event in events:
        spans.setdefault(event.attempt, []).append(event.time)
    return sum(max(times) - min(times) for times in spans.values())


def _changes(events: Sequence[Event]) -> list[Changed]:
    """The changes in the order of training, each once: an attempt that went back has told again those it met."""
    found = [_changed(event.fields) for event in events if event.kind == "changed"]
    return sorted(dict.fromkeys(found), key=lambda one: (one.member, one.epoch, one.batch))


def _changed(fields: Mapping[str, Any]) -> Changed:
    member, epoch, batch = (int(fields.get(name, 0)) for name in ("member", "epoch", "batch"))
    return Changed(member, epoch, batch, str(fields["key"]), fields["value"])


class Checkpoints:
    """Writes the checkpoints of one run, model by model.

    Args:
        warn: called once with a sentence where they cannot be written; training goes on.
        left: what an earlier attempt has left.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        folder: RunFolder | None = None,
        warn: Callable[[str], None] = lambda sentence: None,
        left: Left | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._warn, self._clock = folder, warn, clock
        self._left = left or Left()
        self._done = list(self._left.done)
        self._failing = False
        self._due = clock() + EVERY
        self.member = self._left.member

    @property
    def left(self) -> Checkpoint | None:
        """Where the present model's training goes on; None where it begins."""
        return self._left.checkpoint if self.member == self._left.member else None

    @property
    def replay(self) -> list[Changed]:
        """The changes that are to be made again after that, in order."""
        begun = (self.left.epoch, self.left.batch) if self.left else (0, 0)
        return [one for one in self._left.changes if one.member == self.member and (one.epoch, one.batch) > begun]

    def due(self) -> bool:
        """Whether it is time for the next one."""
        return self._folder is not None and self._clock() >= self._due

    def write(self, epoch: int, batch: int, step: float, tensors: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Write one, as `Checkpoint` has them; where that fails, say so once and go on."""
        if self._folder is None:
            return
        began = self._clock()
        try:
            write_checkpoint(self._folder, Checkpoint(self.member, epoch, batch, step, tensors, facts))
            self._failing = False
        except OSError as error:
            self._refused(error)
        now = self._clock()
        self._due = now + max(EVERY, SHARE * (now - began))

    def advance(self, kept: str | None) -> None:
        """The next model is to come; the one before is kept under this name, or not safely."""
        self.member += 1
        if kept is None or self._folder is None:
            return
        self._done.append(kept)
        try:
            write_done(self._folder, self._done)
        except OSError as error:
            self._refused(error)

    def _refused(self, error: OSError) -> None:
        if not self._failing and self._folder is not None:
            self._warn(
                f"no checkpoint can be written, training goes on: {why(error)} ({self._folder.checkpoints}); "
                "killed now, the run would go on from the one before"
            )
        self._failing = True
