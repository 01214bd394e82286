"""A run folder that somebody else has made: whatever it holds, it is looked at without harm and without a wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.record.folder import RunFolder
from mltui.record.predictions import read_predictions
from mltui.record.snapshots import read_snapshot
from mltui.runs.follow import Follower, read_state
from mltui.runs.log import log_end
from mltui.runs.store import Store
from mltui.runs.summary import started_of, summarise
from mltui.runs.watch import Watch

FILES = ("resolved.toml", "events.jsonl", "status.json", "launch.json", "worker.log", "predictions.npz")


@pytest.mark.timeout(20)
def test_pipes_in_place_of_files_hold_nobody(run_folder: RunFolder) -> None:
    for name in FILES:
        os.mkfifo(run_folder.path / name)
    assert read_state(run_folder).started == {}
    assert summarise(run_folder).name == ""
    assert started_of(run_folder) == {}
    assert log_end(run_folder) == []
    assert Watch(run_folder).look().log_lines == ()
    assert read_snapshot(run_folder.predictions) is None
    with pytest.raises(InputError):
        read_predictions(run_folder)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["resolved.toml", "events.jsonl", "predictions.npz"])
def test_a_folder_with_a_pipe_or_a_device_is_refused_at_the_door(run_folder: RunFolder, name: str) -> None:
    (run_folder.path / "resolved.toml").write_text("")
    (run_folder.path / name).unlink(missing_ok=True)
    (run_folder.path / name).symlink_to("/dev/zero")
    with pytest.raises(InputError, match="no plain file"):
        Store(Path("/")).find(str(run_folder.path))


def test_a_folder_that_is_removed_while_it_is_looked_at_is_said_to_be_gone(run_folder: RunFolder) -> None:
    run_folder.events.write_text('{"seq":0,"attempt":1,"time":1.0,"kind":"started","run":"7","curves":[]}\n')
    (run_folder.path / "status.json").write_text('{"format":1,"state":"training","host":"node17","boot":"b","pid":7}')
    follower = Follower(run_folder, patience=0.0)
    assert follower.poll().phase == "training"
    for path in run_folder.path.iterdir():
        path.unlink()
    aside = run_folder.path.rename(run_folder.path.with_name("8"))
    follower._judged = None
    state = follower.poll()
    assert (state.phase, state.run) == ("interrupted", "7")
    assert f"the run's folder is gone ({run_folder.path})" in state.message
    aside.rename(run_folder.path)
    follower._judged = None
    assert follower.poll().phase == "training", "a mount that was away"
