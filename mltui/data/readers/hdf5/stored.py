"""An HDF5 dataset as rows that are read by slices, after its claims have been held against what is stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.hdf5.lengths import check_lengths
from mltui.data.readers.hdf5.sound import unsound

_LARGE_CHUNK = 1 << 28
_MOST_TIMES_THE_FILE = 2000
_EMPTY = 100
"""A dataset of so many times more values than were ever written holds nothing to learn from."""


class Stored:
    """A dataset.

    Attributes:
        path: in the file.
        dataset: of h5py.
        bits: the fields of a compound that are truth values written as bits, as PyTables does; "" of a plain dataset.
        why: why it cannot be read; empty where it can.
    """

    def __init__(self, path: str, dataset: Any, file_bytes: int) -> None:
        self.path = path
        self._file_bytes = file_bytes
        self.dataset = dataset
        self.shape: tuple[int, ...] = dataset.shape or ()
        self.dtype: np.dtype[Any] = _known_dtype(dataset)
        self.bits = _bits(dataset)
        self.why = "" if self.shape else "is a single value"
        self.why = (
            self.why
            or unsound(dataset.id.get_type())
            or _elsewhere(dataset)
            or _never_written(dataset)
            or _beyond(dataset, self, file_bytes)
        )

    def __getitem__(self, rows: slice, /) -> NDArray[Any]:
        start, stop, _ = rows.indices(self.shape[0])
        check_lengths(self.dataset, start, stop, self._file_bytes)
        if self.dtype.names is None:
            return np.asarray(self.dataset[rows])
        known = [name for name in self.dtype.names if _is_plain(self.dtype[name])]
        return np.asarray(
            self.dataset.fields(known)[rows] if len(known) < len(self.dtype.names) else self.dataset[rows]
        )


def _is_plain(dtype: np.dtype[Any]) -> bool:
    """Whether it is not of the kinds that no column is made of, which are then not read either."""
    noted: Mapping[str, Any] = dtype.metadata or {}
    inner = noted.get("vlen")
    return "ref" not in noted and (inner in (None, str, bytes) or np.dtype(inner).kind in "biuf")


def _known_dtype(dataset: Any) -> np.dtype[Any]:
    """The type of its elements; that of one which h5py knows no word for is nothing but bytes."""
    try:
        found: np.dtype[Any] = np.dtype(dataset.dtype)
        return found
    except (TypeError, ValueError, OSError):
        return np.dtype("V1")


def _bits(dataset: Any) -> frozenset[str]:
    import h5py

    kind = dataset.id.get_type()
    if kind.get_class() == h5py.h5t.BITFIELD:
        return frozenset({""})
    if kind.get_class() != h5py.h5t.COMPOUND:
        return frozenset()
    return frozenset(
        kind.get_member_name(index).decode(errors="replace")
        for index in range(kind.get_nmembers())
        if kind.get_member_class(index) == h5py.h5t.BITFIELD
    )


def _elsewhere(dataset: Any) -> str:
    """Nothing outside the file is read, whatever it says."""
    if dataset.external:
        return "keeps its values in another file, and only this one is read"
    if dataset.is_virtual and any(source.file_name != "." for source in dataset.virtual_sources()):
        return "is put together from other files, and only this one is read"
    return "" if _unpackable(dataset) else "is packed by a filter that is not installed here"


def _unpackable(dataset: Any) -> bool:
    import h5py

    plist = dataset.id.get_create_plist()
    return all(h5py.h5z.filter_avail(plist.get_filter(i)[0]) for i in range(plist.get_nfilters()))


def _never_written(dataset: Any) -> str:
    if 0 in dataset.shape:
        return "has no values"
    return "" if dataset.is_virtual or dataset.id.get_storage_size() else "was made but never written"


def _beyond(dataset: Any, stored: Stored, file_bytes: int) -> str:
    """What cannot be in a file of so many bytes."""
    each = max(stored.dtype.itemsize, 1)
    offset = dataset.id.get_offset()
    if offset is not None and offset + dataset.id.get_storage_size() > file_bytes:
        return f"claims {math.prod(stored.shape):,} values, which lie beyond the end of the file"
    if dataset.chunks and not dataset.is_virtual:
        written = dataset.id.get_num_chunks() * math.prod(dataset.chunks)
        if written * _EMPTY < math.prod(stored.shape):
            return f"claims {math.prod(stored.shape):,} values, of which at most {written:,} were written"
    chunk = math.prod(dataset.chunks or (0,)) * each
    if chunk > _LARGE_CHUNK and chunk > file_bytes * _MOST_TIMES_THE_FILE:
        return f"claims pieces of {chunk:,} bytes"
    return ""
