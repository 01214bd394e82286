"""NPY and NPZ files: arrays of one length are a table; nothing is unpickled and nothing believed that does not fit."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mltui.core.errors import InputError
from mltui.data.readers.arrays import READER
from mltui.data.readers.raw import Field, How
from tests.data.opening import Opening, texts

RNG = np.random.default_rng(3)


OPENING = Opening(READER)
listed, chunks, read, refused = OPENING.listed, OPENING.chunks, OPENING.read, OPENING.refused


def npy(tmp_path: Path, array: Any) -> Path:
    np.save(tmp_path / "a.npy", array)
    return tmp_path / "a.npy"


def npz(tmp_path: Path, *, packed: bool = False, **arrays: Any) -> Path:
    (np.savez_compressed if packed else np.savez)(tmp_path / "a.npz", **arrays)
    return tmp_path / "a.npz"


# -- what is a column ----------------------------------------------------------------------------------------------


def test_arrays_of_one_length_are_the_columns(tmp_path: Path) -> None:
    path = npz(
        tmp_path,
        x=np.arange(4) / 2,
        n=np.arange(4, dtype=np.int16),
        b=np.array([True, False, True, True]),
        threshold=0.5,
    )
    columns = read(path)
    assert {name: raw.values.tolist() for name, raw in columns.items()} == {
        "x": [0, 0.5, 1, 1.5],
        "n": [0, 1, 2, 3],
        "b": [True, False, True, True],
    }
    assert {name: raw.values.dtype for name, raw in columns.items()} == {"x": float, "n": np.int16, "b": bool}
    assert listed(path).tables == ()


def test_a_2_d_array_is_columns_by_number_beside_its_labels(tmp_path: Path) -> None:
    features = RNG.normal(size=(5, 3))
    columns = read(npz(tmp_path, X=features, y=np.arange(5) % 2))
    assert list(columns) == ["X_0", "X_1", "X_2", "y"]
    assert np.array_equal(np.column_stack([columns[f"X_{i}"].values for i in range(3)]), features)


def test_a_2_d_array_takes_its_names_from_an_array_of_names(tmp_path: Path) -> None:
    path = npz(tmp_path, X=np.ones((5, 2)), y=np.arange(5), feature_names=np.array(["pt", "eta"]))
    assert listed(path).names == ("pt", "eta", "y")
    assert listed(path).tables == ()


def test_a_table_of_another_name_is_not_there(tmp_path: Path) -> None:
    path = npy(tmp_path, np.ones((5, 3)))
    assert listed(path, How(tree="a")).names == ("a_0", "a_1", "a_2")
    assert refused(path, How(tree="b"), "data.tree") == "there is no table 'b' in a.npy; known here: a."


def test_the_user_names_the_columns(tmp_path: Path) -> None:
    path = npy(tmp_path, np.ones((5, 3)))
    assert listed(path).names == ("a_0", "a_1", "a_2")
    assert listed(path, How(columns=("u", "v", "w"))).names == ("u", "v", "w")
    assert refused(path, How(columns=("u", "v")), "data.columns") == "data.columns has 2 names, and a.npy has 3 columns"
    assert refused(path, How(columns=("u", "v", "u")), "data.columns") == "data.columns names 'u' twice"


def test_fields_of_a_structured_array_are_columns(tmp_path: Path) -> None:
    kind = np.dtype([("i", ">i4"), ("f", "f2"), ("s", "U5"), ("d", "M8[D]"), ("v", "f4", (2,)), ("in", [("z", "c16")])])
    rows = [(1, 2.5, "x", "2020-01-01", [1, 2], (1 + 2j,)), (2, 3.5, "None", "NaT", [3, 4], (3 - 1j,))]
    path = npy(tmp_path, np.array(rows, kind))
    columns = read(path)
    assert columns["i"].values.dtype == np.int32
    assert columns["i"].values.tolist() == [1, 2]
    assert columns["f"].values.dtype == np.float32
    assert texts(columns["s"]) == ["x", None]
    assert columns["d"].date
    assert np.array_equal(columns["d"].values, [18262, np.nan], equal_nan=True)
    assert columns["v_1"].values.tolist() == [2, 4]
    assert columns["in.z.real"].values.tolist() == [1, 3]
    assert columns["in.z.imag"].values.tolist() == [2, -1]


@pytest.mark.parametrize("dtype", [">f8", "<f4", "f2", "g", ">i2", "u1", ">u8", "?"])
def test_every_number_becomes_one_of_the_machine(dtype: str, tmp_path: Path) -> None:
    values = read(npy(tmp_path, np.array([0, 1, 1], dtype)))["a"].values
    assert values.dtype.isnative
    assert values.dtype.kind == np.dtype(dtype).kind or dtype == ">u8"
    assert values.dtype.itemsize in (1, 2, 4, 8)
    assert values.tolist() == [0, 1, 1]


def test_numbers_beyond_int64_are_floating(tmp_path: Path) -> None:
    assert read(npy(tmp_path, np.array([1, 2**64 - 1], np.uint64)))["a"].values.tolist() == [1, 2.0**64]


def test_texts_are_categories_or_numbers(tmp_path: Path) -> None:
    path = npz(
        tmp_path,
        s=np.array([b"b", b"a", b"\xe4"]),
        n=np.array(["1", "?", "2.5"]),
        big=np.array(["x", "y"] * 2)[:3].astype(">U9"),
    )
    columns = read(path)
    assert texts(columns["s"]) == ["b", "a", "ä"]
    assert np.array_equal(columns["n"].values, [1, np.nan, 2.5], equal_nan=True)
    assert texts(columns["big"]) == ["x", "y", "x"]
    assert texts(read(path, How(kinds={"n": "category"}))["n"]) == ["1", None, "2.5"]


def test_letters_that_are_none_are_shown_as_such(tmp_path: Path) -> None:
    array = np.array(["ab", "cd"])
    array.view(np.uint32)[0] = 0x7FFFFFFF
    array.view(np.uint32)[2] = 0xD800
    assert texts(read(npy(tmp_path, array))["a"]) == ["\ufffdb", "\ufffdd"]


def test_times(tmp_path: Path) -> None:
    path = npz(tmp_path, at=np.array(["2020-01-01T12", "NaT"], "M8[h]"), took=np.array([90, 30], "m8[s]"))
    columns = read(path)
    assert np.array_equal(columns["at"].values, [18262.5, np.nan], equal_nan=True)
    assert columns["took"].values.tolist() == [90, 30]
    assert listed(path).fields == (Field("at", "date"), Field("took", unit="s"))


@pytest.mark.parametrize(
    ("shape", "row", "axes"),
    [
        ((6, 8, 8), (8, 8), None),
        ((6, 3, 8, 9), (8, 9, 3), 1),
        ((6, 8, 9, 3), (8, 9, 3), None),
        ((6, 2, 3, 4, 5), (2, 3, 4, 5), None),
    ],
)
def test_more_dimensions_are_an_image_a_row_with_colours_last(
    shape: tuple[int, ...], row: tuple[int, ...], axes: int | None, tmp_path: Path
) -> None:
    pixels = RNG.integers(0, 255, shape).astype(np.uint8)
    path = npz(tmp_path, images=pixels, y=np.arange(6))
    assert listed(path).fields[0] == Field("images", "image", shape=row)
    values = read(path)["images"].values
    assert values.dtype == np.uint8
    assert np.array_equal(values, pixels if axes is None else np.moveaxis(pixels, axes, -1))
    assert listed(path).row_bytes == int(np.prod(row)) + 8


def test_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    path = npz(tmp_path, x=np.arange(3), v=np.zeros(3, "V4"), c=np.zeros((3, 2, 2), complex))
    assert listed(path).unusable == {
        "v": "holds raw bytes",
        "c": "holds what are no plain numbers side by side in each row",
    }


# -- which table ---------------------------------------------------------------------------------------------------


def test_training_and_test_arrays_are_two_tables_with_the_same_columns(tmp_path: Path) -> None:
    path = npz(
        tmp_path,
        packed=True,
        x_train=np.zeros((6, 4, 4), np.uint8),
        y_train=np.arange(6),
        x_test=np.ones((2, 4, 4), np.uint8),
        y_test=np.arange(2),
    )
    assert refused(path, key="data.tree") == "a.npz has 2 tables, choose one of train (6 rows), test (2 rows)"
    for tree, rows in (("train", 6), ("test", 2), ("x_test", 2)):
        listing = listed(path, How(tree=tree))
        assert (listing.names, listing.rows, listing.tables) == (("x", "y"), rows, ("train", "test"))
        assert listing.guesses == {}
    guessed = listed(path, How(guess_table=True))
    assert (guessed.table, guessed.guesses) == ("train", {"tree": "train"})


def test_arrays_of_other_lengths_are_other_tables(tmp_path: Path) -> None:
    path = npz(tmp_path, a=np.arange(9), b=np.arange(9), c=np.arange(5), nothing=np.zeros(0))
    assert "a (9 rows), c (5 rows)" in refused(path, key="data.tree")
    assert listed(path, How(tree="b")).names == ("a", "b")
    assert listed(path, How(tree="c")).rows == 5
    assert refused(path, How(tree="cc"), "data.tree") == "there is no table 'cc' in a.npz; did you mean c?"


# -- what is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_chunks_are_the_table_in_order(packed: bool, tmp_path: Path) -> None:
    x, y = RNG.normal(size=(1000, 4)), RNG.integers(0, 9, 1000)
    path = npz(tmp_path, packed=packed, x=x, y=y, f=np.asfortranarray(x))
    pieces = chunks(path, names=("y", "x_3", "f_1"), size=130)
    assert max(len(piece) for piece in pieces) <= 130
    assert np.array_equal(np.concatenate([piece.columns["x_3"].values for piece in pieces]), x[:, 3])
    assert np.array_equal(np.concatenate([piece.columns["f_1"].values for piece in pieces]), x[:, 1])
    assert np.array_equal(np.concatenate([piece.columns["y"].values for piece in pieces]), y)
    assert np.array_equal(np.concatenate([piece.entry for piece in pieces]), np.arange(1000))
    assert np.array_equal(read(path, rows=17)["y"].values, y[:17])


def test_a_file_of_many_gigabytes_is_looked_at_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        header: dict[str, Any] = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 4)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 32 * 10**9)
    listing = listed(path)
    assert (listing.rows, listing.row_bytes) == (10**9, 32)
    assert read(path, rows=3)["a_2"].values.tolist() == [0, 0, 0]


dtypes = st.sampled_from([np.dtype(name) for name in ("f4", ">f8", "i1", ">i8", "u2", "?", "f2")])
arrays = dtypes.flatmap(
    lambda dtype: hnp.arrays(
        dtype, st.tuples(st.just(7), st.integers(2, 4)), elements={"allow_nan": False} if dtype.kind == "f" else None
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    columns=st.dictionaries(st.sampled_from("abc"), arrays, min_size=1), packed=st.booleans(), size=st.integers(1, 8)
)
def test_any_arrays_go_to_a_file_and_back(columns: dict[str, Any], packed: bool, size: int, tmp_path: Path) -> None:
    pieces = chunks(npz(tmp_path, packed=packed, **columns), size=size)
    for name, array in columns.items():
        back = [
            np.concatenate([piece.columns[f"{name}_{i}"].values for piece in pieces]) for i in range(array.shape[1])
        ]
        assert np.array_equal(np.column_stack(back), array)


# -- lies ----------------------------------------------------------------------------------------------------------


def claiming(path: Path, shape: object, descr: object = "<f8", data: bytes = b"\0" * 80) -> Path:
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text + data)
    return path


@pytest.mark.parametrize(
    ("shape", "descr"),
    [
        ((10**8,), "<f8"),
        ((10**18, 10**18), "<f8"),
        ((5,), "<f8"),
        ((10,), "|V2000000000"),
        ((-10,), "<f8"),
        ((10.0,), "<f8"),
        ("10", "<f8"),
        ((10,), "<q9"),
        ((10,), [("x", "<f8"), ("x", "<f8")]),
    ],
)
def test_a_header_that_lies(shape: object, descr: object, tmp_path: Path) -> None:
    assert refused(claiming(tmp_path / "a.npy", shape, descr)).startswith("a.npy cannot be read as NumPy arrays: ")


@pytest.mark.parametrize("descr", ["|S0", "|V0"])
def test_rows_of_nothing(descr: str, tmp_path: Path) -> None:
    assert refused(claiming(tmp_path / "a.npy", (10**15,), descr, b"")).startswith("a.npy ")


def test_a_header_that_says_how_much_is_missing(tmp_path: Path) -> None:
    assert refused(claiming(tmp_path / "a.npy", (10**8, 3))) == (
        "a.npy cannot be read as NumPy arrays: it claims 100,000,000 x 3 values of 8 bytes in 80 bytes"
    )


def test_a_header_nested_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    text = b"(" * 60_000
    path.write_bytes(b"\x93NUMPY\x02\0" + len(text).to_bytes(4, "little") + text)
    assert "nested too deeply" in refused(path)


def test_pickled_objects_are_never_unpickled(tmp_path: Path) -> None:
    assert (
        refused(npy(tmp_path, np.array([print, None]))) == "a.npy holds pickled objects, and nothing is unpickled here"
    )
    path = npz(tmp_path, x=np.arange(3), o=np.array([1, None, "x"], object))
    assert listed(path).names == ("x",)
    assert listed(path).notes == ("o holds pickled objects and is passed over: nothing is unpickled here.",)


def test_an_archive_that_unpacks_to_far_more_than_it_can_hold(tmp_path: Path) -> None:
    member = io.BytesIO()
    np.save(member, np.zeros(1000))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", member.getvalue())
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(
        whole.replace(len(member.getvalue()).to_bytes(4, "little"), (2**31).to_bytes(4, "little"))
    )
    assert "claims to unpack to 2,147,483,648 bytes" in refused(tmp_path / "a.npz")


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "no arrays")
    assert refused(tmp_path / "a.npz") == "a.npz has no table: readme.txt is no array and is passed over"


@pytest.mark.parametrize("content", [b"", b"\x93NUM", b"x,y\n1,2\n", b"PK\x03\x04 not a zip"])
def test_what_is_no_array(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    assert refused(tmp_path / "a.npy").startswith("a.npy cannot be read as NumPy arrays")


def test_random_damage_is_read_or_refused(tmp_path: Path) -> None:
    kind = np.dtype([("i", ">i4"), ("s", "U3"), ("d", "M8[D]")])
    structured = npy(tmp_path, np.array([(i, "ab"[i % 2], "2020-01-01") for i in range(40)], kind))
    packed = npz(tmp_path, packed=True, x=np.arange(200) / 3, s=np.array(["ab", "c"] * 100))
    wholes = [(path, path.read_bytes()) for path in (structured, packed)]
    keys = set()
    random_numbers = random.Random(11)
    for _ in range(120):
        path, whole = random_numbers.choice(wholes)
        damaged = bytearray(whole)
        for _ in range(random_numbers.randint(1, 6)):
            damaged[random_numbers.randrange(len(damaged))] = random_numbers.randrange(256)
        path.write_bytes(damaged[: random_numbers.choice([len(damaged), random_numbers.randrange(len(damaged))])])
        try:
            chunks(path)
        except InputError as error:
            keys.add(error.key)
    assert keys == {"data.files"}
