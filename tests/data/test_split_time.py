"""Splits in time: train before validation before test, and no time on two sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Split
from tests.data.divisions import divided, regression, table_of


def in_time(train: float = 0.6, validation: float = 0.2, test: float = 0.2, **more: Any) -> Split:
    return Split(train, validation, test, by="time", column="day", **more)


@given(
    st.lists(st.integers(-5, 60), min_size=30, max_size=120),
    st.sampled_from([(0.6, 0.2, 0.2), (0.5, 0.0, 0.5), (0.9, 0.05, 0.05), (0.3, 0.1, 0.2), (0.01, 0.01, 0.01)]),
    st.sampled_from([np.int64, np.float64]),
)
def test_each_part_is_later_than_the_one_before(days: list[int], shares: tuple[float, ...], kind: type[Any]) -> None:
    times = np.array([*days, 100, 101, 102], kind)
    found = divided(regression(len(times), {"day": times}), in_time(*shares))
    latest = -np.inf
    used = np.concatenate([found.parts[part] for part in PARTS])
    unused = np.setdiff1d(np.arange(len(times)), used)
    if len(unused):
        latest = times[unused].max()  # the earliest are left out
    most = np.bincount((times + 5).astype(int)).max()
    for part, share in zip(PARTS, shares, strict=True):
        rows = found.parts[part]
        assert (len(rows) > 0) == (share > 0)
        if len(rows):
            assert times[rows].min() > latest
            latest = times[rows].max()
        assert abs(len(rows) - share * len(times)) <= most + 2


def test_distinct_times_are_divided_to_the_row_and_shuffled_within_a_part() -> None:
    times = np.random.default_rng(0).permutation(100)
    found = divided(table_of(times % 2, {"day": times}), in_time())
    assert [sorted(times[found.parts[part]].tolist()) for part in PARTS] == [
        list(range(60)),
        list(range(60, 80)),
        list(range(80, 100)),
    ]
    assert times[found.parts["train"]].tolist() != list(range(60))


def test_a_time_that_many_rows_share_goes_to_one_side() -> None:
    times = np.array([1] * 5 + [2] * 90 + [3] * 5)
    found = divided(regression(100, {"day": times}), in_time())
    assert [set(times[found.parts[part]].tolist()) for part in PARTS] == [{1}, {2}, {3}]


def test_too_few_times_and_rows_without_one_are_named() -> None:
    with pytest.raises(InputError, match="there are 2 different times in day, too few to give train, validation, test"):
        divided(regression(20, {"day": np.arange(20) % 2}), in_time())
    with pytest.raises(InputError, match="there is 1 time in day, too few"):
        divided(regression(20, {"day": np.zeros(20)}), in_time())
    holed = np.where(np.arange(20) == 7, np.nan, np.arange(20.0))
    table = table_of(np.arange(20) % 2, {"day": holed}, file=np.arange(20) // 5, files=("/x/a.csv", "b.csv", "c", "d"))
    with pytest.raises(InputError, match=r"1 row has no time in day, the first entry 7 of b\.csv") as caught:
        divided(table, in_time())
    assert caught.value.key == "split.column"


def test_a_class_that_comes_only_later_cannot_be_learnt() -> None:
    days = np.arange(100)
    with pytest.raises(InputError, match=r"the training part has no row of the class 'b'; set a larger split\.train"):
        divided(table_of((days > 70).astype(int), {"day": days}), in_time())
