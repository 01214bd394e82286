"""Small good files of every format, and damaged ones made of them by number."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

ROWS = 77


@dataclass(frozen=True)
class Seed:
    """A good file: its bytes, and how what is mutated inside is wrapped to become the file, checksums and all."""

    ending: str
    inner: bytes
    wrap: Callable[[bytes], bytes] = bytes

    @property
    def file(self) -> bytes:
        """The bytes of the good file."""
        return self.wrap(self.inner)


def _text(separator: str = ",", decimal: str = ".") -> bytes:
    lines = [separator.join(["pt" if separator == " " else "pt [GeV]", "eta", "n", "process", "when", "label"])]
    for i in range(ROWS):
        pt = "" if i % 13 == 0 else f"{20 + i * 1.37:.3f}".replace(".", decimal)
        name = ('"a, b"', "tt", "z jets", "NA")[i % 4] if separator != " " else ("tt", "zz")[i % 2]
        lines.append(separator.join([pt or "nan", f"{i - 30}", f"{i}", name, f"2024-0{i % 9 + 1}-11", f"{i % 2}"]))
    return "\n".join(lines).encode()


def _zipped(name: str) -> Callable[[bytes], bytes]:
    def wrap(inner: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), inner, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    return wrap


def _parquet(**options: Any) -> bytes:
    import polars as pl

    frame = pl.DataFrame(
        {
            "x": [i * 0.5 for i in range(ROWS)],
            "n": [None if i % 9 == 0 else i for i in range(ROWS)],
            "text": [("a", "b", None)[i % 3] for i in range(ROWS)],
            "list": [[float(j) for j in range(i % 4)] for i in range(ROWS)],
            "label": [i % 2 == 0 for i in range(ROWS)],
        }
    ).with_columns(day=pl.date(2024, 1, 1) + pl.duration(days=pl.col("n")))
    out = io.BytesIO()
    frame.write_parquet(out, row_group_size=40, **options)
    return out.getvalue()


def _arrays() -> dict[str, Any]:
    import numpy as np

    return {
        "x": np.linspace(0, 1, ROWS),
        "image": np.arange(ROWS * 6, dtype=np.float32).reshape(ROWS, 2, 3),
        "label": np.arange(ROWS) % 2,
        "text": np.array([("a", "bc")[i % 2] for i in range(ROWS)]),
    }


def _npy() -> bytes:
    import numpy as np

    out = io.BytesIO()
    np.save(out, np.array([(i * 0.5, i, i % 2) for i in range(ROWS)], [("x", "f8"), ("n", "i4"), ("label", "i1")]))
    return out.getvalue()


def _npz(save: str) -> bytes:
    import numpy as np

    out = io.BytesIO()
    getattr(np, save)(out, **_arrays())
    return out.getvalue()


def _npy_in_npz(inner: bytes) -> bytes:
    """One member of the archive is what was mutated, with a sound checksum around it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x.npy"), inner)
    return out.getvalue()


def _hdf5(compound: bool) -> bytes:
    import h5py
    import numpy as np

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        if compound:
            table = np.array([(i * 0.5, i, b"ab") for i in range(ROWS)], [("x", "f8"), ("n", "i4"), ("t", "S2")])
            file.create_dataset("table", data=table, chunks=(20,), compression="gzip")
            return _closed(file, out)
        group = file.create_group("events")
        for name, values in _arrays().items():
            if values.dtype.kind == "U":
                group.create_dataset(name, data=values.tolist(), dtype=h5py.string_dtype())
            else:
                group.create_dataset(name, data=values, chunks=(20, *values.shape[1:]), compression="gzip")
        group["x"].attrs["unit"] = "GeV"
        return _closed(file, out)


def _closed(file: Any, out: io.BytesIO) -> bytes:
    file.close()
    return out.getvalue()


