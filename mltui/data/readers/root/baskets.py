"""Reads the baskets of a branch, one at a time, each only after what it claims was compared with what it holds.

uproot unpacks a basket without a look at what it claims, and would take memory for any claim.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers.root.leaves import MOST_COMPRESSED, unpacked_bytes
from mltui.data.readers.root.source import Bytes, Span, printable

_KEY = struct.Struct(">ihiIhh")
"""The beginning of a TKey: bytes, version, bytes when unpacked, time, bytes of the key, cycle."""
_TOGETHER = 16 << 20
"""So many bytes of baskets are asked of a host at once."""


class Basket(NamedTuple):
    """A basket's values as uproot keeps them until it makes one array of several, and its rows."""

    values: Any
    first: int
    last: int


def damaged(source: Bytes, branch: Any, what: str) -> InputError:
    """The sentence about a branch whose bytes are not what the file's index says."""
    return InputError(f"{source.name} is damaged: the branch {printable(branch.name)!r} {what}", key="data.files")


class Baskets:
    """The baskets of one branch, decoded.

    Args:
        branch: uproot's.
        source: the file it lies in.
        decode: the values in uproot's basket with the rows from a first until a last.
    """

    def __init__(self, branch: Any, source: Bytes, decode: Callable[[Any, int, int], Any]) -> None:
        self._branch, self._source, self._decode = branch, source, decode
        self._embedded: int | None = None
        self._first: NDArray[np.int64] | None = None
        self._kept: Basket | None = None

    def between(self, start: int, stop: int) -> Iterator[Basket]:
        """The baskets with the rows from `start` until `stop`; one that goes on beyond is kept for the next call."""
        first = self._first_rows()
        begin = int(np.searchsorted(first, start, "right")) - 1
        end = int(np.searchsorted(first, stop, "left"))
        fetched = begin
        for number in range(begin, end):
            if self._source.remote and number == fetched:
                fetched = self._fetch(number, end)
            low, high = int(first[number]), int(first[number + 1])
            if low == high:
                continue
            held = self._kept if self._kept and self._kept.first == low else self._held(number, low, high)
            self._kept = held if high > stop else None
            yield held

    def _first_rows(self) -> NDArray[np.int64]:
        """The first row of every basket and, last, how many rows there are, shape (baskets + 1,)."""
        if self._first is None:
            first = np.asarray(self._branch.entry_offsets, np.int64)
            if first[0] or np.any(np.diff(first) < 0):
                raise damaged(self._source, self._branch, "has baskets that are out of order")
            self._first = first
        return self._first

    def _held(self, number: int, low: int, high: int) -> Basket:
        basket = self._basket(number)
        if basket.num_entries != high - low:
            what = f"has {basket.num_entries} rows in a basket where its index says {high - low}"
            raise damaged(self._source, self._branch, what)
        return Basket(self._decode(basket, low, high), low, high)

    def _loose(self) -> int:
        """How many baskets lie by themselves in the file; the last ones may lie inside the tree."""
        if self._embedded is None:
            self._embedded = len(self._branch.embedded_baskets)
        return int(self._branch.num_baskets) - self._embedded

    def _span(self, number: int) -> Span:
        start = int(self._branch.member("fBasketSeek")[number])
        return start, start + int(self._branch.basket_compressed_bytes(number))

    def _fetch(self, number: int, end: int) -> int:
        """Ask a host for the next baskets; the number of the first that was not asked for."""
        spans: list[Span] = []
        count = 0
        while number < min(end, self._loose()) and (not spans or count < _TOGETHER):
            spans.append(self._span(number))
            count += spans[-1][1] - spans[-1][0]
            number += 1
        self._source.expect(spans)
        return number if spans else end

    def _basket(self, number: int) -> Any:
        if number >= self._loose():
            return self._branch.basket(number)
        from uproot.models.TBasket import Model_TBasket

        chunk, cursor = self._branch.basket_chunk_cursor(number)
        self._compare(memoryview(chunk.raw_data))
        file = self._branch.file
        return Model_TBasket.read(chunk, cursor, {"basket_num": number}, file, file, self._branch)

    def _compare(self, raw: memoryview) -> None:
        """Whether a basket holds as many bytes as it claims, before any memory is taken for them."""
        if len(raw) < _KEY.size:
            raise damaged(self._source, self._branch, "has a basket without a header")
        length, _, unpacked, _, header, _ = _KEY.unpack_from(raw)
        if length != len(raw) or not _KEY.size <= header <= length or unpacked < 0:
            raise damaged(self._source, self._branch, "has a basket with a wrong header")
        held = unpacked_bytes(raw[header:], unpacked)
        if held != unpacked:
            raise damaged(self._source, self._branch, f"has a basket of {held} bytes that claims {unpacked}")


def claims(branch: Any, source: Bytes, rows: int, row_bytes: float, inside: int) -> None:
    """Compare what a branch claims with what its file can hold, without reading it.

    Args:
        branch: uproot's.
        source: the file.
        rows: of the tree.
        row_bytes: of one row in the file, at least.
        inside: how many bytes the tree itself has, for baskets that lie in it.

    Raises:
        InputError: where the file is cut short, or no compression could bring so many rows into so few bytes.
    """
    seeks, sizes = np.asarray(branch.member("fBasketSeek")), np.asarray(branch.member("fBasketBytes"))
    count = min(len(seeks), len(sizes), int(branch.member("fWriteBasket")))
    seeks, sizes = seeks[:count].astype(np.float64), sizes[:count].astype(np.float64)
    end = float((seeks + sizes).max(initial=0))
    if end > source.size:
        raise InputError(
            f"{source.name} is cut short: it has {source.size} bytes, and its branch {printable(branch.name)!r} "
            f"goes on until byte {end:.0f}",
            key="data.files",
        )
    if rows * row_bytes > (sizes.sum() + inside) * MOST_COMPRESSED:
        raise InputError(
            f"{source.name} is damaged: it claims {rows} rows, more than its {source.size} bytes can hold",
            key="data.files",
        )
