"""What a column is taken for where the user overrules the guess, in every format alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data.kinds import natural, overruled
from mltui.data.plan import opened
from mltui.data.read import read
from mltui.data.readers.raw import Raw
from mltui.data.target import code

SIZES = ["M", "S", "L", "M", "S", "L", "M", "S", "XL", "M", "S", "L"]
DAYS = ["01.02.2020", "02.02.2020", "31.12.1969", "x"] * 3
COLUMNS: dict[str, Any] = {
    "year": [2011, 2012] * 6,
    "size": SIZES,
    "when": DAYS,
    "almost": ["1", "2.5", "many", "4"] * 3,
    "version": ["v10", "v2", "v1"] * 4,
    "clock": ["12:00", "06:00", "18:00", "x"] * 3,
    "grouped": ["1,234.5", "2,000,000.0", "3d2", "x"] * 3,
    "x": [float(i) for i in range(12)],
    "y": ["a", "b", "b"] * 4,
}


def write(folder: Path, ending: str) -> None:
    frame = pl.DataFrame(COLUMNS)
    path = folder / f"f.{ending}"
    if ending == "csv":
        frame.write_csv(path)
    elif ending == "parquet":
        frame.write_parquet(path)
    else:
        with h5py.File(path, "w") as file:
            for name, values in COLUMNS.items():
                file[name] = np.array(values, "S") if isinstance(values[0], str) else np.array(values)


@pytest.fixture(params=["csv", "parquet", "h5"])
def ending(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    write(tmp_path, request.param)
    return str(request.param)


def table(folder: Path, ending: str, name: str, kind: Any, **keys: Any) -> Table:
    return read(
        Data(files=(f"f.{ending}",), target="y", **{"features": (name,), "kinds": {name: kind}, **keys}), folder
    )


def values(read_in: Table, name: str) -> list[Any]:
    column = next(column for column in read_in.columns if column.name == name)
    if not column.categories:
        return [None if np.isnan(value) else value for value in read_in.values[name].astype(float)]
    return [None if code == -1 else column.categories[int(code)] for code in read_in.values[name]]


def test_a_number_taken_for_a_category_gets_labels(ending: str, tmp_path: Path) -> None:
    read_in = table(tmp_path, ending, "year", "category")
    assert read_in.columns[0].kind == "category"
    assert read_in.columns[0].categories == ("2011", "2012")
    assert values(read_in, "year") == ["2011", "2012"] * 6


def test_a_text_taken_for_a_number_loses_what_is_none(ending: str, tmp_path: Path) -> None:
    read_in = table(tmp_path, ending, "almost", "number")
    assert read_in.columns[0].kind == "number"
    assert values(read_in, "almost") == [1, 2.5, None, 4] * 3


def test_labels_in_an_order_of_their_own(ending: str, tmp_path: Path) -> None:
    read_in = table(tmp_path, ending, "size", ("S", "M", "L"))
    assert (read_in.columns[0].kind, read_in.columns[0].categories) == ("ordered", ("S", "M", "L"))
    assert values(read_in, "size") == [None if size == "XL" else size for size in SIZES]


def test_labels_in_their_natural_order(ending: str, tmp_path: Path) -> None:
    read_in = table(tmp_path, ending, "version", "ordered")
    assert (read_in.columns[0].kind, read_in.columns[0].categories) == ("ordered", ("v1", "v2", "v10"))
    assert values(read_in, "version") == COLUMNS["version"]


def test_dates_by_their_pattern_are_days(ending: str, tmp_path: Path) -> None:
    read_in = table(tmp_path, ending, "when", "%d.%m.%Y")
    assert (read_in.columns[0].kind, read_in.columns[0].unit) == ("number", "d")
    day = float((np.datetime64("2020-02-01") - np.datetime64("1970-01-01")).astype(int))
    assert values(read_in, "when") == [day, day + 1, -1, None] * 3


def test_times_by_their_pattern_are_parts_of_a_day(ending: str, tmp_path: Path) -> None:
    assert values(table(tmp_path, ending, "clock", "%H:%M"), "clock") == [0.5, 0.25, 0.75, None] * 3


def test_numbers_that_people_write_are_read_alike(ending: str, tmp_path: Path) -> None:
    assert values(table(tmp_path, ending, "grouped", "number"), "grouped") == [1234.5, 2_000_000, 300, None] * 3


def test_a_text_is_no_feature(ending: str, tmp_path: Path) -> None:
    assert "size" not in table(tmp_path, ending, "size", "text", features=()).features
    with pytest.raises(
        InputError, match=r'size holds text of its own in each row; with kinds = \{ size = "category" \}'
    ):
        table(tmp_path, ending, "size", "text")


@pytest.mark.parametrize("name", ["f.csv", "f.parquet", "f.npz"])
def test_a_text_of_each_rows_own_is_told_by_the_first_rows(name: str, tmp_path: Path) -> None:
    rows = 101_000
    columns: dict[str, Any] = {
        "own": [f"{place * 2_654_435_761 % 2**32:040x}" for place in range(rows)],
        "shared": [f"s{place % 700}" for place in range(rows)],
        "y": np.arange(rows) % 2,
    }
    if name == "f.csv":
        pl.DataFrame(columns).write_csv(tmp_path / name)
    elif name == "f.parquet":
        pl.DataFrame(columns).write_parquet(tmp_path / name)
    else:
        np.savez(tmp_path / name, allow_pickle=False, **{key: np.array(value) for key, value in columns.items()})
    with opened(Data(files=(name,)), tmp_path) as plan:
        assert {field.name: field.kind for field in plan.listing.fields} == {
            "own": "text",
            "shared": "category",
            "y": "number",
        }
    with opened(Data(files=(name,), kinds={"own": "category"}), tmp_path) as plan:
        assert plan.listing.by_name["own"].kind == "category"
    cut = Data(files=(name,), target="y", features=("shared",), cut=f'own == "{columns["own"][7]}" | own == "{0:040x}"')
    assert read(cut, tmp_path).entry.tolist() == [0, 7]


def test_an_ordered_target_has_its_classes_in_that_order(ending: str, tmp_path: Path) -> None:
    read_in = read(
        Data(files=(f"f.{ending}",), target="size", features=("x",), kinds={"size": ("S", "M", "L", "XL")}), tmp_path
    )
    assert read_in.classes == ("S", "M", "L", "XL")
    assert [read_in.classes[int(label)] for label in read_in.target] == SIZES


def test_a_catalogue_column_can_be_overruled(tmp_path: Path) -> None:
    whole = read(Data(dataset="wine", features=("magnesium",)), tmp_path)
    as_label = read(Data(dataset="wine", features=("magnesium",), kinds={"magnesium": "ordered"}), tmp_path)
    assert as_label.columns[0].kind == "ordered"
    assert [float(v) for v in values(as_label, "magnesium")] == whole.values["magnesium"].tolist()


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"yeer": "category"}, "no column 'yeer'; did you mean year?"),
        ({"year": "categry"}, "the column year cannot be 'categry'; did you mean category?"),
        ({"year": 3}, "the column year cannot be 3"),
        ({"size": ("S",)}, "the labels of size must be at least two, each once"),
        ({"size": ("S", "S")}, "the labels of size must be at least two, each once"),
    ],
)
def test_what_is_no_kind(kinds: Mapping[str, Any], said: str, ending: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")) as caught:
        read(Data(files=(f"f.{ending}",), target="y", kinds=kinds), tmp_path)
    assert caught.value.key == "data.kinds"


def test_pictures_and_lists_cannot_be_overruled(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", picture=np.zeros((6, 2, 2)), y=np.arange(6) % 2)
    with pytest.raises(InputError, match="the column picture holds images, which are no number"):
        read(Data(files=("p.npz",), target="y", kinds={"picture": "number"}), tmp_path)


numbers = st.lists(st.integers(-5, 5) | st.sampled_from([0.5, 2.25, np.nan, np.inf]), min_size=1, max_size=8)


@given(numbers, st.sampled_from([np.float64, np.float32]))
def test_labels_of_numbers_are_those_of_a_target_of_them(given_values: list[float], dtype: Any) -> None:
    raw = Raw(np.array(given_values, dtype))
    labels = overruled(raw, "category", "x")
    known = np.isfinite(raw.values)
    assert np.array_equal(labels.values != -1, known)
    if len(np.unique(raw.values[known])) >= 2:
        assert set(labels.categories or ()) == set(code(raw, "x", "classification", None).classes)


@given(st.lists(st.text(max_size=6), max_size=8))
def test_the_natural_order_takes_any_labels(labels: list[str]) -> None:
    assert sorted(natural(labels)) == sorted(labels)


@given(st.lists(st.integers(-999, 999), unique=True), st.sampled_from(["", "v", "run "]))
def test_the_natural_order_is_that_of_the_numbers(whole: list[int], before: str) -> None:
    ordered = sorted(whole) if not before else sorted(map(abs, whole))
    given_labels = [f"{before}{number if not before else abs(number)}" for number in whole]
    assert list(natural(given_labels)) == [f"{before}{number}" for number in ordered]


@given(numbers, st.sampled_from(["number", "category", "ordered", "text", "date", "%Y", ("1", "2", "3")]))
def test_overruling_twice_is_overruling_once(given_values: list[float], kind: Any) -> None:
    once = overruled(Raw(np.array(given_values)), kind, "x")
    twice = overruled(once, kind, "x")
    assert np.array_equal(once.values.astype(float), twice.values.astype(float), equal_nan=True)
    assert once.categories == twice.categories
    assert (once.date, once.odd) == (twice.date, twice.odd)
