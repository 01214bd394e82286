"""Turns polars columns into plain arrays, and texts into numbers, dates and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import MICROSECONDS_A_DAY, STANDARD_MISSING, Raw

if TYPE_CHECKING:
    import polars as pl

_GROUPS_POINT = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_GROUPS_COMMA = r"^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$"
_FORTRAN = r"^[+-]?(\d+\.?\d*|\.\d+)[dD][+-]?\d+$"


def present(text: pl.Series, missing: frozenset[str] = frozenset()) -> pl.Series:
    """The texts without blanks around them, null where they mean a missing value."""
    return all_present(text.to_frame(), missing).to_series()


def all_present(texts: pl.DataFrame, missing: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Columns of texts without blanks around them, null where they mean a missing value."""
    import polars as pl

    bare = pl.all().str.strip_chars()
    unknown = pl.lit(pl.Series(sorted(STANDARD_MISSING | missing), dtype=pl.String)).implode()
    return texts.select(bare).select(pl.when(~pl.all().is_in(unknown)).then(pl.all()))


def numbers(text: pl.Series, decimal: str = ".") -> pl.Series:
    """Texts as whole or floating numbers, null where they are none.

    Thousands may be set apart by commas (by points where the decimal sign is a comma) in groups of three; an exponent
    may begin with the d of Fortran.
    """
    import polars as pl

    found = text.cast(pl.Int64, strict=False)
    if found.null_count() == text.null_count():
        return found
    return _floats(_with_points(text) if decimal == "," else text)


def _with_points(text: pl.Series) -> pl.Series:
    grouped = text.str.contains(_GROUPS_COMMA).fill_null(False)
    bare = text.str.replace_all(".", "", literal=True)
    plain = text.zip_with(~grouped, bare) if grouped.any() else text
    mixed = plain.str.contains(r"\..*,|,.*,").fill_null(False)
    return plain.str.replace(",", ".", literal=True).set(mixed, None)


def _floats(text: pl.Series) -> pl.Series:
    import polars as pl

    found = text.cast(pl.Float64, strict=False)
    if found.null_count() == text.null_count():
        return found
    odd = found.is_null() & text.is_not_null()
    rest = text.filter(odd)
    grouped = rest.str.contains(_GROUPS_POINT)
    plain = rest.zip_with(~grouped, rest.str.replace_all(",", "", literal=True))
    fortran = plain.str.contains(_FORTRAN)
    plain = plain.zip_with(~fortran, plain.str.replace("[dD]", "e"))
    again = plain.cast(pl.Float64, strict=False)
    if again.null_count() == len(again):
        return found
    return found.scatter(odd.arg_true(), again)


def dates(text: pl.Series, pattern: str) -> pl.Series:
    """Texts as days since 1970-01-01 UTC by a strptime pattern; the time of day alone is a part of a day.

    Null where they do not fit the pattern.
    """
    import polars as pl

    pattern = pattern.replace(".%f", "%.f")
    if not any(sign in pattern for sign in ("%Y", "%y", "%D", "%F", "%s", "%+", "%c", "%x", "%G", "%C")):
        return text.str.to_time(pattern, strict=False).cast(pl.Int64) / (MICROSECONDS_A_DAY * 1e3)
    if not any(sign in pattern for sign in ("%H", "%I", "%T", "%R", "%X", "%r", "%s", "%k", "%l", "%+", "%c")):
        return text.str.to_date(pattern, strict=False).cast(pl.Int32).cast(pl.Float64)
    zoned = "%z" in pattern or "%:z" in pattern or "%#z" in pattern
    moment = text.str.to_datetime(pattern, time_unit="us", time_zone="UTC" if zoned else None, strict=False)
    return moment.cast(pl.Int64) / MICROSECONDS_A_DAY


def plain(series: pl.Series) -> NDArray[np.generic]:
    """Numbers as an array, floating with NaN where one is missing.

    It may be the series' own memory, which is not to be changed.
    """
    import polars as pl

    if series.null_count() and not series.dtype.is_float():
        series = series.cast(pl.Float64)
    return (series.fill_null(np.nan) if series.null_count() else series).to_numpy()


def labelled(text: pl.Series) -> Raw:
    """Texts as codes into their distinct values from a to z; null is missing."""
    import polars as pl

    distinct = text.drop_nulls().unique().sort()
    if not len(distinct):
        return Raw(np.full(len(text), -1, np.int32), ())
    codes = text.cast(pl.Enum(distinct)).to_physical().cast(pl.Int32).fill_null(-1)
    return Raw(np.array(codes.to_numpy()), tuple(distinct.to_list()))
