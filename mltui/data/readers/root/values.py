"""The values of a branch: how its baskets' bytes become numbers, lists and texts, and these one array."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw
from mltui.data.readers.root.baskets import Baskets, damaged
from mltui.data.readers.root.leaves import coded, numbers
from mltui.data.readers.root.source import Bytes

_WRONG_SIZE = "has a basket of {} bytes where {} rows take {}"
Array = NDArray[Any]
Decode = Callable[[Any, int, int], Array]


class Jagged(NamedTuple):
    """A basket of lists: `offsets`, shape (rows + 1,), into `content`."""

    offsets: NDArray[np.int64]
    content: Array


def fixed(source: Bytes, branch: Any, interpretation: Any) -> Decode:
    """Of values that take the same bytes in every row."""
    import uproot

    dtype = np.dtype(interpretation.from_dtype)
    headed = isinstance(interpretation, uproot.AsStridedObjects)

    def decode(basket: Any, rows: int, _first: int) -> Array:
        data = np.ascontiguousarray(basket.data)
        if headed and rows and len(data) % rows == 0 and len(data) // rows > dtype.itemsize:
            data = np.ascontiguousarray(data.reshape(rows, -1)[:, -dtype.itemsize :]).reshape(-1)
        if len(data) != rows * dtype.itemsize:
            raise damaged(source, branch, _WRONG_SIZE.format(len(data), rows, rows * dtype.itemsize))
        return np.frombuffer(data, dtype)

    return decode


def packed(source: Bytes, branch: Any, interpretation: Any) -> Decode:
    """Of Double32_t and Float16_t."""
    dtype, dims = np.dtype(interpretation.from_dtype), tuple(interpretation.to_dims)

    def decode(basket: Any, rows: int, _first: int) -> Array:
        data = np.ascontiguousarray(basket.data)
        due = rows * int(np.prod(dims, dtype=np.int64)) * dtype.itemsize
        if len(data) != due:
            raise damaged(source, branch, _WRONG_SIZE.format(len(data), rows, due))
        return from_packed(np.frombuffer(data, dtype), interpretation).reshape(rows, *dims)

    return decode


def from_packed(raw: NDArray[Any], packing: Any) -> NDArray[Any]:
    """The numbers of ROOT's Double32_t and Float16_t: a share of a range, or an exponent and a short mantissa.

    See TBufferFile::ReadWithFactor and ReadWithNbits in ROOT's io/io/src/TBufferFile.cxx.

    Args:
        raw: as the file has them.
        packing: uproot's AsDouble32 or AsFloat16.
    """
    dtype = np.dtype(packing.to_dtype).base
    bits = int(packing.num_bits)
    if not packing.is_truncated:
        return np.asarray(raw.astype(dtype) * ((packing.high - packing.low) / 2.0**bits) + packing.low)
    mantissa = raw["mantissa"].astype(np.int32)
    size = (raw["exponent"].astype(np.int32) << 23) | ((mantissa & ((1 << (bits + 1)) - 1)) << (23 - bits))
    sign = np.where(mantissa & (1 << (bits + 1)), -1.0, 1.0)
    return np.asarray(size.view(np.float32) * sign, dtype)


def jagged(source: Bytes, branch: Any, interpretation: Any) -> Callable[[Any, int, int], Jagged]:
    """Of lists, each of which may begin with a header; where they end, the basket says, or a branch that counts."""
    import uproot

    header, dtype = int(interpretation.header_bytes), np.dtype(interpretation.content.from_dtype)
    is_packed = isinstance(interpretation.content, (uproot.AsDouble32, uproot.AsFloat16))

    def ends(basket: Any, rows: int, first: int) -> NDArray[np.int64]:
        if basket.byte_offsets is not None:
            return np.asarray(basket.byte_offsets, np.int64)
        counter = branch.count_branch
        if counter is None:
            raise damaged(source, branch, "does not say where its lists end")
        counts = Values(
            counter, source, counter.interpretation.to_dtype, fixed(source, counter, counter.interpretation)
        )
        values = counts.read([""], first, first + rows)[0].values.astype(np.int64)
        return np.concatenate([[0], np.cumsum(values * dtype.itemsize)])

    def decode(basket: Any, rows: int, first: int) -> Jagged:
        data = np.ascontiguousarray(basket.data)
        end = ends(basket, rows, first)
        sizes = np.diff(end) - header
        if (
            len(end) != rows + 1
            or end[0] < 0
            or end[-1] > len(data)
            or np.any(sizes < 0)
            or np.any(sizes % dtype.itemsize)
        ):
            raise damaged(source, branch, "has lists whose ends do not fit its bytes")
        if header:
            wanted = np.ones(len(data), np.bool_)
            wanted[: end[0]] = False
            wanted[(end[:-1, np.newaxis] + np.arange(header)).reshape(-1)] = False
            data = data[wanted][: int(sizes.sum())]
        else:
            data = data[end[0] : end[-1]]
        offsets = np.concatenate([[0], np.cumsum(sizes // dtype.itemsize)])
        content = np.frombuffer(data, dtype)
        return Jagged(offsets, from_packed(content, interpretation.content) if is_packed else content)

    return decode


class Values:
    """Numbers, arrays of numbers, or structures of them."""

    def __init__(self, branch: Any, source: Bytes, dtype: np.dtype[Any], decode: Decode) -> None:
        self._baskets = Baskets(branch, source, decode)
        self._dtype = np.dtype(dtype)

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`."""
        out = [_empty(self._dtype[member] if member else self._dtype, stop - start) for member in members]
        place = 0
        for held, low, high in self._baskets.between(start, stop):
            for member, values in zip(members, out, strict=True):
                part = held[member] if member else held
                values[place : place + high - low] = part[low:high].reshape(high - low, *values.shape[1:])
            place += high - low
        return [Raw(numbers(values)) for values in out]


