"""Following a run: alive, ended, and dead in each way that a worker can die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.record import process
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from mltui.record.status import Status, read_status, write_status
from mltui.record.writer import EventWriter
from mltui.runs.follow import Follower, read_state
from mltui.runs.judge import SILENT_SECONDS, Judge
from mltui.runs.log import log_end
from mltui.runs.watch import Watch

WaitFor = Callable[[Callable[[], object]], None]
StartWorker = Callable[..., int]


def until_ended(follower: Follower, wait_for: WaitFor) -> RunState:
    wait_for(lambda: follower.poll().ended)
    return follower.poll()


def test_a_run_is_followed_to_its_end(run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor) -> None:
    start_worker(run_folder, 'events.emit("finished", seconds=1.0, step=3)\nevents.close()')
    state = until_ended(Follower(run_folder), wait_for)
    assert (state.phase, state.run, state.seconds) == ("finished", "7", 1.0)
    assert read_state(run_folder).phase == "finished"


def test_the_same_state_comes_back_while_nothing_is_new(
    run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    start_worker(run_folder, "time.sleep(60)")
    follower = Follower(run_folder)
    wait_for(lambda: follower.poll().phase == "training")
    state = follower.poll()
    assert all(follower.poll() is state for _ in range(50))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", ["signal 9", "memory", "again"]),
        ("os.kill(os.getpid(), signal.SIGSEGV)", ["signal 11", "segmentation fault"]),
        ("os.abort()", ["signal 6"]),
        ("os.kill(os.getpid(), signal.SIGALRM)", ["signal 14"]),
        ("os._exit(3)", ["exit code 3"]),
    ],
)
def test_a_worker_that_dies_leaves_a_run_that_says_so(
    run_folder: RunFolder, start_worker: StartWorker, body: str, said: list[str], wait_for: WaitFor
) -> None:
    start_worker(run_folder, f'print("the last thing", flush=True)\n{body}')
    state = until_ended(Follower(run_folder), wait_for)
    assert (state.phase, state.cause, state.log) == ("interrupted", "died", str(run_folder.log))
    for words in said:
        assert words in state.message
    assert state.message.count(".") == 0
    assert log_end(run_folder)[-1] == "the last thing"
    other = read_state(run_folder)  # somebody else, who did not start it, is told the same
    assert (other.phase, other.message) == (state.phase, state.message)


def test_a_worker_killed_from_outside(run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor) -> None:
    pid = start_worker(run_folder, "time.sleep(60)")
    follower = Follower(run_folder)
    wait_for(lambda: follower.poll().phase == "training")
    os.kill(pid, signal.SIGKILL)
    assert "signal 9" in until_ended(follower, wait_for).message


def test_a_worker_that_dies_before_its_first_word(
    run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    follower = Follower(run_folder)
    assert follower.poll().phase == "waiting"
    run_folder.events.mkdir()  # its writer cannot open this
    start_worker(run_folder, "", ready=False)
    state = until_ended(follower, wait_for)
    assert (state.phase, state.run) == ("interrupted", "7")
    assert "exit code 1" in state.message
    assert "IsADirectoryError" in log_end(run_folder)[-1]


def test_last_words_that_arrive_with_the_death_are_heard(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_status(run_folder.status, dead_status())
    writer = EventWriter(run_folder, 1)
    writer.emit("started")
    follower = Follower(run_folder)
    real = Judge.verdict

    def late(judge: Judge) -> Any:
        verdict = real(judge)
        writer.emit("finished", seconds=1.0)
        return verdict

    monkeypatch.setattr(Judge, "verdict", late)
    assert follower.poll().phase == "finished"
    assert writer.close()


# -- the judge -----------------------------------------------------------------------------------------------------
def dead_status(**changes: Any) -> Status:
    fields: dict[str, Any] = {
        "state": "training", "host": process.host(), "boot": process.boot(), "pid": 2**22 + 1, "started": 5.0,
        **changes,
    }  # fmt: skip
    return Status(**fields)


def test_a_run_without_any_process_is_waited_for_a_while(run_folder: RunFolder) -> None:
    assert Judge(run_folder).verdict().life == "waiting"
    long_ago = time.time() - 3600
    os.utime(run_folder.path, (long_ago, long_ago))
    verdict = Judge(run_folder).verdict()
    assert (verdict.life, "never started" in verdict.sentence) == ("dead", True)


def test_this_very_process_lives(run_folder: RunFolder) -> None:
    write_status(run_folder.status, Status.here("training", attempt=1))
    assert Judge(run_folder).verdict().life == "lives"


def test_a_pid_that_another_process_got_is_not_the_worker(run_folder: RunFolder) -> None:
    started = process.start_time(os.getpid())
    assert started is not None
    write_status(run_folder.status, dead_status(pid=os.getpid(), started=started - 100))
    verdict = Judge(run_folder).verdict()
    assert verdict.life == "dead"
    assert "gone" in verdict.sentence


def test_a_pid_that_nobody_has(run_folder: RunFolder) -> None:
    write_status(run_folder.status, dead_status())
    assert Judge(run_folder).verdict().life == "dead"


def test_a_process_that_ended_but_was_not_waited_for_is_dead(run_folder: RunFolder, wait_for: WaitFor) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        started = process.start_time(child.pid)
        assert started is not None
        write_status(run_folder.status, dead_status(pid=child.pid, started=started))
        assert Judge(run_folder).verdict().life == "lives"
        child.kill()
        wait_for(lambda: Judge(run_folder).verdict().life == "dead")
        assert child.returncode is None


def test_an_earlier_start_of_this_machine(run_folder: RunFolder) -> None:
    write_status(run_folder.status, dead_status(boot="another-boot:1", pid=os.getpid()))
    verdict = Judge(run_folder).verdict()
    assert verdict.life == "dead"
    assert "restarted" in verdict.sentence


def test_another_machine_is_judged_by_its_heartbeat_and_our_clock(run_folder: RunFolder) -> None:
    now = [1000.0]
    judge = Judge(run_folder, clock=lambda: now[0])
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        # Its clock may be wrong by years; its pid may be one of ours.
        write_status(run_folder.status, dead_status(host="node17", boot="b:1", pid=os.getpid(), heartbeat=beats))

    beat()
    assert judge.verdict().life == "lives"
    now[0] += SILENT_SECONDS - 1
    assert judge.verdict().life == "lives"
    beat()
    assert judge.verdict().life == "lives"
    now[0] += SILENT_SECONDS + 1
    verdict = judge.verdict()
    assert verdict.life == "silent"
    assert "node17" in verdict.sentence
    beat()
    assert judge.verdict().life == "lives"


def test_another_machine_not_heard_of_for_days_is_not_waited_for(run_folder: RunFolder) -> None:
    write_status(run_folder.status, dead_status(host="node17", boot="b:1"))
    days_ago = time.time() - 3 * 86400
    os.utime(run_folder.status, (days_ago, days_ago))
    verdict = Judge(run_folder).verdict()
    assert (verdict.life, "3 days" in verdict.sentence) == ("silent", True)


def test_a_silent_run_that_is_heard_again_goes_on(run_folder: RunFolder, wait_for: WaitFor) -> None:
    writer = EventWriter(run_folder, 1)
    writer.emit("started")
    write_status(run_folder.status, dead_status(host="node17", boot="b:1"))
    days_ago = time.time() - 3 * 86400
    os.utime(run_folder.status, (days_ago, days_ago))
    follower = Follower(run_folder)
    assert follower.poll().phase == "interrupted"
    write_status(run_folder.status, dead_status(host="node17", boot="b:1", heartbeat=1))
    wait_for(lambda: follower.poll().phase == "training")
    assert writer.close()


def test_an_end_that_only_the_status_could_tell(run_folder: RunFolder) -> None:
    write_status(run_folder.status, dead_status(state="failed", message="no room for the model"))
    assert read_state(run_folder).message == "no room for the model"
    write_status(run_folder.status, dead_status(state="finished"))
    assert "finished" in read_state(run_folder).message


@pytest.mark.parametrize("text", ["{}", "[]", '{"pid": "x", "boot": 1}', '{"boot": 1, "pid": -1, "started": 1e999}'])
def test_a_launch_note_that_makes_no_sense_is_passed_over(run_folder: RunFolder, text: str) -> None:
    run_folder.launch.write_text(text)
    assert Judge(run_folder).verdict().life in ("waiting", "dead")
    write_status(run_folder.status, Status.here("training", attempt=1))
    assert Judge(run_folder).verdict().life == "lives"


# -- a stranger's folder -------------------------------------------------------------------------------------------
def test_a_strangers_folder_full_of_nonsense_is_shown_as_far_as_it_goes(run_folder: RunFolder) -> None:
    curve = {"name": "loss", "part": "train", "axis": "epoch", "better": "lower"}
    events: list[dict[str, Any]] = [
        {"kind": "started", "format": 99, "run": "\x1b[31m", "curves": [curve]},
        {"kind": "progress", "axis": [1], "columns": [[10**300]], "done": 1e300},
        {"kind": "progress", "axis": [10**400], "columns": [[1]]},
        {"kind": "progress", "axis": "x", "columns": {}},
        {"kind": "evaluated", "part": {"a": 1}, "metrics": {"auc": 10**300}},
        {"kind": "evaluated"},
        {"kind": "snapshot", "files": [[1, "../../etc/passwd"]]},
        {"kind": "failed", "message": "\x1b]52;c;Zm9v\x07", "seconds": "NaN"},
    ]  # fmt: skip
    lines = [json.dumps({"seq": i, "attempt": 1, "time": 1.0, **event}) for i, event in enumerate(events)]
    run_folder.events.write_text("\n".join(lines) + "\n")
    run_folder.status.write_text('{"pid": 1, "state": "training", "boot": "x", "host": "\\u001b[2J"}')
    run_folder.log.write_bytes(b"tab\there\n\x1b[31mred\x1b[0m \xff\n10%\r100% done\n\n" + "\u202eevil\n".encode())
    state = read_state(run_folder)
    assert state.phase == "failed"
    assert state.seconds is None
    assert any("newer" in warning for warning in state.warnings)
    shown = log_end(run_folder)
    assert shown == ["tab here", "␛[31mred␛[0m \ufffd", "100% done", "\ufffdevil"]
    assert log_end(run_folder, 1) == ["\ufffdevil"]
    assert log_end(run_folder, 0) == []


def test_the_end_of_a_huge_log_is_found_without_reading_it_all(run_folder: RunFolder) -> None:
    with run_folder.log.open("wb") as file:
        file.seek(1 << 32)
        file.write(b"\nthe end\n")
    assert log_end(run_folder)[-1] == "the end"
    assert all(len(line) <= 500 for line in log_end(run_folder))


def test_no_log_is_no_lines(tmp_path: Path) -> None:
    assert log_end(RunFolder(tmp_path)) == []


def test_what_a_living_worker_cannot_write_down_is_told_once(
    run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_worker(run_folder, "time.sleep(60)")
    follower = Follower(run_folder)
    wait_for(lambda: follower.poll().phase == "training")
    assert follower.poll().warnings == ()
    status = read_status(run_folder.status)
    assert status is not None
    write_status(run_folder.status, replace(status, message="The reports wait in memory."))
    wait_for(lambda: follower.poll().warnings == ("The reports wait in memory.",))
    monkeypatch.setattr("mltui.runs.judge.SMALLEST_FILE", 1 << 62)  # a disk is full that has no room for this
    wait_for(lambda: follower.poll().warnings and "No space is left" in follower.poll().warnings[0])
    assert follower.poll().phase == "training"
    write_status(run_folder.status, status)
    monkeypatch.setattr("mltui.runs.judge.SMALLEST_FILE", 0)
    wait_for(lambda: follower.poll().warnings == ())


def test_a_crash_that_nobody_was_there_to_see_is_read_in_the_log(run_folder: RunFolder) -> None:
    """A detached run: its launcher is gone and noted no exit code."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    here = Status.here("training", attempt=1)
    write_status(run_folder.status, replace(here, pid=child.pid, started=process.start_time(child.pid) or 0.0))
    child.wait()
    assert "killed or it crashed" in read_state(run_folder).message
    run_folder.log.write_text(
        "a library\nFatal Python error: Segmentation fault\n\nThread 0x1 (most recent call first):\n"
    )
    assert "crashed inside a native library (segmentation fault)" in read_state(run_folder).message


