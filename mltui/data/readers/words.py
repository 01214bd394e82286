"""The texts of formats whose columns have types: which are numbers after all, and which are of each row's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mltui.data.readers import series
from mltui.data.readers.raw import MOST_LABELS, Kind, Raw

if TYPE_CHECKING:
    import polars as pl

PEEKED = 1000
"""So many of a column's first texts tell what they are."""


def decoded(text: bytes) -> str:
    r"""Bytes as text: UTF-8, or else Latin-1; without the zeros that fill them up.

    >>> decoded(b"caf\xc3\xa9\0\0"), decoded(b"caf\xe9")
    ('café', 'café')
    """
    bare = text.rstrip(b"\0")
    try:
        return bare.decode()
    except UnicodeDecodeError:
        return bare.decode("latin-1")


def kind_of(head: pl.Series, missing: frozenset[str], rows: int) -> Kind:
    """What a column's texts are by its beginning.

    Numbers, where all that is not missing is one; text, where there are more rows than labels can be told apart and
    every text is another; else labels of a category.
    """
    text = _texts(head, missing)
    there = len(text) - text.null_count()
    if there and series.numbers(text).null_count() == text.null_count():
        return "number"
    own = there > PEEKED // 2 and rows > MOST_LABELS and text.drop_nulls().n_unique() == there
    return "text" if own else "category"


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
        texts = [None if value is None else decoded(value) for value in column.to_list()]
        return series.present(pl.Series(texts, dtype=pl.String), missing)
    return series.present(column.cast(pl.String), missing)
