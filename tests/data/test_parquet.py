"""Parquet files: every type becomes what it means, only what is asked for is read, and no lie is believed."""

from __future__ import annotations

import datetime as dt
import random
import struct
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.data.readers.parquet import READER
from mltui.data.readers.raw import Bound, Field, How, Raw
from tests.data.opening import Opening

FILES = Path(__file__).parent / "files" / "parquet"
DAY = 86_400.0


OPENING = Opening(READER)
listed, chunks, read, refused = OPENING.listed, OPENING.chunks, OPENING.read, OPENING.refused


def field(path: Path, name: str, how: How | None = None) -> Field:
    return next(field for field in listed(path, how).fields if field.name == name)


def written(tmp_path: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = tmp_path / "table.parquet"
    pl.DataFrame(columns).write_parquet(path, **options)
    return path


def texts(raw: Raw) -> list[str | None]:
    assert raw.categories is not None
    return [None if code == -1 else raw.categories[code] for code in raw.values.tolist()]


def lists(raw: Raw) -> list[list[float]]:
    assert raw.offsets is not None
    return [raw.values[a:b].tolist() for a, b in zip(raw.offsets[:-1], raw.offsets[1:], strict=True)]


# -- types ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.Float32, pl.Float64])
def test_numbers_keep_their_type(dtype: type[pl.DataType], tmp_path: Path) -> None:
    path = written(tmp_path, {"x": pl.Series([1, 2, 100], dtype=dtype)})
    values = read(path)["x"].values
    assert values.dtype == pl.Series([], dtype=dtype).to_numpy().dtype
    assert values.tolist() == [1, 2, 100]
    assert field(path, "x").kind == "number"


def test_unsigned_numbers_are_whole_where_int64_holds_them_and_floating_beyond(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"u": pl.Series([1, 2**63 - 1], dtype=pl.UInt64), "v": pl.Series([1, 2**63], dtype=pl.UInt64)}
    )
    columns = read(path)
    assert columns["u"].values.dtype == np.int64
    assert columns["u"].values.tolist() == [1, 2**63 - 1]
    assert columns["v"].values.tolist() == [1.0, 2.0**63]


def test_what_is_missing_is_nan(tmp_path: Path) -> None:
    path = written(tmp_path, {"n": [1, None, 3], "x": [1.5, None, float("nan")], "b": [True, None, False]})
    columns = read(path)
    assert np.array_equal(columns["n"].values, [1, np.nan, 3], equal_nan=True)
    assert np.array_equal(columns["x"].values, [1.5, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(columns["b"].values, [1, np.nan, 0], equal_nan=True)


def test_truth_values_and_decimals(tmp_path: Path) -> None:
    path = written(tmp_path, {"b": [True, False], "d": [Decimal("1.25"), Decimal("-3.50")]})
    columns = read(path)
    assert columns["b"].values.dtype == np.bool_
    assert columns["d"].values.tolist() == [1.25, -3.5]


def test_texts_categories_and_enums_become_sorted_categories(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "s": ["mu", " e", None, "?"],
            "c": pl.Series(["b", "a", "b", None], dtype=pl.Categorical),
            "e": pl.Series(["low", "high", "low", "low"], dtype=pl.Enum(["low", "high"])),
        },
    )
    columns = read(path)
    assert {name: field(path, name).kind for name in columns} == dict.fromkeys("sce", "category")
    assert texts(columns["s"]) == ["mu", "e", None, None]
    assert columns["c"].categories == ("a", "b")
    assert texts(columns["c"]) == ["b", "a", "b", None]
    assert columns["e"].categories == ("high", "low")


def test_texts_that_are_numbers_are_numbers_unless_the_user_says_what_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": ["1", "NA", "2.5"] * 500 + ["oops"]})
    column = read(path)["x"]
    assert field(path, "x").kind == "number"
    assert column.values[[0, 2]].tolist() == [1, 2.5]
    assert int(np.isnan(column.values).sum()) == 501
    assert column.odd == 1
    said = How(kinds={"x": "category"})
    assert field(path, "x", said).kind == "category"
    assert texts(read(path, said)["x"])[-1] == "oops"


def test_the_users_own_signs_for_missing(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": ["1", "-", "3"]})
    assert field(path, "x").kind == "category"
    assert np.array_equal(read(path, How(missing=frozenset({"-"})))["x"].values, [1, np.nan, 3], equal_nan=True)


def test_dates_times_and_lengths_of_time(tmp_path: Path) -> None:
    moment = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
    path = written(
        tmp_path,
        {
            "day": [dt.date(1970, 1, 2), None],
            "moment": pl.Series([moment.replace(tzinfo=None), None], dtype=pl.Datetime("ns")),
            "zoned": pl.Series([moment, None]).dt.convert_time_zone("Europe/Berlin"),
            "clock": [dt.time(18), None],
            "lasted": [dt.timedelta(minutes=2), None],
        },
    )
    columns = read(path)
    expected = {"day": 1.0, "moment": moment.timestamp() / DAY, "zoned": moment.timestamp() / DAY, "clock": 0.75}
    for name, value in expected.items():
        assert columns[name].date
        assert field(path, name).kind == "date"
        assert np.array_equal(columns[name].values, [value, np.nan], equal_nan=True)
    assert np.array_equal(columns["lasted"].values, [120, np.nan], equal_nan=True)
    assert field(path, "lasted") == Field("lasted", unit="s")


def test_lists_of_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, {"l": [[1.5, 2.0], [], None, [3.0]], "n": [[1], [2, 3], [], [4]]})
    columns = read(path)
    assert field(path, "l").kind == "list"
    assert lists(columns["l"]) == [[1.5, 2], [], [], [3]]
    assert lists(columns["n"]) == [[1], [2, 3], [], [4]]
    assert columns["l"].missing.tolist() == [False, True, True, False]


def test_arrays_of_one_shape_are_images(tmp_path: Path) -> None:
    pixels = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    path = written(
        tmp_path, {"im": pl.Series([pixels[0].tolist(), None, pixels[1].tolist()], dtype=pl.Array(pl.Float32, (2, 3)))}
    )
    assert field(path, "im") == Field("im", "image", shape=(2, 3))
    image = read(path)["im"]
    assert image.values.dtype == np.float32
    assert np.array_equal(image.values[[0, 2]], pixels)
    assert image.missing.tolist() == [False, True, False]


def test_structures_are_taken_apart(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"jet": [{"pt": 1.5, "tag": {"name": "b"}}, {"pt": 2.5, "tag": None}, None], "y": [0, 1, 0]}
    )
    columns = read(path)
    assert list(columns) == ["jet.pt", "jet.tag.name", "y"]
    assert np.array_equal(columns["jet.pt"].values, [1.5, 2.5, np.nan], equal_nan=True)
    assert texts(columns["jet.tag.name"]) == ["b", None, None]


