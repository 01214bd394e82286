"""What a column is taken for: target, task, feature, or something to leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data.read import read

ROWS = 200
X = np.random.default_rng(1).normal(size=ROWS)
Y = (np.arange(ROWS) * 7 % 13 < 6).astype(int)


def table_of(tmp_path: Path, columns: dict[str, Any], **keys: Any) -> Table:
    pl.DataFrame({"x": X, **columns, "y": Y}).write_parquet(tmp_path / "f.parquet")
    return read(Data(files=("f.parquet",), target=keys.pop("target", "y"), **keys), tmp_path)


COUNT = np.arange(ROWS)
LEFT_OUT = {
    "weight": X**2,
    "genWeight": X**2,
    "sample_weight": X**2,
    "KaggleWeight": X**2,
    "EventNumber": COUNT[::-1],
    "run": np.full(ROWS, 4),
    "PassengerId": COUNT * 3,
    "rowid": COUNT * 3,
    "": COUNT,
    "alive": np.where(Y == 1, "yes", "no"),
    "detailed_labels": np.where(Y == 1, "h", np.where(X > 0, "z", "t")),
    "process": np.where(Y == 1, "h", np.where(X > 0, "z", "t")),
    "code": Y * 2 + 5,
    "is_true": X,
    "name": [f"person {i}" for i in range(ROWS)],
    "empty": np.full(ROWS, np.nan),
}
KEPT = {
    "curb_weight": X,
    "weighty": X,
    "number_of_events": X,
    "class": np.where(X > 0, "first", "second"),
    "valid": COUNT % 7,
    "grade": COUNT % 20,
    "truthful": X,
    "price": COUNT * 11 % 1999,
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_no_feature_is_left_out_unless_named(name: str, tmp_path: Path) -> None:
    assert table_of(tmp_path, {name: LEFT_OUT[name]}).features == ("x",)
    if name != "empty":
        assert table_of(tmp_path, {name: LEFT_OUT[name]}, features=(name,)).features == (name,)


@pytest.mark.parametrize("name", KEPT)
def test_what_only_sounds_like_it_stays(name: str, tmp_path: Path) -> None:
    assert table_of(tmp_path, {name: KEPT[name]}).features == ("x", name)


@pytest.mark.parametrize(
    ("target", "task", "classes"),
    [
        (Y, "classification", ("0", "1")),
        (Y.astype(float), "classification", ("0", "1")),
        (Y.astype(bool), "classification", ("false", "true")),
        (Y - 1.5, "regression", ()),
        (np.arange(ROWS) % 12, "classification", tuple(str(i) for i in range(12))),
        (np.arange(ROWS), "regression", ()),
        (X, "regression", ()),
        ([["b", "a", "c"][i % 3] for i in range(ROWS)], "classification", ("a", "b", "c")),
    ],
)
def test_the_task_follows_from_the_target(target: Any, task: str, classes: tuple[str, ...], tmp_path: Path) -> None:
    table = table_of(tmp_path, {"t": target}, target="t")
    assert (table.task, table.classes) == (task, classes)


def test_the_task_can_be_demanded(tmp_path: Path) -> None:
    whole = np.arange(ROWS) % 5
    as_value = table_of(tmp_path, {"t": whole}, target="t", task="regression")
    assert as_value.task == "regression"
    assert as_value.target.dtype == np.float64
    as_class = table_of(tmp_path, {"t": whole / 4}, target="t", task="classification")
    assert as_class.classes == ("0", "0.25", "0.5", "0.75", "1")


def test_rows_without_a_target_are_dropped_and_the_others_keep_their_entry(tmp_path: Path) -> None:
    target = np.where(np.arange(ROWS) < 50, np.nan, X)
    table = table_of(tmp_path, {"t": target}, target="t", features=("x",))
    assert len(table) == ROWS - 50
    assert table.entry[0] == 50
    assert np.array_equal(table.values["x"], X[50:])


def test_infinities_count_as_missing(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"z": np.where(X > 1, np.inf, X)})
    assert np.array_equal(np.isnan(table.values["z"].astype(float)), X > 1)


def test_a_value_beyond_single_precision_is_missing_nowhere_in_it(tmp_path: Path) -> None:
    single = np.where(X > 1, -999.9, X).astype(np.float32)
    table = table_of(tmp_path, {"z": single}, missing=(1e300, -999.9))
    assert np.array_equal(np.isnan(table.values["z"].astype(float)), X > 1)


def test_positive_is_true_whether_some_are_missing_or_none(tmp_path: Path) -> None:
    for flags in ([True, False], [True, False, None]):
        given = [flags[place % len(flags)] for place in range(ROWS)]
        for positive in ("true", "false"):
            table = table_of(tmp_path, {"t": given}, target="t", positive=positive, features=("x",))
            meant = [flag is (positive == "true") for flag in given if flag is not None]
            assert (table.target == 1).tolist() == meant


def test_positive_is_found_by_its_number(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"t": Y.astype(float)}, target="t", positive="0.0", features=("x",))
    assert table.classes == ("1", "0")
    assert np.array_equal(table.target == 1, Y == 0)


def test_a_catalogue_dataset_takes_features_rows_and_positive(tmp_path: Path) -> None:
    data = Data(dataset="breast_cancer", features=("mean_*",), exclude=("*area",), rows=100, positive="benign")
    table = read(data, tmp_path)
    assert len(table) == 100
    assert len(table.features) == 9
    assert table.classes == ("malignant", "benign")


def test_options_left_out_have_their_defaults(tmp_path: Path) -> None:
    assert len(read(Data(dataset="circles", options={"noise": 0.3}), tmp_path)) == 500


def test_features_are_names_globs_and_expressions_in_the_order_asked(tmp_path: Path) -> None:
    columns = {"jet1_pt": X, "jet2_pt": X + 1, "met": abs(X), "jet1_eta": X}
    features = ("met", "jet*_pt", "sqrt(met) + jet1_pt", "jet1_pt**2", "jet1_pt > 0")
    table = table_of(tmp_path, columns, features=features, exclude=("jet2*",))
    assert table.features == ("met", "jet1_pt", "sqrt(met) + jet1_pt", "jet1_pt**2", "jet1_pt > 0")
    assert np.allclose(table.values["sqrt(met) + jet1_pt"], np.sqrt(abs(X)) + X)
    assert np.allclose(table.values["jet1_pt**2"], X**2)
    assert np.array_equal(table.values["jet1_pt > 0"], X > 0)
    assert [column.kind for column in table.columns] == ["number"] * 5


def test_an_expression_can_be_excluded_by_its_text(tmp_path: Path) -> None:
    assert table_of(tmp_path, {}, features=("x", "x + 1"), exclude=("x + 1",)).features == ("x",)


def test_two_stars_are_a_power_even_where_a_glob_would_match(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"x12": X * 5}, features=("x**2",))
    assert table.features == ("x**2",)
    with pytest.raises(InputError, match=r"x\*2 may mean the column x12 or an expression; with spaces"):
        table_of(tmp_path, {"x12": X * 5}, features=("x*2",))
    assert np.allclose(table_of(tmp_path, {"x12": X}, features=("x * 2",)).values["x * 2"], X * 2)


def test_dates_are_features_only_by_name_as_days(tmp_path: Path) -> None:
    days = [date(1970, 1, 1) + timedelta(days=i) for i in range(ROWS)]
    assert table_of(tmp_path, {"when": days}).features == ("x",)
    table = table_of(tmp_path, {"when": days}, features=("when",))
    assert (table.columns[0].kind, table.columns[0].label) == ("number", "when [d]")
    assert np.array_equal(table.values["when"], np.arange(ROWS))


def test_a_column_of_lists_says_how_to_use_it(tmp_path: Path) -> None:
    lists = [[1.0, 2.0, 4.0][: i % 4] for i in range(ROWS)]
    assert table_of(tmp_path, {"jet_pt": lists}).features == ("x",)
    said = (
        r"the column jet_pt holds a list in each row; write jet_pt\[0\], len\(jet_pt\), sum\(jet_pt\) or max\(jet_pt\)"
    )
    with pytest.raises(InputError, match=said):
        table_of(tmp_path, {"jet_pt": lists}, features=("jet_pt",))
    with pytest.raises(InputError, match=said):
        table_of(tmp_path, {"jet_pt": lists}, features=("jet*",))
    with pytest.raises(InputError, match="the target jet_pt holds a list in each row"):
        table_of(tmp_path, {"jet_pt": lists}, target="jet_pt")
    features = ("jet_pt[0]", "len(jet_pt)", "sum(jet_pt)", "max(jet_pt)")
    table = table_of(tmp_path, {"jet_pt": lists}, features=features)
    rows = [[1.0, 2.0, 4.0][:n] for n in range(4)]
    assert np.array_equal(table.values["jet_pt[0]"][:4], [np.nan, 1, 1, 1], equal_nan=True)
    assert np.array_equal(table.values["len(jet_pt)"][:4], [0, 1, 2, 3])
    assert np.array_equal(table.values["sum(jet_pt)"][:4], [sum(row) for row in rows])
    assert np.array_equal(table.values["max(jet_pt)"][1:4], [1, 2, 4])


def test_images_are_features(tmp_path: Path) -> None:
    pictures = np.arange(ROWS * 6, dtype=np.uint8).reshape(ROWS, 2, 3)
    np.savez(tmp_path / "p.npz", picture=pictures, x=X, y=Y)
    data = Data(files=("p.npz",), target="y")
    table = read(data, tmp_path)
    assert {column.name: (column.kind, column.shape) for column in table.columns} == {
        "picture": ("image", (2, 3)),
        "x": ("number", ()),
    }
    assert np.array_equal(table.values["picture"], pictures)
    part = read(replace(data, features=("picture[1, 2]", "picture"), cut="x > 0"), tmp_path)
    assert np.array_equal(part.values["picture"], pictures[X > 0])
    assert np.array_equal(part.values["picture[1, 2]"], pictures[X > 0, 1, 2])


def test_numbers_keep_their_types(tmp_path: Path) -> None:
    columns = {"single": X.astype(np.float32), "small": (COUNT % 9).astype(np.int8), "truth_like": X > 0}
    table = table_of(tmp_path, columns, features=("single", "small", "truth_like", "x"))
    assert [table.values[name].dtype for name in table.features] == [np.float32, np.int8, np.bool_, np.float64]


def test_titles_and_units_are_the_users_or_the_files(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "t.root") as file:
        file.mktree("t", {"m": X, "pt": X, "w": abs(X), "y": Y})
    titles = {"m": "di-jet mass [GeV]", "m**2": "mass squared [GeV²]", "y": "origin", "w": "event weight"}
    data = Data(
        files=("t.root",), target="y", weight="w", features=("m", "pt", "m**2"), titles=titles, task="classification"
    )
    table = read(data, tmp_path)
    assert [column.label for column in table.columns] == ["di-jet mass [GeV]", "pt", "mass squared [GeV²]"]
    assert (table.target_label, table.weight_title) == ("origin", "event weight")
    iris = read(Data(dataset="iris", titles={"sepal_width": "width", "petal_width": "petal []"}), tmp_path)
    assert [column.label for column in iris.columns[1:4:2]] == ["width [cm]", "petal"]


def test_a_header_brings_its_units(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text("mass [GeV],y\n" + "1.5,a\n2.5,b\n3.25,b\n" * 4)
    table = read(Data(files=("u.csv",), target="y"), tmp_path)
    assert table.columns[0].unit == "GeV"
    assert table.columns[0].label == "mass [GeV]"


def test_a_later_file_may_have_other_number_types(tmp_path: Path) -> None:
    for name, values in (("a", Y), ("b", X), ("c", X > 0)):
        pl.DataFrame({"v": values, "x": X, "y": Y}).write_parquet(tmp_path / f"{name}.parquet")
    table = read(Data(files=("*.parquet",), target="y", features=("v",)), tmp_path)
    assert np.array_equal(table.values["v"], np.concatenate([Y, X, X > 0]))


def test_names_with_signs_of_globs_are_names_first(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"pt [GeV]": X, "pt G": X}, features=("pt [GeV]",))
    assert table.features == ("pt [GeV]",)
