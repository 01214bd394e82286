"""`mltui show`: every view of a run as picture, numbers or file."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mltui.views import VIEWS

Mltui = Callable[..., Any]


def test_without_a_view_it_lists_those_there_are(mltui: Mltui, store: Path) -> None:
    document = mltui("show", "1", "--json").document
    names = [view["name"] for view in document["views"]]
    assert document["run"] == "1"
    assert {"curve", "roc", "matrix", "numbers", "tree"} <= set(names)
    assert "predicted" not in names
    assert names[0] in mltui("show", "1").out.splitlines()[1]


@pytest.mark.parametrize("run", ["1", "2", "3"])
def test_every_view_has_its_numbers_as_one_document_without_nan(mltui: Mltui, store: Path, run: str) -> None:
    for view in mltui("show", run, "--json").document["views"]:
        for form in view["forms"] or [None]:
            words = ["show", run, view["name"], "--json", *(["--form", form] if form else [])]
            document = mltui(*words).document
            assert document["view"] == view["name"]
            assert not view["ready"] or document["values"] or any(t["columns"] for t in document["tables"]), words
            for table in document["tables"] or ():
                assert len({len(values) for values in table["columns"].values()}) <= 1


def test_the_numbers_are_those_of_the_run(mltui: Mltui, store: Path) -> None:
    (table,) = mltui("show", "1", "numbers", "--json").document["tables"]
    judged = dict(zip(table["columns"]["metric"], table["columns"]["validation"], strict=True))
    assert judged["auc"] == mltui("runs", "show", "1", "--json").document["metrics"]["validation"]["auc"]


def test_the_threshold_moves_what_follows_from_it(mltui: Mltui, store: Path) -> None:
    one, other = (mltui("show", "1", "matrix", "--threshold", t, "--json").document for t in ("0.1", "0.9"))
    assert one["title"] != other["title"]


def test_in_plain_words_it_is_a_title_and_tables(mltui: Mltui, store: Path) -> None:
    lines = mltui("show", "1", "numbers").out.splitlines()
    assert lines[0].startswith("Numbers  auc ")
    assert "metrics:" in lines
    long = mltui("show", "2", "curve").out.splitlines()
    assert any(line.endswith("--json and --out FILE.csv have all") for line in long)


def test_files_of_every_kind(mltui: Mltui, store: Path, tmp_path: Path) -> None:
    for ending in (".txt", ".svg", ".csv", ".json", ".png", ".pdf"):
        said = mltui("show", "2", "curve", "--out", tmp_path / f"curve{ending}").out
        assert said.startswith("wrote ")
    assert "loss" in (tmp_path / "curve.txt").read_text().lower()
    assert ET.parse(tmp_path / "curve.svg").getroot().tag.endswith("svg")
    assert json.loads((tmp_path / "curve.json").read_text())["view"] == "curve"
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "curve.pdf").read_bytes().startswith(b"%PDF")
    rows = list(csv.reader(io.StringIO((tmp_path / "curve-train.csv").read_text())))
    document = json.loads((tmp_path / "curve.json").read_text())
    train = next(table for table in document["tables"] if table["name"] == "train")
    assert rows[0] == ["tree", "loss"]
    assert [float(row[1]) for row in rows[1:]] == train["columns"]["loss"]


def test_a_file_is_never_written_over(mltui: Mltui, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "curve.txt"
    path.write_text("mine")
    assert (
        mltui("show", "1", "numbers", "--out", path).complaint == f"mltui: {path} is there already; choose another name"
    )
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["1", "rocc"], "run 1 has no view 'rocc'; "),
        (["1", "predicted"], "run 1 has no view 'predicted'; "),
        (["1", "numbers", "--form", "pie"], "--form: numbers has no form 'pie'; "),
        (["1", "matrix", "--threshold", "2"], "--threshold 2 is not between 0 and 1"),
        (["1", "curve", "--metric", "aucc"], "--metric: run 1 has no curve 'aucc'; "),
        (["3", "residuals", "--form", "variables", "--variable", "bm"], "--variable: there is no 'bm' for residuals; "),
        (["3", "residuals", "--variable", "x"], "--variable: there is no 'x' for residuals; this picture is of no "),
        (["3", "residuals", "--target", "b"], "--target: there is no 'b'; "),
        (["1", "numbers", "--out", "x.bmp"], "--out x.bmp: a view is written as one of "),
        (["nine"], ""),
    ],
)
def test_what_is_wrong_is_one_sentence(mltui: Mltui, store: Path, words: list[str], sentence: str) -> None:
    said = mltui("show", *words)
    assert said.code == 2
    assert said.complaint.startswith(f"mltui: {sentence}")


def test_a_missing_matplotlib_is_said(
    mltui: Mltui, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    said = mltui("show", "2", "curve", "--out", tmp_path / "curve.png")
    assert said.complaint == (
        "mltui: .png needs matplotlib, which is not installed; pip install 'mltui[matplotlib]' brings it"
    )


def test_every_view_is_known_by_a_name_of_its_own() -> None:
    assert len({view.name for view in VIEWS}) == len(VIEWS)


def test_the_test_part_is_shown_once_it_is_opened(mltui: Mltui, trained: Path, mltui_home: Path) -> None:
    shutil.copytree(trained, mltui_home, dirs_exist_ok=True)
    sealed = mltui("show", "1", "roc", "--part", "test")
    assert sealed.complaint == (
        "mltui: --part: run 1 has no scores of test to show; the test part is scored by mltui runs unseal"
    )
    assert mltui("runs", "unseal", "1").code == 0
    opened = mltui("show", "1", "roc", "--part", "test", "--json").document
    told = mltui("runs", "show", "1", "--json").document["metrics"]["test"]["auc"]
    assert opened["title"].startswith(f"ROC  auc {told:.3f}")
