"""Knows the damaged types at which the HDF5 library itself falls over, so that it is never asked to read them."""

from __future__ import annotations

from typing import Any

_VARIANT = 3
"""Where in an encoded type of any length it stands whether it is a list or a text."""


def unsound(kind: Any) -> str:
    """Why a type cannot be read: its fields overlap, or it is neither a list nor a text; empty where it can."""
    import h5py

    if kind.get_class() == h5py.h5t.VLEN:
        return "" if kind.encode()[_VARIANT] & 15 <= 1 else "is of a damaged type"
    if kind.get_class() != h5py.h5t.COMPOUND:
        return ""
    stop = 0
    for index in range(kind.get_nmembers()):
        member = kind.get_member_type(index)
        if kind.get_member_offset(index) < stop or unsound(member):
            return "is of a damaged type"
        stop = kind.get_member_offset(index) + member.get_size()
    return "is of a damaged type" if stop > kind.get_size() else ""
