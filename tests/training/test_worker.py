"""The worker end to end, in its own process and without a screen: from resolved.toml to a model that reads back."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.evaluation.metrics import metrics
from mltui.record import opening as openings
from mltui.record.frames import read_frame, watch, watched
from mltui.record.predictions import read_predictions
from mltui.record.reader import EventReader
from mltui.record.snapshots import read_snapshot
from mltui.record.state import RunState, fold
from mltui.record.status import read_status
from mltui.training.unseal import unseal

pytestmark = pytest.mark.xdist_group("worker")

MOONS = {"dataset": "moons", "options": {"samples": 200, "noise": 0.2}}
NETWORK = {
    "data": MOONS,
    "model": {"name": "mlp", "hidden_layers": [8], "dropout": 0.1},
    "training": {"epochs": 12, "batch_size": 20, "device": "cpu"},
}


def weighted_csv(folder: Path) -> Path:
    """120 events whose weights differ much, some negative, one column of categories."""
    rng = np.random.default_rng(5)
    rows = ["pt,eta,channel,label,weight"]
    for i in range(120):
        label = i % 2
        weight = -0.3 if i % 11 == 0 else rng.uniform(0.1, 4)
        rows.append(f"{rng.normal(label, 1):.5f},{rng.normal():.5f},{'ab'[i % 3 == 0]},{'bs'[label]},{weight:.5f}")
    path = folder / "events.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="session")
def finished(workers: Any) -> dict[str, Any]:
    """Runs of several kinds, done."""
    csv = weighted_csv(workers.root)
    weighted = {"files": [str(csv)], "target": "label", "weight": "weight"}
    tree = {"name": "decision_tree", "max_depth": 3}
    runs = {
        "network": workers.run(NETWORK),
        "tree": workers.run({"data": weighted, "model": tree}),
        "opened": workers.run({"data": weighted, "model": tree}, "--unseal"),
    }
    for name, run in runs.items():
        assert run.code() == 0, (name, run.folder.log.read_text(), run.state().message)
    return runs


@pytest.mark.parametrize("kind", ["network", "tree", "opened"])
def test_whatever_a_worker_writes_is_its_owner_s_alone(finished: dict[str, Any], kind: str) -> None:
    folder = finished[kind].folder
    written = set(folder.path.rglob("*")) - {folder.experiment, folder.resolved}
    assert len(written) > 8
    assert not [path for path in written if path.stat().st_mode & 0o077]


@pytest.mark.parametrize("kind", ["network", "tree"])
def test_a_run_ends_well_with_everything_in_its_folder(finished: dict[str, Any], kind: str) -> None:
    run = finished[kind]
    state, folder = run.state(), run.folder
    assert state.phase == "finished"
    assert state.ended
    assert set(state.metrics) == {"train", "validation"}
    assert state.kept is not None
    assert state.seconds is not None
    assert state.done == 1
    said = [event.kind for event in run.events() if "reading" not in event.fields]  # as where reading takes long
    assert said[0] == "started"
    assert run.kinds()[-1] == "finished"
    status = read_status(folder.status)
    assert status is not None
    assert (status.state, status.attempt, status.message) == ("finished", 1, "")
    assert folder.log.read_text() == "", "nothing to complain about"
    assert json.loads(folder.environment.read_text())["libraries"]["scikit-learn"]
    assert [path.name for path in folder.attempts.iterdir()] == ["0001"]


def test_the_start_says_what_runs(finished: dict[str, Any]) -> None:
    run = finished["network"]
    started = run.state().started
    assert started["format"] == 1
    assert started["run"] == run.folder.id
    assert started["model"] == "mlp"
    assert started["model_title"]
    assert started["task"] == "classification"
    assert started["dataset"] == "moons"
    assert started["axis"] == "epoch"
    assert started["total"] == 12
    assert started["parts"] == {"train": 120, "validation": 40, "test": 40}
    assert len(started["classes"]) == 2
    assert started["features"] == ["x1", "x2"]
    assert started["controls"] == ["batch", "pause", "step", "stop"]


def test_events_are_few_and_the_curves_complete(finished: dict[str, Any]) -> None:
    run = finished["network"]
    for series in run.state().series:
        np.testing.assert_array_equal(series.steps, np.arange(1, 13))
    assert run.kinds().count("progress") <= 10 * run.state().seconds + 2


@pytest.mark.parametrize("kind", ["network", "tree"])
def test_predictions_hold_the_scores_that_the_metrics_come_from(finished: dict[str, Any], kind: str) -> None:
    run = finished[kind]
    state, predictions = run.state(), read_predictions(run.folder)
    assert predictions is not None
    assert set(predictions.parts) == {"train", "validation"}
    weighted = kind == "tree"
    for part, rows in predictions.parts.items():
        found = metrics(rows.scores, "classification", predictions.classes, weighted)
        assert json.loads(json.dumps(found)) == state.metrics[part]
    entries = np.concatenate([rows.entry for rows in predictions.parts.values()])
    assert len(np.unique(entries)) == len(entries), "each row once"


def test_with_weights_the_metrics_are_weighted_and_repeated_without(finished: dict[str, Any]) -> None:
    found = finished["tree"].state().metrics["validation"]
    assert found["accuracy"] != found["unweighted"]["accuracy"]
    rows = read_predictions(finished["tree"].folder).parts["validation"].scores  # type: ignore[union-attr]
    right = (rows.scores >= 0.5) == rows.target
    assert found["accuracy"] == pytest.approx(rows.weights[right].sum() / rows.weights.sum())
    assert found["unweighted"]["accuracy"] == pytest.approx(right.mean())
    assert "unweighted" not in finished["network"].state().metrics["validation"]


def test_the_resolved_experiment_records_rows_threads_device_and_files(finished: dict[str, Any]) -> None:
    resolved = tomllib.loads(finished["tree"].folder.resolved.read_text())["resolved"]
    assert resolved["rows"] == {"train": 72, "validation": 24, "test": 24}
    assert resolved["threads"] in (1, 2)
    assert resolved["device"] == "cpu"
    (file,) = resolved["files"]
    path = Path(file["path"])
    assert file["bytes"] == path.stat().st_size
    sha256 = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    assert file["sha256"] == sha256


def test_kept_snapshots_exist_and_the_last_is_the_kept_model(finished: dict[str, Any]) -> None:
    for kind in ("network", "tree"):
        run = finished[kind]
        state = run.state()
        snapshots = {step: read_snapshot(run.folder.snapshots / name) for step, name in state.snapshots}
        assert all(snapshots.values())
        kept = snapshots[float(state.kept)]
        assert kept is not None
        assert kept.surface is not None
        rows = read_predictions(run.folder).parts["validation"].scores  # type: ignore[union-attr]
        np.testing.assert_array_equal(kept.scores["validation"].scores, rows.scores)
        assert state.started["engine"] == {"network": "network", "tree": "estimator"}[kind]
        if kind == "tree":
            assert kept.layers is None
            continue
        assert kept.layers is not None
        assert kept.layers.maps["hidden_1"].shape == (8, 20, 20)
        logits = kept.layers.maps["output"][0]
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), kept.surface.values[1::3, 2::4], atol=2e-3)


def test_the_sealed_part_leaves_no_score_anywhere(finished: dict[str, Any]) -> None:
    """Neither an event, nor an array as long as the test part, nor one of its rows' entries."""
    for kind in ("network", "tree"):
        run = finished[kind]
        assert all(event.fields.get("part") != "test" for event in run.events())
        assert "test" not in run.state().metrics
        predictions = read_predictions(run.folder)
        assert predictions is not None
        rows = run.state().started["parts"]
        assert sum(len(part.entry) for part in predictions.parts.values()) == rows["train"] + rows["validation"]
        for _, name in run.state().snapshots:
            with np.load(run.folder.snapshots / name) as arrays:
                assert not [key for key in arrays.files if "test" in key]
        for path in run.folder.path.rglob("*.json*"):
            assert '"test":{' not in path.read_text().replace(" ", "")


