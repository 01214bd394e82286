"""Writes Parquet: each piece into a file of its own, which the library then joins, a few row groups at a time.

Polars writes a Parquet file only as a whole, from a frame or from a query that it draws from. A query over this
program's own generator would run in the library's threads, of which reading the input needs some at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


class _Parquet:
    """A table that is being written as one file for each piece."""

    def __init__(self, folder: Path, columns: Mapping[str, np.dtype[Any]]) -> None:
        self._folder = folder
        self._columns = columns
        self._pieces: list[Path] = []

    def write(self, piece: Mapping[str, NDArray[Any]]) -> None:
        """Put the rows into the next file."""
        import polars as pl

        path = self._folder / f"{len(self._pieces):08d}.parquet"
        pl.DataFrame(dict(piece)).write_parquet(path)
        self._pieces.append(path)

    def join(self, file: BinaryIO) -> None:
        """Write all pieces, in their order, into one file."""
        import polars as pl

        if not self._pieces:
            self.write({name: np.zeros(0, dtype) for name, dtype in self._columns.items()})
        pl.scan_parquet(self._pieces, glob=False, hive_partitioning=False).sink_parquet(file, maintain_order=True)


@contextmanager
def open_(file: BinaryIO, aside: Path, columns: Mapping[str, np.dtype[Any]]) -> Iterator[_Parquet]:
    """Make the folder of the pieces, and join them at the end."""
    aside.mkdir(mode=0o700)
    writer = _Parquet(aside, columns)
    yield writer
    writer.join(file)
