"""Reading a text in part, packed, from an archive, and with the weights that lie beside it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers import text
from mltui.data.readers.raw import How
from mltui.data.readers.text import streams
from tests.data.texts import Seen, seen

LIGHTGBM = Path(__file__).parent / "files" / "lightgbm" / "binary.train"
TABLE = "x,kind\n" + "".join(f"{i / 4},{'ab'[i % 2]}\n" for i in range(1000))


def _zip(data: bytes, **members: bytes) -> bytes:
    path = Path(_zip.folder) / "made.zip"  # type: ignore[attr-defined]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", data)
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    _zip.folder = tmp_path  # type: ignore[attr-defined]


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "t.csv.gz": gzip.compress,
    "t.csv.xz": lambda data: lzma.compress(data, preset=0),
    "t.csv.bz2": bz2.compress,
    "t.csv.zip": _zip,
    "misnamed.csv": gzip.compress,
}


@pytest.mark.parametrize("name", PACKED)
def test_packed(name: str, tmp_path: Path) -> None:
    table = seen(tmp_path, PACKED[name](TABLE.encode()), name=name)
    assert table.values == {"x": [i / 4 for i in range(1000)], "kind": ["a", "b"] * 500}
    assert (table.listing.rows, table.listing.exact) == (1000, True)
    assert seen(tmp_path, PACKED[name](TABLE.encode("utf-16")), name=name).values == table.values


@cache
def long() -> tuple[NDArray[np.float64], bytes]:
    """Numbers, and the text of them, which is longer than the sample."""
    values = np.random.default_rng(3).normal(size=(80_000, 3))
    return values, ("a,b,c\n" + "".join(f"{a!r},{b!r},{c!r}\n" for a, b, c in values.tolist())).encode()


@pytest.mark.parametrize("name", PACKED)
def test_packed_and_longer_than_the_sample(name: str, tmp_path: Path) -> None:
    values, content = long()
    table = seen(tmp_path, PACKED[name](content), name=name)
    assert np.array_equal(np.array(table.columns).T, values)
    assert not table.listing.exact
    assert table.listing.rows == pytest.approx(80_000, rel=0.1)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.xz", "t.csv.bz2"])
def test_packed_and_cut_off(name: str, tmp_path: Path) -> None:
    data = PACKED[name](np.random.default_rng(1).bytes(30_000).hex().encode())
    with pytest.raises(InputError, match=rf"{name} "):
        seen(tmp_path, data[: len(data) // 2], name=name)


def test_an_archive_of_several_tables(tmp_path: Path) -> None:
    other = b"p,q,r\n" + b"1,2,3\n" * 2000
    data = _zip(TABLE.encode(), **{"data/other.csv": other, "__MACOSX/._x": b"1", "data/.hidden": b"2"})
    with pytest.raises(InputError, match=r"holds several files: table\.csv, data/other\.csv") as caught:
        seen(tmp_path, data, name="t.zip")
    assert caught.value.key == "data.tree"
    with pytest.raises(InputError, match="holds no file 'tabel'"):
        seen(tmp_path, data, name="t.zip", tree="tabel")
    table = seen(tmp_path, data, name="t.zip", tree="data/other.csv")
    assert table.names == ["p", "q", "r"]
    assert (table.listing.tables, table.listing.table) == (("table.csv", "data/other.csv"), "data/other.csv")
    guessed = seen(tmp_path, data, name="t.zip", guess_table=True)
    assert guessed.listing.guesses["tree"] == "data/other.csv"
    with pytest.raises(InputError, match=r"t\.csv has no trees to choose from"):
        seen(tmp_path, TABLE, tree="table")


def test_only_some_columns_and_rows(tmp_path: Path) -> None:
    table = seen(tmp_path, TABLE)
    assert table.again(["kind"], rows=3) == {"kind": ["a", "b", "a"]}
    assert table.again(["kind", "x"], rows=2) == {"kind": ["a", "b"], "x": [0.0, 0.25]}
    assert table.again(["x"], rows=5000)["x"] == [i / 4 for i in range(1000)]
    assert table.again([], rows=5) == {}


@pytest.mark.parametrize("size", [1, 7, 999, 1000, 5000])
def test_chunks_of_a_size(size: int, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    with text.READER.open(path, How()) as source:
        chunks = list(source.chunks(["x", "kind"], size=size))
    assert max(len(chunk) for chunk in chunks) <= size
    assert np.concatenate([chunk.entry for chunk in chunks]).tolist() == list(range(1000))
    assert np.concatenate([chunk.columns["x"].values for chunk in chunks]).tolist() == [i / 4 for i in range(1000)]
    assert Seen.of(path).again(["x"], size=size, rows=10)["x"] == [i / 4 for i in range(10)]


def test_little_is_read_of_a_huge_file(tmp_path: Path) -> None:
    """A sparse file of 20 GB: after some megabytes of rows come zeros, which reading would choke on."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"x,y\n" + b"1.25,2.5\n" * 600_000)
        file.truncate(20 << 30)
    with text.READER.open(path, How()) as source:
        assert source.listing.rows == pytest.approx((20 << 30) / 9, rel=0.01)
        assert not source.listing.exact
        rows = [len(chunk) for chunk in source.chunks(["x"], rows=500)]
    assert sum(rows) == 500


