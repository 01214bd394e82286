"""Preprocessing against scikit-learn used directly, without leaks, there and back through its files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

from mltui.core.errors import InputError
from mltui.core.sections import Preprocess
from mltui.core.table import Floats
from mltui.data.preprocess import Preprocessing
from tests.data.tables import EVERY_KIND, every_kind, mixed, numbers

SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}


@given(
    arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=st.floats(-1e6, 1e6, width=32)),
    st.sampled_from(["none", *SCALERS]),
    st.sampled_from(["median", "mean", "zero"]),
    st.data(),
)
def test_numbers_are_what_scikit_learn_makes_of_them(
    matrix: Floats, scale: str, impute: str, data: st.DataObject
) -> None:
    holes = data.draw(arrays(np.bool_, matrix.shape))
    holes[0] = False  # a column without a value is another test
    matrix = np.where(holes, np.nan, matrix)
    made = Preprocessing.fit(numbers(matrix), Preprocess((scale,), impute)).transform(numbers(matrix))
    strategy = "constant" if impute == "zero" else impute
    expected = SimpleImputer(strategy=strategy, fill_value=0).fit_transform(matrix)
    if scale != "none":
        expected = SCALERS[scale]().fit_transform(expected)
    assert made.dtype == np.float32
    assert np.allclose(made, expected.astype(np.float32), rtol=1e-6, atol=1e-6)


def test_categories_become_a_column_each_after_the_numbers() -> None:
    table = mixed([0, 2, 0, 2])
    made = Preprocessing.fit(table, Preprocess(("none",)))
    assert made.names == ("a", "b", "kind=x", "kind=z")
    direct = OneHotEncoder(sparse_output=False).fit_transform(np.array([["x"], ["z"], ["x"], ["z"]]))
    assert np.array_equal(made.transform(table)[:, 2:], direct)


def test_ordinal_categories_are_numbered_and_scaled() -> None:
    table = mixed([2, 0, 1, 1])
    made = Preprocessing.fit(table, Preprocess(("minmax",), encode="ordinal"))
    direct = MinMaxScaler().fit_transform(OrdinalEncoder().fit_transform(np.array([["z"], ["x"], ["y"], ["y"]])))
    assert made.names == ("a", "b", "kind")
    assert np.allclose(made.transform(table)[:, 2], direct[:, 0])


def test_unseen_and_missing_categories_are_zeros_and_labels_count_not_codes() -> None:
    made = Preprocessing.fit(mixed([0, 1, 0, 1]), Preprocess(("none",)))
    other = mixed([0, 1, 2, -1], categories=("new", "y", "x"))
    assert made.names[2:] == ("kind=x", "kind=y")
    assert made.transform(other)[:, 2:].tolist() == [[0, 0], [0, 1], [1, 0], [0, 0]]


def test_columns_without_a_value_stay_and_are_finite() -> None:
    table = numbers(np.full((4, 2), np.nan))
    made = Preprocessing.fit(table, Preprocess())
    assert made.transform(table).tolist() == [[0, 0]] * 4
    empty = mixed([-1, -1])
    assert np.isfinite(Preprocessing.fit(empty, Preprocess()).transform(empty)).all()


def test_huge_values_stay_finite() -> None:
    table = numbers(np.array([[1e308], [-1e308], [0.0]]))
    for scale in ("none", *SCALERS):
        assert np.isfinite(Preprocessing.fit(table, Preprocess((scale,))).transform(table)).all()


def test_a_category_of_the_other_parts_gets_no_column() -> None:
    table = mixed([0, 1, 0, 1, 2])
    assert "kind=z" not in Preprocessing.fit(table.take(np.arange(4)), Preprocess()).names


@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
@pytest.mark.parametrize("scale", ["none", *SCALERS])
def test_saved_and_loaded_it_does_the_same(scale: str, encode: str, tmp_path: Path) -> None:
    table = mixed([0, 1, 2, -1, 1])
    made = Preprocessing.fit(table, Preprocess((scale,), encode=encode))
    made.save(tmp_path / "model")
    loaded = Preprocessing.load(tmp_path / "model")
    assert loaded.names == made.names
    assert np.array_equal(loaded.transform(table), made.transform(table))
    assert json.loads((tmp_path / "model" / "preprocessing.json").read_text())["names"] == list(made.names)


def test_a_pickle_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    Preprocessing.fit(mixed([0, 1]), Preprocess()).save(tmp_path)
    (tmp_path / "preprocessing.skops").write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(InputError, match="cannot be read"):
        Preprocessing.load(tmp_path)


def test_one_of_an_earlier_format_says_what_to_do(tmp_path: Path) -> None:
    Preprocessing.fit(mixed([0, 1]), Preprocess()).save(tmp_path)
    (tmp_path / "preprocessing.json").write_text('{"columns": [], "names": []}')
    with pytest.raises(
        InputError, match="cannot be read: an earlier mltui wrote it in another way; run the experiment"
    ):
        Preprocessing.load(tmp_path)


def test_no_rows_to_transform_and_a_column_that_is_not_there() -> None:
    made = Preprocessing.fit(mixed([0, 1]), Preprocess())
    assert made.transform(mixed([])).shape == (0, 4)
    with pytest.raises(InputError, match="the column a that the model learnt from is not there"):
        made.transform(numbers(np.zeros((2, 2))))
    with pytest.raises(InputError, match="nothing to learn from"):
        Preprocessing.fit(mixed([]), Preprocess())


def test_an_image_is_a_number_for_each_pixel_and_an_order_is_a_number() -> None:
    table = every_kind(200, 3)
    made = Preprocessing.fit(table, Preprocess(("none",)))
    assert made.names[:4] == ("a", "b", "o", "image[0,0]")
    assert made.names[8:] == ("image[2,1]", "k=x", "k=y")
    x = made.transform(table)
    assert np.array_equal(x[:, 3:9], table.values["image"].reshape(200, 6))
    codes = np.asarray(table.values["o"], np.int64)
    known = codes >= 0
    assert np.array_equal(x[known, 2], codes[known])
    assert set(x[~known, 2]) == {np.median(codes[known])}, "a missing one is imputed"
    turned = replace(EVERY_KIND[3], categories=("high", "middle", "low"))
    columns = (*EVERY_KIND[:3], turned, EVERY_KIND[4])
    other = replace(table, columns=columns, values={**table.values, "o": np.where(known, 2 - codes, -1)})
    assert np.array_equal(made.transform(other), x), "labels count, not codes"


def test_images_of_another_shape_are_refused(tmp_path: Path) -> None:
    table = every_kind(50, 4)
    Preprocessing.fit(table, Preprocess()).save(tmp_path)
    made = Preprocessing.load(tmp_path)
    assert np.array_equal(made.transform(table), Preprocessing.fit(table, Preprocess()).transform(table))
    other = replace(
        table,
        columns=(*EVERY_KIND[:4], replace(EVERY_KIND[4], shape=(2, 3))),
        values={**table.values, "image": table.values["image"].reshape(50, 2, 3)},
    )
    with pytest.raises(InputError, match="a column image of shape 3 x 2; here it is 2 x 3"):
        made.transform(other)
