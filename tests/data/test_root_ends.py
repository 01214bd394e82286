"""Where the rows of lists and texts end in a basket: as it says, as another branch counts, or as each row says."""

from __future__ import annotations

import resource
import struct
from itertools import pairwise
from pathlib import Path

import awkward as ak
import pytest
import uproot

from tests.data.root_files import chunks, refusal, texts

ROWS = 40
LISTS = ak.Array([[float(i) for i in range(k % 4)] for k in range(ROWS)])
TEXTS = ["ab" * (k % 3 + 1) + "q" * (300 if k == 7 else 0) for k in range(ROWS)]
WRONG = "has lists or texts whose ends do not fit its bytes"


def _file(path: Path) -> Path:
    with uproot.recreate(path, compression=None) as file:
        file.mktree("t", {"name": "string", "jets": "var * float64"})
        file["t"].extend({"name": ak.Array(TEXTS), "jets": LISTS})
    return path


def _without_ends(path: Path) -> Path:
    """The file with the ends cut off both baskets, and their sizes set right."""
    data = bytearray(path.read_bytes())
    with uproot.open(path) as file:
        for branch in (file["t"]["name"], file["t"]["jets"]):
            basket, seek = branch.basket(0), int(branch.member("fBasketSeek")[0])
            size = int(branch.member("fBasketBytes")[0])
            cut = len(basket.raw_data) - basket.border
            unpacked = struct.unpack_from(">i", data, seek + 6)[0]
            struct.pack_into(">i", data, seek + 6, unpacked - cut)
            data = bytearray(bytes(data).replace(struct.pack(">i", size), struct.pack(">i", size - cut)))
    path.write_bytes(data)
    return path


def _with(path: Path, branch: str, at: int, number: int, form: str = ">i") -> Path:
    """The file with a number in the only basket of a branch replaced; `at` counts from where its data begin."""
    data = bytearray(path.read_bytes())
    with uproot.open(path) as file:
        held = file["t"][branch]
        start = int(held.member("fBasketSeek")[0]) + held.basket(0).member("fKeylen")
    struct.pack_into(form, data, start + at, number)
    path.write_bytes(data)
    return path


def _end(path: Path, branch: str, row: int) -> int:
    """Where the basket's data say where a row ends; counted from where they begin."""
    with uproot.open(path) as file:
        return int(file["t"][branch].basket(0).border) + 4 * (row + 2)


@pytest.mark.parametrize("size", [None, 11])
def test_lists_are_as_another_branch_counts_and_texts_as_long_as_each_says(size: int | None, tmp_path: Path) -> None:
    path = _without_ends(_file(tmp_path / "a.root"))
    with uproot.open(path) as file:
        assert file["t"]["jets"].basket(0).byte_offsets is None
        assert file["t"]["name"].basket(0).byte_offsets is None
    pieces = chunks(path, size=size)
    assert [text for piece in pieces for text in texts(piece.columns["name"])] == TEXTS
    jets = [piece.columns["jets"] for piece in pieces]
    found = [raw.values[a:b].tolist() for raw in jets if raw.offsets is not None for a, b in pairwise(raw.offsets)]
    assert found == LISTS.tolist()


@pytest.mark.parametrize("branch", ["name", "jets"])
@pytest.mark.parametrize("end", [-1, 3, 2**31 - 1])
def test_ends_that_do_not_fit_are_told(branch: str, end: int, tmp_path: Path) -> None:
    path = _file(tmp_path / "a.root")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert WRONG in str(refusal(_with(path, branch, _end(path, branch, 20), end)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("count", [-1, 2**31 - 1])
def test_counts_that_do_not_fit_are_told(count: int, tmp_path: Path) -> None:
    path = _without_ends(_file(tmp_path / "a.root"))
    assert WRONG in str(refusal(_with(path, "njets", 4 * 5, count)))


@pytest.mark.parametrize("length", [3, 254, 255])
def test_lengths_that_do_not_fit_are_told(length: int, tmp_path: Path) -> None:
    path = _without_ends(_file(tmp_path / "a.root"))
    said = str(refusal(_with(path, "name", 0, length, ">B")))
    assert WRONG in said


def test_texts_longer_than_their_rows_are_told(tmp_path: Path) -> None:
    path = _file(tmp_path / "a.root")
    assert WRONG in str(refusal(_with(path, "name", 0, 255, ">B")))
