"""HDF5 files: a table is found whatever way it was written, nothing outside the file is read, no damage believed."""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mltui.core.errors import InputError
from mltui.data.readers.hdf5 import READER
from mltui.data.readers.raw import Field, How
from tests.data.opening import Opening, texts

SHIPPED = Path(__file__).parent / "files" / "hdf5" / "pylhe-testfile-hpcgen.hdf5"
RNG = np.random.default_rng(3)


OPENING = Opening(READER)
listed, chunks, read, refused = OPENING.listed, OPENING.chunks, OPENING.read, OPENING.refused


def written(tmp_path: Path, things: Mapping[str, Any], **options: Any) -> Path:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", **options) as file:
        for name, thing in things.items():
            file[name] = thing
    return path


# -- a file that others wrote --------------------------------------------------------------------------------------


def test_names_that_stand_only_in_an_attribute() -> None:
    assert "choose one of events (100 rows), particles (400 rows), procInfo (1 rows)" in refused(
        SHIPPED, key="data.tree"
    )
    listing = listed(SHIPPED, How(tree="particles"))
    assert listing.names[:3] == ("id", "status", "mother1")
    assert (listing.rows, len(listing.fields), listing.tables) == (400, 13, ("events", "particles", "procInfo"))
    columns = read(SHIPPED, How(tree="/particles"))
    with h5py.File(SHIPPED) as file:
        assert np.array_equal(np.column_stack([raw.values for raw in columns.values()]), file["particles"][:])
    assert listed(SHIPPED, How(guess_table=True)).guesses == {"tree": "particles"}
    assert listed(SHIPPED, How(tree="init")).rows == 10
    assert refused(SHIPPED, How(tree="event"), "data.tree").endswith("did you mean events?")


# -- ways to write a table -----------------------------------------------------------------------------------------


def test_datasets_of_one_length_are_columns_with_their_units_and_titles(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"pt": np.arange(4) / 2, "n": np.arange(4, dtype=">i2"), "ok": np.array([True, False, True, True])}
    )
    with h5py.File(path, "a") as file:
        file["pt"].attrs["units"] = "GeV"
        file["pt"].attrs["long_name"] = np.bytes_("transverse momentum")
        file["n"].attrs["units"] = "1"
    listing = listed(path)
    assert listing.fields == (Field("n"), Field("ok"), Field("pt", unit="GeV", title="transverse momentum"))
    assert (listing.tables, listing.row_bytes) == ((), 24)
    columns = read(path)
    assert columns["n"].values.dtype == np.int16
    assert columns["ok"].values.dtype == np.bool_
    assert columns["pt"].values.tolist() == [0, 0.5, 1, 1.5]


@pytest.mark.parametrize("attribute", ["columns", "names", "field_names", "properties"])
@pytest.mark.parametrize("written_as", [list, np.bytes_, ",".join])
def test_a_2_d_dataset_with_names(attribute: str, written_as: Any, tmp_path: Path) -> None:
    path = written(tmp_path, {"data": np.arange(6.0).reshape(3, 2)})
    names = ["pt", "eta"]
    with h5py.File(path, "a") as file:
        file["data"].attrs[attribute] = written_as("pt eta") if written_as is np.bytes_ else written_as(names)
        file["data"].attrs["units"] = ["GeV", "-"]
    assert listed(path).fields == (Field("pt", unit="GeV"), Field("eta"))
    assert read(path)["eta"].values.tolist() == [1, 3, 5]


def test_an_attribute_of_any_name_may_list_the_columns_but_a_sentence_does_not(tmp_path: Path) -> None:
    path = written(tmp_path, {"data": np.arange(6.0).reshape(3, 2)})
    with h5py.File(path, "a") as file:
        file["data"].attrs["about"] = "two words"
    assert listed(path).names == ("data_0", "data_1")
    with h5py.File(path, "a") as file:
        file["data"].attrs["what_they_called_it"] = ["pt", "eta"]
    assert listed(path).names == ("pt", "eta")


