"""Preparing a run: what is chosen from the data is chosen from the training part alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.experiment import Experiment
from mltui.inference.asked import known
from mltui.training.prepare import prepare

ROWS = 200


@pytest.mark.parametrize(("layers", "batch_size", "device"), [([8], 20, "cpu"), ([512, 512], 5000, "cuda:0")])
def test_auto_takes_a_graphics_card_where_a_step_is_enough_work(
    monkeypatch: pytest.MonkeyPatch, layers: list[int], batch_size: int, device: str
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    document: dict[str, Any] = {
        "data": {"dataset": "moons"},
        "model": {"name": "mlp", "hidden_layers": layers},
        "training": {"batch_size": batch_size, "device": "auto"},
    }
    assert prepare(Experiment.check(document, known()), Path()).member(0).problem.device == device
    document["training"]["device"] = "cuda"
    assert prepare(Experiment.check(document, known()), Path()).member(0).problem.device == "cuda:0"


def written(path: Path, columns: dict[str, np.ndarray]) -> Experiment:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(str(value) for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    data = {"files": [str(path)], "target": "y"}
    return Experiment.check({"data": data, "model": {"name": "decision_tree"}}, known())


def test_the_sealed_part_has_no_say_in_the_plane_that_is_drawn(tmp_path: Path) -> None:
    """In the test rows alone, c tells the target and a and b are wild; it is the other way round in the rest."""
    rng = np.random.default_rng(3)
    y = np.where(np.arange(ROWS) % 2 == 0, "s", "b")
    columns = {name: rng.normal(size=ROWS) for name in "abc"} | {"y": y}
    sealed = prepare(written(tmp_path / "e.csv", columns), tmp_path).divided.parts["test"]
    is_sealed = np.isin(np.arange(ROWS), sealed)
    for name in "ab":
        columns[name] = np.where(is_sealed, 1000 * rng.normal(size=ROWS), columns[name] / 5 + (y == "s"))
    columns["c"] = np.where(is_sealed, 1000.0 * (y == "s"), columns["c"])
    assert prepare(written(tmp_path / "e.csv", columns), tmp_path).axes == ("a", "b")
