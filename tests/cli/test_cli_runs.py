"""`mltui runs list|show|unseal|delete` on runs that are over."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Mltui = Callable[..., Any]


@pytest.fixture
def copied(trained: Path, mltui_home: Path) -> Path:
    """A store of the finished runs that a test may change."""
    shutil.copytree(trained, mltui_home, dirs_exist_ok=True)
    return mltui_home


def test_list_has_the_newest_first(mltui: Mltui, store: Path) -> None:
    runs = mltui("runs", "list", "--json").document["runs"]
    assert [run["run"] for run in runs] == ["3", "2", "1"]
    assert [run["name"] for run in runs] == ["plane", "boosted", "toy"]
    assert [run["model"] for run in runs] == ["decision_tree", "hist_gradient_boosting", "decision_tree"]
    assert [run["dataset"]["name"] for run in runs] == ["plane", "circles", "circles"]
    assert all(run["status"] == "finished" and run["seconds"] > 0 for run in runs)
    assert runs[2]["metrics"]["validation"]["auc"] > 0.7
    plain = mltui("runs", "list").out.splitlines()
    assert plain[0].split() == ["run", "status", "name", "dataset", "model", "validation", "started", "took"]
    assert [line.split()[0] for line in plain[1:]] == ["3", "2", "1"]


def test_an_empty_store_says_how_to_fill_it(mltui: Mltui, mltui_home: Path) -> None:
    assert mltui("runs", "list").out == (
        f"there are no runs yet in {mltui_home / 'runs'}; mltui run EXPERIMENT.toml makes one\n"
    )


def test_show_of_several_runs_is_a_list(mltui: Mltui, store: Path) -> None:
    both = mltui("runs", "show", "1", "3", "1", "--json").document
    assert [run["run"] for run in both["runs"]] == ["1", "3"]
    assert set(both["runs"][1]["metrics"]["validation"]) == {"loss", "rmse", "mae", "r2", "events"}
    assert both["runs"][1]["dataset"]["classes"] in ([], None)


def test_a_boosting_counts_its_trees(mltui: Mltui, store: Path) -> None:
    document = mltui("runs", "show", "2", "--json").document
    assert document["axis"] in ("tree", "iteration")
    assert document["epochs"] > 10


@pytest.mark.parametrize(
    ("run", "sentence"),
    [("9", "mltui: there is no run '9'; "), ("lates", "mltui: there is no run 'lates'; did you mean latest?")],
)
def test_a_run_that_is_not_there(mltui: Mltui, store: Path, run: str, sentence: str) -> None:
    for words in (["show"], ["stop"], ["unseal"], ["delete"]):
        assert mltui("runs", *words, run).complaint.startswith(sentence)


def test_unseal_scores_the_test_part_and_counts(mltui: Mltui, copied: Path, toy: Path) -> None:
    before = mltui("runs", "show", "1", "--json").document
    assert before["metrics"]["test"] is None
    assert before["openings"] == 0
    opened = mltui("runs", "unseal", "1", "--json").document
    assert opened["openings"] == 1
    assert opened["metrics"]["test"]["auc"] > 0.5
    assert opened["metrics"]["validation"] == before["metrics"]["validation"]
    again = mltui("runs", "unseal", "1", "--plain")
    assert "the test part has been opened 2 times" in again.out
    assert "sealed" not in again.out
    at_once = mltui("run", toy, "--unseal", "--json").document
    assert at_once["metrics"] == opened["metrics"]


def test_a_newer_runs_test_part_stays_sealed(mltui: Mltui, copied: Path) -> None:
    events = next(copied.glob("runs/*/1")) / "events.jsonl"
    events.write_text(events.read_text().replace('"format":1', '"format":99', 1))
    assert "made by a newer mltui (format 99)" in mltui("runs", "unseal", "1").complaint


def test_delete_asks_on_a_terminal(mltui: Mltui, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Typed("n\n"))
    said = mltui("runs", "delete", "1", "2")
    assert said.code == 1
    assert "run 1: toy, circles, decision_tree\n" in said.err
    assert said.err.endswith("Delete for good? [y/N] nothing was deleted\n")
    monkeypatch.setattr(sys, "stdin", Typed("y\n"))
    assert mltui("runs", "delete", "1", "2").out == "run 1 deleted\nrun 2 deleted\n"
    assert [run["run"] for run in mltui("runs", "list", "--json").document["runs"]] == ["3"]
    assert mltui("runs", "delete", "3", "--yes", "--json").document == {"deleted": ["3"]}


def test_a_run_of_another_time_is_shown_as_it_was(mltui: Mltui, copied: Path) -> None:
    """A model that has another name by now, and a setting that is out of today's bounds."""
    folder = next(copied.glob("runs/*/1"))
    for path in (folder / "resolved.toml", folder / "events.jsonl"):
        path.write_text(path.read_text().replace("decision_tree", "tree_of_old"))
    resolved = folder / "resolved.toml"
    resolved.write_text(resolved.read_text().replace("max_depth =", "max_deep ="))
    for words in (["show", "1"], ["stop", "1"]):
        document = mltui("runs", *words, "--json").document
        assert (document["name"], document["model"], document["status"]) == ("toy", "tree_of_old", "finished")
        assert document["dataset"]["name"] == "circles"
        assert document["metrics"]["validation"]["auc"] > 0.7
    assert "run 1 finished: circles, tree_of_old" in mltui("runs", "show", "1", "--plain").out


def test_a_worker_that_died_just_now_shows_as_interrupted_at_once(mltui: Mltui, copied: Path) -> None:
    folder = next(copied.glob("runs/*/1"))
    events = (folder / "events.jsonl").read_text().splitlines(keepends=True)
    (folder / "events.jsonl").write_text(events[0])
    status = json.loads((folder / "status.json").read_text())
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    status |= {"state": "training", "pid": gone.pid, "heartbeat": time.time()}
    (folder / "status.json").write_text(json.dumps(status))
    assert mltui("runs", "show", "1", "--json").document["status"] == "interrupted"


def test_without_a_terminal_nothing_is_deleted_unasked(mltui: Mltui, copied: Path) -> None:
    said = mltui("runs", "delete", "1")
    assert said.code == 2
    assert "add --yes" in said.complaint
    assert len(mltui("runs", "list", "--json").document["runs"]) == 3


def test_a_damaged_run_is_told_and_can_be_deleted(mltui: Mltui, copied: Path) -> None:
    folder = next(copied.glob("runs/*/2"))
    (folder / "resolved.toml").write_text("[data")
    assert f"{folder / 'resolved.toml'} is not valid TOML" in mltui("runs", "show", "2").complaint
    assert mltui("runs", "list").code == 0
    assert mltui("runs", "delete", "2", "--yes").out == "run 2 deleted\n"
