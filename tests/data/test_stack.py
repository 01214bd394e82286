"""Pieces of a column, joined, are the column; picked rows are the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.data.kinds import natural
from mltui.data.readers.raw import Raw
from mltui.data.stack import Stack, picked


def text(labels: list[str | None]) -> Raw:
    categories = sorted({label for label in labels if label is not None})
    return Raw(
        np.array([-1 if label is None else categories.index(label) for label in labels], np.int32), tuple(categories)
    )


def lists(rows: list[list[float]]) -> Raw:
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Raw(np.array([value for row in rows for value in row], np.float32), offsets=offsets)


def shown(raw: Raw) -> list[Any]:
    """A column as a list of plain values, None for missing."""
    if raw.offsets is not None:
        return [raw.values[a:b].tolist() for a, b in zip(raw.offsets, raw.offsets[1:], strict=False)]
    if raw.categories is not None:
        return [None if code == -1 else raw.categories[code] for code in raw.values]
    return [None if isinstance(v, float) and np.isnan(v) else v for v in raw.values.tolist()]


def joined(*pieces: Raw, **options: Any) -> Raw:
    stack = Stack("c", **options)
    for place, piece in enumerate(pieces):
        stack.add(piece, f"{place}.csv")
    return stack.joined()


labels = st.lists(st.sampled_from(["a", "b", "v2", "v10", "µ", None]), max_size=6)
jagged = st.lists(st.lists(st.integers(-9, 9).map(float), max_size=3), max_size=5)


@given(st.lists(labels, min_size=1, max_size=5))
def test_texts_of_several_pieces_keep_their_labels(pieces: list[list[str | None]]) -> None:
    whole = joined(*map(text, pieces))
    assert shown(whole) == [label for piece in pieces for label in piece]
    assert list(whole.categories or ()) == sorted({label for piece in pieces for label in piece if label is not None})
    assert whole.values.dtype == np.int32


@given(st.lists(jagged, min_size=1, max_size=5))
def test_lists_of_several_pieces_keep_their_rows(pieces: list[list[list[float]]]) -> None:
    assert shown(joined(*map(lists, pieces))) == [row for piece in pieces for row in piece]


@given(jagged, st.data())
def test_picked_lists_are_those_rows(rows: list[list[float]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, max(0, len(rows) - 1)), max_size=6)) if rows else []
    assert shown(picked(lists(rows), np.array(chosen, np.int64))) == [rows[place] for place in chosen]
    mask = np.array([place in chosen for place in range(len(rows))], np.bool_)
    assert shown(picked(lists(rows), mask)) == [row for place, row in enumerate(rows) if place in chosen]


@given(
    st.lists(st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), min_size=1, max_size=5),
    st.integers(0, 30),
    st.data(),
)
def test_numbers_put_where_they_stay_at_once_are_the_same(types: list[Any], rows: int, data: st.DataObject) -> None:
    pieces = [
        Raw(np.array(data.draw(st.lists(st.integers(0, 1), max_size=9)), dtype), odd=place)
        for place, dtype in enumerate(types)
    ]
    slowly, at_once = joined(*pieces), joined(*pieces, rows=rows)
    assert np.array_equal(slowly.values, at_once.values)
    assert (slowly.values.dtype, slowly.odd) == (at_once.values.dtype, at_once.odd)


def test_pieces_of_dates_are_dates_though_the_first_has_none() -> None:
    pieces = [Raw(np.array([np.nan, np.nan]), date=True), Raw(np.array([3.5, np.nan]), date=True)]
    whole = joined(*pieces, rows=4)
    assert whole.date
    assert shown(whole) == [None, None, 3.5, None]


def test_numbers_of_several_types_become_the_one_that_holds_them_all() -> None:
    pieces = [Raw(np.array([True, False])), Raw(np.array([3], np.int8)), Raw(np.array([0.5], np.float32))]
    assert joined(*pieces[:2]).values.dtype == np.int8
    assert joined(*pieces).values.dtype == np.float32
    assert shown(joined(*pieces)) == [1.0, 0.0, 3.0, 0.5]


def test_a_single_piece_is_not_copied() -> None:
    raw = Raw(np.arange(4.0))
    assert joined(raw).values is raw.values


def test_a_piece_without_a_value_fits_any_other() -> None:
    empty = Raw(np.full(2, np.nan))
    assert shown(joined(empty, text(["a", None]), empty)) == [None, None, "a", None, None, None]
    assert shown(joined(text([None]), Raw(np.array([1, 2])))) == [None, 1.0, 2.0]
    assert shown(joined(empty, lists([[1.0], []]))) == [[], [], [1.0], []]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (Raw(np.arange(2.0)), text(["a"]), "is numbers in 0.csv and text in 1.csv"),
        (text(["a"]), Raw(np.arange(2.0), date=True), "is text in 0.csv and dates in 1.csv"),
        (lists([[1.0]]), Raw(np.zeros((1, 2, 2))), "is lists in 0.csv and images in 1.csv"),
        (Raw(np.zeros((1, 2, 2))), Raw(np.zeros((1, 3, 2))), "images of different shapes, 2 x 2 and 3 x 2"),
    ],
)
def test_kinds_that_do_not_go_together(first: Raw, second: Raw, said: str) -> None:
    with pytest.raises(InputError, match=f"the column 'c' .*{said}") as caught:
        joined(first, second)
    assert caught.value.key == "data.files"


def test_labels_follow_each_other_as_asked() -> None:
    assert joined(text(["v10", "a"]), text(["v2"]), order=natural).categories == ("a", "v2", "v10")


def test_odd_values_are_counted_together() -> None:
    assert joined(Raw(np.arange(2.0), odd=1), Raw(np.arange(1.0), odd=2)).odd == 3
