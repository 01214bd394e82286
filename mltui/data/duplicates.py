"""Counts the rows that have the same features as a row trained on: a model may know them by heart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Part
from mltui.core.table import Table

_CHUNK_BYTES = 16_000_000
_START = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, np.uint64(0xBF58476D1CE4E5B9)), (27, np.uint64(0x94D049BB133111EB)))
_FOLD = np.uint64(63)
"""The bits of a hash that make room for a fold's number, 50 at most."""
_VALIDATION, _TEST, _UNUSED = 64, 65, -1
Hashes = NDArray[np.uint64]


def counted(
    table: Table,
    parts: Mapping[Part, NDArray[np.integer]],
    fold: NDArray[np.integer] | None = None,
    *,
    refit: bool = False,
) -> dict[Part, int]:
    """How many rows of validation and of test have, bit for bit, the features of a row trained on.

    The target does not matter: with the same one the model may have the row by heart, with another it may have the
    wrong answer by heart; neither judges it. Missing equals missing, and -0 equals 0. Rows are compared by hashes of
    64 bits, so that among 10^8 the chance of one wrong pair is below 1 in 3,000 (1 in 50 with folds). The table is read
    once from its beginning; 9 bytes a row are held.

    Args:
        fold: shape (len(parts["train"]),), from 0; with it a row of train that equals one of another fold counts as
            validation's.
        refit: whether a model judged by the test part is trained on validation too.
    """
    use = np.full(len(table), _UNUSED, np.int8)
    use[parts["train"]] = 0 if fold is None else fold
    use[parts["validation"]] = _VALIDATION
    use[parts["test"]] = _TEST
    train, validation, test = (np.empty(len(parts[part]), np.uint64) for part in ("train", "validation", "test"))
    ends = [0, 0, 0]
    for uses, hashes in _hashed(table, use):
        trained = uses < _VALIDATION
        found = (hashes[trained] & ~_FOLD) | uses[trained].astype(np.uint64) if fold is not None else hashes[trained]
        each = (found, hashes[uses == _VALIDATION], hashes[uses == _TEST])
        for place, (kept, more) in enumerate(zip((train, validation, test), each, strict=True)):
            kept[ends[place] : ends[place] + len(more)] = more
            ends[place] += len(more)
    train.sort()
    if fold is not None:
        held_out = _across(train)
        train &= ~_FOLD
        test &= ~_FOLD
        return {"validation": held_out, "test": int(np.count_nonzero(_among(test, train)))}
    validation.sort()
    in_test = _among(test, train)
    if refit:
        in_test |= _among(test, validation)
    return {"validation": int(np.count_nonzero(_among(validation, train))), "test": int(np.count_nonzero(in_test))}


def warning(found: Mapping[Part, int], sizes: Mapping[Part, int]) -> str:
    """The sentence for a run in which rows are repeated; empty where none is.

    Args:
        found: as `counted`.
        sizes: how many rows each of these parts has.
    """
    said = [f"{found[part]:,} of the {sizes[part]:,} {part} rows" for part in ("validation", "test") if found[part]]
    if not said:
        return ""
    return (
        f"{' and '.join(said)} {'has' if sum(found.values()) == 1 else 'have'} the same features as a row trained on: "
        "copies of an event flatter these numbers; where the features have few values, repeats are natural."
    )


def _among(wanted: Hashes, known: Hashes) -> NDArray[np.bool_]:
    """Which hashes are among sorted ones, shape (len(wanted),)."""
    if not len(known):
        return np.zeros(len(wanted), np.bool_)
    size = _CHUNK_BYTES // 8
    pieces = (wanted[start : start + size] for start in range(0, max(1, len(wanted)), size))
    return np.concatenate([known[np.minimum(np.searchsorted(known, each), len(known) - 1)] == each for each in pieces])


def _across(known: Hashes) -> int:
    """How many of sorted hashes, each with its fold in the last bits, equal one of another fold but for that."""
    size = _CHUNK_BYTES // 8
    mixed = []
    for start in range(0, max(0, len(known) - 1), size):
        one, other = known[start : start + size], known[start + 1 : start + size + 1]
        one = one[: len(other)]
        mixed.append(one[((one ^ other) <= _FOLD) & (one != other)] & ~_FOLD)
    repeated = np.unique(np.concatenate([np.empty(0, np.uint64), *mixed]))
    count = np.searchsorted(known, repeated | _FOLD, "right") - np.searchsorted(known, repeated, "left")
    return int(count.sum())


def _hashed(table: Table, use: NDArray[np.int8]) -> Iterator[tuple[NDArray[np.int8], Hashes]]:
    """What each row is used for and the hash of its features, in the table's order, without the rows unused."""
    width = sum(math.prod(column.shape) for column in table.columns)
    size = max(1_000, _CHUNK_BYTES // (8 * max(1, width)))
    for start in range(0, len(table), size):
        used = np.flatnonzero(use[start : start + size] != _UNUSED)
        hashes = np.full(len(used), _START)
        for column in table.columns:
            _take_in(hashes, table.values[column.name][start : start + size][used])
        yield use[start : start + size][used], hashes


def _take_in(hashes: Hashes, values: NDArray[Any]) -> None:
    """Mix a column of values, or every pixel of images, into the hashes.

    The steps are those of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
    """
    bits = _bits(values).reshape(len(hashes), math.prod(values.shape[1:]))
    for place in range(bits.shape[1]):
        hashes ^= bits[:, place]
        hashes += _START
        for shift, factor in _MIX:
            hashes ^= hashes >> np.uint64(shift)
            hashes *= factor
        hashes ^= hashes >> np.uint64(31)


def _bits(values: NDArray[Any]) -> Hashes:
    """The bits of each value: alike for values that are equal, and for all that are missing."""
    if values.dtype.kind != "f":
        return values.astype(np.uint64 if values.dtype.kind == "u" else np.int64).view(np.uint64)
    numbers = values.astype(np.float64)
    numbers += 0.0  # -0 is 0
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers.view(np.uint64)
