"""Files written piece by piece: what is read back, and that nothing half done is left."""

from __future__ import annotations

import errno
import resource
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mltui.core.errors import InputError
from mltui.core.prediction import FORMATS, Format
from mltui.core.sections import Data
from mltui.data.part import Wanted
from mltui.data.plan import opened as read
from mltui.data.stream import Stream
from mltui.data.writers import WritingError, opened

COLUMNS: dict[str, np.dtype[Any]] = {"score": np.dtype(np.float64), "fold": np.dtype(np.int32)}
PIECES = st.lists(arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_infinity=False)), max_size=4)


def write(path: Path, format: Format, pieces: list[np.ndarray]) -> None:
    with opened(path, COLUMNS, format) as file:
        for number, piece in enumerate(pieces):
            file.write({"score": piece, "fold": np.full(len(piece), number, np.int32)})


def read_back(path: Path, format: Format) -> dict[str, np.ndarray]:
    """As the libraries themselves read it."""
    if format == "root":
        with uproot.open(path) as file:
            return {name: file["scores"][name].array(library="np") for name in COLUMNS}
    frame = pl.read_parquet(path) if format == "parquet" else pl.read_csv(path)
    return {name: frame[name].to_numpy() for name in frame.columns}


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=15, deadline=None)
@given(pieces=PIECES)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, format: Format, pieces: list[np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("written") / f"x.{format}"
    write(path, format, pieces)
    found = read_back(path, format)
    assert list(found) == list(COLUMNS)
    np.testing.assert_array_equal(found["score"].astype(np.float64), np.concatenate([np.zeros(0), *pieces]))
    assert found["fold"].tolist() == [number for number, piece in enumerate(pieces) for _ in piece]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("format", FORMATS)
def test_a_missing_score_is_read_back_as_one_by_the_labs_own_readers(tmp_path: Path, format: Format) -> None:
    path = tmp_path / f"x.{format}"
    with opened(path, {"score": COLUMNS["score"]}, format) as file:
        file.write({"score": np.array([np.nan, 0.25])})
        file.write({"score": np.array([np.nan, np.nan])})
    with read(Data(files=(str(path),)), tmp_path) as plan:
        pieces = [piece.columns["score"].values for piece in Stream(plan, Wanted(("score",)))]
    np.testing.assert_array_equal(np.concatenate(pieces), [np.nan, 0.25, np.nan, np.nan])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("error", [InputError("no"), KeyboardInterrupt()])
def test_what_is_given_up_leaves_nothing(tmp_path: Path, format: Format, error: BaseException) -> None:
    def give_up() -> NoReturn:
        with opened(tmp_path / "x", COLUMNS, format) as file:
            file.write({"score": np.zeros(3), "fold": np.zeros(3, np.int32)})
            raise error

    with pytest.raises(type(error)):
        give_up()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, format: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WritingError, match="x could not be written: no space is left on the disk"):
        write(tmp_path / "x", format, [np.zeros(3)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_what_the_system_refuses_on_the_way_is_one_sentence(tmp_path: Path, format: Format) -> None:
    """A limit on the size of files stands in for a full disk: the refusal comes while a library writes."""
    noise = np.random.default_rng(1).random(200_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(WritingError, match="x could not be written: file too large"):
            write(tmp_path / "x", format, [noise])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_writes_meanwhile_stays(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="x is already there"), opened(tmp_path / "x", COLUMNS, "csv"):
        (tmp_path / "x").write_text("another's")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "another's")]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(InputError, match="x is already there and is not overwritten"):
        write(tmp_path / "x", "csv", [])
    assert (tmp_path / "x").read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written: no such file or directory"):
        write(tmp_path / "nowhere" / "x", "csv", [])
