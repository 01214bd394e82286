"""Going on with a run that was cut short: who may, what is forgotten, and what everybody sees of it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.record import control, process
from mltui.record.control import Command
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.opening import opening
from mltui.record.state import RunState
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs import judge, launch, resume
from mltui.runs.follow import Follower, read_state
from mltui.runs.summary import summarise

WaitFor = Callable[[Callable[[], object]], None]
CURVES = [{"name": "loss", "part": "train", "axis": "epoch", "better": "lower"}]
STARTED = {"format": 1, "run": "7", "model": "mlp", "curves": CURVES, "total": 9}
GONE = 2**22 + 1
HEAD = """
import os, sys, time
from pathlib import Path
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
folder = RunFolder(Path(sys.argv[1]))
"""
BEGINS = """
attempt = folder.claim_attempt()
write_status(folder.status, Status.here("starting", attempt=attempt))
events = EventWriter(folder, attempt)
"""

GOES_ON = """
events.emit("resumed", step=2, **{"from": 2})
events.emit("progress", axis=[3, 4], columns=[[1, 0.5]])
events.emit("finished", step=4, kept=4, seconds=2.0)
events.close()
"""


def attempted(folder: RunFolder, *said: tuple[str, dict[str, Any]], status: str, **more: Any) -> RunFolder:
    """A run whose first worker has said this, and is gone."""
    writer = EventWriter(folder, folder.claim_attempt())
    for kind, fields in said:
        writer.emit(kind, **fields)
    assert writer.close()
    gone = Status(state=status, host=process.host(), boot=process.boot(), pid=GONE, started=5.0)
    write_status(folder.status, replace(gone, **more))
    return folder


PROGRESS = ("progress", {"axis": [1, 2, 3], "columns": [[3, 2, 1]]})


@pytest.fixture
def stopped(run_folder: RunFolder) -> RunFolder:
    end = ("stopped", {"step": 3, "kept": 3, "seconds": 1.0})
    return attempted(run_folder, ("started", STARTED), PROGRESS, end, status="stopped")


@pytest.fixture
def killed(run_folder: RunFolder) -> RunFolder:
    return attempted(run_folder, ("started", STARTED), PROGRESS, status="training")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has a script of the test's own take the place of the worker that is launched."""

    def stands_in(body: str) -> None:
        script = HEAD + body
        monkeypatch.setattr(launch, "command", lambda folder, **_: [sys.executable, "-c", script, str(folder.path)])

    return stands_in


# -- who may -------------------------------------------------------------------------------------------------------
def refused(folder: RunFolder) -> str:
    with pytest.raises(InputError) as error, resume.prepared(folder):
        pass
    return error.value.sentence


def attempt_after(folder: RunFolder, state: RunState | None = None) -> int:
    with resume.prepared(folder, state) as attempt:
        return attempt


def test_of_two_that_resume_a_run_at_once_one_is_refused(
    killed: RunFolder, worker: Callable[[str], None], wait_for: WaitFor
) -> None:
    worker(BEGINS + GOES_ON)
    seen = read_state(killed)
    with resume.prepared(killed, seen), pytest.raises(InputError, match="just being resumed"):
        resume.resume(killed, state=seen)
    resume.resume(killed, state=seen)
    with pytest.raises(InputError, match="just been resumed by somebody else"):
        resume.resume(killed, state=seen)
    wait_for(lambda: read_state(killed).phase == "finished")
    assert killed.last_attempt == 2


def test_a_run_that_lives_is_not_resumed(killed: RunFolder) -> None:
    write_status(killed.status, Status.here("training", attempt=1))
    assert refused(killed) == "run 7 still trains; mltui attach 7 shows it"


def test_a_run_that_has_finished_is_not_resumed(run_folder: RunFolder) -> None:
    attempted(run_folder, ("started", STARTED), ("finished", {"step": 9}), status="finished")
    assert refused(run_folder) == "run 7 has finished; there is nothing left of it to train"


def test_a_run_that_is_being_opened_or_is_newer_is_not_resumed(stopped: RunFolder) -> None:
    with opening(stopped):
        assert "test part opened" in refused(stopped)
    assert attempt_after(stopped) == 2
    write_status(stopped.status, Status(format=2))
    assert "newer mltui" in refused(stopped)


def test_what_the_dead_worker_was_asked_is_forgotten(killed: RunFolder) -> None:
    control.send(killed, Command("stop"))
    assert attempt_after(killed) == 2
    assert control.take(killed) == []


