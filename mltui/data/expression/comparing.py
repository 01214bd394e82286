"""Compares numbers, dates, and texts with labels; what is missing compares as false."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from mltui.core.errors import nearest
from mltui.data.expression.errors import Wrong, shown
from mltui.data.expression.values import LABELLED, NUMERIC, Truths, Type, Value, numbers, refuse_number
from mltui.data.expression.whole import together
from mltui.data.kinds import days, natural
from mltui.data.readers.raw import Raw

COMPARISONS: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
"""The sign that says the same with the sides exchanged."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        position, said: for a sentence.
        kind: what it is.
        text: of a literal.
        constant: whether it is a number written out.
    """

    position: int
    said: str
    kind: Type
    text: str | None
    constant: bool


def check_pair(left: Side, sign: str, right: Side) -> None:
    """Refuse to compare what cannot be compared.

    Raises:
        Wrong: at the side that does not fit the other.
    """
    if left.kind in NUMERIC and right.kind in NUMERIC:
        return
    if right.kind in LABELLED and left.kind not in LABELLED:
        left, sign, right = right, FLIPPED[sign], left
    if left.kind in LABELLED:
        _check_labelled(left, sign, right)
        return
    if "date" in (left.kind, right.kind) and "literal" in (left.kind, right.kind):
        text = left if left.kind == "literal" else right
        if days(text.text or "") is None:
            raise Wrong(text.position, f'{text.said} is no date; write it as "2024-12-31"')
        return
    for side in (left, right):
        refuse_number(side.kind, side.position, side.said)


def _check_labelled(column: Side, sign: str, other: Side) -> None:
    ordering = sign not in ("==", "!=")
    if ordering and column.kind == "category":
        raise Wrong(
            column.position,
            f'the labels of {column.said} have no order; compare with == or !=, or give it the kind "ordered"',
        )
    if other.kind == "literal" or other.constant or (other.kind in LABELLED and not ordering):
        return
    if other.kind in LABELLED:
        raise Wrong(other.position, f"{column.said} and {other.said} can be compared only with == and !=")
    raise Wrong(
        other.position, f'{column.said} is a column of text; compare it with a label, as in {column.said} == "a"'
    )


def compared(left: Value, sign: str, right: Value, position: int) -> Truths:
    """Whether the comparison holds, for all rows at once or one a row.

    Raises:
        Wrong: for a label without a place in the order.
    """
    if isinstance(left, Raw) and left.categories is not None:
        return _labels(left, left.categories, sign, right, position)
    if isinstance(right, Raw) and right.categories is not None:
        return _labels(right, right.categories, FLIPPED[sign], left, position)
    exact = None if isinstance(left, str) or isinstance(right, str) else together(left, right)
    if exact is not None:
        return cast("Truths", COMPARISONS[sign](*exact))
    one, other = (_number(value) for value in (left, right))
    held: Truths = COMPARISONS[sign](one, other)
    return held & ~(np.isnan(one) | np.isnan(other)) if sign == "!=" else held


def _number(value: Value) -> Any:
    if isinstance(value, str):
        found = days(value)
        return np.float64(np.nan if found is None else found)
    return numbers(value)


def _labels(raw: Raw, labels: Sequence[str], sign: str, other: Value, position: int) -> Truths:
    """A column of labels compared with a label, with a number that a label may be, or with another such column."""
    codes = raw.values.astype(np.int64)
    if isinstance(other, Raw):
        places = {label: code for code, label in enumerate(labels)}
        recoded = np.array([*(places.get(label, -2) for label in other.categories or ()), -1], np.int64)
        others = recoded[other.values.astype(np.int64)]
        return np.asarray(COMPARISONS[sign](codes, others) & (codes != -1) & (others != -1))
    if isinstance(other, str):
        held = _against_label(labels, sign, other, position)
    else:
        held = compared(np.array([_as_number(label) for label in labels]), sign, other, position)
        if sign == "!=":
            held = ~compared(np.array([_as_number(label) for label in labels]), "==", other, position)
    return np.append(held, False)[codes]


def _against_label(labels: Sequence[str], sign: str, label: str, position: int) -> Any:
    """For each label whether it compares so with one of them, shape (labels,)."""
    if sign in ("==", "!="):
        same = np.array([known == label for known in labels], np.bool_)
        return same if sign == "==" else ~same
    known = tuple(labels)
    if label not in known:
        # rows read a part at a time may lack a label that others have; the natural order tells its place all the same
        known = natural((*labels, label)) if tuple(labels) == natural(labels) else ()
    if not known:
        near = nearest(shown(label, 200), labels)
        raise Wrong(position, f'the labels compared here have no "{shown(label)}" among them; {near}')
    places = np.array([known.index(one) for one in labels], np.int64)
    return COMPARISONS[sign](places, known.index(label))


def _as_number(label: str) -> float:
    try:
        return float(label)
    except ValueError:
        return float("nan")
