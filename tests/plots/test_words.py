"""Numbers, times and data-borne text as words."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from mltui.plots import words
from mltui.plots.axes import axis, linear
from mltui.plots.look import Look


def test_the_examples_in_the_docstrings() -> None:
    result = doctest.testmod(words)
    assert result.attempted > 5
    assert result.failed == 0


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "–"), (float("nan"), "–"), (float("inf"), "–"), (0.0834, "0.0834"), (0.99951, "1.000"),
        (-1240.0, "-1,240"),
        (999_999.0, "999,999"), (1e-12, "1e-12"), (123.456, "123"), (0.001, "0.00100"),
    ],
)  # fmt: skip
def test_numbers_have_the_digits_they_deserve(value: float | None, wanted: str) -> None:
    assert words.number(value) == wanted


@pytest.mark.parametrize(
    ("per_second", "wanted"), [(1240.4, "1,240 epochs/s"), (3.14, "3.1 epochs/s"), (0.05, "3 epochs/min"), (None, "–")]
)
def test_rates(per_second: float | None, wanted: str) -> None:
    assert words.rate(per_second, "epoch") == wanted


@pytest.mark.parametrize(
    ("given", "unicode", "ascii"),
    [
        ("pt [GeV]", "pt [GeV]", "pt [GeV]"),
        ("Straße", "Straße", "Stra?e"),
        ("x₁", "x₁", "x1"),
        ("\x1b]0;t\x07", "␛]0;t␇", "?]0;t?"),
        ("a\u200db\u200f", "a�b�", "a?b?"),
        ("\ud800", "�", "?"),
        ("日本", "日本", "??"),
        ("Δφ ≤ 2×10⁻³ ≠ µ", "Δφ ≤ 2×10⁻³ ≠ µ", "Deltaphi <= 2x10-3 != mu"),
    ],
)
def test_text_from_data_is_made_safe(given: str, unicode: str, ascii: str) -> None:
    assert words.clean(given) == unicode
    assert words.clean(given, ascii=True) == ascii


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 0.7, ["0", "0.2", "0.4", "0.6"]),
        (-6, 6, ["-5", "0", "5"]),
        (0, 1234, ["0", "500", "1,000"]),
        (0, 4e7, ["0", "1e7", "2e7", "3e7", "4e7"]),
        (1e6, 1e6 + 4, ["1e6", "1.000001e6", "1.000002e6", "1.000003e6", "1.000004e6"]),
        (0, 3e-5, ["0", "1e-5", "2e-5", "3e-5"]),
    ],
)
def test_ticks_are_round_and_told_apart(low: float, high: float, labels: list[str]) -> None:
    found = linear(low, high, 5)
    assert [label for _, label in found.ticks] == labels
    assert found.low <= low
    assert found.high >= high


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [0.0], [1e308, -1e308], [5e-324, 0.0], [1e16, 1e16 + 2]])
def test_every_range_has_an_axis(values: list[float]) -> None:
    for log in (False, True):
        found = axis(np.array(values), 5, log=log)
        assert found.high > found.low
        assert len({label for _, label in found.ticks}) == len(found.ticks)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("colours", ["16", "full"])
def test_no_two_classes_share_a_style_or_a_mark(dark: bool, colours: str) -> None:
    look = Look(colours="16" if colours == "16" else "full", dark=dark)
    assert len({look.style(f"class{code}") for code in range(10)}) == 10
    for ascii in (True, False):
        assert len({Look(ascii=ascii).mark(code, 10) for code in range(10)}) == 10