FULL = """
import sys
from pathlib import Path
from mltui.training import worker
def refused(*given):
    raise OSError(28, "no space left")
worker.keep_test = refused
sys.exit(worker.run(Path(sys.argv[1]), unseal=True))
"""


def test_scores_of_an_opening_that_cannot_be_kept_do_not_undo_the_run(workers: Any) -> None:
    folder = workers.folder({"data": MOONS, "model": {"name": "decision_tree"}})
    assert subprocess.run([sys.executable, "-P", "-c", FULL, str(folder.path)], check=False).returncode == 0
    state = fold(RunState(), EventReader(folder).poll())
    assert (state.phase, state.openings) == ("finished", 1)
    assert any("could not be kept: no space is left on the disk" in warning for warning in state.warnings)
    assert unseal(folder.path) == 0
    found = read_predictions(folder)
    assert found is not None
    assert set(found.parts) == {"train", "validation", "test"}
    assert fold(RunState(), EventReader(folder).poll()).openings == 2


def test_unseal_from_the_start_scores_the_test_part_and_counts_it(finished: dict[str, Any]) -> None:
    run = finished["opened"]
    assert set(run.state().metrics) == {"train", "validation", "test"}
    assert run.state().openings == 1
    predictions = read_predictions(run.folder)
    assert predictions is not None
    assert len(predictions.parts["test"].entry) == 24


