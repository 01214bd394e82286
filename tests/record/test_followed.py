"""Events followed through the kept snapshots: their scores there, and nothing where they cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.sample import Place, Sample, SampleRows
from mltui.core.snapshot import Scores, Snapshot
from mltui.record import arrays
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.followed import Followed
from mltui.record.snapshots import write_snapshot

ROWS = 6
KEPT = ((0.0, "0.npz"), (2.0, "2.npz"), (5.0, "5.npz"))


def rows(entries: range) -> SampleRows:
    count = len(entries)
    return SampleRows({}, np.zeros(count, np.int64), np.ones(count), np.arange(count) % 2, np.array(entries))


SAMPLE = Sample(
    (), {"train": rows(range(ROWS)), "validation": rows(range(50, 50 + ROWS))}, files=("a", "a"), trees=("s", "b")
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Where each row's score is 100 times the step and its number, in train 1000 more."""
    made = RunFolder(private_folder(tmp_path / "7"))
    for step, file in KEPT:
        own = np.arange(ROWS, dtype=np.float64) + 100 * step
        target, weights = np.zeros(ROWS, np.int64), np.ones(ROWS)
        scores = {"train": Scores(target, own + 1000, weights), "validation": Scores(target, own, weights)}
        write_snapshot(made.snapshots / file, Snapshot(step, scores))
    return made


def test_an_event_is_found_by_file_tree_and_entry() -> None:
    assert SAMPLE.find(("a", "b", 51)) == ("validation", 1)
    assert SAMPLE.find(("a", "s", 51)) is None
    assert SAMPLE.find(("other", "b", 51)) is None
    for part, known in SAMPLE.parts.items():
        for row in range(len(known)):
            assert SAMPLE.find(SAMPLE.place(part, row)) == (part, row)


def test_each_event_has_its_own_score_at_each_snapshot(folder: RunFolder) -> None:
    places: tuple[Place, ...] = (("a", "b", 53), ("a", "s", 4), ("a", "s", 50), ("nowhere", "", 0))
    tracks = Followed(folder).look(KEPT, SAMPLE, places)
    assert tracks is not None
    np.testing.assert_array_equal(tracks.steps, [0, 2, 5])
    assert {place: found.tolist() for place, found in tracks.scores.items()} == {
        ("a", "b", 53): [3, 203, 503],
        ("a", "s", 4): [1004, 1204, 1504],
        ("a", "s", 50): [0, 200, 500],
    }


def test_many_classes_have_a_score_each(folder: RunFolder) -> None:
    scores = np.random.default_rng(1).random((ROWS, 3))
    part = {"validation": Scores(np.zeros(ROWS, np.int64), scores, np.ones(ROWS))}
    write_snapshot(folder.snapshots / "2.npz", Snapshot(2, part))
    tracks = Followed(folder).look(KEPT[1:2], SAMPLE, (("a", "s", 52),))
    assert tracks is not None
    np.testing.assert_array_equal(tracks.scores["a", "s", 52], scores[2:3])


def test_a_snapshot_that_cannot_be_read_is_a_gap(folder: RunFolder) -> None:
    (folder.snapshots / "2.npz").write_bytes(b"PK torn")
    few = Scores(np.zeros(2, np.int64), np.zeros(2), np.ones(2))
    write_snapshot(folder.snapshots / "5.npz", Snapshot(5, {"validation": few}))
    kept = (*KEPT, (7.0, "gone.npz"), (8.0, "../7.npz"))
    tracks = Followed(folder).look(kept, SAMPLE, (("a", "s", 50),))
    assert tracks is not None
    np.testing.assert_array_equal(tracks.steps, [0, 2, 5, 7, 8])
    np.testing.assert_array_equal(tracks.scores["a", "s", 50], [0, np.nan, np.nan, np.nan, np.nan])


def test_nothing_to_follow_is_none(folder: RunFolder) -> None:
    reader = Followed(folder)
    assert reader.look(KEPT, SAMPLE, ()) is None
    assert reader.look(KEPT, None, (("a", "b", 51),)) is None
    assert reader.look(KEPT, SAMPLE, (("a", "b", 99),)) is None
    assert reader.look((), SAMPLE, (("a", "b", 51),)) is None


def test_a_snapshot_is_read_once_for_the_same_events(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = arrays.load_arrays

    def counted(path: Path, **given: Any) -> arrays.Arrays:
        read.append(path.name)
        return real(path, **given)

    monkeypatch.setattr("mltui.record.followed.load_arrays", counted)
    reader, one, other = Followed(folder), ("a", "b", 51), ("a", "b", 53)
    first = reader.look(KEPT[:2], SAMPLE, (one,))
    assert reader.look(KEPT[:2], SAMPLE, (one,)) is first
    assert read == ["0.npz", "2.npz"]
    reader.look(KEPT, SAMPLE, (one,))
    assert read == ["0.npz", "2.npz", "5.npz"]
    both = reader.look(KEPT, SAMPLE, (one, other))
    assert both is not None
    assert both.scores[other].tolist() == [3, 203, 503]
