"""Parses one piece of a text: quickly where it is as expected, else carefully and saying what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mltui.core.errors import InputError
from mltui.data.readers import series
from mltui.data.readers.raw import Raw
from mltui.data.readers.text import mending
from mltui.data.readers.text.columns import Column
from mltui.data.readers.text.dialect import Dialect
from mltui.data.readers.text.mending import Mended

if TYPE_CHECKING:
    import polars as pl


class Broken(Exception):
    """What is wrong with a row, in words that follow "line 7: "; the line counts from 0 in the piece."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line
        self.said = said

    def at(self, path: Path, lines: int) -> InputError:
        """The sentence, where so many lines stand before the piece."""
        return InputError(f"{path.name}, line {lines + self.line + 1:,}: {self.said}", key="data.files")


@dataclass
class Parser:
    """Parses pieces of one file.

    Attributes:
        missing: texts that mean missing, beside the standard ones. nulls: those among them all that were seen.
        untidy: whether blank rows or comments were seen.
        blank, comments: how many blank rows and comments have been passed over.
    """

    dialect: Dialect
    missing: frozenset[str] = frozenset()
    nulls: tuple[str, ...] = ()
    untidy: bool = False
    blank: int = 0
    comments: int = 0
    _careful: set[int] = field(default_factory=set)

    def texts(self, block: bytes) -> pl.DataFrame:
        """All columns as texts, without blank rows and comments.

        Raises:
            Broken: for a row with too many or too few fields, and for what no parser understands.
        """
        found = self._mended(mending.squeezed(block, self.dialect))
        return self._strings(found.block, None)

    def columns(self, block: bytes, wanted: Sequence[Column]) -> tuple[int, list[Raw]]:
        """How many rows a piece has, and these columns of them, in the order asked for.

        Raises:
            Broken: for a row with too many or too few fields, and for what no parser understands.
        """
        import polars as pl

        block = mending.squeezed(block, self.dialect)
        if self.untidy:
            block = self._mended(block).block
        frame = self._strict(block, wanted)
        if frame is None or not self._fine(frame, block):
            block = self._mended(block).block
            frame = self._strict(block, wanted)
        if frame is None:
            frame = self._strings(block, sorted({column.place for column in wanted}))
            self._careful.update(c.place for c in wanted if c.way in ("whole", "float") and self._fails(frame, c))
        made = []
        for column in wanted:
            values = frame[f"{column.place}"]
            if values.dtype == pl.String:
                made.append(column.read(values, self.missing, self.dialect.decimal))
            else:
                made.append(column.made(Raw(series.plain(values))))
        return frame.height, made

    def _fails(self, frame: pl.DataFrame, column: Column) -> bool:
        """Whether the parser could not have read this column itself, so that it need not be tried again."""
        import polars as pl

        texts = frame[f"{column.place}"]
        kind = pl.Int64 if column.way == "whole" else pl.Float64
        return bool(texts.cast(kind, strict=False).null_count() > texts.null_count())

    def _mended(self, block: bytes) -> Mended:
        found = mending.mended(block, self.dialect)
        self.blank += found.blank
        self.comments += found.comments
        if mending.uneven(found.block, self.dialect) is not None:
            raise self._broken(block)
        return found

    def _broken(self, block: bytes) -> Broken:
        """What is wrong with the first broken row, counting blank lines and comments too."""
        if self.dialect.quoted and block.count(b'"') % 2:
            return Broken(block.count(b"\n", 0, block.rfind(b'"')), "a double quote is opened and never closed")
        line, fields = mending.uneven(block, self.dialect) or (0, 0)
        have = f"{fields:,} {'field' if fields == 1 else 'fields'}"
        right = f"but the table has {self.dialect.fields:,}"
        return Broken(line, f"{have}, {right}; mend the line, or set data.separator or data.skip")

    def _strict(self, block: bytes, wanted: Sequence[Column]) -> pl.DataFrame | None:
        """The wanted columns as they should be, or None where the parser finds one that is not."""
        import polars as pl

        types: dict[str, Any] = {f"{place}": pl.String for place in range(self.dialect.fields)}
        for column in wanted:
            if column.place not in self._careful:
                types[f"{column.place}"] = {"whole": pl.Int64, "float": pl.Float64}.get(column.way, pl.String)
        places = {column.place for column in wanted} | {self.dialect.fields - 1}
        try:
            return self._parsed(block, types, sorted(places), list(self.nulls))
        except (pl.exceptions.PolarsError, ValueError):
            return None

    def _strings(self, block: bytes, places: Sequence[int] | None) -> pl.DataFrame:
        import polars as pl

        types = {f"{place}": pl.String for place in range(self.dialect.fields)}
        if not block:
            return pl.DataFrame(schema=types)
        try:
            return self._parsed(block, types, places, [])
        except (pl.exceptions.PolarsError, ValueError) as error:
            if self.dialect.quoted and block.count(b'"') % 2:
                raise self._broken(block) from None
            said = " ".join(str(error).split())[:100].rstrip(" .")
            raise Broken(0, f"from here on it cannot be read as columns: {said}") from error

    def _parsed(
        self, block: bytes, types: dict[str, Any], places: Sequence[int] | None, nulls: list[str]
    ) -> pl.DataFrame:
        import polars as pl

        separator = mending.delimiter(self.dialect).decode()
        every = places is None or len(places) == self.dialect.fields
        return pl.read_csv(
            block,
            has_header=False,
            schema=types,
            columns=None if every else places,
            separator=separator,
            quote_char='"' if self.dialect.quoted else None,
            null_values=nulls or None,
            decimal_comma=self.dialect.decimal == "," and separator != ",",
        )

    def _fine(self, frame: pl.DataFrame, block: bytes) -> bool:
        """Whether every row has its fields and none is blank: so where some column has a value in each row."""
        nulls = [column.null_count() for column in frame.iter_columns()]
        projected = len(nulls) < self.dialect.fields
        if not nulls[-1] and not projected:
            return True
        if frame.height and min(nulls) and self._some_row_is_null(frame):
            return False
        if nulls[-1]:
            return mending.uneven(block, self.dialect, all_rows=True) is None
        return mending.separators(block, self.dialect) == frame.height * (self.dialect.fields - 1)

    @staticmethod
    def _some_row_is_null(frame: pl.DataFrame) -> bool:
        import polars as pl

        return bool(frame.select(pl.all_horizontal(pl.all().is_null()).any()).item())
