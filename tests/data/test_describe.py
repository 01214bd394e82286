"""What is said of data before a run: JSON, with every column, its role, the problems and a preview."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data import memory
from mltui.data.catalogue import CATALOGUE
from mltui.data.describe import describe

ROWS = 120
X = np.random.default_rng(2).normal(size=ROWS)


def described(folder: Path, columns: dict[str, Any], **keys: Any) -> dict[str, Any]:
    pl.DataFrame(columns).write_parquet(folder / "f.parquet")
    said = describe(Data(files=("f.parquet",), **keys), folder)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    return said


def roles(said: dict[str, Any]) -> dict[str, str]:
    return {column["name"]: column["role"] for column in said["columns"]}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_dataset_is_described_in_json(name: str, tmp_path: Path) -> None:
    said = describe(Data(dataset=name), tmp_path, points=100)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["title"] == CATALOGUE[name].title
    assert said["about"] == CATALOGUE[name].about
    assert sum(c["rows"] for c in said["classes"]) == (said["rows"] if said["task"] == "classification" else 0)
    assert [c["name"] for c in said["columns"] if c["role"] == "feature"] == said["features"]
    shown = said["preview"]
    assert len(shown["xs"]) == len(shown["ys"]) == len(shown["target"]) == 100
    labels = {f"{c['name']} [{c['unit']}]" if c["unit"] else c["name"] for c in said["columns"]}
    assert {shown["x"], shown["y"]} <= labels


@pytest.mark.parametrize("ending", ["parquet", "csv", "root"])
def test_of_large_files_the_first_rows_of_each_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Two files with a class each: both are seen; and what is beyond the first rows is not."""
    monkeypatch.setattr(memory, "available", lambda: 100_000)
    monkeypatch.setattr("mltui.data.describe.MOST_ROWS", 1000)
    for label in (0, 1):
        x = np.append(np.arange(500.0), np.full(49_500, 1e9))
        columns = {"x": x, "label": np.full(len(x), label)}
        path = tmp_path / f"{label}.{ending}"
        if ending == "root":
            with uproot.recreate(path) as file:
                file["events"] = columns
        else:
            frame = pl.DataFrame(columns)
            frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)
    said = describe(Data(files=(f"*.{ending}",), target="label"), tmp_path)
    assert said["rows"] == pytest.approx(100_000, rel=0.5 if ending == "csv" else 0)
    assert [c["rows"] for c in said["classes"]] == pytest.approx([500, 500], abs=150 if ending == "csv" else 0)
    assert next(c["high"] for c in said["columns"] if c["name"] == "x") == 499 or ending == "csv"
    assert said["problems"][0].startswith("Told from the first ")
    assert "a run reads them all" in said["problems"][0]


def test_first_rows_that_do_not_serve_are_no_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mltui.data.describe.MOST_ROWS", 50)
    said = described(tmp_path, {"x": X, "label": [0] * 60 + [1] * 60}, target="label")
    assert said["rows"] == 120
    assert said["target"] == "label"
    assert len(said["problems"]) >= 2


def test_columns_have_their_numbers(tmp_path: Path) -> None:
    holed = np.where(X > 1, np.nan, X)
    said = described(tmp_path, {"x": holed, "kind": ["u", None, "v"] * 40, "label": [0, 1] * 60})
    x, kind, label = said["columns"]
    present = holed[~np.isnan(holed)]
    assert (x["kind"], x["missing"]) == ("number", int(np.isnan(holed).sum()))
    assert [x[k] for k in ("low", "high", "mean", "std")] == pytest.approx(
        [present.min(), present.max(), present.mean(), present.std()]
    )
    assert (kind["kind"], kind["missing"], kind["categories"], kind["mean"]) == ("category", 40, ["u", "v"], None)
    assert label["role"] == "target"


def test_an_obvious_target_is_guessed_and_said(tmp_path: Path) -> None:
    said = described(tmp_path, {"x": X, "Label": ["s", "b"] * 60, "z": X})
    assert (said["target"], said["guessed"], said["task"]) == ("Label", {"target": "Label"}, "classification")
    assert said["problems"][0] == "No target is chosen; Label looks like it."
    assert said["positive"] == "s"


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ({"a": X, "last": ["u", "v", "w"] * 40}, "last"),
        ({"a": X, "last": [0, 1] * 60}, "last"),
        ({"a": X, "last": X}, None),
        ({"a": X, "last": np.arange(ROWS)}, None),
        ({"y": X, "a": X[::-1]}, "y"),
        ({"x": X, "y": X, "z": X}, None),
    ],
)
def test_what_is_guessed(columns: dict[str, Any], guess: str | None, tmp_path: Path) -> None:
    said = described(tmp_path, columns)
    assert said["target"] == guess
    assert (said["preview"] is None) == (guess is None)
    if guess is None:
        assert "No target is chosen" in said["problems"][0]
        assert said["rows"] == ROWS


