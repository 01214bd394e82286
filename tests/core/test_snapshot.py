"""A snapshot goes to flat arrays and back unchanged, whatever of it is there."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.snapshot import Layers, Points, Scores, Snapshot, Surface


def scores(rows: int, classes: int, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    shape = (rows, classes) if classes > 2 else (rows,)
    return Scores(rng.integers(0, classes, rows), rng.random(shape), rng.normal(size=rows))


def points(rows: int) -> Points:
    rng = np.random.default_rng(rows)
    return Points(rng.random(rows), rng.random(rows), rng.integers(0, 2, rows), rng.integers(0, 2, rows))


def layers(width: int, seed: int) -> Layers:
    rng = np.random.default_rng(seed)
    return Layers(
        ("hidden_1", "output"),
        {"hidden_1": rng.normal(size=(width, 2)), "output": rng.normal(size=(1, width))},
        {"hidden_1": rng.normal(size=width)},
        rng.random(2),
        {"hidden_1": rng.normal(size=(5, width))},
        (2, width, 1),
        ("tanh", "linear"),
        {"input": rng.normal(size=(2, 4, 4)), "hidden_1": rng.normal(size=(width, 4, 4))},
    )


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
    layers=st.none() | st.builds(layers, st.integers(0, 4), st.integers(0, 9)),
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


def test_layers_from_before_there_were_maps_are_read() -> None:
    arrays = {name: array for name, array in layers(3, 1).arrays().items() if "maps" not in name}
    del arrays["layers/widths"], arrays["layers/functions"]
    back = Layers.read(arrays)
    assert (back.names, back.widths, back.functions, back.maps) == (("hidden_1", "output"), (), (), {})
    assert back.weights["hidden_1"].shape == (3, 2)


def test_what_is_too_large_for_little_precision_stays_a_number() -> None:
    made = Layers(("output",), gradients=np.ones(1), maps={"output": np.array([[[1e9, -1e9, np.nan]]])})
    back = Layers.read(made.arrays()).maps["output"][0, 0]
    assert back[0] == -back[1] == np.finfo(np.float16).max
    assert np.isnan(back[2])
