"""What a split goes by is read beside target and features: groups, times, folds, and test files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import Data, Sample, Split
from mltui.core.table import Table
from mltui.data import disk, memory
from mltui.data.disk import on_disk
from mltui.data.read import read

ROWS = 3_000
RNG = np.random.default_rng(5)
COLUMNS: dict[str, Any] = {
    "x": RNG.normal(size=ROWS),
    "z": RNG.normal(size=ROWS),
    "user": RNG.integers(0, 40, ROWS),
    "event": 2**40 + np.arange(ROWS),
    "station": np.array(["Bonn", "Rome", None], object)[RNG.integers(0, 3, ROWS)],
    "day": pl.date_range(pl.date(2020, 1, 1), pl.date(2028, 3, 18), eager=True)[:ROWS],
    "hits": [[1.0, 2.0]] * ROWS,
    "y": RNG.integers(0, 2, ROWS),
}
ON_DISK = 110_000
"""Bytes of memory: a column has room there, a table has none."""
Reading = Callable[..., Table]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame = pl.DataFrame(COLUMNS)
    frame.write_parquet(tmp_path / "a.parquet")
    frame[:100].with_columns(user=pl.col("user") + 100).write_parquet(tmp_path / "test1.parquet")
    frame[:50].select("x", "z", "y").write_parquet(tmp_path / "narrow.parquet")
    return tmp_path


@pytest.fixture(params=["memory", "disk"])
def reading(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Reads into memory, or onto disk."""
    if request.param == "disk":
        monkeypatch.setattr(memory, "fits", lambda needed: needed <= ON_DISK)
        monkeypatch.setattr(disk, "chunk_rows", lambda row_bytes: 700)

    def asked(split: Split, **keys: Any) -> Table:
        whole = read(
            Data(**{"files": ("a.parquet",), "target": "y", "features": ("x", "z"), **keys}), folder, split=split
        )
        assert on_disk(whole.values["x"]) == (request.param == "disk")
        return whole

    return asked


def test_a_column_to_split_by_is_kept_as_the_file_has_it(reading: Reading) -> None:
    group = reading(Split(by="group", column="user")).others["user"]
    assert group.dtype.kind in "iu"
    assert np.array_equal(group, COLUMNS["user"])
    texts = reading(Split(by="group", column="station")).others["station"]
    wanted = [{"Bonn": 0.0, "Rome": 1.0, None: np.nan}[text] for text in COLUMNS["station"]]
    np.testing.assert_array_equal(texts, wanted)
    days = reading(Split(by="time", column="day")).others["day"]
    assert days.tolist() == (18262 + np.arange(ROWS)).tolist()  # 2020-01-01 is 18,262 days after 1970-01-01


