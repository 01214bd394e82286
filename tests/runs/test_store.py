"""The store: numbers that never repeat, runs found by name, strays left alone, a disk that refuses."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.record import process
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.status import Status, write_status
from mltui.record.writer import EventWriter
from mltui.runs import experiments
from mltui.runs.follow import read_state
from mltui.runs.store import Store, absolute_document, absolute_section
from mltui.runs.summary import RunSummary, refuse_newer, summarise

ASKED = '# mine\n[data]\ndataset = "moons"\n[model]\nname = "mlp"\n'


@pytest.fixture
def experiment() -> Experiment:
    return experiments.check({"name": "toy", "data": {"dataset": "moons"}, "model": {"name": "mlp"}})


@pytest.fixture
def store(mltui_home: Path) -> Store:
    return Store(mltui_home)


def finished(folder: RunFolder, auc: float = 0.9, **metrics: Any) -> None:
    writer = EventWriter(folder, 1)
    writer.emit("started", run=folder.id, model="mlp", dataset="moons", task="classification", curves=[])
    for step in range(50):
        writer.emit("progress", axis=[step], columns=[])
    writer.emit("evaluated", part="validation", metrics={"auc": auc, "confusion": {"labels": []}, **metrics})
    writer.emit("finished", step=3, seconds=1.5)
    assert writer.close()


# -- creating ------------------------------------------------------------------------------------------------------
def test_a_new_run_keeps_what_was_asked_and_what_it_means(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, ASKED, tmp_path)
    assert folder.id == "1"
    assert folder.path.parent == store.root / time.strftime("%Y-%m")
    assert folder.experiment.read_text() == ASKED
    assert experiments.load(folder.resolved) == experiment
    assert [folder.path.stat().st_mode & 0o777, folder.resolved.stat().st_mode & 0o777] == [0o700, 0o600]
    assert store.create(experiment, ASKED, tmp_path).id == "2"


def test_the_file_names_become_absolute(store: Store, tmp_path: Path) -> None:
    files = ["a.csv", "../b/*.csv", "/c.csv", "root://server//d.root", "~/e.csv"]
    asked = experiments.check({"data": {"files": files, "target": "y"}, "model": {"name": "mlp"}})
    folder = store.create(asked, "", tmp_path / "lab")
    with folder.resolved.open("rb") as file:
        written = tomllib.load(file)["data"]["files"]
    assert written == [
        str(tmp_path / "lab" / "a.csv"), str(tmp_path / "b" / "*.csv"), "/c.csv", "root://server//d.root",
        str(Path.home() / "e.csv"),
    ]  # fmt: skip
    assert experiments.load(folder.resolved).data.files == tuple(written)


def test_the_file_names_of_samples_become_absolute(store: Store, tmp_path: Path) -> None:
    samples = [{"label": "s", "files": ["s.root", "root://host//t.root"]}, {"label": "b", "files": ["b/*.root"]}]
    asked = experiments.check({"data": {"samples": samples}, "model": {"name": "mlp"}})
    written = experiments.load(store.create(asked, "", tmp_path / "lab").resolved).data.samples
    assert [sample.files for sample in written] == [
        (str(tmp_path / "lab" / "s.root"), "root://host//t.root"),
        (str(tmp_path / "lab" / "b" / "*.root"),),
    ]


def test_the_file_names_of_variations_and_of_the_test_part_become_absolute(store: Store, tmp_path: Path) -> None:
    asked = experiments.check(
        {
            "data": {"files": ["a.csv"], "target": "y", "variations": [{"name": "alt", "files": ["v/*.csv"]}]},
            "split": {"test_files": ["t.csv", "root://h//t.root"]},
            "model": {"name": "mlp"},
        }
    )
    written = experiments.load(store.create(asked, "", tmp_path / "lab").resolved)
    assert written.data.variations[0].files == (str(tmp_path / "lab" / "v" / "*.csv"),)
    assert written.split.test_files == (str(tmp_path / "lab" / "t.csv"), "root://h//t.root")


def test_a_name_that_begins_as_a_home_folder_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    section = {"files": ["~/a.csv", "~nobody.csv", "./~/b.csv"]}
    files = absolute_section(section, Path("/lab"))["files"]
    assert files == ("/home/me/a.csv", "/lab/~nobody.csv", "/lab/~/b.csv")


def test_a_run_in_the_home_of_a_user_that_is_not_there(store: Store) -> None:
    with pytest.raises(InputError, match=r"~nobody\.here/1"):
        store.find("~nobody.here/1")


def test_a_draft_keeps_absolute_names_whatever_else_it_holds() -> None:
    section = {"files": ["a.csv"], "target": 3, "samples": [{"files": ["b.root", "root://h//c.root"]}, "?"]}
    assert absolute_section(section, Path("/lab")) == {
        "files": ("/lab/a.csv",),
        "target": 3,
        "samples": [{"files": ("/lab/b.root", "root://h//c.root")}, "?"],
    }
    assert absolute_section({"files": 3}, Path("/lab")) == {"files": 3}


def test_a_draft_keeps_absolute_names_in_both_sections() -> None:
    variations = [{"name": "alt", "files": ["v.csv"]}, {"name": "up", "weight": "w"}, 3]
    draft = {"name": "mine", "data": {"variations": variations}, "split": {"test_files": ["t.csv"], "folds": 5}}
    assert absolute_document(draft, Path("/lab")) == {
        "name": "mine",
        "data": {"variations": [{"name": "alt", "files": ("/lab/v.csv",)}, {"name": "up", "weight": "w"}, 3]},
        "split": {"test_files": ("/lab/t.csv",), "folds": 5},
    }
    assert absolute_document({"data": 3}, Path("/lab")) == {"data": 3}


def test_two_processes_never_get_the_same_number(mltui_home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from mltui.runs import experiments; from mltui.runs.store import Store\n"
        "e = experiments.check({'data': {'dataset': 'moons'}, 'model': {'name': 'mlp'}})\n"
        "print(flush=True); sys.stdin.readline()\n"
        "for _ in range(20): print(Store(Path(sys.argv[1])).create(e, '', Path('/')).id)\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(mltui_home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        racer.stdout.readline()
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    ids = [line for racer in racers for line in racer.communicate(timeout=60)[0].split()]
    assert sorted(map(int, ids)) == list(range(1, 41))


def test_numbers_go_on_from_month_to_month(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    private_folder(store.root / "2020-12" / "41")
    assert store.create(experiment, "", tmp_path).id == "42"


def test_a_number_taken_in_the_other_month_at_the_same_moment_is_given_up(
    store: Store, experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir

    def mkdir(path: Path, *arguments: Any, **more: Any) -> None:
        real(store.root / "2020-12" / "1", exist_ok=True)
        real(path, *arguments, **more)

    private_folder(store.root / "2020-12")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", mkdir)
        assert store.create(experiment, "", tmp_path).id == "2"


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "no space"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only")]
)
@pytest.mark.parametrize("call", ["mkdir", "fsync"])
def test_a_store_that_cannot_be_written_is_one_sentence_and_leaves_nothing(
    store: Store, experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str,
    call: str,
) -> None:  # fmt: skip
    store.create(experiment, "", tmp_path)

    def refuse(*arguments: object, **more: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(InputError, match=said) as caught:
            store.create(experiment, "", tmp_path)
    assert "MLTUI_HOME" in caught.value.sentence
    assert [folder.id for folder in store.folders()] == ["1"]
    assert store.create(experiment, "", tmp_path).id == "2"


# -- listing -------------------------------------------------------------------------------------------------------
def test_runs_are_listed_newest_first_with_what_matters(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    runs = [store.create(experiment, "", tmp_path) for _ in range(11)]
    finished(runs[10], 0.97, accuracy=0.5, loss=None)
    listed = store.list()
    assert [int(summary.id) for summary in listed] == list(range(11, 0, -1))
    newest = listed[0]
    assert (newest.name, newest.dataset, newest.model, newest.task) == ("toy", "moons", "mlp", "classification")
    assert (newest.phase, newest.seconds, dict(newest.metrics)) == ("finished", 1.5, {"auc": 0.97, "accuracy": 0.5})
    assert abs(newest.when - time.time()) < 60
    assert (listed[1].phase, listed[1].dataset, listed[1].model) == ("waiting", "moons", "mlp")


def test_a_list_reads_little_of_a_long_run(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, "", tmp_path)
    writer = EventWriter(folder, 1)
    for hundredths in range(200):
        writer.emit("progress", reading=hundredths / 200)
    writer.emit("started", run="1", model="mlp", dataset="moons", task="classification", curves=[])
    assert writer.close()
    with folder.events.open("ab") as file:  # ten gigabytes that nobody should read
        file.seek(10 << 30)
        file.write(b"\n")
    tail: list[dict[str, Any]] = [
        {"kind": "evaluated", "part": "validation", "metrics": {"auc": 0.9, "big": ["x" * 1000] * 300}},
        {"kind": "finished", "seconds": 2.0},
    ]
    with folder.events.open("a") as lines:
        for i, event in enumerate(tail):
            lines.write(json.dumps({"seq": 10**6 + i, "attempt": 1, "time": 1.0, **event}) + "\n")
    (summary,) = store.list()
    assert (summary.phase, summary.seconds, summary.metrics["auc"]) == ("finished", 2.0, 0.9)
    assert summary.task == "classification", "as the start says, after what is said of the reading"


def test_a_dead_run_is_listed_as_interrupted(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, "", tmp_path)
    writer = EventWriter(folder, 1)
    writer.emit("started", run="1", curves=[])
    assert writer.close()
    write_status(folder.status, Status(state="training", host=process.host(), boot=process.boot(), pid=2**22 + 1))
    (summary,) = store.list()
    assert summary.phase == "interrupted"
    assert "gone" in summary.message
    assert summary.message == read_state(folder).message


def test_strays_in_the_store_are_left_alone(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, "", tmp_path)
    month = folder.path.parent
    (month / "notes.txt").write_text("mine")
    (month / "99").write_text("a file")
    (month / "007").mkdir()
    (month / "backup").mkdir()
    (month / "88").mkdir()  # claimed, but nothing in it
    (store.root / "2030-1x").mkdir()
    (store.root / ".DS_Store").touch()
    (month / "77").symlink_to(tmp_path)
    assert [summary.id for summary in store.list()] == ["1"]
    assert store.create(experiment, "", tmp_path).id == "89"
    with pytest.raises(InputError, match="is not a run of the store"):
        store.delete(RunFolder(month / "backup"))
    assert (month / "notes.txt").read_text() == "mine"


NONSENSE = b'{"seq":0,"attempt":1,"kind":"started","time":1,"curves":7}\n'


@pytest.mark.parametrize("content", [b"", b"\0" * 50, b"\xff" * 50, b"[" * 5000, NONSENSE])
def test_a_damaged_run_does_not_spoil_the_list(
    store: Store, experiment: Experiment, tmp_path: Path, content: bytes
) -> None:
    for name in ("events", "status", "resolved", "launch"):
        folder = store.create(experiment, "", tmp_path)
        getattr(folder, name).write_bytes(content)
    good = store.create(experiment, "", tmp_path)
    finished(good)
    assert [summary.id for summary in store.list()] == ["5", "4", "3", "2", "1"]
    assert store.list()[0].metrics["auc"] == 0.9


def test_no_store_is_an_empty_list(tmp_path: Path) -> None:
    assert list(Store(tmp_path / "nowhere").list()) == []
    assert not (tmp_path / "nowhere").exists()


# -- finding -------------------------------------------------------------------------------------------------------
@pytest.fixture
def many(store: Store, experiment: Experiment, tmp_path: Path) -> Store:
    for _ in range(12):
        store.create(experiment, "", tmp_path)
    return store


@pytest.mark.parametrize(("ref", "meant"), [("latest", "12"), ("1", "1"), ("12", "12"), ("3", "3")])
def test_a_run_is_found(many: Store, ref: str, meant: str) -> None:
    assert many.find(ref).id == meant


def test_a_unique_beginning_is_enough(many: Store) -> None:
    private_folder(many.root / "2020-01" / "345")
    (many.root / "2020-01" / "345" / "resolved.toml").touch()
    assert many.find("34").id == "345"
    finished(many.find("1"))
    many.delete(many.find("1"))
    with pytest.raises(InputError, match="10, 11, 12"):
        many.find("1")


@pytest.mark.parametrize(
    ("ref", "said"), [("99", "no run '99'"), ("lastest", "did you mean latest"), ("", "no run ''"), ("0", "no run '0'")]
)
def test_a_run_that_is_not_there_is_a_sentence(many: Store, ref: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        many.find(ref)


def test_an_empty_store_says_so(store: Store) -> None:
    with pytest.raises(InputError, match="no runs yet"):
        store.find("latest")


def test_a_run_folder_can_be_named_by_its_path(many: Store, tmp_path: Path) -> None:
    assert many.find(str(many.find("3").path)).path == many.find("3").path
    with pytest.raises(InputError, match="not a run folder"):
        many.find(f"{tmp_path}/")
    with pytest.raises(InputError, match="no run folder"):
        many.find(str(tmp_path / "x" / "y"))


# -- deleting ------------------------------------------------------------------------------------------------------
def test_a_deleted_run_is_gone_and_its_number_is_not_given_out_again(
    store: Store, experiment: Experiment, tmp_path: Path
) -> None:
    folder = store.create(experiment, "", tmp_path)
    finished(folder)
    write_status(folder.status, Status(state="finished", boot=process.boot()))
    store.delete(folder)
    assert not folder.path.exists()
    assert os.listdir(folder.path.parent) == []
    assert store.create(experiment, "", tmp_path).id == "2"


def test_a_living_run_is_not_deleted(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, "", tmp_path)
    with pytest.raises(InputError, match="being started"):
        store.delete(folder)
    write_status(folder.status, Status.here("training", attempt=1))
    with pytest.raises(InputError, match="mltui runs stop 1"):
        store.delete(folder)
    write_status(folder.status, Status(state="training", host="node9", boot="b:1", pid=5))
    with pytest.raises(InputError, match="still trains"):
        store.delete(folder)
    assert folder.resolved.exists()


def test_a_strangers_folder_is_not_deleted(store: Store, tmp_path: Path) -> None:
    stranger = RunFolder(private_folder(tmp_path / "runs" / "2020-01" / "5"))
    with pytest.raises(InputError, match="not a run of the store"):
        store.delete(stranger)
    assert stranger.path.exists()


def test_a_folder_that_cannot_be_written_down_is_said_and_leaves_nothing(store: Store) -> None:
    asked = experiments.check({"data": {"files": ["e.csv"], "target": "y"}, "model": {"name": "mlp"}})
    with pytest.raises(InputError, match="not UTF-8"):
        store.create(asked, "", Path("/data/caf\udce9"))
    assert not list(store.root.rglob("*")) if store.root.exists() else True


# -- newer formats -------------------------------------------------------------------------------------------------
def test_a_newer_run_can_only_be_looked_at(store: Store, experiment: Experiment, tmp_path: Path) -> None:
    folder = store.create(experiment, "", tmp_path)
    refuse_newer(folder)
    folder.events.write_text('{"seq":0,"attempt":1,"kind":"started","time":1,"format":2,"curves":[]}\n')
    with pytest.raises(InputError, match="newer mltui"):
        refuse_newer(folder)
    with pytest.raises(InputError, match="newer mltui"):
        store.delete(folder)
    folder.events.unlink()
    write_status(folder.status, Status(format=2))
    with pytest.raises(InputError, match="newer mltui"):
        refuse_newer(folder)


@pytest.mark.parametrize("state", ["training", "paused", "finished"])
def test_a_run_s_line_says_where_it_is_and_since_when(
    store: Store, experiment: Experiment, tmp_path: Path, state: str
) -> None:
    folder = store.create(experiment, "", tmp_path)
    writer = EventWriter(folder, 1)
    said = [writer.emit("started", run="1", curves=[]), writer.emit("progress", axis=[], columns=[])]
    if state != "training":
        said.append(writer.emit(state))
    assert writer.close()
    write_status(folder.status, replace(Status.here(state, attempt=1), host="node17"))
    (summary,) = store.list()
    assert (summary.phase, summary.host) == (state, "node17")
    assert summary.since == (said[0] if state == "training" else said[-1]).time
    told = read_state(folder)
    assert (told.phase, told.host, told.since) == (state, "node17", summary.since)


def test_a_dead_run_is_interrupted_since_it_was_last_heard_of(
    store: Store, experiment: Experiment, tmp_path: Path
) -> None:
    folder = store.create(experiment, "", tmp_path)
    writer = EventWriter(folder, 1)
    writer.emit("started", run="1", curves=[])
    assert writer.close()
    write_status(folder.status, Status(state="training", host=process.host(), boot=process.boot(), pid=2**22 + 1))
    os.utime(folder.status, (5e8, 5e8))
    (summary,) = store.list()
    assert (summary.since, read_state(folder).since) == (5e8, 5e8)


def test_an_ended_run_is_listed_anew_only_when_its_files_have_changed(
    store: Store, experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, died = (store.create(experiment, "", tmp_path) for _ in range(2))
    for folder, kinds in ((ended, ("started", "stopped")), (died, ("started",))):
        writer = EventWriter(folder, 1)
        for kind in kinds:
            writer.emit(kind, run=folder.id, curves=[])
        assert writer.close()
        gone = Status(state="training", host=process.host(), boot=process.boot(), pid=2**22 + 1)
        write_status(folder.status, gone)
    read: list[str] = []

    def noted(folder: RunFolder) -> RunSummary:
        read.append(folder.id)
        return summarise(folder)

    monkeypatch.setattr("mltui.runs.store.summarise", noted)
    first = store.list()
    assert [(run.id, run.phase) for run in first] == [("2", "interrupted"), ("1", "stopped")]
    read.clear()
    assert store.list() == first
    assert read == ["2"], "a dead one may be heard of again"
    writer = EventWriter(ended, 2)
    writer.emit("resumed", **{"from": 0})
    writer.emit("finished", seconds=2.0)
    assert writer.close()
    assert [run.phase for run in store.list()] == ["interrupted", "finished"]
    store.delete(ended)
    assert [run.id for run in store.list()] == ["2"]
