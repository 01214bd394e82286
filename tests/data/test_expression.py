"""Expressions: what they mean, what they refuse and where, and that no text whatever does harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data.expression import ExpressionError, parse
from mltui.data.part import Wanted
from mltui.data.readers.raw import Bound, Field, Kind, Raw
from tests.data.frames import gather

NAN = np.nan
COLUMNS = {
    "pt": Raw(np.array([10.0, 25.0, 40.0, NAN, 60.0])),
    "eta": Raw(np.array([1.0, -3.0, 2.0, 0.0, -0.5], np.float32)),
    "n": Raw(np.array([0, 1, 2, 3, -4], np.int16)),
    "tight": Raw(np.array([True, False, True, True, False])),
    "flag": Raw(np.array([1, 0, 1, 0, 1])),
    "holed": Raw(np.array([1.0, NAN, 0.0, 1.0, NAN])),
    "process": Raw(np.array([0, 1, -1, 0, 2], np.int32), ("tt", "z jets", "3")),
    "other": Raw(np.array([1, 1, 0, -1, 0], np.int32), ("3", "tt")),
    "when": Raw(np.array([0.0, 0.5, 1.0, NAN, 19_000.0]), date=True),
    "jet_pt": Raw(np.array([50.0, 30.0, 20.0, 90.0, 80.0, 70.0, NAN]), offsets=np.array([0, 2, 2, 3, 6, 7])),
    "image": Raw(np.arange(30.0).reshape(5, 2, 3)),
    "trace": Raw(np.arange(10).reshape(5, 2)),
    "jet.pt": Raw(np.array([1.0, 2.0, 3.0, 4.0, 5.0])),
    "m [GeV]": Raw(np.array([5.0, 4.0, 3.0, 2.0, 1.0])),
    "a`b": Raw(np.array([1.0, 1.0, 1.0, 1.0, 2.0])),
}
KINDS: dict[str, Kind] = {
    **dict.fromkeys(COLUMNS, "number"),
    "process": "category",
    "other": "ordered",
    "when": "date",
    "jet_pt": "list",
    "image": "image",
    "trace": "image",
    "comment": "text",
    "blob": "unusable",
}
FIELDS = {
    name: Field(name, kind, shape=COLUMNS[name].values.shape[1:] if name in COLUMNS else ())
    for name, kind in KINDS.items()
}
ROWS = 5


def of(text: str) -> list[Any]:
    """The value in each row, missing ones as None."""
    expression = parse(text)
    expression.check(FIELDS)
    found = expression.evaluate(COLUMNS, ROWS)
    assert found.shape == (ROWS,)
    assert found.dtype in (np.bool_, np.float64, np.int64)
    return [None if np.isnan(value) else value for value in found.tolist()]


def refusal(text: str) -> tuple[int, str]:
    """Where the text is refused, and the sentence."""
    with pytest.raises(ExpressionError) as caught:
        parse(text).check(FIELDS)
    assert str(caught.value) == caught.value.sentence
    assert f"character {caught.value.position} of" in caught.value.sentence
    return caught.value.position, caught.value.sentence


def test_a_cut_means_what_a_physicist_means() -> None:
    expected = [False, False, True, False, True]
    for text in (
        "pt > 20 & abs(eta) < 2.5",
        "pt > 20 && abs(eta) < 2.5",
        "pt > 20 and abs(eta) < 2.5",
        "(pt > 20) & (abs(eta) < 2.5)",
        "!(pt <= 20 || abs(eta) >= 2.5) & !ismissing(pt)",
        "not ismissing(pt) and not (pt <= 20 or not abs(eta) < 2.5)",
    ):
        assert of(text) == expected, text
    assert of("pt > 50 | pt < 20 & eta > 5") == [False, False, False, False, True]  # & binds before |
    assert of("~ n > 1 & tight") == [True, False, False, False, False]  # ~ turns the whole comparison round
    assert of("~(n > 1 & tight)") == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 - 3 - 4", -5),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("(-2) ** 2", 4),
        ("2 ** -1", 0.5),
        ("2 ** -1 ** 2 * 4", 2),
        ("- - 3", 3),
        ("+3 - +2", 1),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("8 / 4 / 2", 1),
        (".5 + 1. + 1e2 + 1E-1", 101.6),
        ("1 < 2", True),
        ("1 < 2 < 3", True),
        ("1 < 3 <= 2", False),
        ("3 >= 3 > 2", True),
        ("2 == 2 == 2", True),
        ("1 + 1 == 2 & 2 > 1", True),
        ("(1 < 2) + (3 > 2)", 2),
        ("true & !false", True),
        ("True", True),
        ("where(2 > 1, 5, 6)", 5),
        ("where(2 > 1, true, false)", True),
        ("cos(pi)", -1),
        ("hypot(3, 4)", 5),
        ("arctan2(1, 1) * 4 - pi", 0),
        ("asin(1) - arcsin(1) + acos(0) - arccos(0) + atan(1) - arctan(1)", 0),
        ("log(exp(2)) + log2(8) + log10(1000) + log1p(0) + expm1(0)", 8),
        ("sinh(0) + cosh(0) + tanh(0) + asinh(0) + acosh(1) + atanh(0)", 1),
        ("floor(1.5) + ceil(1.5) + round(2.5) + round(3.5) + sign(-3)", 8),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("clip(7, 0, 5) + clip(-7, 0, 5)", 5),
        ("sqrt(16) + fabs(-1) + pow(2, 3) + abs(-1)", 14),
        ("ismissing(nan) & isnan(1 / 0 * 0) & ismissing(1 / 0) & ismissing(log(-1))", True),
    ],
)
def test_a_hand_worked_value(text: str, value: float | bool) -> None:
    found = of(text)
    assert found == pytest.approx([value] * ROWS)
    assert isinstance(found[0], bool) == isinstance(value, bool)


def test_columns_of_every_name_are_reached() -> None:
    assert of("jet.pt + `jet.pt`") == [2, 4, 6, 8, 10]
    assert of("`m [GeV]` * 2") == [10, 8, 6, 4, 2]
    assert of("`a``b`") == [1, 1, 1, 1, 2]
    expression = parse("sqrt(`m [GeV]`) + n * pt - n + len(jet_pt) * pi")
    assert expression.names == ("m [GeV]", "n", "pt", "jet_pt")
    assert parse("`pi`").names == ("pi",)
    assert parse("`and`").names == ("and",)
    assert parse("max + abs").names == ("max", "abs")  # a function only where a bracket follows
    assert parse("größe_1 > 0").names == ("größe_1",)
    assert parse("pt.1 + 1").names == ("pt.1",)


def test_what_is_missing_stays_missing_and_compares_as_false() -> None:
    assert of("pt + 1") == [11, 26, 41, None, 61]
    assert of("-pt ** 0") == [-1, -1, -1, None, -1]
    assert of("1 ** pt") == [1, 1, 1, None, 1]
    assert of("pow(1, pt) + hypot(1 / 0, pt) * 0") == [None] * 5  # infinite times 0
    assert of("min(pt, 5)") == [5, 5, 5, None, 5]
    for sign in ("<", "<=", ">", ">=", "==", "!="):
        assert of(f"pt {sign} 25")[3] is False
        assert of(f"25 {sign} pt")[3] is False
    assert of("pt != 25") == [True, False, True, False, True]
    assert of("~(pt == 25)") == [True, False, True, True, True]
    assert of("where(pt > 20, pt, -1)") == [-1, 25, 40, -1, 60]
    assert of("where(ismissing(pt), eta, pt)") == [10, 25, 40, 0, 60]
    assert of("where(tight, nan, 1)") == [None, 1, None, None, 1]
    assert of("pt != pt") == [False] * 5
    infinite = {"x": Raw(np.array([np.inf, -np.inf, 1.0]))}
    assert_array_equal(parse("x * 2").evaluate(infinite, 3), [NAN, NAN, 2.0])
    assert parse("x > 0").evaluate(infinite, 3).tolist() == [False, False, True]


def test_truth_values_and_columns_of_0_and_1_are_conditions() -> None:
    assert of("tight & flag") == [True, False, True, False, False]
    assert of("!flag") == [False, True, False, True, False]
    assert of("holed | tight") == [True, False, True, True, False]  # missing is no yes
    assert of("where(flag, 1, 2)") == [1, 2, 1, 2, 1]
    assert of("tight * 2 + (pt > 20)") == [2, 1, 3, 2, 1]
    assert parse("flag").holds(COLUMNS, ROWS).tolist() == [True, False, True, False, True]
    assert parse("tight").evaluate(COLUMNS, ROWS).tolist() == [1, 0, 1, 1, 0]
    for text, place in (("n & tight", 1), ("where(n, 1, 2)", 7), ("tight & n * 2", 11)):
        with pytest.raises(ExpressionError, match="other values than 0 and 1") as caught:
            parse(text).evaluate(COLUMNS, ROWS)
        assert caught.value.position == place
    with pytest.raises(ExpressionError, match=r"must be true or false for each row, .* numbers such as 2"):
        parse("n").holds(COLUMNS, ROWS)
    parse("n").check(FIELDS)
    parse("n").check(FIELDS, condition=True)
    with pytest.raises(ExpressionError, match="when stands for a condition"):
        parse("when").check(FIELDS, condition=True)
    assert "4 stands for a condition" in refusal("n & 4")[1]


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("data.cut", {"cut": "n & flag"}),
        ("data.weight", {"weight": "where(n, 1, 2)"}),
        ("data.features", {}),
    ],
)
def test_what_only_the_rows_tell_is_a_sentence_with_its_key(key: str, keys: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,flag\n1,1\n5,0\n2,1\n")
    wanted = Wanted(("n",), {} if keys else {"!n": parse("!n")})
    with pytest.raises(InputError, match="n stands for a condition, but has other values than 0 and 1") as caught:
        gather(Data(files=("a.csv",), **keys), tmp_path, lambda _: wanted)
    assert caught.value.key == key


def test_columns_of_text_compare_with_labels() -> None:
    assert of('process == "tt"') == [True, False, False, True, False]
    assert of("'z jets' == process") == [False, True, False, False, False]
    assert of('process != "tt"') == [False, True, False, False, True]
    assert of('process == "never seen"') == [False] * 5
    assert of('process != "never seen"') == [True, True, False, True, True]
    assert of("process == 3") == [False, False, False, False, True]
    assert of("process != 3") == [True, True, False, True, False]
    assert of("process == other") == [True, False, False, False, True]
    assert of("process != other") == [False, True, False, False, False]
    assert of("ismissing(process)") == [False, False, True, False, False]
    assert of('other > "3"') == [True, True, False, False, False]
    assert of('"3" < other <= "tt"') == [True, True, False, False, False]
    quotes = {"x": Raw(np.array([0, 1]), ('a "b"', "back\\slash"))}
    assert parse(r'x == "a \"b\""').evaluate(quotes, 2).tolist() == [True, False]
    assert parse(r"x == 'back\\slash'").evaluate(quotes, 2).tolist() == [False, True]
    assert parse("x == 'a'").evaluate({"x": Raw(np.full(2, -1), ())}, 2).tolist() == [False, False]
    years = {"x": Raw(np.array([0, 1, 2, -1]), ("2016", "2017", "2018"))}
    assert parse("x > 2016").evaluate(years, 4).tolist() == [False, True, True, False]
    parts = {"x": Raw(np.array([0, 1, -1]), ("v1", "v10"))}
    assert parse('x >= "v2"').evaluate(parts, 3).tolist() == [False, True, False]  # v2 is in rows read before
    sizes = {"x": Raw(np.array([0, 1, 2]), ("small", "medium", "large"))}
    assert parse('x > "small"').evaluate(sizes, 3).tolist() == [False, True, True]
    with pytest.raises(ExpressionError, match='have no "smal" among them; did you mean small'):
        parse('x > "smal"').evaluate(sizes, 3)


def test_dates_compare_with_dates() -> None:
    assert of('when > "1970-01-01"') == [False, True, True, False, True]
    assert of('"1970-01-01T12:00" == when') == [False, True, False, False, False]
    assert of('when >= "2022-01-08"') == [False, False, False, False, True]
    assert of("when * 2") == [0, 1, 2, None, 38_000]


def test_lists_give_values_by_index_and_function() -> None:
    assert of("jet_pt[0]") == [50, None, 20, 90, None]
    assert of("jet_pt[1]") == [30, None, None, 80, None]
    assert of("jet_pt[-1]") == [30, None, 20, 70, None]
    assert of("jet_pt[-3]") == [None, None, None, 90, None]
    assert of("jet_pt[n]") == [50, None, None, None, None]
    assert of("jet_pt[len(jet_pt) - 1]") == of("jet_pt[-1]")
    assert of("first(jet_pt)") == of("jet_pt[0]")
    assert of("len(jet_pt)") == [2, 0, 1, 3, 1]
    assert of("sum(jet_pt)") == [80, 0, 20, 240, None]
    assert of("mean(jet_pt)") == [40, None, 20, 80, None]
    assert of("min(jet_pt)") == [30, None, 20, 70, None]
    assert of("max(jet_pt)") == [50, None, 20, 90, None]
    assert of("ismissing(jet_pt)") == [False, True, False, False, False]
    assert of("len(jet_pt) >= 2 & jet_pt[0] > 40") == [True, False, False, True, False]
    flags = {"x": Raw(np.array([0, 1, 1, 1, 0]), offsets=np.array([0, 2, 2, 4, 5]))}
    assert parse("any(x)").evaluate(flags, 4).tolist() == [True, False, True, False]
    assert parse("all(x)").evaluate(flags, 4).tolist() == [False, True, True, False]
    empty = {"x": Raw(np.zeros(0), offsets=np.zeros(4, np.int64))}
    assert_array_equal(parse("x[0]").evaluate(empty, 3), [NAN] * 3)
    assert parse("sum(x) + len(x)").evaluate(empty, 3).tolist() == [0, 0, 0]


def test_images_give_pixels_and_sums() -> None:
    assert of("image[0, 0]") == [0, 6, 12, 18, 24]
    assert of("image[1, 2]") == of("image[-1, -1]") == [5, 11, 17, 23, 29]
    assert of("trace[1]") == [1, 3, 5, 7, 9]
    assert of("sum(image)") == [15, 51, 87, 123, 159]
    assert of("mean(image)") == [2.5, 8.5, 14.5, 20.5, 26.5]
    assert of("max(image) - min(image)") == [5] * 5
    assert of("len(image)") == [6] * 5
    assert of("ismissing(image)") == [False] * 5


@given(st.lists(st.lists(st.floats(-9, 9), max_size=4), min_size=1, max_size=8), st.integers(-5, 5))
def test_lists_are_as_a_loop_finds_them(rows: list[list[float]], place: int) -> None:
    raw = Raw(np.array([x for row in rows for x in row], float), offsets=np.cumsum([0, *map(len, rows)]))
    loops: dict[str, list[Any]] = {
        "sum(x)": [sum(row) for row in rows],
        "len(x)": [len(row) for row in rows],
        "min(x)": [min(row, default=NAN) for row in rows],
        "max(x)": [max(row, default=NAN) for row in rows],
        "mean(x)": [sum(row) / len(row) if row else NAN for row in rows],
        "any(x)": [any(row) for row in rows],
        "all(x)": [all(row) for row in rows],
        f"x[{place}]": [row[place] if -len(row) <= place < len(row) else NAN for row in rows],
    }
    for text, expected in loops.items():
        found = np.asarray(parse(text).evaluate({"x": raw}, len(rows)), float)
        np.testing.assert_allclose(found, expected, atol=1e-12, err_msg=text)


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", 1, "nothing is written"),
        ("  ", 1, "nothing is written"),
        ("pt ^ 2", 4, "^ is not known here; write ** for a power"),
        ("pt = 2", 4, "write == to compare"),
        ("pt > 2 ? 1 : 0", 8, "write where(condition, one, other)"),
        ("pt ≥ 2", 4, "write >="),
        ("pt @ 2", 4, "goes in backticks"),
        ("pt >", 5, "the end comes where a value must stand"),
        ("pt > > 2", 6, "> stands where a value must"),
        ("* pt", 1, "* stands where a value must"),
        ("pt eta", 4, "before eta a sign is missing"),
        ("pt 2", 4, "before 2 a sign is missing"),
        ("2pt", 1, "2pt is no number"),
        ("1.2.3", 1, "1.2.3 is no number"),
        ("1e", 1, "1e is no number"),
        ("1e999", 1, "too large"),
        ("pt, eta", 3, "comma"),
        ("(pt", 1, "not closed; write )"),
        ("abs(pt", 4, "not closed"),
        ("jet_pt[0", 7, "not closed; write ]"),
        ("(pt]", 4, "closes nothing"),
        ("pt)", 3, "closes nothing"),
        ("()", 2, ") stands where a value must"),
        ('process == "tt', 12, "quote"),
        ("`m [GeV", 1, "backtick"),
        ("abs()", 5, "needs an argument"),
        ("abs(pt, eta)", 1, "abs takes one number, not 2"),
        ("arctan2(pt)", 1, "arctan2 takes 2 numbers, not 1"),
        ("min(pt)", 1, "two or more numbers, or one list"),
        ("where(pt > 2, 1)", 1, "a condition and two values, not 2"),
        ("sum(pt, eta)", 1, "one list or image"),
        ("sum(pt)", 1, "pt is neither"),
        ("sqr(pt)", 1, "there is no function sqr; did you mean sqrt?"),
        ("__import__('os')", 1, "there is no function __import__"),
        ("pt.real(1)", 1, "there is no function pt.real"),
        ("1 < pt > 2", 8, "write & between comparisons"),
        ("1 == pt < 2", 9, "write & between comparisons"),
        ("1 != pt != 2", 9, "write & between comparisons"),
        ("1 + !tight", 5, "in brackets"),
        ("tigh & flag", 1, "there is no column tigh; did you mean tight?"),
        ("pt + blob", 6, "blob cannot be used in an expression"),
        ("pt + process", 6, 'process is a column of text; compare it with a label, as in process == "a"'),
        ("-process", 2, "column of text"),
        ("process", 1, "column of text"),
        ("jet_pt > 20", 8, "this gives a list in each row, not one value; take sum, len"),
        ("jet_pt", 1, "write jet_pt[0] for its first value, or len, sum, min, max, mean, any or all of it"),
        ("sum(jet_pt + image)", 12, "a list and an image cannot be put together"),
        ("sum(jet_pt + process)", 14, "process is a column of text"),
        ("sum(jet_pt & 4)", 14, "4 stands for a condition"),
        ("jet_pt[jet_pt > 30]", 15, "has a list in each row"),
        ("abs(image)", 1, "this gives an image in each row"),
        ("image", 1, "has an image in each row; write image[0, 0] for a pixel"),
        ("jet_pt[0, 1]", 11, "has one index, not 2"),
        ("jet_pt[0.5]", 8, "write a whole number"),
        ("jet_pt['a']", 8, "is text"),
        ("image[n, 0]", 7, "write a whole number"),
        ("pt[0]", 3, "has one value in each row"),
        ('pt == "a"', 7, '"a" is text; only a column of text can be compared with it'),
        ('"a" == "b"', 1, "only a column of text"),
        ('"a"', 1, "only a column of text"),
        ('process > "tt"', 1, "have no order"),
        ("process == pt", 12, "compare it with a label"),
        ("other < other", 9, "only with == and !="),
        ('when > "yesterday"', 8, 'is no date; write it as "2024-12-31"'),
        ("where(process, 1, 2)", 7, "column of text"),
        ("!process", 2, "column of text"),
    ],
)
def test_what_is_wrong_is_said_at_its_character(text: str, position: int, said: str) -> None:
    assert refusal(text) == (position, refusal(text)[1])
    assert said in refusal(text)[1]
    assert len(refusal(text)[1]) < 500


def test_images_of_known_shape_are_checked_before_they_are_read() -> None:
    for text, position, said in (
        ("image[0]", 6, "image has 2 x 3 pixels; write 2 indices"),
        ("image[0, 3]", 10, "goes from 0 to 2"),
        ("image[-3, 0]", 7, "goes from 0 to 1"),
    ):
        with pytest.raises(ExpressionError, match=said) as caught:
            parse(text).check(FIELDS)
        assert caught.value.position == position
        with pytest.raises(ExpressionError, match=said):
            parse(text).evaluate(COLUMNS, ROWS)


def test_a_column_that_a_constant_hides_is_said() -> None:
    with pytest.raises(ExpressionError, match="pi is a number here and a column too; write `pi` for the column"):
        parse("2 * pi").check({"pi": Field("pi")})
    parse("2 * `pi`").check({"pi": Field("pi")})


def test_a_reader_learns_what_it_may_skip() -> None:
    assert parse("pt > 20 & abs(eta) < 2.5 & 5 >= n & tight").bounds() == (Bound("pt", ">", 20), Bound("n", "<=", 5))
    assert parse("20 < pt <= 50").bounds() == (Bound("pt", ">", 20), Bound("pt", "<=", 50))
    assert parse("n == -(2 + 1) * 2").bounds() == (Bound("n", "==", -6),)
    for text in ("pt > 20 | n == 1", "~(pt > 20)", "pt != 20", 'process == "a"', "pt > eta", "pt > nan", "pt > 1/0"):
        assert parse(text).bounds() == (), text
    for text in ("pt > (4 & 5)", 'pt > len("a")', "pt > '2020-01-01'", "pt"):
        assert parse(text).bounds() == (), text
