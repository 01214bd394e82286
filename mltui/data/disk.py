"""Columns on disk: the pieces of each appended to a file of its own, united there, and opened as a memory map."""

from __future__ import annotations

import errno
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mltui.core.errors import InputError
from mltui.data.readers.raw import Raw
from mltui.data.stack import Family, Order, agreed, alphabetical, family

CHUNK_BYTES = 16_000_000
"""About so much is held in memory at once while something is written or rewritten."""
Array = NDArray[Any]


def chunk_rows(row_bytes: float) -> int:
    """How many rows to work on at once."""
    return max(1_000, int(CHUNK_BYTES / max(1.0, row_bytes)))


def chunks(rows: int, size: int) -> Iterator[slice]:
    """Consecutive slices that cover so many rows."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


@dataclass(frozen=True)
class _Segment:
    """Rows of one type in a stack's file; `dtype` is None where they have no value and nothing was written."""

    dtype: np.dtype[Any] | None
    rows: int


class DiskStack:
    """What `Stack` does, with the pieces in a file: neither they nor the whole column are ever in memory.

    Args:
        path: of the file to write, which may not be there.
    """

    def __init__(self, name: str, path: Path, order: Order = alphabetical) -> None:
        self._name, self._path, self._order = name, path, order
        self._segments: list[_Segment] = []
        self._shape: tuple[int, ...] | None = None
        self._known: tuple[Family, str] = ("nothing", "")
        self._texts: bool = False
        self._codes: dict[str, int] = {}
        self._last: tuple[tuple[str, ...], Array] | None = None
        self._several = False
        self._odd = 0
        path.touch(mode=0o600)

    def add(self, piece: Raw, where: str) -> None:
        """Put a piece at the end.

        Args:
            where: the name of its file, for a sentence.

        Raises:
            InputError: where it is of another kind than those before it.
            OSError: where it cannot be written.
        """
        self._known = agreed(self._name, self._known, (family(piece), where))
        self._odd += piece.odd
        if piece.offsets is not None:
            raise InputError(f"the column {self._name!r} holds lists, which cannot be kept on disk", key="data.files")
        text = piece.categories is not None
        self._texts = self._texts or text
        values = piece.values if piece.categories is None else self._united(piece.categories)[piece.values]
        stranger = family(piece) == "nothing" and (self._known[0] == "text") != text
        if stranger or self._known[0] == "nothing":
            self._segments.append(_Segment(None, len(piece)))
        else:
            self._append(values)

    def _united(self, labels: tuple[str, ...]) -> Array:
        """For each code of a piece, and -1, the code among all labels so far."""
        if self._last is None or self._last[0] != labels:
            self._several = self._last is not None
            codes = [self._codes.setdefault(label, len(self._codes)) for label in labels]
            self._last = labels, np.array([*codes, -1], np.int32)
        return self._last[1]

    def _append(self, values: Array) -> None:
        shape = values.shape[1:]
        if self._shape is not None and shape != self._shape:
            said = " and ".join(" x ".join(str(side) for side in shape) for shape in (self._shape, shape))
            raise InputError(f"the column {self._name!r} holds images of different shapes, {said}", key="data.files")
        self._shape = shape
        with self._path.open("ab") as file:
            np.ascontiguousarray(values).tofile(file)
        self._segments.append(_Segment(values.dtype, len(values)))

    def joined(self) -> dict[str, Any]:
        """Unite the pieces; the column's description, from which `opened` makes it again.

        Raises:
            OSError: where it cannot be written.
        """
        kind = self._known[0]
        text = kind == "text" or (kind == "nothing" and self._texts)
        types = {segment.dtype for segment in self._segments}
        known = [dtype for dtype in types if dtype is not None]
        if text:
            dtype: np.dtype[Any] = np.dtype(np.int32)
        else:
            dtype = np.result_type(*known, *([np.float32] if None in types or not known else []))
        if types - {dtype}:
            self._rewrite(dtype, text)
        labels = self._labels() if text else None
        return {
            "name": self._name,
            "file": self._path.name,
            "dtype": dtype.str,
            "shape": [sum(segment.rows for segment in self._segments), *(self._shape or ())],
            "categories": labels,
            "date": kind == "dates",
            "odd": self._odd,
        }

    def _rewrite(self, dtype: np.dtype[Any], text: bool) -> None:
        """The file again, all of one type."""
        beside = self._path.with_suffix(".new")
        shape = self._shape or ()
        width = math.prod(shape)
        with self._path.open("rb") as old, beside.open("wb") as new:
            for segment in self._segments:
                for part in chunks(segment.rows, chunk_rows(8 * width)):
                    rows = part.stop - part.start
                    if segment.dtype is None:
                        values = np.full((rows, *shape), -1 if text else np.nan, dtype)
                    else:
                        values = np.fromfile(old, segment.dtype, rows * width).astype(dtype)
                    values.tofile(new)
        beside.replace(self._path)

    def _labels(self) -> list[str]:
        """All labels in their order, the codes on disk made to follow it."""
        given = tuple(self._codes) if not self._several else self._order(self._codes)
        places = {label: code for code, label in enumerate(given)}
        recode = np.array([*(places[label] for label in self._codes), -1], np.int32)
        if self._path.stat().st_size and not np.array_equal(recode[:-1], np.arange(len(recode) - 1)):
            codes = np.memmap(self._path, np.int32, "r+")
            for part in chunks(len(codes), chunk_rows(4)):
                codes[part] = recode[codes[part]]
            codes.flush()
        return list(given)


def opened(folder: Path, about: dict[str, Any]) -> Raw:
    """A column that a `DiskStack` has described, memory-mapped.

    Raises:
        InputError: where it cannot be mapped.
    """
    categories = about["categories"]
    return Raw(
        mapped(folder / about["file"], about["dtype"], about["shape"]),
        None if categories is None else tuple(categories),
        date=about["date"],
        odd=about["odd"],
    )


def mapped(path: Path, dtype: DTypeLike, shape: Sequence[int]) -> Array:
    """A file's content as an array that can only be read; it takes no memory of its own.

    Raises:
        InputError: where the system refuses.
    """
    if not math.prod(shape):
        return np.zeros(tuple(shape), dtype)
    try:
        return np.asarray(np.memmap(path, dtype, "r", shape=tuple(shape)))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            raise InputError(
                f"{path.name} of the table on disk does not fit into the address space that this shell allows "
                "(ulimit -v); raise that limit, or take fewer features or rows",
                key="data.files",
            ) from None
        raise InputError(f"the table on disk, {path}, cannot be read: {error}", key="data.files") from None


def on_disk(array: Any) -> bool:
    """Whether an array is a view of a file."""
    while array is not None:
        if isinstance(array, np.memmap):
            return True
        array = getattr(array, "base", None)
    return False
