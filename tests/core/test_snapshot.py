"""A snapshot goes to flat arrays and back unchanged, whatever of it is there."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.snapshot import Points, Scores, Snapshot, Surface


def scores(rows: int, classes: int, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    shape = (rows, classes) if classes > 2 else (rows,)
    return Scores(rng.integers(0, classes, rows), rng.random(shape), rng.normal(size=rows))


def points(rows: int) -> Points:
    rng = np.random.default_rng(rows)
    return Points(rng.random(rows), rng.random(rows), rng.integers(0, 2, rows), rng.integers(0, 2, rows))


snapshots = st.builds(
    Snapshot,
    step=st.integers(0, 2**40),
    scores=st.dictionaries(
        st.sampled_from(["train", "validation", "test"]),
        st.builds(scores, st.integers(0, 9), st.integers(2, 4), st.integers(0, 9)),
    ),
    surface=st.none()
    | st.builds(
        lambda h, w, x: Surface(np.random.default_rng(h).random((h, w)), x, "y", (-1.5, 2.0, 0.0, 0.25)),
        st.integers(1, 5),
        st.integers(1, 5),
        st.sampled_from(["x", "η / rad", "a/b"]),
    ),
    points=st.none() | st.builds(points, st.integers(0, 9)),
)


@given(snapshots)
def test_a_snapshot_comes_back_from_its_file(snapshot: Snapshot) -> None:
    file = io.BytesIO()
    np.savez(file, **snapshot.arrays())  # type: ignore[arg-type]
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        back = Snapshot.read(dict(arrays))
    assert back.step == snapshot.step
    assert set(back.scores) == set(snapshot.scores)
    expected, found = snapshot.arrays(), back.arrays()
    assert set(found) == set(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


def test_half_a_snapshot_is_refused() -> None:
    arrays = Snapshot(3, {"train": scores(4, 2, 1)}).arrays()
    del arrays["scores/train/weights"]
    with pytest.raises(KeyError, match="weights"):
        Snapshot.read(arrays)
