"""What the model says at a moment: live frames while somebody looks, and the snapshots that are kept."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from mltui.core.events import STEPS
from mltui.core.found import Found
from mltui.core.sections import Part
from mltui.core.snapshot import Layers, Scores, Snapshot, Surface
from mltui.core.table import Floats
from mltui.data.catalogued import best_answers
from mltui.models.card import Shape
from mltui.record.files import why
from mltui.record.folder import RunFolder
from mltui.record.frames import watched, write_frame
from mltui.record.sample import write_sample
from mltui.record.snapshots import write_snapshot
from mltui.training.plane import Plane, Transform
from mltui.training.problem import Problem, Rows
from mltui.training.report import Inside, Predict
from mltui.training.sample import sample_of
from mltui.training.schedule import AT_MOST, Schedule

FRAME_SECONDS = 0.25
KEPT_BYTES = 40 << 20
"""The scores in all kept snapshots of a run together stay below this, whatever the number of classes; what networks
hold in their layers, or estimators found, has the rest of 64 MB."""


class Album:
    """Takes pictures of one run: scores of a fixed sample of each part, and the surface where two features span one.

    Args:
        clock: seconds, never going back; live frames go by it, kept snapshots never do.
        keeping: whether snapshots are kept; of several models those of the first alone are, so that looking back has
            one axis.
    """

    def __init__(
        self,
        folder: RunFolder,
        problem: Problem,
        preprocessing: Transform,
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        keeping: bool = True,
    ) -> None:
        self._folder, self._warn, self._clock, self._keeping = folder, warn, clock, keeping
        self._data = problem.experiment.data
        self._plane = Plane.of(problem.parts, preprocessing, problem.axes)
        rows = min(problem.card.live_rows, _most_rows(problem.shape, len(problem.parts)))
        self._samples: dict[Part, Rows] = {part: r.sample(rows) for part, r in problem.parts.items()}
        self._sizes = {part: len(rows) for part, rows in problem.parts.items()}
        self._stepwise = problem.axis in STEPS
        self._schedule = Schedule(every=not self._stepwise)
        self._files: dict[float, str] = {}
        self._told: dict[float, str] = {}
        self._due = 0.0
        self._framed: float | None = None
        self._failing = False

    def keep_sample(self) -> None:
        """Write the raw rows that all pictures are of, so that a score can be followed to its event.

        With them goes the best answer that there can be over the plane, where the law behind the data is known.
        """
        plane = self._plane
        best = best_answers(self._data, plane.rows) if plane else None
        truth = plane.surface(best) if plane and best is not None else None
        try:
            write_sample(self._folder, replace(sample_of(self._samples, self._sizes), truth=truth))
        except OSError as error:
            self._warn(
                f"the rows behind the scores are not kept, training goes on: {why(error)} ({self._folder.sample})"
            )

    def look(
        self, step: float, predict: Predict, inside: Inside | None = None, known: Mapping[Part, Floats] | None = None
    ) -> None:
        """As `report.Pictures.look`."""
        at = self._place(step)
        pushed_out = self._schedule.offer(at) if self._keeping else None
        if pushed_out is not None:
            snapshot = self._snapshot(at, predict, inside, known)
            self._keep(snapshot, pushed_out)
            if self._frame_due():
                self._frame(step, snapshot)
        elif step != self._framed and self._frame_due():
            self._frame(step, self._snapshot(at, predict, inside, known))

    def glance(self, step: float, predict: Predict, inside: Inside | None = None) -> None:
        """Between two steps: write a live frame if somebody looks and it is time for one."""
        if step != self._framed and self._frame_due():
            self._frame(step, self._snapshot(self._place(step), predict, inside))

    def resume(self, step: float | None) -> None:
        """Go on with what an earlier attempt has kept up to this step; what it kept later is taken away.

        Args:
            step: None where all of it stays; below 0 where nothing does.
        """
        if not self._keeping or step is None:
            return
        for whole in range(math.floor(step) + 1):
            self._schedule.offer(whole)
        names = {_name(kept): kept for kept in self._schedule.kept}
        with contextlib.suppress(OSError):
            for path in list(self._folder.snapshots.iterdir()):
                if path.name in names:
                    self._files[names[path.name]] = path.name
                else:
                    path.unlink()

    def last(self, step: float, predict: Predict, inside: Inside | None = None) -> None:
        """Keep a snapshot of the kept model, and show it to whoever looks."""
        looks = watched(self._folder)
        if not (self._keeping or looks):
            return
        snapshot = self._snapshot(self._place(step), predict, inside)
        if self._keeping:
            self._keep(snapshot, [])
        if looks:
            write_frame(self._folder, snapshot)

    def changed(self) -> list[tuple[float, str]] | None:
        """The kept snapshots as (step, file), if they are others than at the last call."""
        files = dict(self._files)
        if files == self._told:
            return None
        self._told = files
        return [(float(step), files[step]) for step in sorted(files)]

    def _place(self, step: float) -> float:
        """Where a picture stands: between two steps at the next one."""
        return math.ceil(step) if self._stepwise else step

    def _frame_due(self) -> bool:
        now = self._clock()
        if now < self._due:
            return False
        self._due = now + FRAME_SECONDS
        return watched(self._folder)

    def _frame(self, step: float, snapshot: Snapshot) -> None:
        self._framed = step if write_frame(self._folder, snapshot) else None

    def _snapshot(
        self, step: float, predict: Predict, inside: Inside | None, known: Mapping[Part, Floats] | None = None
    ) -> Snapshot:
        # a fixed sample of as many rows is the same one
        known = {part: scores for part, scores in (known or {}).items() if len(scores) == len(self._samples[part])}
        blocks = [sample.x for part, sample in self._samples.items() if part not in known]
        if self._plane:
            blocks.append(self._plane.inputs)
        answers: Floats = predict(np.concatenate(blocks)) if blocks else np.zeros(0)
        scores: dict[str, Scores] = {}
        start = 0
        for part, sample in self._samples.items():
            if part in known:
                scores[part] = sample.scored(known[part])
                continue
            scores[part] = sample.scored(answers[start : start + len(sample)])
            start += len(sample)
        surface: Surface | None = self._plane.surface(answers[start:]) if self._plane else None
        held: Layers | Found | None = None
        if inside:
            held = inside(self._plane.point_inputs, self._plane.coarse) if self._plane else inside(None)
        return Snapshot(
            step,
            scores,
            surface,
            self._plane.points if self._plane else None,
            held if isinstance(held, Layers) else None,
            held if isinstance(held, Found) else None,
        )

    def _keep(self, snapshot: Snapshot, pushed_out: list[float]) -> None:
        name = _name(snapshot.step)
        try:
            write_snapshot(self._folder.snapshots / name, snapshot, sync=False)
        except OSError as error:
            if not self._failing:
                self._warn(f"snapshots are not kept, training goes on: {why(error)} ({self._folder.snapshots})")
            self._failing = True
            return
        self._failing = False
        self._files = {step: file for step, file in self._files.items() if step not in pushed_out}
        self._files[snapshot.step] = name
        for step in pushed_out:
            with contextlib.suppress(OSError):
                (self._folder.snapshots / _name(step)).unlink()


def _name(step: float) -> str:
    return f"{int(step):08d}.npz" if float(step).is_integer() else f"{step!r}.npz"


def _most_rows(shape: Shape, parts: int) -> int:
    """How many rows of each part fit into a snapshot: targets, weight and scores are eight bytes each."""
    row = 8 * (1 + shape.targets + shape.outputs)
    return KEPT_BYTES // (AT_MOST * parts * row)
