"""What a run adds to its experiment, and the runs whose numbers no script of it would give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.export.runs import of_run
from mltui.inference.asked import known
from mltui.record.folder import RunFolder
from mltui.record.writer import EventWriter
from mltui.runs.store import Store

Made = Callable[..., RunFolder]


@pytest.fixture
def run(mltui_home: Path) -> Made:
    """Makes a run that says these events; `resolved` is what its worker has found out."""

    def make(
        *events: dict[str, Any], training: dict[str, Any] | None = None, resolved: dict[str, Any] | None = None
    ) -> RunFolder:
        document = {
            "data": {"dataset": "moons"}, "model": {"name": "mlp"}, "training": training or {},
            "resolved": resolved or {"device": "cpu", "threads": 2},
        }  # fmt: skip
        folder = Store(mltui_home).create(Experiment.check(document, known()), "", mltui_home)
        writer = EventWriter(folder, folder.claim_attempt())
        writer.emit("started", format=1, run=folder.id, model="mlp", task="classification", curves=[])
        for event in events:
            writer.emit(**event)
        writer.close()
        return folder

    return make


FINISHED = {"kind": "finished", "step": 10, "kept": 10, "seconds": 1.0}


def test_a_finished_run_is_its_experiment(run: Made) -> None:
    folder = run({"kind": "evaluated", "part": "validation", "metrics": {"loss": 0.1}}, FINISHED)
    asked, ran = of_run(folder)
    assert asked.model.name == "mlp"
    assert (ran.id, ran.opened, ran.steps, ran.device, ran.threads) == (folder.id, False, None, "cpu", 2)
    opened = run({"kind": "evaluated", "part": "test", "metrics": {"loss": 0.1}, "opening": 1}, FINISHED)
    assert of_run(opened)[1].opened


def stopped(kept: float, step: float) -> list[dict[str, Any]]:
    progress = {"kind": "progress", "axis": [step], "columns": []}
    return [progress, {"kind": "stopped", "step": step, "kept": kept, "seconds": 1.0}]


def test_a_run_that_was_stopped_between_epochs_has_fewer(run: Made) -> None:
    assert of_run(run(*stopped(kept=4, step=4)))[1].steps == 4
    assert of_run(run(*stopped(kept=4, step=9), training={"early_stopping": 20}))[1].steps == 9


@pytest.mark.parametrize(
    ("events", "more", "key", "said"),
    [
        (stopped(kept=3.4, step=3), {}, "training.epochs", "was stopped on its way"),
        (stopped(kept=0, step=0), {"training": {"early_stopping": 3}}, "training.epochs", "was stopped on its way"),
        (
            [{"kind": "changed", "step": 3.5, "key": "training.l1", "before": 0.0, "value": 0.1}, FINISHED],
            {},
            "training.l1",
            "was steered, training.l1 first, at 3.5",
        ),
        ([FINISHED], {"resolved": {"on_disk": True}}, "data.rows", "more rows than fit into memory"),
    ],
)
def test_a_run_that_its_experiment_alone_does_not_make_is_refused(
    run: Made, events: list[dict[str, Any]], more: dict[str, Any], key: str, said: str
) -> None:
    folder = run(*events, **more)
    with pytest.raises(InputError, match=said) as caught:
        of_run(folder)
    assert caught.value.key == key
    assert f"mltui code {folder.resolved} writes what was asked" in caught.value.sentence


def test_a_run_whose_files_have_changed_is_refused(run: Made, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("a,b\n")
    resolved = {"files": [{"path": str(file), "bytes": 4}]}
    of_run(run(FINISHED, resolved=resolved))
    file.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="has changed since"):
        of_run(run(FINISHED, resolved=resolved))
    file.unlink()
    with pytest.raises(InputError, match="is no longer there"):
        of_run(run(FINISHED, resolved=resolved))
