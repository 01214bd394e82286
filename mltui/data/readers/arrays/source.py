"""An opened NPY or NPZ file: its arrays grouped into tables, one of them chosen."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.readers.arrays.npy import Packed, data_offset, mapped, member_header, read_header
from mltui.data.readers.grids import table as grid
from mltui.data.readers.grids.grouping import Group, groups, pick
from mltui.data.readers.grids.slots import Rows, slots
from mltui.data.readers.raw import How, Listing, NoRows, Reader, Source, reading

_NAME = "NumPy arrays"


@contextmanager
def _open(path: Path | str, how: How) -> Iterator[Source]:
    path = Path(path)
    with reading(path, _NAME):
        packed = zipfile.is_zipfile(path) and not _is_npy(path)
    if not packed:
        with reading(path, _NAME):
            source = _single(path, how)
        yield source
        return
    with reading(path, _NAME):
        archive = zipfile.ZipFile(path)
    with archive:
        with reading(path, _NAME):
            source = _several(path, archive, how)
        yield source


def _is_npy(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(6) == b"\x93NUMPY"


def _single(path: Path, how: How) -> Source:
    with path.open("rb") as file:
        header = read_header(file, path.stat().st_size)
    if header.dtype.hasobject:
        raise InputError(f"{path.name} holds pickled objects, and nothing is unpickled here", key="data.files")
    found = groups({path.stem: mapped(path, header)})
    if not found:
        raise NoRows(f"{path.name} has no rows", header.dtype.names or ())
    return _source(path, pick(found, how, path), [], how)


def _several(path: Path, archive: zipfile.ZipFile, how: How) -> Source:
    arrays: dict[str, Rows] = {}
    notes = []
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if not member.filename.endswith(".npy"):
            notes.append(f"{name} is no array and is passed over.")
            continue
        header = member_header(archive, member)
        if header.dtype.hasobject:
            notes.append(f"{name} holds pickled objects and is passed over: nothing is unpickled here.")
        elif member.compress_type == zipfile.ZIP_STORED:
            arrays[name] = mapped(path, header, data_offset(path, member))
        else:
            arrays[name] = Packed(archive, member, header)
    found = groups(arrays)
    if not found:
        why = notes[0] if notes else "its arrays have no rows."
        raise NoRows(f"{path.name} has no table: {why.rstrip('.')}", arrays)
    return _source(path, pick(found, how, path), found if len(found) > 1 else [], how, notes)


def _source(path: Path, group: Group, others: Sequence[Group], how: How, notes: Sequence[str] = ()) -> Source:
    found = [slot for name, array in group.arrays.items() for slot in slots(name, array, group.names.get(name, ()))]
    found = grid.judged(grid.renamed(found, how.columns, path), list(how.kinds), how.missing)
    tables = tuple(other.name for other in others)
    guesses = {"tree": group.name} if tables and how.tree is None else {}
    listing = Listing(
        tuple(slot.field for slot in found),
        group.rows,
        tables=tables,
        table=group.name if tables else "",
        guesses=guesses,
        notes=tuple(notes),
    )
    if not listing.names:
        why = next(iter(listing.unusable.values()))
        raise InputError(f"{path.name} has no column that can be used: {found[0].field.name} {why}", key="data.files")
    return grid.Grid(path, _NAME, found, listing, how.missing)


READER = Reader(name=_NAME, endings=(".npz", ".npy"), keys=frozenset({"tree", "columns"}), open=_open)
