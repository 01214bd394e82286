"""A curve's points: extended, cut, and thinned to what the eye needs."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mltui.record.series import Series

VALUES = st.one_of(st.none(), st.floats(-9, 9))


def of(values: list[float | None]) -> Series:
    return Series.empty().extended(list(range(len(values))), values)


def test_of_four_neighbours_the_lowest_and_the_highest_stay() -> None:
    series = of([5, 1, 9, 2, 3, 3, 3, 3, 7, None, None, None, 4]).thinned(12)
    assert series.steps.tolist() == [1, 2, 4, 5, 8, 9, 12]
    assert [None if math.isnan(v) else v for v in series.values] == [1, 9, 3, 3, 7, None, 4]


def test_a_short_curve_stays_the_very_same() -> None:
    series = of([1, 2, 3])
    assert series.thinned(4) is series
    assert series.extended([3], [4]).thinned(4).length == 2
    assert series.values.tolist() == [1, 2, 3]


@given(st.lists(VALUES, max_size=90), st.lists(st.integers(1, 20), max_size=30))
def test_however_the_points_come_the_same_are_kept_and_the_outline_stands(
    values: list[float | None], pieces: list[int]
) -> None:
    live, place = Series.empty(), 0
    for size in [*pieces, len(values)]:
        part = values[place : place + size]
        live = live.extended(list(range(place, place + len(part))), part).thinned(16)
        place += len(part)
    once = of(values).thinned(16)
    np.testing.assert_array_equal(live.steps, once.steps)
    np.testing.assert_array_equal(live.values, once.values)
    assert once.length < 16
    known = [value for value in values if value is not None]
    if known:
        assert (np.nanmin(once.values), np.nanmax(once.values)) == (min(known), max(known))
    assert (np.diff(once.steps) > 0).all()
