"""Any table that is written as text comes back the same, whoever writes it and however."""

from __future__ import annotations

import csv
import io
import string
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.data.readers.raw import STANDARD_MISSING
from tests.data.texts import NAN, seen

ONE_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
LETTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\"',;|:\t")
WORDS = st.text(string.ascii_letters + "äöüß-_", min_size=1, max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.none()
WHOLE = st.integers(-(2**63), 2**63 - 1)
TABLES = st.integers(1, 12).flatmap(
    lambda rows: st.lists(
        st.one_of(
            st.tuples(st.just("float"), st.lists(FLOATS, min_size=rows, max_size=rows)),
            st.tuples(st.just("whole"), st.lists(WHOLE, min_size=rows, max_size=rows)),
            st.tuples(
                st.just("text"), st.lists(st.none() | st.text(LETTERS, max_size=10), min_size=rows, max_size=rows)
            ),
        ),
        min_size=2,
        max_size=6,
    )
)


def text_of(value: str | None) -> str | None:
    """What is left of a text: without blanks around it, and none where it means missing."""
    bare = "" if value is None else value.strip()
    return None if bare in STANDARD_MISSING else bare


def expected(kind: str, values: list[Any]) -> list[Any]:
    if kind == "text":
        return [text_of(value) for value in values]
    return [NAN if value is None else value for value in values]


def usable(columns: list[tuple[str, list[Any]]]) -> bool:
    """Whether no row would be taken for a comment or a blank one, which a text cannot tell apart."""
    firsts = [value for value in columns[0][1] if isinstance(value, str)]
    blank = [
        all(text_of(str(v if v is not None else "")) is None for v in row)
        for row in zip(*(c[1] for c in columns), strict=True)
    ]
    return not any(value.startswith("#") for value in firsts) and not any(blank)


@given(
    columns=TABLES.filter(usable),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@ONE_FOLDER
def test_tables_by_the_csv_module(
    columns: list[tuple[str, list[Any]]], separator: str, quoting: Any, newline: str, encoding: str, tmp_path: Path
) -> None:
    names = [f"{kind} {place}" for place, (kind, _) in enumerate(columns)]
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=separator, quoting=quoting, lineterminator=newline)
    writer.writerow(names)
    writer.writerows(zip(*(values for _, values in columns), strict=True))
    kinds = {name: "category" for name, (kind, _) in zip(names, columns, strict=True) if kind == "text"}
    word = "tab" if separator == "\t" else separator
    table = seen(
        tmp_path, sink.getvalue().encode(encoding), separator=word, header=True, decimal=".", skip=0, kinds=kinds
    )
    assert table.names == names
    for name, (kind, values) in zip(names, columns, strict=True):
        assert table.values[name] == expected(kind, values)


@given(columns=TABLES.filter(usable), separator=st.sampled_from([",", ";", "\t", "|"]))
@ONE_FOLDER
def test_tables_by_polars(columns: list[tuple[str, list[Any]]], separator: str, tmp_path: Path) -> None:
    types = {"float": pl.Float64, "whole": pl.Int64, "text": pl.String}
    frame = pl.DataFrame(
        [pl.Series(f"{kind}{place}", values, types[kind]) for place, (kind, values) in enumerate(columns)]
    )
    kinds = {name: "category" for name in frame.columns if name.startswith("text")}
    word = "tab" if separator == "\t" else separator
    content = frame.write_csv(separator=separator)
    table = seen(tmp_path, content, separator=word, header=True, decimal=".", skip=0, kinds=kinds)
    for place, (kind, values) in enumerate(columns):
        assert table.values[f"{kind}{place}"] == expected(kind, values)


NO_WORDS = {"inf", "infinity", "nan", "true", "false"}
GUESSABLE = st.integers(3, 20).flatmap(
    lambda rows: st.lists(
        st.one_of(
            st.lists(st.floats(-1e6, 1e6), min_size=rows, max_size=rows),
            st.lists(st.integers(-1000, 1000), min_size=rows, max_size=rows),
            st.lists(
                WORDS.filter(lambda word: word not in STANDARD_MISSING and word.lower() not in NO_WORDS),
                min_size=rows,
                max_size=rows,
            ),
        ),
        min_size=2,
        max_size=8,
    ).filter(lambda columns: any(not isinstance(column[0], str) for column in columns))
)


@given(
    columns=GUESSABLE,
    separator=st.sampled_from([",", ";", "\t", "|", " ", "  ", ", ", " ; ", ":"]),
    comma=st.booleans(),
    header=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
@ONE_FOLDER
def test_the_layout_is_guessed(
    columns: list[list[Any]], separator: str, comma: bool, header: bool, newline: str, tmp_path: Path
) -> None:
    comma = comma and "," not in separator

    def written(value: Any) -> str:
        return f"{value!r}".replace(".", ",") if comma and isinstance(value, float) else str(value)

    names = [f"name{place}" for place in range(len(columns))] if header else []
    rows = [separator.join(map(written, row)) for row in zip(*columns, strict=True)]
    table = seen(tmp_path, "\n".join([separator.join(names), *rows] if header else rows) + "\n", newline=newline)
    assert table.names == (names or [f"column_{place + 1}" for place in range(len(columns))])
    assert table.columns == columns


@given(
    content=st.binary(max_size=400)
    | st.text(max_size=200).map(str.encode)
    | st.text(" ,;\t|\"'#%\n\r0159.e-+aN", max_size=200).map(str.encode)
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_a_table_or_one_sentence(content: bytes, tmp_path: Path) -> None:
    said = ""
    try:
        table = seen(tmp_path, content)
    except InputError as error:
        said = error.sentence
        table = None
    assert (table is None) == said.startswith("t.csv")
    if table is not None:
        assert {len(values) for values in table.columns} == {table.listing.rows}


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.xz", "t.csv.bz2", "t.zip"])
@given(content=st.binary(max_size=100))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_packings_are_one_sentence(name: str, content: bytes, tmp_path: Path) -> None:
    magic = {"gz": b"\x1f\x8b\x08\0", "xz": b"\xfd7zXZ\0", "bz2": b"BZh9", "zip": b"PK\x03\x04"}[name.rsplit(".", 1)[1]]
    with pytest.raises(InputError) as caught:
        seen(tmp_path, magic + content, name=name)
    assert name in caught.value.sentence
