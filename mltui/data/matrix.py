"""A table's features as rows of numbers: which inputs each column gives, and their values chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.table import Column, Floats, Table

Chosen = NDArray[np.integer] | slice
ALL = slice(None)


def width(column: Column) -> int:
    """How many raw inputs a column gives: one a pixel of an image, else one."""
    return math.prod(column.shape)


def inputs(column: Column) -> list[str]:
    """The names of a column's raw inputs; those of an image's pixels are ``name[3,4]``."""
    if not column.shape:
        return [column.name]
    return [f"{column.name}[{','.join(str(i) for i in place)}]" for place in np.ndindex(*column.shape)]


def matrix(table: Table, columns: tuple[Column, ...], rows: Chosen = ALL) -> Floats:
    """The raw inputs of rows, shape (rows, inputs): NaN for a missing number, -1 for a missing category.

    Labels are matched by what they say, so that a table from another file may number them otherwise.

    Raises:
        InputError: where the table lacks a column.
    """
    blocks = [block(table, column, rows) for column in columns]
    made = np.empty((len(blocks[0]) if blocks else 0, sum(width(column) for column in columns)))
    start = 0
    for values in blocks:
        made[:, start : start + values.shape[1]] = values
        start += values.shape[1]
    return made


def block(table: Table, column: Column, rows: Chosen = ALL, pixels: slice = ALL) -> NDArray[Any]:
    """One column's raw inputs, shape (rows, width), or those of some pixels of an image.

    Raises:
        InputError: where the table lacks the column, or has images of another shape.
    """
    present = next((other for other in table.columns if other.name == column.name), None)
    if present is None:
        raise InputError(f"the column {column.name} that the model learnt from is not there", key="data.features")
    if present.shape != column.shape:
        raise InputError(
            f"the model learnt from a column {column.name} of shape {_shape(column)}; here it is {_shape(present)}",
            key="data.features",
        )
    values = table.values[column.name]
    values = values.reshape(len(values), -1)[rows, pixels] if column.shape else values[rows][:, None]
    if column.categories:
        values = _recoded(values, present.categories, column.categories)
    if column.kind == "category":
        return values
    numbers: Floats = values.astype(np.float64)
    if column.kind == "ordered":
        numbers[values == -1] = np.nan
    else:
        numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def chunked(rows: int, row_bytes: float, most: int = 32_000_000) -> Iterator[slice]:
    """Consecutive slices of so many rows, each small enough to be worked on beside others."""
    size = max(1_000, int(most / max(1.0, row_bytes)))
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def _recoded(codes: NDArray[Any], given: tuple[str, ...], known: tuple[str, ...]) -> NDArray[Any]:
    """Codes into one list of labels as codes into another; -1 where the other lacks the label."""
    if given == known:
        return codes
    places = {label: code for code, label in enumerate(known)}
    return np.array([*(places.get(label, -1) for label in given), -1])[codes.astype(np.int64)]


def _shape(column: Column) -> str:
    return " x ".join(str(side) for side in column.shape) or "one number"
