"""Predictions with processes, folds and a sealed part: written, opened later, read with suspicion, old ones too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.snapshot import Scores
from mltui.record.files import private_folder
from mltui.record.folder import RunFolder
from mltui.record.predictions import (
    PartPredictions,
    Places,
    Predictions,
    add_predictions,
    read_predictions,
    write_predictions,
)

NAMES = ("signal", "top", "W + jets")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(private_folder(tmp_path / "7"))


def rows(count: int) -> PartPredictions:
    rng = np.random.default_rng(count)
    process = rng.integers(0, len(NAMES), count).astype(np.int16)
    scores = Scores(rng.integers(0, 2, count), rng.random(count), rng.normal(size=count), process)
    return PartPredictions(scores, np.zeros(count, np.int64), np.arange(count))


def of_folds(count: int, folds: int) -> PartPredictions:
    return replace(rows(count), fold=np.arange(count, dtype=np.int8) % folds)


WRITTEN = Predictions(
    {"train": of_folds(30, 3), "validation": of_folds(30, 3)},
    ("a.root",),
    ("b", "s"),
    NAMES,
    {"test": Places(np.zeros(9, np.int64), np.arange(30, 39))},
)


def test_what_each_seed_says_comes_back_and_must_fit_its_rows(folder: RunFolder) -> None:
    seeds = np.random.default_rng(1).random((9, 3)).astype(np.float32)
    write_predictions(folder, replace(WRITTEN, parts={"validation": replace(rows(9), seeds=seeds)}))
    found = read_predictions(folder)
    assert found is not None
    np.testing.assert_array_equal(found.parts["validation"].seeds, seeds)
    write_predictions(folder, replace(WRITTEN, parts={"validation": replace(rows(9), seeds=seeds[:8])}))
    with pytest.raises(InputError, match="do not fit together"):
        read_predictions(folder)


def test_processes_folds_and_the_sealed_rows_come_back(folder: RunFolder) -> None:
    write_predictions(folder, WRITTEN)
    found = read_predictions(folder)
    assert found is not None
    assert (found.processes, found.classes, found.files) == (NAMES, ("b", "s"), ("a.root",))
    assert set(found.parts) == {"train", "validation"}
    for part, wanted in WRITTEN.parts.items():
        np.testing.assert_array_equal(found.parts[part].scores.process, wanted.scores.process)
        np.testing.assert_array_equal(found.parts[part].fold, wanted.fold)
        assert len(found.parts[part]) == 30
    assert set(found.sealed) == {"test"}
    np.testing.assert_array_equal(found.sealed["test"].entry, np.arange(30, 39))
    with np.load(folder.predictions) as arrays:
        assert {name for name in arrays.files if name.startswith("test/")} == {"test/file", "test/entry"}


def test_an_opening_unseals_the_part_and_leaves_the_others(folder: RunFolder) -> None:
    write_predictions(folder, WRITTEN)
    opened = replace(rows(9), entry=np.arange(30, 39))
    add_predictions(folder, "test", opened, Predictions({}, WRITTEN.files, WRITTEN.classes, WRITTEN.processes))
    found = read_predictions(folder)
    assert found is not None
    assert found.sealed == {}
    np.testing.assert_array_equal(found.parts["test"].scores.scores, opened.scores.scores)
    np.testing.assert_array_equal(found.parts["test"].scores.process, opened.scores.process)
    assert found.parts["test"].fold is None
    np.testing.assert_array_equal(found.parts["validation"].fold, WRITTEN.parts["validation"].fold)
    only = read_predictions(folder, ["test"])
    assert only is not None
    assert set(only.parts) == {"test"}


def test_only_the_sealed_rows_are_read_where_only_they_are_wanted(folder: RunFolder) -> None:
    write_predictions(folder, WRITTEN)
    found = read_predictions(folder, ["test"])
    assert found is not None
    assert (dict(found.parts), set(found.sealed)) == ({}, {"test"})


def test_predictions_of_an_older_mltui_are_read(folder: RunFolder) -> None:
    """Before there were processes, folds and sealed rows."""
    old: dict[str, Any] = {f"train/{name}": np.zeros(4) for name in ("target", "scores", "weights")}
    old |= {"train/file": np.zeros(4, np.int64), "train/entry": np.arange(4)}
    np.savez(folder.predictions, files=np.array(["moons"]), classes=np.array(["a", "b"]), **old)
    found = read_predictions(folder)
    assert found is not None
    assert (found.processes, dict(found.sealed), found.parts["train"].fold) == ((), {}, None)
    assert len(found.parts["train"].scores.process) == 0


DAMAGES = {
    "a fold for too few rows": {"validation/fold": np.zeros(29, np.int8)},
    "a process for too few rows": {"validation/process": np.zeros(29, np.int16)},
    "a process that has no name": {"validation/process": np.full(30, 3, np.int16)},
    "a process below the first": {"validation/process": np.full(30, -1, np.int16)},
    "sealed rows without a file": {"test/file": np.zeros(8, np.int64)},
    "half of what a sealed row has": {"test/file": None},
    "sealed rows that are a table": {"test/file": np.zeros((9, 1), np.int64), "test/entry": np.zeros((9, 1), np.int64)},
    "a sealed part with its target": {"test/target": np.zeros(9)},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_does_not_fit_together_is_refused_in_a_sentence(
    folder: RunFolder, damage: dict[str, np.ndarray | None]
) -> None:
    write_predictions(folder, WRITTEN)
    with np.load(folder.predictions) as arrays:
        changed: dict[str, Any] = {**{name: arrays[name] for name in arrays.files}, **damage}
    np.savez(folder.predictions, **{name: array for name, array in changed.items() if array is not None})
    with pytest.raises(InputError, match="cannot be used as a run's predictions"):
        read_predictions(folder)