def test_a_2_d_dataset_without_names_or_with_those_of_a_neighbour_or_the_user(tmp_path: Path) -> None:
    path = written(tmp_path, {"X": np.ones((3, 2)), "y": np.arange(3)})
    assert listed(path).names == ("X_0", "X_1", "y")
    assert listed(path, How(columns=("u", "v", "w"))).names == ("u", "v", "w")
    assert "has 1 name, and a.h5 has 3 columns" in refused(path, How(columns=("u",)), "data.columns")
    with h5py.File(path, "a") as file:
        file["feature_names"] = np.array([b"pt", b"eta"])
    assert listed(path).names == ("pt", "eta", "y")


def test_compound_types(tmp_path: Path) -> None:
    kind = np.dtype([("i", "<i4"), ("s", "S3"), ("p", [("x", "f4"), ("y", ">f8")]), ("v", "f4", (2,)), ("b", "?")])
    path = written(tmp_path, {"t": np.array([(1, b"ab", (1, 2), [3, 4], True), (2, b"", (5, 6), [7, 8], False)], kind)})
    columns = read(path)
    assert list(columns) == ["i", "s", "p.x", "p.y", "v_0", "v_1", "b"]
    assert texts(columns["s"]) == ["ab", None]
    assert columns["p.y"].values.tolist() == [2, 6]
    assert columns["v_1"].values.tolist() == [4, 8]
    assert columns["b"].values.tolist() == [True, False]


def test_each_group_that_holds_a_table_is_a_choice(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "train/x": np.arange(5.0),
            "train/y": np.arange(5),
            "deep/er/x": np.arange(3.0),
            "deep/er/y": np.arange(3),
            "about/words": np.array([b"a", b"b"]),
        },
    )
    assert refused(path, key="data.tree") == "a.h5 has 2 tables, choose one of train (5 rows), deep/er (3 rows)"
    assert read(path, How(tree="deep/er"))["y"].values.tolist() == [0, 1, 2]
    assert listed(path, How(tree="train/x")).names == ("x", "y")


def test_compound_datasets_side_by_side_stay_apart(tmp_path: Path) -> None:
    rows = np.array([(1.0, 2.0)] * 3, [("pt", "f8"), ("eta", "f8")])
    path = written(tmp_path, {"electrons": rows, "muons": rows})
    assert listed(path, How(guess_table=True)).tables == ("electrons", "muons")
    assert listed(path, How(tree="muons")).names == ("pt", "eta")


def test_training_and_test_datasets(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"x_train": np.ones((4, 2)), "y_train": np.arange(4), "x_test": np.ones((2, 2)), "y_test": np.arange(2)},
    )
    assert listed(path, How(tree="test")).names == ("x_0", "x_1", "y")
    assert listed(path, How(guess_table=True)).table == "train"


# -- types ---------------------------------------------------------------------------------------------------------


