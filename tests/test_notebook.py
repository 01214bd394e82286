"""A run in a notebook: arrays by part, curves, and predictions on tables of every kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mltui
from mltui.cli import main
from mltui.core.errors import InputError
from mltui.data.read import read
from mltui.notebook import Run

pytestmark = pytest.mark.xdist_group("notebook")

EXPERIMENT = """\
format = 1
[data]
files = ["events.parquet"]
target = "label"
features = ["pt", "side", "pt / 2", "day"]
cut = "abs(eta) < 2"
missing = [-1.0]
[model]
name = "decision_tree"
max_depth = 3
"""
MOONS = """\
format = 1
[data]
dataset = "moons"
[data.options]
samples = 100
[split]
folds = 2
[model]
name = "decision_tree"
"""


def frame(rows: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    pt = rng.exponential(20, rows)
    pt[::10] = -1.0
    side = np.array(["left", "right", None])[rng.integers(0, 3, rows)]
    day = np.datetime64("2020-01-01", "us") + rng.integers(0, 900, rows).astype("timedelta64[D]")
    made = pl.DataFrame({"pt": pt, "eta": rng.normal(0, 1.2, rows), "side": side.tolist(), "day": day})
    return made.with_columns(label=pl.when(made["pt"] > 15).then(pl.lit("s")).otherwise(pl.lit("b")))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run, its file and its experiment beside it."""
    folder = tmp_path_factory.mktemp("notebook")
    frame(300).write_parquet(folder / "events.parquet")
    (folder / "run.toml").write_text(EXPERIMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLTUI_HOME", str(folder / "home"))
        assert main(["run", str(folder / "run.toml"), "--json"], lambda *_: 0) == 0
    return folder


@pytest.fixture
def run(store: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MLTUI_HOME", str(store / "home"))
    return mltui.load()


def test_arrays_by_part(run: Run, store: Path) -> None:
    rows = pl.read_parquet(store / "events.parquet")
    for part in ("train", "validation"):
        count = len(run.scores[part])
        assert {len(of[part]) for of in (run.labels, run.weights, run.file, run.entry)} == {count}
        codes = [run.classes.index(label) for label in rows["label"].gather(run.entry[part])]
        np.testing.assert_array_equal(run.labels[part], codes)
        accuracy = np.mean((run.scores[part] >= 0.5) == (run.labels[part] == 1))
        assert run.metrics[part]["accuracy"] == pytest.approx(accuracy)
    assert run.files == (str(store / "events.parquet"),)
    assert run.classes == ("b", "s")
    assert run.experiment.model.name == "decision_tree"


def test_the_sealed_part_is_absent_with_a_clear_word(run: Run) -> None:
    assert "test" not in run.scores
    for of in (run.scores, run.labels, run.metrics):
        with pytest.raises(KeyError) as refused:
            of["test"]
        assert str(refused.value).startswith("the test part of run 1 is sealed; mltui runs unseal 1 opens it")
    with pytest.raises(KeyError, match="there is no part 'tests'; there are: train, validation"):
        run.scores["tests"]


def test_cuts_for_the_events_that_are_expected(run: Run) -> None:
    found = run.cuts(signal=20, background=1_000)
    scores, labels = run.scores["validation"], run.labels["validation"]
    best = found.best("s_over_sqrt_sb")
    assert best is not None
    above = scores > best.threshold
    s, b = (total * above[labels == code].mean() for total, code in ((20, 1), (1_000, 0)))
    assert best.value == pytest.approx(s / np.sqrt(s + b))
    assert run.cuts("train").signal.total == pytest.approx(run.state.processes[1].total)
    with pytest.raises(KeyError, match="sealed"):
        run.cuts("test")


def test_the_curves(run: Run) -> None:
    assert "loss/validation" in run.history
    curve = run.history["loss/validation"]
    assert len(curve.steps) == len(curve.values) > 0
    assert run.metrics["validation"]["loss"] == pytest.approx(curve.values[-1])


def test_it_says_what_it_is(run: Run) -> None:
    lines = repr(run).splitlines()
    assert lines[0] == "run 1 finished: events.parquet, decision_tree"
    assert "(sealed)" in lines[1]
    assert any(line.strip().startswith("validation: auc") for line in lines)


def as_structured(rows: pl.DataFrame) -> np.ndarray:
    columns = {"pt": "f4", "eta": "f8", "side": "U5", "day": "M8[s]"}
    found = np.zeros(rows.height, list(columns.items()))
    for name in columns:
        found[name] = rows[name].fill_null("") if name == "side" else rows[name].to_numpy()
    return found


def as_pandas(rows: pl.DataFrame) -> pd.DataFrame:
    made = pd.DataFrame({name: rows[name].to_list() for name in rows.columns})
    return made.astype({"side": "category", "pt": "Float64"}).assign(day=made["day"].dt.tz_localize("UTC"))


KINDS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda rows: rows,
    "lazy": lambda rows: rows.lazy(),
    "pandas": lambda rows: pd.DataFrame({name: rows[name].to_list() for name in rows.columns}),
    "pandas with types of its own": as_pandas,
    "arrays": lambda rows: {name: rows[name].to_numpy() for name in rows.columns},
    "lists": lambda rows: (
        {name: rows[name].to_list() for name in rows.columns if name != "day"} | {"day": rows["day"].to_numpy()}
    ),
    "structured": as_structured,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_runs_own_scores_from_a_table(run: Run, store: Path, kind: str) -> None:
    rows = pl.read_parquet(store / "events.parquet")
    if kind == "structured":
        rows = rows.with_columns(rows["pt"].cast(pl.Float32).cast(pl.Float64))
    scores = run.predict(KINDS[kind](rows.drop("label")))
    np.testing.assert_array_equal(np.isnan(scores), ~(rows["eta"].abs() < 2).to_numpy())
    for part in ("train", "validation"):
        np.testing.assert_allclose(scores[run.entry[part]], run.scores[part])


def test_a_missing_column_and_what_is_no_table(run: Run) -> None:
    with pytest.raises(InputError, match="the table has no column 'pt', which the model learnt from"):
        run.predict(frame(5).drop("pt"))
    with pytest.raises(InputError, match=r"the table has no column 'eta', which data\.cut needs"):
        run.predict(frame(5).drop("eta"))
    with pytest.raises(InputError, match="takes a table with named columns"):
        run.predict(np.zeros((3, 4)))
    with pytest.raises(InputError, match=r"arrays of one length.*pt 2, eta 3"):
        run.predict({"pt": [1, 2], "eta": [1, 2, 3]})


def test_rows_of_a_table_that_are_sealed(run: Run, store: Path) -> None:
    table = read(run.experiment.data, store)
    with pytest.raises(InputError, match="rows of this table are sealed: the test part of run 1 is sealed"):
        run.predict(table)
    places = {int(entry): row for row, entry in enumerate(table.entry)}
    rows = np.array([places[int(entry)] for entry in run.entry["validation"]])
    np.testing.assert_allclose(run.predict(table.take(rows)), run.scores["validation"])


def test_rows_of_a_table_are_sealed_also_once_their_file_is_gone(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = read(run.experiment.data, store)
    (store / "events.parquet").rename(store / "elsewhere")
    try:
        with pytest.raises(InputError, match="rows of this table are sealed"):
            run.predict(table)
    finally:
        (store / "elsewhere").rename(store / "events.parquet")


def test_a_table_of_the_catalogue_is_known_where_it_is_the_one_that_was_learnt(
    store: Path, mltui_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "moons.toml").write_text(MOONS)
    assert main(["run", str(tmp_path / "moons.toml"), "--json"], lambda *_: 0) == 0
    run = mltui.load()
    data = run.experiment.data
    table = read(data, tmp_path)
    with pytest.raises(InputError, match="rows of this table are sealed: the test part of run 1 is sealed"):
        run.predict(table)
    places = {int(entry): row for row, entry in enumerate(table.entry)}
    rows = np.array([places[int(entry)] for entry in run.entry["validation"]])
    np.testing.assert_allclose(run.predict(table.take(rows)), run.scores["validation"])
    other = read(replace(data, options={**data.options, "noise": 0.45}), tmp_path)
    bare = run.predict({name: other.values[name] for name in other.features})
    np.testing.assert_allclose(run.predict(other), bare)


def test_no_rows(run: Run) -> None:
    assert run.predict(frame(3).clear()).shape == (0,)


def test_a_folder_that_is_no_run(tmp_path: Path, mltui_home: Path) -> None:
    with pytest.raises(InputError, match="there are no runs yet"):
        mltui.load()
    with pytest.raises(InputError, match=r"is not a run folder: it has no resolved\.toml"):
        mltui.load(tmp_path)


def test_importing_mltui_loads_nothing() -> None:
    code = "import mltui, sys; print(sorted({'numpy', 'rich', 'polars', 'mltui.notebook'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
