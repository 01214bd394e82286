"""Rows of an array as a column's plain values: native numbers, categories, days, lists."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers import words
from mltui.data.readers.grids.slots import Slot
from mltui.data.readers.raw import MICROSECONDS_A_DAY, Raw

_NOTHING = np.iinfo(np.int64).min


def picked_from(values: NDArray[Any], slot: Slot) -> NDArray[Any]:
    """The slot's part of rows of its array."""
    for step in slot.path:
        values = values[step] if isinstance(step, str) else values[:, step]
    return values


def raw(values: NDArray[Any], slot: Slot, missing: frozenset[str]) -> Raw:
    """The slot's column out of rows of its array, as an array of its own."""
    picked = picked_from(values, slot)
    if slot.field.kind == "list":
        return _lists(picked)
    if slot.labels:
        return _labelled(picked, dict(slot.labels))
    if picked.dtype.kind in "SUO":
        texts = series(picked)
        return words.numbers(texts, missing) if slot.number else words.categories(texts, missing)
    if slot.meant:
        picked = picked != 0 if slot.meant == "?" else picked.astype(np.int64).view(slot.meant)
    if picked.dtype.kind in "Mm":
        return _times(picked)
    if slot.part:
        picked = picked.real if slot.part == "real" else picked.imag
    if slot.colours_first:
        picked = np.moveaxis(picked, 1, -1)
    shared = bool(slot.path or slot.part) or isinstance(values, np.memmap)
    return Raw(_scaled(_native(picked, shared=shared), slot))


def _native(values: NDArray[Any], *, shared: bool = False) -> NDArray[Any]:
    """In the machine's byte order: float32, float64 or whole up to int64; a copy where it must be or is shared."""
    dtype: np.dtype[Any] = values.dtype.newbyteorder("=")
    if dtype.kind == "b":
        return np.asarray(values.view(np.uint8) != 0)  # other bytes than 0 and 1 would be truths of their own
    if dtype.kind == "f":
        dtype = np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    elif dtype == np.uint64:
        dtype = np.dtype(np.int64 if values.max(initial=0) < 2**63 else np.float64)
    found: NDArray[Any] = np.array(values, dtype, order="C") if shared else np.ascontiguousarray(values, dtype)
    return found


def _scaled(values: NDArray[Any], slot: Slot) -> NDArray[Any]:
    if slot.fill is not None and (gone := values == slot.fill).any():
        values = np.where(gone, np.nan, values.astype(np.float64) if values.dtype.kind != "f" else values)
    if slot.scale != 1 or slot.offset:
        values = values * slot.scale + slot.offset
    return values


def series(values: NDArray[Any]) -> Any:
    """Texts as a polars series; bytes are UTF-8, or else Latin-1."""
    import polars as pl

    if values.dtype.kind == "U":
        return pl.Series(_letters(values).tolist(), dtype=pl.String)
    try:
        return pl.Series(values.tolist(), dtype=pl.Binary).cast(pl.String)
    except (pl.exceptions.PolarsError, TypeError):
        return pl.Series([_text(value) for value in values.tolist()], dtype=pl.String)


def _letters(values: NDArray[Any]) -> NDArray[Any]:
    """The texts, with a sign in place of numbers that are no letters, at which Python would stumble."""
    native = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    codes = native.view(np.uint32)
    wrong = (codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))
    if not wrong.any():
        return native
    return np.where(wrong, np.uint32(0xFFFD), codes).view(native.dtype)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return words.decoded(value)
    return value if isinstance(value, str) else None


def _times(values: NDArray[Any]) -> Raw:
    """Points in time as days, lengths of time as seconds."""
    date = values.dtype.kind == "M"
    whole = values.astype(f"{values.dtype.kind}8[us]").astype(np.int64)
    known = np.where(whole == _NOTHING, np.nan, whole.astype(np.float64))
    return Raw(known / (MICROSECONDS_A_DAY if date else 1e6), date=date)


def _labelled(values: NDArray[Any], labels: dict[int, str]) -> Raw:
    texts = sorted(set(labels.values()))
    code_of = {text: code for code, text in enumerate(texts)}
    numbers, which = np.unique(values, return_inverse=True)
    known = [code_of[labels[number]] if number in labels else -1 for number in numbers.tolist()]
    codes = np.array(known, np.int32)
    return Raw(codes[which], tuple(texts))


def _lists(rows: NDArray[Any]) -> Raw:
    """A column of lists from an object array of arrays."""
    parts = [np.asarray(row) for row in rows]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(part) for part in parts], dtype=np.int64)])
    return Raw(_native(np.concatenate(parts)) if parts else np.zeros(0), offsets=offsets)
