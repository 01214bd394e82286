"""Events followed through training: what every kept snapshot says of a few rows of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mltui.core.sample import Place, Sample
from mltui.core.table import Floats
from mltui.record.arrays import load_arrays
from mltui.record.folder import RunFolder
from mltui.record.snapshots import LARGEST, snapshot_path

_Rows = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Tracks:
    """The scores of some events at each kept snapshot.

    Attributes:
        steps: shape (snapshots,), in order.
        scores: by event, shape (snapshots,), or (snapshots, classes) or (snapshots, targets); not a number where a
            snapshot cannot be read.
    """

    steps: Floats
    scores: Mapping[Place, Floats] = field(default_factory=dict)


class Followed:
    """Reads of kept snapshots only what a few rows need. Each is read once for the same rows: none is ever changed."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._known: tuple[object, Tracks | None] = (None, None)
        self._rows: _Rows = {}
        self._read: dict[str, Mapping[str, Floats] | None] = {}

    def look(
        self, snapshots: Sequence[tuple[float, str]], sample: Sample | None, places: Sequence[Place]
    ) -> Tracks | None:
        """The tracks of these events, as far as the sample has them; the same object while nothing is new.

        Args:
            snapshots: those kept, as (step, file).
        """
        found = {place: at for place in places if sample is not None and (at := sample.find(place)) is not None}
        if not found or sample is None or not snapshots:
            return None
        key = (tuple(snapshots), tuple(found.items()), id(sample))
        if self._known[0] != key:
            self._known = (key, self._tracks(snapshots, sample, found))
        return self._known[1]

    def _tracks(
        self, snapshots: Sequence[tuple[float, str]], sample: Sample, found: Mapping[Place, tuple[str, int]]
    ) -> Tracks:
        rows: dict[str, tuple[int, ...]] = {}
        for part, row in found.values():
            rows[part] = (*rows.get(part, ()), row)
        if rows != self._rows:
            self._rows, self._read = rows, {}
        kept = sorted(snapshots)
        for _, file in kept:
            if file not in self._read:
                self._read[file] = self._of_snapshot(file, sample)
        read = [self._read[file] for _, file in kept]
        scores = {place: _along(read, part, rows[part].index(row)) for place, (part, row) in found.items()}
        return Tracks(np.array([step for step, _ in kept], np.float64), scores)

    def _of_snapshot(self, file: str, sample: Sample) -> Mapping[str, Floats] | None:
        """By part the scores of the rows that are followed; None where they cannot be read."""
        path = snapshot_path(self._folder, file)
        return _scores(path, self._rows, sample) if path else None


def _scores(path: Path, rows: _Rows, sample: Sample) -> Mapping[str, Floats] | None:
    names = {part: f"scores/{part}/scores" for part in rows}
    try:
        arrays = load_arrays(path, limit=LARGEST, wanted=set(names.values()).__contains__)
        whole = {part: arrays[name].astype(np.float64) for part, name in names.items()}
    except (OSError, ValueError, KeyError):
        return None
    if any(scores.ndim not in (1, 2) or len(scores) != len(sample.parts[part]) for part, scores in whole.items()):
        return None
    return {part: scores[list(rows[part])] for part, scores in whole.items()}


def _along(read: Sequence[Mapping[str, Floats] | None], part: str, place: int) -> Floats:
    """One row's scores, snapshot by snapshot."""
    known = [one[part][place] for one in read if one is not None]
    shape = known[0].shape if known else ()
    gap = np.full(shape, np.nan)
    rows = [gap if one is None or one[part][place].shape != shape else one[part][place] for one in read]
    return np.array(rows, np.float64).reshape(len(read), *shape)