def test_quoted_line_ends_at_every_place(tmp_path: Path) -> None:
    """Pieces never end within quotes, however long the pieces are."""
    content = "t,x\n" + "".join(f'"a\n{"b" * (i % 50)}\n",{i}\n' for i in range(5000))
    table = seen(tmp_path, content)
    for size in (1, 10, 3000):
        assert table.again(["x"], size=size)["x"] == list(range(5000))


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    content = 'name,x\n"a",1\n' + "".join(f"n{i},{i}\n" for i in range(100)) + '"oops,5\n' + "m,6\n" * 100
    with pytest.raises(InputError, match=r"t\.csv, line 103: a double quote is opened and never closed"):
        seen(tmp_path, content)


def test_a_quote_that_is_not_closed_far_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read in search of its end is bounded."""
    monkeypatch.setattr(streams, "LONGEST_ROW", 1 << 18)
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1_200_000 + b'"x,2\n' + b"1,2\n" * 1_000_000)
    said = r"t\.csv, line 1,200,002: a double quote is opened and not closed"
    with text.READER.open(path, How()) as source, pytest.raises(InputError, match=said):
        list(source.chunks(["a"], size=100_000))


def test_lightgbm_files_are_read_as_meant() -> None:
    table = Seen.of(LIGHTGBM)
    values = np.loadtxt(LIGHTGBM)
    assert table.names == [*(f"column_{i + 1}" for i in range(29)), "weight"]
    assert np.array_equal(np.array(table.columns[:29]).T, values)
    assert table.values["weight"] == np.loadtxt(f"{LIGHTGBM}.weight").tolist()
    assert "binary.train.weight beside it holds a weight for each row: the column weight." in table.listing.notes
    assert table.again(["weight"], rows=7)["weight"] == np.loadtxt(f"{LIGHTGBM}.weight")[:7].tolist()
    assert table.again(["column_1", "weight"], size=13)["weight"] == np.loadtxt(f"{LIGHTGBM}.weight").tolist()


def test_weights_beside_a_packed_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv.weight").write_text("1\n2.5")
    assert seen(tmp_path, gzip.compress(b"x,y\n1,2\n3,4\n"), name="t.csv.gz").values["weight"] == [1.0, 2.5]


def test_weights_beside_a_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv.weights").write_text("1\n2.5\n-3\n")
    table = seen(tmp_path, "weight,x\n5,1\n6,2\n7,3\n")
    assert table.values == {"weight": [5, 6, 7], "x": [1, 2, 3], "sidecar_weight": [1.0, 2.5, -3.0]}
    for content, said in (
        ("1\n2\n", "t.csv.weights has 2 weights, fewer than t.csv has rows"),
        ("1\n2\n3\n4\n", r"t\.csv\.weights has 4 weights, more than t\.csv has rows \(3\)"),
        ("1\nx\n3\n", r"t\.csv\.weights, line 2: no number"),
    ):
        (tmp_path / "t.csv.weights").write_text(content)
        with pytest.raises(InputError, match=said) as caught:
            table.again(["x", "sidecar_weight"])
        assert caught.value.key == "data.weight"
        assert table.again(["x"])["x"] == [1, 2, 3]


def test_what_looks_like_text() -> None:
    assert text.looks_like(b"x,y\n1,2\n")
    assert text.looks_like("Größe\n".encode("latin-1"))
    assert text.looks_like("x,y\n1,2\n".encode("utf-16"))
    assert not text.looks_like(b"\x89HDF\r\n\x1a\n\0\0\0\0\0")
    assert not text.looks_like(bytes(range(256)))


def test_binary_noise(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv is not a text file, it holds binary data"):
        seen(tmp_path, bytes(range(256)) * 10)


def test_the_rows_of_an_unevenly_packed_text_are_estimated_well(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    uneven = "".join(f"{a!r},1\n" for a in rng.normal(size=250_000).tolist())
    even = "1.25,0\n" * 6_000_000
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(f"x,y\n{uneven}{even}".encode(), 1))
    with text.READER.open(path, How()) as source:
        assert 2_000_000 < source.listing.rows < 12_000_000  # its beginning alone lets expect 300,000
    path.write_bytes(gzip.compress(f"x,y\n{uneven}".encode(), 1) + gzip.compress(b""))  # as block-wise packers end
    with text.READER.open(path, How()) as source:
        assert source.listing.rows == pytest.approx(250_000, rel=0.1)
