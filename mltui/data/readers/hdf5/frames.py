"""The columns of tables that pandas wrote into an HDF5 file, in its fixed and its table format, without pandas.

The layouts: https://pandas.pydata.org/docs/user_guide/io.html#hdf5-pytables and pandas/io/pytables.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mltui.data.readers.grids.slots import Slot, slots
from mltui.data.readers.hdf5 import attributes
from mltui.data.readers.hdf5.stored import Stored
from mltui.data.readers.hdf5.walk import printable
from mltui.data.readers.raw import Field
from mltui.data.readers.words import decoded

_PICKLED = "is pickled, and nothing is unpickled here"


def columns(path: str, group: Any, file_bytes: int) -> list[Slot]:
    """The columns of one pandas object; its index only where that tells times or words, not a count.

    Raises:
        ValueError: where the layout is none of those known.
    """
    table = group.get("table") if _is_hard(group, "table") else None
    if table is not None and getattr(table, "dtype", None) is not None and table.dtype.names:
        return list(_of_table(group, Stored(f"{path}/table", table, file_bytes)))
    if _is_hard(group, "axis0"):
        return _of_blocks(path, group, file_bytes)
    if _is_hard(group, "values"):
        stored = Stored(f"{path}/values", group["values"], file_bytes)
        return [
            _clocked(slot, attributes.text(group["values"], "value_type"))
            for slot in slots(path.rsplit("/", maxsplit=1)[-1], stored)
        ]
    raise ValueError(f"{path} was written by pandas in a way that is not known here")


def _is_hard(group: Any, name: str) -> bool:
    import h5py

    return isinstance(group.get(name, getlink=True), h5py.HardLink)


def _of_table(group: Any, stored: Stored) -> Iterator[Slot]:
    for field in stored.dtype.names or ():
        kind = attributes.text(stored.dataset, f"{field}_dtype")
        names = attributes.pickled_texts(stored.dataset, f"{field}_kind")
        if field == "index":
            kind = attributes.text(stored.dataset, "index_kind")
            names = ()
        labels = _labels(group, field) if attributes.text(stored.dataset, f"{field}_meta") == "category" else ()
        for slot in _field(stored, field, names):
            named = replace(slot, labels=labels, field=replace(slot.field, kind="category")) if labels else slot
            clocked = _clocked(named, kind)
            if field != "index" or clocked.field.kind in ("category", "date"):
                yield clocked


def _field(stored: Stored, field: str, names: Sequence[str]) -> list[Slot]:
    """The columns that one field of the compound holds: several of one type lie side by side in a block."""
    part = _Part(stored, field)
    name = names[0] if len(names) == 1 else field
    return [
        replace(slot, array=stored, path=(field, *slot.path))
        for slot in slots(name, part, tuple(printable(word) for word in names))
    ]


class _Part:
    """One field of a compound dataset as if it were a dataset."""

    def __init__(self, stored: Stored, field: str) -> None:
        inner = stored.dtype[field]
        base, shape = inner.subdtype or (inner, ())
        self.dtype = base
        self.shape = (*stored.shape, *shape)

    def __getitem__(self, rows: slice, /) -> Any:
        raise NotImplementedError


def _labels(group: Any, field: str) -> tuple[tuple[int, str], ...]:
    """The words behind the whole numbers of a column of categories."""
    found = group
    for name in ("meta", field, "meta", "table"):
        if not _is_hard(found, name):
            return ()
        found = found[name]
    if not found.dtype.names or "values" not in found.dtype.names:
        return ()
    values = found["values"][:]
    return tuple((code, _word(value)) for code, value in enumerate(values.reshape(-1).tolist()))


def _word(value: object) -> str:
    return decoded(value) if isinstance(value, bytes) else str(value)


def _of_blocks(path: str, group: Any, file_bytes: int) -> list[Slot]:
    found: dict[str, Slot] = {}
    number = 0
    while _is_hard(group, f"block{number}_values") and _is_hard(group, f"block{number}_items"):
        values = group[f"block{number}_values"]
        names = [printable(_word(name)) for name in np.asarray(group[f"block{number}_items"][:]).reshape(-1).tolist()]
        stored = Stored(f"{path}/block{number}_values", values, file_bytes)
        if stored.dtype.kind == "O" or len(stored.shape) != 2 or stored.shape[1] != len(names):
            found |= {name: Slot(Field(name, "unusable", why=_PICKLED), stored) for name in names}
        else:
            kind = "bool" if stored.bits == {""} else attributes.text(values, "value_type")
            found |= {slot.field.name: _clocked(slot, kind) for slot in slots(names[0], stored, names)}
        number += 1
    order = [printable(_word(name)) for name in np.asarray(group["axis0"][:]).reshape(-1).tolist()]
    return [found[name] for name in order if name in found] or list(found.values())


def _clocked(slot: Slot, kind: str) -> Slot:
    """The column as points in time or truth values where pandas says that its whole numbers are some."""
    if kind == "bool":
        return replace(slot, meant="?")
    if not kind.startswith("datetime64"):
        return slot
    unit = kind.partition("[")[2].partition("]")[0].partition(",")[0] or "ns"
    return replace(slot, meant=f"M8[{unit}]", field=replace(slot.field, kind="date", shape=()))
