"""`mltui queue` and `mltui run` of several experiments."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mltui.runs.queue import Dispatcher, Queue

Mltui = Callable[..., Any]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody starts what waits."""
    monkeypatch.setattr(Queue, "tend", lambda queue: False)


def order(mltui: Mltui) -> list[str]:
    return [entry["run"] for entry in mltui("queue", "list", "--json").document["queue"]]


@pytest.mark.usefixtures("idle")
def test_what_is_added_waits_in_its_order_and_is_moved_and_cancelled(mltui: Mltui, toy: Path) -> None:
    added = mltui("queue", "add", toy, toy, toy, "--set", "seed=5", "--json").document["queue"]
    assert [(entry["place"], entry["run"], entry["name"]) for entry in added] == [
        (1, "1", "toy"), (2, "2", "toy"), (3, "3", "toy"),
    ]  # fmt: skip
    assert "seed = 5" in (Path(added[0]["folder"]) / "resolved.toml").read_text()
    mltui("queue", "move", "3", "first")
    mltui("queue", "move", "1", "last")
    assert order(mltui) == ["3", "2", "1"]
    mltui("queue", "move", "1", "2")
    assert order(mltui) == ["3", "1", "2"]
    assert mltui("queue", "cancel", "1", "2", "--json").document == {"cancelled": ["1", "2"]}
    assert order(mltui) == ["3"]
    runs = mltui("runs", "list", "--json").document["runs"]
    assert [(run["run"], run["status"], run["place"]) for run in runs] == [("3", "waiting", 1)]
    assert mltui("runs", "show", "3", "--json").document["status"] == "waiting"
    assert "waiting, 1" in mltui("runs", "list").out


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["move", "1", "0"], "'0' is no place"),
        (["move", "1", "soon"], "'soon' is no place"),
        (["move", "1"], "say to which place"),
        (["move", "9", "1"], "there is no run '9'"),
        (["cancel", "9"], "there is no run '9'"),
        (["cancle", "1"], "did you mean cancel?"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(mltui: Mltui, toy: Path, words: list[str], sentence: str) -> None:
    mltui("queue", "add", toy)
    assert sentence in mltui("queue", *words).complaint


@pytest.mark.usefixtures("idle")
def test_what_waits_is_neither_stopped_resumed_nor_deleted(mltui: Mltui, toy: Path) -> None:
    mltui("queue", "add", toy)
    for words in (["stop", "1"], ["resume", "1"]):
        assert "waits in the queue" in mltui("runs", *words).complaint
    assert mltui("runs", "delete", "1", "--yes").code == 2
    assert order(mltui) == ["1"]


@pytest.mark.usefixtures("idle")
def test_of_several_files_all_are_queued_or_none(mltui: Mltui, toy: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(toy.read_text().replace("decision_tree", "decision_three"))
    for words in (["run"], ["queue", "add"]):
        assert "decision_three" in mltui(*words, toy, wrong).complaint
    assert order(mltui) == []


@pytest.mark.usefixtures("idle")
def test_an_empty_queue_says_how_to_fill_it(mltui: Mltui) -> None:
    assert mltui("queue", "list").out == "nothing waits; mltui queue add EXPERIMENT.toml queues a run\n"


def test_one_of_several_that_fails_is_told_with_the_others(mltui: Mltui, tmp_path: Path, mltui_home: Path) -> None:
    """They find no data, so that they end before anything heavy is loaded."""
    files = [tmp_path / "one.toml", tmp_path / "other.toml"]
    for file in files:
        text = f'[data]\nfiles = ["{file.stem}.csv"]\ntarget = "y"\n[model]\nname = "decision_tree"\n'
        file.write_text(text)
    said = mltui("run", *files, "--json")
    assert said.code == 1
    assert [(run["run"], run["status"]) for run in said.document["runs"]] == [("1", "failed"), ("2", "failed")]
    assert "one.csv" in said.document["runs"][0]["message"]
    assert "other.csv" in said.err
    gone(mltui_home)


def gone(home: Path) -> None:
    """Wait until the dispatcher has left."""
    until = time.monotonic() + 30
    while Dispatcher.read(home) is not None:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.soak
def test_several_experiments_are_trained_and_told_in_one_document(mltui: Mltui, toy: Path, mltui_home: Path) -> None:
    said = mltui("run", toy, toy, "--json")
    assert said.code == 0
    assert [(run["run"], run["status"]) for run in said.document["runs"]] == [("1", "finished"), ("2", "finished")]
    first, second = said.document["runs"]
    assert first["metrics"] == second["metrics"]
    assert first["resources"]["peak_memory"] > 50e6
    assert set(first["resources"]["phases"]) == {"preparing", "training", "closing"}
    gone(mltui_home)


@pytest.mark.soak
def test_an_interrupt_stops_what_trains_and_takes_out_what_waits(toy: Path, mltui_home: Path) -> None:
    long = toy.with_name("long.toml")
    network = 'name = "mlp"\n[training]\nepochs = 1000000\ndevice = "cpu"\n'
    long.write_text(toy.read_text().replace('name = "decision_tree"\n', network))
    command = [sys.executable, "-m", "mltui", "run", str(long), str(long), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        until = time.monotonic() + 120
        while not list(mltui_home.glob("runs/*/1/events.jsonl")) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGINT)
        document = json.loads(child.stdout.read())
        assert child.wait(60) == 130
    assert [(run["run"], run["status"]) for run in document["runs"]] == [("1", "stopped")]
    assert document["cancelled"] == ["2"]
