"""Which reader takes a file: by its name, else by its first bytes; and a word on what is no table."""

from __future__ import annotations

import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data.read import read
from mltui.data.readers.registry import READERS, reader_of

TEXT = "x,z,y\n" + "".join(f"{i},{i / 7:.3f},{'ab'[i % 2]}\n" for i in range(30))


def _hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, values in {"x": np.arange(30.0), "y": np.arange(30) % 2}.items():
            file[name] = values


def _root(path: Path) -> None:
    with uproot.recreate(path) as file:
        file.mktree("t", {"x": np.arange(30.0), "y": np.arange(30) % 2})


def _npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, x=np.arange(30.0), y=np.arange(30) % 2)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.csv", TEXT)


def _parquet(path: Path) -> None:
    pl.DataFrame({"x": np.arange(30.0), "y": np.arange(30) % 2}).write_parquet(path)


WRITTEN: dict[str, tuple[str, Callable[[Path], object]]] = {
    "text": ("text", lambda path: path.write_text(TEXT)),
    "utf-16": ("text", lambda path: path.write_bytes(TEXT.encode("utf-16"))),
    "gzip": ("text", lambda path: path.write_bytes(gzip.compress(TEXT.encode()))),
    "xz": ("text", lambda path: path.write_bytes(lzma.compress(TEXT.encode()))),
    "zip": ("text", _zip),
    "parquet": ("Parquet", _parquet),
    "npz": ("NumPy arrays", _npz),
    "hdf5": ("HDF5", _hdf5),
    "root": ("ROOT", _root),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("name", ["table", "table.v2", "data.unknown"])
def test_a_file_of_any_name_is_known_by_its_first_bytes_and_read(written: str, name: str, tmp_path: Path) -> None:
    reader, write = WRITTEN[written]
    write(tmp_path / name)
    assert reader_of(tmp_path / name).name == reader
    assert np.array_equal(read(Data(files=(name,), target="y", features=("x",)), tmp_path).values["x"], np.arange(30))


def test_every_ending_has_one_reader() -> None:
    endings = [ending for reader in READERS for ending in reader.endings]
    assert len(endings) == len(set(endings))
    assert all(ending.startswith(".") and ending == ending.lower() for ending in endings)


def test_a_spreadsheet_says_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(
        InputError, match=r"a\.xlsx is of no known format, it is a .* spreadsheet; save the sheet as CSV"
    ):
        read(Data(files=("a.xlsx",), target="y"), tmp_path)


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 50, b"PK\x03\x04broken", bytes(range(256))])
def test_what_is_no_table_names_the_known_endings(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.bin is of no known format; known endings are .*\.csv.*\.root") as caught:
        read(Data(files=("a.bin",), target="y"), tmp_path)
    assert caught.value.key == "data.files"
