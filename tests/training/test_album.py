"""Pictures: what is kept follows the steps, what is live follows the clock and whoever looks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Data
from mltui.core.table import Floats
from mltui.inference.fitted import Inputs
from mltui.models.card import Shape
from mltui.record.folder import RunFolder
from mltui.record.frames import frame_path, read_frame, watch
from mltui.record.sample import read_sample
from mltui.record.snapshots import read_snapshot
from mltui.training import pictures
from mltui.training.describe import describe
from mltui.training.pictures import Album
from mltui.training.prepare import Ready, prepare


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    path = tmp_path / "run"
    path.mkdir()
    return RunFolder(path)


@pytest.fixture(scope="module")
def moons(experiment: Callable[..., Experiment]) -> Ready:
    return prepare(experiment("moons"), Path()).member(0)


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def first_input(x: Inputs) -> Floats:
    return x[:, 0].astype(np.float64)


def album(folder: RunFolder, prepared: Ready, clock: Clock) -> Album:
    warnings: list[str] = []
    made = Album(folder, prepared.problem, prepared.preprocessing, warnings.append, clock)
    made.warnings = warnings  # type: ignore[attr-defined]
    return made


def test_a_snapshot_holds_scores_of_the_parts_the_surface_and_points(folder: RunFolder, moons: Ready) -> None:
    album(folder, moons, Clock()).look(0, first_input)
    snapshot = read_snapshot(folder.snapshots / "00000000.npz")
    assert snapshot is not None
    assert set(snapshot.scores) == {"train", "validation"}
    train = moons.problem.train
    np.testing.assert_allclose(snapshot.scores["train"].scores, train.x[:, 0])
    np.testing.assert_array_equal(snapshot.scores["train"].target, train.target)
    assert snapshot.surface is not None
    assert snapshot.surface.values.shape == (60, 80)
    assert snapshot.points is not None
    assert len(snapshot.points.x) <= 500
    assert set(snapshot.points.part) == {0, 1}


def test_scores_that_are_known_are_not_asked_for_again(folder: RunFolder, moons: Ready) -> None:
    asked: list[int] = []

    def predict(x: Inputs) -> Floats:
        asked.append(len(x))
        return first_input(x)

    rows = moons.problem.live
    known = {part: first_input(r.x) for part, r in rows.items()}
    pages = album(folder, moons, Clock())
    pages.look(0, predict)
    pages.look(1, predict, known=known)
    pages.look(2, predict, known={**known, "validation": known["validation"][:-1]})  # of other rows
    cells, validation = 80 * 60, len(rows["validation"])
    assert asked == [len(rows["train"]) + validation + cells, cells, validation + cells]
    first, *others = (read_snapshot(folder.snapshots / f"0000000{step}.npz") for step in range(3))
    assert first is not None
    assert first.surface is not None
    for other in others:
        assert other is not None
        assert other.surface is not None
        np.testing.assert_array_equal(other.surface.values, first.surface.values)
        for part, scores in first.scores.items():
            np.testing.assert_array_equal(other.scores[part].scores, scores.scores)
            np.testing.assert_array_equal(other.scores[part].target, scores.target)


def test_the_surface_lies_in_the_plane_of_the_raw_features(folder: RunFolder, moons: Ready) -> None:
    """Asked with the preprocessed first feature itself, each cell answers with its own x, as scaled."""
    album(folder, moons, Clock()).look(0, first_input)
    surface = read_snapshot(folder.snapshots / "00000000.npz").surface  # type: ignore[union-attr]
    assert surface is not None
    x_low, x_high, y_low, y_high = surface.extent
    raw = np.asarray(moons.problem.train.table.values[surface.x], np.float64)
    centres = x_low + (np.arange(80) + 0.5) * (x_high - x_low) / 80
    expected = (centres - raw.mean()) / raw.std()
    np.testing.assert_allclose(surface.values[0], expected, atol=1e-5)
    np.testing.assert_allclose(surface.values[-1], expected, atol=1e-5)
    assert x_low < raw.min()
    assert y_low < y_high


def test_the_first_row_is_the_lowest_y(folder: RunFolder, moons: Ready) -> None:
    album(folder, moons, Clock()).look(0, lambda x: x[:, 1].astype(np.float64))
    surface = read_snapshot(folder.snapshots / "00000000.npz").surface  # type: ignore[union-attr]
    assert surface is not None
    assert (np.diff(surface.values[:, 0]) > 0).all()


def test_many_classes_give_the_most_likely_one_and_other_features_stand_at_their_median(
    folder: RunFolder, experiment: Callable[..., Experiment]
) -> None:
    iris = prepare(experiment("iris"), Path()).member(0)
    seen: list[Inputs] = []

    def predict(x: Inputs) -> Floats:
        seen.append(x)
        return np.tile([0.1, 0.2, 0.7], (len(x), 1))

    album(folder, iris, Clock()).look(0, predict)
    surface = read_snapshot(folder.snapshots / "00000000.npz").surface  # type: ignore[union-attr]
    assert surface is not None
    assert (surface.values == 2).all()
    table = iris.problem.train.table
    grid = seen[0][-4800:]
    others = [i for i, name in enumerate(table.features) if f"{name} [cm]" not in (surface.x, surface.y)]
    assert len(others) == 2
    for i in others:
        values = np.asarray(table.values[table.features[i]], np.float64)
        np.testing.assert_allclose(grid[:, i], (np.median(values) - values.mean()) / values.std(), atol=1e-5)


@pytest.mark.parametrize("scale", [["standard", "pca", "standard"], ["quantile", "pca"]], ids=", ".join)
def test_the_surface_lies_in_the_plane_of_the_raw_features_whatever_is_made_of_them(
    folder: RunFolder, experiment: Callable[..., Experiment], scale: list[str]
) -> None:
    """Undone step by step, the inputs of each cell are its own x and y, and the median of every other feature."""
    iris = prepare(experiment("iris", preprocess={"scale": scale}), Path()).member(0)
    seen: list[Inputs] = []

    def predict(x: Inputs) -> Floats:
        seen.append(x)
        return np.tile([0.1, 0.2, 0.7], (len(x), 1))

    album(folder, iris, Clock()).look(0, predict)
    surface = read_snapshot(folder.snapshots / "00000000.npz").surface  # type: ignore[union-attr]
    assert surface is not None
    undone = seen[0][-4800:].astype(np.float64)
    for step in reversed(iris.preprocessing.steps):
        undone = step.inverse_transform(undone)
    table = iris.problem.train.table
    labels = [column.label for column in table.columns]
    raw = np.stack([np.asarray(table.values[name], np.float64) for name in table.features], axis=1)
    x_low, x_high, y_low, y_high = surface.extent
    xs, ys = (
        x_low + (np.arange(80) + 0.5) / 80 * (x_high - x_low),
        y_low + (np.arange(60) + 0.5) / 60 * (y_high - y_low),
    )
    expected = np.tile(np.median(raw, axis=0), (4800, 1))
    expected[:, labels.index(surface.x)], expected[:, labels.index(surface.y)] = np.tile(xs, 60), np.repeat(ys, 80)
    inside = ((expected >= raw.min(axis=0)) & (expected <= raw.max(axis=0))).all(axis=1)  # a quantile ends there
    assert inside.sum() > 2000
    np.testing.assert_allclose(undone[inside], expected[inside], atol=0.06 if "quantile" in scale else 1e-4)


@pytest.mark.parametrize("dataset", ["iris", "wine", "diabetes", "dalitz", "moons"])
def test_the_surface_has_the_axes_of_the_preview(
    folder: RunFolder, experiment: Callable[..., Experiment], dataset: str
) -> None:
    made = prepare(experiment(dataset), Path()).member(0)
    classes = made.problem.shape.classes
    album(folder, made, Clock()).look(0, lambda x: np.zeros((len(x), classes) if classes > 2 else len(x)))
    snapshot = read_snapshot(folder.snapshots / "00000000.npz")
    shown = describe(Data(dataset=dataset), Path())["preview"]
    assert snapshot is not None
    assert snapshot.surface is not None
    assert snapshot.points is not None
    assert (snapshot.surface.x, snapshot.surface.y) == (shown["x"], shown["y"])
    x_low, x_high, _, _ = snapshot.surface.extent
    assert np.mean((snapshot.points.x > x_low) & (snapshot.points.x < x_high)) > 0.95


def test_an_image_has_no_surface(folder: RunFolder, experiment: Callable[..., Experiment]) -> None:
    digits = prepare(experiment("digits"), Path()).member(0)
    album(folder, digits, Clock()).look(0, lambda x: np.full((len(x), 10), 0.1))
    snapshot = read_snapshot(folder.snapshots / "00000000.npz")
    assert snapshot is not None
    assert snapshot.surface is None
    assert snapshot.points is None
    assert snapshot.scores["train"].scores.shape[1] == 10


def test_kept_snapshots_are_few_named_in_order_and_end_with_the_kept_model(folder: RunFolder, moons: Ready) -> None:
    pages = album(folder, moons, Clock())
    for step in range(101):
        pages.look(step, first_input)
    pages.last(57, first_input)
    files = pages.changed()
    assert files is not None
    steps = [step for step, _ in files]
    assert steps == sorted(steps)
    assert 57 in steps
    assert len(files) <= 24
    assert sorted(os.listdir(folder.snapshots)) == sorted(name for _, name in files)
    assert pages.changed() is None


def test_nobody_looks_and_no_frame_is_written(folder: RunFolder, moons: Ready) -> None:
    clock = Clock()
    pages = album(folder, moons, clock)
    for step in range(20):
        clock.now += 1
        pages.glance(step, first_input)
    assert not frame_path(folder).exists()


def test_somebody_looks_and_frames_come_at_most_four_a_second(folder: RunFolder, moons: Ready) -> None:
    clock, asked = Clock(), []
    pages = album(folder, moons, clock)

    def predict(x: Inputs) -> Floats:
        asked.append(clock.now)
        return first_input(x)

    watch(folder)
    for step in range(200):
        clock.now += 0.01
        pages.glance(step, predict)
    assert 7 <= len(asked) <= 9
    frame = read_frame(folder)
    assert frame is not None
    assert frame.step >= 170
    assert not folder.snapshots.exists()


def test_a_model_that_stands_still_is_drawn_once(folder: RunFolder, moons: Ready) -> None:
    clock, asked = Clock(), []
    pages = album(folder, moons, clock)

    def predict(x: Inputs) -> Floats:
        asked.append(clock.now)
        return first_input(x)

    watch(folder)
    for _ in range(10):
        clock.now += 1
        pages.glance(3, predict)
    assert len(asked) == 1


def test_a_run_of_many_classes_and_rows_stays_below_64_mb() -> None:
    many: list[tuple[Shape, int]] = [(Shape("regression", 3, 0), 3), (Shape("regression", 3, 0, targets=5), 11)]
    many += [(Shape("classification", 3, classes), 2 + (classes if classes > 2 else 1)) for classes in (2, 10, 1000)]
    for shape, numbers in many:
        rows = pictures._most_rows(shape, 2)
        size = 8 * numbers * rows * 2
        assert size * 24 <= 64e6
        assert rows > 0


def test_a_folder_that_takes_no_snapshots_is_warned_of_once_and_training_goes_on(
    folder: RunFolder, moons: Ready
) -> None:
    folder.snapshots.write_text("a file where the folder should be")
    pages = album(folder, moons, Clock())
    for step in range(3):
        pages.look(step, first_input)
    (warning,) = pages.warnings  # type: ignore[attr-defined]
    assert "snapshots are not kept" in warning
    assert "a file stands" in warning


def test_the_sample_is_the_same_every_time(moons: Ready) -> None:
    train = moons.problem.train
    once, again = train.sample(50), train.sample(50)
    np.testing.assert_array_equal(once.x, again.x)
    assert len(once) == 50
    assert train.sample(10**6) is train


def test_a_device_that_is_not_there_is_a_sentence(experiment: Callable[..., Experiment]) -> None:
    with pytest.raises(InputError, match=r"training\.device is cuda:7, which this machine does not have"):
        prepare(experiment("moons", training={"device": "cuda:7"}), Path()).member(0)


def test_of_data_with_one_feature_it_holds_the_answers_along_a_line(
    folder: RunFolder, experiment: Callable[..., Experiment]
) -> None:
    ready = prepare(experiment("polynomial", model={"name": "linear_regression"}), Path()).member(0)
    made = album(folder, ready, Clock())
    made.keep_sample()
    made.look(0, first_input)
    snapshot, sample = read_snapshot(folder.snapshots / "00000000.npz"), read_sample(folder)
    assert snapshot is not None
    surface, points = snapshot.surface, snapshot.points
    assert surface is not None
    assert points is not None
    assert not surface.flat
    assert surface.values.shape == (1, 240)
    assert (np.diff(surface.values[0]) > 0).all()
    assert len(points.x) == sum(len(rows) for rows in ready.problem.parts.values())
    assert sample is not None
    assert sample.truth is not None
    assert sample.truth.values.shape == surface.values.shape
    low, high = surface.extent[:2]
    places = low + (np.arange(240) + 0.5) * (high - low) / 240
    np.testing.assert_allclose(sample.truth.values[0], 2 * places - 10 * places**5 + 15 * places**10)


def test_the_best_answer_lies_over_the_plane_where_the_law_is_known(
    folder: RunFolder, experiment: Callable[..., Experiment], moons: Ready
) -> None:
    for dataset, many in (("mixture", False), ("blobs", True)):
        made = album(folder, prepare(experiment(dataset), Path()).member(0), Clock())
        made.keep_sample()
        sample = read_sample(folder)
        assert sample is not None
        assert sample.truth is not None
        assert sample.truth.values.shape == (60, 80)
        assert set(np.unique(sample.truth.values)) == {0, 1, 2} if many else 0 < sample.truth.values.mean() < 1
    album(folder, moons, Clock()).keep_sample()
    sample = read_sample(folder)
    assert sample is not None
    assert sample.truth is None
