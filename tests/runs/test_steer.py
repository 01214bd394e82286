"""Steering: the command in the folder, the doorbell on this machine, and a sentence where there is nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from mltui.core.errors import InputError
from mltui.record import control, process
from mltui.record.control import Command
from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.runs import steer
from mltui.runs.follow import Follower

StartWorker = Callable[..., int]
WaitFor = Callable[[Callable[[], object]], None]
RATE = "training.learning_rate"
STARTED = {"model": "mlp", "changeable": [RATE, "model.dropout", "training.early_stopping"]}


def test_commands_arrive_and_the_bell_rings(
    run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    start_worker(run_folder, "time.sleep(60)\n" * 10)
    steer.pause(run_folder)
    wait_for(lambda: "rung" in run_folder.log.read_text())
    steer.step(run_folder)
    steer.step_batch(run_folder)
    steer.change(run_folder, "learning_rate", 0.1)
    steer.continue_(run_folder)
    steer.stop(run_folder)
    assert control.take(run_folder) == [
        Command("pause"), Command("step"), Command("batch"), Command("change", RATE, 0.1), Command("continue"),
        Command("stop"),
    ]  # fmt: skip


def test_a_worker_without_a_status_is_not_rung(
    run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    pid = start_worker(run_folder, "", ready=False)  # the signal would end it before it has an ear
    steer.stop(run_folder)
    assert control.take(run_folder) == [Command("stop")]
    wait_for(lambda: process.start_time(pid) is None or run_folder.status.exists())
    assert "rung" not in run_folder.log.read_text()


def test_killing_ends_the_worker(run_folder: RunFolder, start_worker: StartWorker, wait_for: WaitFor) -> None:
    pid = start_worker(run_folder, "time.sleep(60)")
    steer.kill(run_folder)
    wait_for(lambda: process.start_time(pid) is None)
    follower = Follower(run_folder)
    wait_for(lambda: "signal 9" in follower.poll().message)
    for refused in (steer.kill, steer.stop, steer.pause):
        with pytest.raises(InputError, match="run 7"):
            refused(run_folder)


def test_a_worker_on_another_machine_is_asked_but_not_signalled(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = process.start_time(os.getpid()) or 0.0
    write_status(
        run_folder.status, Status(state="training", host="node9", boot="b:1", pid=os.getpid(), started=started)
    )
    monkeypatch.setattr(os, "kill", lambda *a: pytest.fail("signalled"))
    steer.stop(run_folder)
    assert control.take(run_folder) == [Command("stop")]
    with pytest.raises(InputError, match="node9"):
        steer.kill(run_folder)


def test_a_recycled_pid_is_never_signalled(run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(
        run_folder.status,
        Status(state="training", host=process.host(), boot=process.boot(), pid=os.getpid(), started=1.0),
    )
    monkeypatch.setattr(os, "kill", lambda *a: pytest.fail("signalled"))
    for refused in (steer.kill, steer.stop):
        with pytest.raises(InputError):
            refused(run_folder)


def test_a_newer_run_is_left_alone(run_folder: RunFolder) -> None:
    write_status(run_folder.status, Status(format=2))
    with pytest.raises(InputError, match="newer"):
        steer.stop(run_folder)


def test_a_folder_that_cannot_be_written_is_one_sentence(
    run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        write_status(run_folder.status, Status.here("training", attempt=1))
        run_folder.control.write_text("a file in its way")
        with pytest.raises(InputError, match="cannot be asked to pause"):
            steer.pause(run_folder)
    finally:
        signal.signal(signal.SIGUSR1, before)


# -- changing a value ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "value", "command"),
    [
        (RATE, 1, Command("change", RATE, 1.0)),
        ("dropout", 0.5, Command("change", "model.dropout", 0.5)),
        ("early_stopping", "none", Command("change", "training.early_stopping", None)),
        ("training.early_stopping", 7, Command("change", "training.early_stopping", 7)),
    ],
)
def test_a_change_is_sent_as_its_setting_declares_it(key: str, value: object, command: Command) -> None:
    sent = steer.changing("7", STARTED, key, value)
    assert sent == command
    assert type(sent.value) is type(command.value)


@pytest.mark.parametrize(
    ("started", "key", "value", "sentence"),
    [
        (STARTED, "training.learning_rat", 1, "unknown key training.learning_rat; did you mean training.learning_rate"),
        (STARTED, "x", 1, "unknown key x; known here: model.dropout, training.early_stopping, training.learning_rate"),
        (
            STARTED, "training.epochs", 5,
            f"training.epochs cannot be changed while run 7 trains; {RATE}, model.dropout, training.early_stopping can",
        ),
        (
            {"model": "knn"}, "n_neighbors", 5,
            "model.n_neighbors cannot be changed while run 7 trains; nothing of this model can",
        ),
        (STARTED, "learning_rate", -1, f"{RATE} must be a number above 0"),
        (STARTED, RATE, "fast", f"{RATE} must be a number above 0"),
        (STARTED, RATE, None, f"{RATE} must be a number above 0"),
        ({}, RATE, 0.1, "run 7 has not begun to train"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused_in_a_sentence(
    started: dict[str, object], key: str, value: object, sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        steer.changing("7", started, key, value)
    assert refused.value.sentence.startswith(sentence)


def test_nothing_is_left_for_a_worker_that_must_not_do_it(run_folder: RunFolder, start_worker: StartWorker) -> None:
    start_worker(run_folder, "time.sleep(60)")
    with pytest.raises(InputError, match="cannot be changed"):
        steer.change(run_folder, "training.epochs", 7)
    assert control.take(run_folder) == []
