"""The arrays of an NPY or NPZ file, read by slices of rows once their headers have been held against the file's size.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from __future__ import annotations

import ast
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 1 << 20
_DEEPEST = 30
_DEFLATE = 1040
"""How many bytes one byte can unpack to at most."""


@dataclass(frozen=True)
class Header:
    """What an array says of itself; `size` is the header's own length in bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    size: int

    @property
    def bytes(self) -> int:
        """Of its values."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes], room: int) -> Header:
    """The header that begins here; the whole array may take `room` bytes.

    Raises:
        ValueError: saying what is wrong.
    """
    start = file.read(8)
    if start[:6] != _MAGIC:
        raise ValueError("it does not begin as an array")
    wide = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(wide), "little")
    text = file.read(min(length, _LONGEST_HEADER))
    if len(text) < length:
        raise ValueError("its header is cut short")
    header = _parsed(text.decode("latin-1" if start[6] < 3 else "utf-8"), 8 + wide + length)
    if not header.dtype.itemsize:
        raise ValueError("its values take no bytes")
    if header.bytes != room - header.size and not (header.dtype.hasobject and header.bytes):
        raise ValueError(
            f"it claims {' x '.join(f'{n:,}' for n in header.shape) or 'one'} values of {header.dtype.itemsize} bytes"
            f" in {max(room - header.size, 0):,} bytes"
        )
    return header


def _parsed(text: str, size: int) -> Header:
    depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth > _DEEPEST:
            raise ValueError("its header is nested too deeply")
    said = ast.literal_eval(text.strip())
    if not isinstance(said, dict) or not {"descr", "fortran_order", "shape"} <= said.keys():
        raise ValueError("its header is damaged")
    shape = said["shape"]
    if not isinstance(shape, tuple) or not all(type(n) is int and 0 <= n < 2**62 for n in shape) or len(shape) > 32:
        raise ValueError("its header tells no shape")
    return Header(shape, np.lib.format.descr_to_dtype(said["descr"]), bool(said["fortran_order"]), size)


def mapped(path: Path, header: Header, offset: int = 0) -> NDArray[Any]:
    """An array as it lies in the file, of which only the rows that are asked for are read."""
    if not header.bytes:
        return np.zeros(header.shape, header.dtype)
    order = "F" if header.fortran else "C"
    return np.memmap(path, header.dtype, "r", offset + header.size, header.shape, order)  # type: ignore[call-overload, no-any-return]


class Packed:
    """A compressed array of an archive, unpacked from its beginning on, as far as it is asked for."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: Header) -> None:
        self._archive = archive
        self._member = member
        self._header = header
        self._file: IO[bytes] | None = None
        self._whole: NDArray[Any] | None = None
        self._row = 0
        self.shape = header.shape
        self.dtype = header.dtype

    def __getitem__(self, rows: slice, /) -> NDArray[Any]:
        start, stop, _ = rows.indices(self.shape[0])
        if self._header.fortran and len(self.shape) > 1:
            return self._by_columns()[start:stop]
        if self._file is None or start < self._row:
            self._file = self._archive.open(self._member)
            self._file.read(self._header.size)
            self._row = 0
        each = self._header.bytes // self.shape[0]
        while self._row < start:
            rows_at_once = min(start - self._row, max(1, (1 << 24) // max(each, 1)))
            self._file.read(rows_at_once * each)
            self._row += rows_at_once
        data = np.empty((stop - start) * each, np.uint8)
        place = 0
        while got := self._file.readinto(data[place:]):  # type: ignore[attr-defined]
            place += got
        self._row = stop
        return data[:place].view(self.dtype).reshape(stop - start, *self.shape[1:])

    def _by_columns(self) -> NDArray[Any]:
        """All of an array that is written column after column; kept, since every row lies all over the archive."""
        if self._whole is None:
            with self._archive.open(self._member) as file:
                file.read(self._header.size)
                self._whole = np.frombuffer(file.read(), self.dtype).reshape(self.shape, order="F")
        return self._whole


def member_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Header:
    """The header of one array of an archive.

    Raises:
        ValueError: saying what is wrong.
    """
    if member.file_size > member.compress_size * _DEFLATE + 64 and member.compress_type == zipfile.ZIP_DEFLATED:
        raise ValueError(f"{member.filename} claims to unpack to {member.file_size:,} bytes")
    with archive.open(member) as file:
        return read_header(file, member.file_size)


def data_offset(path: Path, member: zipfile.ZipInfo) -> int:
    """Where in the archive an uncompressed member begins."""
    with path.open("rb") as file:
        file.seek(member.header_offset)
        local = file.read(30)
    if len(local) < 30 or local[:4] != b"PK\x03\x04":
        raise ValueError("the archive is damaged")
    return member.header_offset + 30 + int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
