"""A run looked at: the scores of the sample's rows at every moment, in their order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores, Snapshot
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions, Predictions, write_predictions
from mltui.record.sample import write_sample
from mltui.record.snapshots import write_snapshot
from mltui.record.writer import EventWriter
from mltui.runs.watch import Watch

ROWS = 8
TARGET, WEIGHTS = np.arange(ROWS) % 2, np.linspace(-1, 2, ROWS)
SAMPLED = np.array([1, 4, 6])


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run of eight rows, three of which are the sample; a score is the row's number, at step 1 ten more."""
    made = RunFolder(private_folder(tmp_path / "7"))
    own = SampleRows({}, TARGET[SAMPLED], WEIGHTS[SAMPLED], np.zeros(3, np.int64), SAMPLED, whole=ROWS)
    write_sample(made, Sample((), {"validation": own}, files=("f",), classes=("b", "s")))
    for step in (0, 1):
        scores = Scores(TARGET[SAMPLED], SAMPLED + 10.0 * step, WEIGHTS[SAMPLED])
        write_snapshot(made.snapshots / f"{step}.npz", Snapshot(step, {"validation": scores}))
    writer = EventWriter(made, 1)
    writer.emit("started", format=1, total=1, curves=[], classes=["b", "s"], axis="epoch")
    writer.emit("snapshot", files=[(0, "0.npz"), (1, "1.npz")])
    writer.close(patience=5)
    return made


def end(folder: RunFolder) -> None:
    order = np.random.default_rng(2).permutation(ROWS)
    scores = Scores(TARGET[order], order.astype(np.float64) + 100, WEIGHTS[order])
    write_predictions(
        folder,
        Predictions({"validation": PartPredictions(scores, np.zeros(ROWS, np.int64), order)}, ("f",), ("b", "s")),
    )
    writer = EventWriter(folder, 2)
    writer.emit("finished", step=1, kept=1, seconds=1)
    writer.close(patience=5)


def test_the_sample_comes_with_its_scores_at_each_moment(folder: RunFolder) -> None:
    watch = Watch(folder)
    now = watch.look()
    assert now.sample is not None
    assert now.sampled["validation"].scores.tolist() == [11, 14, 16]
    before = watch.look(0)
    assert before.sampled["validation"].scores.tolist() == [1, 4, 6]
    assert before.sample is now.sample
    assert watch.look(0).sampled is before.sampled


def test_in_the_end_the_rows_are_found_among_all_predictions(folder: RunFolder) -> None:
    watch = Watch(folder)
    watch.look()
    end(folder)
    last = watch.look()
    assert last.state.ended
    assert last.snapshot is not None
    assert len(last.snapshot.scores["validation"]) == ROWS
    assert last.sampled["validation"].scores.tolist() == [101, 104, 106]
    assert watch.look(0).sampled["validation"].scores.tolist() == [1, 4, 6]
    assert watch.look().sampled is last.sampled  # back from the past it is the same, not read again


def test_a_live_picture_of_other_rows_has_no_scores_of_the_sample(folder: RunFolder) -> None:
    other = Scores(TARGET[:3], np.zeros(3), WEIGHTS[:3])
    write_snapshot(folder.snapshots / "1.npz", Snapshot(1, {"validation": other}))
    seen = Watch(folder).look()
    assert seen.snapshot is not None
    assert seen.sampled == {}


def test_events_are_followed_through_the_kept_snapshots(folder: RunFolder) -> None:
    watch = Watch(folder)
    assert watch.look().tracks is None
    seen = watch.look(None, (("f", "", 4),))
    assert seen.tracks is not None
    assert seen.tracks.scores["f", "", 4].tolist() == [4, 14]
    assert watch.look(0, (("f", "", 4),)).tracks is seen.tracks


def test_a_run_without_a_sample_is_seen_as_before(folder: RunFolder) -> None:
    folder.sample.unlink()
    end(folder)
    seen = Watch(folder).look(None, (("f", "", 4),))
    assert seen.snapshot is not None
    assert (seen.sample, seen.sampled, seen.tracks) == (None, {}, None)
