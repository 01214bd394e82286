"""`mltui data describe` of files, several files and experiments, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from rich.cells import cell_len

Mltui = Callable[..., Any]
ROWS = 90
X = np.random.default_rng(4).normal(size=ROWS)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with signal.csv and background.csv, as the working folder."""
    monkeypatch.chdir(tmp_path)
    for name, shift in (("signal", 1), ("background", 0)):
        columns = {"pt": np.abs(X) * 30, "eta": X + shift, "weight": np.full(ROWS, 0.5), "label": [name] * ROWS}
        pl.DataFrame(columns).write_csv(tmp_path / f"{name}.csv")
    return tmp_path


EXPERIMENT = """\
format = 1

[data]
features = ["pt", "pt * eta"]
positive = "signal"
weight = "weight"
titles = { pt = "transverse momentum [GeV]" }

[[data.samples]]
label = "signal"
files = ["signal.csv"]

[[data.samples]]
label = "background"
files = ["background.csv"]
cut = "eta < 1"
"""


def test_several_files_are_described_as_one(mltui: Mltui, here: Path) -> None:
    named = mltui("data", "describe", "signal.csv", "background.csv", "--target", "label", "--json").document
    assert named["rows"] == 2 * ROWS
    assert {c["label"]: c["rows"] for c in named["classes"]} == {"signal": ROWS, "background": ROWS}
    globbed = mltui("data", "describe", "*.csv", "--target", "label", "--json").document
    assert globbed["classes"] == named["classes"]
    assert mltui("data", "describe", "signal.csv", "iris").complaint == (
        "mltui: iris is a dataset of the catalogue; describe it by itself"
    )


