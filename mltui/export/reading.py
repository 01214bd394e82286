"""Files as the common libraries read them: each way is tried on the files themselves, and the first is written that
gives the same columns as mltui's own readers do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.files import located
from mltui.data.readers import arrays, hdf5, parquet, root
from mltui.data.readers.raw import How, Raw
from mltui.data.readers.registry import reader_of
from mltui.data.readers.text.dialect import BLANKS
from mltui.data.readers.text.source import opened as opened_text
from mltui.export import reading_arrays, reading_frames
from mltui.export.origin import Origin
from mltui.export.script import Script
from mltui.export.way import Way, alike


def read_files(script: Script, origin: Origin) -> Way:
    """Write what reads the files into ``data``, an array for each column that is used.

    Raises:
        InputError: where no common library reads the files as mltui does, or they hold lists or dates.
    """
    for name, raw in origin.read.items():
        _refuse(name, raw)
    for way in _ways(origin):
        if all(name in way.found and alike(way.found[name], raw) for name, raw in origin.read.items()):
            way.write(script)
            return way
    raise InputError(
        f"mltui reads {Path(origin.paths[0]).name} in a way that takes more than a few plain lines; for mltui code, "
        "write its columns to a Parquet file first",
        key="data.files",
    )


def _refuse(name: str, raw: Raw) -> None:
    """See that a column holds one number, one text or one image in each row."""
    what = "lists" if raw.offsets is not None else "dates" if raw.date else ""
    if what:
        raise InputError(f"the column {name} holds {what}, which mltui code does not write yet", key="data.features")


def _ways(origin: Origin) -> Iterator[Way]:
    first = located(origin.paths[0])
    reader = reader_of(first)
    if reader is parquet.READER:
        return reading_frames.of_parquet(origin)
    if reader in (arrays.READER, hdf5.READER, root.READER):
        with reader.open(first, How.of(origin.data, origin.tree or None)) as opened:
            table = opened.listing.table or origin.tree
        by_reader = {
            arrays.READER.name: reading_arrays.of_numpy,
            hdf5.READER.name: reading_arrays.of_hdf5,
            root.READER.name: reading_arrays.of_root,
        }
        return by_reader[reader.name](origin, table)
    with opened_text(first, How.of(origin.data)) as source:
        blanks = source.scheme.dialect.separator == BLANKS
        return reading_arrays.of_blanks(origin, source) if blanks else reading_frames.of_text(origin, source)
