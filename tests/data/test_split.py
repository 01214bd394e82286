"""Properties of the split: a partition, of the right shares, by class, the same each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part, Split
from mltui.core.table import Column, Table
from mltui.data import division
from mltui.data.division import Rows
from mltui.data.split import split
from tests.data.divisions import table_of


def labelled(codes: Sequence[int], classes: int) -> Table:
    target = np.array(codes, np.int64)
    labels = tuple("abcdefgh"[:classes])
    return Table((Column("x"),), {"x": np.arange(len(target)) * 1.0}, "classification", target, "y", labels)


def valued(rows: int) -> Table:
    return Table((Column("x"),), {"x": np.zeros(rows)}, "regression", np.linspace(0, 1, rows), "y")


def divided(table: Table, spec: Split) -> Mapping[Part, Rows]:
    return split(table, spec, Path()).parts


@st.composite
def specs(draw: st.DrawFn, stratify: bool = True, whole: bool = False) -> Split:
    unused = st.just(0) if whole else st.integers(0, 100)
    percent = draw(st.tuples(st.integers(1, 100), st.integers(0, 100), st.integers(0, 100), unused))
    total = sum(percent)
    train, validation, test = (p / total for p in percent[:3])
    return Split(train, validation, test, stratify, draw(st.integers(0, 2**31)))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    counts = draw(st.lists(st.integers(3, 60), min_size=2, max_size=5))
    order = draw(st.randoms(use_true_random=False))
    codes = [code for code, count in enumerate(counts) for _ in range(count)]
    order.shuffle(codes)
    return labelled(codes, len(counts))


@given(tables(), specs())
def test_parts_are_disjoint_within_a_row_of_their_share_in_every_class(table: Table, spec: Split) -> None:
    parts = divided(table, spec)
    everything = np.concatenate([parts[part] for part in PARTS])
    assert len(np.unique(everything)) == len(everything)
    assert set(everything) <= set(range(len(table)))
    for code in range(len(table.classes)):
        rows = int(np.sum(table.target == code))
        for part in PARTS:
            share, got = getattr(spec, part), int(np.sum(table.target[parts[part]] == code))
            assert got >= (share > 0)
            # a part that took its one row by right may cost another part two of its own
            assert abs(got - share * rows) < 1 + 1e-6 or got == 1 or rows < 2 / min(s for s in shares(spec) if s)


def shares(spec: Split) -> tuple[float, float, float]:
    return spec.train, spec.validation, spec.test


@given(tables(), specs(whole=True))
def test_shares_that_sum_to_one_use_every_row(table: Table, spec: Split) -> None:
    parts = divided(table, spec)
    assert sum(len(parts[part]) for part in PARTS) == len(table)


@given(st.integers(3, 500), specs())
def test_a_regression_split_is_within_a_row_of_its_shares(rows: int, spec: Split) -> None:
    parts = divided(valued(rows), spec)
    for part in PARTS:
        share = getattr(spec, part)
        assert (len(parts[part]) > 0) == (share > 0)
        assert abs(len(parts[part]) - share * rows) < 3


@given(tables(), specs())
def test_the_same_seed_gives_the_same_parts(table: Table, spec: Split) -> None:
    first, again = divided(table, spec), divided(table, spec)
    assert all(np.array_equal(first[part], again[part]) for part in PARTS)


def test_exact_sizes_another_seed_and_no_order_left() -> None:
    table = labelled([0] * 100 + [1] * 50, 2)
    parts = divided(table, Split(0.6, 0.2, 0.2))
    assert {part: np.bincount(table.target[rows]).tolist() for part, rows in parts.items()} == {
        "train": [60, 30],
        "validation": [20, 10],
        "test": [20, 10],
    }
    assert not np.array_equal(np.sort(parts["train"]), parts["train"])
    other = divided(table, Split(0.6, 0.2, 0.2, seed=2))
    assert set(other["train"]) != set(parts["train"])


def test_weights_do_not_matter() -> None:
    plain = labelled([0, 1] * 20, 2)
    heavy = Table(plain.columns, plain.values, plain.task, plain.target, "y", plain.classes, np.arange(40.0))
    assert np.array_equal(divided(plain, Split())["test"], divided(heavy, Split())["test"])


def test_shares_below_one_leave_rows_unused() -> None:
    parts = divided(valued(100), Split(0.3, 0.1, 0.0))
    assert [len(parts[part]) for part in PARTS] == [30, 10, 0]


def test_a_tiny_share_still_gets_a_row() -> None:
    parts = divided(valued(20), Split(0.98, 0.01, 0.01))
    assert [len(parts[part]) for part in PARTS] == [18, 1, 1]


def test_a_class_too_small_is_named_with_its_count() -> None:
    with pytest.raises(InputError, match=r"the class 'b' has 2 rows, too few to give train, validation, test one each"):
        divided(labelled([0] * 20 + [1] * 2, 2), Split())
    assert len(divided(labelled([0] * 20 + [1] * 2, 2), Split(0.5, 0.5, 0))["train"]) == 11


def test_too_few_rows_are_counted() -> None:
    with pytest.raises(InputError, match=r"the data has 2 rows, too few to give .* one each; leave a part out$"):
        divided(valued(2), Split())


def test_without_stratification_a_training_part_without_a_class_is_refused() -> None:
    table = labelled([0] * 50 + [1], 2)
    spec = next(s for s in (Split(0.1, 0.1, 0.8, False, seed) for seed in range(50)) if _fails(table, s))
    with pytest.raises(InputError, match="no row of the class 'b'"):
        divided(table, spec)


def _fails(table: Table, spec: Split) -> bool:
    try:
        divided(table, spec)
    except InputError:
        return True
    return False


@pytest.mark.parametrize(
    "spec",
    [
        Split(folds=4),
        Split(folds=3, stratify=False),
        Split(by="group", column="g"),
        Split(by="group", column="g", folds=3),
        Split(by="time", column="g"),
        Split(folds=5, fold_by="f"),
    ],
)
def test_every_way_gives_the_same_a_chunk_at_a_time(spec: Split) -> None:
    rows = np.arange(300)
    table = table_of(rows % 3, {"g": rows // 7 * 1.5, "f": rows % 5})
    whole = split(table, spec, Path())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(division, "CHUNK", 17)
        pieces = split(table, spec, Path())
    assert all(np.array_equal(pieces.parts[part], whole.parts[part]) for part in PARTS)
    assert pieces.parts["train"].dtype == np.int32
    assert (pieces.fold is None) == (whole.fold is None)
    assert whole.fold is None or np.array_equal(np.asarray(pieces.fold), whole.fold)


@given(tables(), specs(), st.integers(1, 7))
def test_a_large_table_is_divided_as_a_small_one_in_half_the_memory(table: Table, spec: Split, chunk: int) -> None:
    try:
        small = divided(table, spec)
    except InputError:
        assume(False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(division, "CHUNK", chunk)
        large = divided(table, spec)
    for part in PARTS:
        assert np.array_equal(large[part], small[part])
        assert large[part].dtype == (np.int32 if chunk < len(table) else np.int64)
