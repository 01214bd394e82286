"""Cleans a piece of a text before it is parsed, of blanks, blank lines and comments, and finds uneven rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.text.dialect import BLANKS, Dialect

QUOTE = 34
_LINE_FEED, _BLANK, _TAB = 10, 32, 9


@dataclass(frozen=True)
class Mended:
    """A cleaned piece, and how many blank rows and comments were taken out of it."""

    block: bytes
    blank: int = 0
    comments: int = 0


def delimiter(dialect: Dialect) -> bytes:
    """What stands between fields once a piece is squeezed."""
    return b"\t" if dialect.separator == BLANKS else dialect.separator.encode()


def squeezed(block: bytes, dialect: Dialect) -> bytes:
    """The piece without blanks at the ends of fields; where runs of blanks separate, each one becomes a tab."""
    separates = dialect.separator == BLANKS
    if not (separates or dialect.padded):
        return block
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    letters = np.frombuffer(block, np.uint8)
    blank = letters == _BLANK
    if dialect.separator != "\t":
        blank |= letters == _TAB
    edge = letters == _LINE_FEED
    if not separates:
        edge |= letters == ord(dialect.separator)
    if (within := _within_quotes(block, letters, dialect)) is not None:
        blank &= ~within
        edge &= ~within
    keep = np.ones(len(letters), np.bool_)
    solid = np.flatnonzero(~blank)
    if not len(solid):
        return b"\n" * block.count(b"\n")
    gaps = np.flatnonzero(np.diff(solid) > 1)
    before, after = solid[gaps], solid[gaps + 1]
    beside = edge[before] | edge[after]
    keep[blank] = False
    firsts = before[~beside] + 1
    squeezed_letters = letters.copy()
    if separates:
        keep[firsts] = True
        squeezed_letters[firsts] = _TAB
    else:
        keep |= _runs(before[~beside], after[~beside], len(letters))
    return squeezed_letters[keep].tobytes()


def _runs(before: NDArray[np.int64], after: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """True between each pair of places."""
    change = np.zeros(length + 1, np.int8)
    change[before + 1] += 1
    change[after] -= 1
    return np.cumsum(change[:-1], dtype=np.int8) > 0


def _within_quotes(block: bytes, letters: NDArray[np.uint8], dialect: Dialect) -> NDArray[np.bool_] | None:
    if not dialect.quoted or b'"' not in block:
        return None
    return np.asarray(np.logical_xor.accumulate(letters == QUOTE))


def separators(block: bytes, dialect: Dialect) -> int:
    """How many separators a squeezed piece has outside quotes."""
    letters = np.frombuffer(block, np.uint8)
    return int(np.count_nonzero(_outside(letters == delimiter(dialect)[0], block, letters, dialect)))


def uneven(block: bytes, dialect: Dialect, *, all_rows: bool = False) -> tuple[int, int] | None:
    """The first row of a squeezed piece that has another number of fields than it should.

    Args:
        all_rows: whether blank ones and comments count too.

    Returns:
        How many lines of the piece stand before it, and how many fields it has; None where all are even.
    """
    letters = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(_outside(letters == _LINE_FEED, block, letters, dialect))
    if not block.endswith(b"\n"):
        ends = np.append(ends, len(block))
    signs = np.flatnonzero(_outside(letters == delimiter(dialect)[0], block, letters, dialect))
    counts = np.diff(np.searchsorted(signs, ends), prepend=0) + 1
    for row in np.flatnonzero(counts != dialect.fields).tolist():
        begin = int(ends[row - 1]) + 1 if row else 0
        if all_rows or not _passed_over(block[begin : int(ends[row])], dialect):
            return block.count(b"\n", 0, begin), int(counts[row])
    return None


def _passed_over(row: bytes, dialect: Dialect) -> bool:
    comment = bool(dialect.comment) and row.startswith(dialect.comment.encode())
    return comment or not row.strip(b" \t\r\n" + delimiter(dialect))


def _outside(found: NDArray[np.bool_], block: bytes, letters: NDArray[np.uint8], dialect: Dialect) -> NDArray[np.bool_]:
    within = _within_quotes(block, letters, dialect)
    return found if within is None else found & ~within


def mended(block: bytes, dialect: Dialect) -> Mended:
    """The piece without blank lines, lines of separators alone and comments; and as UTF-8 whatever it was."""
    if not block.isascii():
        block = _utf8(block)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    comment = dialect.comment.encode()
    if dialect.quoted and b'"' in block:
        return _by_rows(block, dialect, comment)
    signs = rb"(?:[ \t]|" + re.escape(delimiter(dialect)) + rb")"
    block, blank = re.subn(rb"(?m)^(?:" + signs + rb"*\n|" + signs + rb"+\Z)", b"", block)
    comments = 0
    if comment and (block.startswith(comment) or b"\n" + comment in block):
        block, comments = re.subn(rb"(?m)^" + re.escape(comment) + rb"[^\n]*\n?", b"", block)
    return Mended(block, blank, comments)


def _by_rows(block: bytes, dialect: Dialect, comment: bytes) -> Mended:
    kept: list[bytes] = []
    blank = comments = 0
    ignored = b" \t\n" + delimiter(dialect)
    for row in rows(block):
        if not row.strip(ignored):
            blank += 1
        elif comment and row.startswith(comment):
            comments += 1
        else:
            kept.append(row)
    return Mended(b"".join(kept), blank, comments)


def rows(block: bytes) -> Iterator[bytes]:
    """The rows of a piece, each with its line feed; one in which a quote is open goes on in the next line."""
    pending: list[bytes] = []
    open_quote = False
    for line in block.splitlines(keepends=True) if b"\r" not in block else block.replace(b"\r", b"").splitlines(True):
        pending.append(line)
        open_quote ^= bool(line.count(b'"') % 2)
        if not open_quote:
            yield b"".join(pending) if len(pending) > 1 else line
            pending.clear()
    if pending:
        yield b"".join(pending)


def _utf8(block: bytes) -> bytes:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return block.decode("cp1252", errors="replace").encode()
    return block
