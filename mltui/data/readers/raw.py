"""What every reader gives: a listing of a file's columns before reading, and columns as plain arrays after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError

STANDARD_MISSING = frozenset({"", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"})
"""Texts that mean a missing value in any file."""


@dataclass(frozen=True)
class Raw:
    """One column as read.

    Attributes:
        values: shape (rows,): float64 with NaN for missing, int64, or bool; or, where there are categories, int64
            codes into them with -1 for missing.
        categories: the distinct texts, sorted, of a text column; None for numbers.
    """

    values: NDArray[np.generic]
    categories: tuple[str, ...] | None = None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value, shape (rows,)."""
        if self.categories is not None:
            return np.asarray(self.values == -1)
        if self.values.dtype.kind == "f":
            return np.asarray(~np.isfinite(self.values.astype(np.float64)))
        return np.zeros(len(self.values), np.bool_)

    def numbers(self) -> NDArray[np.float64]:
        """The values of a number column as float64; infinities count as missing and are NaN."""
        values = self.values.astype(np.float64)
        return np.where(np.isfinite(values), values, np.nan)


@dataclass(frozen=True)
class Listing:
    """What a file holds, learnt without reading its values.

    Attributes:
        names: the columns that can be read, in order.
        unusable: the others, each with the reason in a few words.
        rows: how many; for text, about how many.
    """

    names: tuple[str, ...]
    unusable: dict[str, str] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One format.

    Attributes:
        name: as a sentence says it.
        endings: of the file names it takes, with the dot, in lower case.
        trees: whether a file may hold several tables, of which `tree` chooses one.
        look: (path, tree) to a listing.
        read: (path, tree, names, texts that mean missing, rows to read at most or None for all) to the columns, by
            name.
    """

    name: str
    endings: tuple[str, ...]
    look: Callable[[Path, str | None], Listing]
    read: Callable[[Path, str | None, Sequence[str], frozenset[str], int | None], dict[str, Raw]]
    trees: bool = False


@contextmanager
def reading(path: Path, format_name: str) -> Iterator[None]:
    """Turn whatever a reading library raises into one sentence.

    Raises:
        InputError: naming the file and what the library said.
    """
    try:
        yield
    except (InputError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError:
        raise InputError(f"{path.name} does not fit into memory", key="data.files") from None
    except BaseException as error:  # a panic in a native library is not an Exception
        said = " ".join(str(error).split())[:120].rstrip(" .")
        raise InputError(
            f"{path.name} cannot be read as {format_name}: {said or type(error).__name__}", key="data.files"
        ) from error


def encoded(texts: NDArray[np.generic]) -> Raw:
    """A text column from an object array of str and None."""
    present = np.array([text is not None for text in texts], np.bool_)
    categories, codes = np.unique(np.array([str(t) for t in texts[present]], dtype=np.str_), return_inverse=True)
    values = np.full(len(texts), -1, np.int64)
    values[present] = codes
    return Raw(values, tuple(str(c) for c in categories))
