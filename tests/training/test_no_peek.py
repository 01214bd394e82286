"""Nothing in the folder of a sealed run tells what a model says of a test row: every file is searched for it."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mltui.cli.asked import Asked
from mltui.cli.documents import run_document
from mltui.core.table import Floats
from mltui.data.preprocess import Preprocessing
from mltui.inference.asked import experiment
from mltui.inference.reload import load
from mltui.models.catalogue import CARDS
from mltui.runs.summary import summarise
from mltui.training.divided import divide
from mltui.training.unseal import unseal

pytestmark = pytest.mark.xdist_group("no_peek")

NUMBER = re.compile(rb"-?\d+\.\d+(?:[eE][-+]?\d+)?")
MOONS: dict[str, Any] = {"dataset": "moons", "options": {"samples": 250, "noise": 0.3}}
NETWORK: dict[str, Any] = {
    "data": MOONS,
    "model": {"name": "mlp", "hidden_layers": [8]},
    "training": {"epochs": 5, "batch_size": 20, "device": "cpu", "threads": 1},
}
VARIED = {**MOONS, "variations": [{"name": "up", "replace": {"x1": "x1 * 1.1"}}]}
DOCUMENTS = {
    "one model": NETWORK,
    "folds": {**NETWORK, "split": {"folds": 3}},
    "refit": {**NETWORK, "split": {"folds": 2, "refit": True}},
    "variations": {**NETWORK, "data": VARIED, "split": {"refit": True}},
}
SEALED = {**NETWORK, "split": {"folds": 2}}


@pytest.fixture(scope="module")
def runs(workers: Any) -> dict[str, Any]:
    found: dict[str, Any] = workers.in_one({**DOCUMENTS, "sealed": SEALED})
    return found


def models(folder: Path) -> list[Path]:
    """Where the run has kept a model; of one alone in model/ itself."""
    return sorted(path.parent for path in (folder / "model").rglob("network.safetensors"))


def secrets(run: Any) -> Floats:
    """What each model, and their mean, say of the test rows and of the varied ones, worked out anew."""
    asked = experiment(run.folder)
    divided = divide(asked, run.folder.path)
    test = divided.table.take(divided.parts["test"])
    tables = [test]
    if asked.data.variations:
        raised = np.asarray(test.values["x1"], np.float64) * 1.1
        tables.append(type(test)(**{**test.__dict__, "values": {**test.values, "x1": raised}}))
    said: list[Floats] = []
    for table in tables:
        by_model = [
            load(place, CARDS["mlp"]).predict(Preprocessing.load(place).transform(table))
            for place in models(run.folder.path)
        ]
        said += [*by_model, np.mean(by_model, axis=0)] if len(by_model) > 1 else by_model
    assert all(len(one) == 50 for one in said)
    return np.concatenate(said)


def numbers(content: bytes) -> Iterator[tuple[NDArray[Any], float]]:
    """Every number that some bytes may be, with its precision: figures in a text, floats of either size at any place,
    and the same of all that an archive holds."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from numbers(archive.read(member))
    yield np.array([float(figure) for figure in NUMBER.findall(content)]), 1e-10
    for start in range(8):
        for kind, size, precision in (("<f8", 8, 1e-10), ("<f4", 4, 6e-8)):
            rest = content[start:]
            with np.errstate(all="ignore"):
                yield np.frombuffer(rest[: len(rest) // size * size], kind).astype(np.float64), precision


def found(run: Any, wanted: Floats) -> float:
    """The share of the wanted numbers, as probabilities or before the sigmoid, that are anywhere in a run's folder."""
    seen = np.zeros(len(wanted), np.bool_)
    for path in run.folder.path.rglob("*"):
        for values, precision in numbers(path.read_bytes()) if path.is_file() else ():
            there = np.sort(values[abs(values) < 100])
            for asked in (wanted, np.log(wanted / (1 - wanted))):
                low, high = (asked + side * precision * abs(asked) for side in (-1, 1))
                seen |= np.searchsorted(there, low) < np.searchsorted(there, high, side="right")
    return float(seen.mean())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_sealed_folder_holds_no_score_of_a_test_row_and_the_search_would_find_one(
    runs: dict[str, Any], name: str
) -> None:
    run = runs[name]
    wanted = secrets(run)
    assert len(np.unique(wanted.astype(np.float32))) > 0.9 * len(wanted), "a number tells its row"
    assert found(run, wanted) == 0
    state = run.state()
    assert (state.openings, set(state.metrics), set(state.yields)) == (
        0,
        {"train", "validation"},
        {"train", "validation"},
    )
    assert set(state.variations) == ({"validation"} if name == "variations" else set())
    with np.load(run.folder.predictions) as arrays:
        assert {key for key in arrays.files if key.startswith("test")} == {"test/file", "test/entry"}
        assert len(arrays["test/entry"]) == 50

    assert unseal(run.folder.path) == 0
    told = 50 / len(wanted)  # the refit's scores, or the mean's, or the one model's, of the nominal rows
    assert found(run, wanted) == pytest.approx(told)
    assert run.state().openings == 1


@pytest.mark.parametrize("kind", ["json", "toml", "float32", "skops"])
def test_the_search_has_teeth(tmp_path: Path, kind: str) -> None:
    """One score, as each kind of file would hold it."""
    from types import SimpleNamespace

    secret = np.array([0.7311234567])
    content = {
        "json": json.dumps({"x": [secret[0]]}).encode(),
        "toml": f"x = {secret[0]}\n".encode(),
        "float32": b"\0\1\2" + np.log(secret / (1 - secret)).astype("<f4").tobytes(),
    }
    if kind == "skops":
        with zipfile.ZipFile(tmp_path / "e.skops", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.npy", secret.tobytes())
    else:
        (tmp_path / "e").write_bytes(content[kind])
    run = SimpleNamespace(folder=SimpleNamespace(path=tmp_path))
    assert found(run, secret) == 1
    assert found(run, secret + 0.001) == 0


def test_the_documents_of_a_sealed_run_say_null(runs: dict[str, Any]) -> None:
    run = runs["sealed"]
    document = run_document(run.folder, run.state(), Asked.read(run.folder))
    assert document["metrics"]["test"] is None
    assert document["openings"] == 0
    assert set(document["yields"]) == set(document["spread"]) == {"train", "validation"}
    assert "variations" not in document
    validation = document["metrics"]["validation"]
    assert summarise(run.folder).metrics == {name: validation[name] for name in ("auc", "accuracy", "loss")}
    assert tomllib.loads(run.folder.resolved.read_text())["resolved"]["rows"]["test"] == 50
    assert unseal(run.folder.path) == 0
    opened = run_document(run.folder, run.state(), Asked.read(run.folder))
    assert opened["metrics"]["test"]["auc"] > 0.5
    assert set(opened["yields"]) == {"train", "validation", "test"}
    assert opened["openings"] == 1
    assert summarise(run.folder).metrics == {name: validation[name] for name in ("auc", "accuracy", "loss")}
