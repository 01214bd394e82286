"""`mltui predict`: what it prints, refuses and leaves behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mltui.cli import main
from tests.conftest import Said

pytestmark = pytest.mark.xdist_group("cli_predict")

EXPERIMENT = """\
format = 1
[data]
files = ["events.csv"]
target = "label"
cut = "pt > 1"
[model]
name = "decision_tree"
"""
Call = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run on a file that lies beside it."""
    folder = tmp_path_factory.mktemp("predicting")
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"pt": rng.exponential(20, 200), "eta": rng.normal(size=200)})
    frame.with_columns(label=(frame["pt"] > 15).cast(pl.Int8)).write_csv(folder / "events.csv")
    frame.head(20).write_csv(folder / "new.csv")
    (folder / "run.toml").write_text(EXPERIMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLTUI_HOME", str(folder / "home"))
        assert main(["run", str(folder / "run.toml"), "--json"], lambda *_: 0) == 0
    return folder


@pytest.fixture(autouse=True)
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLTUI_HOME", str(home / "home"))
    monkeypatch.chdir(home)


def test_it_prints_where_the_scores_are_and_what_to_know(mltui: Call, tmp_path: Path) -> None:
    said = mltui("predict", "latest", "new*.csv", "--out", tmp_path / "out", "--format", "parquet", "--plain")
    assert said.code == 0, said
    assert "new.csv" in said.out
    assert f"{tmp_path}/out/new.parquet" in said.out or "out/new.parquet" in said.out
    assert "data.cut leaves" in said.out
    assert pl.read_parquet(tmp_path / "out" / "new.parquet").shape == (20, 1)


def test_the_sealed_part_is_refused_and_its_opening_counted(mltui: Call, tmp_path: Path) -> None:
    refused = mltui("predict", "1", "events.csv", "--out", tmp_path / "out")
    assert "events.csv holds rows of run 1's sealed test part; with --unseal" in refused.complaint
    assert mltui("runs", "show", "1", "--json").document["metrics"]["test"] is None
    said = mltui("predict", "1", "events.csv", "--out", tmp_path / "out", "--unseal", "--json")
    assert said.code == 0, said
    document = said.document
    assert (document["run"], document["status"], document["opened"]) == ("1", "finished", True)
    assert sum(document["known"].values()) == document["rows"] - document["cut_away"]
    assert mltui("runs", "show", "1", "--json").document["metrics"]["test"]["accuracy"] > 0.5
    assert any("was opened for this" in note for note in document["notes"])


def test_a_missing_column_is_bad_input(mltui: Call, tmp_path: Path, home: Path) -> None:
    pl.read_csv(home / "new.csv").drop("eta").write_csv(tmp_path / "less.csv")
    complaint = mltui("predict", "latest", tmp_path / "less.csv", "--out", tmp_path / "out").complaint
    assert complaint.startswith("mltui: less.csv has no column 'eta', which the model learnt from")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["predict", "latest", "new.csv"], "--out"),
        (["predict", "latest", "--out", "o"], "FILES"),
        (["predict", "99", "new.csv", "--out", "o"], "there is no run '99'"),
        (["predict", "latest", "new.csv", "--out", "o", "--format", "xlsx"], "--format"),
    ],
)
def test_words_that_do_not_fit(mltui: Call, words: list[str], sentence: str) -> None:
    assert sentence in mltui(*words).complaint


def test_an_interrupt_leaves_no_half_file(mltui: Call, home: Path, tmp_path: Path) -> None:
    rows = 1_000_000
    pl.DataFrame({"pt": np.full(rows, 20.0), "eta": np.zeros(rows)}).write_csv(tmp_path / "large.csv")
    out = tmp_path / "out"

    def interrupt() -> None:
        until = time.monotonic() + 60
        while not list(out.glob(".large.csv.*")):
            assert time.monotonic() < until
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    with ThreadPoolExecutor(1) as aside:
        interrupted = aside.submit(interrupt)
        said = mltui("predict", "latest", home / "new.csv", tmp_path / "large.csv", "--out", out, "--plain")
        interrupted.result(60)
    assert said.code == 130, said
    assert "stopped" in said.err
    assert "Traceback" not in said.err
    assert "new.csv" in said.out
    assert [path.name for path in out.iterdir()] == ["new.csv"]
