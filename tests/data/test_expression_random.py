"""Expressions at random: as NumPy and Python find them; and no text whatever does harm."""

from __future__ import annotations

import ast
import re
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from mltui.core.text import clean
from mltui.data.expression import ExpressionError, parse
from mltui.data.readers.raw import Field, Kind, Raw

NAN = np.nan
ROWS = 3
COLUMNS = {
    "pt": Raw(np.array([10.0, NAN, 60.0])),
    "tight": Raw(np.array([True, False, True])),
    "process": Raw(np.array([0, 1, -1], np.int32), ("tt", "z jets")),
    "grade": Raw(np.array([0, 1, -1], np.int32), ("low", "high")),
    "when": Raw(np.array([0.0, 0.5, NAN]), date=True),
    "jet_pt": Raw(np.array([50.0, 30.0, 20.0]), offsets=np.array([0, 2, 2, 3])),
    "image": Raw(np.arange(18.0).reshape(3, 2, 3)),
    "m [GeV]": Raw(np.array([5.0, 4.0, 3.0])),
}
KINDS: dict[str, Kind] = {
    **dict.fromkeys(COLUMNS, "number"),
    "process": "category",
    "grade": "ordered",
    "when": "date",
    "jet_pt": "list",
    "image": "image",
}
FIELDS = {name: Field(name, kind, shape=COLUMNS[name].values.shape[1:]) for name, kind in KINDS.items()}

# Random trees


@dataclass(frozen=True)
class Tree:
    """A random expression.

    Attributes:
        text: as it may be written.
        level: how strongly its outermost sign binds.
        value: as NumPy finds it.
    """

    text: str
    level: int
    value: Any


VALUES: dict[str, NDArray[Any]] = {
    "x": np.array([0.0, 1.0, -2.5, NAN, 3.0, 1e3]),
    "y_1": np.array([2.0, NAN, 0.5, -1.0, 3.0, -0.0]),
    "k": np.array([0, 1, 2, 3, -4, 7]),
}
BOOLS = np.array([True, False, False, True, True, False])
_LEVELS = {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_UFUNCS: dict[str, Any] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.remainder,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
_SPACE = st.sampled_from(["", " ", "\t", " \n "])
_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?")


@st.composite
def leaves(draw: st.DrawFn) -> Tree:
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(VALUES)))
        return Tree(draw(st.sampled_from([name, f"`{name}`"])), 9, VALUES[name])
    number = draw(st.one_of(st.integers(0, 9), st.floats(0, 1e6, allow_subnormal=False)))
    return Tree(repr(number), 9, np.full(6, number))