def test_a_worker_on_another_machine_is_listened_for(killed: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    far = Status(state="training", host="node17", boot="b:1", pid=5, started=5.0, heartbeat=1)
    said: list[str] = []

    def beats(seconds: float) -> None:
        write_status(killed.status, replace(far, heartbeat=2))

    write_status(killed.status, far)
    monkeypatch.setattr(time, "sleep", beats)
    assert resume.listen(killed, said.append).phase == "training"
    assert "node17" in said[0]
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(judge, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr("mltui.runs.follow.JUDGE_SECONDS", 0.0)
    state = resume.listen(killed, said.append)
    assert (state.phase, "node17" in state.message) == ("interrupted", True)
    assert attempt_after(killed, state) == 2


def test_nobody_is_listened_for_here(killed: RunFolder) -> None:
    assert resume.listen(killed, pytest.fail).phase == "interrupted"


# -- what is seen of it --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kept", [False, True])
def test_a_dead_worker_says_how_to_go_on(killed: RunFolder, kept: bool) -> None:
    if kept:
        private_folder(killed.checkpoints)
        killed.checkpoint.write_text("")
    does = "goes on from its last checkpoint" if kept else "starts it again"
    assert read_state(killed).message.endswith(f"; mltui runs resume 7 {does}")
    assert summarise(killed).message.endswith(f"; mltui runs resume 7 {does}")
    assert summarise(killed).died


def test_a_run_waits_from_the_launch_on_and_goes_on_where_its_worker_says(
    stopped: RunFolder, worker: Callable[[str], None], wait_for: WaitFor
) -> None:
    gate = stopped.path / "gate"
    worker(f"while not os.path.exists({str(gate)!r}): time.sleep(0.005)\n" + BEGINS + GOES_ON)
    watching = Follower(stopped)
    assert watching.poll().phase == "stopped"
    resume.resume(stopped)
    assert read_state(stopped).phase == "waiting", "whoever comes now is told"
    assert summarise(stopped).phase == "waiting"
    wait_for(lambda: watching.poll().phase == "waiting")
    assert watching.poll().series[0].steps.tolist() == [1, 2, 3], "its curve stays while it is made ready"
    assert "still trains" in refused(stopped)
    gate.touch()
    wait_for(lambda: watching.poll().phase == "finished")
    for state in (watching.poll(), read_state(stopped)):
        assert state.series[0].values.tolist() == [3, 2, 1, 0.5]
        assert (state.phase, state.attempt, state.kept) == ("finished", 2, 4)


@pytest.mark.parametrize(
    ("body", "words"), [("os._exit(3)", "exit code 3"), (BEGINS + "os.kill(os.getpid(), 9)", "signal 9")]
)
def test_a_worker_that_dies_before_it_began_leaves_what_was_kept(
    stopped: RunFolder, worker: Callable[[str], None], wait_for: WaitFor, body: str, words: str
) -> None:
    worker(body)
    resume.resume(stopped)
    follower = Follower(stopped)
    wait_for(lambda: follower.poll().refused)
    state = follower.poll()
    assert (state.phase, state.kept, words in state.refused) == ("stopped", 3, True)
    assert summarise(stopped).phase == "stopped"


def test_a_killed_run_whose_next_worker_dies_at_once_says_how_that_one_died(
    killed: RunFolder, worker: Callable[[str], None], wait_for: WaitFor
) -> None:
    worker("os._exit(3)")
    resume.resume(killed)
    follower = Follower(killed)
    wait_for(lambda: "exit code 3" in follower.poll().message)
    assert follower.poll().phase == "interrupted"
    assert "exit code 3" in summarise(killed).message


def test_a_worker_that_cannot_be_started_is_one_sentence(stopped: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "command", lambda folder, **_: [str(folder.path / "no such program")])
    with pytest.raises(InputError, match="no worker can be started for run 7"):
        resume.resume(stopped)


# -- lists ---------------------------------------------------------------------------------------------------------
def test_a_steered_run_is_known_however_long_ago_it_was_steered(run_folder: RunFolder) -> None:
    change = ("changed", {"step": 1, "key": "training.learning_rate", "value": 0.1})
    attempted(run_folder, ("started", STARTED), PROGRESS, status="training")
    assert not summarise(run_folder).steered
    attempted(run_folder, change, *[("warning", {"message": "x" * 9000})] * 20, status="training")
    assert summarise(run_folder).steered


def test_a_note_of_an_older_mltui_is_read(stopped: RunFolder) -> None:
    note = {"boot": process.boot(), "pid": os.getpid(), "started": process.start_time(os.getpid()), "exit": None}
    Path(stopped.launch).write_text(json.dumps(note))
    assert read_state(stopped).phase == "stopped"
