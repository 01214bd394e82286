"""Holds the lengths that a dataset claims of its texts and lists against the file, before the library believes them.

HDF5 sets memory aside for the longest claim, which may be 4 GB a row. On disk, such a value is its length (4 bytes), an
address and an index: https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html, "Global Heap ID".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_POINTER = 16
"""Length, address and index on disk, where addresses have 8 bytes as they always do."""
_IN_MEMORY = 8
"""What HDF5 says that a text of any length takes: a pointer."""


def check_lengths(dataset: Any, start: int, stop: int, file_bytes: int) -> None:
    """Look at the lengths of some rows' texts and lists; those of packed datasets cannot be seen from here.

    Raises:
        ValueError: where together they are longer than the file.
    """
    places, stride = _layout(dataset.id.get_type())
    if not places or len(dataset.shape) != 1 or dataset.file.id.get_create_plist().get_sizes() != (8, 8):
        return
    with Path(dataset.file.filename).open("rb") as file:
        for offset, count in _stored(dataset, start, stop, stride):
            file.seek(offset)
            rows = np.frombuffer(file.read(count * stride), np.uint8)
            rows = rows[: len(rows) // stride * stride].reshape(-1, stride)
            for place, size in places:
                lengths = np.ascontiguousarray(rows[:, place : place + 4]).view("<u4").astype(np.int64)
                if int(lengths.sum()) * size > file_bytes:
                    raise ValueError("it claims texts or lists that are longer than the file")


def _layout(kind: Any) -> tuple[list[tuple[int, int]], int]:
    """Where in a row on disk each length stands and what an element of it takes; and what a row takes."""
    import h5py

    if kind.get_class() != h5py.h5t.COMPOUND:
        size = _element(kind)
        return ([(0, size)], _POINTER) if size else ([], 0)
    places = []
    grown = 0
    for index in range(kind.get_nmembers()):
        member = kind.get_member_type(index)
        if size := _element(member):
            places.append((kind.get_member_offset(index) + grown, size))
            grown += _POINTER - member.get_size() if member.get_size() == _IN_MEMORY else 0
    return places, kind.get_size() + grown


def _element(kind: Any) -> int:
    """What an element of a text or list of any length takes; 0 where it is of a fixed length."""
    import h5py

    if kind.get_class() == h5py.h5t.VLEN:
        return int(kind.get_super().get_size())
    return int(kind.get_class() == h5py.h5t.STRING and kind.is_variable_str())


def _stored(dataset: Any, start: int, stop: int, stride: int) -> Iterator[tuple[int, int]]:
    """Where in the file the rows lie and how many of them there."""
    offset = dataset.id.get_offset()
    if offset is not None:
        yield offset + start * stride, stop - start
    if dataset.chunks is None or dataset.id.get_create_plist().get_nfilters():
        return
    rows = dataset.chunks[0]
    for first in range(start // rows * rows, stop, rows):
        chunk = dataset.id.get_chunk_info_by_coord((first,))
        if chunk.byte_offset is not None:
            yield chunk.byte_offset, rows
