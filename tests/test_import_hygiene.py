"""What the graph of imports cannot prove: heavy modules stay out of the processes that must be quick, and each
contract between the rooms fails when it is broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"awkward", "matplotlib", "pandas", "polars", "pyarrow", "scipy", "sklearn", "skops", "torch", "uproot"}
SPEAK = """
import contextlib, io, json, sys
import mltui.cli
for step in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(step, {})
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def said(words: str) -> str:
    return f"import mltui.cli\nmltui.cli.main({words.split()!r}, lambda *_: 0)"


def loaded(*steps: str) -> list[set[str]]:
    """The top-level modules that a new Python has loaded after each of these pieces of code, one after the other."""
    command = [sys.executable, "-c", SPEAK, json.dumps(steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [set(json.loads(line)) for line in done.stdout.splitlines()]


WORDS = ("--help", "run --help", "predict --help", "runs list", "models list", "models describe mlp", "data list")
SPOKEN = tuple(map(said, WORDS))
LIGHT = (
    *SPOKEN,
    "import mltui.runs.store, mltui.runs.spare, mltui.runs.follow",
    "import mltui.plots.curve, mltui.plots.surface, mltui.plots.preview",
    "import mltui.evaluation.metrics, mltui.evaluation.roc",
    "import mltui.data.catalogue, mltui.models.catalogue",
    "import mltui.notebook, mltui.runs.predict",
    "import mltui.export.code, mltui.export.runs, mltui.runs.code",
    "import mltui.__main__",
    "import mltui.ui.app",
)


def test_what_must_be_quick_loads_nothing_heavy() -> None:
    after = dict(zip(LIGHT, loaded(*LIGHT), strict=True))
    assert not after[SPOKEN[0]] & {"numpy", "rich", "textual", "asyncio"}, "the overview"
    assert not after[SPOKEN[-1]] & {"textual"}, "the command line has no screen"
    assert {step: modules & HEAVY for step, modules in after.items() if modules & HEAVY} == {}


def test_the_worker_loads_no_screen_and_no_network_where_it_trains_none() -> None:
    worker, keeping = loaded(
        "import mltui.training.worker, mltui.training.spare",
        "from mltui.data.skops_io import skops_io\nskops_io().dumps({})",
    )
    assert not worker & {"textual", "rich", "plotext", *HEAVY}
    assert not keeping & {"torch", "textual", "plotext"}
    assert "skops" in keeping


DOWNWARD = "A line imports only downward, and siblings never meet"
WORKER = "Nobody imports the worker: it is started by command"
BREACHES = {
    "upward": ("core/errors.py", "import mltui.runs.store", DOWNWARD),
    "siblings": ("evaluation/roc.py", "import mltui.data.card", DOWNWARD),
    "screen and command line": ("cli/run.py", "import mltui.ui.app", DOWNWARD),
    "the worker imported": ("runs/launch.py", "import mltui.training.worker", WORKER),
    "Textual outside the screen": ("plots/look.py", "import textual", "Only the screen knows Textual"),
    "plotext outside plots": ("cli/report.py", "import plotext", "Only plots knows plotext"),
    "a room nobody has heard of": ("attic/__init__.py", '"""A new room."""', DOWNWARD),
}


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a copy of the project."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command is not None
    return subprocess.run(
        [command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "mltui", tmp_path / "mltui", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    done = contracts(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_broken_contract_fails(copy: Path, breach: str) -> None:
    file, line, contract = BREACHES[breach]
    path = copy / "mltui" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    done = contracts(copy)
    assert done.returncode == 1, done.stdout
    assert contract in done.stdout
    assert f"{contract} KEPT" not in done.stdout


def test_every_contract_has_a_breach_here() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in declared} == {contract for _, _, contract in BREACHES.values()}
