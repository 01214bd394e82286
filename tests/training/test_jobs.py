"""The spare's small jobs: pictures of variables, rows of pairs, folders; and the data that are kept between them."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import polars as pl
import pytest
import uproot
from sklearn.metrics import roc_auc_score

from mltui.core.errors import InputError
from mltui.data.catalogue import CATALOGUE
from mltui.training.jobs import Jobs
from mltui.training.subject import look

ROWS = 400
RNG = np.random.default_rng(11)
Y = RNG.integers(0, 2, ROWS)
COLUMNS: dict[str, Any] = {
    "a": RNG.normal(size=ROWS) + Y,
    "b": RNG.normal(size=ROWS),
    "k": [("u", "v", "w")[RNG.integers(0, 3)] for _ in range(ROWS)],
    "w": RNG.uniform(0.5, 1.5, ROWS),
    "y": [("bkg", "sig")[code] for code in Y],
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "f.parquet")
    return tmp_path


def job(folder: Path, **keys: Any) -> dict[str, Any]:
    data = {"files": ["f.parquet"], "target": "y", "weight": "w", **keys.pop("data", {})}
    return {"data": data, "folder": str(folder), **keys}


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    return answer


# Variables


def test_variables_are_ranked_by_separation(table: Path) -> None:
    """Against a loop over the bins by hand, and scikit-learn's AUC."""
    said = plain(Jobs().variables(job(table, names=[])))
    a, w = np.array(COLUMNS["a"]), np.array(COLUMNS["w"])
    edges = np.linspace(a.min(), a.max(), 41)
    signal = [sum(w[i] for i in range(ROWS) if Y[i] == 1 and _bin(a[i], edges) == bin) for bin in range(40)]
    background = [sum(w[i] for i in range(ROWS) if Y[i] == 0 and _bin(a[i], edges) == bin) for bin in range(40)]
    s, b = np.array(signal) / sum(signal), np.array(background) / sum(background)
    separation = math.fsum(0.5 * (p - q) ** 2 / (p + q) for p, q in zip(s, b, strict=True) if p + q > 0)
    assert {entry["name"] for entry in said["ranking"]} == {"a", "b", "k"}
    first = said["ranking"][0]
    assert first["name"] == "a"
    assert first["separation"] == pytest.approx(separation)
    assert first["auc"] == pytest.approx(roc_auc_score(Y, a, sample_weight=w))
    assert (said["rows"], said["whole"], said["classes"], said["histograms"]) == (ROWS, None, ["bkg", "sig"], {})


def _bin(value: float, edges: Any) -> int:
    return min(39, int((value - edges[0]) / (edges[-1] - edges[0]) * 40))


def test_correlations_are_those_of_each_class_signal_first(table: Path) -> None:
    said = Jobs().variables(job(table))["correlations"]
    assert [entry["label"] for entry in said] == ["sig", "bkg"]
    w = np.array(COLUMNS["w"])
    for entry, code in zip(said, (1, 0), strict=True):
        assert entry["names"] == entry["labels"] == ["a", "b"]
        own = np.flatnonzero(np.equal(Y, code))
        assert entry["rows"] == len(own)
        covariance = np.cov(np.stack([COLUMNS["a"], COLUMNS["b"]])[:, own], aweights=w[own])
        expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        assert entry["matrix"] == [[1, pytest.approx(expected)], [pytest.approx(expected), 1]]


def test_histograms_hold_the_weights_of_each_class(table: Path) -> None:
    found = Jobs().variables(job(table, bins=10))["histograms"]
    assert list(found) == ["a", "b", "k"]
    w = np.array(COLUMNS["w"])
    for name in ("a", "k"):
        hist = found[name]
        sums = np.array(hist["sums"]).sum(axis=1) + hist["below"] + hist["above"]
        assert sums == pytest.approx([w[Y == 0].sum(), w[Y == 1].sum()])
    assert len(found["a"]["edges"]) == 11
    assert found["k"]["labels"] == ["u", "v", "w"]
    is_u = np.array(COLUMNS["k"]) == "u"
    assert found["k"]["sums"][1][0] == pytest.approx(w[is_u & (Y == 1)].sum())
    assert found["k"]["errors"][1][0] == pytest.approx(np.sqrt((w[is_u & (Y == 1)] ** 2).sum()))


