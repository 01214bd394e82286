"""Which reader takes which file."""

from __future__ import annotations

from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.readers import parquet, root, text
from mltui.data.readers.raw import Reader

READERS: tuple[Reader, ...] = (text.READER, parquet.READER, root.READER)


def reader_of(path: Path) -> Reader:
    """The reader for a file, by the ending of its name.

    Raises:
        InputError: naming the endings that are known.
    """
    for reader in READERS:
        if path.name.lower().endswith(reader.endings):
            return reader
    known = ", ".join(ending for reader in READERS for ending in reader.endings)
    raise InputError(f"{path.name} is of no known format; known endings are {known}", key="data.files")
