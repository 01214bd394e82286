"""Whole numbers in expressions: exact beyond 2**53, as Python computes them, and float64 where 64 bits are too few."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from mltui.data.expression import parse
from mltui.data.readers.raw import Field, Raw

BIG = 2**60 + 3
HUGE = 2**63 + 5


def of(text: str, **columns: NDArray[Any]) -> NDArray[Any]:
    expression = parse(text)
    expression.check({name: Field(name) for name in columns})
    return expression.evaluate(
        {name: Raw(values) for name, values in columns.items()}, len(next(iter(columns.values())))
    )


def signed(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def test_the_fold_of_an_event_number_beyond_what_float64_holds_is_exact() -> None:
    events = [BIG + step for step in range(-7, 8)]
    assert of("event % 5", event=signed(*events)).tolist() == [event % 5 for event in events]
    assert of("event % 5 == 1", event=signed(*events)).tolist() == [event % 5 == 1 for event in events]
    unsigned = np.array([HUGE, 2**64 - 1, 3], np.uint64)
    found = of("event % 5", event=unsigned)
    assert found.tolist() == [HUGE % 5, (2**64 - 1) % 5, 3]
    assert found.dtype == np.uint64


def test_a_long_number_is_read_as_it_is_written() -> None:
    events = signed(BIG - 1, BIG, BIG + 1)
    assert of(f"event == {BIG}", event=events).tolist() == [False, True, False]
    assert of(f"event > {BIG}", event=events).tolist() == [False, False, True]
    assert of(f"{BIG - 1} <= event < {BIG + 1} & event != {BIG}", event=events).tolist() == [True, False, False]
    assert of(f"event - {BIG}", event=events).tolist() == [-1, 0, 1]
    assert of(f"event < {HUGE}", event=np.array([HUGE - 1, HUGE], np.uint64)).tolist() == [True, False]


def test_run_and_event_make_one_number() -> None:
    run, event = np.array([355_921, 355_922], np.uint32), np.array([4_294_967_299, 1], np.int64)
    assert of("run * 10000000000000 + event", run=run, event=event).tolist() == [
        355_921 * 10**13 + 4_294_967_299,
        355_922 * 10**13 + 1,
    ]


def test_functions_of_whole_numbers_that_are_exact() -> None:
    a, b = signed(BIG, -BIG, 7), signed(BIG + 1, 5, -7)
    assert of("min(a, b)", a=a, b=b).tolist() == [BIG, -BIG, -7]
    assert of("max(a, b, 0)", a=a, b=b).tolist() == [BIG + 1, 5, 7]
    assert of("abs(a) - 1", a=a).tolist() == [BIG - 1, BIG - 1, 6]
    assert of(f"clip(a, 0, {BIG - 1})", a=a).tolist() == [BIG - 1, 0, 7]
    assert of("where(a > 0, a, b)", a=a, b=b).tolist() == [BIG, 5, 7]
    assert of("-a", a=a).tolist() == [-BIG, BIG, -7]


def test_what_is_missing_stays_missing() -> None:
    pt, event = np.array([1.0, np.nan, np.inf]), signed(BIG, 2, 3)
    assert_array_equal(of("event + pt", event=event, pt=pt), [BIG + 1.0, np.nan, np.nan])
    assert_array_equal(of("event % pt", event=event, pt=np.array([5.0, np.nan, 2.0])), [BIG % 5.0, np.nan, 1.0])
    assert of("event != pt", event=event, pt=pt).tolist() == [True, False, False]
    assert_array_equal(of("where(event > 2, pt, event)", event=event, pt=pt), [1.0, 2.0, np.nan])
    assert not of("ismissing(event + 1)", event=event).any()


def test_division_by_zero_is_missing_as_before() -> None:
    n, zero = signed(3, 0, -3), signed(1, 0, 0)
    assert_array_equal(of("n % zero", n=n, zero=zero), [0.0, np.nan, np.nan])
    assert_array_equal(of("n // zero", n=n, zero=zero), [3.0, np.nan, -np.inf])
    assert of("n % 0", n=n[:0]).shape == (0,)


def test_what_64_bits_cannot_hold_is_float64() -> None:
    product = of("a * a", a=signed(BIG, 2))
    assert product.dtype == np.float64
    assert_array_equal(product, [float(BIG) ** 2, 4.0])
    assert of("a / 2", a=signed(3)).tolist() == [1.5]
    assert of("a + 0.5", a=signed(3)).tolist() == [3.5]
    assert of("-a", a=np.array([HUGE], np.uint64)).tolist() == [-float(HUGE)]
    assert of("a < b", a=signed(-1), b=np.array([HUGE], np.uint64)).tolist() == [True]
    assert of("abs(a)", a=signed(-(2**63))).tolist() == [2.0**63]


def test_a_column_of_whole_numbers_stays_whole_in_every_chunk_even_an_empty_one() -> None:
    for text in ("n + 1", "n % 5", "n // 2", "n * 2 - 1", "max(n, 3)", "where(n > 1, n, 0)", "n"):
        assert {of(text, n=values).dtype for values in (signed(1, 2), signed(), signed(-5))} == {np.dtype(np.int64)}, (
            text
        )
    assert of("n + 1", n=np.array([1], np.uint64)).dtype == np.uint64
    assert of("tight + tight", tight=np.array([True, False])).tolist() == [2, 0]


def test_a_reader_is_not_told_a_bound_that_float64_would_round() -> None:
    assert [bound.number for bound in parse("event > 9007199254740992 & pt > 1e30").bounds()] == [2.0**53, 1e30]
    assert parse("event > 9007199254740993").bounds() == ()


PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
NUMPY = {"+": np.add, "-": np.subtract, "*": np.multiply, "//": np.floor_divide, "%": np.remainder}
WHOLE = st.one_of(st.integers(-20, 20), st.integers(-(2**63), 2**64 - 1), st.sampled_from([BIG, -BIG, HUGE, 2**63 - 1]))


@given(st.sampled_from(sorted(PYTHON)), WHOLE, WHOLE, st.booleans())
@example("%", -(2**63), -1, True)
@example("-", 0, 2**64 - 1, False)
def test_it_is_exact_as_in_python_or_what_float64_finds(sign: str, left: int, right: int, written: bool) -> None:
    columns = {"a": _column(left)} if written else {"a": _column(left), "b": _column(right)}
    found = of(f"a {sign} ({right})" if written else f"a {sign} b", **columns)[0]
    by_zero = sign in ("//", "%") and right == 0
    expected = None if by_zero else PYTHON[sign](left, right)
    if expected is not None and all(abs(number) < 2**63 for number in (left, right, expected)):
        assert found.dtype.kind in "iub"
        assert int(found) == expected
    elif found.dtype.kind in "iub":  # unsigned, or a comparison that float64 may round
        assert int(found) == expected or found.dtype == np.bool_
    else:
        with np.errstate(all="ignore"):
            assert_array_equal(found, NUMPY[sign](float(left), float(right)))


def _column(value: int) -> NDArray[Any]:
    return np.array([value], np.int64 if value < 2**63 else np.uint64)
