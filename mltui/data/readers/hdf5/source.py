"""An opened HDF5 file: its tables, and the chosen one's columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.readers.grids import table as grid
from mltui.data.readers.grids.grouping import pick
from mltui.data.readers.hdf5.heaps import check_heaps
from mltui.data.readers.hdf5.tables import Table, tables
from mltui.data.readers.hdf5.walk import Found, walk
from mltui.data.readers.raw import How, Listing, NoRows, Reader, Source, reading

_NAME = "HDF5"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextmanager
def _open(path: Path | str, how: How) -> Iterator[Source]:
    import h5py

    path = Path(path)
    with reading(path, _NAME):
        _check_signature(path)
        check_heaps(path)
        # without locks, since shared folders that one may only read refuse them
        file = h5py.File(path, "r", locking=False)
    with file:
        with reading(path, _NAME):
            source = _look(path, file, how)
        yield source


def _check_signature(path: Path) -> None:
    """The signature stands at the beginning, or after a block of the user's own of 512, 1024, … bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        place = 0
        while place < size:
            file.seek(place)
            if file.read(len(_SIGNATURE)) == _SIGNATURE:
                return
            place = place * 2 or 512
    raise ValueError("it does not begin as one")


def _look(path: Path, file: object, how: How) -> Source:
    found = walk(file, path.stat().st_size)
    made = tables(found, path.stat().st_size)
    whole = [table for table in made if table.looks_like_one]
    if how.tree is None and not made and any(found.groups.values()):
        raise NoRows(f"{path.name} has no rows", [name for group in found.groups.values() for name in group])
    if how.tree is None and not whole:
        raise InputError(_nothing(path, found, made), key="data.files")
    table = pick(whole if how.tree is None else [*whole, *(other for other in made if other not in whole)], how, path)
    columns = grid.judged(grid.renamed(table.columns, how.columns, path), list(how.kinds), how.missing)
    several = len(whole) > 1
    listing = Listing(
        tuple(slot.field for slot in columns),
        table.rows,
        tables=tuple(other.name for other in whole) if several else (),
        table=table.name if several else "",
        guesses={"tree": table.name} if several and how.tree is None else {},
        notes=tuple(found.notes[:10]),
    )
    if not listing.names:
        first = listing.fields[0]
        raise InputError(f"{path.name} has no column that can be used: {first.name} {first.why}", key="data.files")
    return grid.Grid(path, _NAME, columns, listing, how.missing)


def _nothing(path: Path, found: Found, made: Sequence[Table]) -> str:
    """What an HDF5 file without a table holds, and what would be one."""
    would = "a table is a group of datasets of one length, a 2-D dataset or a compound one"
    if not made:
        singles = f"but only single values ({', '.join(found.singles[:3])})"
        holds = singles if found.singles else "and nothing else that can be read"
        notes = [note.rstrip(".") for note in found.notes[:3]]
        return "; ".join([f"{path.name} holds no table {holds}", would, *notes])
    signal = max(made, key=lambda table: table.rows)
    what = signal.members[0]
    first = signal.columns[0].field
    if first.kind == "unusable":
        return f"{path.name} holds no table: {what} {first.why}; {would}"
    beside = f" with {len(found.singles)} single values beside it" if found.singles else ""
    return (
        f"{path.name} holds no table: {what} is one series of {signal.rows:,} values{beside}; {would}; "
        f'data.tree = "{what}" reads the series as the only column'
    )


READER = Reader(name=_NAME, endings=(".h5", ".hdf5", ".hdf", ".he5"), keys=frozenset({"tree", "columns"}), open=_open)