def test_texts_words_for_numbers_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["fixed"] = np.array([b"b", b"a", b"", b"\xe4"])
        file.create_dataset("any", data=["long one", "ü", "?", "x"], dtype=h5py.string_dtype())
        file.create_dataset("ascii", data=[b"1", b"2", b"NA", b"4"], dtype=h5py.string_dtype("ascii"))
        file.create_dataset("enum", data=[0, 7, 1, 0], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i2"))
        lists = file.create_dataset("lists", (4,), dtype=h5py.vlen_dtype("f4"))
        for row in range(4):
            lists[row] = np.arange(row)
    columns = read(path)
    assert texts(columns["fixed"]) == ["b", "a", None, "ä"]
    assert texts(columns["any"]) == ["long one", "ü", None, "x"]
    assert np.array_equal(columns["ascii"].values, [1, 2, np.nan, 4], equal_nan=True)
    assert texts(columns["enum"]) == ["RED", None, "GREEN", "RED"]
    assert columns["lists"].values.tolist() == [0, 0, 1, 0, 1, 2]
    assert columns["lists"].offsets is not None
    assert columns["lists"].offsets.tolist() == [0, 0, 1, 3, 6]
    kinds = {field.name: field.kind for field in listed(path).fields}
    assert kinds == {"any": "category", "ascii": "number", "enum": "category", "fixed": "category", "lists": "list"}


def test_texts_and_lists_of_any_length_in_a_compound(tmp_path: Path) -> None:
    kind = np.dtype(
        [("a", "i4"), ("s", h5py.string_dtype()), ("l", h5py.vlen_dtype("f4")), ("b", "f8"), ("r", h5py.ref_dtype)]
    )
    rows = np.zeros(3, kind)
    for row, (number, text) in enumerate([(1, b"mu"), (2, b"tau"), (3, b"mu")]):
        rows[row] = (number, text, np.arange(row, dtype="f4"), row / 2, h5py.Reference())
    columns = read(path := written(tmp_path, {"t": rows}))
    assert texts(columns["s"]) == ["mu", "tau", "mu"]
    assert columns["l"].values.tolist() == [0, 0, 1]
    assert columns["b"].values.tolist() == [0, 0.5, 1]
    assert listed(path).unusable == {"r": "holds a reference to another place in the file in each row"}


def test_images(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (5, 3, 6, 7)).astype(np.uint8)
    path = written(tmp_path, {"images": pixels, "labels": np.arange(5)})
    assert listed(path).fields == (Field("images", "image", shape=(6, 7, 3)), Field("labels"))
    assert np.array_equal(read(path)["images"].values, np.moveaxis(pixels, 1, -1))


def test_packed_values_are_unpacked_as_netcdf_says(tmp_path: Path) -> None:
    path = written(tmp_path, {"t": np.array([-999, 0, 100], "i2"), "x": np.array([1.0, -1, 2])})
    with h5py.File(path, "a") as file:
        file["t"].attrs.update({"_FillValue": np.int16(-999), "scale_factor": 0.5, "add_offset": 10.0})
        file["x"].attrs["missing_value"] = np.array([-1.0])
    columns = read(path)
    assert np.array_equal(columns["t"].values, [np.nan, 10, 60], equal_nan=True)
    assert np.array_equal(columns["x"].values, [1, np.nan, 2], equal_nan=True)


def test_truth_values_as_pytables_writes_them(tmp_path: Path) -> None:
    path = written(tmp_path, {"x": np.arange(4.0)})
    with h5py.File(path, "a") as file:
        space = h5py.h5s.create_simple((4,))
        h5py.h5d.create(file.id, b"bits", h5py.h5t.STD_B8LE, space).write(
            h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 0, 0, 1], np.uint8), h5py.h5t.STD_B8LE
        )
    assert read(path)["bits"].values.tolist() == [True, False, False, True]


# -- pandas --------------------------------------------------------------------------------------------------------


def _attributes(thing: Any, **values: Any) -> None:
    for name, value in values.items():
        thing.attrs[name] = np.bytes_(value) if isinstance(value, str | bytes) else value


