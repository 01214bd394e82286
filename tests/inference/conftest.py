"""Runs of many kinds on small generated files, trained by one worker process one after the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import uproot

from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.record.folder import RunFolder

ROWS = 400
TRAIN = """
import sys
from pathlib import Path
from mltui.training.worker import run
sys.exit(max([run(Path(name)) for name in sys.argv[1:]]))
"""
TREE = {"name": "decision_tree", "max_depth": 4}
PLAIN: dict[str, dict[str, Any]] = {
    "data": {
        "target": "label",
        "positive": "s",
        "features": ["pt", "eta", "side", "pt * eta"],
        "cut": "abs(eta) < 2",
        "missing": [-999.0],
    },
    "model": TREE,
}


def events(rows: int = ROWS, seed: int = 1) -> pl.DataFrame:
    """Two classes, three kinds, a value to predict; a category, missing values as -999, and events to cut away."""
    rng = np.random.default_rng(seed)
    signal = rng.integers(0, 2, rows)
    pt = rng.exponential(30, rows) + 15 * signal
    pt[rng.random(rows) < 0.1] = -999.0
    eta = rng.normal(0, 1.2, rows)
    return pl.DataFrame(
        {
            "event": np.arange(rows) + 1000 * seed,
            "pt": pt,
            "eta": eta,
            "side": np.array(["left", "right", "top"])[rng.integers(0, 3, rows)],
            "label": np.where(signal == 1, "s", "b"),
            "kind": np.array(["one jet", "two jets", "more"])[(np.abs(eta) * 1.5).astype(int).clip(0, 2)],
            "mass": 3 * eta + rng.normal(0, 0.1, rows),
        }
    )


def write_root(path: Path, trees: Mapping[str, pl.DataFrame]) -> Path:
    """A ROOT file with a tree for each frame, of its number columns."""
    with uproot.recreate(path) as file:
        for name, frame in trees.items():
            numbers = frame.select(pl.selectors.numeric())
            tree = file.mktree(name, {column: numbers[column].to_numpy().dtype for column in numbers.columns})
            tree.extend({column: numbers[column].to_numpy() for column in numbers.columns})
    return path


@dataclass(frozen=True)
class Runs:
    """Trained runs by name, and the folder with the files behind them."""

    files: Path
    folders: Mapping[str, RunFolder]

    def __getitem__(self, name: str) -> RunFolder:
        return self.folders[name]


def trained(root: Path, experiments: Mapping[str, Mapping[str, Any]], base: Path) -> dict[str, RunFolder]:
    """Run folders in a store of their own below `root`, each trained to its end."""
    found = {}
    for number, (name, document) in enumerate(experiments.items(), 1):
        folder = RunFolder(root / "runs" / "2026-11" / str(number))
        folder.path.mkdir(parents=True)
        data = dict(document["data"])
        if "files" in data:
            data["files"] = [str(base / file) for file in data["files"]]
        data["samples"] = [{**s, "files": [str(base / file) for file in s["files"]]} for s in data.get("samples", ())]
        asked = Experiment.check({"name": name, **document, "data": data}, known())
        folder.resolved.write_text(asked.to_toml())
        folder.experiment.write_text(asked.to_toml())
        found[name] = folder
    command = [sys.executable, "-P", "-c", TRAIN, *(str(folder.path) for folder in found.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, [folder.log.read_text() for folder in found.values()]
    return found


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """One run of each kind."""
    root = tmp_path_factory.mktemp("predicting")
    frame = events()
    frame.write_csv(root / "events.csv")
    frame.write_parquet(root / "events.parquet")
    write_root(root / "events.root", {"events": frame})
    write_root(root / "two.root", {"signal": events(150, 2), "background": events(250, 3)})
    plain = {**PLAIN["data"], "files": ["events.csv"]}
    many = {"files": ["events.parquet"], "target": "kind", "features": ["pt", "eta", "side"], "missing": [-999.0]}
    samples = [{"label": name, "files": ["two.root"], "tree": name} for name in ("signal", "background")]
    folders = trained(
        root,
        {
            "plain": {"data": plain, "model": TREE},
            "network": {"data": many, "model": {"name": "mlp"}, "training": {"epochs": 3}},
            "regression": {
                "data": {"files": ["events.root"], "tree": "events", "target": "mass", "features": ["pt", "eta"]},
                "model": {"name": "linear_regression"},
            },
            "folds": {"data": plain, "model": TREE, "split": {"folds": 3}},
            "fold_by": {"data": plain, "model": TREE, "split": {"folds": 2, "fold_by": "event % 2"}},
            "refit": {"data": plain, "model": TREE, "split": {"refit": True}},
            "samples": {"data": {"samples": samples, "features": ["pt", "eta"]}, "model": TREE},
            "moons": {"data": {"dataset": "moons"}, "model": TREE},
        },
        root,
    )
    return Runs(root, folders)
