"""A table that may not lie in memory: trained from disk, found there again, opened, refused where that cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.experiment import Experiment
from mltui.data import cache, disk
from mltui.inference.asked import known
from mltui.record.predictions import Predictions, read_predictions
from mltui.record.reader import EventReader
from mltui.record.state import RunState, fold
from mltui.record.status import read_status
from mltui.training.gate import Stopped
from mltui.training.prepare import prepare
from mltui.training.unseal import unseal

ROWS = 30_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 MB, in two files, with a text column, holes, infinities and rows without a target."""
    rng = np.random.default_rng(1)
    folder = tmp_path_factory.mktemp("table")
    signal_like = rng.random(ROWS) < 0.4
    columns: dict[str, Any] = {f"x{i}": rng.normal(size=ROWS) + 0.7 * signal_like * (i < 3) for i in range(10)}
    columns["x1"][::50] = np.nan
    columns["x2"][7] = np.inf
    columns["kind"] = rng.choice(["aa", "bb", "cc"], ROWS)
    columns["w"] = rng.uniform(0.5, 1.5, ROWS)
    columns["label"] = [None if place % 100 == 3 else "s" if s else "b" for place, s in enumerate(signal_like)]
    frame = pl.DataFrame(columns)
    frame[: ROWS // 3].write_parquet(folder / "a.parquet")
    frame[ROWS // 3 :].write_parquet(folder / "b.parquet")
    return folder


def document(table: Path, model: dict[str, Any] | None = None, **data: Any) -> dict[str, Any]:
    return {
        "data": {"files": [str(table / "*.parquet")], "target": "label", "weight": "w", **data},
        "model": model or {"name": "mlp", "hidden_layers": [8]},
        **({} if model else {"training": {"epochs": 2, "batch_size": 256, "device": "cpu"}}),
    }


def files() -> dict[Path, int]:
    """The files of the cache, each with what tells it from another of its name."""
    return {path: path.stat().st_ino for path in cache.root().glob("[0-9a-f]*/*")}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a worker needs is more than it may have."""
    monkeypatch.setenv("MLTUI_MEMORY", "1MB")


@pytest.mark.usefixtures("narrow")
def test_it_is_trained_from_disk_found_again_and_opened(
    workers: Any, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workers.run(document(table))
    assert first.code() == 0, first.state().message
    kept = files()
    assert cache.usage().entries == 2, "the table, and its parts in the order of the split"
    second = workers.run(document(table), "--unseal")
    assert second.code() == 0, second.state().message
    assert files().items() >= kept.items(), "what the first run made served the second"

    assert first.state().metrics["validation"] == second.state().metrics["validation"]
    assert first.state().metrics["validation"]["auc"] > 0.7
    assert "on_disk = true" in first.folder.resolved.read_text()
    checked(first, {"train", "validation"})
    sealed = checked(second, {"train", "validation", "test"}).parts["test"]
    assert unseal(first.folder.path) == 0
    opened = checked(first, {"train", "validation", "test"}).parts["test"]
    assert np.array_equal(opened.entry, sealed.entry)
    np.testing.assert_allclose(opened.scores.scores, sealed.scores.scores, rtol=1e-6)

    monkeypatch.delenv("MLTUI_MEMORY")
    here = workers.run(document(table))
    assert here.code() == 0, here.state().message
    assert "on_disk" not in here.folder.resolved.read_text()
    for name in ("loss", "auc"):  # a part of one block is shuffled as a whole on disk too
        mine, theirs = (run.state().metrics["validation"][name] for run in (here, first))
        assert mine == pytest.approx(theirs, rel=1e-4)


def checked(run: Any, parts: set[str]) -> Predictions:
    """A run's predictions: every row of these parts, each with the label and the weight that its file has there."""
    predictions = read_predictions(run.folder)
    assert predictions is not None
    assert set(predictions.parts) == parts
    said = run.state().started["parts"]
    assert sum(said.values()) == ROWS - ROWS // 100, "rows without a target are no rows"
    frames = [pl.read_parquet(name) for name in predictions.files]
    for part, rows in predictions.parts.items():
        assert len(rows.scores.scores) == said[part]
        assert np.isfinite(rows.scores.scores).all()
        at = [(int(f), int(e)) for f, e in zip(rows.file[:200], rows.entry[:200], strict=True)]
        labels = [frames[f]["label"][e] for f, e in at]
        assert [predictions.classes[int(code)] for code in rows.scores.target[:200]] == labels
        assert np.allclose([frames[f]["w"][e] for f, e in at], rows.scores.weights[:200])
    return predictions


@pytest.mark.usefixtures("narrow")
def test_folds_are_laid_out_each_by_its_own_preprocessing_and_every_row_is_judged(workers: Any, table: Path) -> None:
    run = workers.run({**document(table), "split": {"folds": 2, "refit": True}})
    assert run.code() == 0, run.state().message
    assert "on_disk = true" in run.folder.resolved.read_text()
    predictions = read_predictions(run.folder)
    assert predictions is not None
    used = ROWS - ROWS // 100
    seen = []
    for part in ("train", "validation"):
        rows = predictions.parts[part]
        assert len(rows) == pytest.approx(0.8 * used, abs=1)
        assert len(set(zip(rows.file.tolist(), rows.entry.tolist(), strict=True))) == len(rows)
        assert np.isfinite(rows.scores.scores).all()
        seen.append(len(rows))
    assert len(predictions.sealed["test"]) == used - seen[0]
    frames = [pl.read_parquet(name) for name in predictions.files]
    rows = predictions.parts["validation"]
    labels = [frames[f]["label"][int(e)] for f, e in zip(rows.file[:200], rows.entry[:200], strict=True)]
    assert [predictions.classes[int(code)] for code in rows.scores.target[:200]] == labels
    state = run.state()
    assert state.spread["validation"]["auc"]["mean"] == pytest.approx(state.metrics["validation"]["auc"], abs=0.01)
    assert state.metrics["validation"]["auc"] > 0.7
    assert unseal(run.folder.path) == 0
    assert run.state().metrics["test"]["auc"] == pytest.approx(state.metrics["validation"]["auc"], abs=0.05)


@pytest.mark.usefixtures("narrow")
def test_a_model_that_needs_it_in_memory_is_refused_with_what_would_fit(workers: Any, table: Path) -> None:
    run = workers.run(document(table, {"name": "random_forest"}))
    assert run.code() == 2
    message = run.state().message
    assert message.startswith("random_forest needs all rows in memory at once: 30,000 rows of 12 columns take")
    assert "choose fewer features, or take an mlp, which learns from disk" in message
    assert cache.usage().entries == 0, "that was known before reading"


@pytest.mark.usefixtures("narrow")
def test_few_rows_of_it_are_read_into_memory_for_any_model(workers: Any, table: Path) -> None:
    run = workers.run(document(table, {"name": "decision_tree"}, rows=2000))
    assert run.code() == 0, run.state().message
    assert sum(run.state().started["parts"].values()) == 2000
    assert cache.usage().entries == 0
    cut = workers.run(document(table, {"name": "decision_tree"}, cut="x0 > 2"))
    assert cut.code() == 0, cut.state().message


HUNG = """
import sys, time
from pathlib import Path
from mltui.training import worker

def hung(*arguments):
    print("reading", flush=True)
    time.sleep(600)

worker.prepare = hung
sys.exit(worker.run(Path(sys.argv[1])))
"""


def test_a_stop_is_heard_soon_even_where_the_disk_hangs(workers: Any, table: Path) -> None:
    folder = workers.folder(document(table))
    process = subprocess.Popen([sys.executable, "-P", "-c", HUNG, str(folder.path)], start_new_session=True)
    workers.started.append(process)
    deadline = time.monotonic() + 60
    while not (folder.log.exists() and "reading" in folder.log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    began = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(30) == 0
    assert time.monotonic() - began < 10  # a second, and what a busy machine adds
    assert fold(RunState(), EventReader(folder).poll()).phase == "stopped"
    status = read_status(folder.status)
    assert status is not None
    assert status.state == "stopped"


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("when", [0.0, 0.1, 0.3, 0.65, 0.8])
def test_a_stop_while_it_is_put_on_disk_leaves_no_half(
    table: Path, when: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "CHUNK_BYTES", 1)
    monkeypatch.setattr("mltui.data.laid_out.BUCKET_BYTES", 1)
    monkeypatch.setattr("mltui.training.prepare.CHUNK", 1)
    asked = Experiment.check(document(table), known())
    shares: list[float] = []

    def tell(share: float) -> None:
        shares.append(share)
        if share >= when:
            raise Stopped

    with pytest.raises(Stopped):
        prepare(asked, table, tell).member(0, tell)
    assert not list(cache.root().glob(".*.tmp"))
    assert cache.usage().entries == (when > 0.6), "what is whole stays for the next run"
    assert len(prepare(asked, table, shares.append).member(0, shares.append).problem.train) > 0
    assert shares[-1] == 1.0
    assert all(0 <= share <= 1 for share in shares)
