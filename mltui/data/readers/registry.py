"""Which reader takes which file: by the ending of its name, else by its first bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

from mltui.core.errors import InputError
from mltui.data.readers import arrays, hdf5, parquet, root, text
from mltui.data.readers.raw import Reader

READERS: tuple[Reader, ...] = (text.READER, parquet.READER, arrays.READER, hdf5.READER, root.READER)
_HEAD = 4096
_ZIP = b"PK\x03\x04"
_MAGIC: tuple[tuple[bytes, Reader], ...] = (
    (b"PAR1", parquet.READER),
    (b"\x89HDF\r\n\x1a\n", hdf5.READER),
    (b"root", root.READER),
    (b"\x93NUMPY", arrays.READER),
    (b"\x1f\x8b", text.READER),
    (b"\xfd7zXZ\0", text.READER),
)
"""The first bytes of each binary format; what is compressed is taken for text, which says so if it is not."""
_OFFICE = ("[Content_Types].xml", "mimetype")


def reader_of(path: Path | str, key: str = "data.files") -> Reader:
    """The reader for a file or an address.

    Raises:
        InputError: naming the endings that are known, where neither the name nor the first bytes tell.
    """
    name = Path(str(path)).name
    for reader in READERS:
        if name.lower().endswith(reader.endings):
            return _able(reader, path, key)
    found = _by_content(path) if isinstance(path, Path) else None
    if found is not None:
        return found
    known = ", ".join(ending for reader in READERS for ending in reader.endings)
    raise InputError(f"{name} is of no known format{_hint(path)}; known endings are {known}", key=key)


def _able(reader: Reader, path: Path | str, key: str) -> Reader:
    if isinstance(path, Path) or reader.addresses:
        return reader
    able = " and ".join(other.name for other in READERS if other.addresses)
    raise InputError(f"{path} is an address, and only {able} files are read from one; download it first", key=key)


def with_beside(paths: Iterable[Path | str]) -> list[Path | str]:
    """Files and addresses, each file followed by those that are read with it, each once.

    Raises:
        InputError: for a file that no reader takes.
    """
    every: dict[Path | str, None] = {}
    for path in paths:
        every[path] = None
        if isinstance(path, Path):
            every.update(dict.fromkeys(reader_of(path).beside(path)))
    return list(every)


def _by_content(path: Path) -> Reader | None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.startswith(_ZIP):
            return _by_members(path)
    except (OSError, zipfile.BadZipFile):
        return None
    for magic, reader in _MAGIC:
        if head.startswith(magic):
            return reader
    return text.READER if text.looks_like(head) else None


def _by_members(path: Path) -> Reader | None:
    """An archive of arrays is NumPy's; one with a single text in it is read as text."""
    members = _members(path)
    if any(member.endswith(".npy") for member in members):
        return arrays.READER
    return None if set(members) & set(_OFFICE) else text.READER


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _hint(path: Path | str) -> str:
    """A word more where the file is one of another program."""
    try:
        if isinstance(path, Path) and set(_members(path)) & set(_OFFICE):
            return ", it is a document or spreadsheet; save the sheet as CSV"
    except (OSError, zipfile.BadZipFile):
        pass
    return ""
