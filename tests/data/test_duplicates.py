"""Rows with the same features as a row trained on, against a search by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mltui.core.sections import Split
from mltui.core.table import Column, Table
from mltui.data import duplicates
from mltui.data.division import Division
from mltui.data.split import split


def table_of(values: dict[str, NDArray[Any]], **kinds: Any) -> Table:
    rows = len(next(iter(values.values())))
    columns = tuple(Column(name, kinds.get(name, "number"), shape=each.shape[1:]) for name, each in values.items())
    return Table(columns, values, "classification", np.arange(rows) % 2, "y", ("a", "b"))


def by_hand(found: Division) -> dict[str, int]:
    """Each row as a tuple; what is missing as None."""

    def row(number: int) -> tuple[Any, ...]:
        flat = [x for name in found.table.features for x in np.ravel(found.table.values[name][number]).tolist()]
        return tuple(None if isinstance(x, float) and not np.isfinite(x) else x for x in flat)

    if found.fold is None:
        trained = {row(number) for number in (found.pool if found.refit else found.parts["train"])}
        known = {row(number) for number in found.parts["train"]}
        validation = sum(row(number) in known for number in found.parts["validation"])
    else:
        trained = {row(number) for number in found.pool}
        validation = 0
        for member in map(found.member, range(found.folds)):
            known = {row(number) for number in member["train"]}
            validation += sum(row(number) in known for number in member["validation"])
    return {"validation": validation, "test": sum(row(number) in trained for number in found.parts["test"])}


@given(
    st.integers(0, 10_000),
    st.integers(1, 6),
    st.sampled_from([Split(), Split(refit=True), Split(folds=2), Split(folds=5, refit=True), Split(0.5, 0.0, 0.2)]),
    st.sampled_from([1_000, 16_000_000]),
)
def test_repeats_are_those_found_by_hand(seed: int, values: int, spec: Split, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.choice([0.0, -0.0, 1.5, -1.5, np.nan, 2**-1074, 1e300], 120)
    table = table_of(
        {
            "x": x,
            "n": rng.integers(0, values, 120).astype(np.int16),
            "c": rng.integers(-1, 2, 120).astype(np.int32),
            "i": rng.integers(0, 2, (120, 1, 2)).astype(np.float32),
        },
        c="category",
        i="image",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "_CHUNK_BYTES", chunk)
        found = split(table, spec, Path())
        assert found.duplicates == by_hand(found)


def test_missing_equals_missing_and_zero_equals_minus_zero() -> None:
    for one, other, same in [
        (np.nan, -np.nan, True),
        (np.nan, np.inf, True),
        (0.0, -0.0, True),
        (0.0, 2**-1074, False),
        (1.0, np.nextafter(1.0, 2.0), False),
        (np.nan, 0.0, False),
    ]:
        x = np.array([one] * 15 + [other] * 15)
        parts = {"train": np.arange(15), "validation": np.arange(15, 30), "test": np.arange(0)}
        found = duplicates.counted(table_of({"x": x}), parts)  # type: ignore[arg-type]
        assert found == {"validation": 15 * same, "test": 0}, (one, other)


def test_the_same_values_in_another_column_or_order_are_another_row() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 3.0]), np.array([2.0, 1.0, 3.0, 3.0])
    parts = {"train": np.array([0, 2]), "validation": np.array([1]), "test": np.array([3])}
    assert duplicates.counted(table_of({"a": a, "b": b}), parts) == {"validation": 0, "test": 1}  # type: ignore[arg-type]


def test_rows_that_nobody_uses_and_the_target_do_not_count() -> None:
    rows = table_of({"x": np.array([1.0, 1.0, 2.0, 2.0, 3.0])})
    parts = {"train": np.array([0]), "validation": np.array([1, 4]), "test": np.array([3])}
    assert duplicates.counted(rows, parts) == {"validation": 1, "test": 0}  # type: ignore[arg-type]


def test_unlike_rows_are_not_taken_for_equal() -> None:
    rng = np.random.default_rng(0)
    numbers = table_of({"x": rng.permutation(100_000) * 1.0, "n": np.zeros(100_000)})
    assert split(numbers, Split(), Path()).duplicates == {"validation": 0, "test": 0}
    assert split(numbers, Split(folds=5), Path()).duplicates == {"validation": 0, "test": 0}


def test_the_sentence_is_true_of_copies_and_of_few_values() -> None:
    x = np.repeat(np.arange(50.0), 2)
    found = split(table_of({"x": x}), Split(seed=4), Path())
    counts = found.duplicates
    assert counts["validation"] > 1
    assert found.warnings == (
        f"{counts['validation']} of the 20 validation rows and {counts['test']} of the 20 test rows have the same "
        "features as a row trained on: copies of an event flatter these numbers; where the features have few values, "
        "repeats are natural.",
    )
    assert duplicates.warning({"validation": 1, "test": 0}, {"validation": 1_200, "test": 9}).startswith(
        "1 of the 1,200 validation rows has the same features"
    )
    assert split(table_of({"x": np.arange(100.0)}), Split(), Path()).warnings == ()
