"""Reads a Parquet file's footer and page headers and finds lies in them before a library believes them.

A library sets memory aside by what a file claims, and a claim far beyond the machine ends the whole process. The
format: https://github.com/apache/parquet-format, parquet.thrift.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from mltui.data.readers.parquet.thrift import Decoder, Struct

MAGIC = b"PAR1"
_TAIL = 8
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8, 6: 4}
"""What a plain value takes by physical type, in bytes; of texts their length alone, of truth values a bit."""
_RATIOS = {1: 64, 5: 300, 7: 300}
"""How much smaller Snappy and LZ4 can make anything at most; the others know no bound."""
_PLENTY = 1 << 24
_MOST_VALUES_A_BYTE = 1 << 16
"""Runs of one value take next to nothing; no writer makes longer ones on purpose."""


@dataclass(frozen=True)
class Part:
    """One column of one row group.

    Attributes:
        values: how many, in all rows.
        start, stop: where its pages lie in the file.
        low, high: its smallest and largest value as the file writes them, where it tells.
    """

    values: int
    physical: int
    codec: int
    start: int
    stop: int
    low: bytes | None = None
    high: bytes | None = None


@dataclass(frozen=True)
class Group:
    """A row group: `parts` by the path of the leaf column."""

    rows: int
    parts: dict[tuple[str, ...], Part]


@dataclass(frozen=True)
class Footer:
    """What a file says of itself."""

    rows: int
    groups: tuple[Group, ...]


def read_footer(path: Path) -> Footer:
    """The footer, its claims held against each other and the file's size.

    Raises:
        ValueError: saying what is wrong.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < 2 * len(MAGIC) + 4 or file.read(4) != MAGIC:
            raise ValueError("it does not begin as one")
        file.seek(-_TAIL, 2)
        tail = file.read(_TAIL)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC:
            raise ValueError("its end is missing")
        if length > size - _TAIL - len(MAGIC):
            raise ValueError("its footer is longer than the file")
        file.seek(-_TAIL - length, 2)
        said = Decoder(file.read(length), 0, length).struct()
    return _checked(said, size - _TAIL - length)


def _checked(said: Struct, end: int) -> Footer:
    repeated = dict(_leaves(_structs(said, 2)))
    groups = tuple(_group(group, repeated, end) for group in _structs(said, 4))
    rows = _whole(said, 3)
    if rows != sum(group.rows for group in groups):
        raise ValueError(f"it claims {rows:,} rows, its row groups have {sum(group.rows for group in groups):,}")
    return Footer(rows, groups)


def _leaves(schema: Sequence[Struct]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The path of each leaf column and whether a row may hold several values of it."""
    places = iter(schema)

    def below(prefix: tuple[str, ...], repeated: bool, depth: int) -> Iterator[tuple[tuple[str, ...], bool]]:
        element = next(places, None)
        if element is None or depth > 40:
            raise ValueError("its schema is damaged")
        path = (*prefix, _text(element, 4)) if depth else ()
        repeated = repeated or _whole(element, 3) == 2
        children = _whole(element, 5)
        if not children:
            yield path, repeated
        for _ in range(children):
            yield from below(path, repeated, depth + 1)

    yield from below((), False, 0)


def _group(said: Struct, repeated: dict[tuple[str, ...], bool], end: int) -> Group:
    rows = _whole(said, 3)
    parts = {}
    for column in _structs(said, 1):
        about = column.get(3)
        if not isinstance(about, dict):
            raise ValueError("a column is described nowhere")
        path = _path(about)
        part = _part(about, end)
        if path not in repeated:
            raise ValueError(f"its schema has no column {'.'.join(path)}")
        if not repeated[path] and part.values != rows:
            raise ValueError(f"{rows:,} rows have {part.values:,} values of {'.'.join(path)}")
        parts[path] = part
    if rows < 0 or (rows and len(parts) != len(repeated)):
        raise ValueError("a row group has other columns than its schema")
    return Group(rows, parts)


def _path(about: Struct) -> tuple[str, ...]:
    names = about.get(3, [])
    if not isinstance(names, list):
        raise ValueError("its footer is damaged")
    return tuple(_text({0: name}, 0) for name in names)


def _part(about: Struct, end: int) -> Part:
    first, data = _whole(about, 11), _whole(about, 9)
    start = min(first, data) if first > 0 else data
    stop = start + _whole(about, 7)
    values = _whole(about, 5)
    if not 4 <= start <= stop <= end:
        raise ValueError("a column lies outside the file")
    if not 0 <= values <= (stop - start) * _MOST_VALUES_A_BYTE:
        raise ValueError(f"{stop - start} bytes cannot hold {values:,} values")
    statistics = about.get(12)
    told: Struct = statistics if isinstance(statistics, dict) else {}
    low, high = told.get(6), told.get(5)
    return Part(
        values,
        _whole(about, 1),
        _whole(about, 4),
        start,
        stop,
        low if isinstance(low, bytes) else None,
        high if isinstance(high, bytes) else None,
    )


def check_pages(path: Path, parts: Sequence[Part]) -> None:
    """Hold each page's header against what the footer claims of its column.

    Raises:
        ValueError: saying what is wrong.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for part in parts:
            _check_part(cast("Sequence[int]", data), part)


def _check_part(data: Sequence[int], part: Part) -> None:
    place, left = part.start, part.values
    while left > 0:
        decoder = Decoder(data, place, part.stop)
        header = decoder.struct()
        packed, unpacked = _whole(header, 3), _whole(header, 2)
        place = decoder.place + packed
        if packed < 0 or place > part.stop:
            raise ValueError("a page is longer than its column")
        left -= _values(header, unpacked, part.physical)
        _check_size(packed, unpacked, part)
    if left < 0:
        raise ValueError("its pages hold more values than it claims")


def _values(header: Struct, unpacked: int, physical: int) -> int:
    """How many values of the column a page holds: none of a dictionary's."""
    dictionary = header.get(7)
    if isinstance(dictionary, dict):
        count = _whole(dictionary, 1)
        if not 0 <= count * _WIDTHS.get(physical, 1) <= max(unpacked, 0):
            raise ValueError(f"a dictionary of {unpacked} bytes cannot hold {count:,} values")
        return 0
    page = header.get(5, header.get(8))
    if not isinstance(page, dict):
        return 0  # an index; the page after it follows
    count = _whole(page, 1)
    if count < 0:
        raise ValueError("a page holds less than nothing")
    return count


def _check_size(packed: int, unpacked: int, part: Part) -> None:
    most = packed
    if part.codec:
        most = packed * _RATIOS.get(part.codec, _MOST_VALUES_A_BYTE) + 64
        if unpacked > _PLENTY and part.physical in (1, 2, 3, 4, 5):
            most = min(most, part.values * (_WIDTHS[part.physical] + 8) + _PLENTY)
    if not 0 <= unpacked <= most:
        raise ValueError(f"a page of {packed} bytes cannot unpack to {unpacked:,}")


def _structs(said: Struct, number: int) -> list[Struct]:
    items = said.get(number, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("its footer is damaged")
    return cast("list[Struct]", items)


def _whole(said: Struct, number: int) -> int:
    value = said.get(number, 0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("its footer is damaged")
    return value


def _text(said: Struct, number: int) -> str:
    value = said.get(number, b"")
    if not isinstance(value, bytes):
        raise ValueError("its footer is damaged")
    return value.decode(errors="replace")