def _empty(dtype: np.dtype[Any], rows: int) -> Array:
    base, shape = (dtype.base, dtype.shape) if dtype.subdtype else (dtype, ())
    shape = () if np.prod(shape, dtype=np.int64) == 1 else shape
    return np.empty((rows, *shape), base.newbyteorder("="))


class Lists:
    """Lists of numbers, or of structures of them."""

    def __init__(
        self, branch: Any, source: Bytes, dtype: np.dtype[Any], decode: Callable[[Any, int, int], Jagged]
    ) -> None:
        self._baskets = Baskets(branch, source, decode)
        self._dtype = dtype

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`."""
        counts: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        dtypes = [self._dtype[member] if member else self._dtype for member in members]
        parts: list[list[Array]] = [[numbers(np.empty(0, dtype.newbyteorder("=")))] for dtype in dtypes]
        for held, low, high in self._baskets.between(start, stop):
            counts.append(np.diff(held.offsets[low : high + 1]))
            content = held.content[held.offsets[low] : held.offsets[high]]
            for member, values in zip(members, parts, strict=True):
                part = content[member] if member else content
                values.append(numbers(part.astype(part.dtype.newbyteorder("="))))
        offsets = np.cumsum(np.concatenate(counts))
        return [Raw(np.concatenate(values), offsets=offsets) for values in parts]


class Texts:
    """Texts, each with its length before it: one byte or, where that is 255 or the branch says so, four."""

    def __init__(self, branch: Any, source: Bytes, interpretation: Any, missing: Collection[str]) -> None:
        self._baskets = Baskets(branch, source, self._decode)
        self._branch, self._source, self._missing = branch, source, missing
        self._header = int(interpretation.header_bytes)
        self._long = interpretation.length_bytes == "4"
        self._codes: dict[bytes, int] = {}

    def read(self, members: Sequence[str], start: int, stop: int) -> list[Raw]:
        """See `Group`."""
        codes = [held[low:high] for held, low, high in self._baskets.between(start, stop)]
        used, local = np.unique(np.concatenate([np.empty(0, np.int32), *codes]), return_inverse=True)
        texts = list(self._codes)
        return [coded(local.astype(np.int32), [texts[code] for code in used], self._missing) for _ in members]

    def _decode(self, basket: Any, rows: int, _first: int) -> NDArray[np.int32]:
        data = bytes(basket.data)
        starts = None if basket.byte_offsets is None else np.asarray(basket.byte_offsets).tolist()
        out = np.empty(rows, np.int32)
        place = 0
        for row in range(rows):
            place = place if starts is None else starts[row]
            place += self._header
            size = data[place] if 0 <= place < len(data) and not self._long else 255
            place += 0 if self._long else 1
            if size == 255:
                size = int.from_bytes(data[place : place + 4], "big")
                place += 4
            if not 0 <= place <= place + size <= len(data):
                raise damaged(self._source, self._branch, "has texts whose ends do not fit its bytes")
            out[row] = self._codes.setdefault(data[place : place + size], len(self._codes))
            place += size
        return out
