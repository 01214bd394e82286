"""Fits a preprocessing to more rows than memory holds: by column where all values of it are needed, else by chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Preprocess
from mltui.core.table import Column, Floats, Table
from mltui.data.matrix import block, chunked, matrix, width

_COLUMN_BYTES = 64_000_000
"""So many inputs of an image are looked at together as give about so much; of a table, one column at a time."""
Tell = Callable[[float], None]
"""Told the share that is done; it may raise to give up."""


def seen(table: Table, column: Column, rows: NDArray[np.integer]) -> Floats:
    """The codes of a category that occur, sorted; one that cannot occur where all are missing."""
    found = np.zeros(len(column.categories) + 1, np.bool_)
    for part in chunked(len(rows), 8):
        found[block(table, column, rows[part]).astype(np.int64).ravel()] = True
    codes = np.flatnonzero(found[:-1]).astype(np.float64)
    return codes if len(codes) else np.array([np.inf])


def refit(
    transformer: Any, table: Table, columns: tuple[Column, ...], rows: NDArray[np.integer], spec: Preprocess, tell: Tell
) -> None:
    """Teach a ColumnTransformer, fitted to a few rows so far, what all rows say.

    The medians, means and quartiles are those of whole columns, one after the other; means and spreads, lows and
    highs of the scaler come chunk by chunk from its own `partial_fit`.

    Args:
        columns: of the transformer, in their order; the raw inputs of all but categories are its "numbers".
        tell: told the share that is done.
    """
    ordered = np.sort(rows)
    numbers = tuple(column for column in columns if column.kind != "category")
    if numbers:
        pipeline = transformer.named_transformers_["numbers"]
        _refit_numbers(pipeline, table, numbers, ordered, spec, tell)
    if any(column.kind == "category" for column in columns) and spec.encode == "ordinal":
        categories = tuple(column for column in columns if column.kind == "category")
        encoder = transformer.named_transformers_["categories"].steps[0][1]
        _refit_categories(transformer.named_transformers_["categories"], encoder, table, categories, ordered, tell)


def _refit_numbers(
    pipeline: Any, table: Table, columns: tuple[Column, ...], rows: NDArray[np.integer], spec: Preprocess, tell: Tell
) -> None:
    imputer, scaler = pipeline.steps[0][1], pipeline.steps[1][1]
    if spec.impute != "zero" or spec.scale == "robust":
        first = 0
        for values in _columns(table, columns, rows):
            for place in range(values.shape[1]):
                _look(values[:, place], imputer, scaler, first + place, spec)
            first += values.shape[1]
            tell(0.5 * first / _width(columns))
    if spec.scale in ("standard", "minmax"):
        _learn_by_chunks(pipeline, lambda part: matrix(table, columns, rows[part]), len(rows), _width(columns), tell)


def _look(values: Floats, imputer: Any, scaler: Any, place: int, spec: Preprocess) -> None:
    """What one whole column says: the value that stands in for a missing one, its median and quartiles."""
    absent = np.isnan(values)
    if spec.impute != "zero":
        known = values[~absent] if absent.any() else values.copy()
        stand_in = 0.0
        if len(known):
            stand_in = np.median(known, overwrite_input=True) if spec.impute == "median" else known.mean()
        del known
        imputer.statistics_[place] = stand_in
    if spec.scale == "robust":
        values[absent] = imputer.statistics_[place]
        low, middle, high = np.percentile(values, (25, 50, 75), overwrite_input=True)
        spread = high - low
        scaler.center_[place] = middle
        scaler.scale_[place] = spread if spread >= 10 * np.finfo(np.float64).eps else 1.0


def _refit_categories(
    pipeline: Any, encoder: Any, table: Table, columns: tuple[Column, ...], rows: NDArray[np.integer], tell: Tell
) -> None:
    scaler = pipeline.steps[1][1]
    if hasattr(scaler, "partial_fit"):
        _learn_by_chunks(pipeline, lambda part: matrix(table, columns, rows[part]), len(rows), len(columns), tell)
    elif hasattr(scaler, "center_"):
        for place, column in enumerate(columns):
            tell(0.0)
            alone = _encoded(encoder, block(table, column, rows).astype(np.float64)[:, 0], place)
            low, middle, high = np.percentile(alone, (25, 50, 75), overwrite_input=True)
            scaler.center_[place] = middle
            scaler.scale_[place] = high - low if high - low >= 10 * np.finfo(np.float64).eps else 1.0


def _encoded(encoder: Any, codes: Floats, place: int) -> Floats:
    """The numbers that an ordinal encoder gives one column's codes; -1 for those it has not seen."""
    known = encoder.categories_[place]
    found = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    return np.where(known[found] == codes, found, -1).astype(np.float64)


def _learn_by_chunks(pipeline: Any, values: Callable[[slice], Floats], rows: int, inputs: int, tell: Tell) -> None:
    """Fit the second step of a pipeline anew, by what its first step makes of chunk after chunk."""
    from sklearn.base import clone

    name, scaler = pipeline.steps[1]
    fresh = clone(scaler)
    for part in chunked(rows, 8 * inputs):
        tell(0.5 + 0.5 * part.start / rows)
        fresh.partial_fit(pipeline.steps[0][1].transform(values(part)))
    pipeline.steps[1] = (name, fresh)


def _columns(table: Table, columns: tuple[Column, ...], rows: NDArray[np.integer]) -> Iterator[Floats]:
    """Every column's values over all rows, one at a time; of an image, some pixels at a time."""
    for column in columns:
        if not column.shape:
            yield block(table, column, rows)
            continue
        together = max(1, _COLUMN_BYTES // (8 * max(1, len(rows))))
        for start in range(0, width(column), together):
            yield block(table, column, rows, slice(start, start + together))


def _width(columns: tuple[Column, ...]) -> int:
    return sum(width(column) for column in columns)
