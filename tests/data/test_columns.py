"""What a column is taken for: target, task, feature, or something to leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data.read import read

ROWS = 200
X = np.random.default_rng(1).normal(size=ROWS)
Y = (np.arange(ROWS) * 7 % 13 < 6).astype(int)


def table_of(tmp_path: Path, columns: dict[str, Any], **keys: Any) -> Table:
    pl.DataFrame({"x": X, "y": Y, **columns}).write_parquet(tmp_path / "f.parquet")
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


def test_names_with_signs_of_globs_are_names_first(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"pt [GeV]": X, "pt G": X}, features=("pt [GeV]",))
    assert table.features == ("pt [GeV]",)
