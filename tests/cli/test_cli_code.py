"""`mltui code`: a script on standard output or in a new file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TOY = """
[data]
dataset = "moons"
options = { samples = 100 }
[model]
name = "mlp"
hidden_layers = [3]
[training]
epochs = 2
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy.toml"
    path.write_text(TOY)
    return path


def test_an_experiment_s_code_is_printed_or_written_but_never_over_a_file(
    mltui: Any, toy: Path, tmp_path: Path
) -> None:
    said = mltui("code", toy)
    assert said.code == 0
    compile(said.out, "toy.py", "exec")
    assert "torch.nn.Linear(2, 3)" in said.out or "nn.Linear(2, 3)" in said.out
    script = tmp_path / "toy.py"
    assert mltui("code", toy, "--out", script).code == 0
    assert script.read_text().strip() == said.out.strip()
    again = mltui("code", toy, "--out", script)
    assert again.code == 2
    assert "is there already; give --out another name" in again.err


def test_what_cannot_be_written_is_one_sentence(mltui: Any, toy: Path) -> None:
    toy.write_text(TOY + 'optimizer = "newton"\n')
    said = mltui("code", toy)
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "training.optimizer = newton steps by the curvature of the loss" in said.err


def test_a_run_that_is_not_there(mltui: Any, mltui_home: Path) -> None:
    said = mltui("code", "7")
    assert said.code == 2
    assert "there are no runs yet" in said.err
