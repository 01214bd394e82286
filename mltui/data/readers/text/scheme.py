"""Puts together how one text is read: its dialect, where its rows begin, and what each column is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mltui.core.errors import InputError
from mltui.data.readers.names import check_given
from mltui.data.readers.raw import STANDARD_MISSING, Field, How, Listing, NoRows
from mltui.data.readers.text import columns as kinds
from mltui.data.readers.text import dialect as dialects
from mltui.data.readers.text import telling
from mltui.data.readers.text.columns import Column
from mltui.data.readers.text.dialect import Dialect, Layout
from mltui.data.readers.text.header import Heading, heading
from mltui.data.readers.text.parsing import Broken, Parser
from mltui.data.readers.text.sampling import Sample, whole_rows
from mltui.data.readers.text.streams import Origin
from mltui.data.readers.text.units import title_and_unit

if TYPE_CHECKING:
    import polars as pl

_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Scheme:
    """How one text is read.

    Attributes:
        body: where its first row begins, in bytes of the text as UTF-8.
        row_length: bytes, about.
        nulls: the texts that mean missing and were seen. untidy: whether blank rows or comments were seen.
    """

    origin: Origin
    dialect: Dialect
    columns: tuple[Column, ...]
    body: int
    row_length: float
    missing: frozenset[str]
    nulls: tuple[str, ...]
    untidy: bool

    def parser(self) -> Parser:
        """One for a new reading."""
        return Parser(self.dialect, self.missing, self.nulls, self.untidy)

    def lines_before(self, begin: int) -> int:
        """How many lines there are in the first so many bytes of the text."""
        count, left = 0, begin
        with self.origin.opened() as stream:
            while left > 0 and (data := stream.read(min(left, 1 << 22))):
                count += data.count(b"\n")
                left -= len(data)
        return count


def schemed(path: Path, sample: Sample, how: How) -> tuple[Scheme, Listing]:
    """How a text is read, and what it holds.

    Raises:
        InputError: where there is no row, rows are uneven, or what the user says does not fit.
    """
    layout, named = _looked_at(path, sample, how)
    first = layout.records[named.rows].line if named.rows < len(layout.records) else None
    if first is None:
        raise NoRows(f"{path.name} has a header line and no rows", how.columns or named.names)
    body = _offset(sample.head, first)
    parser = Parser(layout.dialect, how.missing)
    frame, rows = _sampled(path, sample, body, parser, layout)
    dropped = _dropped(frame, named, how)
    names = _names(path, named, how, dropped, layout.dialect.fields)
    columns = kinds.decided(names, frame, how.kinds, how.missing, layout.dialect.decimal, rows)
    length = (sample.length - body) / rows
    nulls = _nulls(frame, columns, how.missing)
    scheme = Scheme(
        sample.origin, layout.dialect, columns, body, length, how.missing, nulls, parser.blank + parser.comments > 0
    )
    listing = Listing(
        tuple(_field(column, named) for column in columns),
        rows=rows,
        exact=sample.whole,
        guesses=telling.guesses(layout, named, columns, sample.origin.encoding, how),
        notes=(
            *telling.of_names(named, columns, len(dropped), how),
            *telling.of_rows(parser, whole=sample.whole),
            *telling.of_columns(columns),
        ),
    )
    return scheme, listing


def _looked_at(path: Path, sample: Sample, how: How) -> tuple[Layout, Heading]:
    """What the first lines say."""
    text = sample.head.removeprefix(_MARK).decode("utf-8", errors="replace")
    endings = [ending.lower() for ending in path.suffixes]
    try:
        layout = dialects.guess(text, how, tabs=".tsv" in endings or ".tab" in endings, whole=sample.whole)
        return layout, heading(layout, how)
    except InputError as error:
        raise InputError(f"{path.name} {error.sentence}", key=error.key) from None


def _offset(head: bytes, line: int) -> int:
    """Where a line begins, counted from 0."""
    place = 0
    for _ in range(line):
        place = head.index(b"\n", place) + 1
    return place or (len(_MARK) if head.startswith(_MARK) else 0)


def _sampled(path: Path, sample: Sample, body: int, parser: Parser, layout: Layout) -> tuple[pl.DataFrame, int]:
    """The sample's rows as texts, and about how many rows there are in all."""
    import polars as pl

    block = sample.head[body:]
    if not sample.whole:
        block = whole_rows(block, quoted=layout.dialect.quoted)
    try:
        head = parser.texts(block)
    except Broken as error:
        raise error.at(path, sample.head.count(b"\n", 0, body)) from None
    if not head.height:
        raise InputError(f"{path.name} has no row that can be read", key="data.files")
    pieces, a_byte = [head], [head.height / len(block)]
    for spot in sample.spots:
        try:
            pieces.append(parser.texts(spot))
            a_byte.append(pieces[-1].height / len(spot))
        except Broken:  # it may begin within quotes; reading will say where a row is uneven
            continue
    rows = head.height if sample.whole else max(head.height, round((sample.length - body) * float(np.mean(a_byte))))
    return pl.concat(pieces), rows


def _dropped(frame: pl.DataFrame, named: Heading, how: How) -> frozenset[int]:
    """Columns without a name and without a value, such as separators at the ends of lines leave."""
    if how.columns and len(how.columns) == frame.width:
        return frozenset()
    empty = {place for place in named.nameless if not _any_text(frame[f"{place}"])}
    if not named.found:
        last = max((place for place in range(frame.width) if place not in empty), default=-1)
        empty = {place for place in empty if place > last}
    return frozenset(empty) if len(empty) < frame.width else frozenset()


def _any_text(series: pl.Series) -> bool:
    return series.null_count() < len(series) and bool((series.str.strip_chars() != "").any())


def _names(path: Path, named: Heading, how: How, dropped: frozenset[int], fields: int) -> Mapping[int, str]:
    places = [place for place in range(fields) if place not in dropped]
    if not how.columns:
        return {place: named.names[place] for place in places}
    check_given(how.columns, len(places), path.name)
    return dict(zip(places, how.columns, strict=True))


def _nulls(frame: pl.DataFrame, columns: tuple[Column, ...], missing: frozenset[str]) -> tuple[str, ...]:
    """The texts that mean missing in the columns that the parser reads as numbers by itself."""
    import polars as pl

    wanted = [f"{column.place}" for column in columns if column.way in ("whole", "float")]
    if not wanted:
        return ()
    known = pl.lit(pl.Series(sorted((STANDARD_MISSING | missing) - {""}))).implode()
    bare = frame.select(pl.col(wanted).str.strip_chars())
    have = bare.select(pl.all().is_in(known).any()).row(0)
    found: set[str] = set()
    for name, has in zip(wanted, have, strict=True):
        if has:
            found.update(bare[name].filter(bare.select(pl.col(name).is_in(known))[name].fill_null(False)).unique())
    return tuple(sorted(found))


def _field(column: Column, named: Heading) -> Field:
    title, unit = title_and_unit(column.name)
    unit = unit or named.units.get(column.place, "")
    return Field(column.name, column.kind, unit=unit, title=title, row_bytes=kinds.bytes_of(column))