def fixed_frame(tmp_path: Path) -> Path:
    """As `DataFrame.to_hdf(format="fixed")` of pandas 2 and 3 lays it out."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("df")
        _attributes(group, CLASS="GROUP", pandas_type="frame", nblocks=3, ndim=2, encoding="UTF-8")
        group["axis0"] = np.array([b"x", b"t", b"z", b"s"])
        group["axis1"] = np.arange(3)
        group["block0_items"] = np.array([b"x", b"z"])
        group["block0_values"] = np.array([[1.5, 10], [2.5, 20], [3.5, 30]])
        group["block1_items"] = np.array([b"t"])
        group["block1_values"] = np.array([[0], [86_400_000_000_000], [np.iinfo(np.int64).min]])
        _attributes(group["block1_values"], value_type="datetime64[ns]")
        group["block2_items"] = np.array([b"s"])
        pickled = group.create_dataset("block2_values", (1,), dtype=h5py.vlen_dtype("u1"))
        pickled[0] = np.frombuffer(pickle.dumps(["a", "b", "c"]), np.uint8)
        _attributes(pickled, CLASS="VLARRAY", PSEUDOATOM="object")
    return path


def test_a_fixed_frame_of_pandas(tmp_path: Path) -> None:
    path = fixed_frame(tmp_path)
    columns = read(path)
    assert list(columns) == ["x", "t", "z"]
    assert columns["x"].values.tolist() == [1.5, 2.5, 3.5]
    assert columns["z"].values.tolist() == [10, 20, 30]
    assert columns["t"].date
    assert np.array_equal(columns["t"].values, [0, 1, np.nan], equal_nan=True)
    assert listed(path).unusable == {"s": "is pickled, and nothing is unpickled here"}
    assert listed(path, How(tree="df")).rows == 3


def table_frame(tmp_path: Path, index_kind: str = "integer") -> Path:
    """As `DataFrame.to_hdf(format="table")` of pandas 2 and 3 lays it out, names pickled."""
    path = tmp_path / "a.h5"
    kind = np.dtype(
        [
            ("index", "i8"),
            ("values_block_0", "f8", (2,)),
            ("values_block_1", "i8", (1,)),
            ("s", "S3"),
            ("values_block_2", "i1", (1,)),
            ("values_block_3", "u1", (1,)),
        ]
    )
    rows = np.zeros(3, kind)
    rows["index"] = np.arange(3) * 86_400_000_000
    rows["values_block_0"] = [[1, 2], [3, 4], [5, 6]]
    rows["values_block_1"] = [[0], [86_400_000_000], [172_800_000_000]]
    rows["s"] = [b"mu", b"e", b"mu"]
    rows["values_block_2"] = [[0], [-1], [1]]
    rows["values_block_3"] = [[0], [1], [1]]
    with h5py.File(path, "w") as file:
        group = file.create_group("my/events")
        _attributes(group, pandas_type="frame_table", table_type="appendable_frame", encoding="UTF-8")
        group["table"] = rows
        names = {
            "values_block_0": ["px", "p y"],
            "values_block_1": ["t"],
            "s": ["s"],
            "values_block_2": ["cat"],
            "values_block_3": ["ok"],
        }
        for name, columns in names.items():
            _attributes(group["table"], **{f"{name}_kind": pickle.dumps(columns, 0)})
        _attributes(
            group["table"],
            index_kind=index_kind,
            values_block_1_dtype="datetime64[us]",
            values_block_2_meta="category",
            values_block_3_dtype="bool",
        )
        labels = group.create_group("meta/values_block_2/meta")
        _attributes(labels, pandas_type="series_table")
        labels["table"] = np.array([(0, b"low"), (1, b"high")], [("index", "i8"), ("values", "S4")])
        group.create_group("_i_table/index").create_dataset("sortedLR", data=np.zeros(50))
    return path


def test_a_table_frame_of_pandas(tmp_path: Path) -> None:
    columns = read(table_frame(tmp_path))
    assert list(columns) == ["px", "p y", "t", "s", "cat", "ok"]
    assert columns["p y"].values.tolist() == [2, 4, 6]
    assert columns["t"].date
    assert columns["t"].values.tolist() == [0, 1, 2]
    assert texts(columns["s"]) == ["mu", "e", "mu"]
    assert texts(columns["cat"]) == ["low", None, "high"]
    assert columns["ok"].values.tolist() == [False, True, True]


def test_an_index_of_times_is_a_column(tmp_path: Path) -> None:
    column = read(table_frame(tmp_path, "datetime64[us]"))["index"]
    assert column.date
    assert column.values.tolist() == [0, 1, 2]


def test_names_that_are_pickled_are_read_without_running_anything(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    path = table_frame(tmp_path)
    with h5py.File(path, "a") as file:
        file["my/events/table"].attrs["values_block_0_kind"] = np.bytes_(pickle.dumps([Trap(), "px", "py"], 0))
    chunks(path)
    assert not (tmp_path / "sprung").exists()


# -- links ---------------------------------------------------------------------------------------------------------


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "other.h5"
    with h5py.File(outside, "w") as file:
        file["x"] = np.arange(3.0)
    (tmp_path / "raw.bin").write_bytes(np.arange(3.0).tobytes())
    path = written(tmp_path, {"y": np.arange(3), "z": np.arange(3.0)})
    with h5py.File(path, "a") as file:
        file["ext"] = h5py.ExternalLink("other.h5", "/x")
        file["again"] = h5py.SoftLink("/y")
        file["through"] = h5py.SoftLink("/ext")
        file["self"] = file["/"]
        file.create_dataset("raw", (3,), "f8", external=[(tmp_path / "raw.bin", 0, 24)])
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(outside, "x", (3,))
        file.create_virtual_dataset("virtual", layout)
    listing = listed(path)
    assert listing.names == ("y", "z")
    assert listing.unusable == {
        "raw": "keeps its values in another file, and only this one is read",
        "virtual": "is put together from other files, and only this one is read",
    }
    assert "ext is in another file, other.h5, and is not followed." in listing.notes
    assert "again is only another name for /y." in listing.notes
    assert "there is no table 'ext'" in refused(path, How(tree="ext"), "data.tree")
    assert "there is no table 'through'" in refused(path, How(tree="through"), "data.tree")


# -- what is read --------------------------------------------------------------------------------------------------


def test_chunks_are_the_table_in_order(tmp_path: Path) -> None:
    x, y = RNG.normal(size=(1000, 3)), RNG.integers(0, 9, 1000)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("x", data=x, chunks=(70, 2), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("y", data=y, chunks=(33,), compression="lzf", maxshape=(None,))
        file.create_dataset("s", data=[f"{i % 7}a" for i in range(1000)], chunks=(90,), dtype=h5py.string_dtype())
    pieces = chunks(path, names=("y", "x_2", "s"), size=130)
    assert max(len(piece) for piece in pieces) <= 130
    assert np.array_equal(np.concatenate([piece.columns["x_2"].values for piece in pieces]), x[:, 2])
    assert np.array_equal(np.concatenate([piece.columns["y"].values for piece in pieces]), y)
    assert [text for piece in pieces for text in texts(piece.columns["s"])] == [f"{i % 7}a" for i in range(1000)]
    assert np.array_equal(np.concatenate([piece.entry for piece in pieces]), np.arange(1000))
    assert np.array_equal(read(path, names=("y",), rows=17)["y"].values, y[:17])


arrays = st.sampled_from([np.dtype(name) for name in ("f4", ">f8", "i1", ">i8", "u2", "?", "f2")]).flatmap(
    lambda dtype: hnp.arrays(
        dtype, st.tuples(st.just(6), st.integers(2, 4)), elements={"allow_nan": False} if dtype.kind == "f" else None
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    columns=st.dictionaries(st.sampled_from("abc"), arrays, min_size=1), chunked=st.booleans(), size=st.integers(1, 7)
)
def test_any_datasets_go_to_a_file_and_back(columns: dict[str, Any], chunked: bool, size: int, tmp_path: Path) -> None:
    path = tmp_path / "any.h5"
    with h5py.File(path, "w") as file:
        for name, array in columns.items():
            file.create_dataset(name, data=array, chunks=(2, 1) if chunked else None)
    pieces = chunks(path, size=size)
    for name, array in columns.items():
        back = [
            np.concatenate([piece.columns[f"{name}_{i}"].values for piece in pieces]) for i in range(array.shape[1])
        ]
        assert np.array_equal(np.column_stack(back), array)


# -- what is no table, or lies -------------------------------------------------------------------------------------


def test_a_signal_is_no_table_but_can_be_read_as_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "strain/Strain": RNG.normal(size=4096),
            "meta/Detector": "H1",
            "meta/Duration": 32,
            "quality/words": np.array([b"a", b"b"]),
        },
    )
    assert refused(path) == (
        "a.h5 holds no table: strain/Strain is one series of 4,096 values with 2 single values beside it; a table is a "
        "group of datasets of one length, a 2-D dataset or a compound one; "
        'data.tree = "strain/Strain" reads the series as the only column'
    )
    assert listed(path, How(tree="strain/Strain")).names == ("Strain",)


@pytest.mark.parametrize(
    ("things", "said"),
    [
        ({}, "holds no table and nothing else that can be read"),
        ({"a": 1, "b": "text"}, "holds no table but only single values (a, b)"),
        ({"x": np.zeros(0), "y": np.zeros(0)}, "a.h5 has no rows"),
        ({"x": np.zeros((0, 3))}, "a.h5 has no rows"),
    ],
)
def test_files_without_a_table(things: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert said in refused(written(tmp_path, things))


def test_a_file_of_links_says_where_they_lead(tmp_path: Path) -> None:
    path = written(tmp_path, {})
    with h5py.File(path, "a") as file:
        file["loop"] = h5py.SoftLink("/loop")
        file["x"] = h5py.ExternalLink("other.h5", "ev")
    sentence = refused(path)
    assert "loop is only another name for /loop" in sentence
    assert "x is in another file, other.h5, and is not followed" in sentence


def test_rows_that_were_never_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (10**12, 3), "f8", chunks=(1000, 3))
    assert "x was made but never written" in refused(path)


def test_rows_of_which_hardly_any_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (10**12, 3), "f8", chunks=(1000, 3))[:10] = 1
    assert "claims 3,000,000,000,000 values, of which at most 3,000 were written" in refused(path)


def test_lengths_beyond_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, {"s": np.array(["abc", "de"], object), "y": np.arange(2)})
    whole = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        place = file["s"].id.get_offset()
    assert place is not None
    whole[place : place + 4] = (2**32 - 1).to_bytes(4, "little")
    path.write_bytes(whole)
    assert "longer than the file" in refused(path)


def test_lengths_whose_place_is_lost_as_well(tmp_path: Path) -> None:
    path = written(tmp_path, {"y": np.arange(4)})
    with h5py.File(path, "a") as file:
        file.create_dataset("s", data=["abc", "de", "f", "g"], dtype=h5py.string_dtype(), chunks=(2,))
    with h5py.File(path) as file:
        place = file["s"].id.get_chunk_info_by_coord((2,)).byte_offset
    whole = bytearray(path.read_bytes())
    whole[place : place + 12] = b"\xff" * 12
    path.write_bytes(whole)
    assert "longer than the file" in refused(path)


def test_a_heap_without_end(tmp_path: Path) -> None:
    path = written(tmp_path, {"s": np.array(["abc", "de"], object), "y": np.arange(2)})
    whole = bytearray(path.read_bytes())
    heap = whole.index(b"GCOL")
    whole[heap + 24 : heap + 32] = b"\xff" * 7 + b"\x7f"
    path.write_bytes(whole)
    assert "one of its heaps is damaged" in refused(path)


@pytest.mark.parametrize("keep", [0, 4, 100, 1000, 3000])
def test_files_that_are_cut_short(keep: int, tmp_path: Path) -> None:
    path = written(tmp_path, {"x": np.arange(500.0), "y": np.arange(500)})
    path.write_bytes(path.read_bytes()[:keep])
    assert refused(path).startswith("a.h5 cannot be read as HDF5: ")


def test_random_damage_is_read_or_refused(tmp_path: Path) -> None:
    frame = table_frame(tmp_path)
    wholes = [frame.read_bytes()]
    with h5py.File(frame, "w") as file:
        file.create_dataset("x", data=np.arange(80.0), chunks=(30,), compression="gzip")
        file["s"] = np.array([b"a", b"b"] * 40)
        file["n"] = np.arange(80)
        file["n"].attrs["units"] = "GeV"
    wholes.append(frame.read_bytes())
    keys = set()
    random_numbers = random.Random(5)
    for _ in range(80):
        damaged = bytearray(random_numbers.choice(wholes))
        for _ in range(random_numbers.randint(1, 6)):
            damaged[random_numbers.randrange(len(damaged))] = random_numbers.randrange(256)
        frame.write_bytes(damaged)
        try:
            if listed(frame, How(guess_table=True)).rows < 10**6:
                chunks(frame, How(guess_table=True))
        except InputError as error:
            keys.add(error.key)
    assert keys == {"data.files"}


def test_a_frame_of_pandas_of_which_hardly_any_rows_were_written(tmp_path: Path) -> None:
    path = table_frame(tmp_path)
    with h5py.File(path, "a") as file:
        rows = file["my/events/table"]
        kept, said = rows[:], dict(rows.attrs)
        del file["my/events/table"]
        claimed = file.create_dataset("my/events/table", (10**9,), kept.dtype, chunks=(3,))
        claimed[:3] = kept
        claimed.attrs.update(said)
    assert "of which at most 3 were written" in refused(path)
