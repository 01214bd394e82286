"""Another package's datasets: one that works, one that fails, and one of a name that is taken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = """
import numpy as np
from mltui.core.table import Column
from mltui.data.generators.making import SEED, generated, samples


def stripes(samples, rng):
    x = rng.uniform(0, 4, (samples, 1))
    return x, np.floor(x[:, 0]).astype(np.int64) % 2


STRIPES = generated(
    stripes, columns=(Column("x"),), target=Column("class"), classes=("dark", "light"), title="Stripes",
    family="mine", about="Dark and light. They take turns.", source="Mine", options=(samples(50), SEED),
)
TAKEN = [generated(
    stripes, columns=(Column("x"),), target=Column("class"), classes=("dark", "light"), title="Stripes",
    family="mine", about="Dark and light. They take turns.", source="Mine", options=(samples(50), SEED),
)]
NOTHING = ["no card"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an installed package, as far as Python can tell."""
    (tmp_path / "stripes_package.py").write_text(PACKAGE)
    info = tmp_path / "stripes_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stripes-package\nVersion: 1.0\n")
    points = "ok = stripes_package:STRIPES\ntwice = stripes_package:TAKEN\nbad = stripes_package:NOTHING\n"
    (info / "entry_points.txt").write_text(f"[mltui.datasets]\n{points}gone = absent_package:CARDS\n")
    return tmp_path


def asked(home: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(home), "MLTUI_HOME": str(home / "home"), "COLUMNS": "200"}
    said = subprocess.run(
        [sys.executable, "-m", "mltui", *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_a_package_s_dataset_is_listed_and_what_fails_is_told(home: Path) -> None:
    listed = asked(home, "data", "list")
    assert "stripes " in listed
    assert "bad: the datasets of stripes_package:NOTHING cannot be used: it holds str where a Dataset" in listed
    assert "gone: the datasets of absent_package:CARDS cannot be used: No module named 'absent_package'" in listed
    assert "offers a dataset stripes, and there is one of that name" in listed


def test_it_is_carried_over_by_code(home: Path) -> None:
    (home / "toy.toml").write_text('format = 1\n[data]\ndataset = "stripes"\n[model]\nname = "decision_tree"\n')
    assert "def stripes(samples, rng):" in asked(home, "code", str(home / "toy.toml"))
