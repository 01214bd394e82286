"""What a run records of its data files, and how a changed one is noticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.source import Source
from mltui.inference.asked import known
from mltui.record.folder import RunFolder
from mltui.training import surroundings
from mltui.training.prepare import prepare


@pytest.fixture
def written(tmp_path: Path, experiment: Callable[..., Experiment]) -> Callable[[], Experiment]:
    """Prepares a run on a small file and reads its resolved experiment back."""
    csv = tmp_path / "e.csv"
    csv.write_text("x,y,label\n" + "".join(f"{i},{-i},{'ab'[i % 2]}\n" for i in range(40)))

    def write() -> Experiment:
        asked = experiment(data={"files": [str(csv)], "target": "label"}, model={"name": "knn"})
        folder = RunFolder(tmp_path)
        prepared = prepare(asked, tmp_path)
        surroundings.write_resolved(folder, prepared, prepared.member(0).problem)
        found = Experiment.parse(Source("resolved.toml", folder.resolved.read_text()), known())
        assert found == asked, "what was recorded is no setting"
        return found

    return write


def test_an_untouched_file_passes_and_a_changed_one_does_not(written: Callable[[], Experiment], tmp_path: Path) -> None:
    asked = written()
    (recorded,) = asked.resolved["files"]
    assert len(recorded["sha256"]) == 64
    surroundings.check_files(asked)
    path = tmp_path / "e.csv"
    text = path.read_text()
    path.write_text(text.replace("7,-7", "9,-9"))
    with pytest.raises(InputError, match="has changed since this run was trained on it"):
        surroundings.check_files(asked)
    path.write_text(text)
    surroundings.check_files(asked)
    path.unlink()
    with pytest.raises(InputError, match="which this run was trained on, is no longer there"):
        surroundings.check_files(asked)


def test_a_large_file_goes_by_size_and_time(
    written: Callable[[], Experiment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "HASHED_BYTES", 10)
    asked = written()
    (recorded,) = asked.resolved["files"]
    assert "sha256" not in recorded
    assert "too large" in recorded["told_by"]
    surroundings.check_files(asked)
    os.utime(tmp_path / "e.csv", (1, 1))
    with pytest.raises(InputError, match="has changed"):
        surroundings.check_files(asked)


def test_the_weights_beside_a_text_are_recorded_too(written: Callable[[], Experiment], tmp_path: Path) -> None:
    weights = tmp_path / "e.csv.weight"
    weights.write_text("1\n" * 40)
    asked = written()
    assert [Path(file["path"]).name for file in asked.resolved["files"]] == ["e.csv", "e.csv.weight"]
    surroundings.check_files(asked)
    weights.write_text("2\n" * 40)
    with pytest.raises(InputError, match=r"e\.csv\.weight has changed since this run was trained on it"):
        surroundings.check_files(asked)


def test_a_catalogue_dataset_has_no_files(tmp_path: Path, experiment: Callable[..., Experiment]) -> None:
    prepared = prepare(experiment("iris", {"name": "knn"}), tmp_path)
    surroundings.write_resolved(RunFolder(tmp_path), prepared, prepared.member(0).problem)
    text = (tmp_path / "resolved.toml").read_text()
    assert "sha256" not in text
    surroundings.check_files(replace(experiment("iris"), resolved={}))


def test_the_files_of_variations_and_of_the_test_part_are_recorded_and_watched_too(
    tmp_path: Path, experiment: Callable[..., Experiment]
) -> None:
    rows = "x,y,label\n" + "".join(f"{i},{-i},{'ab'[i % 2]}\n" for i in range(40))
    for name in ("e.csv", "test.csv", "up.csv"):
        (tmp_path / name).write_text(rows)
    data = {
        "files": [str(tmp_path / "e.csv")],
        "target": "label",
        "variations": [{"name": "up", "files": [str(tmp_path / "up.csv")]}],
    }
    asked = experiment(data=data, split={"test_files": [str(tmp_path / "test.csv")]}, model={"name": "knn"})
    folder, prepared = RunFolder(tmp_path), prepare(asked, tmp_path)
    surroundings.write_resolved(folder, prepared, prepared.member(0).problem)
    found = Experiment.parse(Source("resolved.toml", folder.resolved.read_text()), known())
    assert sorted(Path(file["path"]).name for file in found.resolved["files"]) == ["e.csv", "test.csv", "up.csv"]
    surroundings.check_files(found)
    for name in ("test.csv", "up.csv"):
        (tmp_path / name).write_text(rows.replace("7,-7", "9,-9"))
        with pytest.raises(InputError, match=f"{name} has changed since this run was trained on it"):
            surroundings.check_files(found)
        (tmp_path / name).write_text(rows)
