"""Picks rows of a raw column, and joins the pieces of one column into a whole one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.data.readers.raw import Raw

Family = Literal["numbers", "text", "dates", "images", "lists", "nothing"]
Order = Callable[[Iterable[str]], tuple[str, ...]]
_NEARLY = 0.9
"""A first piece with this share of all rows is kept as it is."""
_SPARE = 1.02
"""Room beside what was expected, since the rows of a text are estimated."""


def alphabetical(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels from a to z."""
    return tuple(sorted(labels))


def picked(raw: Raw, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Raw:
    """Some rows of a column, by a mask or by their numbers."""
    if raw.offsets is None:
        return Raw(raw.values[rows], raw.categories, date=raw.date, odd=raw.odd)
    chosen = np.flatnonzero(rows) if rows.dtype.kind == "b" else rows
    lengths = np.diff(raw.offsets)[chosen]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.repeat(raw.offsets[chosen] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Raw(raw.values[places], offsets=offsets, odd=raw.odd)


def family(raw: Raw) -> Family:
    """What a column's values are; nothing where no row has one, for then they fit anything."""
    if raw.offsets is not None:
        return "lists" if len(raw.values) else "nothing"
    if raw.values.ndim > 1:
        return "images"
    if raw.empty and (raw.categories is not None or raw.values.dtype.kind == "f"):
        return "nothing"
    if raw.categories is not None:
        return "text"
    return "dates" if raw.date else "numbers"


def agreed(name: str, known: tuple[Family, str], new: tuple[Family, str]) -> tuple[Family, str]:
    """The kind that a column has by two of its pieces, each with the name of the file that it is from.

    Raises:
        InputError: where they do not go together, naming the files.
    """
    if known[0] == "nothing":
        return new
    if new[0] not in ("nothing", known[0]):
        single = {known[0], new[0]} <= {"numbers", "text", "dates"}
        hint = "; data.kinds says what it is in all" if single else ""
        raise InputError(
            f"the column {name!r} is {known[0]} in {known[1]} and {new[0]} in {new[1]}{hint}", key="data.files"
        )
    return known


class Stack:
    """The pieces of one column, one after the other, and their whole.

    Pieces of different number types become the type that holds them all; the labels of text pieces are united, and
    their codes are into the united labels in the order given. A piece without a single value fits any other.

    Args:
        rows: how many there will be in all, about, so that numbers are put where they stay at once; 0: not known.
    """

    def __init__(self, name: str, order: Order = alphabetical, rows: int = 0) -> None:
        self._name = name
        self._order = order
        self._rows = rows
        self._filled: _Filled | None = None
        self._pieces: list[Raw] = []
        self._known: tuple[Family, str] = ("nothing", "")

    def add(self, piece: Raw, where: str) -> None:
        """Put a piece at the end.

        Args:
            where: the name of its file, for a sentence.

        Raises:
            InputError: where it is of another kind than those before it.
        """
        self._known = agreed(self._name, self._known, (family(piece), where))
        if self._filled is None and not self._pieces and len(piece) < self._rows * _NEARLY and _plain(piece):
            self._filled = _Filled(self._rows, piece.values.dtype)
        if self._filled is not None:
            if self._filled.take(piece):
                return
            self._pieces.append(self._filled.raw(self._known[0] == "dates"))
            self._filled = None
        self._pieces.append(piece)

    def joined(self) -> Raw:
        """The whole column; the pieces are let go, so that the peak is one column above what is kept."""
        if self._filled is not None:
            return self._filled.raw(self._known[0] == "dates")
        pieces, self._pieces = self._pieces, []
        if len(pieces) == 1:
            return pieces[0]
        odd = sum(piece.odd for piece in pieces)
        kind = self._known[0]
        if kind == "lists" or (kind == "nothing" and pieces[0].offsets is not None):
            return _joined_lists(pieces, odd)
        if kind == "text" or (kind == "nothing" and pieces[0].categories is not None):
            return self._joined_texts(pieces, odd)
        if kind == "images":
            return Raw(_joined_images(self._name, pieces), odd=odd)
        return Raw(np.concatenate([_numbers(piece) for piece in pieces]), date=kind == "dates", odd=odd)

    def _joined_texts(self, pieces: list[Raw], odd: int) -> Raw:
        every = list(dict.fromkeys(piece.categories for piece in pieces if piece.categories is not None))
        labels = every[0] if len(every) == 1 else self._order({label for labels in every for label in labels})
        places = {label: code for code, label in enumerate(labels)}
        return Raw(np.concatenate([_recoded(piece, labels, places) for piece in pieces]), labels, odd=odd)


class _Filled:
    """An array with room for so many rows, filled piece by piece; what is not filled takes no memory."""

    def __init__(self, rows: int, dtype: np.dtype[np.generic]) -> None:
        self._values = np.empty(int(rows * _SPARE) + 1, dtype)
        self._length = 0
        self._odd = 0

    def take(self, piece: Raw) -> bool:
        """Copy a piece to the end; False where it is of another type or does not fit in."""
        end = self._length + len(piece)
        if not _plain(piece) or piece.values.dtype != self._values.dtype or end > len(self._values):
            return False
        self._values[self._length : end] = piece.values
        self._length, self._odd = end, self._odd + piece.odd
        return True

    def raw(self, date: bool) -> Raw:
        """What was taken."""
        return Raw(self._values[: self._length], date=date, odd=self._odd)


def _plain(piece: Raw) -> bool:
    return piece.categories is None and piece.offsets is None and piece.values.ndim == 1


def _recoded(piece: Raw, labels: tuple[str, ...], places: dict[str, int]) -> NDArray[np.int32]:
    if piece.categories is None:
        return np.full(len(piece), -1, np.int32)
    if piece.categories == labels:
        return piece.values.astype(np.int32, copy=False)
    recode = np.array([*(places[label] for label in piece.categories), -1], np.int32)
    return np.asarray(recode[piece.values])


def _numbers(piece: Raw) -> NDArray[np.generic]:
    """The values of a piece of numbers; of a piece without values, whatever its kind, as many NaN."""
    if piece.categories is None and piece.offsets is None:
        return piece.values
    return np.full(len(piece), np.nan, np.float32)


def _joined_lists(pieces: list[Raw], odd: int) -> Raw:
    lengths = [np.zeros(len(p), np.int64) if p.offsets is None else np.diff(p.offsets) for p in pieces]
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    held = [p.values[p.offsets[0] : p.offsets[-1]] for p in pieces if p.offsets is not None]
    return Raw(np.concatenate(held), offsets=offsets, odd=odd)


def _joined_images(name: str, pieces: list[Raw]) -> NDArray[np.generic]:
    shapes = list(dict.fromkeys(piece.values.shape[1:] for piece in pieces))
    if len(shapes) > 1:
        said = " and ".join(" x ".join(str(side) for side in shape) for shape in shapes[:2])
        raise InputError(f"the column {name!r} holds images of different shapes, {said}", key="data.files")
    return np.concatenate([piece.values for piece in pieces])
