"""Which rows are used: cuts, weights, random rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Scalar
from mltui.core.sections import Data, Sample
from mltui.core.table import Table
from mltui.data import frame, memory, stream
from mltui.data.frame import Frame
from mltui.data.part import Wanted
from mltui.data.read import read
from mltui.data.readers.raw import Raw
from tests.data.frames import gather

ROWS = 1000
RNG = np.random.default_rng(3)
COLUMNS: dict[str, Any] = {
    "x": np.arange(ROWS),
    "z": RNG.normal(size=ROWS).astype(np.float32),
    "w": RNG.normal(2, 1, ROWS),
    "flag": RNG.integers(0, 2, ROWS),
    "y": np.where(np.arange(ROWS) % 4 == 0, "s", "b"),
}


@pytest.fixture(params=["csv", "parquet", "root"])
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A file of each format with the same rows; the Parquet one in row groups of 100, of which a cut may skip some."""
    if request.param == "root":
        with uproot.recreate(tmp_path / "f.root") as file:
            file.mktree("t", {**COLUMNS, "y": (COLUMNS["y"] == "s").astype(np.int8)})
    elif request.param == "csv":
        pl.DataFrame(COLUMNS).write_csv(tmp_path / "f.csv")
    else:
        pl.DataFrame(COLUMNS).write_parquet(tmp_path / "f.parquet", row_group_size=100)
    return f"f.{request.param}"


def framed(name: str, folder: Path, **keys: Any) -> Frame:
    return gather(Data(files=(name,), **keys), folder, lambda _: Wanted(("x", "z")))


@pytest.mark.parametrize(
    ("cut", "holds"),
    [
        ("x >= 700", COLUMNS["x"] >= 700),
        ("x > 20 & abs(z) < 1 | flag == 1", ((COLUMNS["x"] > 20) & (abs(COLUMNS["z"]) < 1)) | (COLUMNS["flag"] == 1)),
        ("flag", COLUMNS["flag"] == 1),
        ("~(x < 10)", COLUMNS["x"] >= 10),
        ("x == 5", COLUMNS["x"] == 5),
    ],
)
def test_a_cut_keeps_the_rows_where_it_holds_and_counts_the_others(
    cut: str, holds: np.ndarray, name: str, tmp_path: Path
) -> None:
    kept = framed(name, tmp_path, cut=cut)
    assert np.array_equal(kept.entry, np.flatnonzero(holds))
    assert np.array_equal(kept.columns["x"].values, COLUMNS["x"][holds])
    assert np.allclose(kept.columns["z"].values, COLUMNS["z"][holds])
    assert kept.cut_away == ROWS - holds.sum()