def test_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "raw": [b"\x89PNG\xff", b"\x00"],
            "text": [b"caf\xc3\xa9", None],
            "words": [["a"], ["b"]],
            "deep": [[[1]], [[2]]],
            "parts": [[{"a": 1}], []],
            "none": pl.Series([None, None], dtype=pl.Null),
        },
    )
    assert listed(path).unusable == {
        "raw": "holds raw bytes",
        "words": "holds a list of texts in each row",
        "deep": "holds a list of lists in each row",
        "parts": "holds a list of structures in each row",
        "none": "has no values",
    }
    assert texts(read(path)["text"]) == ["café", None]


# -- files that others wrote ---------------------------------------------------------------------------------------


def test_texts_that_nobody_called_so_and_times_of_96_bits() -> None:
    columns = read(FILES / "alltypes_plain.parquet")
    assert texts(columns["date_string_col"])[:2] == ["03/01/09", "03/01/09"]
    assert columns["string_col"].values.tolist() == [0, 1] * 4
    first = dt.datetime(2009, 3, 1, tzinfo=dt.UTC).timestamp() / DAY
    assert columns["timestamp_col"].values[0] == first
    spark = read(FILES / "int96_from_spark.parquet")["a"]
    assert spark.date
    assert spark.values[0] == pytest.approx(dt.datetime(2024, 1, 1, 20, 34, 56, 123456, dt.UTC).timestamp() / DAY)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nan_in_stats", {"x": [1, np.nan]}),
        ("single_nan", {"mycol": [np.nan]}),
        ("nulls.snappy", {"b_struct.b_c_int": [np.nan] * 8}),
    ],
)
def test_nothing_but_nan(name: str, expected: dict[str, list[float]]) -> None:
    columns = read(FILES / f"{name}.parquet")
    assert list(columns) == list(expected)
    for column, values in expected.items():
        assert np.array_equal(columns[column].values, values, equal_nan=True)


def test_lists_of_others() -> None:
    columns = read(FILES / "list_columns.parquet")
    assert np.array_equal(columns["int64_list"].values, [1, 2, 3, np.nan, 1, 4], equal_nan=True)
    assert listed(FILES / "nested_lists.snappy.parquet").unusable == {"a": "holds a list of lists in each row"}


