"""Columns on disk are what the same pieces give in memory, and take none of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mltui.core.errors import InputError
from mltui.data import disk
from mltui.data.disk import DiskStack, mapped, on_disk, opened
from mltui.data.kinds import natural
from mltui.data.readers.raw import Raw
from mltui.data.stack import Order, Stack, alphabetical


def text(labels: list[str | None]) -> Raw:
    categories = sorted({label for label in labels if label is not None})
    codes = [-1 if label is None else categories.index(label) for label in labels]
    return Raw(np.array(codes, np.int32), tuple(categories))


def joined(pieces: list[Raw], order: Order = alphabetical) -> tuple[Raw, Raw]:
    """The pieces joined in memory, and on disk; the file is gone, what was mapped from it is not."""
    with TemporaryDirectory() as folder:
        there, here = DiskStack("c", Path(folder) / "c", order), Stack("c", order)
        for place, piece in enumerate(pieces):
            there.add(piece, f"{place}.csv")
            here.add(piece, f"{place}.csv")
        about = json.loads(json.dumps(there.joined()))
        assert [path.name for path in Path(folder).iterdir()] == ["c"]
        return here.joined(), opened(Path(folder), about)


@pytest.fixture(autouse=True)
def _small_chunks() -> Iterator[None]:
    """Rewriting goes by more than one chunk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "chunk_rows", lambda row_bytes: 2)
        yield


labels = st.lists(st.sampled_from(["a", "b", "v2", "v10", "µ", None]), max_size=6).map(text)
numbers = st.one_of(
    arrays(np.int16, st.integers(0, 5)),
    arrays(np.float32, st.integers(0, 5), elements=st.floats(-9, 9, width=32)),
    arrays(np.float64, st.integers(0, 5), elements=st.floats(-9, 9)),
    arrays(np.bool_, st.integers(0, 5)),
).map(Raw)
nothing = st.integers(0, 4).flatmap(
    lambda rows: st.sampled_from([Raw(np.full(rows, np.nan)), text([None] * rows), Raw(np.full(rows, np.nan, "f4"))])
)


@given(st.lists(st.one_of(labels, nothing), min_size=1, max_size=6), st.sampled_from([alphabetical, natural]))
def test_texts_on_disk_are_those_in_memory(pieces: list[Raw], order: Order) -> None:
    here, there = joined(pieces, order)
    if here.categories is None:  # pieces of nothing may be either
        assert there.missing.all()
        assert len(there) == len(here)
    else:
        assert there.categories == here.categories
        assert np.array_equal(there.values, here.values)


@given(st.lists(st.one_of(numbers, nothing), min_size=1, max_size=6))
def test_numbers_on_disk_are_those_in_memory(pieces: list[Raw]) -> None:
    here, there = joined(pieces)
    if there.categories is None and here.categories is None:
        np.testing.assert_array_equal(there.values.astype(np.float64), here.values.astype(np.float64))
    assert np.array_equal(there.missing, here.missing)


def test_images_dates_and_odd_values_stay_what_they_are() -> None:
    images = [Raw(np.arange(12.0, dtype=np.float32).reshape(2, 2, 3) + place, odd=place) for place in range(3)]
    here, there = joined(images)
    assert there.odd == 3
    assert np.array_equal(there.values, here.values)
    assert joined([Raw(np.array([1.0]), date=True)])[1].date


def test_kinds_that_do_not_go_together_and_lists_are_refused(tmp_path: Path) -> None:
    stack = DiskStack("c", tmp_path / "c")
    stack.add(Raw(np.array([1.0])), "one.csv")
    with pytest.raises(InputError, match=r"'c' is numbers in one\.csv and text in two\.csv"):
        stack.add(text(["a"]), "two.csv")
    images = DiskStack("i", tmp_path / "i")
    images.add(Raw(np.zeros((1, 2, 3))), "one.npz")
    with pytest.raises(InputError, match="images of different shapes, 2 x 3 and 3 x 2"):
        images.add(Raw(np.zeros((1, 3, 2))), "two.npz")
    with pytest.raises(InputError, match="holds lists"):
        DiskStack("l", tmp_path / "l").add(Raw(np.zeros(2), offsets=np.array([0, 2])), "one.root")


def test_what_is_mapped_cannot_be_written_and_says_that_it_is_on_disk(tmp_path: Path) -> None:
    np.arange(6.0).tofile(tmp_path / "c")
    values = mapped(tmp_path / "c", np.float64, (6,))
    assert on_disk(values)
    assert on_disk(values[2:].reshape(2, 2))
    assert not on_disk(values[[1, 2]])
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1
    assert mapped(tmp_path / "gone", np.float64, (0, 3)).shape == (0, 3)
    with pytest.raises(InputError, match="cannot be read"):
        mapped(tmp_path / "c", np.float64, (7,))