def _root(kind: str, packed: bool) -> bytes:
    import awkward as ak
    import numpy as np
    import uproot

    columns = {
        "x": np.linspace(0, 1, ROWS),
        "n": np.arange(ROWS, dtype=np.int32),
        "jets": ak.Array([[float(j) for j in range(i % 4)] for i in range(ROWS)]),
        "text": ak.Array([("a", "bc")[i % 2] for i in range(ROWS)]),
        "label": np.arange(ROWS) % 2 == 0,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.root"
        with uproot.recreate(path, compression=uproot.ZLIB(4) if packed else None) as file:
            if kind == "tree":
                file.mktree("events", {name: _branch(values) for name, values in columns.items()}).extend(columns)
            else:
                file.mkrntuple("events", columns)
        return path.read_bytes()


def envelopes(data: bytes) -> list[tuple[int, int]]:
    """Where each envelope of an RNTuple begins and ends: a type, a length, and at the end a checksum of all before.

    They are laid down in the RNTuple binary format specification of ROOT, version 1.
    """
    import xxhash

    found = []
    for begin in range(len(data) - 16):
        kind, length = data[begin], int.from_bytes(data[begin + 2 : begin + 8], "little")
        end = begin + length
        if kind in (1, 2, 3) and data[begin + 1] == 0 and 16 < length <= len(data) - begin:
            checksum = int.from_bytes(data[end - 8 : end], "little")
            if xxhash.xxh3_64_intdigest(data[begin : end - 8]) == checksum:
                found.append((begin, end))
    return found


def checksummed(places: list[tuple[int, int]], data: bytes) -> bytes:
    """An RNTuple with the right checksums at the ends of its envelopes, so that a lie in one is believed."""
    import xxhash

    mended = bytearray(data)
    for begin, end in places:
        if end <= len(mended):
            mended[end - 8 : end] = xxhash.xxh3_64_intdigest(bytes(mended[begin : end - 8])).to_bytes(8, "little")
    return bytes(mended)


def _branch(values: Any) -> Any:
    import numpy as np

    if isinstance(values, np.ndarray):
        return values.dtype
    return "string" if "string" in str(values.type) else "var * float64"


def packed_text(inner: bytes) -> bytes:
    """Compressed without a time, so that the bytes are always the same."""
    return gzip.compress(inner, mtime=0)


@cache
def seeds() -> tuple[Seed, ...]:
    """Every good file; formats with more ways to go wrong have more."""
    npy, ntuple, small = _npy(), _root("ntuple", packed=False), _root("ntuple", packed=True)
    return (
        Seed("csv", _text()),
        Seed("csv", _text(";", ",")),
        Seed("tsv", _text("\t")),
        Seed("dat", _text(" ")),
        Seed("csv.gz", _text(), packed_text),
        Seed("csv.xz", _text(), lzma.compress),
        Seed("csv.zip", _text(), _zipped("table.csv")),
        Seed("parquet", _parquet(compression="uncompressed")),
        Seed("parquet", _parquet(compression="zstd")),
        Seed("parquet", _parquet(compression="snappy", statistics=False)),
        Seed("npy", npy),
        Seed("npz", _npz("savez")),
        Seed("npz", _npz("savez_compressed")),
        Seed("npz", npy, _npy_in_npz),
        Seed("h5", _hdf5(compound=False)),
        Seed("h5", _hdf5(compound=True)),
        Seed("root", _root("tree", packed=False)),
        Seed("root", _root("tree", packed=True)),
        Seed("root", ntuple, partial(checksummed, envelopes(ntuple))),
        Seed("root", small, partial(checksummed, envelopes(small))),
    )


Order = Literal["big", "little"]
_LIES = (0, 1, 0x7F, 0xFF, 0xFFFF, 10**8, 2**31 - 1, 2**31, 2**32 - 1, 10**12, 2**62, 2**63 - 1, 2**64 - 1)


def mutated(number: int) -> tuple[str, bytes]:
    """The ending and the bytes of a numbered file, the same at every call but for times that libraries write."""
    every = seeds()
    seed, chance = every[number % len(every)], random.Random(number)
    if seed.wrap is not bytes and chance.random() < 0.5:
        return seed.ending, seed.wrap(_mutate(seed.inner, chance))
    return seed.ending, _mutate(seed.file, chance)


def _mutate(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        chance.choice((_flip, _flip, _cut_off, _remove, _repeat, _lie, _lie, _lie, _lie_of_rows))(found, chance)
    return bytes(found)


def _place(data: bytearray, chance: random.Random) -> int:
    """Somewhere, more often near the beginning or the end, where headers are."""
    size = max(1, len(data))
    near = min(size, 600)
    return chance.choice((chance.randrange(size), chance.randrange(near), size - 1 - chance.randrange(near)))


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        if data:
            data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _cut_off(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


def _remove(data: bytearray, chance: random.Random) -> None:
    begin = _place(data, chance)
    del data[begin : begin + chance.choice((1, 4, 8, 100, 1000))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    begin = _place(data, chance)
    piece = data[begin : begin + chance.choice((1, 8, 100, 1000))] * chance.choice((1, 1, 50))
    data[begin:begin] = piece


def _lie_of_rows(data: bytearray, chance: random.Random) -> None:
    """Overwrite a number that may be how many rows there are: binary of either order, or as text."""
    width, order = chance.choice((1, 2, 4, 8)), _order(chance)
    wanted = chance.choice((ROWS.to_bytes(width, order), (ROWS * 8).to_bytes(max(2, width), order), str(ROWS).encode()))
    places = [at for at in range(len(data)) if data.startswith(wanted, at)]
    if not places:
        return
    at, value = chance.choice(places), chance.choice(_LIES)
    if wanted == str(ROWS).encode():
        data[at : at + 2] = str(value).encode()
    else:
        data[at : at + len(wanted)] = _written(value, len(wanted), order)


def _lie(data: bytearray, chance: random.Random) -> None:
    """Overwrite whatever stands somewhere by a number that is at the edge of its type, or too large to be true."""
    at, width = _place(data, chance), chance.choice((1, 2, 4, 8))
    data[at : at + width] = _written(chance.choice(_LIES), width, _order(chance))[: max(0, len(data) - at)]


def _order(chance: random.Random) -> Order:
    return chance.choice(("big", "little"))


def _written(value: int, width: int, order: Order) -> bytes:
    return (value % (1 << 8 * width)).to_bytes(width, order)
