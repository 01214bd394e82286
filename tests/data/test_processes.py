"""A column that tells the processes apart: each row's process, and each process's yield."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.data_rules import check_data
from mltui.core.errors import InputError
from mltui.core.sections import Data, Split, Variation
from mltui.core.table import Table
from mltui.data import disk, memory
from mltui.data.disk import on_disk
from mltui.data.read import read
from mltui.evaluation.yields import processes

ROWS = 2_000
RNG = np.random.default_rng(8)
KIND = RNG.integers(0, 3, ROWS)
NAMES = ("H125", "Z + jets", "ttbar")
COLUMNS: dict[str, Any] = {
    "x": RNG.normal(size=ROWS) + (KIND == 0),
    "x_up": RNG.normal(size=ROWS),
    "w": RNG.uniform(0.5, 1.5, ROWS),
    "from": np.array(NAMES)[KIND],
    "code": 10 * KIND,
    "hole": [NAMES[kind] if row % 50 else None for row, kind in enumerate(KIND)],
    "event": np.arange(ROWS),
    "hits": [[1.0, 2.0]] * ROWS,
    "y": (KIND == 0).astype(int),
}
BASE: dict[str, Any] = {"files": ("a.parquet",), "target": "y", "weight": "w", "exclude": ("code", "event")}


@pytest.fixture(params=["memory", "disk"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the files, to be read into memory or onto disk."""
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "a.parquet")
    if request.param == "disk":
        monkeypatch.setattr(memory, "fits", lambda needed: needed <= 60_000)
        monkeypatch.setattr(disk, "chunk_rows", lambda row_bytes: 300)
    return tmp_path


def names(table: Table) -> list[str]:
    return [table.processes[code] for code in table.process]


def test_each_row_has_its_process_and_each_process_its_yield(folder: Path) -> None:
    table = read(Data(**BASE, features=("x",), process="from"), folder)
    assert on_disk(table.values["x"]) == (not memory.fits(1 << 20)), "where the fixture wants it"
    assert table.processes == NAMES
    assert names(table) == COLUMNS["from"].tolist()
    assert table.features == ("x",)
    assert not table.others
    found = {one.name: one for one in processes(table)}
    assert {name: one.label for name, one in found.items()} == {"H125": "1", "Z + jets": "0", "ttbar": "0"}
    for place, name in enumerate(NAMES):
        assert found[name].total == pytest.approx(COLUMNS["w"][place == KIND].sum())


def test_it_is_no_feature_unless_named(folder: Path) -> None:
    keys = {**BASE, "exclude": ("event",)}
    assert read(Data(**keys), folder).features == ("x", "x_up", "code")
    assert read(Data(**keys, process="code"), folder).features == ("x", "x_up")
    assert read(Data(**keys, process="code", features=("x", "code")), folder).features == ("x", "code")


@pytest.mark.parametrize(("asked", "known"), [("code", ("0", "10", "20")), ("code > 5", ("false", "true"))])
def test_numbers_and_expressions_name_processes_too(folder: Path, asked: str, known: tuple[str, ...]) -> None:
    table = read(Data(**BASE, features=("x",), process=asked), folder)
    assert table.processes == known
    wanted = COLUMNS["code"] if asked == "code" else COLUMNS["code"] > 5
    assert names(table) == [str(value).lower() for value in wanted]


def test_rows_that_are_drawn_or_cut_away_take_theirs_with_them(folder: Path) -> None:
    table = read(Data(**BASE, features=("x",), process="from", cut='x > 0 & `from` != "ttbar"', rows=400), folder)
    assert table.processes == NAMES[:2]
    assert names(table) == COLUMNS["from"][table.entry].tolist()
    some = table.take(np.array([7, 3]))
    assert names(some) == COLUMNS["from"][table.entry[[7, 3]]].tolist()


def test_what_is_split_by_may_be_the_process(folder: Path) -> None:
    table = read(Data(**BASE, features=("x",), process="code"), folder, split=Split(by="group", column="code"))
    assert np.array_equal(table.others["code"], COLUMNS["code"])
    assert table.processes == ("0", "10", "20")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("hole", r"the process hole has no value in 40 of 2,000 rows"),
        ("event", r"the process event has more than 100 different values"),
        ("hits", "holds a list in each row"),
        ("form", "there is no column form; did you mean from?"),
    ],
)
def test_what_cannot_tell_processes_apart_is_refused(folder: Path, asked: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read(Data(**BASE, features=("x",), process=asked), folder)
    assert refused.value.key == "data.process"


def test_samples_say_it_themselves() -> None:
    samples = [{"label": name, "files": [f"{name}.csv"]} for name in ("a", "b")]
    with pytest.raises(InputError, match=r"data\.samples say the process") as refused:
        check_data({"samples": samples, "process": "from"}, {})
    assert refused.value.key == "data.process"


def test_a_variation_that_loses_a_process_numbers_the_others_alike(folder: Path) -> None:
    low = float(COLUMNS["x_up"][KIND == 0].max())
    variation = Variation(name="up", replace={"x": f"where(code == 0, {low - 1e9}, x_up)"})
    data = Data(**BASE, features=("x",), process="from", cut="x > -1e6", variations=(variation,))
    nominal = read(data, folder)
    varied = read(data, folder, variation=variation, nominal=nominal)
    assert varied.processes == nominal.processes == NAMES
    assert set(names(varied)) == set(NAMES[1:])
    assert names(varied) == COLUMNS["from"][varied.entry].tolist()