def test_expressions_are_kept_under_their_texts(reading: Reading) -> None:
    whole = reading(Split(by="group", column="user // 10", folds=5, fold_by="event % 5"))
    assert list(whole.others) == ["user // 10", "event % 5"]
    assert np.array_equal(whole.others["event % 5"], COLUMNS["event"] % 5)
    assert np.array_equal(whole.others["user // 10"], COLUMNS["user"] // 10)
    assert whole.features == ("x", "z")
    rows = np.array([5, 2])
    assert np.array_equal(whole.take(rows).others["event % 5"], COLUMNS["event"][rows] % 5)


def test_spectators_are_kept_and_never_learnt_from(folder: Path) -> None:
    keys: dict[str, Any] = {"files": ("a.parquet",), "target": "y", "exclude": ("event",)}
    whole = read(Data(**keys, spectators=("user", "x * z")), folder)
    assert whole.features == ("x", "z", "station")
    np.testing.assert_array_equal(whole.others["user"], COLUMNS["user"])
    np.testing.assert_allclose(whole.others["x * z"].astype(float), COLUMNS["x"] * COLUMNS["z"])
    named = read(Data(**keys, features=("x", "user"), spectators=("user",)), folder)
    assert named.features == ("x", "user")  # who names a column as a feature means it
    both = read(Data(**keys, spectators=("user", "z")), folder, split=Split(by="group", column="user"))
    assert list(both.others) == ["user", "z"]


@pytest.mark.parametrize(
    ("spectators", "said"),
    [
        (("station",), "holds text, and must hold a number"),
        (("hits",), "holds a list"),
        (("usr",), "usr"),
        (("x +",), "the end comes where a value must stand"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(folder: Path, spectators: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read(Data(files=("a.parquet",), target="y", spectators=spectators), folder)
    assert refused.value.key == "data.spectators"


def test_rows_passed_over_are_gone_there_too(reading: Reading) -> None:
    whole = reading(Split(folds=3, fold_by="user % 3"), cut="z > 0", rows=900)
    assert len(whole) == len(whole.others["user % 3"]) == 900
    assert np.array_equal(whole.others["user % 3"], COLUMNS["user"][whole.entry] % 3)


def test_an_id_is_no_feature_unless_named(folder: Path) -> None:
    keys: dict[str, Any] = {"files": ("a.parquet",), "target": "y", "exclude": ("event",)}
    assert read(Data(**keys), folder).features == ("x", "z", "user", "station")
    by_user = Split(by="group", column="user")
    assert read(Data(**keys), folder, split=by_user).features == ("x", "z", "station")
    assert read(Data(**keys), folder, split=Split(folds=3, fold_by="user")).features == ("x", "z", "station")
    named = read(Data(features=("x", "user"), **keys), folder, split=by_user)
    assert named.features == ("x", "user")
    assert np.array_equal(named.others["user"], named.values["user"])


@pytest.mark.parametrize(
    ("split", "key", "said"),
    [
        (Split(by="group", column="usr"), "split.column", "there is no column usr; did you mean user?"),
        (Split(by="group", column="hits"), "split.column", "the column hits holds a list in each row"),
        (Split(folds=2, fold_by="event %"), "split.fold_by", "character"),
        (Split(folds=2, fold_by="day"), "split.fold_by", None),
        (Split(test_files=("none.parquet",)), "split.test_files", "there is no file none.parquet"),
        (Split(test_files=("narrow.parquet",)), "split.test_files", "narrow.parquet has no column 'user'"),
    ],
)
def test_mistakes_name_the_key_of_the_split(split: Split, key: str, said: str | None, folder: Path) -> None:
    data = Data(files=("a.parquet",), target="y")
    if said is None:
        assert read(data, folder, split=split).others["day"][0] == 18262
        return
    with pytest.raises(InputError) as caught:
        read(data, folder, split=split)
    assert said in caught.value.sentence
    assert caught.value.key == key


def test_a_test_file_must_have_what_the_split_goes_by(folder: Path) -> None:
    split = Split(test_files=("narrow.parquet",), by="group", column="user")
    with pytest.raises(InputError, match=r"narrow.parquet has no column 'user', which a\.parquet has") as caught:
        read(Data(files=("a.parquet",), target="y", features=("x",)), folder, split=split)
    assert caught.value.key == "split.test_files"


def test_test_files_are_read_behind_the_others(reading: Reading, folder: Path) -> None:
    whole = reading(Split(test=0.0, test_files=("test*.parquet",), by="group", column="user"))
    assert [Path(name).name for name in whole.files] == ["a.parquet", "test1.parquet"]
    assert np.bincount(whole.file).tolist() == [ROWS, 100]
    assert np.array_equal(whole.others["user"][ROWS:], COLUMNS["user"][:100] + 100)
    once = read(
        Data(files=("*1.parquet", "a.parquet"), target="y", features=("x",)),
        folder,
        split=Split(test_files=("test1.parquet",)),
    )
    assert len(once) == ROWS + 100


def test_test_files_of_samples_are_among_theirs(folder: Path) -> None:
    samples = (Sample(label="s", files=("a.parquet",)), Sample(label="b", files=("test1.parquet",)))
    data = Data(samples=samples, features=("x",))
    assert len(read(data, folder, split=Split(test_files=("test1.parquet",)))) == ROWS + 100
    with pytest.raises(
        InputError, match=r"test_files has narrow.parquet, which no entry of data.samples names"
    ) as caught:
        read(data, folder, split=Split(test_files=("narrow.parquet",)))
    assert caught.value.key == "split.test_files"


def test_a_dataset_of_the_catalogue_has_no_test_files_and_may_have_groups(tmp_path: Path) -> None:
    data = Data(dataset="moons")
    with pytest.raises(InputError, match="test_files is for files; leave it out with the dataset moons"):
        read(data, tmp_path, split=Split(test_files=("a.csv",)))
    whole = read(data, tmp_path, split=Split(folds=2, fold_by="x1 > 0"))
    assert np.array_equal(whole.others["x1 > 0"], whole.values["x1"].astype(float) > 0)


@given(
    column=st.sampled_from([None, "user", "station", "day", "event", "user // 7"]),
    fold_by=st.sampled_from([None, "event % 4", "user % 2", "x > 0"]),
    cut=st.sampled_from([None, "z > 0", "user < 30"]),
    rows=st.sampled_from([None, 500]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_more_changes_nothing_else(
    column: str | None, fold_by: str | None, cut: str | None, rows: int | None, folder: Path
) -> None:
    data = Data(files=("a.parquet",), target="y", features=("x", "user", "x + z"), weight="abs(z)", cut=cut, rows=rows)
    plain, more = read(data, folder), read(data, folder, split=Split(column=column, fold_by=fold_by))
    assert list(more.others) == [text for text in (column, fold_by) if text]
    assert plain.columns == more.columns
    for name, values in plain.values.items():
        assert np.array_equal(more.values[name], values)
    for name in ("target", "weights", "file", "entry"):
        assert np.array_equal(getattr(plain, name), getattr(more, name))