def test_files_that_contradict_themselves() -> None:
    assert "claims 0 rows, its row groups have 6" in refused(FILES / "repeated_no_annotation.parquet")
    assert "cannot be read as Parquet" in refused(FILES / "dict-page-offset-zero.parquet")


# -- what is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["lz4", "snappy", "zstd", "gzip", "brotli", "uncompressed"])
def test_chunks_are_the_table_in_order_whatever_the_row_groups(compression: Any, tmp_path: Path) -> None:
    x = np.arange(1000) * 0.5
    path = written(
        tmp_path, {"x": x, "s": [f"{i % 7}a" for i in range(1000)]}, compression=compression, row_group_size=130
    )
    pieces = chunks(path, size=150)
    assert max(len(piece) for piece in pieces) <= 150
    assert np.array_equal(np.concatenate([piece.columns["x"].values for piece in pieces]), x)
    assert np.concatenate([piece.entry for piece in pieces]).tolist() == list(range(1000))
    assert [text for piece in pieces for text in texts(piece.columns["s"])] == [f"{i % 7}a" for i in range(1000)]
    assert np.array_equal(read(path, rows=321)["x"].values, x[:321])


def test_the_listing_tells_rows_and_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [1.0] * 10, "f": pl.Series([1.0] * 10, dtype=pl.Float32), "b": [True] * 10})
    listing = listed(path)
    assert (listing.rows, listing.exact, listing.row_bytes, listing.tables) == (10, True, 13, ())


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "=="])
def test_rows_that_a_cut_throws_away_are_passed_over_and_no_others(sign: Any, tmp_path: Path) -> None:
    x = np.arange(1000) // 7
    path = written(tmp_path, {"x": x, "f": x.astype(np.float32) + np.float32(0.1)}, row_group_size=100)
    for name in ("x", "f"):
        values = x if name == "x" else x.astype(np.float32) + np.float32(0.1)
        number = float(values[500])
        kept = chunks(path, bounds=[Bound(name, sign, number)])
        entries = np.concatenate([piece.entry for piece in kept])
        wanted = {"<": values < number, "<=": values <= number, ">": values > number, ">=": values >= number}
        wanted["=="] = values == number
        assert set(np.flatnonzero(wanted[sign])) <= set(entries.tolist())
        assert len(entries) < 1000
        assert np.array_equal(np.concatenate([piece.columns["x"].values for piece in kept]), x[entries])


def test_a_cut_that_no_row_group_fulfils_gives_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [1.0, 2.0]})
    assert chunks(path, bounds=[Bound("x", ">", 5)]) == []
    assert len(read(FILES / "nan_in_stats.parquet", bounds=[Bound("x", "<", 3)])["x"]) == 2


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [1.0, 2, 3], "broken": ["a", "b", "c"]}, compression="uncompressed")
    with READER.open(path, How()) as source:
        whole = path.read_bytes()
        start = whole.index(b"\x01\x00\x00\x00a\x01\x00\x00\x00b")
        path.write_bytes(whole[: start - 20] + b"\xff" * 30 + whole[start + 10 :])
        (chunk,) = source.chunks(["x"])
        assert chunk.columns["x"].values.tolist() == [1, 2, 3]
        with pytest.raises(InputError, match="cannot be read as Parquet"):
            list(source.chunks(["broken"]))


cells = {
    "f": st.floats(width=64, allow_nan=False) | st.none(),
    "i": st.integers(-(2**63), 2**63 - 1),
    "b": st.booleans() | st.none(),
    "s": st.sampled_from(["x", "ä", "long " * 20, "[bold]"]) | st.none(),
    "l": st.lists(st.integers(-9, 9), max_size=3),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    rows=st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=20),
    group=st.integers(1, 9),
    size=st.integers(1, 9),
)
def test_any_table_goes_to_a_file_and_back(rows: list[dict[str, Any]], group: int, size: int, tmp_path: Path) -> None:
    schema: dict[str, Any] = {"f": pl.Float64, "i": pl.Int64, "b": pl.Boolean, "s": pl.String, "l": pl.List(pl.Int64)}
    path = tmp_path / "any.parquet"
    pl.DataFrame(rows, schema=schema).write_parquet(path, row_group_size=group)
    pieces = chunks(path, size=size)
    back: list[dict[str, Any]] = []
    for piece in pieces:
        columns: dict[str, list[Any]] = {name: piece.columns[name].values.tolist() for name in "fib"}
        columns |= {"s": texts(piece.columns["s"]), "l": lists(piece.columns["l"])}
        back += [{name: columns[name][row] for name in columns} for row in range(len(piece))]
    expected = [
        {**row, "f": np.nan if row["f"] is None else row["f"], "b": np.nan if row["b"] is None else row["b"]}
        for row in rows
    ]
    expected = [{**row, "s": row["s"] and row["s"].strip()} for row in expected]
    assert len(back) == len(expected)
    for one, other in zip(back, expected, strict=True):
        assert {name: one[name] for name in "sli"} == {name: other[name] for name in "sli"}
        assert np.array_equal([one["f"], one["b"]], [other["f"], other["b"]], equal_nan=True)


