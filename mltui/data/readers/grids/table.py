"""A table of columns as an opened file, read in pieces of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers import words
from mltui.data.readers.grids.cells import picked_from, raw, series
from mltui.data.readers.grids.slots import Rows, Slot, width
from mltui.data.readers.names import check_given, distinct
from mltui.data.readers.raw import Bound, Chunk, Listing, Raw, reading

_AT_ONCE = 32 << 20


class Grid:
    """A table of slots as an opened file.

    Attributes:
        listing: what it holds.
    """

    def __init__(self, path: Path, format_name: str, found: Sequence[Slot], listing: Listing, missing: frozenset[str]):
        self._path = path
        self._format = format_name
        self._missing = missing
        self._rows = listing.rows
        self._slots = {slot.field.name: slot for slot in found}
        self.listing = listing

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """As every Source gives them.

        Without a size, arrays of numbers that are a column each come whole, since nothing is held twice; any others in
        pieces so small that it does not matter.
        """
        wanted = [self._slots[name] for name in names]
        stop = self._rows if rows is None else min(rows, self._rows)
        step = size or stop
        if size or not all(_is_whole(slot) for slot in wanted):
            arrays = {id(slot.array): slot.array for slot in wanted}
            widest = sum(_bytes_a_row(array) for array in arrays.values())
            step = min(step, max(1, _AT_ONCE // max(widest, 1)))
        for start in range(0, stop, max(step, 1)):
            end = min(start + step, stop)
            with reading(self._path, self._format):
                chunk = Chunk(self._read(wanted, start, end), np.arange(start, end, dtype=np.int64))
            yield chunk

    def _read(self, wanted: Sequence[Slot], start: int, stop: int) -> dict[str, Raw]:
        found: dict[str, Raw] = {}
        held: dict[int, NDArray[Any]] = {}
        for slot in wanted:
            values = held[id(slot.array)] if id(slot.array) in held else slot.array[start:stop]
            if slot.path:
                held[id(slot.array)] = values
            if len(values) != stop - start:
                raise InputError(f"{self._path.name} ends before its last row", key="data.files")
            found[slot.field.name] = raw(values, slot, self._missing)
        return {slot.field.name: found[slot.field.name] for slot in wanted}


def _is_whole(slot: Slot) -> bool:
    """Whether the array is this column and nothing else, of numbers."""
    return not slot.path and not slot.part and slot.array.dtype.kind in "biuf"


def _bytes_a_row(array: Rows) -> int:
    return int(np.prod(array.shape[1:], dtype=np.float64)) * max(array.dtype.itemsize, 1)


def judged(found: Sequence[Slot], kinds: Sequence[str], missing: frozenset[str]) -> list[Slot]:
    """The slots, those of texts with the kind that their beginning tells, names told apart.

    Args:
        kinds: the columns of which the user says what they are.
    """
    result = []
    heads: dict[int, NDArray[Any]] = {}
    for slot, name in zip(found, distinct(slot.field.name for slot in found), strict=True):
        named = replace(slot, field=replace(slot.field, name=name))
        if named.field.kind == "category" and not named.labels and name not in kinds:
            if id(slot.array) not in heads:
                heads[id(slot.array)] = slot.array[0 : words.PEEKED]
            texts = series(picked_from(heads[id(slot.array)], slot))
            kind = words.kind_of(texts, missing, slot.array.shape[0])
            named = replace(named, field=replace(named.field, kind=kind), number=kind == "number")
        result.append(replace(named, field=replace(named.field, row_bytes=width(named))))
    return result


def renamed(found: Sequence[Slot], names: Sequence[str], path: Path) -> list[Slot]:
    """The slots under the user's own names for them.

    Raises:
        InputError: where there are more or fewer names than columns, or one stands twice.
    """
    if not names:
        return list(found)
    check_given(names, len(found), path.name)
    return [replace(slot, field=replace(slot.field, name=name)) for slot, name in zip(found, names, strict=True)]
