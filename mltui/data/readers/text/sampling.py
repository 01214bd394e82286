"""Takes a sample of a text: its beginning, and where the file can be entered anywhere, pieces of its middle and end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mltui.core.errors import InputError
from mltui.data.readers.text import streams
from mltui.data.readers.text.streams import Origin

WHOLE = 4 << 20
"""Bytes; a text up to this length is looked at in whole, so that its guesses are certain."""
_HEAD = 1 << 19
_MOST = 16 << 20
_FEWEST_LINES = 50
_SPOT = 64 << 10
_SPOTS = (0.25, 0.5, 0.75, 1.0)
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f\x1b")
_DEFLATED = 1032
"""The most that a byte of gzip can stand for."""
_UNEVEN = 32
"""A text may become so many times longer than its beginning lets expect; more is a file that was cut off."""
_BINARY = 0.01
"""The share of control characters above which a file is not text."""


@dataclass(frozen=True)
class Sample:
    """The beginning of a text, as UTF-8.

    Attributes:
        head: from the first byte on, the byte order mark too.
        whole: whether that is all of it.
        length: bytes of the whole text, about, unless `whole`.
        spots: further pieces, of whole lines.
    """

    origin: Origin
    head: bytes
    whole: bool
    length: int
    spots: tuple[bytes, ...] = ()


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a text."""
    if streams.encoding_of(head, whole=False) == "utf-16":
        return True
    control = len(head) - len(head.translate(None, _CONTROL))
    return b"\0" not in head and control <= len(head) * _BINARY


def taken(path: Path, encoding: str | None, member: str, packing: streams.Packing) -> Sample:
    """A sample of a file.

    Args:
        encoding: as the user says; None guesses.

    Raises:
        InputError: for binary noise, and for nothing but blanks.
    """
    origin = Origin(path, packing, member)
    with origin.unpacked() as raw:
        first = raw.read(1 << 16) or b""
    guessed = streams.encoding_of(first, whole=len(first) < 1 << 16)
    if encoding is None and not looks_like(first):
        raise InputError(f"{path.name} is not a text file, it holds binary data", key="data.files")
    origin = Origin(path, packing, member, encoding or guessed)
    text = streams.decoded(first, origin.encoding)
    if "\r" in text and "\n" not in text:
        origin = Origin(path, packing, member, origin.encoding, lone_returns=True)
    head, whole, length = _head(origin)
    if encoding is None and guessed == "utf-8" and streams.encoding_of(head, whole=whole) == "latin-1":
        return taken(path, "latin-1", member, packing)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise InputError(f"{path.name} holds nothing but blank lines", key="data.files")
    spots = () if whole or not origin.direct else _spots(origin, len(head), length)
    return Sample(origin, head, whole, length, spots)


def _head(origin: Origin) -> tuple[bytes, bool, int]:
    """The beginning, whether it is everything, and about how long everything is."""
    with origin.opened() as stream:
        head = _read(stream, WHOLE + 1)
        if len(head) <= WHOLE:
            return head, True, len(head)
        if origin.direct:
            head = head[:_HEAD] if head.count(b"\n", 0, _HEAD) >= _FEWEST_LINES else head
        while head.count(b"\n") < _FEWEST_LINES and len(head) < _MOST and (more := stream.read(1 << 20)):
            head += more
    return head, False, max(len(head), _length(origin, len(head)))


def _read(stream: BinaryIO, size: int) -> bytes:
    pieces, left = [], size
    while left > 0 and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _length(origin: Origin, read: int) -> int:
    """About how many bytes the whole text has; a compressed one as if it were compressed evenly."""
    size = origin.path.stat().st_size
    if origin.packing == "zip":
        return streams.member_size(origin.path, origin.member)
    if not origin.packing:
        return size // 2 if origin.encoding == "utf-16" else size
    evenly = size * read / max(1, streams.consumed(origin, read))
    return int(_as_gzip_says(origin, size, evenly) if origin.packing == "gzip" else evenly)


def _as_gzip_says(origin: Origin, size: int, evenly: float) -> float:
    """The length that a file of gzip ends with, which lacks multiples of 4 GiB (RFC 1952), where it can be true.

    It is that of the last part, where several files were put together.
    """
    with origin.path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        said = int.from_bytes(file.read(4), "little")
    whole = said + max(0, round((evenly - said) / 2**32)) * 2**32
    return whole if evenly / 2 <= whole <= min(_UNEVEN * evenly, _DEFLATED * size) else evenly


def _spots(origin: Origin, begin: int, length: int) -> tuple[bytes, ...]:
    """Whole lines from further places of the file."""
    found = []
    with origin.path.open("rb", buffering=0) as file:
        for share in _SPOTS:
            start = int(begin + share * (length - begin)) - _SPOT
            if start <= begin:
                continue
            file.seek(start)
            piece = file.read(_SPOT) or b""
            lines = piece[piece.find(b"\n") + 1 : piece.rfind(b"\n") + 1]
            if lines:
                found.append(lines)
    return tuple(found)


def whole_rows(block: bytes, *, quoted: bool) -> bytes:
    """The piece up to the last line end that ends a row."""
    if not quoted or b'"' not in block:
        return block[: block.rfind(b"\n") + 1]
    letters = np.frombuffer(block, np.uint8)
    outside = ~np.logical_xor.accumulate(letters == ord('"'))
    ends = np.flatnonzero(outside & (letters == ord("\n")))
    return block[: int(ends[-1]) + 1] if len(ends) else b""
