"""A table read onto disk is the table read into memory, whatever is asked of it; what changes it makes another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.data_rules import read_data
from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Table
from mltui.data import cache, disk, memory
from mltui.data.disk import on_disk
from mltui.data.read import read

ROWS = 5_000
LITTLE = 250_000
"""Bytes of memory: a column has room there, a table has none."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files whose columns differ in type and labels."""
    rng = np.random.default_rng(1)
    for place, name in enumerate(("s", "b")):
        a = rng.normal(size=ROWS)
        a[::97] = -999
        a[5] = np.inf
        columns = {
            "a": a,
            "n": rng.integers(0, 50, ROWS).astype(np.int16 if place else np.int64),
            "size": rng.choice(["small", "large"] if place else ["middle", "large"], ROWS),
            "w": rng.uniform(0.5, 1.5, ROWS),
            "label": [None if i % 50 == 1 else "yes" if i % 3 else "no" for i in range(ROWS)],
        }
        pl.DataFrame(columns).write_parquet(tmp_path / f"{name}.parquet")
    images = np.random.default_rng(2).random((4000, 3, 2), dtype=np.float32)
    np.savez(tmp_path / "images.npz", image=images, y=np.arange(4000) % 2)
    return tmp_path


BOTH = {"files": ["*.parquet"], "target": "label"}
ASKED: dict[str, dict[str, Any]] = {
    "plain": BOTH,
    "weighted": {**BOTH, "weight": "w * 2", "missing": [-999.0]},
    "chosen": {**BOTH, "features": ["a + n", "size"], "cut": "n > 10 & w < 1.4"},
    "ordered": {**BOTH, "kinds": {"size": ["small", "middle", "large"]}},
    "rows": {**BOTH, "rows": 4000},
    "number": {**BOTH, "target": "w", "task": "regression"},
    "samples": {
        "samples": [
            {"label": "signal", "files": ["s.parquet"], "weight": "w"},
            {"label": "background", "files": ["b.parquet"], "process": "QCD", "cut": "a > 0"},
        ],
        "features": ["a", "n"],
    },
    "expected": {
        "samples": [
            {"label": "signal", "files": ["s.parquet"], "weight": "w", "cross_section": 0.0485, "generated": 1.2e6},
            {"label": "background", "files": ["b.parquet"]},
        ],
        "features": ["a", "n"],
        "luminosity": 140.0,
        "training_weight": "w - 1",
    },
    "images": {"files": ["images.npz"], "target": "y"},
}


def on_shelf(folder: Path, data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Table:
    with monkeypatch.context() as patch:
        patch.setattr(memory, "fits", lambda needed: needed <= LITTLE)
        patch.setattr(disk, "chunk_rows", lambda row_bytes: 700)
        return read(read_data(data), folder)


@pytest.mark.parametrize("asked", list(ASKED))
def test_it_is_the_same_table(folder: Path, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there, here = on_shelf(folder, ASKED[asked], monkeypatch), read(read_data(ASKED[asked]), folder)
    assert all(on_disk(values) for values in there.values.values())
    assert not any(on_disk(values) for values in here.values.values())
    assert there.columns == here.columns
    for name in ("task", "classes", "target_name", "weight_name", "files", "processes"):
        assert getattr(there, name) == getattr(here, name)
    for name in ("target", "file", "entry", "process"):
        assert np.array_equal(getattr(there, name), getattr(here, name)), name
    for kind in ("weights", "training_weights"):
        one, other = getattr(there, kind), getattr(here, kind)
        assert (one is None) == (other is None), kind
        if other is not None:
            np.testing.assert_array_equal(one, other)
    for column, values in here.values.items():
        np.testing.assert_array_equal(there.values[column].astype(np.float64), values.astype(np.float64))


def test_what_changes_the_rows_makes_another_and_what_does_not_is_found_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base: dict[str, Any] = {**BOTH, "features": ["a", "size"]}
    on_shelf(folder, base, monkeypatch)
    for same in ({"positive": "no"}, {"titles": {"a": "A [m]"}}):
        on_shelf(folder, {**base, **same}, monkeypatch)
        assert cache.usage().entries == 1, same
    others: tuple[dict[str, Any], ...] = (
        {"cut": "a > 0"}, {"missing": [-999.0]}, {"features": ["a", "n"]}, {"kinds": {"size": "ordered"}},
        {"weight": "w"}, {"rows": 4000}, {"target": "w"},
    )  # fmt: skip
    for count, other in enumerate(others, 2):
        on_shelf(folder, {**base, **other}, monkeypatch)
        assert cache.usage().entries == count, other
    pl.read_parquet(folder / "s.parquet")[:100].write_parquet(folder / "s.parquet")
    table = on_shelf(folder, base, monkeypatch)
    assert len(table) == len(read(read_data(base), folder)), "a file that has changed is read again"


@pytest.mark.usefixtures("folder")
def test_nothing_left_and_lists_are_said_as_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ({**BOTH, "cut": "n > 1000"}, {**BOTH, "features": ["nothing"]}):
        with pytest.raises(InputError) as here:
            read(read_data(wrong), folder)
        with pytest.raises(InputError) as there:
            on_shelf(folder, wrong, monkeypatch)
        assert there.value.sentence == here.value.sentence
    assert cache.usage().entries == 0


def test_weights_beside_a_text_that_have_changed_are_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.train").write_text("".join(f"{row % 2}\t{row / 7:.3f}\n" for row in range(60)))
    data = Data(files=("a.train",), target="column_1", weight="weight")
    monkeypatch.setattr(memory, "room", lambda rows, row_bytes: False)
    (tmp_path / "a.train.weight").write_text("1\n" * 60)
    assert read(data, tmp_path).weights_or_ones().sum() == 60
    (tmp_path / "a.train.weight").write_text("25\n" * 60)
    assert read(data, tmp_path).weights_or_ones().sum() == 60 * 25
