"""What is said of data before a run: JSON, with every column, its role, the problems and a preview."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import polars as pl
import pytest
import uproot
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.data_rules import read_data
from mltui.core.errors import InputError
from mltui.core.sections import Data, Sample
from mltui.data import memory
from mltui.data.catalogue import CATALOGUE
from mltui.data.read import read
from mltui.training import subject
from mltui.training.describe import describe

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
    kinds = {column["role"]: column["kind"] for column in said["columns"]}
    assert kinds["target"] == ("category" if said["classes"] else "number")
    assert said["about"] == CATALOGUE[name].about
    assert sum(c["rows"] for c in said["classes"]) == (said["rows"] if said["task"] == "classification" else 0)
    assert [c["name"] for c in said["columns"] if c["role"] == "feature"] == said["features"]
    flat = [c for c in said["columns"] if c["role"] == "feature" and c["kind"] != "image"]
    shown = said["preview"]
    assert shown is not None
    if not flat:  # images are no axes
        assert len(shown["images"]["means"]) == max(1, len(said["classes"]))
    else:
        assert len(shown["xs"]) == len(shown["target"]) == 100
        assert len(shown["ys"]) == (100 if len(flat) > 1 else 0)
        assert {shown["x"], shown["y"]} - {None} <= {c["label"] for c in flat}


@pytest.mark.parametrize("ending", ["parquet", "csv", "root"])
def test_of_large_files_the_first_rows_of_each_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Two files with a class each: both are seen; and what is beyond the first rows is not."""
    monkeypatch.setattr(memory, "available", lambda: 100_000)
    monkeypatch.setattr("mltui.training.subject.MOST_ROWS", 1000)
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
    monkeypatch.setattr("mltui.training.subject.MOST_ROWS", 50)
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
    said = described(tmp_path, {"x": X, "target": [f"event {row}" for row in range(ROWS)]})
    assert any("The target target has 120 different values" in problem for problem in said["problems"])
    assert roles(said)["x"] == "feature"
    assert said["suggested"] == {}


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
        "inf has infinite values in 18 rows; they count as missing.",
        "same has the same value in every row, of no use to a model.",
        "times is left out: it holds dates; named as a feature it is the number of days since 1970.",
        "alive is left out: it follows from the target label, row by row.",
        "1 of 120 rows have no label and are not used.",
    ]
    assert [finding["kind"] for finding in said["findings"]] == [
        "weight",
        "infinite",
        "constant",
        "left_out",
        "left_out",
        "rows",
    ]
    assert {column["name"]: column["why"] for column in said["columns"] if column["why"]} == {
        "weight": "looks like event weights",
        "alive": "follows from the target label, row by row",
        "times": "holds dates; named as a feature it is the number of days since 1970",
    }
    assert said["suggested"] == {"weight": "weight"}


def test_weights_are_summed_by_class(tmp_path: Path) -> None:
    weight = np.linspace(-0.5, 2, ROWS)
    said = described(tmp_path, {"x": X, "w": weight, "y": ["s", "b"] * 60}, target="y", weight="w")
    assert roles(said)["w"] == "weight"
    assert said["weight"] == "w"
    assert {c["label"]: c["weight"] for c in said["classes"]} == pytest.approx(
        {"b": weight[1::2].sum(), "s": weight[::2].sum()}
    )


def test_of_weighted_rows_it_is_said_what_they_are_worth(tmp_path: Path) -> None:
    weight = np.linspace(-0.5, 2, ROWS)
    keys: dict[str, Any] = {"target": "y", "weight": "w", "training_weight": "own"}
    said = described(tmp_path, {"x": X, "w": weight, "own": abs(weight), "y": ["s", "b"] * 60}, **keys)
    own = {c["label"]: c for c in said["classes"]}
    for label, held in (("s", weight[::2]), ("b", weight[1::2])):
        assert own[label]["effective"] == pytest.approx(held.sum() ** 2 / (held**2).sum())
        assert own[label]["negative"] == np.mean(held < 0)
    assert roles(said)["own"] == "training weight"
    assert said["training_weight"] == "own"
    assert said["features"] == ["x"]


