"""The tables of an HDF5 file: compound and 2-D datasets, datasets of one length, and what pandas wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mltui.data.readers.grids.grouping import groups
from mltui.data.readers.grids.slots import Slot, slots
from mltui.data.readers.hdf5 import attributes, frames
from mltui.data.readers.hdf5.stored import Stored
from mltui.data.readers.hdf5.walk import Found


@dataclass(frozen=True)
class Table:
    """One choice.

    Attributes:
        members: the paths of what is in it, by which it may be named as well.
    """

    name: str
    members: tuple[str, ...]
    rows: int
    columns: tuple[Slot, ...]

    @property
    def usable(self) -> tuple[Slot, ...]:
        """The columns that can be read."""
        return tuple(slot for slot in self.columns if slot.field.kind != "unusable")

    @property
    def values(self) -> int:
        """How many in all, by which the largest table is found."""
        return self.rows * len(self.usable)

    @property
    def looks_like_one(self) -> bool:
        """Whether it is more than one series, or words about something."""
        kinds = {slot.field.kind for slot in self.usable}
        return kinds == {"image"} or (len(self.usable) > 1 and bool(kinds & {"number", "image", "list"}))


def tables(found: Found, file_bytes: int) -> list[Table]:
    """All of a file, also those that do not look like one.

    Raises:
        ValueError: where pandas wrote one in a way that is not known.
    """
    made = [table for path, members in found.groups.items() for table in _of_group(path, members)]
    for path, group in found.pandas.items():
        columns = [_readable(slot) for slot in frames.columns(path, group, file_bytes)]
        if columns:
            shown = next((slot for slot in columns if slot.field.kind != "unusable"), columns[0])
            made.append(Table(path, (path,), shown.array.shape[0], tuple(columns)))
    return [table for table in made if table.rows]


def _of_group(path: str, members: Mapping[str, Stored]) -> Iterator[Table]:
    """The tables of one group: each compound dataset, and the others by their length."""
    compounds = {name: stored for name, stored in members.items() if stored.dtype.names}
    for name, stored in compounds.items():
        if stored.shape[0]:
            yield Table(stored.path, (stored.path,), stored.shape[0], tuple(_columns(name, stored)))
    rest = {name: stored for name, stored in members.items() if name not in compounds}
    made = groups(rest)
    for group in made:
        paths = tuple(rest[name].path for name in group.members)
        alone = len(made) == 1 and not compounds and path
        name = path if alone and len(paths) > 1 else f"{path}/{group.name}".lstrip("/")
        columns = [
            slot
            for column, stored in group.arrays.items()
            if isinstance(stored, Stored)
            for slot in _columns(column, stored, group.names.get(column, ()))
        ]
        yield Table(name, (*paths, path) if alone else paths, group.rows, tuple(columns))


def _columns(name: str, stored: Stored, names: Sequence[str] = ()) -> Iterator[Slot]:
    """A dataset's columns with the names, units, titles and packing that its attributes tell."""
    count = stored.shape[1] if len(stored.shape) == 2 else 1
    told = tuple(names) or (attributes.column_names(stored.dataset, count) if count > 1 else ())
    found = slots(name, stored, told)
    units = attributes.units(stored.dataset, len(found))
    for index, slot in enumerate(found):
        field = replace(slot.field, unit=units[index]) if units else slot.field
        if stored.why:
            field = replace(field, kind="unusable", why=stored.why)
        if len(found) == 1:
            unit, title = attributes.unit(stored.dataset), attributes.title(stored.dataset)
            field = replace(field, unit=unit or field.unit, title="" if title == name else title)
        meant = "?" if "" in stored.bits or (slot.path and slot.path[0] in stored.bits) else slot.meant
        yield _packed(replace(slot, field=field, meant=meant), stored)


def _readable(slot: Slot) -> Slot:
    """The column, unusable where what is behind it cannot be read."""
    why = slot.array.why if isinstance(slot.array, Stored) else ""
    return replace(slot, field=replace(slot.field, kind="unusable", why=why)) if why else slot


def _packed(slot: Slot, stored: Stored) -> Slot:
    """The column with what netCDF's attributes say of its missing values and its scale."""
    if slot.field.kind not in ("number", "image") or stored.dtype.names:
        return slot
    fills = (attributes.number(stored.dataset, name) for name in ("_FillValue", "missing_value"))
    return replace(
        slot,
        fill=next((fill for fill in fills if fill is not None), None),
        scale=attributes.number(stored.dataset, "scale_factor") or 1.0,
        offset=attributes.number(stored.dataset, "add_offset") or 0.0,
    )
