"""Turns a polars column into plain arrays: text that is all numbers becomes numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mltui.data.readers.raw import STANDARD_MISSING, Raw

if TYPE_CHECKING:
    import polars as pl


def raw(series: pl.Series, missing: frozenset[str]) -> Raw:
    """The column as numbers where every present value is one, else as categories.

    Args:
        series: of numbers, truth values, or text.
        missing: texts that mean a missing value, beside the standard ones.
    """
    import polars as pl

    if series.dtype == pl.Boolean:
        return _truth(series)
    if series.dtype.is_numeric():
        return _number(series)
    text = series.cast(pl.String).str.strip_chars()
    text = text.set(text.is_in(sorted(STANDARD_MISSING | missing)), None)
    number = text.cast(pl.Float64, strict=False)
    if number.null_count() == text.null_count():
        whole = text.cast(pl.Int64, strict=False)
        return _number(whole if whole.null_count() == text.null_count() else number)
    return _category(text)


def _truth(series: pl.Series) -> Raw:
    if series.null_count():
        return _category(series.cast(str))
    return Raw(series.to_numpy().astype(np.bool_))


def _number(series: pl.Series) -> Raw:
    import polars as pl

    if series.dtype.is_integer() and not series.null_count():
        values = series.cast(pl.Int64, strict=False)
        if not values.null_count():
            return Raw(values.to_numpy().astype(np.int64))
    return Raw(series.cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64))


def _category(text: pl.Series) -> Raw:
    categories = text.drop_nulls().unique().sort()
    names = tuple(str(name) for name in categories.to_list())
    codes = text.replace_strict(categories, list(range(len(names))), default=-1)
    return Raw(codes.fill_null(-1).to_numpy().astype(np.int64), names)
