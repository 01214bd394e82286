"""Expressions in NumPy: what Python makes of them is what mltui makes of them, missing values among the rest."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.data.expression import parse
from mltui.data.readers.raw import Raw
from mltui.export.expressions import Translator

NAN = float("nan")
RAW = {
    "pt": Raw(np.array([10.0, 25.0, NAN, 40.0, 0.0, -3.0])),
    "eta": Raw(np.array([0.1, -2.6, 1.0, 2.0, 0.0, 1.0])),
    "n": Raw(np.array([0, 1, 2, 3, 4, 5])),
    "flag": Raw(np.array([True, False, True, True, False, False])),
    "one": Raw(np.array([0.0, 1.0, 1.0, NAN, 0.0, 1.0])),
    "kind": Raw(np.array([0, 1, -1, 2, 1, 0], np.int32), ("ee", "mm", "tt")),
    "code": Raw(np.array([0, 1, 1, 0, 1, 0], np.int32), ("12", "7")),
    "odd name": Raw(np.arange(6.0)),
}
NUMBERS = (
    "pt + eta * 2", "-pt**2", "(pt + 1) * (eta - 1)", "pt - (eta - n)", "pt / n", "n // 2", "n % 3 + 1", "7 // n",
    "n**2", "2**-1 + n", "sqrt(pt)", "log(pt + 4)", "abs(eta)", "hypot(pt, eta)", "min(pt, eta, n)", "max(n, 3)",
    "clip(pt, 1, 20)", "round(eta)", "where(pt > 20, pt, -1)", "where(flag, n, 0)", "(pt > 20) + (eta > 0)",
    "flag * 3", "pow(pt, 0)", "one**pt", "pi * n", "arctan2(eta, pt + 1)", "`odd name` + 1", "-(pt > 1)", "fabs(n)",
    "asin(eta / 3)", "-999.5 + n", "pt - -2",
)  # fmt: skip
CONDITIONS = (
    "pt > 20", "pt > 5 & abs(eta) < 2.5", "pt > 20 | eta > 0", "~(pt > 20)", "20 < pt <= 40", "pt != 25", "pt == 25",
    'kind == "mm"', 'kind != "mm"', "~flag & n > 1", "one", "~one", "one | flag", "ismissing(pt)", "ismissing(kind)",
    "isnan(pt / n)", "kind == kind", "code == 7", "7 != code", 'kind == "nothing"', "n % 2 == 1",
    "(pt > 5 | eta > 1) & ~(n == 3 & flag)", "true & flag",
)  # fmt: skip


def value(code: str) -> np.ndarray:
    """What Python makes of it, over the columns as a script has them: a missing text is an empty one."""
    data = {
        name: raw.values if raw.categories is None else np.array([*raw.categories, ""], object)[raw.values]
        for name, raw in RAW.items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(eval(code, {"np": np, "data": data}))


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_the_same_in_numpy(text: str) -> None:
    found = np.asarray(value(Translator(RAW, "data").number(text, "data.features")), np.float64)
    wanted = np.asarray(parse(text).evaluate(RAW, 6), np.float64)
    np.testing.assert_array_equal(np.broadcast_to(found, 6), wanted)


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_is_the_same_in_numpy(text: str) -> None:
    translator = Translator(RAW, "data")
    found = value(translator.condition(text, "data.cut"))
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, parse(text).holds(RAW, 6))
    joined = value(" & ".join(translator.conditions(text, "data.cut")))
    np.testing.assert_array_equal(joined, found)


def test_only_what_the_columns_need_is_written() -> None:
    translator = Translator(RAW, "data")
    assert translator.condition("eta != 1", "data.cut") == 'data["eta"] != 1'
    assert translator.condition("pt != 1", "data.cut") == '(data["pt"] != 1) & ~np.isnan(data["pt"])'
    assert translator.number("n**2", "data.features") == 'data["n"].astype(float) ** 2'
    assert translator.number("eta**2", "data.features") == 'data["eta"] ** 2'
    assert translator.floating("2", "data.weight", rows="len(y)") == "np.full(len(y), 2, float)"
    assert translator.floating("1 + eta", "data.weight", rows="len(y)", factor=True) == '(1 + data["eta"])'


@pytest.mark.parametrize(
    ("text", "said"),
    [("jets[0] > 1", "lists or images of jets"), ("day > 3", "the dates of day"), ("size < 2", "beside a column of")],
)
def test_what_numpy_alone_does_not_say_is_refused_with_its_key(text: str, said: str) -> None:
    columns = {
        "jets": Raw(np.arange(3.0), offsets=np.array([0, 1, 3])),
        "day": Raw(np.arange(2.0), date=True),
        "size": Raw(np.array([0, 1], np.int32), ("S", "M")),
    }
    with pytest.raises(InputError, match=said) as caught:
        Translator(columns, "data").condition(text, "data.cut")
    assert caught.value.key == "data.cut"