def test_cross_sections_tell_the_events_that_are_expected(tmp_path: Path) -> None:
    pl.DataFrame({"x": X, "w": np.where(np.arange(ROWS) % 4, 1.0, -1.0)}).write_parquet(tmp_path / "a.parquet")
    higgs = Sample(label="s", process="H", files=("a.parquet",), weight="w", cross_section=0.0485, generated=1.2e6)
    other = Sample(label="b", process="Z", files=("a.parquet",), cross_section=2.0, generated=100.0)
    said = describe(Data(samples=(higgs, other), luminosity=140.0, features=("x",)), tmp_path)
    assert said["luminosity"] == 140
    first, second = said["samples"]
    assert first["expected"] == first["weight"] == pytest.approx(60 * 0.0485 * 140_000 / 1.2e6)
    assert (first["effective"], first["negative"]) == (pytest.approx(60**2 / 120), 0.25)
    assert second["expected"] == pytest.approx(120 * 2.0 * 140_000 / 100)
    problems = said["problems"]
    assert "By the cross-sections the weights are the events expected in 140/fb: H 0.3395 and Z 336,000." in problems
    assert any(
        sentence.startswith("The rows of Z add up to 120, more than their generated = 100, which")
        for sentence in problems
    )
    assert not any("rows of H add up" in sentence for sentence in problems)
    plain = replace(other, cross_section=None, generated=None)
    mixed = describe(Data(samples=(higgs, plain), luminosity=140.0, features=("x",)), tmp_path)
    assert any("H 0.3395; Z has none, so that their weights stay" in sentence for sentence in mixed["problems"])
    assert mixed["samples"][1]["expected"] is None
    alone = describe(Data(samples=(replace(higgs, label="b"), replace(higgs, label="s"))), tmp_path)
    assert "expected in 1/fb: H 0.00485; data.luminosity says another." in alone["problems"][0]


def test_of_large_samples_the_expected_events_are_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl.DataFrame({"x": np.arange(20_000) % 100}).write_parquet(tmp_path / "a.parquet")
    sample = Sample(label="s", files=("a.parquet",), cross_section=1.0, generated=1e6, cut="x < 50")
    data = Data(samples=(sample, replace(sample, label="b")), luminosity=1.0, features=("x",))
    monkeypatch.setattr(subject, "MOST_ROWS", 4_000)
    said = describe(data, tmp_path)
    assert [found["rows"] for found in said["samples"]] == [1000, 1000]
    assert [found["expected"] for found in said["samples"]] == pytest.approx([10.0, 10.0])
    assert any("140" not in sentence and "about s 10 and b 10" in sentence for sentence in said["problems"])


def test_jagged_branches_are_listed_in_one_sentence(tmp_path: Path) -> None:
    rows = ak.Array([[1.0, 2.0], []] * 60)
    with uproot.recreate(tmp_path / "v.root") as file:
        file.mktree("t", {"x": X.dtype, **{f"p{i}": "var * float64" for i in range(5)}, "y": np.int64})
        file["t"].extend({"x": X, **{f"p{i}": rows for i in range(5)}, "y": np.arange(ROWS) % 2})
    said = describe(Data(files=("v.root",), target="y"), tmp_path)
    assert "p0, p1, p2 and 2 more are left out: each holds a list in each row." in said["problems"]
    lists = [column for column in said["columns"] if column["kind"] == "list"]
    assert {column["name"] for column in lists} == {f"p{i}" for i in range(5)}
    assert all((c["missing"], c["low"], c["high"], c["mean"]) == (60, 1, 2, 1.5) for c in lists)
    head = said["head"]
    assert [row[head["names"].index("p0")] for row in head["rows"][:2]] == ["[1, 2]", "[]"]


def test_the_preview_has_the_weights_of_its_rows(tmp_path: Path) -> None:
    weights = np.arange(len(X)) + 1.0
    columns = {"x": X, "w": weights, "y": np.where(X > 0, "s", "b")}
    shown = described(tmp_path, columns, target="y", weight="w")["preview"]
    weight_of = dict(zip(X.tolist(), weights.tolist(), strict=True))
    assert shown["weights"] == [weight_of[x] for x in shown["xs"]]
    assert described(tmp_path, columns, target="y", exclude=("w",))["preview"]["weights"] == []


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


def test_values_that_do_not_fit_their_column_are_counted(tmp_path: Path) -> None:
    columns = {"size": ["S", "M", "L"] * 40, "day": ["1.2.2020"] * 119 + ["never"], "z": X, "y": ["s", "b"] * 60}
    kinds = {"size": ("S", "M"), "day": "%d.%m.%Y"}
    said = described(tmp_path, columns, target="y", kinds=kinds)["problems"]
    assert "size has 40 values that are none of its labels; they count as missing." in said
    assert "day has 1 value that is no date; it counts as missing." in said


