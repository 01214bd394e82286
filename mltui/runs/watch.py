"""A run looked at: its state, the picture of the moment, and the end of its log, read where nothing can freeze."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from mltui.core.errors import InputError
from mltui.core.sample import Place, Sample
from mltui.core.snapshot import Scores, Snapshot
from mltui.record import frames
from mltui.record.folder import RunFolder
from mltui.record.followed import Followed, Tracks
from mltui.record.predictions import read_predictions
from mltui.record.sample import read_sample, scored, scored_at_last
from mltui.record.snapshots import read_snapshot, snapshot_path
from mltui.record.state import RunState
from mltui.runs.follow import Follower
from mltui.runs.log import log_end
from mltui.runs.resources import Meter, Resources

WATCH_SECONDS = 1.0
LOG_SECONDS = 2.0
LOG_LINES = 200
LARGEST_PREDICTIONS = 1 << 27  # bytes, over three million rows; of more the snapshot's sample is shown


@dataclass(frozen=True, eq=False)
class Seen:
    """What one look found; parts that did not change are the very same objects as before.

    Attributes:
        sample, sampled: the raw rows of the run's sample, and by part the picture's scores of them in their order.
        tracks: what every kept snapshot says of the rows that are followed; None where none are.
    """

    state: RunState
    snapshot: Snapshot | None = None
    log_lines: tuple[str, ...] = ()
    sample: Sample | None = None
    sampled: Mapping[str, Scores] = field(default_factory=dict)
    tracks: Tracks | None = None
    resources: Resources | None = None


SEEN = "state", "snapshot", "log_lines", "sample", "sampled", "tracks", "resources"
"""What the views get of it, by the names it has there too."""


class Watch:
    """Looks at one run again and again. `look` blocks on the file system, so it belongs in a thread.

    Args:
        most: as `Follower` has it; with it a long run is also caught up with piece by piece, a piece a look.
    """

    def __init__(self, folder: RunFolder, *, most: int | None = None) -> None:
        self.folder = folder
        self._most = most
        self._looking = threading.Lock()
        self._follower = Follower(folder, most=most)
        self._meter = Meter(folder)
        self._said = 0.0
        self._unnamed = (RunState(), RunState())
        self._born = _changed(folder.resolved)
        self._frame: tuple[int, Snapshot | None] = (0, None)
        self._kept: tuple[str, Snapshot | None] = ("", None)
        self._ended: tuple[object, Snapshot | None, Mapping[str, Scores] | None] = (None, None, None)
        self._sample: tuple[int, Sample | None] = (0, None)
        self._sampled: tuple[Snapshot | None, Sample | None, Mapping[str, Scores]] = (None, None, {})
        self._followed = Followed(folder)
        self._log: tuple[str, ...] = ()
        self._log_due = 0.0

    def look(self, cursor: float | None = None, followed: tuple[Place, ...] = ()) -> Seen:
        """The run now; with a cursor, the picture of the kept snapshot at or before that step.

        Args:
            followed: events whose scores are read from every kept snapshot.

        Two looks at once wait for each other: each goes on from where the one before has read to.
        """
        with self._looking:
            return self._look(cursor, followed)

    def _look(self, cursor: float | None, followed: tuple[Place, ...]) -> Seen:
        state = self._named(self._follower.poll(whole=self._most is None))
        if not state.ended and monotonic() - self._said >= WATCH_SECONDS:
            frames.watch(self.folder)
            self._said = monotonic()
        picture, sample = self._picture(state, cursor), self._raw_rows(state)
        sampled, tracks = self._scores_of(sample, picture), self._followed.look(state.snapshots, sample, followed)
        resources = None if state.ended else self._meter.look()
        return Seen(state, picture, self._log_lines(state), sample, sampled, tracks, resources)

    def _named(self, state: RunState) -> RunState:
        """The state with the run's id, also before the run has said it; the same object for the same state."""
        if state.run:
            return state
        if self._unnamed[0] is not state:
            self._unnamed = (state, replace(state, run=self.folder.id))
        return self._unnamed[1]

    def _picture(self, state: RunState, cursor: float | None) -> Snapshot | None:
        if cursor is None and state.ended:
            return self._final(state)
        kept = [(step, file) for step, file in state.snapshots if cursor is None or step <= cursor]
        if cursor is not None:
            return self._kept_snapshot(kept[-1][1]) if kept else None
        frame = self._live_frame()
        if kept and (frame is None or (state.member == 0 and frame.step < kept[-1][0])):
            return self._kept_snapshot(kept[-1][1]) or frame
        return frame

    def _final(self, state: RunState) -> Snapshot | None:
        """What the kept model says: the snapshot nearest to its step, with the scores of every row where there are."""
        sample = self._raw_rows(state)
        try:
            stamp = self.folder.predictions.stat()
            written, small = stamp.st_mtime_ns, stamp.st_size <= LARGEST_PREDICTIONS
        except OSError:
            written, small = 0, False
        known = (written, state.kept, len(state.snapshots), self._sample[0])
        if self._ended[0] != known:
            self._ended = (known, *self._with_predictions(self._nearest(state), small, sample))
        return self._ended[1]

    def _nearest(self, state: RunState) -> Snapshot | None:
        target = state.step if state.kept is None else state.kept
        nearest = min(state.snapshots, key=lambda entry: abs(entry[0] - target), default=None)
        return (self._kept_snapshot(nearest[1]) if nearest else None) or self._live_frame()

    def _with_predictions(
        self, snapshot: Snapshot | None, small: bool, sample: Sample | None
    ) -> tuple[Snapshot | None, Mapping[str, Scores] | None]:
        """The snapshot with the predictions as its scores, and of these those of the sample's rows."""
        try:
            predictions = read_predictions(self.folder) if small else None
        except InputError:
            predictions = None
        if predictions is None:
            return snapshot, None
        parts = predictions.parts
        scores = {part: rows.scores for part, rows in parts.items()}
        folds = {part: rows.fold for part, rows in parts.items() if rows.fold is not None}
        seeds = {part: rows.seeds for part, rows in parts.items() if rows.seeds is not None}
        sampled = scored_at_last(sample, parts) if sample is not None else {}
        return replace(snapshot or Snapshot(0), scores=scores, folds=folds, seeds=seeds), sampled

    def _raw_rows(self, state: RunState) -> Sample | None:
        changed = _changed(self.folder.sample) if state.started else 0
        if changed != self._sample[0]:
            self._sample = (changed, read_sample(self.folder))
        return self._sample[1]

    def _scores_of(self, sample: Sample | None, picture: Snapshot | None) -> Mapping[str, Scores]:
        _, final, sampled = self._ended
        if picture is final and sampled is not None:
            return sampled
        if self._sampled[0] is not picture or self._sampled[1] is not sample:
            found = scored(sample, picture.scores) if sample is not None and picture is not None else {}
            self._sampled = (picture, sample, found)
        return self._sampled[2]

    def _live_frame(self) -> Snapshot | None:
        try:
            changed = frames.frame_path(self.folder).stat().st_mtime_ns
        except (OSError, InputError):
            return self._frame[1]
        if changed < self._born:  # left by another run that once had this place
            return None
        if changed != self._frame[0]:
            self._frame = (changed, frames.read_frame(self.folder) or self._frame[1])
        return self._frame[1]

    def _kept_snapshot(self, file: str) -> Snapshot | None:
        if self._kept[0] != file:
            path = snapshot_path(self.folder, file)
            self._kept = (file, read_snapshot(path) if path else None)
        return self._kept[1]

    def _log_lines(self, state: RunState) -> tuple[str, ...]:
        if state.ended or monotonic() >= self._log_due:
            lines = tuple(log_end(self.folder, LOG_LINES))
            self._log = self._log if lines == self._log else lines
            self._log_due = monotonic() + LOG_SECONDS
        return self._log


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
