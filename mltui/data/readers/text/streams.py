"""Opens a text file, whatever it is compressed by and its letters are written in, as a stream of UTF-8."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from mltui.core.errors import InputError

Packing = Literal["", "gzip", "xz", "bzip2", "zip"]
_MAGIC: tuple[tuple[bytes, Packing], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
_CODECS = {"utf-8": "utf-8", "latin-1": "cp1252", "utf-16": "utf-16"}
"""What is said to be Latin-1 is nearly always Windows' superset of it."""
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STEP = 1 << 20
LONGEST_ROW = 64 << 20
"""Bytes; a longer row is taken for a quote that is never closed, or for no table at all."""


class Endless(Exception):
    """A row that does not end, in words that follow "line 7: "; so many lines of the piece stand before it."""

    def __init__(self, said: str, lines: int = 0) -> None:
        super().__init__(said)
        self.lines = lines


@dataclass(frozen=True)
class Origin:
    """Where the letters of a table come from.

    Attributes:
        member: of a zip archive.
        encoding: one of data.encoding's choices.
        lone_returns: whether lines end in a carriage return alone, as on the first Macintosh.
    """

    path: Path
    packing: Packing = ""
    member: str = ""
    encoding: str = "utf-8"
    lone_returns: bool = False

    @property
    def direct(self) -> bool:
        """Whether the file's own bytes can be used as they lie, so that reading may begin anywhere."""
        return not self.packing and self.encoding == "utf-8" and not self.lone_returns

    @contextmanager
    def opened(self, start: int = 0) -> Iterator[BinaryIO]:
        """The text as UTF-8, lines ending in a line feed, from so many bytes on."""
        with self.unpacked() as raw:
            stream = raw if self.direct else _recoded(raw, self)
            if start:
                _advance(stream, start, seekable=self.direct)
            yield stream

    @contextmanager
    def unpacked(self) -> Iterator[BinaryIO]:
        """The file's bytes without compression, in its own encoding."""
        with ExitStack() as stack:
            file = stack.enter_context(self.path.open("rb", buffering=0))
            if not self.packing:
                yield cast(BinaryIO, file)
            elif self.packing == "zip":
                archive = stack.enter_context(zipfile.ZipFile(self.path))
                yield cast(BinaryIO, stack.enter_context(archive.open(self.member)))
            else:
                yield cast(BinaryIO, stack.enter_context(_unpacked(cast(BinaryIO, file), self.packing)))


def packing_of(head: bytes) -> Packing:
    """How a file is compressed, by its first bytes."""
    return next((packing for magic, packing in _MAGIC if head.startswith(magic)), "")


def members(path: Path) -> tuple[str, ...]:
    """The files in a zip archive, without folders and what systems hide in them.

    Raises:
        InputError: where it has none, or needs a password.
    """
    with zipfile.ZipFile(path) as archive:
        found = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
        if not found:
            raise InputError(f"{path.name} holds no file", key="data.files")
        if any(info.flag_bits & 1 for info in found):
            raise InputError(f"{path.name} is locked by a password; unpack it first", key="data.files")
        return tuple(info.filename for info in found)


def member_size(path: Path, member: str) -> int:
    """How many bytes a member of a zip archive has when unpacked, as the archive says."""
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(member).file_size


def _hidden(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".")


def encoding_of(head: bytes, *, whole: bool) -> str:
    """How letters are written: by the byte order mark, by zero bytes at every other place, or by what UTF-8 allows."""
    if head.startswith(_BOMS) or (b"\0" in head and _zeros_alternate(head)):
        return "utf-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if whole or error.start < len(head) - 4:
            return "latin-1"
    return "utf-8"


def _zeros_alternate(head: bytes) -> bool:
    even, odd = head[::2].count(0), head[1::2].count(0)
    return min(even, odd) * 50 < max(even, odd) and max(even, odd) * 3 > len(head) // 2


def decoded(data: bytes, encoding: str) -> str:
    """Bytes from the beginning of a file as text, without the byte order mark; what is cut off at the end is left."""
    return _decoder(encoding, data).decode(data, final=False).removeprefix("\ufeff")


def _decoder(encoding: str, head: bytes) -> codecs.IncrementalDecoder:
    codec = _CODECS[encoding]
    if encoding == "utf-16" and not head.startswith(_BOMS):
        codec = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    return codecs.getincrementaldecoder(codec)(errors="replace")