def test_a_row_number_that_lacks_some_values_or_is_a_float_still_is_one(tmp_path: Path) -> None:
    holed = np.where(np.arange(ROWS) % 9, np.arange(ROWS) // 2, np.nan)
    columns = {"event": holed, "eventId": np.arange(ROWS) * 3.0, "index": X, "x": X[::-1], "y": ["s", "b"] * 60}
    said = described(tmp_path, columns, target="y")
    assert said["features"] == ["index", "x"]
    assert "event and eventId are left out: each looks like a number for the row." in said["problems"]


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


def test_samples_are_told_apart_and_summed(tmp_path: Path) -> None:
    """Two processes of one class and one of the other, with weights of their own."""
    for name, rows in (("a", 40), ("b", 30), ("c", 50)):
        pl.DataFrame({"x": X[:rows], "w": np.full(rows, 0.5)}).write_csv(tmp_path / f"{name}.csv")
    samples = (
        Sample(label="signal", files=("a.csv",)),
        Sample(label="background", process="top", files=("b.csv",), weight="2 * w"),
        Sample(label="background", process="W", files=("c.csv",), weight="w"),
    )
    said = describe(Data(samples=samples, positive="signal"), tmp_path)
    assert (said["target"], said["task"], said["positive"], said["rows"]) == ("class", "classification", "signal", 120)
    assert [(s["process"], s["rows"], s["weight"]) for s in said["samples"]] == [
        ("signal", 40, 40),
        ("top", 30, 30),
        ("W", 50, 25),
    ]
    assert {c["label"]: (c["rows"], c["weight"]) for c in said["classes"]} == {
        "background": (80, 55),
        "signal": (40, 40),
    }
    assert said["features"] == ["x"]


@pytest.mark.parametrize(
    "names", [("TreeS", "TreeB"), ("sig_tree", "bkg_tree"), ("events/Signal", "events/Background")]
)
def test_trees_of_signal_and_background_are_suggested_as_samples(names: tuple[str, str], tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "f.root") as file:
        for name in names:
            file[name] = {"x": X, "type": np.full(ROWS, name == names[0], np.int32)}
    said = describe(Data(files=("f.root",)), tmp_path)
    assert said["suggested"] == {
        "samples": [
            {"label": "signal", "files": ["f.root"], "tree": names[0]},
            {"label": "background", "files": ["f.root"], "tree": names[1]},
        ]
    }
    assert said["problems"][0] == (
        f"{names[0]} and {names[1]} look like signal and background; as data.samples each becomes a class."
    )
    taken = describe(read_data(said["suggested"]), tmp_path)
    assert taken["features"] == ["x"]
    assert [c["rows"] for c in taken["classes"]] == [ROWS, ROWS]


def test_trees_with_other_columns_are_no_samples(tmp_path: Path) -> None:
    with uproot.recreate(tmp_path / "f.root") as file:
        file["signal"] = {"x": X, "more": X}
        file["background"] = {"x": X}
    said = describe(Data(files=("f.root",)), tmp_path)
    assert said["suggested"] == {"tree": said["format"]["table"]}
    assert said["problems"][0].startswith("Of 2 tables this is ")
    assert "samples" not in describe(Data(files=("f.root",), tree="signal"), tmp_path)["suggested"]


def test_files_of_signal_and_background_are_suggested_as_samples(tmp_path: Path) -> None:
    for name in ("ttH_signal.csv", "ttH_bkg.csv"):
        pl.DataFrame({"x": X}).write_csv(tmp_path / name)
    said = describe(Data(files=("*.csv",)), tmp_path)["suggested"]["samples"]
    assert [(s["label"], Path(s["files"][0]).name) for s in said] == [
        ("signal", "ttH_signal.csv"),
        ("background", "ttH_bkg.csv"),
    ]


def test_a_column_that_another_file_lacks_is_no_obstacle(tmp_path: Path) -> None:
    pl.DataFrame({"x": X, "only": X, "y": [0, 1] * 60}).write_csv(tmp_path / "a.csv")
    pl.DataFrame({"x": X, "y": [0, 1] * 60}).write_csv(tmp_path / "b.csv")
    with pytest.raises(InputError, match=r"the column only cannot be used, it is not in b\.csv"):
        describe(Data(files=("?.csv",), target="y", features=("only",)), tmp_path)
    said = describe(Data(files=("?.csv",), target="y"), tmp_path)
    assert "only is unusable: it is not in b.csv." in said["problems"]
    assert roles(said) == {"x": "feature", "only": "unused", "y": "target"}
    assert read(Data(files=("?.csv",), target="y"), tmp_path).features == ("x",)


def test_how_a_file_was_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("1;2,5;0\n2;3,5;1\n" * 20)
    said = describe(Data(files=("a.dat",)), tmp_path)
    guesses = said["format"]["guesses"]
    assert (guesses["header"], guesses["separator"], guesses["decimal"]) == (False, ";", ",")
    corrected = describe(Data(files=("a.dat",), header=True), tmp_path)
    assert "header" not in corrected["format"]["guesses"]
    assert corrected["rows"] == said["rows"] - 1


def test_expressions_titles_and_cuts_are_followed(tmp_path: Path) -> None:
    keys = {"features": ("a + b", "a"), "titles": {"a + b": "their sum [GeV]"}, "cut": "a > 0", "target": "y"}
    said = described(tmp_path, {"a": X, "b": X[::-1], "y": [0, 1] * 60}, **keys)
    assert said["features"] == ["a + b", "a"]
    column = next(c for c in said["columns"] if c["name"] == "a + b")
    assert (column["label"], column["unit"], column["role"], column["expression"]) == (
        "their sum [GeV]",
        "GeV",
        "feature",
        True,
    )
    kept = X > 0
    assert column["mean"] == pytest.approx((X + X[::-1])[kept].mean())
    assert f"The cut takes {ROWS - kept.sum()} of {ROWS} rows away." in said["problems"]
    assert said["rows"] == kept.sum()


def test_the_first_rows_are_texts(tmp_path: Path) -> None:
    columns = {"x": [1.5, None] * 60, "k": [None, "v"] * 60, "flag": [True, False] * 60, "y": [0, 1] * 60}
    head = described(tmp_path, columns)["head"]
    assert head["names"] == ["x", "k", "flag", "y"]
    assert head["rows"][:2] == [["1.5", "", "true", "0"], ["", "v", "false", "1"]]
    assert len(head["rows"]) == 20


def test_dates_have_their_first_and_last_day(tmp_path: Path) -> None:
    days = pl.date_range(pl.date(2020, 2, 28), pl.date(2020, 6, 26), eager=True)
    said = described(tmp_path, {"day": days, "x": X, "y": [0, 1] * 60})
    day = said["columns"][0]
    assert (day["kind"], day["first"], day["last"], day["role"]) == ("date", "2020-02-28", "2020-06-26", "unused")


def test_wide_files_are_read_in_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mltui.training.subject.MOST_BYTES", 110 * 8 * 21)
    said = described(tmp_path, {**{f"c{i}": X for i in range(20)}, "y": [0, 1] * 60})
    assert said["problems"][0] == "Told from the first 110 of 120 rows; a run reads them all."
    assert said["rows"] == 120


def test_hints_that_are_taken_are_not_given_again(tmp_path: Path) -> None:
    x = np.where(np.arange(ROWS) % 3 == 0, -999.0, X)
    columns = {"x": x, "w": np.abs(X), "event_weight": np.abs(X) + 0.1, "label": ["s", "b"] * 60}
    said = described(tmp_path, columns)
    assert said["suggested"] == {"target": "label", "weight": "event_weight", "missing": [-999]}
    taken = describe(read_data({"files": ["f.parquet"], **said["suggested"]}), tmp_path)
    assert taken["suggested"] == {}
    assert next(c["missing"] for c in taken["columns"] if c["name"] == "x") == ROWS // 3


def test_a_column_with_another_role_is_not_guessed(tmp_path: Path) -> None:
    columns = {"x": X, "label": [0, 1] * 60, "y": [1, 0] * 60, "class": ["u", "v"] * 60, "target": [1, 1, 0, 0] * 30}
    assert described(tmp_path, columns)["target"] == "target"
    keys = {"features": ("x + target", "label"), "weight": "y + 1", "exclude": ("cl*",)}
    assert described(tmp_path, columns, **keys)["target"] == "y"
    assert described(tmp_path, columns, **{**keys, "weight": "y"})["target"] is None
