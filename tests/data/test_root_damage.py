"""Damaged ROOT files, and ones that lie: each ends in one sentence, soon, and in little memory."""

from __future__ import annotations

import resource
import struct
from pathlib import Path
from random import Random

import awkward as ak
import numpy as np
import pytest
import uproot

from mltui.core.errors import InputError
from tests.data.root_files import FILES, chunks, ntuple, numbered, patched, refusal, tree

CLAIMED = 10**8


def _peak() -> int:
    """The most memory that this process has had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_what_is_no_root_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    for data in (b"", b"ro", b"x,y\n1,2\n" * 100):
        path.write_bytes(data)
        assert str(refusal(path)) == "a.root is not a ROOT file"
    assert str(refusal(tmp_path / "none.root")).endswith("none.root cannot be opened: No such file or directory")


@pytest.mark.parametrize("name", ["zmumu", "nesteddirs", "muons_rntuple", "hzz-lzma"])
def test_a_file_cut_short_anywhere_says_so(name: str, tmp_path: Path) -> None:
    data = (FILES / f"{name}.root").read_bytes()
    path = tmp_path / "a.root"
    for share in (0.001, 0.1, 0.5, 0.9, 0.99, 0.9999):
        path.write_bytes(data[: int(len(data) * share)])
        assert "a.root is" in str(refusal(path))
        assert refusal(path).key == "data.files"


def test_a_small_file_that_claims_a_hundred_million_rows(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"x": np.zeros(7)})
    patched(path, struct.pack(">q", 7), struct.pack(">q", CLAIMED))
    size = path.stat().st_size
    assert size < 25_000  # most of it is the description of ROOT's own types
    before = _peak()
    error = refusal(path)
    assert str(error) == f"a.root is damaged: it claims {CLAIMED} rows, more than its {size} bytes can hold"
    assert _peak() - before < 50_000


def test_a_claim_that_compression_might_have_made_is_compared_with_the_baskets(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"x": np.zeros(7)}, compression=None)
    patched(path, struct.pack(">q", 7), struct.pack(">q", 10**6))
    before = _peak()
    assert "has 7 rows in a basket where its index says 1000000" in str(refusal(path))
    assert _peak() - before < 50_000


def test_a_tree_that_claims_other_rows_than_its_branches(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"x": np.zeros(7)}, compression=None)
    data = path.read_bytes()
    at = data.index(struct.pack(">q", 7))
    path.write_bytes(data[:at] + struct.pack(">q", 2**60) + data[at + 8 :])
    assert f"its tree claims {2**60} rows" in str(refusal(path))


def test_a_basket_that_claims_more_than_its_blocks_hold(tmp_path: Path) -> None:
    path = tree(tmp_path / "a.root", {"x": np.zeros(5000)})
    size = struct.pack(">i", 40_000)  # of the basket when unpacked
    data = path.read_bytes()
    at = data.index(size)
    path.write_bytes(data[:at] + struct.pack(">i", 2**31 - 1) + data[at + 4 :])
    before = _peak()
    assert "has a basket of 40000 bytes that claims 2147483647" in str(refusal(path))
    assert _peak() - before < 50_000


def test_an_rntuple_with_a_changed_description_is_refused_before_it_is_followed(tmp_path: Path) -> None:
    path = ntuple(tmp_path / "a.root", {"x": numbered(50)}, compression=None)
    patched(path, b"\x06\x00\x00\x00double", b"\x06\x00\x00\x00dauble")
    assert str(refusal(path)) == "a.root is damaged: the description of its RNTuple has a wrong checksum"


def _seeds(folder: Path) -> list[bytes]:
    """Files without compression too, so that changes reach what they say of themselves."""
    flat = {"x": numbered(200), "n": np.arange(200, dtype=np.int32), "image": np.zeros((200, 2, 3), np.float32)}
    jagged = {
        "j": ak.Array([list(range(k % 4)) for k in range(200)]),
        "s": ak.Array(["ab"[k % 2] * k for k in range(200)]),
    }
    made = [
        tree(folder / "t.root", flat | jagged, compression=None),
        ntuple(folder / "n.root", {"x": numbered(200), **jagged}, compression=None),
    ]
    shipped = [FILES / f"{name}.root" for name in ("nesteddirs", "muons_rntuple", "empty", "histograms", "cycles")]
    return [path.read_bytes() for path in (*made, *shipped)]


def _changed(random: Random, data: bytes) -> bytes:
    out = bytearray(data)
    place = random.randrange(len(out))
    how = random.randrange(4)
    if how == 0:
        return bytes(out[:place])
    if how == 1:
        for _ in range(random.choice([1, 3, 20])):
            out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    elif how == 2:
        lie = random.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x05\xf5\xe1\x00", b"\x00\x00\x00\x00"])
        out[place : place + 4] = lie
    else:
        out[place : place + 60] = random.randbytes(60)
    return bytes(out)


def test_changed_files_are_read_or_refused_in_one_sentence(tmp_path: Path) -> None:
    random = Random(3)
    seeds = _seeds(tmp_path)
    path = tmp_path / "changed.root"
    said: list[str] = []
    before = _peak()
    for _ in range(60):
        path.write_bytes(_changed(random, random.choice(seeds)))
        try:
            for size in (None, 30):
                chunks(path, size=size)
        except InputError as error:
            said.append(str(error))
    assert 30 < len(said) < 120
    assert all(sentence.isprintable() and len(sentence) < 400 for sentence in said)
    assert _peak() - before < 200_000


def test_a_folder_that_holds_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        file.mktree("outer/inner/events", {"x": numbered(3)})
    assert len(chunks(path)[0]) == 3
    with uproot.open(path) as file:
        outer, inner = (file.key(name).fSeekKey for name in ("outer", "outer/inner"))
    for form in (">i", ">q"):
        path.write_bytes(path.read_bytes().replace(struct.pack(form, inner), struct.pack(form, outer)))
    assert str(refusal(path)) == "a.root has no tree and no RNTuple, it is empty"
