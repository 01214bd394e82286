"""Status, control, frames, snapshots and predictions: written at one stroke, read with suspicion."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.snapshot import Points, Scores, Snapshot, Surface
from mltui.record import control, frames, process
from mltui.record.control import Command
from mltui.record.files import private_folder, replace_file
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions, Predictions, read_predictions, write_predictions
from mltui.record.snapshots import read_snapshot, snapshot_path, write_snapshot
from mltui.record.status import Status, read_status, write_status


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(private_folder(tmp_path / "7"))


def scores(rows: int, classes: int = 0) -> Scores:
    rng = np.random.default_rng(rows)
    shape = (rows, classes) if classes else (rows,)
    return Scores(rng.integers(0, 2, rows), rng.random(shape), rng.normal(size=rows))


SNAPSHOT = Snapshot(
    4,
    {"train": scores(5), "validation": scores(3, 4)},
    Surface(np.arange(6.0).reshape(2, 3), "x", "y[bold]\x1b", (0.0, 1.0, -1.0, 1.0)),
    Points(np.zeros(2), np.ones(2), np.array([0, 1]), np.array([0, 1])),
)


# -- status --------------------------------------------------------------------------------------------------------
def test_a_status_comes_back_and_is_private(folder: RunFolder) -> None:
    status = Status.here("training", attempt=2, heartbeat=5, message="all is well")
    write_status(folder.status, status)
    assert read_status(folder.status) == status
    assert status.pid == os.getpid()
    assert folder.status.stat().st_mode & 0o777 == 0o600
    assert os.listdir(folder.path) == ["status.json"]


def test_a_reader_never_sees_half_a_status(folder: RunFolder) -> None:
    write_status(folder.status, Status(message="x"))
    done = threading.Event()

    def write() -> None:
        for beat in range(100):
            write_status(folder.status, Status(heartbeat=beat, message="m" * (beat * 50)))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while not done.is_set():
        status = read_status(folder.status)
        assert status is not None
        assert status.message in ("x", "m" * (status.heartbeat * 50))
        looks += 1
    writer.join()
    assert looks


def test_a_refused_status_leaves_the_old_one(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write_status(folder.status, Status(heartbeat=1))

    def refuse(handle: int) -> None:
        raise OSError(errno.EDQUOT, "quota")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="quota"):
            write_status(folder.status, Status(heartbeat=2))
    found = read_status(folder.status)
    assert found is not None
    assert found.heartbeat == 1
    assert os.listdir(folder.path) == ["status.json"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"pid": "x"}', '{"pid": -1}', '{"pid": 99999999999}', '{"started": null}',
     '{"heartbeat": 1e999}', "[" * 60_000, "\udcff"],
)  # fmt: skip
def test_a_status_that_makes_no_sense_is_none(folder: RunFolder, text: str) -> None:
    folder.status.write_bytes(text.encode(errors="surrogateescape"))
    assert read_status(folder.status) is None


def test_a_newer_status_is_read_as_far_as_it_is_known(folder: RunFolder) -> None:
    folder.status.write_text(json.dumps({"format": 9, "state": "training", "mood": "good"}))
    status = read_status(folder.status)
    assert status is not None
    assert (status.format, status.state) == (9, "training")


# -- processes -----------------------------------------------------------------------------------------------------
def test_this_process_lives_and_agrees_with_psutil() -> None:
    psutil = pytest.importorskip("psutil")
    started = process.start_time(os.getpid())
    assert started is not None
    assert process.lives(os.getpid(), started)
    assert not process.lives(os.getpid(), started + 5)
    expected = psutil.Process().create_time() - psutil.boot_time()
    assert abs(started - expected) < 2.0


def test_numbers_that_are_no_process() -> None:
    for pid in (0, -1, 2**31 - 1):
        assert process.start_time(pid) is None


# -- attempts ------------------------------------------------------------------------------------------------------
def test_attempts_are_claimed_once_each(folder: RunFolder) -> None:
    claimed: list[int] = []
    threads = [threading.Thread(target=lambda: claimed.append(folder.claim_attempt())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == list(range(1, 9))
    assert (folder.attempts / "0001").stat().st_mode & 0o777 == 0o700


# -- which machine -------------------------------------------------------------------------------------------------
def test_where_the_kernel_names_its_session_the_clock_has_no_say() -> None:
    name = "6C4A1E4F-0B7C-4E55-9E1D-0123456789AB"
    assert process.session_elsewhere(name, "mac", 1.0) == process.session_elsewhere(name, "other", 60.0)
    assert process.session_elsewhere(name, "mac", 1.0) != process.session_elsewhere("", "mac", 1.0)
    assert process.session_elsewhere("", "mac", 1.0) != process.session_elsewhere("", "mac", 60.0)


# -- control -------------------------------------------------------------------------------------------------------
def test_commands_come_in_order_and_once(folder: RunFolder) -> None:
    assert control.take(folder) == []
    sent = [
        Command("pause"), Command("step"), Command("batch"), Command("change", "training.learning_rate", 0.01),
        Command("change", "model.dropout", 0), Command("change", "training.early_stopping"), Command("continue"),
    ]  # fmt: skip
    for command in sent:
        control.send(folder, command)
    assert control.take(folder) == sent
    assert control.take(folder) == []


def test_commands_that_make_no_sense_are_removed(folder: RunFolder) -> None:
    private_folder(folder.control)
    nonsense = [
        '{"kind": "explode"}',
        '{"kind": "change", "value": 5}',
        '{"kind": "change", "key": "", "value": 5}',
        '{"kind": "change", "key": 5, "value": 5}',
        '{"kind": "change", "key": "training.epochs"}',
        '{"kind": "change", "key": "training.epochs", "value": [5]}',
        '{"kind": "change", "key": "training.epochs", "value": 1e999}',
        "[",
        '{"kind": ["stop"]}',
        "5",
    ]
    for i, text in enumerate(nonsense):
        (folder.control / f"{i:020d}-1.json").write_text(text)
    (folder.control / "note.txt").write_text("mine")
    (folder.control / "sub.json").mkdir()
    control.send(folder, Command("stop"))
    assert control.take(folder) == [Command("stop")]
    assert sorted(os.listdir(folder.control)) == ["note.txt", "sub.json"]


def test_a_change_to_no_number_is_never_sent(folder: RunFolder) -> None:
    with pytest.raises(ValueError, match="JSON"):
        control.send(folder, Command("change", "training.learning_rate", float("nan")))
    assert control.take(folder) == []


def test_a_command_that_cannot_be_taken_away_is_not_obeyed_for_ever(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.send(folder, Command("step"))

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "no", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert control.take(folder) == []
    assert control.take(folder) == [Command("step")]


# -- frames --------------------------------------------------------------------------------------------------------
@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = private_folder(tmp_path / "run")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    return place / f"mltui-{os.getuid()}"


def test_a_frame_is_written_and_read_in_private(folder: RunFolder, runtime: Path) -> None:
    assert frames.read_frame(folder) is None
    assert frames.write_frame(folder, SNAPSHOT)
    found = frames.read_frame(folder)
    assert found is not None
    assert found.step == 4
    assert runtime.stat().st_mode & 0o777 == 0o700
    assert frames.frame_path(folder).parent == runtime
    frames.forget(folder)
    assert frames.read_frame(folder) is None


def test_frames_of_two_runs_do_not_meet_and_a_link_is_the_same_run(
    folder: RunFolder, runtime: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(folder.path)
    assert frames.frame_path(RunFolder(tmp_path / "link")) == frames.frame_path(folder)
    assert frames.frame_path(RunFolder(tmp_path / "8")) != frames.frame_path(folder)


def test_somebody_looks_for_a_few_seconds(folder: RunFolder, runtime: Path) -> None:
    assert not frames.watched(folder)
    assert frames.watch(folder)
    assert frames.watched(folder)
    marker = next(path for path in runtime.iterdir() if path.suffix == ".watched")
    long_ago = time.time() - 60
    os.utime(marker, (long_ago, long_ago))
    assert not frames.watched(folder)
    assert frames.watch(folder)
    assert frames.watched(folder)


def test_frames_that_nobody_touched_for_a_day_are_swept(folder: RunFolder, runtime: Path, tmp_path: Path) -> None:
    other = RunFolder(tmp_path / "8")
    assert frames.write_frame(folder, SNAPSHOT)
    assert frames.write_frame(other, SNAPSHOT)
    long_ago = time.time() - 2 * 86400
    os.utime(frames.frame_path(other), (long_ago, long_ago))
    frames.sweep()
    assert frames.read_frame(folder) is not None
    assert frames.read_frame(other) is None


def test_a_folder_that_others_can_write_is_left_alone(folder: RunFolder, runtime: Path) -> None:
    runtime.mkdir()
    runtime.chmod(0o770)
    with pytest.raises(InputError, match="0700"):
        frames.frame_path(folder)
    assert not frames.watch(folder)
    assert not frames.watched(folder)
    assert not frames.write_frame(folder, SNAPSHOT)
    assert frames.read_frame(folder) is None
    assert list(runtime.iterdir()) == []


def test_a_link_in_place_of_the_folder_is_left_alone(folder: RunFolder, runtime: Path, tmp_path: Path) -> None:
    runtime.symlink_to(private_folder(tmp_path / "elsewhere"))
    with pytest.raises(InputError):
        frames.frame_path(folder)


def test_a_folder_of_somebody_else_is_left_alone(folder: RunFolder, runtime: Path) -> None:
    runtime.mkdir(mode=0o700)
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(runtime, 12345, 12345)
    with pytest.raises(InputError, match="yours alone"):
        frames.frame_path(folder)


# -- snapshots -----------------------------------------------------------------------------------------------------
def test_a_snapshot_comes_back(folder: RunFolder) -> None:
    path = folder.snapshots / "0004.npz"
    write_snapshot(path, SNAPSHOT)
    found = read_snapshot(path)
    assert found is not None
    assert found.arrays().keys() == SNAPSHOT.arrays().keys()
    for name, array in SNAPSHOT.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    with np.load(path, allow_pickle=False) as plain:  # any NumPy can read it
        assert int(plain["step"]) == 4


SPOILT: dict[str, dict[str, Any]] = {
    "pickle": {"points/x": np.array([{"a": 1}], dtype=object)},
    "lengths": {"points/x": np.zeros(99)},
    "shape": {"surface/values": np.zeros(3)},
    "extent": {"surface/extent": np.array([0, np.nan, 0, 1])},
    "text": {"scores/train/target": np.array(["a"] * 5)},
    "rows": {"scores/train/weights": np.zeros(4)},
    "step": {"step": np.array([1, 2])},
    "names": {"surface/names": np.array(["one"])},
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_snapshot_whose_arrays_do_not_fit_is_none(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s.npz"
    np.savez(path, **SNAPSHOT.arrays())  # type: ignore[arg-type]
    assert read_snapshot(path) is not None
    np.savez(path, **{**SNAPSHOT.arrays(), **SPOILT[kind]})
    assert read_snapshot(path) is None


def test_a_snapshot_without_an_array_that_belongs_is_none(tmp_path: Path) -> None:
    arrays = {name: array for name, array in SNAPSHOT.arrays().items() if name != "scores/train/weights"}
    np.savez(tmp_path / "s.npz", **arrays)  # type: ignore[arg-type]
    assert read_snapshot(tmp_path / "s.npz") is None


def test_a_torn_or_random_file_is_no_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    write_snapshot(path, SNAPSHOT)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"PK" + os.urandom(3000), whole[:-30]):
        path.write_bytes(content)
        assert read_snapshot(path) is None


def test_a_file_that_would_swell_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "s.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("step.npy", b"\0" * (300 << 20))
    assert read_snapshot(path) is None
    with zipfile.ZipFile(path, "w") as archive, archive.open("step.npy", "w") as member:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(member, header)
    assert read_snapshot(path) is None


def test_no_snapshot_is_none(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "none.npz") is None
    assert read_snapshot(tmp_path) is None


@pytest.mark.parametrize("name", ["../7.npz", "/etc/passwd", "", ".", "..", "a/b.npz", "a\0b"])
def test_a_snapshot_s_name_does_not_lead_out_of_the_folder(folder: RunFolder, name: str) -> None:
    assert snapshot_path(folder, name) is None
    assert snapshot_path(folder, "0004.npz") == folder.snapshots / "0004.npz"


# -- predictions ---------------------------------------------------------------------------------------------------
def test_predictions_come_back(folder: RunFolder) -> None:
    assert read_predictions(folder) is None
    written = Predictions(
        {
            part: PartPredictions(scores(n, k), np.arange(n) % 2, np.arange(n))
            for part, n, k in (("train", 6, 3), ("test", 2, 0))
        },
        files=("/a.csv", "/β.csv"),
        classes=("s", "b"),
    )
    write_predictions(folder, written)
    found = read_predictions(folder)
    assert found is not None
    assert (found.files, found.classes, sorted(found.parts)) == (("/a.csv", "/β.csv"), ("s", "b"), ["test", "train"])
    for part, rows in written.parts.items():
        np.testing.assert_array_equal(found.parts[part].scores.scores, rows.scores.scores)
        np.testing.assert_array_equal(found.parts[part].entry, rows.entry)
    assert folder.predictions.stat().st_mode & 0o777 == 0o600


def test_regression_predictions_have_no_classes(folder: RunFolder) -> None:
    write_predictions(folder, Predictions({}))
    assert read_predictions(folder) == Predictions({}, (), ())


@pytest.mark.parametrize("kind", ["pickle", "noise", "torn", "lengths"])
def test_predictions_that_cannot_be_trusted_are_refused_in_a_sentence(folder: RunFolder, kind: str) -> None:
    arrays: dict[str, Any] = {f"test/{name}": np.zeros(2) for name in ("target", "weights", "file", "entry")}
    arrays |= {"files": np.array(["a"]), "classes": np.array(["a"]), "test/scores": np.zeros(3)}
    if kind == "pickle":
        arrays["test/target"] = np.array([{}], dtype=object)
    np.savez(folder.predictions, **arrays)
    if kind == "noise":
        folder.predictions.write_bytes(b"PK" + os.urandom(500))
    if kind == "torn":
        folder.predictions.write_bytes(folder.predictions.read_bytes()[:-40])
    with pytest.raises(InputError, match="predictions"):
        read_predictions(folder)


# -- files ---------------------------------------------------------------------------------------------------------
def test_private_folders_are_private_all_the_way(tmp_path: Path) -> None:
    made = private_folder(tmp_path / "a" / "b")
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.parent.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        private_folder(tmp_path / "file" / "x")


def test_replacing_does_not_follow_a_link_laid_in_its_way(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("old")
    (tmp_path / "status.json").symlink_to(target)
    replace_file(tmp_path / "status.json", b"new")
    assert target.read_text() == "old"
    assert (tmp_path / "status.json").read_bytes() == b"new"
