"""ROOT files as people have them: every branch is read as the library itself reads it, and only what is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
import uproot
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.errors import InputError
from mltui.data.readers.raw import STANDARD_MISSING, How, Raw
from mltui.data.readers.root.titles import LONGEST, title_and_unit
from tests.data.root_files import FILES, chunks, column, listing, ntuple, numbered, patched, texts, tree

SHIPPED = (
    ("hzz-lzma", "events"),
    ("zmumu", "events"),
    ("nesteddirs", "one/two/tree"),
    ("nesteddirs", "one/tree"),
    ("nesteddirs", "three/tree"),
    ("muons_rntuple", "Events"),
    ("packed", "tree"),
    ("stl", "tree"),
)


def by_name(table: Any) -> dict[str, Any]:
    """Every branch by the name that its column has here."""
    if not hasattr(table, "branches"):
        return {str(name): table[name] for name in table.keys()}  # noqa: SIM118
    return {name.replace("evt/P3/", "evt/").replace("/", ".").split("[")[0]: table[name] for name in table.keys()}  # noqa: SIM118


def same(raw: Raw, expected: Any) -> bool:
    if raw.categories is not None:
        return texts(raw) == ["" if text in STANDARD_MISSING else text for text in ak.to_list(expected)]
    if raw.offsets is not None:
        lists = np.array_equal(np.diff(raw.offsets), ak.num(expected))
        return lists and np.array_equal(raw.values, ak.to_numpy(ak.flatten(expected)))
    return np.array_equal(raw.values, ak.to_numpy(expected))


@pytest.mark.parametrize(("file", "name"), SHIPPED)
def test_every_column_is_what_uproot_reads(file: str, name: str) -> None:
    path, how = FILES / f"{file}.root", How(tree=name)
    (whole,) = chunks(path, how=how)
    pieces = chunks(path, how=how, size=max(1, len(whole) // 6))
    assert len(pieces) > 2
    with uproot.open(path) as opened:
        branches = by_name(opened[name])
        assert whole.columns
        for column_name, raw in whole.columns.items():
            expected = branches[column_name].array()
            assert same(raw, expected), column_name
            for piece in pieces:
                part = expected[piece.entry[0] : piece.entry[-1] + 1]
                assert same(piece.columns[column_name], part), column_name
    assert np.array_equal(np.concatenate([piece.entry for piece in pieces]), np.arange(len(whole)))


def test_the_sum_of_weights_of_hzz() -> None:
    weights = column(FILES / "hzz-lzma.root", "EventWeight").values
    assert weights.dtype == np.float32
    assert weights.astype(np.float64).sum() == pytest.approx(16.9225, abs=5e-5)


def test_the_mass_of_zmumu_follows_from_energies_and_momenta() -> None:
    (chunk,) = chunks(FILES / "zmumu.root")
    total = {
        part: chunk.columns[f"{part}1"].numbers() + chunk.columns[f"{part}2"].numbers()
        for part in ("E", "px", "py", "pz")
    }
    mass = np.sqrt(total["E"] ** 2 - total["px"] ** 2 - total["py"] ** 2 - total["pz"] ** 2)
    assert np.abs(mass / chunk.columns["M"].numbers() - 1).max() < 3e-8


def test_jets_are_lists_whose_lengths_another_branch_counts() -> None:
    (chunk,) = chunks(FILES / "hzz-lzma.root", "NJet", "Jet_Px", "Jet_ID")
    offsets = chunk.columns["Jet_Px"].offsets
    assert offsets is not None
    assert np.array_equal(np.diff(offsets), chunk.columns["NJet"].values)
    assert chunk.columns["Jet_ID"].values.dtype == np.bool_


def test_kinds_shapes_and_sizes_are_known_before_reading() -> None:
    known = listing(FILES / "nesteddirs.root", How(tree="three/tree"))
    fields = {field.name: field for field in known.fields}
    assert (fields["evt.P3.Py"].kind, fields["evt.StdStr"].kind, fields["evt.SliceF64"].kind) == (
        "number",
        "category",
        "list",
    )
    assert (fields["evt.ArrayI16"].kind, fields["evt.ArrayI16"].shape) == ("image", (10,))
    assert known.unusable == {
        "evt.StlVecStr": "holds vector<std::string> in each row, neither a number, a text nor a list of numbers"
    }
    assert (known.rows, known.exact, known.table) == (100, True, "three/tree")
    zmumu = listing(FILES / "zmumu.root")
    assert zmumu.row_bytes == 15 * 8 + 4 * 4 + 4


def test_a_branch_of_several_leaves_becomes_columns() -> None:
    (chunk,) = chunks(FILES / "leaflist.root")
    assert {name: raw.values.tolist() for name, raw in chunk.columns.items()} == {
        "leaflist.x": [1.1, 2.2, 3.3, 4.0, 5.5],
        "leaflist.y": [1, 2, 3, 4, 5],
        "leaflist.z": [ord(letter) for letter in "abcde"],
    }


def test_four_vectors_become_their_components() -> None:
    path = FILES / "lorentz.root"
    (chunk,) = chunks(path, "selJet.fE", "selJet.fP.fX")
    with uproot.open(path) as file:
        jets = file["outtree/selJet"].array()
    assert same(chunk.columns["selJet.fE"], jets["fE"])
    assert same(chunk.columns["selJet.fP.fX"], jets["fP"]["fX"])


COLUMNS: dict[str, Any] = {
    "flag": np.array([True, False, True]),
    "tiny": np.array([1, -2, 3], np.int8),
    "count": np.array([0, 200, 255], np.uint8),
    "event": np.array([1, 2**62, 2**63 - 1], np.uint64),
    "huge": np.array([0, 2**63, 2**64 - 2**12], np.uint64),
    "single": np.array([1.5, np.nan, np.inf], np.float32),
    "image": np.arange(18, dtype=np.float32).reshape(3, 2, 3),
    "alone": np.array([[1.0], [2.0], [3.0]]),
}
TEXTS = ["mu", "NA", "é" * 300]
LISTS = [[1.0, 2.0], [], [3.0]]


@pytest.mark.parametrize("write", [tree, ntuple])
def test_each_type_keeps_its_values(write: Any, tmp_path: Path) -> None:
    lists = ak.Array(LISTS)
    path = write(tmp_path / "a.root", COLUMNS | {"name": ak.Array(TEXTS), "jets": lists})
    (chunk,) = chunks(path)
    found = {name: raw.values for name, raw in chunk.columns.items()}
    assert found["flag"].dtype == np.bool_
    assert found["flag"].tolist() == [True, False, True]
    held = {name: (str(values.dtype), values.tolist()) for name, values in found.items()}
    assert held["tiny"] == ("int8", [1, -2, 3])
    assert held["count"] == ("int16", [0, 200, 255])
    assert held["event"] == ("int64", [1, 2**62, 2**63 - 1])
    assert held["huge"] == ("float64", [0, 2.0**63, float(2**64 - 2**12)])
    assert found["single"].dtype == np.float32
    assert np.array_equal(found["single"], COLUMNS["single"], equal_nan=True)
    assert np.array_equal(found["image"], COLUMNS["image"])
    assert found["alone"].tolist() == [1, 2, 3]
    assert texts(chunk.columns["name"]) == ["mu", "", "é" * 300]
    assert same(chunk.columns["jets"], lists)


def test_members_of_records_in_an_rntuple_become_columns(tmp_path: Path) -> None:
    jets = [[{"pt": 1.0, "n": 2}], [], [{"pt": 3.0, "n": 4}, {"pt": 5.0, "n": 6}]]
    met = [{"x": 1.0, "y": 2.0}] * 3
    path = ntuple(
        tmp_path / "a.root",
        {"jets": jets, "met": met, "maybe": [1.0, None, 3.0], "deep": [[[1]], [], [[2, 3]]], "words": [["a"], [], []]},
    )
    known = listing(path)
    assert [(field.name, field.kind) for field in known.fields] == [
        ("jets.pt", "list"),
        ("jets.n", "list"),
        ("met.x", "number"),
        ("met.y", "number"),
        ("maybe", "number"),
        ("deep", "unusable"),
        ("words", "unusable"),
    ]
    (chunk,) = chunks(path)
    assert chunk.columns["jets.pt"].values.tolist() == [1, 3, 5]
    assert chunk.columns["met.y"].values.tolist() == [2, 2, 2]
    assert np.array_equal(chunk.columns["maybe"].values, [1, np.nan, 3], equal_nan=True)


def test_texts_of_several_baskets_get_codes_together(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("t", {"name": "string"})
        file["t"].extend({"name": ["b", "a"]})
        file["t"].extend({"name": ["c", "-", "a"]})
    assert texts(column(path, "name", How(missing=frozenset({"-"})))) == ["b", "a", "c", "", "a"]
    pieces = chunks(path, how=How(missing=frozenset({"-"})), size=3)
    assert [texts(piece.columns["name"]) for piece in pieces] == [["b", "a", "c"], ["", "a"]]


def test_a_repeated_name_is_followed_by_a_number(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"one": numbered(3), "two": numbered(3) + 10}, compression=None)
    patched(path, b"\x03two", b"\x03one")
    (chunk,) = chunks(path)
    assert {name: raw.values.tolist() for name, raw in chunk.columns.items()} == {
        "one": [0, 1, 2],
        "one_2": [10, 11, 12],
    }


def _two_baskets(path: Path) -> Path:
    with uproot.recreate(path, compression=None) as file:
        file.mktree("t", {"x": "f8", "y": "f8"})
        for start in (0, 100):
            file["t"].extend({"x": numbered(100) + start, "y": numbered(100) + 1000 + start})
    return path


def test_only_the_first_baskets_and_the_named_branches_are_read(tmp_path: Path) -> None:
    path = _two_baskets(tmp_path / "a.root")
    data = bytearray(path.read_bytes())
    at = data.index((100.0 + numbered(100)).astype(">f8").tobytes())
    data[at - 40 : at] = b"\xff" * 40  # the header of the second basket of x
    path.write_bytes(data)
    (first,) = chunks(path, "x", rows=60)
    assert first.columns["x"].values.tolist() == numbered(60).tolist()
    (other,) = chunks(path, "y")
    assert other.columns["y"].values[-1] == 1199
    with pytest.raises(InputError, match="damaged"):
        chunks(path, "x")


def _two_clusters(path: Path) -> Path:
    with uproot.recreate(path) as file:
        file.mkrntuple("t", {"x": numbered(100), "y": numbered(100) + 1000})
        file["t"].extend({"x": numbered(100) + 100, "y": numbered(100) + 1100})
    return path


@pytest.mark.parametrize("write", [_two_baskets, _two_clusters])
def test_rows_and_sizes_meet_the_baskets_anyhow(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path / "a.root")
    for size in (1, 7, 99, 100, 101, 500):
        for rows in (None, 1, 99, 100, 101, 1000):
            got = chunks(path, "y", "x", rows=rows, size=size)
            values = np.concatenate([piece.columns["x"].values for piece in got])
            assert values.tolist() == numbered(200 if rows is None else min(rows, 200)).tolist()
            assert all(list(piece.columns) == ["y", "x"] for piece in got)
            assert max(len(piece) for piece in got) <= size


def test_hundreds_of_branches_are_described_quickly(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {f"b{i}": numbered(2) for i in range(600)})
    listing(path)
    start = time.process_time()
    assert len(listing(path).fields) == 600
    assert time.process_time() - start < 1.5  # 0.1 s of an unburdened machine, nearly all the library's own


@pytest.mark.parametrize(
    ("name", "said", "title", "unit"),
    [
        ("pt", "pt/F", "", ""),
        ("jet_pt", "jet_pt[njet]/F", "", ""),
        ("photon_E", "photons_E[NPhoton]/F", "", ""),
        ("x", "x/d[0,10,8]", "", ""),
        ("point", "x/F:y/F:n/I", "", ""),
        ("evt.S", "S[N]", "", ""),
        ("Electron_pt", "pt", "", ""),
        ("jet_pt", "Jet pT (GeV)", "Jet pT", "GeV"),
        ("jet_pt", "pt [GeV]", "", "GeV"),
        ("dxy", "dxy (with sign) wrt first PV, in cm", "dxy (with sign) wrt first PV", "cm"),
        ("p", "momentum [GeV/c]", "momentum", "GeV/c"),
        ("v", "speed [m/s]", "speed", "m/s"),
        ("n", "jets (pt > 25 GeV)", "jets (pt > 25 GeV)", ""),
        ("q", "charge (e)", "charge (e)", ""),
        ("met", "missing energy", "missing energy", ""),
        ("long", "a " * LONGEST, "", ""),
    ],
)
def test_titles_and_units_where_they_say_something(name: str, said: str, title: str, unit: str) -> None:
    assert title_and_unit(name, said) == (title, unit)


@given(st.text(max_size=80), st.text(max_size=200))
def test_any_title_gives_parts_of_itself(name: str, said: str) -> None:
    title, unit = title_and_unit(name, said)
    flat = " ".join(said.split())
    assert title in flat
    assert unit in flat
    assert len(title) <= LONGEST
