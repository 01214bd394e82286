"""`mltui runs change|pause|continue|step|resume`: steering a run and going on with it, without a screen."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.record import control
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs import launch
from mltui.runs.experiments import check
from mltui.runs.follow import read_state
from mltui.runs.store import Store

Mltui = Callable[..., Any]
RATE = "training.learning_rate"
CURVES = [{"name": "loss", "part": part, "axis": "epoch", "better": "lower"} for part in ("train", "validation")]


class Worker(threading.Thread):
    """Plays a worker in this process: it does what it is told, and says so."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__(daemon=True)
        self.folder, self.over, self.values = folder, threading.Event(), {RATE: 0.1, "model.dropout": 0.0}
        self.heard: list[control.Command] = []
        self.events = EventWriter(folder, folder.claim_attempt())
        write_status(folder.status, Status.here("training", attempt=1))

    def begin(self, **more: Any) -> None:
        self.events.emit(
            "started", format=1, run=self.folder.id, model="mlp", task="classification", dataset="circles", total=50,
            axis="epoch", curves=CURVES, controls=["pause", "step", "batch", "stop"], changeable=list(self.values),
            **more,
        )  # fmt: skip
        self.events.emit("progress", axis=[12], columns=[[0.5], [0.6]], done=0.24)
        self.start()

    def run(self) -> None:
        while not self.over.is_set():
            for command in control.take(self.folder):
                self.heard.append(command)
                self._do(command)
            time.sleep(0.005)

    def _do(self, command: control.Command) -> None:
        if command.kind in ("pause", "continue"):
            self.events.emit(f"{command.kind}d", step=12.4)
        elif command.kind == "change" and command.value == 13:
            self.events.emit("warning", message="thirteen is not to be had")
        elif command.kind == "change":
            before, self.values[command.key] = self.values[command.key], command.value  # type: ignore[assignment]
            self.events.emit("changed", step=12.4, key=command.key, value=command.value, before=before)

    def die(self, state: str = "training", **end: Any) -> None:
        self.over.set()
        self.join() if self.is_alive() else None
        if end:
            self.events.emit(state, **end)
        assert self.events.close()
        write_status(self.folder.status, replace(Status.here(state, attempt=1), started=1.0))


@pytest.fixture
def worker(mltui_home: Path) -> Iterator[Worker]:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # the doorbell rings at this process
    experiment = check({"name": "toy", "data": {"dataset": "circles"}, "model": {"name": "mlp"}})
    played = Worker(Store(mltui_home).create(experiment, experiment.to_toml(), mltui_home))
    yield played
    played.over.set()
    played.events.close()
    signal.signal(signal.SIGUSR1, before)


# -- steering ------------------------------------------------------------------------------------------------------
def test_values_are_changed_and_everybody_says_that_the_run_was_steered(mltui: Mltui, worker: Worker) -> None:
    worker.begin()
    assert "steered" not in mltui("runs", "list").out
    said = mltui("runs", "change", "latest", "learning_rate=0.01", "model.dropout = 0.5")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "run 1: learning_rate 0.1 -> 0.01 from epoch 12.4 on", "run 1: dropout 0 -> 0.5 from epoch 12.4 on"
    ]  # fmt: skip
    document = mltui("runs", "change", "1", f"{RATE}=1e-3", "--json").document
    assert document["steered"] is True
    assert document["changes"][2] == {"step": 12.4, "key": RATE, "before": 0.01, "value": 0.001}
    assert mltui("runs", "list", "--json").document["runs"][0]["steered"] is True
    assert "running, steered" in mltui("runs", "list").out
    shown = mltui("runs", "show", "--plain").out.splitlines()
    assert [line for line in shown if "steered" in line] == [
        "steered: learning_rate 0.1 -> 0.01 at epoch 12.4",
        "steered: dropout 0 -> 0.5 at epoch 12.4",
        "steered: learning_rate 0.01 -> 0.001 at epoch 12.4",
    ]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["learning_rate"], "mltui runs change: write KEY=VALUE, such as learning_rate=0.01, not 'learning_rate'"),
        (["learning_rate=0.01", "epochs=3"], f"training.epochs cannot be changed while run 1 trains; {RATE}, model"),
        (["dropout=0.3", "learning_rate=-1"], f"mltui: {RATE} must be a number above 0 and at most 1000, not -1"),
        (["droput=0.3"], "mltui: unknown key droput; did you mean model.dropout?"),
    ],
)
def test_of_several_changes_none_is_sent_where_one_cannot_be(
    mltui: Mltui, worker: Worker, settings: list[str], sentence: str
) -> None:
    worker.begin()
    assert sentence in mltui("runs", "change", "1", *settings).complaint
    assert worker.heard == []