def test_a_target_that_is_chosen_is_not_guessed_and_its_mistakes_are_raised(tmp_path: Path) -> None:
    columns = {"x": X, "label": [0, 1] * 60, "one": ["a"] * ROWS}
    assert described(tmp_path, columns, target="x")["guessed"] == {}
    with pytest.raises(InputError, match="one class only") as caught:
        described(tmp_path, columns, target="one")
    assert caught.value.key == "data.target"


def test_a_guess_that_does_not_serve_is_a_problem_and_not_an_error(tmp_path: Path) -> None:
    said = described(tmp_path, {"x": X, "target": ["a"] * ROWS})
    assert any("The target target has one class only" in problem for problem in said["problems"])
    assert roles(said)["x"] == "feature"


def test_what_is_left_out_says_why(tmp_path: Path) -> None:
    columns = {
        "x": X,
        "weight": np.abs(X),
        "alive": ["yes", "no"] * 60,
        "same": np.ones(ROWS),
        "inf": np.where(X > 1, np.inf, X),
        "times": pl.Series([0] * ROWS).cast(pl.Datetime),
        "label": [1, 0] * 59 + [None, 0],
    }
    said = described(tmp_path, columns, target="label")
    assert roles(said) == {
        "x": "feature",
        "weight": "unused",
        "alive": "unused",
        "same": "feature",
        "inf": "feature",
        "label": "target",
        "times": "unused",
    }
    assert said["problems"] == [
        "weight looks like event weights; choose it as the weight to use it.",
        "weight is left out: it looks like event weights.",
        "alive is left out: it follows from the target label, row by row.",
        "times is unusable: it holds dates or times.",
        "inf is used all the same: it has infinite values, taken as missing.",
        "same is of no use to a model: it has the same value in every row.",
        "1 of 120 rows have no label and are not used.",
    ]


def test_weights_are_summed_by_class(tmp_path: Path) -> None:
    weight = np.linspace(-0.5, 2, ROWS)
    said = described(tmp_path, {"x": X, "w": weight, "y": ["s", "b"] * 60}, target="y", weight="w")
    assert roles(said)["w"] == "weight"
    assert said["weight"] == "w"
    assert {c["label"]: c["weight"] for c in said["classes"]} == pytest.approx(
        {"b": weight[1::2].sum(), "s": weight[::2].sum()}
    )


def test_jagged_branches_are_listed_in_one_sentence(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "v.root") as file:
        file.mktree("t", {"x": X, **{f"p{i}": np.ones((ROWS, 3)) for i in range(5)}, "y": np.arange(ROWS) % 2})
    said = describe(Data(files=("v.root",), target="y"), tmp_path)
    assert "p0, p1, p2 and 2 more are unusable: each holds several values in each row." in said["problems"]
    assert sum(column["kind"] == "unusable" for column in said["columns"]) == 5


def test_the_preview_takes_the_two_features_that_tell_most(tmp_path: Path) -> None:
    y = np.arange(ROWS) % 2
    columns = {"noise": X, "good": y + 0.1 * X, "more": X[::-1], "best": y * 2 + 0.1 * X[::-1], "y": y}
    said = described(tmp_path, columns, target="y")
    assert (said["preview"]["x"], said["preview"]["y"]) == ("good", "best")
    value = described(tmp_path, {**columns, "y": X * 2 + 0.1}, target="y")
    assert "noise" in (value["preview"]["x"], value["preview"]["y"])


def test_one_feature_has_no_second_axis(tmp_path: Path) -> None:
    shown = described(tmp_path, {"x": X, "y": X * 3 + 1}, target="y")["preview"]
    assert (shown["x"], shown["y"], shown["ys"]) == ("x", None, [])


def test_several_files_are_one(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x,y\n1,a\n2,b\n")
    said = describe(Data(files=("?.csv",), target="y"), tmp_path)
    assert (said["rows"], said["title"], said["name"]) == (4, "2 files", "a.csv and 1 more")
    assert [file["bytes"] for file in said["files"]] == [12, 12]


@given(st.integers(0, 600))
def test_the_preview_has_at_most_so_many_points(points: int) -> None:
    shown = describe(Data(dataset="moons"), Path(), points)["preview"]
    assert len(shown["xs"]) == min(points, 500)


def test_the_preview_prefers_features_that_vary(tmp_path: Path) -> None:
    """None of them tells anything of the target, and the last two are the same in every row."""
    even = np.tile([0, 0, 1, 1], ROWS // 4)
    columns = {"a": even, "b": even[::-1], "c": np.ones(ROWS), "d": np.ones(ROWS), "y": np.arange(ROWS) % 2}
    said = described(tmp_path, columns, target="y", features=("a", "b", "c", "d"))
    assert (said["preview"]["x"], said["preview"]["y"]) == ("a", "b")
