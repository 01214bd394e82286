"""The sample that a run keeps: the very rows behind the scores of its snapshots, raw, bounded, never the test part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mltui.core.experiment import Experiment
from mltui.core.sample import Sample
from mltui.core.snapshot import Snapshot
from mltui.data import disk
from mltui.inference.asked import known
from mltui.record.folder import RunFolder
from mltui.record.predictions import read_predictions
from mltui.record.sample import read_sample, scored, scored_at_last
from mltui.record.snapshots import read_snapshot
from mltui.training import pictures, sample
from mltui.training.pictures import Album
from mltui.training.prepare import Prepared, prepare
from mltui.training.sample import sample_of
from mltui.training.worker import run

ROWS = 240
TREE = {"name": "decision_tree", "max_depth": 3}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files; x is the row's number in both together, whose class, label and weight follow from it."""
    folder = tmp_path_factory.mktemp("table")
    rng = np.random.default_rng(3)
    order = rng.permutation(ROWS)
    for name, numbers in (("a", order[: ROWS // 3]), ("b", order[ROWS // 3 :])):
        lines = ["x,hole,channel,label,w,y,z"]
        for n in numbers.tolist():
            hole = "" if n % 5 == 0 else f"{n / 2}"
            lines.append(f"{n},{hole},{('ee', 'mm', 'tt')[n % 3]},{'bs'[n % 7 > 2]},{2.5 - n % 4},{n + 0.5},{2 * n}")
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


def document(table: Path, **more: Any) -> dict[str, Any]:
    data = {"files": [str(table / "*.csv")], "target": "label", "features": ["x", "hole", "channel", "x * 2"]}
    data |= {"weight": "w"} | more.pop("data", {})
    return {"data": data, "model": TREE, "split": {"stratify": False}, **more}


def prepared(table: Path, **more: Any) -> Prepared:
    return prepare(Experiment.check(document(table, **more), known()), Path())


def trained(folder: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The run, done in this process."""
    path = folder / "run"
    path.mkdir()
    text = Experiment.check(document, known()).to_toml()
    made = RunFolder(path)
    made.experiment.write_text(text)
    made.resolved.write_text(text)
    monkeypatch.setattr("mltui.training.worker.log_everything_to", lambda path: None)
    monkeypatch.setattr("os.nice", lambda by: 0)
    assert run(path) == 0
    return made


def snapshots(folder: RunFolder) -> list[Snapshot]:
    found = [read_snapshot(path) for path in sorted(folder.snapshots.iterdir())]
    return [snapshot for snapshot in found if snapshot is not None]


def lines(table: Path) -> dict[tuple[str, int], list[str]]:
    """Of each file and entry the cells as they are written."""
    return {
        (str(path), entry): line.split(",")
        for path in table.glob("*.csv")
        for entry, line in enumerate(path.read_text().splitlines()[1:])
    }


def check_rows(found: Sample, table: Path) -> set[tuple[str, int]]:
    """That each row of the sample is what its file has at its entry; all of them."""
    written, seen = lines(table), set()
    channel = next(column for column in found.columns if column.name == "channel")
    for rows in found.parts.values():
        for at in range(len(rows)):
            place = found.files[rows.file[at]], int(rows.entry[at])
            x, hole, label, kind, w, *_ = written[place]
            values = {name: column[at] for name, column in rows.values.items()}
            assert values["x"] == float(x)
            assert values["x * 2"] == 2 * float(x)
            assert np.isnan(float(values["hole"])) if not hole else float(values["hole"]) == float(hole)
            assert channel.categories[int(values["channel"])] == label
            assert found.classes[int(rows.target[at])] == kind
            assert rows.weights[at] == float(w)
            seen.add(place)
        assert len(rows) == rows.whole
    return seen


def test_the_rows_of_the_snapshots_are_kept_as_the_files_have_them(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trained(tmp_path, document(table), monkeypatch)
    found = read_sample(folder)
    assert found is not None
    seen = check_rows(found, table)
    assert len(seen) == sum(len(rows) for rows in found.parts.values()) == round(0.8 * ROWS)
    assert set(found.parts) == {"train", "validation"}
    kept = snapshots(folder)
    assert kept
    for snapshot in kept:
        assert scored(found, snapshot.scores).keys() == snapshot.scores.keys() == found.parts.keys()
    predictions = read_predictions(folder)
    assert predictions is not None
    final = scored_at_last(found, predictions.parts)
    for part, scores in kept[-1].scores.items():
        np.testing.assert_array_equal(final[part].scores, scores.scores)
    closed = predictions.sealed["test"]
    sealed = {(predictions.files[f], int(e)) for f, e in zip(closed.file, closed.entry, strict=True)}
    assert sealed
    assert not sealed & seen


def test_with_folds_the_sample_is_of_the_first_model(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose snapshots are kept; in the end each row's score is that of the model that held it out, or of the next."""
    folder = trained(tmp_path, document(table, split={"folds": 3, "stratify": False}), monkeypatch)
    found, predictions = read_sample(folder), read_predictions(folder)
    assert found is not None
    assert predictions is not None
    check_rows(found, table)
    kept = snapshots(folder)[-1]
    assert scored(found, kept.scores).keys() == {"train", "validation"}
    held_out = scored_at_last(found, predictions.parts)["validation"]
    np.testing.assert_array_equal(held_out.scores, kept.scores["validation"].scores)
    assert len(held_out) < len(predictions.parts["validation"])


def test_a_sample_has_the_scored_rows_only_and_says_of_how_many(
    table: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pictures, "_most_rows", lambda shape, parts: 20)
    ready = prepared(table).member(0)
    folder = RunFolder(tmp_path)
    album = Album(folder, ready.problem, ready.preprocessing, pytest.fail)
    album.keep_sample()
    album.look(0, lambda x: x[:, 0].astype(np.float64))
    found, snapshot = read_sample(folder), read_snapshot(folder.snapshots / "00000000.npz")
    assert found is not None
    assert snapshot is not None
    assert {part: (len(rows), rows.whole) for part, rows in found.parts.items()} == {
        "train": (20, 144),
        "validation": (20, 48),
    }
    for part, scores in scored(found, snapshot.scores).items():
        raw, scaled = found.parts[part].values["x"].astype(np.float64), scores.scores
        np.testing.assert_allclose(np.corrcoef(raw, scaled)[0, 1], 1)  # the scaled first feature


def test_where_there_is_little_room_the_first_features_stay(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = prepared(table, split={"by": "group", "column": "w"}).member(0).problem
    sizes = {part: len(rows) for part, rows in problem.parts.items()}
    every = sample_of(problem.parts, sizes)
    assert [column.name for column in every.columns] == ["x", "hole", "channel", "x * 2", "w"]
    assert (every.features, every.left_out) == (4, 0)
    rows = sum(sizes.values())
    itemsize = next(iter(every.parts.values())).values["x"].dtype.itemsize
    monkeypatch.setattr(sample, "MOST_BYTES", rows * (itemsize + 8))
    little = sample_of(problem.parts, sizes)
    assert [column.name for column in little.columns] == ["x", "hole"]
    assert (little.features, little.left_out) == (2, 3)


def test_images_are_no_variables() -> None:
    problem = (
        prepare(Experiment.check({"data": {"dataset": "digits"}, "model": TREE}, known()), Path()).member(0).problem
    )
    found = sample_of(problem.parts, {part: len(rows) for part, rows in problem.parts.items()})
    assert all(column.kind != "image" for column in found.columns)
    assert len(found.classes) == 10


def test_several_values_to_predict(table: Path) -> None:
    made = prepared(table, data={"target": ["y", "z"], "features": ["x", "hole"], "weight": None})
    parts = made.member(0).problem.parts
    found = sample_of(parts, {part: len(rows) for part, rows in parts.items()})
    assert (found.targets, found.classes) == (("y", "z"), ())
    for rows in found.parts.values():
        x = rows.values["x"].astype(np.float64)
        np.testing.assert_array_equal(rows.target, np.stack([x + 0.5, 2 * x], axis=1))
        assert np.all(rows.weights == 1)


def test_a_table_on_disk_has_its_sample_too(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mltui.data.memory.fits", lambda count: False)
    model = {"name": "mlp", "hidden_layers": [4]}
    training = {"epochs": 1, "batch_size": 64, "device": "cpu", "threads": 1}
    made = prepared(table, model=model, training=training)
    assert made.divided.on_disk
    assert any(disk.on_disk(values) for values in made.divided.table.values.values())
    ready = made.member(0)
    folder = RunFolder(tmp_path)
    album = Album(folder, ready.problem, ready.preprocessing, pytest.fail)
    album.keep_sample()
    found = read_sample(folder)
    assert found is not None
    check_rows(found, table)


def test_a_disk_that_is_full_is_said_and_training_goes_on(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **keys: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pictures, "write_sample", refuse)
    said: list[str] = []
    ready = prepared(table).member(0)
    Album(RunFolder(tmp_path), ready.problem, ready.preprocessing, said.append).keep_sample()
    assert len(said) == 1
    assert "no space is left on the disk" in said[0]


# -- images --------------------------------------------------------------------------------------------------------
def pictured(data: dict[str, Any]) -> Sample:
    made = prepare(Experiment.check({"data": data, "model": TREE}, known()), Path())
    parts = made.member(0).problem.parts
    return sample_of(parts, {part: len(rows) for part, rows in parts.items()})


def own(path: Path, values: NDArray[Any]) -> Sample:
    np.savez(path / "images.npz", cells=values, label=np.arange(len(values)) % 2, event=np.arange(len(values)))
    files = [str(path / "images.npz")]
    return pictured({"files": files, "target": "label", "features": ["cells"], "spectators": ["event"]})


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3), (90, 70)])
def test_images_are_kept_as_they_are_seen(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=(60, *shape))
    found = own(tmp_path, values)
    rows = found.parts["validation"]
    assert found.image is not None
    assert (found.image.name, found.image.kind) == ("cells", "image")
    assert found.left_out == 0
    assert rows.pixels is not None
    assert rows.pixels.shape[1:] == {(5, 4, 3): (5, 4), (90, 70): (64, 64)}.get(shape, shape)
    if shape == (5, 4):
        low, high = found.scale
        wanted = np.clip((values[rows.values["event"].astype(int)] - low) / (high - low), 0, 1)
        np.testing.assert_allclose(rows.pixels / 255, wanted, atol=0.5 / 255 + 1e-9)


def test_signals_are_kept_too() -> None:
    found = pictured({"dataset": "chirps", "options": {"samples": 40, "length": 1024}})
    assert found.image is not None
    assert {rows.pixels.shape[1:] for rows in found.parts.values() if rows.pixels is not None} == {(512,)}


def test_images_without_room_or_of_three_dimensions_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = own(tmp_path, np.zeros((60, 3, 3)))
    assert found.image is not None, "also of one value alone"
    monkeypatch.setattr(sample, "MOST_PIXELS", 60)
    found = own(tmp_path, np.zeros((60, 3, 3)))
    assert found.image is None
    assert found.left_out == 1
    assert found.parts["validation"].pixels is None


def test_what_is_no_number_in_an_image_counts_as_nothing(tmp_path: Path) -> None:
    values = np.ones((60, 3, 3))
    values[:, 1, 1] = np.nan
    found = own(tmp_path, values)
    pixels = found.parts["validation"].pixels
    assert pixels is not None
    assert (pixels[:, 1, 1] == 0).all()
    assert (pixels[:, 0, 0] == 255).all()
