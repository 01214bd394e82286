"""The numbers of a run in a list: the validation part's, wherever in the file they are said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mltui.record.folder import RunFolder
from mltui.runs.summary import summarise

LONG = "x" * 40_000
STARTED = {"kind": "started", "format": 1, "run": "7", "task": "classification", "model": "mlp", "curves": []}
OUT_OF_FOLD = {
    "kind": "evaluated",
    "part": "validation",
    "metrics": {"auc": 0.75, "accuracy": 0.7, "loss": 0.6},
    "folds": {"auc": {"mean": 0.8, "deviation": 0.1}},
}
VARIED = {"kind": "evaluated", "part": "validation", "variations": {"up": {"auc": 0.5, "shape": LONG}}}
FINISHED = {"kind": "finished", "step": 1, "kept": 1, "seconds": 2.0}
OPENED = {"kind": "evaluated", "part": "test", "metrics": {"auc": 0.99}, "opening": 1, "yields": {"x": LONG}}


def folder(path: Path, *events: dict[str, Any]) -> RunFolder:
    lines = [json.dumps({"seq": n, "attempt": 1, "time": 100.0 + n, **event}) for n, event in enumerate(events)]
    (path / "events.jsonl").write_text("\n".join(lines) + "\n")
    (path / "experiment.toml").write_text('name = "toy"\n')
    return RunFolder(path)


@pytest.mark.parametrize("openings", [0, 1, 5])
@pytest.mark.parametrize("varied", [False, True])
def test_they_are_out_of_fold_and_found_before_variations_and_openings(
    tmp_path: Path, openings: int, varied: bool
) -> None:
    more = [VARIED] if varied else []
    opened = [{**OPENED, "opening": number + 1} for number in range(openings)]
    summary = summarise(folder(tmp_path, STARTED, OUT_OF_FOLD, *more, FINISHED, *opened))
    assert summary.metrics == {"auc": 0.75, "accuracy": 0.7, "loss": 0.6}
    assert (summary.phase, summary.seconds) == ("finished", 2.0)


def test_a_run_without_a_validation_part_has_none_whatever_its_test_part_says(tmp_path: Path) -> None:
    assert summarise(folder(tmp_path, STARTED, FINISHED, OPENED)).metrics == {}


def test_a_start_that_declares_the_curves_of_fifty_folds_is_read(tmp_path: Path) -> None:
    curve = {"name": "accuracy", "part": "validation", "axis": "epoch", "better": "higher", "member": "fold 49"}
    started = {**STARTED, "curves": [curve] * 300, "features": [f"a feature with a long name {n}" for n in range(1500)]}
    assert len(json.dumps(started)) > 1 << 16
    summary = summarise(folder(tmp_path, started, OUT_OF_FOLD, FINISHED))
    assert summary.model == "mlp"
    assert summary.metrics["auc"] == 0.75
