"""What a polars type is to the lab, and a polars column of that type as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers import words
from mltui.data.readers.raw import MICROSECONDS_A_DAY, Field, Raw

if TYPE_CHECKING:
    import polars as pl

_DEEPEST = 12


def fields_of(name: str, dtype: pl.DataType, depth: int = 0) -> Iterator[tuple[Field, tuple[str, ...]]]:
    """The column's fields, those of a structure one by one, each with the path that leads to it."""
    import polars as pl

    if isinstance(dtype, pl.Struct) and depth < _DEEPEST:
        for part in dtype.fields:
            inner = part.dtype() if isinstance(part.dtype, type) else part.dtype
            for found, path in fields_of(f"{name}.{part.name}", inner, depth + 1):
                yield found, (part.name, *path)
        return
    yield _field(name, dtype), ()


def _field(name: str, dtype: pl.DataType) -> Field:
    import polars as pl

    if isinstance(dtype, pl.List | pl.Array):
        return _several_field(name, dtype)
    if _plain(dtype) or isinstance(dtype, pl.Duration):
        return Field(name, unit="s" if isinstance(dtype, pl.Duration) else "")
    if isinstance(dtype, pl.Date | pl.Datetime | pl.Time):
        return Field(name, "date")
    if isinstance(dtype, _texts()):
        return Field(name, "category")
    why = "has no values" if isinstance(dtype, pl.Null) else "holds something that is no number and no text"
    return Field(name, "unusable", why=why)


def _several_field(name: str, dtype: pl.List | pl.Array) -> Field:
    import polars as pl

    if isinstance(dtype, pl.List):
        why = "holds a list of numbers in each row" if _plain(dtype.inner) else ""
        return Field(
            name, "list" if why else "unusable", why=why or f"holds a list of {_word(dtype.inner)} in each row"
        )
    innermost, shape = _innermost(dtype), tuple(dtype.shape)
    if _plain(innermost) and all(shape):
        return Field(name, "image", shape=shape)
    return Field(name, "unusable", why=f"holds {_word(innermost)} side by side in each row")


def _texts() -> tuple[type[pl.DataType], ...]:
    import polars as pl

    return (pl.String, pl.Categorical, pl.Enum, pl.Binary)


def _plain(dtype: object) -> bool:
    import polars as pl

    return bool(dtype == pl.Boolean or (isinstance(dtype, pl.DataType) and dtype.is_numeric()))


def _innermost(dtype: pl.Array) -> object:
    import polars as pl

    inner: object = dtype
    while isinstance(inner, pl.Array):
        inner = inner.inner
    return inner


def _word(dtype: object) -> str:
    import polars as pl

    words: tuple[tuple[type[pl.DataType], str], ...] = (
        (pl.List, "lists"),
        (pl.Array, "lists"),
        (pl.Struct, "structures"),
        (pl.String, "texts"),
        (pl.Binary, "raw bytes"),
    )
    return next((word for kind, word in words if isinstance(dtype, kind)), "what are no numbers")


def width(dtype: pl.DataType) -> int:
    """What a value takes in memory, in bytes."""
    if isinstance(dtype, _texts()):
        return 4
    narrow = {"Boolean": 1, "Int8": 1, "UInt8": 1, "Int16": 2, "UInt16": 2, "Int32": 4, "Float16": 4, "Float32": 4}
    return narrow.get(str(dtype), 8)


def raw(series: pl.Series, missing: frozenset[str], *, as_number: bool = False) -> Raw:
    """The column as plain arrays.

    Args:
        series: of any type that `fields_of` calls usable.
        missing: texts that mean a missing value, beside the standard ones.
        as_number: whether texts are numbers; what is none is missing and counted.
    """
    import polars as pl

    dtype = series.dtype
    if isinstance(dtype, pl.List):
        return _lists(series)
    if isinstance(dtype, pl.Array):
        return _images(series, dtype)
    if isinstance(dtype, pl.Date | pl.Datetime | pl.Time):
        return Raw(_days(series), date=True)
    if isinstance(dtype, pl.Duration):
        return Raw(_floats(series.cast(pl.Duration("us")).cast(pl.Int64)).astype(np.float64) / 1e6)
    if isinstance(dtype, _texts()):
        return words.numbers(series, missing) if as_number else words.categories(series, missing)
    return Raw(_numbers(series))


def _numbers(series: pl.Series) -> NDArray[np.generic]:
    """Floating numbers in their own width, whole ones up to int64, truth values; floating where any is missing."""
    import polars as pl

    dtype = series.dtype
    if dtype == pl.Boolean and not series.null_count():
        return np.asarray(series.to_numpy())
    if dtype.is_integer() and not series.null_count():
        whole = series if dtype not in (pl.UInt64, pl.Int128, pl.UInt32) else series.cast(pl.Int64, strict=False)
        if not whole.null_count():
            return np.asarray(whole.to_numpy())
    return _floats(series)


def _floats(series: pl.Series) -> NDArray[np.generic]:
    import polars as pl

    if series.dtype not in (pl.Float32, pl.Float64):
        series = series.cast(pl.Float32 if str(series.dtype) == "Float16" else pl.Float64)
    return np.asarray((series.fill_null(np.nan) if series.null_count() else series).to_numpy())


def _days(series: pl.Series) -> NDArray[np.float64]:
    """Days since 1970-01-01 UTC; of a time of day the part of a day."""
    import polars as pl

    if series.dtype == pl.Time:
        return _floats(series.cast(pl.Int64)).astype(np.float64) / (MICROSECONDS_A_DAY * 1e3)
    return _floats(series.cast(pl.Datetime("us")).cast(pl.Int64)).astype(np.float64) / MICROSECONDS_A_DAY


def _lists(series: pl.Series) -> Raw:
    lengths = series.list.len().fill_null(0).to_numpy().astype(np.int64)
    values = series.filter(series.list.len() > 0).explode()
    return Raw(_numbers(values), offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))


def _images(series: pl.Series, dtype: pl.Array) -> Raw:
    present = series.drop_nulls()
    flat = present
    while flat.dtype.is_nested():
        flat = flat.explode()
    values = _numbers(flat).reshape(len(present), *dtype.shape)
    if len(present) == len(series):
        return Raw(values)
    whole = np.full((len(series), *dtype.shape), np.nan, values.dtype if values.dtype.kind == "f" else np.float64)
    whole[series.is_not_null().to_numpy()] = values
    return Raw(whole)
