"""`mltui run` trains without a screen: the document, the metrics, the settings, the interrupt, the detached run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mltui.record.folder import RunFolder
from mltui.runs.follow import read_state
from tests.conftest import Said

Mltui = Callable[..., Any]
CLASSIFICATION = {
    "events",
    "loss",
    "accuracy",
    "baseline",
    "auc",
    "average_precision",
    "log_loss",
    "brier",
    "precision",
    "recall",
    "confusion",
    "efficiency_at",
    "separation",
}


def test_the_document_of_a_run(mltui: Mltui, toy: Path, mltui_home: Path) -> None:
    said = mltui("run", toy, "--json")
    assert said.code == 0
    document = said.document
    assert document["run"] == "1"
    assert document["status"] == "finished"
    assert document["model"] == "decision_tree"
    assert document["dataset"]["name"] == "circles"
    assert document["dataset"]["rows"] == {"train": 72, "validation": 24, "test": 24}
    assert set(document["metrics"]) == {"train", "validation", "test"}
    assert document["metrics"]["test"] is None
    for part in ("train", "validation"):
        assert set(document["metrics"][part]) == CLASSIFICATION
    assert document["metrics"]["validation"]["auc"] > 0.7
    assert document["epochs"] == 1
    assert document["seconds"] > 0
    folder = Path(document["folder"])
    assert folder.is_relative_to(mltui_home)
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "experiment.toml").read_text() == toy.read_text()
    assert mltui("runs", "show", "--json").document == document


def test_the_same_file_gives_the_same_numbers(
    mltui: Mltui, toy: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = mltui("runs", "show", "1", "--json").document
    monkeypatch.setenv("MLTUI_HOME", str(tmp_path / "other"))
    again = mltui("run", toy, "--json").document
    assert again["metrics"] == earlier["metrics"]
    assert again["folder"] != earlier["folder"]


def test_settings_are_laid_over_the_file_and_kept(mltui: Mltui, toy: Path) -> None:
    said = mltui(
        "run", toy, "--json", "--unseal", "--set", "model.name=knn", "--set", "data.options.samples=60",
        "--set", "split={train = 0.5, validation = 0.0, test = 0.5}",
    )  # fmt: skip
    assert said.code == 0, said.err
    document = said.document
    assert document["model"] == "knn"
    assert document["dataset"]["options"]["samples"] == 60
    assert document["metrics"]["validation"] is None
    assert set(document["metrics"]["test"]) == CLASSIFICATION
    assert document["openings"] == 1
    asked = (Path(document["folder"]) / "experiment.toml").read_text()
    assert asked.splitlines()[0] == '# mltui run --set "model.name=knn"'
    assert asked.endswith(toy.read_text())


def test_plain_output_has_no_escape_codes_and_no_braille(mltui: Mltui, toy: Path) -> None:
    said = mltui("run", toy, "--plain")
    assert said.code == 0
    assert said.err == ""
    assert "\x1b" not in said.out
    assert not any("⠀" <= sign <= "⣿" or "─" <= sign <= "▟" for sign in said.out)
    lines = said.out.splitlines()
    assert any(line.startswith("run 1 finished: circles, decision_tree, fitted at once, in ") for line in lines)
    table = [line.split() for line in lines if "sealed" in line]
    assert ["auc"] in [row[:1] for row in table]
    assert all(row[-1] == "sealed" for row in table)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["--set", "training.thread=1"],
            "mltui: --set training.thread: unknown key training.thread; known here: curve",
        ),
        (["--set", "split.test=1.5"], "mltui: --set split.test: split.test must be a number from 0 to 1, not 1.5"),
        (
            ["--set", 'model={name="mlp"}', "--set", "training.learning_rate=-1"],
            "mltui: --set training.learning_rate: training.learning_rate must be a number above 0",
        ),
        (["--set", "data.dataset=circels"], "mltui: --set data.dataset: there is no dataset 'circels'; did you mean"),
        (["--set", "model.name=linear_regression"], "mltui: "),
    ],
)
def test_a_setting_that_does_not_fit_starts_nothing(
    mltui: Mltui, toy: Path, mltui_home: Path, words: list[str], sentence: str
) -> None:
    assert mltui("run", toy, "--json", *words).complaint.startswith(sentence)
    assert mltui("runs", "list", "--json").document == {"runs": []}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "{}: data needs a dataset from the catalogue"),
        (b"\x00\xff\x17" * 100, "{} is not a text; an experiment is a TOML text in UTF-8"),
        (b"name = ", "{} is not valid TOML: "),
        (b"a,b,label\n1,2,0\n", "{} is not valid TOML: "),
    ],
)
def test_what_is_no_experiment_is_told(mltui: Mltui, toy: Path, content: bytes, sentence: str) -> None:
    toy.write_bytes(content)
    assert mltui("run", toy).complaint.startswith("mltui: " + sentence.format(toy))


def test_a_folder_is_no_experiment(mltui: Mltui, tmp_path: Path) -> None:
    assert mltui("run", tmp_path).complaint == f"mltui: {tmp_path} is a folder; an experiment is a .toml file"


ROWS = 40
FILES = {
    "empty": (b"", "is empty, 0 bytes"),
    "noise": (bytes(range(256)) * 12, "is not a text file, it holds binary data"),
    "no_number": (
        b"name,label\n" + b"".join(b"n%d,%d\n" % (i, i % 2) for i in range(ROWS)),
        "no column is left to learn from (name has 40 different texts)",
    ),
    "one_class": (
        b"a,b,label\n" + b"".join(b"%d,%d,s\n" % (i, i * i) for i in range(ROWS)),
        "the target label has one class only, 's'",
    ),
    "nan": (
        b"a,b,label\n" + b"".join(b"nan,nan,%d\n" % (i % 2) for i in range(ROWS)),
        "no column is left to learn from (a has no value in any row",
    ),
    "no_target": (
        b"a,b,c\n" + b"".join(b"%d,%d,1\n" % (i, i * i) for i in range(ROWS)),
        "data.target: there is no column 'label'; known here: a, b, c.",
    ),
}


@pytest.mark.parametrize("name", ["absent", *FILES])
def test_a_file_that_cannot_be_learnt_from_is_told_and_leaves_no_run(
    mltui: Mltui, tmp_path: Path, mltui_home: Path, name: str
) -> None:
    content, sentence = FILES.get(name, (None, "there is no file "))
    if content is not None:
        (tmp_path / f"{name}.csv").write_bytes(content)
    experiment = tmp_path / "own.toml"
    experiment.write_text(f'[data]\nfiles = ["{name}.csv"]\ntarget = "label"\n[model]\nname = "decision_tree"\n')
    complaint = mltui("run", experiment, "--json").complaint
    assert sentence in complaint
    assert "  " not in complaint
    assert mltui("runs", "list", "--json").document == {"runs": []}


def test_names_from_a_file_are_shown_literally(mltui: Mltui, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * i % 7},{'[red]s' if i % 2 else 'b'}\n" for i in range(ROWS))
    (tmp_path / "evil.csv").write_text(f"a\x1b[31m,b,label\n{rows}")
    experiment = tmp_path / "own.toml"
    experiment.write_text('[data]\nfiles = ["evil.csv"]\ntarget = "label"\n[model]\nname = "decision_tree"\n')
    said = mltui("run", experiment, "--plain")
    assert said.code == 0, said.err
    assert "precision [red]s" in said.out
    described = mltui("data", "describe", tmp_path / "evil.csv", "--target", "label")
    assert described.code == 0, described.err
    assert "a␛[31m" in described.out
    assert "\x1b" not in said.out + described.out


# -- living runs ---------------------------------------------------------------------------------------------------
def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def trains(home: Path) -> bool:
    return any(read_state(RunFolder(path.parent)).step >= 1 for path in home.glob("runs/*/*/events.jsonl"))


def its_worker(home: Path) -> int:
    return int(json.loads(next(home.glob("runs/*/*/status.json")).read_text())["pid"])


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """An experiment that trains for hours."""
    path = tmp_path / "long.toml"
    path.write_text(
        '[data]\ndataset = "circles"\n[model]\nname = "mlp"\nhidden_layers = [4]\n[training]\nepochs = 1000000\n'
    )
    return path


@pytest.fixture
def while_it_trains(mltui: Mltui, long: Path, mltui_home: Path) -> Iterator[Callable[[Callable[[], None]], Said]]:
    """Runs `long` in here, and does something from a thread once it trains."""

    def act(then: Callable[[], None]) -> None:
        wait_for(lambda: trains(mltui_home))
        then()

    with ThreadPoolExecutor(1) as aside:

        def both(then: Callable[[], None]) -> Said:
            acted = aside.submit(act, then)
            said: Said = mltui("run", long, "--json")
            acted.result(60)
            return said

        yield both


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


STOPPING = "stopping, and keeping what is trained; Ctrl+C again kills it\n"


def test_an_interrupt_stops_and_keeps(tmp_path: Path, mltui_home: Path, mltui: Mltui) -> None:
    """In processes of their own, as a shell starts them."""
    path = tmp_path / "long.toml"
    path.write_text('[data]\ndataset = "circles"\n[model]\nname = "hist_gradient_boosting"\nmax_iter = 100000\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "mltui", "run", str(path), "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: trains(mltui_home))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == STOPPING
    document = json.loads(out)
    assert document["status"] == "stopped"
    assert document["epochs"] > 0
    assert document["metrics"]["validation"]["loss"] > 0
    assert (Path(document["folder"]) / "model").is_dir()
    opened = mltui("runs", "unseal", "latest", "--json")
    assert opened.code == 0, opened.err
    assert opened.document["metrics"]["test"]["loss"] > 0


def test_a_request_to_end_is_an_interrupt_too(while_it_trains: Callable[..., Said]) -> None:
    said = while_it_trains(lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert (said.code, said.err) == (130, STOPPING)
    assert said.document["status"] == "stopped"
    assert (Path(said.document["folder"]) / "model").is_dir()


def test_the_second_interrupt_kills(while_it_trains: Callable[..., Said], mltui_home: Path) -> None:
    def twice() -> None:
        os.kill(its_worker(mltui_home), signal.SIGSTOP)  # a worker that hangs: it cannot take the first one to heart
        interrupt()
        wait_for(lambda: [*mltui_home.glob("runs/*/*/control/*.json")])
        interrupt()

    said = while_it_trains(twice)
    assert (said.code, said.err) == (130, f"{STOPPING}killing the run\n")
    assert said.document["status"] == "interrupted"
    assert "killed" in said.document["message"]


def test_a_worker_that_dies_fails_the_run_with_a_sentence(
    while_it_trains: Callable[..., Said], mltui_home: Path
) -> None:
    said = while_it_trains(lambda: os.kill(its_worker(mltui_home), signal.SIGKILL))
    assert said.code == 1
    assert said.document["status"] == "interrupted"
    assert "was killed (signal 9)" in said.err
    assert "Traceback" not in said.err


def test_a_detached_run_trains_on_and_is_stopped_by_its_id(long: Path, mltui_home: Path, mltui: Mltui) -> None:
    said = mltui("run", long, "--json", "--detach")
    assert (said.code, said.err) == (0, "")
    document = said.document
    assert document["status"] == "running"
    assert document["metrics"] == {"train": None, "validation": None, "test": None}
    wait_for(lambda: trains(mltui_home))
    assert mltui("runs", "show", document["run"], "--json").document["status"] == "running"
    refused = mltui("runs", "delete", document["run"], "--yes").complaint
    assert refused == f"mltui: still training: {document['run']}; stop it first with mltui runs stop {document['run']}"
    unready = mltui("runs", "unseal", document["run"]).complaint
    assert unready.startswith(f"mltui: run {document['run']} is still training; ")
    stopped = mltui("runs", "stop", document["run"], "--json")
    assert stopped.code == 0
    assert stopped.document["status"] == "stopped"
    assert mltui("runs", "stop", document["run"]).out == f"run {document['run']} stopped before\n"
    assert mltui("runs", "delete", document["run"], "--yes").out == f"run {document['run']} deleted\n"
    assert mltui("runs", "list", "--json").document == {"runs": []}


def test_a_run_trains_on_where_nobody_reads_on(long: Path, mltui_home: Path, mltui: Mltui) -> None:
    """And where the process that started it is gone."""
    command = f'"{sys.executable}" -m mltui run "{long}" --plain | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=90)
    assert done.stdout.startswith(("reading ", "epoch "))  # a busy machine is long about the libraries
    assert done.stderr == "run 1 trains on: mltui attach 1\n"
    assert mltui("runs", "stop", "1").out == "run 1 stopped\n"


def test_a_dead_run_is_shown_with_the_end_of_its_log(long: Path, mltui_home: Path, mltui: Mltui) -> None:
    assert mltui("run", long, "--detach").code == 0
    wait_for(lambda: trains(mltui_home))
    os.kill(its_worker(mltui_home), signal.SIGSEGV)
    wait_for(lambda: mltui("runs", "show", "1", "--json").document["status"] == "interrupted")
    said = mltui("runs", "show", "1")
    assert "segmentation fault" in said.out
    assert "\n  Extension modules: " in said.out or "\n  Current thread" in said.out or "\n  Thread " in said.out
    assert mltui("runs", "list", "--json").document["runs"][0]["status"] == "interrupted"