def test_an_experiment_is_described_from_its_own_folder(
    mltui: Mltui, here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its [data] alone, which needs no model beside it."""
    (here / "higgs.toml").write_text(EXPERIMENT)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    document = mltui("data", "describe", here / "higgs.toml", "--json").document
    kept = int(np.sum(X < 1))
    assert {c["label"]: (c["rows"], c["weight"]) for c in document["classes"]} == {
        "background": (kept, kept / 2),
        "signal": (ROWS, ROWS / 2),
    }
    assert document["features"] == ["pt", "pt * eta"]
    assert {entry["name"] for entry in document["ranking"]} == {"pt", "pt * eta"}
    assert [entry["label"] for entry in document["correlations"]] == ["signal", "background"]
    plain = mltui("data", "describe", here / "higgs.toml").out
    assert "transverse momentum [GeV]" in plain
    assert "signal.csv" in plain


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('positive = "signal"', "positive = 3", "higgs.toml, line 5: data.positive must be text or none, not 3"),
        ("eta < 1", "eta <", "higgs.toml, line 16: data.samples.1.cut: character 6"),
        ('"signal.csv"', '"sinal.csv"', "higgs.toml, line 11: there is no file sinal.csv"),
        ("[data]", "[data", "higgs.toml is not valid TOML"),
        ("positive", "postive", "higgs.toml, line 5: unknown key data.postive; did you mean positive?"),
    ],
)
def test_a_mistake_in_an_experiment_is_told_with_its_line(
    mltui: Mltui, here: Path, before: str, after: str, sentence: str
) -> None:
    (here / "higgs.toml").write_text(EXPERIMENT.replace(before, after))
    assert sentence in mltui("data", "describe", "higgs.toml").complaint


def test_what_is_no_experiment_is_said(mltui: Mltui, here: Path) -> None:
    (here / "a.toml").write_text('name = "a"')
    assert mltui("data", "describe", "a.toml").complaint == "mltui: a.toml has no [data] to describe"
    said = mltui("data", "describe", "a.toml", "signal.csv").complaint
    assert said == "mltui: a.toml is an experiment; describe it by itself"
    assert "there is no experiment file b.toml" in mltui("data", "describe", "b.toml").complaint


def test_options_say_what_is_meant(mltui: Mltui, here: Path) -> None:
    words = [
        "--target",
        "label",
        "--weight",
        "2 * weight",
        "--cut",
        "pt > 10 & eta < 1",
        "--features",
        "pt,sqrt(abs(eta))",
    ]
    document = mltui("data", "describe", "*.csv", *words, "--json").document
    signal = int(np.sum((np.abs(X) * 30 > 10) & (X + 1 < 1)))
    assert {c["label"]: (c["rows"], c["weight"]) for c in document["classes"]}["signal"] == (signal, signal)
    assert document["features"] == ["pt", "sqrt(abs(eta))"]
    set_ = ["--set", "data.titles.pt=momentum [GeV]", "--set", 'data.exclude=["eta"]']
    document = mltui("data", "describe", "*.csv", "--target", "label", *set_, "--json").document
    assert document["features"] == ["pt"]
    assert document["columns"][0]["label"] == "momentum [GeV]"
    assert "--set split.train" in mltui("data", "describe", "*.csv", "--set", "split.train=1").complaint
    assert "character 5" in mltui("data", "describe", "*.csv", "--cut", "pt >").complaint


def test_guesses_are_told_with_the_keys_that_overrule_them(mltui: Mltui, here: Path) -> None:
    (here / "a.dat").write_text("".join(f"{x:.3f};{int(x > 0)}\n" for x in X).replace(".", ","))
    plain = mltui("data", "describe", "a.dat").out
    assert "read as text; where a guess is wrong, say what is right under [data]:" in plain
    for line in ("  header = false", '  separator = ";"', '  decimal = ","'):
        assert line in plain.splitlines()
    assert "(guessed)" in plain.splitlines()[0]
    told = mltui("data", "describe", "a.dat", "--set", "data.header=true").out
    assert "  header = " not in told


def test_of_many_columns_a_few_are_printed_and_the_others_counted(mltui: Mltui, here: Path) -> None:
    columns: dict[str, Any] = {f"c{i}": X.astype(np.float32) * i for i in range(400)}
    columns |= {f"k{i}": ["u", "v", "w"] * (ROWS // 3) for i in range(100)}
    pl.DataFrame({**columns, "y": ["s", "b"] * (ROWS // 2)}).write_parquet(here / "wide.parquet")
    plain = mltui("data", "describe", "wide.parquet", "--plain").out.splitlines()
    assert len(plain) < 100
    assert "and 461 more columns (360 number, 101 category); --json has all" in plain
    assert "and 490 more variables; --json has all" in plain
    assert len(mltui("data", "describe", "wide.parquet", "--json").document["columns"]) == 501


def test_names_and_labels_cannot_harm_a_terminal(mltui: Mltui, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape codes, markup and thousands of characters, on a terminal of 80 columns."""
    monkeypatch.setattr("mltui.cli.output.draws", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    wild = {
        "\x1b[31mred\x07": X,
        "[bold]x[/bold]": X[::-1],
        "n" * 5000: X**2,
        "\u202eevil": np.abs(X),
        "漢字" * 20: X**3,
    }
    labels = ["\x1b]0;title\x07", "[link=http://x]y[/link]"] * (ROWS // 2)
    pl.DataFrame({**wild, "label": labels}).write_parquet(here / "wild.parquet")
    said = mltui("data", "describe", "wild.parquet", "--target", "label")
    assert said.code == 0
    assert "\x1b[31m" not in said.out
    assert "\x1b]" not in said.out
    assert "\x07" not in said.out
    assert "\u202e" not in said.out
    assert "␛[31mred" in said.out
    assert "[bold]x[/bold]" in said.out
    lines = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in said.out.splitlines()]
    assert max(map(cell_len, lines)) <= 80
    document = mltui("data", "describe", "wild.parquet", "--target", "label", "--json")
    assert [column["name"] for column in document.document["columns"]][:5] == list(wild)
    assert "\x1b" not in document.out


def test_the_document_is_complete(mltui: Mltui, here: Path) -> None:
    document = mltui("data", "describe", "*.csv", "--target", "label", "--json").document
    assert {
        "name", "title", "about", "source", "files", "columns", "guessed", "problems", "findings", "format", "samples",
        "suggested", "head", "task", "rows", "target", "weight", "positive", "classes", "features", "preview",
        "targets", "ranking", "correlations", "luminosity", "training_weight",
    } == set(document)  # fmt: skip
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert {
        "name", "title", "unit", "label", "kind", "expression", "role", "why", "shape", "rows", "missing", "low",
        "high", "mean", "std", "first", "last", "distinct", "categories",
    } == set(document["columns"][0])  # fmt: skip


def test_several_columns_to_learn_are_named_in_a_line(mltui: Mltui, here: Path) -> None:
    described = ("data", "describe", "signal.csv", "--features", "weight", "--target")
    found = mltui(*described, "pt,eta", "--json").document
    assert (found["task"], found["target"], found["targets"]) == ("regression", "pt, eta", ["pt", "eta"])
    assert {c["name"]: c["role"] for c in found["columns"]}["eta"] == "target"
    assert mltui(*described, "pt,pt").complaint == "mltui: --target has pt twice; name each column once"
    assert mltui("run", here / "none.toml", "--set", "data.target=[pt, eta]").code == 2
    assert "several targets are for regression" in mltui(*described, "pt,label").complaint
