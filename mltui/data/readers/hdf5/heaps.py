"""Looks through the heaps of an HDF5 file's texts and lists, and at what points to them, before the library does.

Damage in a heap makes the library run on forever, and it sets memory aside for any length that a pointer claims, up to
4 GB. The layouts: https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html, "Global Heap" and "Global Heap ID".
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"GCOL\x01\0\0\0"
_HEAD = 16
_LOOKED_THROUGH = 1 << 26
_POINTER = 16
_VIRTUAL = (0x0304, 0x0305)
"""What stands in place of a length's upper half where a virtual dataset's sources are pointed to."""


def check_heaps(path: Path) -> None:
    """Walk through every heap in the first 64 MB as the library would, and look at every pointer there.

    Raises:
        ValueError: where a heap would not come to its end, or a pointer tells of more than the file can hold.
    """
    heaps: dict[int, frozenset[int]] = {}
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place = data.find(_SIGNATURE, 0, _LOOKED_THROUGH)
        while place >= 0:
            heaps[place] = _walk(data, place)
            place = data.find(_SIGNATURE, place + _HEAD, _LOOKED_THROUGH)
        if heaps:
            _check_pointers(np.frombuffer(data[:_LOOKED_THROUGH], np.uint8), heaps, len(data))


def _walk(data: mmap.mmap, start: int) -> frozenset[int]:
    """The numbers of a heap's objects; the object 0 is the free space, its head included."""
    if start + _HEAD > len(data):
        raise ValueError("one of its heaps is cut short")
    stop = start + int(struct.unpack_from("<Q", data, start + 8)[0])
    if stop > len(data):
        raise ValueError("one of its heaps is longer than the file")
    numbers = set()
    place = start + _HEAD
    while place + _HEAD <= stop:
        number, size = struct.unpack_from("<H6xQ", data, place)
        numbers.add(number)
        step = _HEAD + (size + 7) // 8 * 8 if number else size
        if step < _HEAD or place + step > stop:
            raise ValueError("one of its heaps is damaged")
        place += step
    return frozenset(numbers)


def _check_pointers(data: NDArray[np.uint8], heaps: Mapping[int, frozenset[int]], file_bytes: int) -> None:
    """A pointer is a length (4 bytes), the address of a heap (8) and the number of an object in it (4), anywhere."""
    lowest, highest = min(heaps), max(heaps)
    for shift in range(8):
        words = data[shift + 4 : shift + 4 + (len(data) - shift - 4) // 8 * 8].view("<u8")
        places = shift + 8 * np.flatnonzero((words >= lowest) & (words <= highest))
        lengths = data[places[:, None] + np.arange(4)].view("<u4").ravel()
        for place in places[lengths > file_bytes].tolist():
            pointer = data[place : place + _POINTER].tobytes().ljust(_POINTER, b"\0")
            length, address, number = struct.unpack("<IQI", pointer)
            if number in heaps.get(address, ()) and length >> 16 not in _VIRTUAL:
                raise ValueError("it claims texts or lists that are longer than the file")
