"""Reads the wanted columns of the user's files and stacks the files into one frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Scalar
from mltui.core.sections import Data
from mltui.core.table import Integers
from mltui.data.files import found
from mltui.data.memory import check_room
from mltui.data.readers.raw import Listing, Raw
from mltui.data.readers.registry import reader_of

Names = tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """Columns of one or several files, one file's rows after the other's.

    Attributes:
        columns: those that were read, by name.
        unusable: those of the files that no reader can make numbers or categories of, each with the reason.
        paths: of the files; `file` (an index into them) and `entry` (from 0) say where each row came from.
        whole: where only the first rows of each file were read, how many there are in all (for text, about); else None.
    """

    columns: dict[str, Raw]
    unusable: dict[str, str]
    paths: tuple[Path, ...]
    file: Integers
    entry: Integers
    whole: int | None = None

    def __len__(self) -> int:
        return len(self.entry)


def gather(
    data: Data, folder: Path, choose: Callable[[Listing], Sequence[str]], at_most: Callable[[int], int] | None = None
) -> Frame:
    """Read of every file the columns that `choose` takes from the first one's listing.

    Args:
        at_most: from the number of columns, how many rows to read; each file gives its share, from its beginning.

    Raises:
        InputError: where a file cannot be read, does not fit into memory, or lacks a column the first one has.
    """
    paths = found(data.files, folder)
    listings = [_look(path, data.tree) for path in paths]
    names = tuple(dict.fromkeys(choose(listings[0])))
    for path, listing in zip(paths, listings, strict=True):
        _check_names(names, path, listing, paths[0])
    whole = sum(listing.rows for listing in listings)
    most = whole if at_most is None else at_most(len(names))
    limits = [_share(listing.rows, most, whole) if most < whole else None for listing in listings]
    check_room(min(whole, most), len(names))
    texts = frozenset(str(value) for value in data.missing)
    pieces = [
        reader_of(path).read(path, data.tree, names, texts, limit) for path, limit in zip(paths, limits, strict=True)
    ]
    counts = [
        len(piece[names[0]].values) if names else limit or listing.rows
        for piece, listing, limit in zip(pieces, listings, limits, strict=True)
    ]
    return Frame(
        {name: _missing(_stacked(name, [piece[name] for piece in pieces], paths), data.missing) for name in names},
        listings[0].unusable,
        tuple(paths),
        np.repeat(np.arange(len(paths)), counts),
        np.concatenate([np.arange(count) for count in counts]),
        whole if most < whole else None,
    )


def _share(rows: int, most: int, whole: int) -> int:
    return max(1, most * rows // whole)


def _look(path: Path, tree: str | None) -> Listing:
    reader = reader_of(path)
    if tree is not None and not reader.trees:
        raise InputError(f"{path.name} has no trees to choose from; leave data.tree out", key="data.tree")
    return reader.look(path, tree)


def _check_names(names: Names, path: Path, listing: Listing, first: Path) -> None:
    absent = [name for name in names if name not in listing.names]
    if absent:
        raise InputError(f"{path.name} has no usable column {absent[0]!r}, which {first.name} has", key="data.files")


def _stacked(name: str, pieces: list[Raw], paths: list[Path]) -> Raw:
    """One column of all files; a file without a single value of it fits any kind."""
    if len(pieces) == 1:
        return pieces[0]
    texts = [piece.categories is not None or bool(piece.missing.all()) for piece in pieces]
    numbers = [piece.categories is None or bool(piece.missing.all()) for piece in pieces]
    if all(numbers):
        return Raw(np.concatenate([_as_numbers(piece) for piece in pieces]))
    if not all(texts):
        raise InputError(
            f"the column {name!r} is text in {paths[numbers.index(False)].name} "
            f"and numbers in {paths[texts.index(False)].name}",
            key="data.files",
        )
    categories = tuple(sorted({label for piece in pieces for label in piece.categories or ()}))
    return Raw(np.concatenate([_recoded(piece, categories) for piece in pieces]), categories)


def _as_numbers(piece: Raw) -> NDArray[np.generic]:
    return piece.values if piece.categories is None else np.full(len(piece.values), np.nan)


def _recoded(piece: Raw, categories: Names) -> NDArray[np.int64]:
    if piece.categories is None:
        return np.full(len(piece.values), -1, np.int64)
    places = {label: code for code, label in enumerate(categories)}
    return np.array([*(places[label] for label in piece.categories), -1], np.int64)[piece.values.astype(np.int64)]


def _missing(raw: Raw, values: Sequence[Scalar]) -> Raw:
    """The column with the user's own signs for missing taken out."""
    if raw.categories is not None:
        texts = {str(value) for value in values}
        if not texts & set(raw.categories):
            return raw
        left = tuple(label for label in raw.categories if label not in texts)
        places = [left.index(label) if label in left else -1 for label in raw.categories]
        return Raw(np.array([*places, -1], np.int64)[raw.values.astype(np.int64)], left)
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if not numbers or raw.values.dtype.kind == "b":
        return raw
    gone = np.isin(raw.values, numbers)
    return Raw(np.where(gone, np.nan, raw.values.astype(np.float64))) if gone.any() else raw