def joined(sign: str, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers stay whole, and then have no -0, but through / and where they are divided by 0."""
    whole = left.dtype.kind == "i" and right.dtype.kind == "i" and sign != "/"
    if not whole or (sign in ("//", "%") and not right.all()):
        left, right = left.astype(float), right.astype(float)
    return np.asarray(_UFUNCS[sign](left, right))


def bracketed(draw: st.DrawFn, tree: Tree, least: int) -> str:
    """The text, in brackets where it must be and now and then where it need not."""
    must = tree.level < least
    return f"({draw(_SPACE)}{tree.text}{draw(_SPACE)})" if must or draw(st.integers(0, 9)) == 0 else tree.text


@st.composite
def numbers(draw: st.DrawFn, inner: st.SearchStrategy[Tree]) -> Tree:
    left, right = draw(inner), draw(inner)
    form = draw(st.sampled_from(["infix", "infix", "power", "minus", "call"]))
    space = draw(_SPACE)
    if form == "infix":
        sign = draw(st.sampled_from(sorted(_LEVELS)))
        level = _LEVELS[sign]
        written = f"{bracketed(draw, left, level)}{space}{sign}{space}{bracketed(draw, right, level + 1)}"
        return Tree(written, level, joined(sign, left.value, right.value))
    if form == "power":
        known = np.isnan(left.value) | np.isnan(right.value)
        value = np.where(known, NAN, np.power(left.value.astype(float), right.value.astype(float)))
        return Tree(f"{bracketed(draw, left, 9)}{space}**{space}{bracketed(draw, right, 7)}", 8, value)
    if form == "minus":
        return Tree(f"-{space}{bracketed(draw, left, 8)}", 7, -left.value)
    name, ufunc = draw(
        st.sampled_from([("abs", np.abs), ("sqrt", np.sqrt), ("floor", np.floor), ("atan2", np.arctan2)])
    )
    if ufunc.nin == 2:
        return Tree(f"{name}({left.text},{space}{right.text})", 9, ufunc(left.value, right.value))
    value = left.value if name == "abs" else left.value.astype(float)
    return Tree(f"{name}{space}({left.text})", 9, ufunc(value))


ARITHMETIC = st.recursive(leaves(), numbers, max_leaves=12)


@st.composite
def comparisons(draw: st.DrawFn) -> Tree:
    if draw(st.integers(0, 5)) == 0:
        return Tree("b", 9, BOOLS)
    left, right, sign = draw(ARITHMETIC), draw(ARITHMETIC), draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
    known = ~(np.isnan(left.value) | np.isnan(right.value))
    text = f"{bracketed(draw, left, 5)}{draw(_SPACE)}{sign}{draw(_SPACE)}{bracketed(draw, right, 5)}"
    return Tree(text, 4, _UFUNCS[sign](left.value, right.value) & known)


@st.composite
def logic(draw: st.DrawFn, inner: st.SearchStrategy[Tree]) -> Tree:
    left, right = draw(inner), draw(inner)
    form = draw(st.sampled_from(["|", "&", "~"]))
    if form == "~":
        sign = draw(st.sampled_from(["~", "!", "not "]))
        return Tree(f"{sign}{bracketed(draw, left, 3)}", 3, ~left.value)
    level = 2 if form == "&" else 1
    sign = draw(st.sampled_from({"&": ["&", "&&", " and "], "|": ["|", "||", " or "]}[form]))
    text = f"{bracketed(draw, left, level)} {sign} {bracketed(draw, right, level + 1)}"
    return Tree(text, level, left.value & right.value if form == "&" else left.value | right.value)


CONDITIONS = st.recursive(comparisons(), logic, max_leaves=6)


def evaluated(text: str) -> NDArray[Any]:
    columns = {name: Raw(values) for name, values in VALUES.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return parse(text).evaluate({**columns, "b": Raw(BOOLS)}, 6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(ARITHMETIC)
def test_random_arithmetic_is_as_numpy_finds_it(tree: Tree) -> None:
    # NumPy squares an array by a product, a single number by pow, which may differ in the last digit
    assert_allclose(evaluated(tree.text), tree.value, rtol=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(ARITHMETIC)
def test_arithmetic_binds_as_in_python(tree: Tree) -> None:
    plain = _NUMBER.sub(lambda number: repr(float(number.group())), " ".join(tree.text.replace("`", "").split()))
    functions = {"abs": np.abs, "sqrt": np.sqrt, "floor": np.floor, "atan2": np.arctan2}
    python = ast.parse(plain, mode="eval")  # of floating numbers: whole ones to a power would grow without end
    names = {name: values.astype(float) for name, values in VALUES.items()}
    try:
        expected = eval(compile(python, "", "eval"), {"__builtins__": {}}, {**names, **functions})
    except ArithmeticError:
        return
    found = parse(plain).evaluate({name: Raw(values) for name, values in names.items()}, 6).astype(float)
    known = np.isfinite(found)  # missing goes through ** here and not there
    if not np.iscomplexobj(expected):
        np.testing.assert_allclose(found[known], np.broadcast_to(expected, (6,))[known], rtol=1e-9)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(CONDITIONS)
def test_random_conditions_are_as_numpy_finds_them(tree: Tree) -> None:
    columns = {name: Raw(values) for name, values in VALUES.items()}
    found = parse(tree.text).holds({**columns, "b": Raw(BOOLS)}, 6)
    assert_array_equal(found, tree.value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(CONDITIONS)
def test_what_may_be_skipped_is_never_wanted(tree: Tree) -> None:
    for bound in parse(tree.text).bounds():
        inside = _UFUNCS[bound.sign](VALUES.get(bound.name, BOOLS), bound.number)
        assert not np.any(tree.value & ~inside)


# Hostile text

_PIECES = st.sampled_from(
    [*COLUMNS, "(", ")", "[", "]", ",", "+", "-", "*", "**", "/", "//", "%", "<", ">", "==", "!=", "<=", "&", "|", "~",
     "!", "^", "=", '"', "'", "`", "0", "1", "-1", "1e308", "1e999", ".", "..", "pi", "nan", "true", "and", "or", "not",
     "where(", "min(", "max(", "sum(", "len(", "any(", "abs(", "pow(", "ismissing(", "first(", '"tt"', "'1970-01-02'",
     " ", "\n", "\0", "\x1b[31m", "[bold]", "\\", "µ", "٣", "\ud800", "__class__", "lambda:0"]
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join), st.lists(_PIECES).map(" ".join))


def refused(text: str) -> ExpressionError | None:
    """Do all that can be done with a text, and give the error in which that ends."""
    try:
        expression = parse(text)
        expression.bounds()
        expression.check(FIELDS)
        assert expression.evaluate(COLUMNS, ROWS).shape == (ROWS,)
    except ExpressionError as error:
        return error
    return None


@given(HOSTILE)
@example("\x1b[2J")
@example("`\x1b[2J`")
@example("a" * 5_000)
@example("٣")
def test_no_text_raises_anything_but_the_one_error(text: str) -> None:
    error = refused(text)
    if error is not None:
        assert 1 <= error.position <= len(text) + 1
        assert clean(error.sentence) == error.sentence
        assert len(error.sentence) < 600


@given(HOSTILE, st.text(max_size=20))
def test_any_name_can_be_a_column_in_backticks(name: str, label: str) -> None:
    if not name:
        return
    quoted = "`" + name.replace("`", "``") + "`"
    expression = parse(f"{quoted} + 1")
    assert expression.names == (name,)
    assert expression.evaluate({name: Raw(np.array([1.0]))}, 1).tolist() == [2.0]
    text = label.replace("\\", "\\\\").replace('"', '\\"')
    assert parse(f'{quoted} == "{text}"').evaluate({name: Raw(np.array([0]), (label,))}, 1).tolist() == [True]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 9_999, ")" * 9_999, "-" * 9_999, "!" * 9_999, "[" * 9_999, "`" * 9_999, '"' * 9_999, "\\" * 9_999,
        "abs(" * 2_499, "where(" * 1_600, "pt**" * 2_400 + "pt", "pt[" * 3_000, "9" * 9_999, "." * 9_999, "1e" * 4_999,
        "pt+" * 3_300 + "pt", "1<" * 4_999 + "2", "pt&" * 3_300 + "1", "min(" + "pt," * 3_300 + "pt)", "x" * 9_999,
        "(" * 60 + "1<" * 60 + "2" + ")" * 60, "pt" * 100_000, "(" * 1_000_000, "`" + "a" * 9_000 + "`",
        '"' + "\\" * 9_000,
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    begin = time.process_time()
    error = refused(text)
    assert error is None or len(error.sentence) < 600
    assert time.process_time() - begin < 2


def test_a_long_name_among_ten_thousand_columns_is_refused_at_once() -> None:
    begin = time.process_time()
    fields = {name: Field(name) for name in (f"column_{'ab' * 100}_{place}" for place in range(10_000))}
    with pytest.raises(ExpressionError, match="there is no column"):
        parse("ba" * 4_000 + " > 1").check(fields)
    assert time.process_time() - begin < 5
