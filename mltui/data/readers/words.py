"""The texts of formats whose columns have types: which are numbers after all, and the rest as categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mltui.data.readers import series
from mltui.data.readers.raw import Raw

if TYPE_CHECKING:
    import polars as pl

PEEKED = 1000
"""So many of a column's first texts tell whether they are numbers."""


def are_numbers(head: pl.Series, missing: frozenset[str]) -> bool:
    """Whether every text of a column's beginning that is not missing is a number, and there is one."""
    text = _texts(head, missing)
    if text.null_count() == len(text):
        return False
    return bool(series.numbers(text).null_count() == text.null_count())


def numbers(column: pl.Series, missing: frozenset[str]) -> Raw:
    """The texts as numbers; what is none is missing and counted."""
    text = _texts(column, missing)
    found = series.numbers(text)
    return Raw(series.plain(found), odd=found.null_count() - text.null_count())


def categories(column: pl.Series, missing: frozenset[str]) -> Raw:
    """The texts as codes into the distinct ones, which are sorted."""
    return series.labelled(_texts(column, missing))


def _texts(column: pl.Series, missing: frozenset[str]) -> pl.Series:
    import polars as pl

    if column.dtype == pl.Binary:
        decoded = [None if value is None else value.decode(errors="replace") for value in column.to_list()]
        return series.present(pl.Series(decoded, dtype=pl.String), missing)
    return series.present(column.cast(pl.String), missing)
