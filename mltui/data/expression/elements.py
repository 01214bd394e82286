"""Works out a part of an expression value by value where lists or images stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression.errors import Wrong
from mltui.data.expression.functions import counts
from mltui.data.expression.nodes import Known, Node
from mltui.data.expression.values import SEVERAL, Type, Value, is_several
from mltui.data.readers.raw import Raw


def type_of(node: Node, types: Sequence[Type], known: Known) -> Type:
    """What a part is: of lists or images, where it is worked out value by value, what it would be of their values.

    Raises:
        Wrong: as the part itself, and where lists stand beside images.
    """
    several = list(dict.fromkeys(kind for kind in types if kind in SEVERAL))
    if not several or not node.by_value:
        return node.type(types, known)
    if len(several) > 1:
        raise Wrong(node.position, "a list and an image cannot be put together value by value")
    node.type(["number" if kind in SEVERAL else kind for kind in types], known)
    return several[0]


def value_of(node: Node, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
    """What a part gives: of lists or images, where it is worked out value by value, again such a column.

    Values that are one a row count for every value of that row.

    Raises:
        Wrong: as the part itself, and for rows whose lists have different lengths, or images of different shapes.
    """
    several = [value for value in values if is_several(value)]
    if not several or not node.by_value:
        return node.value(values, columns)
    first = several[0]
    lengths = counts(first)
    for other in several[1:]:
        _check_alike(first, other, node.position)
    found = np.asarray(node.value([_spread(value, lengths) for value in values], columns))
    if first.offsets is None:
        return Raw(found.reshape(first.values.shape))
    return Raw(found, offsets=first.offsets - first.offsets[0])


def _check_alike(first: Raw, other: Raw, position: int) -> None:
    if first.values.shape[1:] != other.values.shape[1:]:
        shapes = " and ".join(" x ".join(map(str, raw.values.shape[1:])) for raw in (first, other))
        raise Wrong(position, f"the images put together here have different shapes, {shapes}")
    one, two = counts(first), counts(other)
    unlike = np.flatnonzero(one != two)
    if len(unlike):
        row = unlike[0]
        raise Wrong(
            position,
            "lists are put together value by value and must be of one length in a row; these have "
            f"{one[row]:,} and {two[row]:,} values in the first row that differs",
        )


def _spread(value: Value, lengths: NDArray[np.int64]) -> Value:
    """A value for every value of the lists or images, all rows' one after the other."""
    if isinstance(value, Raw):
        if value.offsets is not None:
            return Raw(value.values[value.offsets[0] : value.offsets[-1]])
        if value.values.ndim > 1:
            return Raw(value.values.reshape(-1))
        return Raw(np.repeat(value.values, lengths), value.categories, date=value.date)
    if isinstance(value, np.ndarray) and value.ndim:
        return cast("Value", np.repeat(value, lengths))
    return value