# -- lies ----------------------------------------------------------------------------------------------------------


def number(value: int) -> bytes:
    """As Thrift writes a whole number."""
    value = (value << 1) ^ (value >> 63)
    found = b""
    while value >= 128:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def lying(tmp_path: Path, truth: int, claim: int, which: int | None = None) -> Path:
    """A file of `truth` rows, in whose footer this number is replaced: everywhere, or at one of its places."""
    path = written(tmp_path, {"x": np.arange(truth) * 1.5}, compression="uncompressed", statistics=False)
    whole = path.read_bytes()
    length = struct.unpack("<I", whole[-8:-4])[0]
    body, footer = whole[: -8 - length], whole[-8 - length : -8]
    parts = footer.split(number(truth))
    assert len(parts) > 3
    places = range(len(parts) - 1) if which is None else [which]
    footer = b"".join(
        part + (number(claim if i in places else truth) if i < len(parts) - 1 else b"") for i, part in enumerate(parts)
    )
    path.write_bytes(body + footer + struct.pack("<I", len(footer)) + b"PAR1")
    return path


@pytest.mark.parametrize("which", [None, 0, 1, 2])
def test_a_footer_that_claims_far_more_rows_than_there_are(which: int | None, tmp_path: Path) -> None:
    sentence = refused(lying(tmp_path, 12_345, 10**11, which))
    assert sentence.startswith("table.parquet cannot be read as Parquet: ")
    assert "100,000,000,000" in sentence


def test_rows_claimed_in_one_accord_but_not_in_the_pages(tmp_path: Path) -> None:
    assert "cannot be read as Parquet" in refused(lying(tmp_path, 12_345, 12_345_678))


def test_a_page_that_claims_to_unpack_to_gigabytes(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": np.arange(5000) * 1.5}, compression="zstd", statistics=False)
    whole = path.read_bytes()
    with READER.open(path, How()) as source:
        header = whole.index(b"\x15", 4)
        end = header + 1
        while whole[end] != 0x15:
            end += 1
        end += 1
        unpacked = end
        while whole[end] & 128:
            end += 1
        size = end + 1 - unpacked
        claim = number(2**31 - 1)[:size]
        path.write_bytes(whole[:unpacked] + claim[:-1] + bytes([claim[-1] & 127]) + whole[end + 1 :])
        with pytest.raises(InputError, match="cannot be read as Parquet"):
            list(source.chunks(["x"]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda whole: b"", "does not begin as one"),
        (lambda whole: b"PK" + whole[2:], "does not begin as one"),
        (lambda whole: whole[: len(whole) // 2], "its end is missing"),
        (lambda whole: whole[:-8] + struct.pack("<I", 2**31) + b"PAR1", "its footer is longer than the file"),
        (lambda whole: whole[:-12] + b"\xff" * 4 + whole[-8:], "cannot be read as Parquet"),
    ],
)
def test_damage_is_one_sentence(change: Any, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, {"x": [1.0, 2.0]})
    path.write_bytes(change(path.read_bytes()))
    assert said in refused(path)


def test_a_table_without_rows(tmp_path: Path) -> None:
    assert refused(written(tmp_path, {"x": pl.Series([], dtype=pl.Float64)})) == "table.parquet has no rows"


def test_random_damage_is_read_or_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"x": np.arange(300) * 0.5, "s": ["a", "bb", None] * 100, "l": [[1], [], [2, 3]] * 100},
        row_group_size=100,
    )
    whole = path.read_bytes()
    keys = set()
    random_numbers = random.Random(7)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(random_numbers.randint(1, 6)):
            damaged[random_numbers.randrange(len(damaged))] = random_numbers.randrange(256)
        path.write_bytes(damaged)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                chunks(path)
        except InputError as error:
            keys.add(error.key)
    assert keys == {"data.files"}
