"""An opened Parquet file: its listing, and its rows chunk by chunk, passing over row groups that no cut would keep."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mltui.data.readers import words
from mltui.data.readers.names import distinct
from mltui.data.readers.parquet.columns import fields_of, raw, width
from mltui.data.readers.parquet.footer import Footer, Part, check_pages, read_footer
from mltui.data.readers.raw import Bound, Chunk, Field, How, Listing, NoRows, Raw, Reader, Source, reading

if TYPE_CHECKING:
    import polars as pl

_NAME = "Parquet"
_AT_ONCE = 8 << 20
_STATISTICS = {1: "<i", 2: "<q", 4: "<f", 5: "<d"}
"""How the smallest and largest value are written, by physical type."""


@dataclass(frozen=True)
class _Column:
    """Where a field lies: in a top-level column, below it at `path`; `number` where its texts are numbers."""

    field: Field
    top: str
    path: tuple[str, ...]
    dtype: Any
    number: bool = False


class _Parquet:
    """One file; nothing of it is held open between chunks."""

    def __init__(self, path: Path, how: How) -> None:
        self._path = path
        self._how = how
        self._footer = self._read_footer()
        self._frame = self._scan()
        self._columns = self._look()
        if not self._footer.rows:
            raise NoRows(f"{path.name} has no rows", self._columns)
        self.listing = Listing(
            tuple(replace(c.field, row_bytes=self._row_bytes(c)) for c in self._columns.values()),
            self._footer.rows,
        )

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """As every Source gives them."""
        columns = [self._columns[name] for name in names]
        self._check_pages({column.top for column in columns})
        for start, stop in _cut_up(self._wanted(bounds), rows, size):
            yield Chunk(self._read(columns, start, stop), np.arange(start, stop, dtype=np.int64))

    def _read_footer(self) -> Footer:
        with reading(self._path, _NAME):
            return read_footer(self._path)

    def _check_pages(self, tops: set[str]) -> None:
        parts = [part for group in self._footer.groups for path, part in group.parts.items() if path[0] in tops]
        with reading(self._path, _NAME):
            check_pages(self._path, parts)

    def _scan(self) -> pl.LazyFrame:
        import polars as pl

        with reading(self._path, _NAME):
            return pl.scan_parquet(self._path, glob=False, hive_partitioning=False)

    def _look(self) -> dict[str, _Column]:
        """Every field by name; of texts the first rows are read, since only they tell numbers from words."""
        with reading(self._path, _NAME):
            schema = self._frame.collect_schema()
        found = [(top, dtype, *of) for top, dtype in schema.items() for of in fields_of(top, dtype)]
        names = distinct(field.name for _, _, field, _ in found)
        columns = {
            name: _Column(replace(field, name=name), top, path, _at(dtype, path))
            for name, (top, dtype, field, path) in zip(names, found, strict=True)
        }
        peeked = [column for column in columns.values() if column.field.kind == "category"]
        if peeked:
            self._check_pages({column.top for column in peeked})
            with reading(self._path, _NAME):
                head = self._frame.select(sorted({column.top for column in peeked})).head(words.PEEKED).collect()
            columns.update({c.field.name: self._judged(c, _below(head[c.top], c.path)) for c in peeked})
        return columns

    def _judged(self, column: _Column, head: pl.Series) -> _Column:
        import polars as pl

        if head.dtype == pl.Binary and not _is_text(head):
            return replace(column, field=replace(column.field, kind="unusable", why="holds raw bytes"))
        if column.field.name in self._how.kinds:
            return column
        kind = words.kind_of(head, self._how.missing, self._footer.rows)
        return replace(column, field=replace(column.field, kind=kind), number=kind == "number")

    def _row_bytes(self, column: _Column) -> int:
        if column.field.kind == "unusable":
            return 0
        if column.field.kind == "image":
            return 8 * int(np.prod(column.field.shape))
        if column.field.kind == "list":
            values = sum(p.values for g in self._footer.groups for path, p in g.parts.items() if path[0] == column.top)
            return 8 + 8 * -(-values // self._footer.rows)
        return 8 if column.number else width(column.dtype)

    def _wanted(self, bounds: Sequence[Bound]) -> list[tuple[int, int]]:
        """The ranges of rows that may fulfil the bounds: whole row groups, neighbours joined."""
        ranges: list[tuple[int, int]] = []
        start = 0
        for group in self._footer.groups:
            stop = start + group.rows
            if all(self._may_hold(group.parts, bound) for bound in bounds):
                joined = bool(ranges) and ranges[-1][1] == start
                ranges[-1:] = [(ranges[-1][0], stop)] if joined else [*ranges[-1:], (start, stop)]
            start = stop
        return ranges

    def _may_hold(self, parts: Mapping[tuple[str, ...], Part], bound: Bound) -> bool:
        column = self._columns.get(bound.name)
        if column is None or column.path or column.field.kind != "number":
            return True
        part = parts.get((column.top,))
        if part is None or part.low is None or part.high is None or not _is_signed(column.dtype):
            return True
        form = _STATISTICS.get(part.physical)
        if form is None or len(part.low) != struct.calcsize(form) or len(part.high) != len(part.low):
            return True
        low, high = struct.unpack(form, part.low)[0], struct.unpack(form, part.high)[0]
        return not _outside(float(low), float(high), bound)

    def _read(self, columns: Sequence[_Column], start: int, stop: int) -> dict[str, Raw]:
        """A few columns at a time, so that little is held twice."""
        by_top: dict[str, list[_Column]] = {}
        for column in columns:
            by_top.setdefault(column.top, []).append(column)
        tops = list(by_top)
        at_once = max(1, _AT_ONCE // (8 * (stop - start)))
        found: dict[str, Raw] = {}
        for first in range(0, len(tops), at_once):
            few = dict.fromkeys(tops[first : first + at_once])
            with reading(self._path, _NAME):
                frame = self._frame.select(list(few)).slice(start, stop - start).collect()
                for column in (column for top in few for column in by_top[top]):
                    series = _below(frame[column.top], column.path)
                    found[column.field.name] = raw(series, self._how.missing, as_number=column.number)
        return {column.field.name: found[column.field.name] for column in columns}


def _at(dtype: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        dtype = next(field.dtype for field in dtype.fields if field.name == name)
    return dtype


def _below(series: pl.Series, path: tuple[str, ...]) -> pl.Series:
    for name in path:
        series = series.struct.field(name)
    return series


def _is_text(head: pl.Series) -> bool:
    """Whether bytes are texts that somebody forgot to call so."""
    try:
        found = [value.decode() for value in head.drop_nulls().to_list()]
    except UnicodeDecodeError:
        return False
    return not any(sign < " " and not sign.isspace() for text in found for sign in text)


def _is_signed(dtype: Any) -> bool:
    return bool(dtype.is_float() or dtype.is_signed_integer())


def _outside(low: float, high: float, bound: Bound) -> bool:
    """Whether no number from low to high fulfils the bound; NaN says nothing."""
    match bound.sign:
        case "<":
            return low >= bound.number
        case "<=":
            return low > bound.number
        case ">":
            return high <= bound.number
        case ">=":
            return high < bound.number
        case "==":
            return low > bound.number or high < bound.number


def _cut_up(ranges: Sequence[tuple[int, int]], rows: int | None, size: int | None) -> Iterator[tuple[int, int]]:
    """The ranges up to the row `rows`, in pieces of at most `size`."""
    for start, end in ranges:
        stop = end if rows is None else min(end, rows)
        step = size or max(stop - start, 1)
        for place in range(start, stop, step):
            yield place, min(place + step, stop)


@contextmanager
def _open(path: Path | str, how: How) -> Iterator[Source]:
    yield _Parquet(Path(path), how)


READER = Reader(name=_NAME, endings=(".parquet", ".pq"), keys=frozenset(), open=_open)
