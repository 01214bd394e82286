"""Lists and images in expressions, value by value: as awkward finds them, and refused where they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data import frame
from mltui.data.expression import ExpressionError, parse
from mltui.data.frame import collect
from mltui.data.part import Wanted
from mltui.data.plan import opened
from mltui.data.read import read
from mltui.data.readers.raw import Field, Raw

NAN = np.nan
FIELDS = {
    "pt": Field("pt", "list"),
    "eta": Field("eta", "list"),
    "el": Field("el", "list"),
    "met": Field("met"),
    "tight": Field("tight"),
    "image": Field("image", "image", shape=(2, 2)),
}
_VALUES = st.one_of(st.floats(-100, 100), st.just(NAN))
_ROW = st.lists(st.tuples(_VALUES, _VALUES), max_size=4)
_TABLE = st.lists(st.tuples(_ROW, st.floats(-100, 100)), min_size=1, max_size=8)


def lists(rows: list[list[float]]) -> Raw:
    return Raw(np.array([x for row in rows for x in row], np.float64), offsets=np.cumsum([0, *map(len, rows)]))


def of(text: str, columns: dict[str, Raw]) -> list[Any]:
    """The value in each row, missing ones as None."""
    expression = parse(text)
    expression.check(FIELDS)
    found = expression.evaluate(columns, len(next(iter(columns.values()))))
    return [None if np.isnan(value) else value for value in found.tolist()]


COLUMNS = {
    "pt": lists([[50, 20, 35], [], [10], [NAN, 90]]),
    "eta": lists([[0.5, 1, -3], [], [2], [-1, 2.5]]),
    "el": lists([[1], [2], [3], [4]]),
    "met": Raw(np.array([30.0, 40.0, 5.0, NAN])),
    "tight": Raw(np.array([True, False, True, True])),
    "image": Raw(np.arange(16.0).reshape(4, 2, 2)),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sum(pt > 30)", [2, 0, 0, 1]),
        ("sum(pt > 30 & abs(eta) < 2.5)", [1, 0, 0, 0]),
        ("sum(20 < pt <= 50)", [2, 0, 0, 0]),
        ("any(pt > 30) & tight", [True, False, False, True]),
        ("all(pt > 30)", [False, True, False, False]),
        ("max(pt * 2)", [100, None, 20, None]),
        ("min(-pt)", [-50, None, -10, None]),
        ("sum(pt > met)", [2, 0, 1, 0]),
        ("mean(pt - met)", [5, None, 5, None]),
        ("sum(where(eta > 0, pt, 0))", [70, 0, 10, 90]),
        ("sum(where(tight, pt, 0))", [105, 0, 10, None]),
        ("max(max(pt, 40))", [50, None, 40, None]),
        ("max(clip(pt, 0, 30))", [30, None, 10, None]),
        ("len(pt * eta)", [3, 0, 1, 2]),
        ("(pt * 2)[1] + first(-eta)", [39.5, None, None, 181]),
        ("(pt + 1)[-1]", [36, None, 11, 91]),
        ("sum(~(pt > 30))", [1, 0, 1, 1]),
        ("sum(hypot(pt, eta) > 34 | eta < 0)", [2, 0, 0, 2]),
        ("sum(pt / sum(pt) > 0.4)", [1, 0, 1, 0]),
        ("ismissing(pt + eta)", [False, True, False, False]),
        ("sum(image > 5)", [0, 2, 4, 4]),
        ("max(image - mean(image))", [1.5] * 4),
        ("(image * 2)[1, 0]", [4, 12, 20, 28]),
        ("sum(image * image)", [14, 126, 366, 734]),
    ],
)
def test_a_hand_worked_value(text: str, values: list[Any]) -> None:
    assert of(text, COLUMNS) == pytest.approx(values)


@given(_TABLE)
def test_lists_are_as_awkward_finds_them(table: list[tuple[list[tuple[float, float]], float]]) -> None:
    rows = [row for row, _ in table]
    pt, eta = ([[pair[side] for pair in row] for row in rows] for side in (0, 1))
    columns = {"pt": lists(pt), "eta": lists(eta), "met": Raw(np.array([met for _, met in table]))}
    a, b = (ak.values_astype(ak.Array(values), float) for values in (pt, eta))
    m = np.array([met for _, met in table])

    def found(text: str) -> NDArray[np.float64]:
        expression = parse(text)
        expression.check(FIELDS)
        return np.asarray(expression.evaluate(columns, len(rows)), np.float64)

    for text, expected in {
        "sum(pt > 30)": ak.sum(a > 30, axis=1),
        "sum(abs(eta) < 2.5 & pt != 0)": ak.sum((abs(b) < 2.5) & (a != 0) & ~np.isnan(a), axis=1),
        "sum(pt > met | eta >= met)": ak.sum((a > m) | (b >= m), axis=1),
        "any(pt > eta)": ak.any(a > b, axis=1),
        "all(pt > eta)": ak.all(a > b, axis=1),
        "sum(pt * eta - met)": ak.sum(a * b - m, axis=1),
        "len(pt + eta)": ak.num(a),
        "sum(where(pt > eta, pt, met))": ak.sum(ak.where(a > b, a, ak.ones_like(a) * m), axis=1),
    }.items():
        np.testing.assert_allclose(found(text), ak.to_numpy(expected), atol=1e-9, err_msg=text)
    for text, loop in {
        "max(pt * 2)": [max((2 * x for x in row), default=NAN) if not np.isnan(row).any() else NAN for row in pt],
        "(pt - eta)[0]": [row[0][0] - row[0][1] if row else NAN for row in rows],
    }.items():
        np.testing.assert_allclose(found(text), loop, atol=1e-9, err_msg=text)


def test_lists_read_a_part_at_a_time_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import polars as pl

    rng = np.random.default_rng(1)
    rows = [rng.normal(size=rng.integers(0, 5)).tolist() for _ in range(2_500)]
    pl.DataFrame({"pt": rows, "y": np.arange(2_500) % 2}).write_parquet(tmp_path / "a.parquet", row_group_size=700)
    data = Data(files=("a.parquet",), target="y", features=("sum(pt > 0)", "max(pt * pt)"))
    whole = read(data, tmp_path)
    monkeypatch.setattr(frame, "_CHUNK_BYTES", 1)
    in_parts = read(data, tmp_path)
    assert whole.values["sum(pt > 0)"].tolist() == [sum(x > 0 for x in row) for row in rows]
    for name in data.features:
        assert np.array_equal(whole.values[name], in_parts.values[name], equal_nan=True)


def test_lists_of_different_lengths_are_one_sentence() -> None:
    with pytest.raises(ExpressionError, match="of one length in a row; these have 3 and 1 values") as caught:
        of("sum(pt + el)", COLUMNS)
    assert caught.value.position == 8
    columns = {"image": COLUMNS["image"], "other": Raw(np.zeros((4, 4)))}
    with pytest.raises(ExpressionError, match="different shapes, 2 x 2 and 4"):
        parse("sum(image + other)").evaluate(columns, 4)


@pytest.mark.parametrize("text", ["sum(image)", "max(image - 1)", "any(image > 2)", "image[0, 1]", "len(image)"])
def test_images_of_no_row_give_no_value(text: str) -> None:
    assert parse(text).evaluate({"image": Raw(np.zeros((0, 2, 2)))}, 0).shape == (0,)


def test_columns_that_begin_amid_their_values_are_read_from_there() -> None:
    whole = np.array([9.0, 1.0, 2.0, 3.0, 9.0])
    columns = {"pt": Raw(whole, offsets=np.array([1, 2, 4])), "eta": lists([[10], [20, 30]])}
    assert parse("sum(pt * eta)").evaluate(columns, 2).tolist() == [10, 130]
    assert parse("sum(pt + 1)").evaluate(columns, 2).tolist() == [2, 7]


def test_a_file_of_lists_is_cut_and_learnt_from(tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame(
        {
            "jet_pt": [[50.0, 20.0], [], [90.0], [31.0, 32.0, 33.0]] * 5,
            "jet_eta": [[0.5, 3.0], [], [2.6], [1.0, -1.0, -2.6]] * 5,
            "y": [0, 1, 0, 1] * 5,
        }
    ).write_parquet(tmp_path / "a.parquet")
    features = ("sum(jet_pt > 30)", "sum(jet_pt > 30 & abs(jet_eta) < 2.5)", "max(jet_pt * 2)")
    data = Data(files=("a.parquet",), target="y", features=features, cut="any(jet_pt > 30)")
    table = read(data, tmp_path)
    assert [table.values[name][:3].tolist() for name in features] == [[1, 1, 3], [1, 0, 2], [100, 180, 66]]
    with opened(Data(files=("a.parquet",)), tmp_path) as plan:
        bad = Wanted((), {"sum(jet_pt > y)": parse("sum(jet_pt > y)")})
        assert collect(plan, bad).columns["sum(jet_pt > y)"].values.tolist()[:4] == [2, 0, 1, 3]
    for text, said in (("jet_pt * 2", "this gives a list in each row"), ("sum(jet_pt > nope)", "no column nope")):
        with pytest.raises(InputError, match=said) as caught:
            read(Data(files=("a.parquet",), target="y", features=(text,)), tmp_path)
        assert caught.value.key == "data.features"
