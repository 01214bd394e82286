"""Which snapshots are kept: few, by step alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.training.schedule import AT_MOST, Schedule


def kept(last: int) -> list[int]:
    schedule = Schedule()
    present: list[int] = []
    for step in range(last + 1):
        pushed_out = schedule.offer(step)
        if pushed_out is not None:
            present = [s for s in present if s not in pushed_out] + [step]
        assert present == schedule.kept
        assert len(present) < AT_MOST
    return present


def test_a_short_run_keeps_every_step() -> None:
    assert kept(4) == [0, 1, 2, 3, 4]


def test_a_run_of_some_steps_keeps_every_other() -> None:
    assert kept(16) == [0, 1, 2, *range(4, 17, 2)]


def test_a_longer_run_is_dense_early_and_even_later() -> None:
    assert kept(100) == [0, 1, 2, 4, 8, *range(16, 97, 16)]


@given(st.integers(0, 5000))
def test_never_too_many_and_always_the_first(last: int) -> None:
    present = kept(last)
    assert present[0] == 0
    assert present == sorted(set(present))


def test_a_very_long_run_stays_within_bounds() -> None:
    schedule = Schedule()
    for power in range(40):
        for step in (2**power, 3 * 2**power):
            schedule.offer(step)
    assert len(schedule.kept) < AT_MOST


@pytest.mark.parametrize("sizes", [[10, 14, 19, 26, 35, 48, 66, 90]])
def test_uneven_steps_are_all_kept(sizes: list[int]) -> None:
    schedule = Schedule(every=True)
    for size in sizes:
        assert schedule.offer(size) == []
    assert schedule.kept == sizes