def test_a_cut_goes_chunk_by_chunk(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a table of which little is kept is never held whole."""
    chunks: list[int] = []

    def seen(raw: Raw, values: Sequence[Scalar]) -> Raw:
        chunks.append(len(raw))
        return raw

    monkeypatch.setattr(frame, "_CHUNK_BYTES", 0)
    monkeypatch.setattr(frame, "_LEAST_CHUNK_ROWS", 100)
    monkeypatch.setattr(stream, "cleaned", seen)
    kept = framed(name, tmp_path, cut="z > 0")
    assert np.array_equal(kept.entry, np.flatnonzero(COLUMNS["z"] > 0))
    assert max(chunks) <= 1000 / 2


def test_a_cut_uses_labels_and_columns_that_are_no_features(tmp_path: Path) -> None:
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "f.parquet")
    table = read(Data(files=("f.parquet",), target="y", features=("z",), cut='y == "s" | x < 10'), tmp_path)
    assert table.features == ("z",)
    assert np.array_equal(table.entry, np.flatnonzero((COLUMNS["y"] == "s") | (COLUMNS["x"] < 10)))


def test_a_missing_value_is_missing_before_cut_and_expression(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("a,y\n" + "1,p\n-999,q\n4,p\n" * 4)
    data = Data(files=("m.csv",), target="y", missing=(-999,), features=("a", "a + 1"), rows=None)
    table = read(data, tmp_path)
    assert np.array_equal(table.values["a + 1"][:3], [2, np.nan, 5], equal_nan=True)
    with pytest.raises(InputError, match="one class only, 'p'"):
        read(Data(files=("m.csv",), target="y", missing=(-999,), cut="a < 10"), tmp_path)


def test_a_weight_is_a_column_or_an_expression(name: str, tmp_path: Path) -> None:
    as_column = read(Data(files=(name,), target="y", weight="w"), tmp_path)
    assert np.array_equal(as_column.weights_or_ones(), COLUMNS["w"])
    assert (as_column.weight_name, "w" in as_column.features) == ("w", False)
    as_text = read(Data(files=(name,), target="y", weight="abs(w) * 2", cut="x >= 500"), tmp_path)
    assert np.allclose(as_text.weights_or_ones(), 2 * abs(COLUMNS["w"])[500:])
    assert as_text.weight_name == "abs(w) * 2"


def some(folder: Path, **keys: Any) -> Table:
    pl.DataFrame({**COLUMNS, "w": np.full(ROWS, 2.0)}).write_csv(folder / "many.csv")
    return read(Data(files=("many.csv",), target="y", features=("x",), **keys), folder)


def test_rows_are_random_and_weights_scaled_up(tmp_path: Path) -> None:
    table = some(tmp_path, rows=200, weight="w")
    assert len(table) == 200
    assert table.weights_or_ones().sum() == pytest.approx(2000)
    assert table.entry.max() > 800
    assert np.array_equal(table.values["x"], table.entry)
    assert np.array_equal(table.entry, some(tmp_path, rows=200, weight="w").entry)


def test_rows_are_drawn_of_those_that_the_cut_leaves(tmp_path: Path) -> None:
    table = some(tmp_path, rows=100, weight="w", cut="x >= 600")
    assert (len(table), table.entry.min() >= 600) == (100, True)
    assert table.weights_or_ones().sum() == pytest.approx(800)


def test_the_same_rows_are_drawn_where_not_all_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the rows to keep are chosen first, by reading the target and what the cut needs alone."""
    keys: dict[str, Any] = {"rows": 100, "weight": "w", "cut": "x >= 200"}
    at_once = some(tmp_path, **keys)
    monkeypatch.setattr(memory, "fits", lambda needed: needed <= 25_000)
    in_two = some(tmp_path, **keys)
    assert np.array_equal(at_once.entry, in_two.entry)
    assert np.array_equal(at_once.values["x"], in_two.values["x"])
    assert np.array_equal(at_once.weights_or_ones(), in_two.weights_or_ones())


def test_a_draw_in_two_steps_knows_samples_and_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(2):
        pl.DataFrame({name: COLUMNS[name] for name in "xzw"}).write_csv(tmp_path / f"{place}.csv")
    samples = tuple(Sample(label="ab"[place], files=(f"{place}.csv",)) for place in range(2))
    data = Data(samples=samples, features=("x",), rows=60, weight="1")
    at_once = read(data, tmp_path)
    monkeypatch.setattr(memory, "fits", _Once([False]))
    in_two = read(data, tmp_path)
    assert np.array_equal(at_once.entry, in_two.entry)
    assert np.array_equal(at_once.target, in_two.target)
    assert in_two.weights_or_ones().sum() == pytest.approx(2 * ROWS)
    rare = "".join(f"{i},{'ab'[i == 0]}\n" for i in range(500))
    (tmp_path / "rare.csv").write_text(f"x,y\n{rare}")
    monkeypatch.setattr(memory, "fits", _Once([False]))
    with pytest.raises(InputError, match="leaves a class without a row"):
        read(Data(files=("rare.csv",), target="y", rows=10), tmp_path)


def test_rows_of_a_file_in_two_samples_are_drawn_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(3):
        lines = "".join(f"{place * 1000 + i},{i % 3}\n" for i in range(200))
        (tmp_path / f"{place}.csv").write_text(f"x,w\n{lines}")
    samples = (
        Sample(label="s", files=("2.csv", "0.csv"), cut="w > 0"),
        Sample(label="b", files=("0.csv", "1.csv"), cut="w == 0", process="b1"),
    )
    data = Data(samples=samples, features=("x",), weight="w + 1", rows=100)
    at_once = read(data, tmp_path)
    monkeypatch.setattr(memory, "fits", _Once([False]))
    in_two = read(data, tmp_path)
    assert len(set(at_once.file.tolist())) == 3
    for name in ("entry", "file", "process", "target", "weights"):
        assert np.array_equal(getattr(at_once, name), getattr(in_two, name)), name
    assert np.array_equal(at_once.values["x"], in_two.values["x"])


def test_a_packed_text_of_more_rows_than_expected_asks_for_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    lines = "".join(f"{i * 7919 % 99_991},{i % 2}\n" for i in range(700_000))
    with gzip.open(tmp_path / "t.csv.gz", "wt", compresslevel=1) as file:
        file.write(f"x,y\n{lines}" + "1,0\n" * 3_000_000)
    data = Data(files=("t.csv.gz",), target="y")
    monkeypatch.setattr(memory, "fits", _Once([True, True, False]))
    with pytest.raises(InputError, match=r"rows are read, more than the size of t\.csv\.gz lets expect") as caught:
        read(data, tmp_path)
    assert caught.value.key == "data.files"


class _Once:
    """Answers with what it is given, then always yes."""

    def __init__(self, answers: list[bool]) -> None:
        self._answers = answers

    def __call__(self, needed: float) -> bool:
        return self._answers.pop(0) if self._answers else True


def test_more_rows_than_there_are_means_all(tmp_path: Path) -> None:
    assert len(some(tmp_path, rows=5000)) == ROWS


def test_too_few_rows_for_every_class(tmp_path: Path) -> None:
    rows = "".join(f"{i},{'ab'[i == 0]}\n" for i in range(500))
    (tmp_path / "rare.csv").write_text(f"x,y\n{rows}")
    with pytest.raises(InputError, match=r"data\.rows = 10 leaves a class without a row") as caught:
        read(Data(files=("rare.csv",), target="y", rows=10), tmp_path)
    assert caught.value.key == "data.rows"


def test_the_first_rows_of_every_file_where_only_some_are_wanted(tmp_path: Path) -> None:
    for place in range(3):
        pl.DataFrame(COLUMNS).write_parquet(tmp_path / f"{place}.parquet")
    data = Data(files=("*.parquet",))
    some_rows = gather(data, tmp_path, lambda _: Wanted(("x",)), at_most=lambda columns: 30 * columns)
    assert some_rows.whole == 3 * ROWS
    assert some_rows.columns["x"].values.tolist() == [*range(10)] * 3
    assert some_rows.file.tolist() == [0] * 10 + [1] * 10 + [2] * 10


def test_the_positive_class_is_the_larger_label_or_the_one_named(tmp_path: Path) -> None:
    assert some(tmp_path).classes == ("b", "s")
    turned = some(tmp_path, positive="b")
    assert turned.classes == ("s", "b")
    assert np.mean(turned.target == 1) == 0.75
