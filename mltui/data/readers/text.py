"""Reads comma-, semicolon- and tab-separated text with a header line."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mltui.core.errors import InputError
from mltui.data.readers import series
from mltui.data.readers.raw import Listing, Raw, Reader, reading

_HEAD = 65_536
_NAME = "text"


def look(path: Path, _: str | None) -> Listing:
    """The names in the header line.

    Raises:
        InputError: for binary noise, and for a file without a row under its header.
    """
    with reading(path, _NAME):
        text = _head(path)
        names = next(csv.reader(io.StringIO(text), delimiter=_separator(path, text)), [])
        if not names:
            raise InputError(f"{path.name} has no header line", key="data.files")
        return Listing(_unique(names), rows=int(path.stat().st_size * (text.count("\n") + 1) / len(text)))


def read(
    path: Path, _: str | None, names: Sequence[str], missing: frozenset[str], rows: int | None = None
) -> dict[str, Raw]:
    """The named columns, of the first rows or of all; blank lines are rows without values.

    Raises:
        InputError: naming the line where a row has too many or too few fields.
    """
    import polars as pl

    with reading(path, _NAME):
        text = _head(path)
        separator = _separator(path, text)
        every = look(path, None).names
        places = {name: i for i, name in enumerate(every)}
        columns = sorted({*(places[name] for name in names), len(every) - 1})
        try:
            frame = pl.read_csv(
                _source(path, rows), separator=separator, infer_schema=False, columns=columns, n_rows=rows
            )
        except (pl.exceptions.PolarsError, ValueError) as error:
            _complain(path, separator, len(every))
            raise InputError(
                f"{path.name} cannot be read as text with the separator {separator!r}: {str(error).splitlines()[0]}",
                key="data.files",
            ) from error
        if not len(frame):
            raise InputError(f"{path.name} has a header line and no rows", key="data.files")
        by_place = dict(zip(columns, frame.iter_columns(), strict=True))
        if rows is None and len(every) > 1 and by_place[len(every) - 1].null_count():
            _complain(path, separator, len(every))
        return {name: series.raw(by_place[places[name]], missing) for name in names}


def _head(path: Path) -> str:
    """The beginning of the file as text.

    Raises:
        InputError: where it is not text.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path.name} is UTF-16 text; save it as UTF-8", key="data.files")
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in head)
    if b"\0" in head or control > len(head) / 100:
        raise InputError(f"{path.name} is not a text file, it holds binary data", key="data.files")
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8" if _is_utf8(head) else "latin-1", errors="ignore")
    if not text.strip():
        raise InputError(f"{path.name} holds nothing but blank lines", key="data.files")
    return text.lstrip("\r\n")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 4 and len(data) >= _HEAD  # cut inside a letter at the end of the head
    return True


def _source(path: Path, rows: int | None) -> Any:
    """The file itself where it is UTF-8, else its text taken as Latin-1; of the first rows only, where so few do."""
    if rows is not None:
        with path.open("rb") as file:
            head = b"".join(itertools.islice(file, rows + 1))
        if b'"' not in head:  # within quotes a line need not be a row
            return io.BytesIO(head if _is_utf8(head) else head.decode("latin-1").encode())
    with path.open("rb") as file:
        while chunk := file.read(1 << 24):
            if not chunk.isascii():
                data = path.read_bytes()
                return path if _is_utf8(data) else io.BytesIO(data.decode("latin-1").encode())
    return path


def _separator(path: Path, text: str) -> str:
    """Tab for .tsv, else the sign that the header line has most of outside quotes; a comma where it has none."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    outside = "".join(text.splitlines()[0].split('"')[::2])
    return max(",;\t", key=outside.count)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """The header's names without blanks around them, each once: a nameless one is called by its place."""
    unique: list[str] = []
    for place, name in enumerate(names, start=1):
        wanted = name.strip() or f"column_{place}"
        taken = wanted in unique
        unique.append(f"{wanted}_{place}" if taken else wanted)
    return tuple(unique)


def _complain(path: Path, separator: str, fields: int) -> None:
    """Find the first row whose number of fields is not the header's.

    Raises:
        InputError: naming its line.
    """
    encoding = "utf-8-sig" if _is_utf8(path.read_bytes()) else "latin-1"
    with path.open(newline="", encoding=encoding) as file:
        rows = csv.reader(file, delimiter=separator)
        try:
            for row in rows:
                if row and len(row) != fields:
                    raise InputError(
                        f"{path.name}, line {rows.line_num}: {len(row)} {'field' if len(row) == 1 else 'fields'}, "
                        f"but the header has {fields}",
                        key="data.files",
                    )
        except csv.Error as error:
            raise InputError(f"{path.name}, line {rows.line_num}: {error}", key="data.files") from None


READER = Reader(name=_NAME, endings=(".csv", ".tsv", ".txt"), look=look, read=read)
