"""Systematic variations through the worker: identity is nominal, shifts are what a hand computes, no row trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mltui.core.experiment import Experiment
from mltui.core.table import Table
from mltui.data.read import read
from mltui.inference.asked import experiment, known
from mltui.inference.members import Members
from mltui.record.predictions import PartPredictions, read_predictions

pytestmark = pytest.mark.xdist_group("varied")

ROWS = 400
MODEL = {"model": {"name": "logistic_regression"}}
CUT = -0.7
PLAIN = {"target": "label", "weight": "weight", "features": ["x", "y"], "cut": f"x > {CUT}"}
OPENED = [("plain", "validation"), ("plain", "test"), ("folds", "validation"), ("folds", "test")]
SHIFT = 0.5


def events(seed: int, signal: float, rows: int = ROWS) -> dict[str, NDArray[Any]]:
    """Two variables that tell signal from background, some missing; weights of some size."""
    rng = np.random.default_rng(seed)
    label = (rng.random(rows) < signal).astype(np.int64)
    y = np.round(rng.normal(-0.4 * label, 1), 4)
    y[::17] = np.nan
    return {
        "x": np.round(rng.normal(label, 1), 4),
        "y": y,
        "weight": np.round(rng.uniform(0.2, 2, rows), 3),
        "label": label,
    }


def written(path: Path, columns: dict[str, NDArray[Any]]) -> Path:
    import polars as pl

    label = np.array(["b", "s"])[columns["label"]]
    frame = pl.DataFrame({**columns, "label": label}).with_columns(pl.col("y").fill_nan(None))
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


@pytest.fixture(scope="module")
def data() -> dict[str, NDArray[Any]]:
    return events(1, 0.4)


@pytest.fixture(scope="module")
def runs(workers: Any, data: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """One run of each kind, done."""
    root = workers.root / "varied"
    root.mkdir()
    file = written(root / "events.csv", data)
    plain = {**PLAIN, "files": [str(file)]}
    same = {"name": "same", "replace": {"x": "x * 1.0"}}
    shift = {"name": "shift", "replace": {"x": f"x + {SHIFT}"}}
    heavy = {"name": "heavy", "weight": "weight * 1.5"}
    missing = {"name": "odd", "replace": {"y": "sqrt(-1 - y * y)"}}
    other = {"name": "other", "files": [str(written(root / "other.csv", events(2, 0.4)))]}
    samples = [
        {"label": label, "process": name, "files": [str(written(root / f"{name}.parquet", events(seed, part, 200)))]}
        for seed, (name, label, part) in enumerate([("ttbar", "b", 0.0), ("wjets", "b", 0.2), ("higgs", "s", 1.0)], 3)
    ]
    alternative = written(root / "alternative.parquet", events(9, 0.3, 500))
    one = {"name": "generator", "process": "wjets", "files": [str(alternative)]}
    up = {"name": "up", "process": "ttbar", "replace": {"x": "x + 0.3"}}
    sampled = {"samples": samples, "weight": "weight", "features": ["x", "y"], "variations": [one, up, same]}
    by_three = {"folds": 3, "train": 0.6}
    documents: dict[str, dict[str, Any]] = {
        "plain": {"data": {**plain, "variations": [same, shift, heavy, missing, other]}},
        "folds": {"data": {**plain, "variations": [same, shift]}, "split": by_three},
        "drawn": {"data": {**plain, "rows": 150, "variations": [same, shift]}},
        "samples": {"data": sampled},
    }
    done: dict[str, Any] = workers.in_one(
        {name: {**document, **MODEL} for name, document in documents.items()}, opened=["plain", "folds"]
    )
    return done


def by_entry(run: Any, part: str) -> PartPredictions:
    predictions = read_predictions(run.folder, [part])
    assert predictions is not None
    return predictions.parts[part]


@pytest.mark.parametrize(("kind", "part"), [*OPENED, ("drawn", "validation"), ("samples", "validation")])
def test_an_identity_is_nominal(runs: dict[str, Any], kind: str, part: str) -> None:
    state = runs[kind].state()
    found, nominal = state.variations[part]["same"], state.metrics[part]
    assert (found["auc"], found["accuracy"], found["loss"]) == (nominal["auc"], nominal["accuracy"], nominal["loss"])
    assert found["rows"] == nominal["events"]["rows"]
    events = {one["name"]: one for one in state.yields[part]["processes"]}
    assert set(found["yields"]) == set(events)
    for name, one in found["yields"].items():
        assert one["nominal"] == events[name]["expected"]
        assert one["varied"] == pytest.approx(one["nominal"], rel=1e-12)
        assert one["error"] == pytest.approx(events[name]["error"], rel=1e-12)
        assert one["selected_varied"] == pytest.approx(one["selected_nominal"], rel=1e-12)
    for one in found["shape"]["classes"].values():
        np.testing.assert_allclose(one["varied"], one["nominal"], rtol=1e-9)


def shifted_by_hand(run: Any, data: dict[str, NDArray[Any]], part: str, folder: Path) -> dict[str, Any]:
    """The numbers of a shift of x, from a file in which x is shifted, row by row."""
    from sklearn.metrics import roc_auc_score

    entries = by_entry(run, part)
    whole: dict[int, float] = {}
    nominal = data["x"] > CUT
    moved = {**data, "x": data["x"] + SHIFT}
    kept = np.flatnonzero(moved["x"] > CUT)
    file = written(folder / "moved.csv", moved)
    spec = experiment(run.folder)
    document = {
        "files": [str(file)],
        "target": "label",
        "weight": "weight",
        "features": ["x", "y"],
        "cut": f"x > {CUT}",
    }
    table: Table = read(Experiment.check({"data": document, **MODEL}, known()).data, folder)
    assert table.entry.tolist() == kept.tolist()
    fold = dict(zip(entries.entry.tolist(), (entries.fold if entries.fold is not None else 0 * entries.entry).tolist(),
                    strict=True))  # fmt: skip
    weights, rows, holders = [], [], []
    for row, entry in enumerate(kept.tolist()):
        label = data["label"][entry]
        own = nominal & (data["label"] == label)
        share = entries.scores.weights[entries.scores.target == label].sum() / data["weight"][own].sum()
        if entry in fold or not nominal[entry]:
            rows.append(row)
            weights.append(data["weight"][entry] * (1.0 if entry in fold else share))
            holders.append(fold[entry] if entry in fold else entry % (spec.split.folds or 1))
        whole[label] = whole.get(label, 0) + data["weight"][entry]
    members = Members.load(run.folder)
    if part == "test":
        scores = members.score_test(table, np.array(rows))
    else:
        scores = members.score(table, np.array(rows), np.array(holders)).scores
    auc = roc_auc_score(table.target[rows], scores, sample_weight=weights)
    return {"auc": auc, "rows": len(rows), "yields": {"bs"[label]: total for label, total in whole.items()}}


@pytest.mark.parametrize(("kind", "part"), OPENED)
def test_a_shift_is_what_a_hand_computes(
    runs: dict[str, Any], kind: str, part: str, data: dict[str, NDArray[Any]], tmp_path: Path
) -> None:
    """Rows that move over the cut are scored, with the share of the part; those trained on or sealed are not."""
    state = runs[kind].state()
    found, wanted = state.variations[part]["shift"], shifted_by_hand(runs[kind], data, part, tmp_path)
    assert found["rows"] == wanted["rows"] > state.metrics[part]["events"]["rows"]
    assert found["auc"] == pytest.approx(wanted["auc"], rel=1e-9)
    assert found["auc"] != pytest.approx(state.metrics[part]["auc"], rel=1e-9)
    for label, total in wanted["yields"].items():
        assert found["yields"][label]["varied"] == pytest.approx(total, rel=1e-9)
        assert found["yields"][label]["nominal"] == pytest.approx(
            data["weight"][(data["label"] == "bs".index(label)) & (data["x"] > CUT)].sum(), rel=1e-9
        )
        shape = found["shape"]["classes"][label]
        assert sum(shape["varied"]) == pytest.approx(total, rel=1e-9)


def test_no_row_that_moves_over_the_cut_is_scored_where_rows_are_drawn(runs: dict[str, Any]) -> None:
    state = runs["drawn"].state()
    assert state.variations["validation"]["shift"]["rows"] == state.metrics["validation"]["events"]["rows"]


def test_weights_that_vary_move_yields_alone(runs: dict[str, Any]) -> None:
    state = runs["plain"].state()
    found = state.variations["validation"]["heavy"]
    assert found["auc"] == pytest.approx(state.metrics["validation"]["auc"], rel=1e-12)
    for one in found["yields"].values():
        assert one["varied"] == pytest.approx(1.5 * one["nominal"], rel=1e-12)
        assert one["selected_varied"] == pytest.approx(1.5 * one["selected_nominal"], rel=1e-12)


def test_every_row_of_other_files_is_scored(runs: dict[str, Any]) -> None:
    other = events(2, 0.4)
    kept = other["x"] > CUT
    found = runs["plain"].state().variations["validation"]["other"]
    assert found["rows"] == kept.sum()
    for code, label in enumerate("bs"):
        wanted = other["weight"][kept & (other["label"] == code)].sum()
        assert found["yields"][label]["varied"] == pytest.approx(wanted, rel=1e-9)


def test_one_process_varies_and_the_others_stay(runs: dict[str, Any]) -> None:
    from sklearn.metrics import roc_auc_score

    run = runs["samples"]
    state, part = run.state(), by_entry(run, "validation")
    found = state.variations["validation"]["generator"]
    alternative = events(9, 0.3, 500)
    assert found["yields"]["wjets"]["varied"] == pytest.approx(alternative["weight"].sum(), rel=1e-9)
    for name in ("ttbar", "higgs"):
        one = found["yields"][name]
        assert one["varied"] == one["nominal"]
        assert one["selected_varied"] == pytest.approx(one["selected_nominal"], rel=1e-12)
    stays = part.scores.take(part.scores.process != 1)
    assert found["rows"] == 500 + len(stays)
    spec = experiment(run.folder).data
    table = read(spec, run.folder.path, variation=spec.variations[0], nominal=read(spec, run.folder.path))
    scores = Members.load(run.folder).score(table, np.arange(500), np.zeros(500, np.int64)).scores
    share = part.scores.weights[part.scores.process == 1].sum() / events(4, 0.2, 200)["weight"].sum()
    auc = roc_auc_score(
        np.append(stays.target, table.target), np.append(stays.scores, scores),
        sample_weight=np.append(stays.weights, share * alternative["weight"]),
    )  # fmt: skip
    assert found["auc"] == pytest.approx(auc, rel=1e-9)
    moved = state.variations["validation"]["up"]
    assert moved["rows"] == len(part)
    assert moved["auc"] < state.metrics["validation"]["auc"]


def test_a_variation_that_cannot_be_is_told_before_anything_is_trained(workers: Any, tmp_path: Path) -> None:
    file = written(tmp_path / "events.csv", events(1, 0.4, 60))
    wrong = {"name": "wrong", "replace": {"z": "x + 1"}}
    run = workers.run({"data": {**PLAIN, "files": [str(file)], "variations": [wrong]}, **MODEL})
    assert run.code() == 2
    assert "started" not in run.kinds()
    assert run.state().message.startswith("data.variations.0.replace: there is no column 'z'")