def test_any_column_and_expression_can_be_drawn(table: Path) -> None:
    said = Jobs().variables(job(table, names=["w", "y", "a * b"], data={"titles": {"w": "weight [1]"}}))["histograms"]
    assert said["w"]["label"] == "weight [1]"
    assert said["y"]["labels"] == ["bkg", "sig"]
    product = np.array(COLUMNS["a"]) * COLUMNS["b"]
    assert said["a * b"]["edges"][0] >= product.min()
    for wrong, words in (("nope", "nope"), ("a +", "character 4"), ("a * k", "k")):
        with pytest.raises(InputError, match=words) as caught:
            Jobs().variables(job(table, names=[wrong]))
        assert caught.value.key == "data.features"
    with pytest.raises(InputError, match="list of columns"):
        Jobs().variables(job(table, names="a"))


def test_lists_and_images_are_drawn_by_all_their_values(tmp_path: Path) -> None:
    lists = ak.Array([[1.0, 2.0, 2.0], [], [3.0]] * 10)
    with uproot.recreate(tmp_path / "f.root") as file:
        file.mktree("t", {"jet": "var * float64", "grid": ("f8", (2, 2)), "y": "i8"})
        file["t"].extend({"jet": lists, "grid": np.arange(120.0).reshape(30, 2, 2), "y": np.arange(30) // 15})
    data = {"files": ["f.root"], "target": "y"}
    said = Jobs().variables({"data": data, "folder": str(tmp_path), "names": ["jet", "grid"], "bins": 3})["histograms"]
    assert np.array(said["jet"]["sums"]).sum(axis=0).tolist() == [10, 20, 10]
    assert np.sum(said["grid"]["sums"]) == 120


def test_without_classes_all_rows_are_one(table: Path) -> None:
    said = plain(Jobs().variables(job(table, names=["a"], data={"target": "b"})))
    assert said["classes"] == []
    assert (said["task"], len(said["histograms"]["a"]["sums"])) == ("regression", 1)
    assert [entry["label"] for entry in said["correlations"]] == ["all rows"]
    by_name = {entry["name"]: entry["correlation"] for entry in said["ranking"]}
    w = np.array(COLUMNS["w"])
    covariance = np.cov(np.stack([COLUMNS["a"], COLUMNS["b"]]), aweights=w)
    assert by_name["a"] == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    data = {"files": ["f.parquet"], "exclude": ["y"], "features": ["a", "b"]}
    nothing = Jobs().variables({"data": data, "folder": str(table), "names": ["b"]})
    assert (nothing["ranking"], nothing["target"], nothing["task"]) == ([], None, None)
    assert nothing["correlations"][0]["matrix"][0][1] == pytest.approx(np.corrcoef(COLUMNS["a"], COLUMNS["b"])[0, 1])


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_dataset_has_pictures(name: str, tmp_path: Path) -> None:
    jobs, asked = Jobs(), {"data": {"dataset": name}, "folder": str(tmp_path)}
    said = plain(jobs.variables(asked))
    description = jobs.describe(asked)
    images = {column["name"] for column in description["columns"] if column["kind"] == "image"}
    features = [name for name in description["features"] if name not in images]  # an image is no variable to rank
    assert {entry["name"] for entry in said["ranking"]} == set(features)
    if not features:
        return
    assert len(said["correlations"]) == max(1, min(10, len(said["classes"])))
    pairs = plain(jobs.pairs({**asked, "names": features[:3], "points": 50}))
    assert [len(pairs["values"][n]) for n in pairs["names"]] == [50] * len(features[:3])


def test_wide_data_are_cut_to_what_can_be_drawn(tmp_path: Path) -> None:
    columns = {f"c{i}": RNG.normal(size=60).astype(np.float32) for i in range(300)}
    pl.DataFrame({**columns, "y": [0, 1] * 30}).write_parquet(tmp_path / "f.parquet")
    said = Jobs().variables({"data": {"files": ["f.parquet"], "target": "y"}, "folder": str(tmp_path)})
    assert len(said["ranking"]) == 300
    assert len(said["histograms"]) == 100
    assert [len(entry["names"]) for entry in said["correlations"]] == [50, 50]
    best = {entry["name"] for entry in said["ranking"][:50]}
    assert set(said["correlations"][0]["names"]) == best


# Pairs


def test_pairs_are_rows_of_the_table(table: Path) -> None:
    said = plain(Jobs().pairs(job(table, names=["a", "k", "a + b"], points=30)))
    assert (said["names"], said["classes"]) == (["a", "k", "a + b"], ["bkg", "sig"])
    places = [COLUMNS["a"].tolist().index(value) for value in said["values"]["a"]]
    assert len(places) == 30
    assert said["target"] == Y[places].tolist()
    assert said["values"]["k"] == ["uvw".index(COLUMNS["k"][place]) for place in places]
    assert said["values"]["a + b"] == pytest.approx([COLUMNS["a"][p] + COLUMNS["b"][p] for p in places])
    assert Jobs().pairs(job(table, names=["a"], points=30))["target"] == said["target"]
    assert len(Jobs().pairs(job(table, names=["a"], points=10**6))["values"]["a"]) == ROWS


def test_the_correlations_of_pairs_are_of_all_rows_and_weighted(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    x, y, w = rng.normal(size=300), rng.normal(size=300), rng.uniform(0, 3, 300)
    y[:100] += x[:100]
    pl.DataFrame({"x": x, "z": y, "w": w, "y": ["s", "b", "b"] * 100}).write_parquet(tmp_path / "f.parquet")
    data = {"files": ["f.parquet"], "target": "y", "weight": "w"}
    said = plain(Jobs().pairs({"data": data, "folder": str(tmp_path), "names": ["x", "z"], "points": 20}))
    for code in (0, 1):
        own = (np.arange(300) % 3 == 0) == bool(code)
        wanted = np.cov(x[own], y[own], aweights=w[own])
        found = said["correlations"][code][0][1]
        assert found == pytest.approx(wanted[0, 1] / np.sqrt(wanted[0, 0] * wanted[1, 1]), abs=1e-6)
    places = [x.tolist().index(value) for value in said["values"]["x"]]
    assert said["weights"] == w[places].tolist()


def test_missing_values_of_pairs_are_null(tmp_path: Path) -> None:
    pl.DataFrame({"x": [1.0, None, np.inf, 4.0], "k": ["u", None, "v", "u"], "y": ["s", "b", None, "s"]}).write_csv(
        tmp_path / "f.csv"
    )
    data = {"files": ["f.csv"], "target": "y"}
    said = plain(Jobs().pairs({"data": data, "folder": str(tmp_path), "names": ["x", "k"]}))
    assert said["values"] == {"x": [1, None, 4], "k": [0, None, 0]}
    assert said["target"] == [1, 0, 1]


# What is kept


def test_the_last_data_are_read_once(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def looked(*given: Any) -> Any:
        read.append(given)
        return look(*given)

    monkeypatch.setattr("mltui.training.jobs.look", looked)
    jobs = Jobs()
    jobs.describe(job(table))
    jobs.variables(job(table, names=["a"]))
    jobs.pairs(job(table, names=["a", "b"]))
    assert len(read) == 1
    jobs.describe(job(table, data={"cut": "a > 0"}))
    assert len(read) == 2
    jobs.describe(job(table))
    assert len(read) == 3, "only the last is kept"
    jobs.describe(job(table))
    pl.DataFrame(COLUMNS).head(200).write_parquet(table / "f.parquet")
    assert jobs.describe(job(table))["rows"] == 200
    later = (table / "f.parquet").stat().st_mtime_ns + 10**9
    os.utime(table / "f.parquet", ns=(later, later))
    jobs.describe(job(table))
    assert len(read) == 5
    jobs.forget()
    jobs.describe(job(table))
    assert len(read) == 6
    (table / "f.parquet").unlink()
    with pytest.raises(InputError, match="there is no file"):
        jobs.variables(job(table))


def test_what_cannot_be_read_leaves_nothing_behind(table: Path) -> None:
    jobs = Jobs()
    jobs.describe(job(table))
    with pytest.raises(InputError, match="nothing like it"):
        jobs.describe(job(table, data={"target": "nothing like it"}))
    assert jobs.describe(job(table))["rows"] == ROWS


# Browse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "A.root", "notes.doc", ".hidden.csv", "c.csv.gz", "d.h5", "e.npz", "f.PARQUET", "run.toml"):
        (tmp_path / name).write_bytes(b"12345")
    for name in ("zoo", "Alpha", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    (tmp_path / "link").symlink_to(tmp_path / "zoo")
    return tmp_path


def browse(folder: Path, **keys: Any) -> dict[str, Any]:
    return plain(Jobs().browse({"folder": str(folder), **keys}))


def test_a_folder_is_listed_folders_first(folder: Path) -> None:
    said = browse(folder)
    assert (said["folder"], said["parent"], said["total"]) == (str(folder), str(folder.parent), 12)
    assert [entry["name"] for entry in said["entries"]] == [
        "Alpha", "link", "zoo", "A.root", "b.csv", "c.csv.gz", "d.h5", "e.npz", "f.PARQUET", "gone.csv", "notes.doc",
        "run.toml",
    ]  # fmt: skip
    by_name = {entry["name"]: entry for entry in said["entries"]}
    assert by_name["b.csv"] == {"name": "b.csv", "folder": False, "bytes": 5, "readable": True}
    assert by_name["zoo"] == {"name": "zoo", "folder": True, "bytes": None, "readable": True}
    unreadable = [entry["name"] for entry in said["entries"] if not entry["readable"]]
    assert unreadable == ["gone.csv", "notes.doc", "run.toml"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["b.csv", "gone.csv"]),
        ("A", ["Alpha", "A.root", "f.PARQUET"]),
        (".", [".git", ".hidden.csv"]),
        ("[ab].*", ["A.root", "b.csv"]),
        ("none", []),
        ("*.C?V", ["b.csv", "gone.csv"]),
    ],
)
def test_a_pattern_chooses(folder: Path, pattern: str, names: list[str]) -> None:
    found = [entry["name"] for entry in browse(folder, pattern=pattern)["entries"]]
    assert [name for name in found if pattern != "." or name.startswith(".")] == names


def test_a_folder_that_is_none_is_said(folder: Path) -> None:
    with pytest.raises(InputError, match="there is no folder"):
        browse(folder / "nowhere")
    with pytest.raises(InputError, match="is a file, not a folder") as caught:
        browse(folder / "b.csv")
    assert caught.value.key == "data.files"
    with pytest.raises(InputError, match="cannot be read"):
        browse(Path("a\0b"))


def test_a_folder_of_thousands_of_files_answers_quickly(tmp_path: Path) -> None:
    for number in range(3_000):
        (tmp_path / f"file{number:05}.csv").touch()
    began = time.process_time()
    said = browse(tmp_path)
    seconds = time.process_time() - began
    assert (len(said["entries"]), said["total"]) == (1_000, 3_000)
    assert [entry["name"] for entry in said["entries"][:2]] == ["file00000.csv", "file00001.csv"]
    assert len(browse(tmp_path, at_most=3, pattern="*7.csv")["entries"]) == 3
    assert seconds < 2


def test_changed_weights_beside_a_text_are_read_again(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(40)))
    weights = tmp_path / "t.csv.weight"
    jobs = Jobs()
    asked = {"data": {"files": ["t.csv"], "target": "y", "weight": "weight"}, "folder": str(tmp_path)}
    for weight in ("1", "2.5"):
        weights.write_text(f"{weight}\n" * 40)
        assert [found["weight"] for found in jobs.describe(asked)["classes"]] == [20 * float(weight)] * 2
