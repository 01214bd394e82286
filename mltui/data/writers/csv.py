"""Writes a text with commas: a line of names, then a row each; a number that is none is written NaN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


class _Csv:
    """A text that is being written; numbers with as many digits as tell them apart."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, piece: Mapping[str, NDArray[Any]]) -> None:
        """Add rows at the end."""
        import polars as pl

        pl.DataFrame(dict(piece)).write_csv(self._file, include_header=False)


@contextmanager
def open_(file: BinaryIO, aside: Path, columns: Mapping[str, np.dtype[Any]]) -> Iterator[_Csv]:
    """Begin with the names. A missing number is NaN and not empty: an empty line of one column would be passed over."""
    file.write(",".join(columns).encode() + b"\n")
    yield _Csv(file)
