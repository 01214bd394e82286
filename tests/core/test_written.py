"""Lists, tables and samples on one line: what a person types is read, and what is shown is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core import written
from mltui.core.hyperparameters import Hyperparameter

TABLE = Hyperparameter(name="kinds", kind="table", default={}, help="Kinds.")
ENTRIES = Hyperparameter(name="samples", kind="entries", default=(), help="Samples.")

texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), max_size=12)
scalars = texts | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("", {}),
        ("year = category", {"year": "category"}),
        ("a = number, b=ordered ,c = 3", {"a": "number", "b": "ordered", "c": 3}),
        ("size = [S, M, L], when = %d.%m.%Y", {"size": ("S", "M", "L"), "when": "%d.%m.%Y"}),
        ('{ "a, b" = "x = y" }', {"a, b": "x = y"}),
        ("m_jj = di-jet mass [GeV]", {"m_jj": "di-jet mass [GeV]"}),
        ("+0.0 = a, true = b", {"+0.0": "a", "true": "b"}),
        ("n = [1, 2.5, true]", {"n": (1, 2.5, True)}),
    ],
)
def test_a_table_as_a_person_types_it(text: str, table: dict[str, Any]) -> None:
    assert TABLE.parse(text) == table


@pytest.mark.parametrize("text", ["year", "= 3", "a = 1, b"])
def test_what_is_no_table_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="must be written name = value"):
        TABLE.parse(text)


@given(st.dictionaries(texts.filter(bool), scalars | st.lists(scalars, max_size=3).map(tuple), max_size=4))
def test_a_table_reads_back_whatever_it_holds(table: dict[str, Any]) -> None:
    back: Any = TABLE.parse(TABLE.format(table))
    assert back == table
    assert [type(value) for value in back.values()] == [type(value) for value in table.values()]


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("signal = s.root", [{"label": "signal", "files": ("s.root",)}]),
        ("s = a.root:TreeS", [{"label": "s", "files": ("a.root",), "tree": "TreeS"}]),
        (
            "s = root://host//a.root, b = root://host//b.root:deep/tree",
            [
                {"label": "s", "files": ("root://host//a.root",)},
                {"label": "b", "files": ("root://host//b.root",), "tree": "deep/tree"},
            ],
        ),
        ('"my signal" = "a, b.csv"', [{"label": "my signal", "files": ("a, b.csv",)}]),
        ("b = bkg/*.parquet", [{"label": "b", "files": ("bkg/*.parquet",)}]),
    ],
)
def test_samples_as_a_person_types_them(text: str, entries: list[dict[str, Any]]) -> None:
    assert ENTRIES.parse(text) == tuple(entries)
    assert ENTRIES.parse(ENTRIES.format(ENTRIES.parse(text))) == tuple(entries)


@pytest.mark.parametrize("value", [3, "signal", [3], {"a": 1}])
def test_what_is_no_list_of_tables_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be a (list of tables|table)"):
        ENTRIES.check(value)


@pytest.mark.parametrize("value", [3, "x", [1]])
def test_what_is_no_table_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be a table"):
        TABLE.check(value)


def test_a_table_holds_plain_values_and_lists_of_them() -> None:
    with pytest.raises(ValueError, match="has None for a, and must have a text, a number or a list of them"):
        TABLE.check({"a": None})
    with pytest.raises(ValueError, match="for a, and must have"):
        TABLE.check({"a": {"b": 1}})
    assert TABLE.check({"a": [1, "b"], "c": True}) == {"a": (1, "b"), "c": True}


@given(st.text(max_size=60))
def test_any_line_is_pieces_or_nothing(text: str) -> None:
    assert all(piece == piece.strip() != "" for piece in written.pieces(text))


@given(st.lists(texts.map(str.strip).filter(bool).map(written.quoted), max_size=5))
def test_pieces_are_what_was_joined(texts: list[str]) -> None:
    assert list(written.pieces(", ".join(texts))) == texts
