"""Where inputs come from: names, units, and values turned back to what the data say."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.core.sections import Preprocess
from mltui.core.table import Column, Table
from mltui.data.origins import Origins
from mltui.data.preprocess import Preprocessing

ROWS = 200
RANDOM = np.random.default_rng(2)
TABLE = Table(
    columns=(
        Column("pt", unit="GeV", title="transverse momentum"),
        Column("colour", "category", categories=("red", "green", "blue")),
        Column("image", "image", shape=(2, 2)),
        Column("eta"),
    ),
    values={
        "pt": RANDOM.exponential(20.0, ROWS),
        "colour": RANDOM.integers(0, 3, ROWS),
        "image": RANDOM.normal(5.0, 2.0, (ROWS, 2, 2)),
        "eta": RANDOM.normal(size=ROWS),
    },
    task="regression",
    target=RANDOM.normal(size=ROWS),
    target_name="mass",
)
RAW = np.column_stack([TABLE.values["pt"], TABLE.values["image"].reshape(ROWS, 4), TABLE.values["eta"]])


def origins(*scale: str, encode: str = "onehot") -> tuple[Origins, Preprocessing]:
    fitted = Preprocessing.fit(TABLE, Preprocess(scale=scale, encode=encode))
    return Origins.of(fitted), fitted


@pytest.mark.parametrize("scale", [("none",), ("standard",), ("minmax", "robust"), ("quantile",)], ids=", ".join)
def test_inputs_are_turned_back_into_the_data(scale: tuple[str, ...]) -> None:
    told, fitted = origins(*scale)
    assert told.names[:6] == ("transverse momentum", "image[0,0]", "image[0,1]", "image[1,0]", "image[1,1]", "eta")
    assert told.names[6:] == ("colour=red", "colour=green", "colour=blue")
    assert told.units == ("GeV", *[""] * 8)
    assert told.indicators.tolist() == [False] * 6 + [True] * 3
    seen = fitted.transform(TABLE).astype(np.float64)
    np.testing.assert_allclose(told.raw(seen)[:, :6], RAW, rtol=1e-4, atol=1e-4)
    inputs = np.tile([5, 0, 7], 20)
    values = seen[np.arange(60), inputs]
    expected = np.column_stack([RAW, seen[:, 6:]])[np.arange(60), inputs]
    np.testing.assert_allclose(told.raw_at(inputs, values), expected, rtol=1e-4, atol=1e-4)


def test_the_scale_is_how_much_of_its_unit_a_step_of_one_is() -> None:
    told, _ = origins("standard")
    np.testing.assert_allclose(told.scale, [*RAW.std(axis=0), 1, 1, 1])
    assert np.isnan(origins("quantile")[0].scale[:6]).all()
    np.testing.assert_array_equal(origins("quantile")[0].scale[6:], 1)


def test_a_sum_of_columns_is_turned_back_into_none() -> None:
    told, fitted = origins("standard", "pca")
    assert told.names[:6] == tuple(f"pc{place}" for place in range(1, 7))
    assert told.units == ("",) * 9
    raw = told.raw(fitted.transform(TABLE).astype(np.float64))
    assert np.isnan(raw[:, :6]).all()
    assert np.isnan(told.scale[:6]).all()
    np.testing.assert_array_equal(raw[:, 6:].sum(axis=1), 1)


def test_the_number_of_a_category_is_turned_back_too() -> None:
    told, fitted = origins("standard", encode="ordinal")
    assert told.names[-1] == "colour"
    assert not told.indicators.any()
    raw = told.raw(fitted.transform(TABLE).astype(np.float64))
    np.testing.assert_array_equal(np.round(raw[:, -1], 5), np.asarray(TABLE.values["colour"], np.float64))