def test_a_long_run_is_caught_up_with_piece_by_piece_to_the_same_end(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = EventWriter(run_folder, 1)
    curves = [{"name": "loss", "part": "train", "axis": "epoch", "better": "lower"}]
    writer.emit("started", run="7", curves=curves, total=90)
    for epoch in range(1, 91):
        writer.emit("progress", axis=[epoch], columns=[[1 / epoch]])
    writer.emit("finished", step=90, kept=90)
    assert writer.close()
    monkeypatch.setattr("mltui.runs.follow.PIECE", 500)
    monkeypatch.setattr("mltui.runs.follow.CATCH_UP_SECONDS", 0.0)
    follower = Follower(run_folder, most=1 << 17)
    looks = [follower.poll(whole=False)]
    while not looks[-1].ended:
        looks.append(follower.poll(whole=False))
    assert len(looks) > 5
    assert {look.phase for look in looks[:-1]} == {"training"}, "not dead, though nobody trains it any more"
    steps = [look.series[0].length for look in looks]
    assert steps == sorted(steps)
    whole = read_state(run_folder)
    assert looks[-1].series[0].steps.tolist() == whole.series[0].steps.tolist() == list(range(1, 91))


def test_a_curve_is_kept_within_the_bound_that_is_given(run_folder: RunFolder) -> None:
    writer = EventWriter(run_folder, 1)
    curves = [{"name": "loss", "part": "train", "axis": "epoch", "better": "lower"}]
    writer.emit("started", run="7", curves=curves, total=500)
    follower = Follower(run_folder, most=64)
    longest = 0
    for epoch in range(1, 501):
        writer.emit("progress", axis=[epoch], columns=[[1 / epoch]])
        longest = max(longest, follower.poll(whole=False).series[0].length)
    assert longest < 64
    assert follower.poll().series[0].values[0] == 1
    assert writer.close()


def test_two_looks_at_once_lose_nothing(run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = EventWriter(run_folder, 1)
    curves = [{"name": "loss", "part": "train", "axis": "epoch", "better": "lower"}]
    writer.emit("started", run="7", curves=curves, total=500)
    for epoch in range(1, 501):
        writer.emit("progress", axis=[epoch], columns=[[1 / epoch]])
    writer.emit("finished", step=500, kept=500)
    assert writer.close()
    monkeypatch.setattr("mltui.runs.follow.PIECE", 200)
    monkeypatch.setattr("mltui.runs.follow.CATCH_UP_SECONDS", 0.0)
    watch = Watch(run_folder, most=1 << 17)
    with ThreadPoolExecutor(4) as lookers:
        list(lookers.map(lambda _: watch.look(), range(300)))
    state = watch.look().state
    assert state.phase == "finished"
    assert state.series[0].steps.tolist() == list(range(1, 501))