def test_a_changed_file_is_not_opened(finished: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    run = finished["tree"]
    path = Path(tomllib.loads(run.folder.resolved.read_text())["resolved"]["files"][0]["path"])
    before = path.read_text()
    path.write_text(before.replace(",a,", ",b,", 1))
    code = unseal(run.folder.path)
    path.write_text(before)
    assert code == 2
    assert capfd.readouterr().err.startswith(f"{path} has changed since this run was trained on it")
    assert "test" not in run.state().metrics


def test_a_sealed_part_can_be_opened_later_with_the_saved_model(finished: dict[str, Any]) -> None:
    """Each opening is counted; the numbers are those of a run that opened it from the start."""
    run = finished["tree"]
    for opening in (1, 2):
        assert unseal(run.folder.path) == 0
        state = run.state()
        assert state.openings == opening
        assert state.phase == "finished"
        assert state.metrics["test"] == finished["opened"].state().metrics["test"]
    predictions = read_predictions(run.folder)
    assert predictions is not None
    sizes = {part: len(rows.entry) for part, rows in predictions.parts.items()}
    assert sizes == {"train": 72, "validation": 24, "test": 24}


def test_two_do_not_open_at_once_and_a_dead_one_is_not_waited_for(
    finished: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    run = finished["network"]
    before = run.state().openings
    with openings.opening(run.folder):
        assert unseal(run.folder.path) == 2
        said = capfd.readouterr().err
        assert said.startswith("another process is opening the test part of run")
        assert said.count("\n") == 1
        owner = (run.folder.opening / "owner.json").read_text()
    assert run.state().openings == before
    run.folder.opening.mkdir()
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    (run.folder.opening / "owner.json").write_text(json.dumps(json.loads(owner) | {"pid": gone.pid}))
    assert unseal(run.folder.path) == 0
    assert run.state().openings == before + 1
    assert not run.folder.opening.exists()


def test_a_network_is_opened_with_its_saved_weights(finished: dict[str, Any]) -> None:
    run = finished["network"]
    assert unseal(run.folder.path) == 0
    assert run.state().metrics["test"]["auc"] > 0.7
    assert read_predictions(run.folder).parts["test"].scores.scores.shape == (40,)  # type: ignore[union-attr]


def test_the_same_again_while_somebody_looks_gives_the_same_numbers(
    finished: dict[str, Any], workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a warmed spare worker, and watched all the time: as different from the first run as can be."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(workers.root))
    folder = workers.folder(NETWORK)
    process = workers.start("spare", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(b'{"id": 1, "job": "warm", "model": "mlp"}\n')
    process.stdin.write(json.dumps({"id": 2, "job": "run", "folder": str(folder.path)}).encode() + b"\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == {"id": 1, "result": {}}
    watch(folder)
    assert json.loads(process.stdout.readline()) == {"id": 2, "result": {"pid": process.pid}}
    process.stdin.close()
    assert process.wait(60) == 0
    first = finished["network"]
    again = type(first)(folder)
    for part in ("train", "validation"):
        assert again.state().metrics[part] == first.state().metrics[part]
    for once, twice in zip(first.state().series, again.state().series, strict=True):
        np.testing.assert_array_equal(once.values, twice.values)
    assert read_frame(folder) is None, "it was for those who looked while it trained"
    assert not watched(folder)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "absent file": ({"data": {"files": ["/nowhere/e.csv"], "target": "y"}}, r"there is no file /nowhere/e\.csv"),
    "absent target": ({"data": {"files": ["CSV"], "target": "lable"}}, r"lable.*did you mean label"),
    "wrong task": ({"model": {"name": "linear_regression"}}, r"linear_regression does regression, but the target"),
}


@pytest.mark.parametrize(("changes", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_exit_2(
    workers: Any, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    import re

    csv = weighted_csv(tmp_path)
    document = {"data": MOONS, "model": {"name": "decision_tree"}, **changes}
    if files := document["data"].get("files"):
        document["data"] = {**document["data"], "files": [str(csv) if name == "CSV" else name for name in files]}
    run = workers.run(document)
    assert run.code() == 2
    state = run.state()
    assert state.phase == "failed"
    assert state.cause == "input"
    assert re.search(sentence, state.message)
    assert "\n" not in state.message
    status = read_status(run.folder.status)
    assert status is not None
    assert (status.state, status.message) == ("failed", state.message)
    assert "Traceback" not in run.folder.log.read_text()


def test_a_folder_that_is_no_run_is_said_so(workers: Any, tmp_path: Path) -> None:
    process = workers.start("run", str(tmp_path / "absent"), stderr=subprocess.PIPE)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"cannot be used as a run folder: the folder is gone" in said
    assert b"Traceback" not in said


SMALL_FILES = """
import resource, signal, sys
from pathlib import Path
from mltui.training.worker import run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most))
code = run(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))  # what measures the tests may write as much as it likes
sys.exit(code)
"""


def test_no_room_for_the_model_is_said_and_what_it_is_worth_is_not_lost(workers: Any) -> None:
    """No file may grow beyond 20,000 bytes: enough for events and for the model, too little for the predictions."""
    many = {"dataset": "moons", "options": {"samples": 2000, "noise": 0.2}}
    folder = workers.folder({"data": many, "model": {"name": "decision_tree", "max_depth": 3}})
    assert subprocess.run([sys.executable, "-P", "-c", SMALL_FILES, str(folder.path)], check=False).returncode == 1
    state = fold(RunState(), EventReader(folder).poll())
    assert state.phase == "failed"
    assert state.cause == "disk"
    assert "the model was trained but could not be saved: file too large" in state.message
    assert state.metrics["validation"]["accuracy"] > 0.5
    assert not folder.model.exists()


def test_a_second_attempt_is_numbered_and_goes_on_in_the_same_file(workers: Any) -> None:
    run = workers.run({"data": {"files": ["/nowhere/e.csv"], "target": "y"}, "model": {"name": "knn"}})
    assert run.code() == 2
    last = run.events()[-1].seq
    assert workers.start("run", str(run.folder.path)).wait(60) == 2
    assert run.events()[-1].attempt == 2
    assert run.events()[-1].seq > last


def test_a_run_that_has_not_finished_is_not_opened(workers: Any, capfd: pytest.CaptureFixture[str]) -> None:
    folder = workers.folder(NETWORK)
    assert unseal(folder.path) == 2
    assert "has not finished (waiting)" in capfd.readouterr().err
