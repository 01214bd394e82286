"""Which columns an array has: a field, a column of numbers, an image a row, and what is noted beside its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Field, Kind

MOST_COLUMNS = 100_000
"""A 2-D array of more columns is one image a row."""
_COLOURS = (1, 3, 4)
_KINDS: dict[str, Kind] = {"S": "category", "U": "category", "M": "date"}


class Rows(Protocol):
    """Rows that are read when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows first."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of what an element is made."""
        ...

    def __getitem__(self, rows: slice, /) -> NDArray[Any]: ...


@dataclass(frozen=True)
class Slot:
    """One column: where it lies in an array and what becomes of it.

    Attributes:
        path: from the array's rows to the column: fields of a structure by name, columns by number.
        part: of complex numbers.
        colours_first: whether an image has its colours before its rows of pixels.
        number: whether the texts are numbers.
        labels: by whole value, where these stand for words.
        fill, scale, offset: as the file's attributes say: the value that means missing, then times and plus.
        meant: the numpy type of times or truth values that are written as whole numbers.
    """

    field: Field
    array: Rows
    path: tuple[str | int, ...] = ()
    part: Literal["", "real", "imag"] = ""
    colours_first: bool = False
    number: bool = False
    labels: tuple[tuple[int, str], ...] = ()
    fill: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    meant: str = ""


def slots(name: str, array: Rows, names: Sequence[str] = ()) -> list[Slot]:
    """The columns of an array: one of a 1-D, one a field of a structured, one a column of a 2-D array, else an image.

    Args:
        name: of the array; columns of a 2-D one are called name_0, name_1, … unless `names` are given.
    """
    return list(_slots(name, array, array.dtype, array.shape[1:], (), tuple(names)))


def _slots(
    name: str,
    array: Rows,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    path: tuple[str | int, ...],
    names: tuple[str, ...] = (),
) -> Iterator[Slot]:
    if dtype.subdtype is not None:
        base, inner = dtype.subdtype
        yield from _slots(name, array, base, (*shape, *inner), path, names)
    elif dtype.names is not None and not shape:
        for part in dtype.names:
            called = f"{name}.{part}" if path else part
            yield from _slots(called, array, dtype.fields[part][0], (), (*path, part))  # type: ignore[index]
    elif len(shape) == 1 and 0 < shape[0] <= MOST_COLUMNS and dtype.names is None:
        for index, called in enumerate(_column_names(name, shape[0], names)):
            yield from _slots(called, array, dtype, (), (*path, index))
    elif dtype.kind == "c" and not shape:
        yield Slot(Field(f"{name}.real"), array, path, "real")
        yield Slot(Field(f"{name}.imag"), array, path, "imag")
    else:
        yield _slot(name, array, dtype, shape, path)


def _column_names(name: str, columns: int, names: tuple[str, ...]) -> Iterator[str]:
    if len(names) == columns:
        yield from names
    elif columns == 1:
        yield name
    else:
        yield from (f"{name}_{index}" for index in range(columns))


def _slot(name: str, array: Rows, dtype: np.dtype[Any], shape: tuple[int, ...], path: tuple[str | int, ...]) -> Slot:
    meant = _meant(name, array, dtype, shape, path)
    if meant is not None:
        return meant
    why = _unusable(dtype, shape)
    if why:
        return Slot(Field(name, "unusable", why=why), array, path)
    if shape:
        first = len(shape) == 3 and shape[0] in _COLOURS and shape[2] not in _COLOURS
        return Slot(Field(name, "image", shape=(*shape[1:], shape[0]) if first else shape), array, path, "", first)
    return Slot(Field(name, _KINDS.get(dtype.kind, "number"), unit="s" if dtype.kind == "m" else ""), array, path)


def _meant(
    name: str, array: Rows, dtype: np.dtype[Any], shape: tuple[int, ...], path: tuple[str | int, ...]
) -> Slot | None:
    """The column where h5py has noted beside the type what its values mean: texts, lists or words for numbers."""
    noted: Mapping[str, Any] = dtype.metadata or {}
    if shape or not noted:
        return None
    if "enum" in noted:
        labels = tuple((int(number), str(word)) for word, number in noted["enum"].items())
        return Slot(Field(name, "category"), array, path, labels=labels)
    if noted.get("vlen") in (str, bytes):
        return Slot(Field(name, "category"), array, path)
    if "vlen" in noted and np.dtype(noted["vlen"]).kind in "biuf":
        return Slot(Field(name, "list", why="holds a list of numbers in each row"), array, path)
    if "vlen" in noted or "ref" in noted:
        what = "a list of what are no numbers" if "vlen" in noted else "a reference to another place in the file"
        return Slot(Field(name, "unusable", why=f"holds {what} in each row"), array, path)
    return None


def _unusable(dtype: np.dtype[Any], shape: tuple[int, ...]) -> str:
    if not dtype.itemsize or 0 in shape:
        return "has no values"
    if dtype.kind == "O":
        return "holds pickled objects, and nothing is unpickled here"
    if dtype.names is not None:
        return "holds several structures in each row"
    if dtype.kind not in "biufcSUMm":
        return "holds raw bytes"
    if shape and dtype.kind not in "biuf":
        return f"holds {'texts' if dtype.kind in 'SU' else 'what are no plain numbers'} side by side in each row"
    return ""


def width(slot: Slot) -> int:
    """What a row's value takes in memory, in bytes, about."""
    if slot.field.kind in ("unusable", "category"):
        return 0 if slot.field.kind == "unusable" else 4
    if slot.field.kind == "list":
        return 64
    if not slot.field.shape:
        return 8
    each = 8 if slot.scale != 1 or slot.fill is not None else min(8, max(1, slot.array.dtype.itemsize))
    return each * int(np.prod(slot.field.shape, dtype=np.float64))
