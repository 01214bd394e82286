"""The data of a script are those of a run: the catalogue, every format, samples, kinds, cuts and weights."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.data.catalogue import CATALOGUE
from mltui.data.matrix import matrix
from mltui.export.data import write_data
from mltui.export.facts import gathered
from mltui.export.script import Script
from mltui.inference.asked import known

ROWS = 60
LUCK = np.random.default_rng(1)
A = np.round(LUCK.normal(size=ROWS), 3)
B = LUCK.integers(0, 50, ROWS)
C = LUCK.choice(["red", "blue", "green"], ROWS)
Y = (A + LUCK.normal(size=ROWS) > 0).astype(int)
GONE = LUCK.random(ROWS) < 0.2


def made(data: dict[str, Any], folder: Path) -> str:
    """The script of the data, once what it holds is compared with the table of a run."""
    task = CATALOGUE[data["dataset"]].task if "dataset" in data else "classification"
    model = {"name": "decision_tree" if task == "classification" else "linear_regression"}
    facts = gathered(Experiment.check({"data": data, "model": model}, known()), folder)
    script = Script()
    found: dict[str, Any] = {}
    write_data(script, facts)
    text = script.text(["The data."])
    exec(text, found)
    table = facts.table
    np.testing.assert_array_equal(found["y"], table.target)
    if facts.numbers:
        np.testing.assert_array_equal(found["x"].astype(float), matrix(table, facts.numbers))
    for place, column in enumerate(facts.categories):
        labels = np.array([*column.categories, ""], object)[table.values[column.name]]
        assert list(found["labels"][:, place]) == list(labels)
    for called, weights in (("weight", table.weights), ("training_weight", table.training_weights)):
        if weights is not None:
            np.testing.assert_array_equal(found[called], weights)
    return text


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_dataset_of_the_catalogue(name: str, tmp_path: Path) -> None:
    options = {o.name: max(120, int(o.low or 0)) for o in CATALOGUE[name].options if o.name == "samples"}
    text = made({"dataset": name, "options": options}, tmp_path)
    table = CATALOGUE[name].make({**{o.name: o.default for o in CATALOGUE[name].options}, **options})
    if not table.others and not any(column.categories for column in table.columns):
        assert "data[" not in text  # nothing but what makes the points
    numbers = [column.name for column in table.columns if column.kind == "number"]
    chosen = [*(f"`{number}` * 2" for number in numbers[-1:]), table.columns[0].name]
    made({"dataset": name, "options": options, "features": chosen, "weight": "2"}, tmp_path)


def test_a_cut_may_leave_two_classes_of_three(tmp_path: Path) -> None:
    text = made({"dataset": "iris", "cut": 'species != "setosa"', "positive": "versicolor"}, tmp_path)
    assert 'y = (data["species"] == "versicolor").astype(int)' in text


def _text(head: str, row: str, **also: list[str]) -> str:
    columns: dict[str, Any] = {"a": A, "b": B, "c": C, "y": Y, **also}
    rows = (row.format(**{name: values[n] for name, values in columns.items()}) for n in range(ROWS))
    return head + "\n".join(rows) + "\n"


SPARSE = ["NA" if gone else str(b) for gone, b in zip(GONE, B, strict=True)]
UNKNOWN = ["?" if gone else str(c) for gone, c in zip(GONE, C, strict=True)]
INCOME = [">50K" if y else "<=50K" for y in Y]
ENDLESS = ["inf" if gone else str(a) for gone, a in zip(GONE, A, strict=True)]
COMMA = [str(a).replace(".", ",") for a in A]
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain.csv": (_text("a,b,c,y\n", "{a},{b},{c},{y}"), {}),
    "semi.csv": (_text("a;b;c;y\n", "{k};{b};{c};{y}", k=COMMA), {}),
    "tab.tsv": (_text("a\tb\tc\ty\n", "{a}\t{s}\t{c}\t{y}", s=SPARSE), {}),
    "adult.data": (_text("", "{b}, {a}, {u}, {i}", u=UNKNOWN, i=INCOME), {"columns": ["b", "a", "c", "y"]}),
    "headless.csv": (_text("", "{a},{b},{c},{y}"), {"target": "column_4"}),
    "remarks.csv": (_text("# by me\na,b,c,y\n", "{a},{b},{c},{y}").replace("green", "green", 1) + "# end\n", {}),
    "titled.csv": (_text("Of last night\n\na,b,c,y\n", "{a},{b},{c},{y}"), {}),
    "blanks.dat": (_text("a b y\n", "{a:8.3f} {b:4d}  {y}"), {}),
    "quoted.csv": (_text('"a","c","y"\n', '"{a}","{c}, dark",{y}'), {}),
    "zip.csv": (_text("b,a,y\n", "{b:05d},{a},{y}"), {"kinds": {"b": "category"}}),
    "ordered.csv": (_text("a,c,y\n", "{a},{c},{y}"), {"kinds": {"c": ["blue", "green", "red"]}}),
    "infinite.csv": (_text("a,b,y\n", "{f},{b},{y}", f=ENDLESS), {}),
    "sentinel.csv": (
        _text("a,b,c,y\n", "{a},{g},{c},{y}", g=["-999" if g else str(b) for g, b in zip(GONE, B, strict=True)]),
        {"missing": [-999], "cut": "b > 3 | ismissing(b)", "features": ["a", "b / a", "c"]},
    ),
    "partly.csv": (_text("a,b,y\n", "{a},{b},{t}", t=["" if g else str(y) for g, y in zip(GONE, Y, strict=True)]), {}),
    "drawn.csv": (_text("a,b,c,y\n", "{a},{b},{c},{y}"), {"rows": 40, "weight": "1 + b", "training_weight": "b"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name: str, tmp_path: Path) -> None:
    content, more = TEXTS[name]
    (tmp_path / name).write_text(content)
    made({"files": [name], "target": "y", **more}, tmp_path)


def test_a_packed_text_one_in_latin_1_and_several(tmp_path: Path) -> None:
    content = TEXTS["plain.csv"][0]
    with gzip.open(tmp_path / "packed.csv.gz", "wt") as file:
        file.write(content)
    made({"files": ["packed.csv.gz"], "target": "y"}, tmp_path)
    (tmp_path / "latin.csv").write_text(content.replace("green", "grün"), encoding="latin-1")
    made({"files": ["latin.csv"], "target": "y"}, tmp_path)
    (tmp_path / "plain_1.csv").write_text(content)
    (tmp_path / "plain_2.csv").write_text(content)
    assert "pl.concat" in made({"files": ["plain_*.csv"], "target": "y"}, tmp_path)


def test_arrays_and_frames(tmp_path: Path) -> None:
    rows = np.zeros(ROWS, [("a", "f4"), ("b", "i2"), ("c", "U6"), ("y", "i1")])
    rows["a"], rows["b"], rows["c"], rows["y"] = A, B, C, Y
    np.save(tmp_path / "rows.npy", rows)
    np.save(tmp_path / "plain.npy", np.column_stack([A, B, Y]))
    np.savez(tmp_path / "named.npz", a=A, b=B, y=Y)
    np.savez(tmp_path / "images.npz", image=LUCK.integers(0, 9, (ROWS, 2, 3)).astype(np.uint8), y=Y)
    with h5py.File(tmp_path / "group.h5", "w") as file:
        group = file.create_group("events")
        group["a"], group["y"], group["c"] = A, Y, C.astype("S")
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["data"] = rows[["a", "b", "y"]]
        file["more"] = np.arange(7)
    pl.DataFrame({"a": A, "b": B.astype(np.float32), "c": C, "y": Y == 1}).write_parquet(tmp_path / "frame.parquet")
    made({"files": ["rows.npy"], "target": "y", "features": ["a", "b * a", "c"]}, tmp_path)
    made({"files": ["plain.npy"], "target": "plain_2"}, tmp_path)
    made({"files": ["named.npz"], "target": "y"}, tmp_path)
    made({"files": ["images.npz"], "target": "y"}, tmp_path)
    made({"files": ["group.h5"], "target": "y"}, tmp_path)
    made({"files": ["rows.h5"], "tree": "data", "target": "y"}, tmp_path)
    made({"files": ["frame.parquet"], "target": "y", "features": ["a", "b + 0.1"], "positive": "false"}, tmp_path)


def test_samples_of_trees_with_expected_events(tmp_path: Path) -> None:
    weights = LUCK.uniform(0.5, 2, ROWS) * np.where(GONE, -0.1, 1)
    with uproot.recreate(tmp_path / "higgs.root") as file:
        for tree in ("sig", "bkg"):
            columns: dict[str, Any] = {"pt": A.astype(np.float32), "n": B.astype(np.int32), "w": weights}
            file.mktree(tree, {name: values.dtype for name, values in columns.items()})
            file[tree].extend(columns)
    signal = {"label": "signal", "files": ["higgs.root"], "tree": "sig", "cross_section": 0.05, "generated": 1e5}
    background = {"label": "background", "process": "tt", "files": ["higgs.root"], "tree": "bkg"}
    text = made({"samples": [signal, background], "positive": "signal"}, tmp_path)
    assert '["sig"]' in text
    told = {**background, "cut": "n < 40", "weight": "abs(w)", "cross_section": 80.0, "generated": 1e7}
    text = made(
        {
            "samples": [signal, told], "weight": "w", "training_weight": "abs(w)", "luminosity": 140.0,
            "cut": "pt > -1", "features": ["pt", "pt / (n + 1)"],
        },
        tmp_path,
    )  # fmt: skip
    assert "(0.05 * 1000 * 140.0 / 100000.0)" in text
    made({"files": ["higgs.root"], "tree": "sig", "target": "n", "task": "regression", "cut": "n < 9"}, tmp_path)


@pytest.mark.parametrize(
    ("content", "key", "said"),
    [
        ("day,y\n" + "".join(f"2024-01-{n + 1:02d},{n % 2}\n" for n in range(20)), "data.features", "dates"),
        ("a,y\n" + "".join(f'"1,{n:03d}",{n % 2}\n' for n in range(40)), "data.files", "Parquet file first"),
    ],
)
def test_what_takes_more_than_a_few_plain_lines_is_refused(content: str, key: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(content)
    features = {"features": ["day"]} if "day" in content else {}
    with pytest.raises(InputError, match=said) as caught:
        made({"files": ["odd.csv"], "target": "y", **features}, tmp_path)
    assert caught.value.key == key