def test_a_change_that_the_worker_refuses_is_told_in_its_words(mltui: Mltui, worker: Worker) -> None:
    worker.begin()
    said = mltui("runs", "change", "1", "learning_rate=13")
    assert (said.code, said.out, said.err) == (1, "", "mltui: run 1: thirteen is not to be had\n")


def test_a_run_that_has_ended_has_nothing_to_change_or_to_pause(mltui: Mltui, worker: Worker) -> None:
    worker.begin()
    worker.die("finished", step=50, kept=50)
    for words in (["change", "1", "learning_rate=1"], ["pause"], ["continue"], ["step"], ["step", "--batch"]):
        assert "mltui: run 1 has ended; there is nothing to" in mltui("runs", *words).complaint


def test_runs_pause_step_and_go_on(mltui: Mltui, worker: Worker) -> None:
    worker.begin()
    assert mltui("runs", "pause").out == "run 1 paused at epoch 12\n"
    assert mltui("runs", "pause", "1", "--json").document["status"] == "paused"
    assert mltui("runs", "step").out == "run 1 takes one step, then pauses\n"
    assert mltui("runs", "step", "--batch").out == "run 1 takes one batch, then pauses\n"
    assert mltui("runs", "continue").out == "run 1 running\n"
    deadline = time.monotonic() + 60
    while len(worker.heard) < 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [command.kind for command in worker.heard] == ["pause", "pause", "step", "batch", "continue"]


def test_what_a_model_cannot_do_is_not_asked_of_it(mltui: Mltui, worker: Worker) -> None:
    worker.events.emit("started", run="1", model="knn", curves=[], controls=["stop"])
    assert mltui("runs", "pause").complaint == "mltui: run 1 (knn) cannot be paused: it is fitted in one go"
    assert "cannot be taken step by step" in mltui("runs", "step").complaint
    assert "cannot be taken batch by batch" in mltui("runs", "step", "--batch").complaint
    assert "nothing of this model can" in mltui("runs", "change", "1", "n_neighbors=3").complaint
    assert control.take(worker.folder) == []


# -- resuming ------------------------------------------------------------------------------------------------------
HEAD = """
import os, sys, time
from pathlib import Path
from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
folder = RunFolder(Path(sys.argv[1]))
attempt = folder.claim_attempt()
write_status(folder.status, Status.here("starting", attempt=attempt))
events = EventWriter(folder, attempt)
events.emit("progress", reading=0.5)
"""
GOES_ON = """
events.emit("resumed", step=12, **{"from": 12})
events.emit("progress", axis=[13, 14], columns=[[0.4, 0.3], [0.5, 0.4]], done=1.0)
events.emit("evaluated", part="validation", metrics={"loss": 0.4})
events.emit("finished", step=14, kept=14, seconds=1.0)
events.close()
write_status(folder.status, Status.here("finished", attempt=attempt))
"""
REFUSES = """
events.emit("failed", message="a.csv has changed since this run was trained on it", cause="input", log="")
events.close()
write_status(folder.status, Status.here("failed", attempt=attempt))
"""


