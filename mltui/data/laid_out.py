"""Lays the parts of a large table out on disk: preprocessed, in the random order of the split, to be read in a row.

Rows are shuffled in two passes, as cards are too many for one hand: the first reads the table once from its beginning
and appends each row to the bucket that its place lies in, the second puts every bucket, which fits into memory, into
its order. So nothing is ever read or written here and there over the whole disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Part
from mltui.core.table import Floats, Integers, Table
from mltui.data import cache, disk

BUCKET_BYTES = 32_000_000
"""About so large is a bucket; twice as much is in memory at once."""
_COLUMNS = ("target", "weights", "file", "entry")
Tell = Callable[[float], None]


class Transform(Protocol):
    """A fitted preprocessing."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs, in order."""
        ...

    def transform(self, table: Table, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Shape (rows, inputs)."""
        ...


@dataclass(frozen=True)
class LaidOut:
    """One part on disk, memory-mapped: its inputs, shape (rows, inputs), and for each row the table's columns.

    `target` is of the table's shape; `training_weights` are None where the table has none.
    """

    x: NDArray[np.float32]
    target: NDArray[np.generic]
    weights: Floats
    file: Integers
    entry: Integers
    training_weights: Floats | None = None


def laid_out(
    table: Table,
    parts: Mapping[Part, NDArray[np.integer]],
    preprocessing: Transform,
    key: Mapping[str, Any],
    tell: Tell,
) -> dict[Part, LaidOut]:
    """The parts on disk: laid out now, or found there from an earlier run.

    Args:
        parts: row numbers of the table, in the order wanted; no row in two of them.
        key: what the table, its parts and the preprocessing depend on, as `cache.entry` wants it.
        tell: told the share that is done; it may raise to give up.

    Raises:
        InputError: where the disk has no room or refuses.
    """
    inputs = len(preprocessing.names)
    rows = sum(len(numbers) for numbers in parts.values())
    names = _COLUMNS if table.training_weights is None else (*_COLUMNS, "training_weights")

    def make(folder: Path) -> dict[str, Any]:
        for part, numbers in parts.items():
            for name in names:
                _write_column(folder / f"{part}-{name}", _column(table, name), numbers)
        _Shuffle(table, parts, preprocessing, folder, tell).run()
        columns = {name: _column(table, name) for name in names}
        return {
            "inputs": inputs,
            "types": {name: column.dtype.str for name, column in columns.items()},
            "widths": {name: list(column.shape[1:]) for name, column in columns.items()},
            "rows": {part: len(numbers) for part, numbers in parts.items()},
        }

    whole = {**key, "what": "parts", "parts": list(parts), "inputs": list(preprocessing.names)}
    folder, about = cache.entry(
        whole, rows * (4 * inputs + 8 * (len(names) + len(table.targets))), make, hold=lambda: tell(0.0)
    )
    tell(1.0)
    return {part: _opened(folder, part, about) for part in parts}


def put_away(values: NDArray[Any]) -> NDArray[Any]:
    """The same values on disk, in a file without a name that is gone with this process."""
    if disk.on_disk(values) or not values.size or 0 in values.strides:
        return values
    cache.root().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=cache.root()) as file:
        values.tofile(file)
        file.flush()
        return np.asarray(np.memmap(file, values.dtype, "r", shape=values.shape))


def rows_put_away(table: Table) -> Table:
    """The same table, what it holds of each row beside its columns on disk too."""

    def away(values: Floats | None) -> Floats | None:
        return None if values is None else put_away(values)

    return replace(
        table,
        target=put_away(table.target),
        weights=away(table.weights),
        training_weights=away(table.training_weights),
        others={name: put_away(values) for name, values in table.others.items()},
    )


def _opened(folder: Path, part: Part, about: Mapping[str, Any]) -> LaidOut:
    rows = about["rows"][part]
    columns: dict[str, Any] = {
        name: disk.mapped(
            folder / f"{part}-{name}", about["types"][name], (rows, *about.get("widths", {}).get(name, ()))
        )
        for name in about["types"]
    }
    return LaidOut(disk.mapped(folder / f"{part}-x", np.float32, (rows, about["inputs"])), **columns)


def _column(table: Table, name: str) -> NDArray[Any]:
    if name == "weights":
        return np.broadcast_to(1.0, (len(table),)) if table.weights is None else table.weights
    values: NDArray[Any] = getattr(table, name)
    return values


def _write_column(path: Path, values: NDArray[Any], rows: NDArray[np.integer]) -> None:
    with path.open("wb") as file:
        for part in disk.chunks(len(rows), disk.chunk_rows(16)):
            values[rows[part]].tofile(file)


class _Shuffle:
    """Writes the inputs of all parts."""

    def __init__(
        self,
        table: Table,
        parts: Mapping[Part, NDArray[np.integer]],
        preprocessing: Transform,
        folder: Path,
        tell: Tell,
    ) -> None:
        self._table, self._preprocessing, self._tell = table, preprocessing, tell
        self._inputs = len(preprocessing.names)
        self._size = max(1_000, BUCKET_BYTES // (4 * self._inputs))
        self._buckets = [
            (folder / f"{part}-x", numbers[chunk], chunk.start)
            for part, numbers in parts.items()
            for chunk in disk.chunks(len(numbers), self._size)
        ]

    def run(self) -> None:
        """Both passes."""
        self._scatter()
        for done, (path, rows, start) in enumerate(self._buckets):
            self._put_in_order(path, rows, start)
            self._tell(0.8 + 0.2 * (done + 1) / len(self._buckets))

    def _scatter(self) -> None:
        """Every row into its bucket, in the order of the table."""
        bucket_of = np.full(len(self._table), -1, np.int32)
        for number, (_, rows, _) in enumerate(self._buckets):
            bucket_of[rows] = number
        ends = [start * self._inputs * 4 for _, _, start in self._buckets]
        for path in {path for path, _, _ in self._buckets}:
            path.touch(mode=0o600)
        for chunk in disk.chunks(len(self._table), disk.chunk_rows(8 * self._inputs)):
            numbers = bucket_of[chunk]
            order = np.argsort(numbers, kind="stable")
            order = order[np.searchsorted(numbers[order], 0) :]
            if len(order):
                x = self._preprocessing.transform(self._table, chunk.start + order)
                self._append(x, numbers[order], ends)
            self._tell(0.8 * chunk.stop / len(self._table))

    def _append(self, x: NDArray[np.float32], numbers: NDArray[np.int32], ends: list[int]) -> None:
        starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
        for first, last in zip(starts, [*starts[1:], len(numbers)], strict=True):
            number = int(numbers[first])
            with self._buckets[number][0].open("r+b") as file:
                file.seek(ends[number])
                x[first:last].tofile(file)
            ends[number] += int(last - first) * self._inputs * 4

    def _put_in_order(self, path: Path, rows: NDArray[np.integer], start: int) -> None:
        with path.open("r+b") as file:
            file.seek(start * self._inputs * 4)
            came = np.fromfile(file, np.float32, len(rows) * self._inputs).reshape(len(rows), self._inputs)
            ordered = np.empty_like(came)
            ordered[np.argsort(rows, kind="stable")] = came
            file.seek(start * self._inputs * 4)
            ordered.tofile(file)
