"""Reads Parquet files: numbers, truth values and text; nested columns and dates are listed as not usable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mltui.core.errors import InputError
from mltui.data.readers import series
from mltui.data.readers.raw import Listing, Raw, Reader, reading

if TYPE_CHECKING:
    import polars as pl

_NAME = "Parquet"


def look(path: Path, _: str | None) -> Listing:
    """The columns of the file's schema.

    Raises:
        InputError: where it is not a Parquet file, or has no rows.
    """
    import polars as pl

    with reading(path, _NAME):
        frame = pl.scan_parquet(path)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
        if not rows:
            raise InputError(f"{path.name} has no rows", key="data.files")
        why = {name: _unusable(dtype) for name, dtype in schema.items()}
        return Listing(
            tuple(name for name, reason in why.items() if not reason),
            {name: reason for name, reason in why.items() if reason},
            rows,
        )


def read(
    path: Path, _: str | None, names: Sequence[str], missing: frozenset[str], rows: int | None = None
) -> dict[str, Raw]:
    """The named columns, of the first rows or of all.

    Raises:
        InputError: where the file is damaged.
    """
    import polars as pl

    with reading(path, _NAME):
        frame = pl.read_parquet(path, columns=list(names), n_rows=rows)
        return {name: series.raw(frame[name], missing) for name in names}


def _unusable(dtype: pl.DataType) -> str:
    import polars as pl

    if dtype.is_nested():
        return "holds a list or a structure in each row"
    if dtype.is_temporal():
        return "holds dates or times"
    if dtype in (pl.Binary, pl.Object, pl.Null):
        return {pl.Binary: "holds raw bytes", pl.Null: "has no values"}.get(type(dtype), "holds objects")
    return ""


READER = Reader(name=_NAME, endings=(".parquet", ".pq"), look=look, read=read)