class _Recoding(io.RawIOBase):
    """A stream of UTF-8 with line feeds from one in another encoding or with other line ends."""

    def __init__(self, raw: BinaryIO, origin: Origin) -> None:
        super().__init__()
        self._raw = raw
        self._origin = origin
        self._decoder: codecs.IncrementalDecoder | None = None
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = b"?"
        while data and not self._rest:
            data = self._raw.read(1 << 20)
            self._rest = self._converted(data)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _converted(self, data: bytes) -> bytes:
        if self._origin.encoding != "utf-8":
            self._decoder = self._decoder or _decoder(self._origin.encoding, data)
            data = self._decoder.decode(data, final=not data).encode("utf-8", errors="replace")
        return data.replace(b"\r", b"\n") if self._origin.lone_returns else data


def _recoded(raw: BinaryIO, origin: Origin) -> BinaryIO:
    if origin.encoding == "utf-8" and not origin.lone_returns:
        return raw
    return cast(BinaryIO, io.BufferedReader(_Recoding(raw, origin), 1 << 20))


def _advance(stream: BinaryIO, start: int, *, seekable: bool) -> None:
    if seekable:
        stream.seek(start)
        return
    while start > 0 and (data := stream.read(min(start, 1 << 20))):
        start -= len(data)


def blocks(stream: BinaryIO, size: int, *, quoted: bool, direct: bool) -> Iterator[bytes]:
    """The stream in pieces that end where a row ends, with a line feed or the end of the file.

    Args:
        size: bytes of a piece, about.
        quoted: whether a line end within double quotes does not end a row.
        direct: whether the stream is a file in which one can look ahead.

    Raises:
        Endless: where a row does not end within LONGEST_ROW.
    """
    while data := _to_a_line_end(stream, size, direct=direct):
        if quoted and b'"' in data and data.count(b'"') % 2:
            data = _to_a_closing_quote(stream, data, direct=direct)
        yield data


def _to_a_line_end(stream: BinaryIO, size: int, *, direct: bool) -> bytes:
    if direct:
        size = _whole_lines(stream, size)
    data = stream.read(size) or b""
    if not data or data.endswith(b"\n"):
        return data
    line = _line(stream)
    return data + line if line else data


def _whole_lines(stream: BinaryIO, size: int) -> int:
    """So many bytes from here end with the last line end within `size`; `size` where there is none."""
    here = stream.tell()
    window = min(size, 1 << 16)
    stream.seek(here + size - window)
    last = (stream.read(window) or b"").rfind(b"\n")
    stream.seek(here)
    return size if last < 0 else size - window + last + 1


def _to_a_closing_quote(stream: BinaryIO, data: bytes, *, direct: bool) -> bytes:
    pieces, length = [data], 0
    while piece := _to_a_line_end(stream, _STEP, direct=direct):
        pieces.append(piece)
        length += len(piece)
        if piece.count(b'"') % 2:
            break
        if length > LONGEST_ROW:
            lines = data.count(b"\n", 0, data.rfind(b'"'))
            raise Endless("a double quote is opened and not closed within 64 MB", lines)
    return b"".join(pieces)


def _line(stream: BinaryIO) -> bytes:
    """The rest of the line, read in larger steps where the stream is not buffered."""
    pieces, length = [], 0
    while True:
        piece = stream.readline(1 << 16) if not isinstance(stream, io.FileIO) else _peeked_line(stream)
        pieces.append(piece)
        length += len(piece)
        if not piece or piece.endswith(b"\n"):
            return b"".join(pieces)
        if length > LONGEST_ROW:
            raise Endless("a row from here on is longer than 64 MB, so that this is no table")


def _peeked_line(stream: io.FileIO) -> bytes:
    here = stream.tell()
    piece = stream.read(1 << 14) or b""
    end = piece.find(b"\n") + 1
    if end:
        stream.seek(here + end)
        return piece[:end]
    return piece


def consumed(origin: Origin, read: int) -> int:
    """How many bytes of a compressed file give so many of its text, rounded up to what was read ahead."""
    with origin.path.open("rb", buffering=0) as file, ExitStack() as stack:
        stream = stack.enter_context(_unpacked(file, origin.packing))
        while read > 0 and (data := stream.read(min(read, 1 << 20))):
            read -= len(data)
        return file.tell()


def _unpacked(file: BinaryIO, packing: Packing) -> gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File:
    if packing == "gzip":
        return gzip.GzipFile(fileobj=file)
    return lzma.LZMAFile(file) if packing == "xz" else bz2.BZ2File(file)
