"""Rows that a notebook holds, as columns: dictionaries, structured arrays, frames of pandas and of polars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Scalar
from mltui.data.kinds import overruled
from mltui.data.missing import cleaned
from mltui.data.readers.raw import MICROSECONDS_A_DAY, STANDARD_MISSING, Field, Raw

_MICROSECONDS = np.dtype("datetime64[us]")


@dataclass(frozen=True)
class Given:
    """Columns of one length.

    Attributes:
        fields: what each is. rows: how many each has.
    """

    fields: Mapping[str, Field]
    rows: int
    _columns: Mapping[str, Callable[[], Raw]]

    @classmethod
    def of(cls, table: Any) -> Given:
        """What can be understood: a mapping of names to arrays, a structured array, a frame of pandas or polars.

        Neither library is loaded for it: whoever has a frame has loaded its library.

        Raises:
            InputError: for anything else, and for columns of different lengths.
        """
        pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
        if polars is not None and isinstance(table, polars.LazyFrame):
            table = table.collect()
        if polars is not None and isinstance(table, polars.DataFrame):
            return _of_polars(table)
        if pandas is not None and isinstance(table, pandas.DataFrame):
            return _of_arrays({str(name): _of_pandas(table[name]) for name in table.columns})
        if isinstance(table, Mapping):
            return _of_arrays({str(name): np.asarray(values) for name, values in table.items()})
        if isinstance(table, np.ndarray) and table.dtype.names:
            return _of_arrays({name: table[name] for name in table.dtype.names})
        raise InputError(
            "predict takes a table with named columns: a dictionary of arrays, a structured array, a DataFrame of "
            f"pandas or polars, or a Table; not {type(table).__name__}"
        )

    def columns(self, names: Sequence[str], missing: Sequence[Scalar], kinds: Mapping[str, Any]) -> dict[str, Raw]:
        """These columns, without the values that mean missing, and of the kinds that are said.

        Raises:
            InputError: where a column cannot be of the kind that is said.
        """
        found = {name: cleaned(self._columns[name](), missing) for name in names}
        return {name: overruled(raw, kinds[name], name) if name in kinds else raw for name, raw in found.items()}


def _of_polars(frame: Any) -> Given:
    from mltui.data.readers.parquet.columns import fields_of, raw

    fields = {}
    for name, dtype in frame.schema.items():
        (field, path), *others = fields_of(name, dtype)
        nested = bool(path or others)
        fields[name] = Field(name, "unusable", why="holds several values in each row") if nested else field
    every = {name: lambda name=name: raw(frame[name], frozenset()) for name in fields}
    return Given(fields, frame.height, every)


def _of_pandas(column: Any) -> NDArray[Any]:
    """A pandas column as an array; one of nullable numbers has NaN where it has none."""
    from pandas.api import types

    if types.is_bool_dtype(column.dtype) and not column.isna().any():
        return np.asarray(column.to_numpy(np.bool_))
    if types.is_numeric_dtype(column.dtype) and not isinstance(column.dtype, np.dtype):
        return np.asarray(column.to_numpy(np.float64, na_value=np.nan))
    if types.is_datetime64_any_dtype(column.dtype) and not isinstance(column.dtype, np.dtype):
        return np.asarray(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    return np.asarray(column.to_numpy())


def _of_arrays(arrays: Mapping[str, NDArray[Any]]) -> Given:
    lengths = {name: len(array) if array.ndim else -1 for name, array in arrays.items()}
    if len(set(lengths.values())) > 1 or -1 in lengths.values():
        said = ", ".join(f"{name} {length:,}" for name, length in list(lengths.items())[:4])
        raise InputError(f"the columns must be arrays of one length; they have these numbers of rows: {said}")
    fields = {name: _field(name, array) for name, array in arrays.items()}
    every = {name: lambda array=array: _raw(array) for name, array in arrays.items()}
    return Given(fields, next(iter(lengths.values()), 0), every)


def _field(name: str, array: NDArray[Any]) -> Field:
    if array.ndim > 1:
        return Field(name, "image", shape=array.shape[1:])
    if array.dtype.kind in "biuf":
        return Field(name)
    if array.dtype.kind == "M":
        return Field(name, "date")
    if array.dtype.kind in "USO":
        return _object_field(name, array)
    return Field(name, "unusable", why=f"holds values of the type {array.dtype}")


def _object_field(name: str, array: NDArray[Any]) -> Field:
    first = next((value for value in array if not _is_missing(value)), None)
    if isinstance(first, list | tuple | np.ndarray):
        return Field(name, "list", why="holds a list of numbers in each row")
    if isinstance(first, str | bytes):
        return Field(name, "category")
    if first is None or isinstance(first, int | float | np.number | np.bool_):
        return Field(name)
    return Field(name, "unusable", why=f"holds values of the type {type(first).__name__}")


def _raw(array: NDArray[Any]) -> Raw:
    kind = array.dtype.kind
    if kind == "M":
        days = array.astype(_MICROSECONDS).astype(np.int64) / MICROSECONDS_A_DAY
        return Raw(np.where(np.isnat(array), np.nan, days), date=True)
    if kind in "US" or (kind == "O" and _object_field("", array).kind == "category"):
        return _labels(array)
    if kind == "O" and _object_field("", array).kind == "list":
        values = [np.asarray(value) if not _is_missing(value) else np.zeros(0) for value in array]
        lengths = np.array([len(value) for value in values], np.int64)
        return Raw(np.concatenate([np.zeros(0), *values]), offsets=np.concatenate([[0], np.cumsum(lengths)]))
    if kind == "O":
        return Raw(np.array([np.nan if _is_missing(value) else float(value) for value in array]))
    if kind == "u":
        return Raw(array.astype(np.int64) if array.dtype.itemsize < 8 else array.astype(np.float64))
    return Raw(array)


def _labels(array: NDArray[Any]) -> Raw:
    texts = ["" if _is_missing(value) else _text(value) for value in array.tolist()]
    labels = sorted(set(texts) - STANDARD_MISSING)
    places = {label: code for code, label in enumerate(labels)}
    return Raw(np.array([places.get(text, -1) for text in texts], np.int32), tuple(labels))


def _text(value: object) -> str:
    return (value.decode(errors="replace") if isinstance(value, bytes) else str(value)).strip()


def _is_missing(value: object) -> bool:
    """None, NaN and what pandas has for them; a list is none of these."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
