"""Several columns to learn at once: how they are named, coded, refused, and what becomes of rows without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.sections import Data, declared
from mltui.core.source import Source
from mltui.core.table import Table
from mltui.data.disk import on_disk
from mltui.data.laid_out import put_away
from mltui.data.preview import preview
from mltui.data.read import read
from mltui.inference.asked import known
from mltui.models.card import Shape

ROWS = 120
RNG = np.random.default_rng(5)
T = RNG.uniform(0, 6, ROWS)
COLUMNS: dict[str, Any] = {
    "t": T,
    "a": RNG.normal(size=ROWS),
    "x": np.cos(T),
    "v": np.where(np.arange(ROWS) % 10 == 3, np.nan, -30 * np.sin(T)),
    "few": np.arange(ROWS) % 3,
    "kind": np.where(T > 3, "late", "soon"),
}
SEVERAL = ("x", "v")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("several")
    frame = pl.DataFrame(COLUMNS)
    frame.write_parquet(path / "f.parquet")
    frame.fill_nan(None).write_csv(path / "f.csv")
    with uproot.recreate(path / "f.root") as file:
        file["events"] = {name: values for name, values in COLUMNS.items() if name != "kind"}
    return path


def of(folder: Path, *targets: str, **keys: Any) -> Table:
    name = keys.pop("name", "f.parquet")
    return read(Data(files=(name,), target=targets, **{"features": ("t", "a"), **keys}), folder)


@pytest.mark.parametrize("name", ["f.parquet", "f.csv", "f.root"])
def test_the_target_has_a_column_for_each_and_rows_without_one_of_them_are_left_out(folder: Path, name: str) -> None:
    table = of(folder, *SEVERAL, name=name, titles={"v": "speed [m/s]"})
    known_rows = ~np.isnan(COLUMNS["v"])
    assert (table.task, table.classes, table.target.shape) == ("regression", (), (108, 2))
    np.testing.assert_allclose(
        table.target.astype(float), np.column_stack([COLUMNS["x"], COLUMNS["v"]])[known_rows], rtol=1e-12
    )
    np.testing.assert_allclose(table.values["t"].astype(float), T[known_rows], rtol=1e-12)
    assert (table.target_names, table.target_labels) == (SEVERAL, ("x", "speed [m/s]"))
    assert (table.target_name, table.target_label) == ("x, v", "x, speed [m/s]")


def test_none_of_them_is_a_feature_and_one_alone_is_as_it_ever_was(folder: Path) -> None:
    assert of(folder, *SEVERAL, features=()).features == ("t", "a", "few", "kind")
    alone, listed = (
        read(Data(files=("f.csv",), target="x"), folder),
        read(Data(files=("f.csv",), target=("x",)), folder),
    )
    assert alone.target.shape == listed.target.shape == (ROWS,)
    assert alone.targets == listed.targets == ()


def test_a_column_that_repeats_one_of_them_is_no_feature_unless_asked_for(tmp_path: Path) -> None:
    pl.DataFrame({**COLUMNS, "again": COLUMNS["x"]}).write_parquet(tmp_path / "f.parquet")
    assert "again" not in of(tmp_path, *SEVERAL, features=()).features


def test_drawn_rows_and_the_preview_are_of_what_is_there(folder: Path) -> None:
    table = of(folder, *SEVERAL, rows=40)
    assert table.target.shape == (40, 2)
    shown = preview(table, 20)
    assert shown is not None
    assert (shown["of"], len(shown["target"])) == ("x", 20)


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, Any], str, str]] = {
    "text": (("x", "kind"), {}, "data.target", "kind holds classes such as 'late'; name one column"),
    "few whole numbers": (("x", "few"), {}, "data.target", 'or set data.task = "regression" to predict its numbers'),
    "text for regression": (("x", "kind"), {"task": "regression"}, "data.target", "kind holds text such as 'late'"),
    "classification": (SEVERAL, {"task": "classification"}, "data.task", "takes one target, and data.target names"),
    "positive": (SEVERAL, {"positive": "1"}, "data.positive", "data.positive is for classification"),
    "no such column": (("x", "w"), {}, "data.target", "there is no column 'w'"),
    "one of commas": (("x, v",), {}, "data.target", 'several targets are a list: target = ["x", "v"]'),
    "a feature": (SEVERAL, {"features": ("t", "v")}, "data.features", "has v, which is a target"),
    "in a feature": (SEVERAL, {"features": ("t * v",)}, "data.features", "t * v uses v, which is a target"),
    "the weight": (SEVERAL, {"weight": "v"}, "data.weight", "data.weight is v, which is a target"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_a_sentence(folder: Path, case: str) -> None:
    targets, keys, key, said = REFUSED[case]
    with pytest.raises(InputError) as caught:
        of(folder, *targets, **keys)
    assert said in caught.value.sentence
    assert caught.value.key == key


def test_whole_numbers_are_predicted_where_that_is_said(folder: Path) -> None:
    assert of(folder, "x", "few", task="regression").target.shape == (ROWS, 2)


def test_columns_that_never_have_a_value_together_are_refused(tmp_path: Path) -> None:
    even = np.arange(40) % 2 == 0
    columns = {"t": np.arange(40.0), "x": np.where(even, T[:40], np.nan), "v": np.where(even, np.nan, T[:40])}
    pl.DataFrame(columns).write_parquet(tmp_path / "f.parquet")
    with pytest.raises(InputError, match=r"no row has a value of each target \(x, v\)"):
        of(tmp_path, *SEVERAL, features=("t",))
    with pytest.raises(InputError, match=r"data\.cut leaves no row that has a x and a v"):
        of(tmp_path, *SEVERAL, features=("t",), cut="t > 3")


# -- as it is written --------------------------------------------------------------------------------------------------
def test_one_declaration_reads_a_name_a_list_and_a_line() -> None:
    target = next(key for key in declared(Data) if key.name == "target")
    assert target.check("x") == target.check(["x"]) == "x"
    assert target.check(["x", "v"]) == target.parse("x, v") == target.parse("[x, v]") == SEVERAL
    assert target.check([]) is target.parse("") is target.parse("none") is None
    for value in ("x", SEVERAL, ("a, b", "c"), "a, b", "[1]", 'say "x"', None):
        assert target.parse(target.format(value)) == value
    for wrong, said in ((3, "must be a name or a list of names"), (["x", 3], "not 3"), (["x", "x"], "has x twice")):
        with pytest.raises(ValueError, match=said):
            target.check(wrong)


@pytest.mark.parametrize(("written", "targets"), [('"x"', ("x",)), ('["x"]', ("x",)), ('["x", "v"]', SEVERAL)])
def test_an_experiment_file_is_written_as_a_person_would(written: str, targets: tuple[str, ...]) -> None:
    text = f'[data]\nfiles = ["f.csv"]\ntarget = {written}\n[model]\nname = "mlp"\n'
    made = Experiment.parse(Source("toy.toml", text), known())
    assert made.data.targets == targets
    assert Experiment.parse(Source("again", made.to_toml()), known()) == made
    assert made.document()["data"]["target"] == (list(targets) if len(targets) > 1 else targets[0])
    set_by_hand = Experiment.parse(Source("toy.toml", text), known(), ["data.target=[x, v]"])
    assert set_by_hand.data.targets == SEVERAL


# -- the catalogue -----------------------------------------------------------------------------------------------------
def test_the_oscillator_swings_as_its_equation_says() -> None:
    data = Data(dataset="oscillator", options={"samples": 500, "noise": 0.0, "seed": 1})
    table = read(data, Path())
    assert table.target_labels == ("position [m]", "velocity [m/s]")
    time, damping = (table.values[name].astype(float) for name in ("time", "damping"))

    def position(t: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        roots = -damping + 1j * np.sqrt(4 - damping**2)
        return np.real(np.exp(roots * t) * (1 - 1j * damping / np.sqrt(4 - damping**2)))

    step = 1e-4
    np.testing.assert_allclose(table.target[:, 0].astype(float), position(time), atol=1e-12)
    by_difference = (position(time + step) - position(time - step)) / (2 * step)
    np.testing.assert_allclose(table.target[:, 1].astype(float), by_difference, atol=1e-6)
    again = read(Data(dataset="oscillator", target=("position", "velocity"), options=data.options), Path())
    np.testing.assert_array_equal(again.target, table.target)
    with pytest.raises(InputError, match=r"the targets of oscillator are position, velocity; leave data\.target out"):
        read(Data(dataset="oscillator", target="position", options=data.options), Path())


def test_scores_have_the_shape_of_what_is_learnt() -> None:
    assert Shape("regression", 3, 0).scores(7) == Shape("classification", 3, 2).scores(7) == (7,)
    assert Shape("regression", 3, 0, targets=2).scores(7) == (7, 2)
    assert Shape("classification", 3, 4).scores(7) == (7, 4)


def test_a_target_put_on_disk_is_the_same(folder: Path) -> None:
    table = of(folder, *SEVERAL)
    away = put_away(table.target)
    assert on_disk(away)
    np.testing.assert_array_equal(away, table.target)
