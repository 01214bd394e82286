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
REPORT = "import json, sys; print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def loaded(code: str, **environment: str) -> set[str]:
    """The top-level modules that a new Python has loaded after this code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{REPORT}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def said(words: str) -> str:
    return f"import mltui.cli\nmltui.cli.main({words.split()!r}, lambda *_: 0)"


@pytest.mark.parametrize(
    "code",
    [
        "import mltui.cli",
        "import mltui.__main__",
        "import mltui.ui.app",
        "import mltui.runs.store, mltui.runs.spare, mltui.runs.follow",
        "import mltui.plots.curve, mltui.plots.surface, mltui.plots.preview",
        "import mltui.evaluation.metrics, mltui.evaluation.roc",
        "import mltui.data.catalogue, mltui.models.catalogue",
        said("--help"),
        said("run --help"),
        said("predict --help"),
        "import mltui.notebook, mltui.runs.predict",
        said("runs list"),
        said("models list"),
        said("data list"),
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert not loaded(code) & HEAVY


@pytest.mark.parametrize("code", [said("--help"), said("run --help"), said("runs list"), said("models describe mlp")])
def test_the_command_line_loads_no_screen(code: str) -> None:
    assert "textual" not in loaded(code)


def test_the_overview_loads_not_even_numpy() -> None:
    assert not loaded(said("--help")) & {"numpy", "rich", "textual", "asyncio"}


def test_the_worker_loads_no_screen() -> None:
    code = "import mltui.training.worker, mltui.training.spare"
    assert not loaded(code) & {"textual", "rich", "plotext"}


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
