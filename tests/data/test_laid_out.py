"""Parts laid out on disk hold what the same rows hold in memory, in the order of the split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mltui.core.sections import Part, Preprocess, Split
from mltui.core.table import Column, Table
from mltui.data import cache, disk, laid_out
from mltui.data.disk import on_disk
from mltui.data.preprocess import Preprocessing
from mltui.data.split import split

ROWS = 20_000


def nobody(share: float) -> None:
    """Does not listen."""


def table(weighted: bool = True) -> Table:
    rng = np.random.default_rng(1)
    values = {f"x{i}": rng.normal(size=ROWS) for i in range(3)} | {"c": rng.integers(-1, 4, ROWS).astype(np.int32)}
    columns = (*(Column(f"x{i}") for i in range(3)), Column("c", "category", categories=("a", "b", "c", "d")))
    return Table(
        columns, values, "classification", rng.integers(0, 2, ROWS), "y", ("n", "s"),
        weights=rng.uniform(0.5, 2, ROWS) if weighted else None,
        files=("one", "two"), file=np.repeat([0, 1], ROWS // 2), entry=np.arange(ROWS) % (ROWS // 2),
    )  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many buckets and many chunks."""
    monkeypatch.setattr(laid_out, "BUCKET_BYTES", 1)
    monkeypatch.setattr(disk, "CHUNK_BYTES", 1)


def parted(whole: Table, seed: int = 1) -> tuple[dict[Part, Any], Preprocessing]:
    parts = dict(split(whole, Split(0.5, 0.2, 0.1, seed=seed), Path()).parts)
    return parts, Preprocessing.fit(whole, Preprocess(), parts["train"])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("weighted", [True, False])
def test_every_row_is_at_its_place(weighted: bool) -> None:
    whole = table(weighted)
    parts, preprocessing = parted(whole)
    shares: list[float] = []
    wanted: dict[Part, Any] = {"train": parts["train"], "test": parts["test"]}
    found = laid_out.laid_out(whole, wanted, preprocessing, {"a": 1}, shares.append)
    assert list(found) == ["train", "test"]
    for part, rows in wanted.items():
        assert on_disk(found[part].x)
        assert np.array_equal(found[part].x, preprocessing.transform(whole, rows))
        assert np.array_equal(found[part].target, whole.target[rows])
        assert np.array_equal(found[part].weights, whole.weights_or_ones()[rows])
        assert np.array_equal(found[part].file, whole.file[rows])
        assert np.array_equal(found[part].entry, whole.entry[rows])
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_is_there_is_taken_and_what_depends_on_something_else_is_not() -> None:
    whole = table()
    parts, preprocessing = parted(whole)
    only: dict[Part, Any] = {"train": parts["train"]}

    def lay(key: dict[str, Any]) -> np.ndarray:
        return laid_out.laid_out(whole, only, preprocessing, key, nobody)["train"].x

    lay({"split": 1})
    assert cache.usage().entries == 1
    lay({"split": 1})
    assert cache.usage().entries == 1
    lay({"split": 2})
    assert cache.usage().entries == 2


@pytest.mark.usefixtures("small")
def test_the_weights_of_the_fit_lie_there_too() -> None:
    own = np.random.default_rng(4).normal(size=ROWS)
    whole = replace(table(), training_weights=own, others={"fold": np.arange(ROWS) % 5})
    parts, preprocessing = parted(whole)
    found = laid_out.laid_out(whole, parts, preprocessing, {"own": 1}, nobody)
    for part, rows in parts.items():
        laid = found[part].training_weights
        assert laid is not None
        assert np.array_equal(laid, own[rows])
        assert np.array_equal(found[part].weights, whole.weights_or_ones()[rows])
    assert laid_out.laid_out(table(), parts, preprocessing, {"own": 0}, nobody)["train"].training_weights is None


def test_what_a_table_holds_of_each_row_is_put_away() -> None:
    whole = replace(table(), training_weights=np.arange(float(ROWS)), others={"fold": np.arange(ROWS) % 5})
    away = laid_out.rows_put_away(whole)
    for there, here in (
        (away.target, whole.target),
        (away.weights, whole.weights),
        (away.training_weights, whole.training_weights),
        (away.others["fold"], whole.others["fold"]),
    ):
        assert on_disk(there)
        assert np.array_equal(there, here)  # type: ignore[arg-type]
    assert laid_out.rows_put_away(table(weighted=False)).weights is None


@pytest.mark.usefixtures("small")
def test_giving_up_leaves_nothing() -> None:
    whole = table()
    parts, preprocessing = parted(whole)

    def enough(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        laid_out.laid_out(whole, parts, preprocessing, {}, enough)
    assert cache.usage().entries == 0
    assert not [path for path in cache.root().iterdir() if path.suffix == ".tmp"]


@pytest.mark.parametrize("make", [lambda: np.arange(5.0), lambda: np.arange(6, dtype=np.int32)[::2]])
def test_what_is_put_away_is_the_same_and_leaves_no_name(make: Callable[[], np.ndarray]) -> None:
    values = laid_out.put_away(make())
    assert on_disk(values)
    assert np.array_equal(values, make())
    assert values.dtype == make().dtype
    assert not list(Path(cache.root()).iterdir())
    assert laid_out.put_away(values) is values
    ones = np.broadcast_to(1.0, (9,))
    assert laid_out.put_away(ones) is ones, "it takes no memory"