@pytest.fixture
def next_worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has a script take the place of the worker that goes on."""

    def stands_in(body: str) -> None:
        monkeypatch.setattr(
            launch, "command", lambda folder, **_: [sys.executable, "-c", HEAD + body, str(folder.path)]
        )

    return stands_in


def test_a_killed_run_says_how_to_go_on_and_goes_on(
    mltui: Mltui, worker: Worker, next_worker: Callable[[str], None]
) -> None:
    worker.begin()
    worker.die()
    words = "it was killed or it crashed; mltui runs resume 1 starts it again"
    assert words in mltui("runs", "show").out
    assert words in mltui("runs", "list").out
    next_worker(GOES_ON)
    said = mltui("runs", "resume", "1", "--plain")
    assert (said.code, said.err) == (0, "")
    assert "run 1 finished: circles, mlp, 14 epochs, in 1.0 s" in said.out.splitlines()
    document = mltui("runs", "show", "--json").document
    assert (document["status"], document["epochs"], document["kept"]) == ("finished", 14, 14)
    assert mltui("runs", "resume", "1").complaint == "mltui: run 1 has finished; there is nothing left of it to train"


def test_a_stopped_run_goes_on_by_itself(mltui: Mltui, worker: Worker, next_worker: Callable[[str], None]) -> None:
    worker.begin()
    worker.die("stopped", step=12, kept=12, seconds=1.0)
    next_worker("time.sleep(0.2)\n" + GOES_ON)
    said = mltui("runs", "resume", "1", "--detach", "--json")
    assert (said.code, said.document["status"]) == (0, "running")
    assert "still trains" in mltui("runs", "resume", "1").complaint
    deadline = time.monotonic() + 60
    while mltui("runs", "show", "--json").document["status"] != "finished":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_whose_data_have_changed_keeps_what_it_has(
    mltui: Mltui, worker: Worker, next_worker: Callable[[str], None]
) -> None:
    worker.begin()
    worker.die("stopped", step=12, kept=12, seconds=1.0)
    next_worker(REFUSES)
    sentence = "mltui: run 1 cannot be resumed: a.csv has changed since this run was trained on it"
    assert mltui("runs", "resume", "1", "--json").complaint == sentence
    document = mltui("runs", "show", "--json").document
    assert (document["status"], document["kept"]) == ("stopped", 12)
    assert "it could not be resumed: a.csv has changed since" in mltui("runs", "show").out


def test_a_worker_that_dies_at_once_is_told_with_exit_code_1(
    mltui: Mltui, worker: Worker, next_worker: Callable[[str], None]
) -> None:
    worker.begin()
    worker.die("stopped", step=12, kept=12, seconds=1.0)
    next_worker("os._exit(3)")
    said = mltui("runs", "resume", "1", "--json")
    assert (said.code, said.document["status"]) == (1, "stopped")
    assert said.err.startswith("mltui: run 1 could not be resumed: the worker left with exit code 3")


def test_a_real_run_is_changed_stepped_stopped_and_gone_on_with(mltui: Mltui, mltui_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "toy.toml"
    file.write_text('[data]\ndataset = "circles"\n[model]\nname = "mlp"\n[training]\nepochs = 1000000\n')

    def until(reached: Callable[[RunState], object]) -> RunState:
        deadline = time.monotonic() + 60
        while not reached(state := read_state(folder)):
            assert time.monotonic() < deadline, state
            time.sleep(0.02)
        return state

    mltui("run", file, "--detach")
    folder = Store(mltui_home).find("latest")
    until(lambda state: state.step >= 2)
    assert mltui("runs", "pause").out.startswith("run 1 paused at epoch ")
    changed = mltui("runs", "change", "1", "learning_rate=0.002", "dropout=0.1")
    assert [line.split(" from ")[0] for line in changed.out.splitlines()] == [
        "run 1: learning_rate 0.01 -> 0.002", "run 1: dropout 0 -> 0.1"
    ]  # fmt: skip
    assert mltui("runs", "step", "--batch").code == 0
    assert mltui("runs", "continue").out == "run 1 running\n"
    before = mltui("runs", "stop", "1", "--json").document
    assert mltui("runs", "resume", "1", "--detach").code == 0
    until(lambda state: state.attempt == 2 and state.phase == "training" and state.step > before["epochs"])
    document = mltui("runs", "stop", "1", "--json").document
    assert [change["value"] for change in document["changes"]] == [0.002, 0.1]
    steps = read_state(folder).series[0].steps.tolist()
    assert steps == list(range(1, len(steps) + 1)), "no epoch is missing, and none is there twice"


def test_a_living_run_is_attached_to_instead(mltui: Mltui, worker: Worker) -> None:
    worker.begin()
    assert mltui("runs", "resume", "1").complaint == "mltui: run 1 still trains; mltui attach 1 shows it"
