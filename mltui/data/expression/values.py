"""What an expression computes with: numbers, truth values, texts and columns, and how one becomes the other."""

from __future__ import annotations

from typing import Any, Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression.errors import Wrong, shown
from mltui.data.readers.raw import Kind, Raw

Type = Literal["number", "truth", "literal", "category", "ordered", "date", "list", "image", "unusable"]
"""What a part of an expression is; a literal is a text in quotes."""
Numbers = np.float64 | NDArray[np.float64]
Integers = np.integer[Any] | NDArray[np.integer[Any]]
Truths = np.bool_ | NDArray[np.bool_]
Value = Numbers | Integers | Truths | str | Raw
NUMERIC: frozenset[Type] = frozenset({"number", "truth", "date"})
SEVERAL: frozenset[Type] = frozenset({"list", "image"})
LABELLED: frozenset[Type] = frozenset({"category", "ordered"})
_TYPES: dict[Kind, Type] = {
    "number": "number",
    "ordered": "ordered",
    "category": "category",
    "text": "category",
    "date": "date",
    "image": "image",
    "list": "list",
    "unusable": "unusable",
}


def type_of_kind(kind: Kind) -> Type:
    """What a column of a kind is to an expression."""
    return _TYPES[kind]


def type_of_column(raw: Raw) -> Type:
    """What a column as read is to an expression; one with labels may have an order, which its values do not tell."""
    if raw.offsets is not None:
        return "list" if raw.categories is None else "unusable"
    if raw.categories is not None:
        return "ordered"
    if raw.values.ndim > 1:
        return "image"
    if raw.date:
        return "date"
    return "truth" if raw.values.dtype.kind == "b" else "number"


def is_several(value: Value) -> TypeGuard[Raw]:
    """Whether it has a list or an image in each row."""
    return isinstance(value, Raw) and (value.offsets is not None or value.values.ndim > 1)


def numbers(value: Value | NDArray[np.generic]) -> Numbers:
    """A value as float64, NaN where missing; true is 1."""
    if isinstance(value, Raw):
        return value.numbers()
    return np.float64(value) if np.ndim(value) == 0 else np.asarray(value, np.float64)


def truths(value: Value, position: int, name: str) -> Truths:
    """A value as truth values: of numbers 1 is true, 0 and missing are false.

    Raises:
        Wrong: for other numbers.
    """
    if isinstance(value, Raw) and value.values.dtype.kind == "b":
        return np.asarray(value.values, np.bool_)
    if isinstance(value, np.bool_) or (isinstance(value, np.ndarray) and value.dtype.kind == "b"):
        return np.asarray(value, np.bool_)
    found = numbers(value)
    if not np.all((found == 0) | (found == 1) | np.isnan(found)):
        raise Wrong(
            position,
            f"{name} stands for a condition, but has other values than 0 and 1; compare it, as in {name} > 0",
        )
    return np.asarray(found == 1)


def refuse_number(kind: Type, position: int, name: str) -> None:
    """Say why a part of an expression that is no number cannot stand where a number must.

    Raises:
        Wrong: for anything but a number, a truth value or a date.
    """
    if kind in NUMERIC:
        return
    said = {
        "literal": "is text; only a column of text can be compared with it",
        "category": f'is a column of text; compare it with a label, as in {name} == "a"',
        "ordered": f'is a column of labels; compare it with one, as in {name} == "a"',
        "list": f"has a list in each row; write {name}[0] for its first value, or len, sum, min, max, mean, any or all "
        "of it",
        "image": f"has an image in each row; write {name}[0, 0] for a pixel, or sum, min, max, mean, any or all of it",
        "unusable": "cannot be used in an expression",
    }[kind]
    raise Wrong(position, f"{name} {said}")


def named(name: str) -> str:
    """A column's name as an expression writes it: in backticks where it must be."""
    plain = name.replace(".", "_").isidentifier() and not name.endswith(".") and ".." not in name
    return shown(name if plain else f"`{name}`")
