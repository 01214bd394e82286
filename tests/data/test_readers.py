"""The user's own files: what is written is read, whatever the format, and only what is asked for."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.sections import Data
from mltui.data.files import found
from mltui.data.read import read
from mltui.data.readers.registry import reader_of

ROWS = 60
RNG = np.random.default_rng(5)
COLUMNS: dict[str, Any] = {
    "pt": RNG.normal(30, 10, ROWS),
    "jets": RNG.integers(0, 5, ROWS),
    "tight": RNG.integers(0, 2, ROWS).astype(bool),
    "trigger": np.array(["mu", "e", "tau"])[RNG.integers(0, 3, ROWS)],
    "event": np.arange(ROWS) + 100_000,
    "eventWeight": RNG.normal(1, 1, ROWS),
    "label": np.arange(ROWS) % 2,
}


def _csv(path: Path) -> Path:
    pl.DataFrame(COLUMNS).write_csv(path.with_suffix(".csv"))
    return path.with_suffix(".csv")


def _tsv(path: Path) -> Path:
    pl.DataFrame(COLUMNS).write_csv(path.with_suffix(".tsv"), separator="\t")
    return path.with_suffix(".tsv")


def _semicolons(path: Path) -> Path:
    pl.DataFrame(COLUMNS).write_csv(path.with_suffix(".csv"), separator=";")
    return path.with_suffix(".csv")


def _parquet(path: Path) -> Path:
    pl.DataFrame(COLUMNS).write_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def _ttree(path: Path) -> Path:
    columns = {name: ak.Array(values.tolist()) if name == "trigger" else values for name, values in COLUMNS.items()}
    with uproot.recreate(path.with_suffix(".root")) as file:
        file.mktree("events", columns)
    return path.with_suffix(".root")


def _rntuple(path: Path) -> Path:
    with uproot.recreate(path.with_suffix(".root")) as file:
        file["events"] = ak.Array({name: values.tolist() for name, values in COLUMNS.items()})
    return path.with_suffix(".root")


def _npz(path: Path) -> Path:
    np.savez(path.with_suffix(".npz"), **COLUMNS)
    return path.with_suffix(".npz")


def _hdf5(path: Path) -> Path:
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        for name, values in COLUMNS.items():
            file.create_dataset(name, data=values.astype("S") if name == "trigger" else values, track_order=True)
    return path.with_suffix(".h5")


FORMATS: tuple[Callable[[Path], Path], ...] = (
    _csv, _tsv, _semicolons, _parquet, _ttree, _rntuple, _npz, _hdf5,
)  # fmt: skip


@pytest.mark.parametrize("write", FORMATS)
def test_what_was_written_is_read(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path / "events")
    table = read(Data(files=(path.name,), target="label", weight="eventWeight"), tmp_path)
    assert set(table.features) == {"pt", "jets", "tight", "trigger"}
    assert np.array_equal(table.values["pt"], COLUMNS["pt"])
    assert np.array_equal(table.values["tight"], COLUMNS["tight"].astype(float))
    trigger = next(column for column in table.columns if column.name == "trigger")
    assert trigger.categories == ("e", "mu", "tau")
    assert np.array(trigger.categories)[table.values["trigger"].astype(int)].tolist() == COLUMNS["trigger"].tolist()
    assert table.classes == ("0", "1")
    assert np.array_equal(table.target, COLUMNS["label"])
    assert np.array_equal(table.weights_or_ones(), COLUMNS["eventWeight"])
    assert table.files == (str(path),)
    assert table.entry.tolist() == list(range(ROWS))


@pytest.mark.parametrize("write", FORMATS)
def test_named_features_in_the_order_asked_with_globs(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path / "events")
    chosen = Data(files=(str(path),), target="label", features=("tight", "p*", "event"), exclude=("ti*",))
    assert read(chosen, Path("/")).features == ("pt", "event")


finite = st.floats(-1e150, 1e150, allow_nan=False, width=64)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    rows=st.lists(st.tuples(finite | st.none(), st.integers(-(2**60), 2**60)), min_size=4, max_size=20),
    parquet=st.booleans(),
)
def test_any_numbers_go_to_a_file_and_back(rows: list[tuple[float | None, int]], parquet: bool, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "a": [row[0] for row in rows] + [1.5],
            "b": [row[1] for row in rows] + [1],
            "y": [i % 2 for i in range(len(rows) + 1)],
        },
        schema={"a": pl.Float64, "b": pl.Int64, "y": pl.Int64},
    )
    path = tmp_path / ("any.parquet" if parquet else "any.csv")
    frame.write_parquet(path) if parquet else frame.write_csv(path)
    table = read(Data(files=(path.name,), target="y", features=("a", "b")), tmp_path)
    expected = np.array([np.nan if row[0] is None else row[0] for row in rows] + [1.5])
    assert np.array_equal(table.values["a"], expected, equal_nan=True)
    assert np.array_equal(table.values["b"], np.array([row[1] for row in rows] + [1]).astype(float))


def test_several_files_are_stacked_and_every_row_knows_its_place(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x,kind,y\n1,u,a\n2,v,b\n")
    (tmp_path / "a.csv").write_text("kind,x,y\nw,3,b\nu,4,a\nu,,a\n")
    table = read(Data(files=("*.csv",), target="y"), tmp_path)
    assert [Path(file).name for file in table.files] == ["a.csv", "b.csv"]
    assert table.file.tolist() == [0, 0, 0, 1, 1]
    assert table.entry.tolist() == [0, 1, 2, 0, 1]
    assert table.columns[0].categories == ("u", "v", "w")
    assert table.values["kind"].tolist() == [2, 0, 0, 0, 1]
    assert np.array_equal(table.values["x"], [3, 4, np.nan, 1, 2], equal_nan=True)


def test_text_that_is_all_numbers_is_numbers_once_the_missing_signs_are_known(tmp_path: Path) -> None:
    pl.DataFrame({"x": ["1", "none seen", "3"], "y": ["a", "b", "a"]}).write_parquet(tmp_path / "t.parquet")
    read_as = {
        signs: read(Data(files=("t.parquet",), target="y", missing=signs), tmp_path).columns[0].kind
        for signs in ((), ("none seen",))
    }
    assert read_as == {(): "category", ("none seen",): "number"}


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [1.0, 2, 3], "y": [0, 1, 0], "broken": [7.25, 8.5, 9.75]})
    frame.write_parquet(tmp_path / "f.parquet", compression="uncompressed")
    whole = (tmp_path / "f.parquet").read_bytes()
    start = whole.index(struct.pack("<2d", 7.25, 8.5))
    (tmp_path / "f.parquet").write_bytes(whole[: start - 20] + b"\xff" * 30 + whole[start + 10 :])
    assert read(Data(files=("f.parquet",), target="y", features=("x",)), tmp_path).values["x"].tolist() == [1, 2, 3]


def _root(path: Path, **trees: Mapping[str, object]) -> Path:
    with uproot.recreate(path) as file:
        for name, columns in trees.items():
            file.mktree(name.replace("__", "/"), columns)
    return path


def test_a_tree_is_chosen_also_in_a_directory(tmp_path: Path) -> None:
    columns = {"x": np.array([1.0, 2, 3, 4]), "y": np.array([0, 1, 0, 1])}
    _root(tmp_path / "t.root", one=columns, deep__two={**columns, "x": columns["x"] * 2})
    two = read(Data(files=("t.root",), tree="deep/two", target="y"), tmp_path)
    assert two.values["x"].tolist() == [2, 4, 6, 8]


def test_jagged_branches_are_left_aside_and_vectors_are_images(tmp_path: Path) -> None:
    jagged = ak.Array([[1.0], [], [2.0, 3.0], [4.0]])
    vectors = np.ones((4, 3))
    _root(tmp_path / "j.root", t={"x": np.arange(4.0), "jets": jagged, "p": vectors, "y": np.array([0, 1, 0, 1])})
    assert set(read(Data(files=("j.root",), target="y"), tmp_path).features) == {"x", "njets", "p"}


def test_big_endian_and_unsigned_branches_become_native(tmp_path: Path) -> None:
    columns = {"u": np.array([0, 2**64 - 1, 3, 4], np.uint64), "h": np.arange(4, dtype=np.int16), "y": np.arange(4) % 2}
    _root(tmp_path / "u.root", t=columns)
    table = read(Data(files=("u.root",), target="y"), tmp_path)
    assert table.values["u"].dtype == np.float64
    assert table.values["u"].tolist()[1] == float(2**64 - 1)
    assert table.values["h"].dtype.isnative


def test_an_address_stays_as_it_is_and_is_read_as_root() -> None:
    address = "root://host//deep/a.root"
    assert found((address, address), Path("/")) == [address]
    assert reader_of(address).name == "ROOT"


def test_progress_rises_to_one(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        _parquet(tmp_path / name)
    told: list[float] = []
    read(Data(files=("*.parquet",), target="label"), tmp_path, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert any(0 < share < 1 for share in told)


def test_more_files_than_stay_open_are_read_all_the_same(tmp_path: Path) -> None:
    for place in range(20):
        (tmp_path / f"{place:02}.csv").write_text(f"x,y\n{place},a\n{place},b\n")
    table = read(Data(files=("*.csv",), target="y"), tmp_path)
    assert table.values["x"].tolist() == [place for place in range(20) for _ in range(2)]
    assert table.file.tolist() == [place for place in range(20) for _ in range(2)]
