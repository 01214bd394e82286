"""Decides from a sample what each column of a text is, and turns a column's texts into that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value
from mltui.data.kinds import kind_of, overruled
from mltui.data.readers import series
from mltui.data.readers.raw import MOST_LABELS, Kind, Raw
from mltui.data.readers.text import dates

if TYPE_CHECKING:
    import polars as pl

Way = Literal["whole", "float", "number", "truth", "date", "label"]
"""How a column is read: whole and floating numbers by the parser itself, all else from texts."""
_MOST_ODD = 0.05
"""The share of other texts up to which a column still is one of numbers, or of dates."""
_KEY = "data.kinds"
_NOT_PLAIN = r"^[+-]?0\d|[A-Za-z]"
"""Numbers whose writing says more than their value: 02139, and inf, which may be a word here."""


@dataclass(frozen=True)
class Column:
    """How one column is read.

    Attributes:
        place: from 0, among the fields of a row.
        pattern: of its dates.
        overrule: what the user says it is, where that has to be made from what is read.
        guessed: what is worth telling of the guess, as data.kinds would say it; None where the texts speak for
            themselves.
        odd: how many texts of the sample it does not fit. example: one of them.
        doubtful: whether day and month might be the other way round.
    """

    name: str
    place: int
    way: Way = "float"
    kind: Kind = "number"
    pattern: str = ""
    overrule: Value = None
    guessed: str | None = None
    odd: int = 0
    example: str = ""
    doubtful: bool = False

    def read(self, text: pl.Series, missing: frozenset[str], decimal: str) -> Raw:
        """The column from the texts of some rows; null and what means missing is missing."""
        bare = series.present(text, missing)
        if self.way == "label":
            return self.made(series.labelled(bare))
        if self.way == "truth":
            found = _truth(bare)
        elif self.way == "date":
            found = series.dates(bare, self.pattern)
        else:
            found = series.numbers(bare, decimal)
        odd = found.null_count() - bare.null_count()
        return self.made(Raw(series.plain(found), date=self.way == "date", odd=odd))

    def made(self, raw: Raw) -> Raw:
        """The column as the user says it is."""
        return raw if self.overrule is None else overruled(raw, self.overrule, self.name)


def decided(
    names: Mapping[int, str],
    sample: pl.DataFrame,
    kinds: Mapping[str, Value],
    missing: frozenset[str],
    decimal: str,
    rows: int,
) -> tuple[Column, ...]:
    """How each column is read.

    Args:
        names: by place.
        sample: texts, a column for each place.
        rows: how many there are in all, about.

    Raises:
        InputError: where the user's word for a column does not fit it.
    """
    bare = series.all_present(sample, missing)
    ways = _plain_ways(bare, decimal)
    found = []
    for (place, name), texts in zip(names.items(), (bare[f"{place}"] for place in names), strict=True):
        column = Column(name, place)
        column = replace(column, way=ways[place]) if place in ways else _guessed(column, texts, decimal, rows)
        said = kinds.get(name)
        found.append(column if said is None else _as_said(column, texts, said, decimal))
    return tuple(found)


def _plain_ways(bare: pl.DataFrame, decimal: str) -> dict[int, Way]:
    """The columns of nothing but plain numbers, found all at once, for there may be ten thousand of them."""
    import polars as pl

    types: dict[Way, type[pl.DataType]] = {"float": pl.Float64, "whole": pl.Int64}
    known = bare.null_count().row(0)
    ways: dict[int, Way] = {}
    for way, kind in types.items():
        if way == "float" and decimal == ",":
            continue
        read = bare.select(pl.all().cast(kind, strict=False)).null_count().row(0)
        ways |= {place: way for place, (a, b) in enumerate(zip(known, read, strict=True)) if a == b < bare.height}
    return ways


def _guessed(column: Column, texts: pl.Series, decimal: str, rows: int) -> Column:
    there = len(texts) - texts.null_count()
    if not there:
        return column
    numbers = series.numbers(texts, decimal)
    odd = numbers.null_count() - texts.null_count()
    if odd <= _MOST_ODD * there:
        return _numeric(column, texts, numbers, odd, decimal)
    return _worded(column, texts, rows)


def _numeric(column: Column, texts: pl.Series, numbers: pl.Series, odd: int, decimal: str) -> Column:
    if not odd:
        return replace(column, way=_way(texts, numbers, decimal))
    example = str(texts.filter(numbers.is_null() & texts.is_not_null())[0])
    return replace(column, way="number", guessed="number", odd=odd, example=example)


def _worded(column: Column, texts: pl.Series, rows: int) -> Column:
    if _truth(texts).null_count() == texts.null_count():
        return replace(column, way="truth")
    found = dates.pattern_of(texts, _MOST_ODD)
    if found is not None:
        return replace(
            column, way="date", kind="date", pattern=found.pattern, guessed=found.pattern, doubtful=found.doubtful
        )
    if rows > MOST_LABELS and _labels(texts, rows) > MOST_LABELS:
        return replace(column, way="label", kind="text", guessed="text")
    return replace(column, way="label", kind="category")


def _labels(texts: pl.Series, rows: int) -> float:
    """How many labels there are in all, about: where most texts of the sample are new, most of the rest are too."""
    distinct = texts.drop_nulls().n_unique()
    grows = 2 * distinct > len(texts) - texts.null_count()
    return distinct * rows / len(texts) if grows else distinct


def _way(texts: pl.Series, numbers: pl.Series, decimal: str) -> Way:
    """Whether the parser reads these numbers by itself, which is quicker."""
    if not numbers.dtype.is_float():
        return "whole"
    sign = r"[,dD]" if decimal == "." else r"[.dD]"
    return "number" if bool(texts.str.contains(sign).any()) else "float"


def _as_said(column: Column, texts: pl.Series, said: Value, decimal: str) -> Column:
    """The column as the user says it is, read from the texts themselves where they would lose by becoming numbers."""
    kind = kind_of(said, column.name)
    column = replace(column, kind=kind, guessed=None, doubtful=False)
    if kind == "number":
        return replace(column, way=column.way if column.way in ("whole", "float") else "number")
    if kind == "date":
        return _dated(column, texts, str(said))
    numeric = column.way in ("whole", "float", "number", "truth")
    if not numeric or column.odd or bool(texts.str.contains(_NOT_PLAIN).any()):
        return replace(column, way="label", odd=0, overrule=said)
    return replace(column, overrule=said)


def _dated(column: Column, texts: pl.Series, said: str) -> Column:
    import polars as pl

    if "%" not in said:
        found = dates.pattern_of(texts, _MOST_ODD, digits=True)
        if found is None and column.way in ("whole", "float"):
            return replace(column, overrule=said)
        if found is None:
            raise InputError(
                f"{_KEY}: no pattern of dates fits the column {column.name}; give it, such as "
                f'{column.name} = "%d.%m.%Y"',
                key=_KEY,
            )
        return replace(column, way="date", pattern=found.pattern)
    try:
        read = series.dates(texts, said)
    except (pl.exceptions.PolarsError, ValueError):
        read = texts.cast(pl.Float64, strict=False).clear(len(texts))
    if read.null_count() == len(texts) and texts.null_count() < len(texts):
        example = texts.drop_nulls()[0]
        raise InputError(
            f"{_KEY}: the pattern {said} does not fit the column {column.name}, which holds {example!r}", key=_KEY
        )
    return replace(column, way="date", pattern=said)


def _truth(texts: pl.Series) -> pl.Series:
    import polars as pl

    lower = texts.str.to_lowercase()
    truth = lower == "true"
    return truth.set(~lower.is_in(pl.Series(["true", "false"]).implode()).fill_null(True), None)


def bytes_of(column: Column) -> int:
    """What one value of it takes in memory."""
    if column.way == "truth":
        return 1
    return np.dtype(np.int32 if column.way == "label" else np.float64).itemsize
