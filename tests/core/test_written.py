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
        ("b = [1.root, 2.root]", [{"label": "b", "files": ("1.root", "2.root")}]),
        (
            "b = z.root:T {process = Z, weight = 1, cut = max(x, y) > 3, cross_section = 6e3, generated=1000}, s = a",
            [
                {
                    "label": "b",
                    "files": ("z.root",),
                    "tree": "T",
                    "process": "Z",
                    "weight": "1",
                    "cut": "max(x, y) > 3",
                    "cross_section": 6000.0,
                    "generated": 1000,
                },
                {"label": "s", "files": ("a",)},
            ],
        ),
        ('"" = z.root {process = Z}', [{"files": ("z.root",), "process": "Z"}]),
        (
            "JES_up = {pt = pt_up, eta = eta * 1.1}",
            [{"name": "JES_up", "replace": {"pt": "pt_up", "eta": "eta * 1.1"}}],
        ),
        (
            "pu = {weight = w_up, process = Z}, alt={files = [a.root, b.root]}",
            [
                {"name": "pu", "weight": "w_up", "process": "Z"},
                {"name": "alt", "files": ("a.root", "b.root")},
            ],
        ),
        (
            "alt = {files = a.root, process = Z, generated = 2e6}",
            [{"name": "alt", "files": ("a.root",), "process": "Z", "generated": 2e6}],
        ),
        ("w = {replace = {weight = 2, process = 3}}", [{"name": "w", "replace": {"weight": 2, "process": 3}}]),
    ],
)
def test_entries_as_a_person_types_them(text: str, entries: list[dict[str, Any]]) -> None:
    assert ENTRIES.parse(text) == tuple(entries)
    assert ENTRIES.parse(ENTRIES.format(ENTRIES.parse(text))) == tuple(entries)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("signal", "must be written name = value"),
        ("a = {pt}", "must be written name = value"),
        ("a = f.csv {weight = 1, weight = 2}", "says weight twice for a"),
        ("a = {pt = x, pt = y}", "says pt twice for a"),
    ],
)
def test_what_is_no_entry_is_told_how_to_write_one(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ENTRIES.parse(text)


numbers = st.floats(1e-9, 1e9) | st.integers(1, 10**9)
file_lists = st.lists(texts.filter(bool), min_size=1, max_size=3).map(tuple)
samples = st.fixed_dictionaries(
    {"files": file_lists},
    optional={
        **dict.fromkeys(("label", "process", "tree", "weight", "cut"), texts),
        **dict.fromkeys(("cross_section", "generated"), numbers),
    },
)
names = texts.filter(bool) | st.sampled_from(["weight", "files", "name", "replace", "process", "generated"])
variations = st.fixed_dictionaries(
    {"name": texts.filter(bool)},
    optional={
        "replace": st.dictionaries(names, scalars, min_size=1, max_size=3),
        "files": file_lists,
        "weight": texts,
        "process": texts,
        "generated": numbers,
    },
)


@given(st.lists(samples, max_size=3).map(tuple) | st.lists(variations, max_size=3).map(tuple))
def test_entries_are_read_back_whatever_they_hold(entries: tuple[dict[str, Any], ...]) -> None:
    back: Any = ENTRIES.parse(ENTRIES.format(entries))
    assert back == entries
    assert [sorted(entry) for entry in back] == [sorted(entry) for entry in entries]


@pytest.mark.parametrize("value", [3, [3], {"a": 1}])
def test_what_is_no_list_of_tables_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be a (list of tables|table)"):
        ENTRIES.check(value)


@pytest.mark.parametrize("value", [3, [1]])
def test_what_is_no_table_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be a table"):
        TABLE.check(value)


def test_a_line_may_stand_for_what_it_writes() -> None:
    """As after --set."""
    assert TABLE.check("year = category") == {"year": "category"}
    assert ENTRIES.check("JES_up = {pt = pt_up}") == ({"name": "JES_up", "replace": {"pt": "pt_up"}},)
    with pytest.raises(ValueError, match="must be written name = value"):
        TABLE.check("x")


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
