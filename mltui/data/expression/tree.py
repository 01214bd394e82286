"""An expression: what columns it needs, whether it fits them, what it gives, and what a reader may skip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression.comparing import FLIPPED
from mltui.data.expression.elements import type_of, value_of
from mltui.data.expression.errors import Wrong, explained
from mltui.data.expression.nodes import Comparison, Constant, Known, Logic, Name, Node, check_condition, fold, postorder
from mltui.data.expression.parser import tree
from mltui.data.expression.values import (
    NUMERIC,
    SEVERAL,
    Type,
    Value,
    numbers,
    refuse_number,
    truths,
    type_of_column,
    type_of_kind,
)
from mltui.data.expression.whole import Whole, whole
from mltui.data.readers.raw import Bound, Field, Raw

Evaluated = NDArray[np.float64] | NDArray[np.bool_] | Whole
Sign = Literal["<", "<=", ">", ">=", "=="]


@dataclass(frozen=True)
class Expression:
    """A parsed expression of columns.

    Missing values: arithmetic with one gives a missing value (NaN), a comparison with one is false, also with `!=`,
    and so `~(x > 1)` is true where `x` is missing; `ismissing` tells. Infinities in a column count as missing; those
    that arise, as in 1/0, are what NumPy makes of them. Where a condition must stand, a column of 0 and 1 may.

    Whole numbers stay whole through + - * // %, comparisons, min, max, abs, clip and where, as long as 64 bits hold
    them; all else is float64, also a constant written with a point.

    Lists and images are computed with value by value, each with the same place of the other and with what is one a
    row, and end in a number of each row: `sum(jet_pt > 30 & abs(jet_eta) < met_eta)`, `max(jet_pt * jet_scale)`.

    Attributes:
        text: as it was written.
        names: the columns it needs, in order of appearance.
    """

    text: str
    names: tuple[str, ...]
    _root: Node = field(repr=False, compare=False)

    def check(
        self,
        fields: Mapping[str, Field],
        *,
        condition: bool = False,
    ) -> None:
        """Make sure that these columns can be put into it.

        Args:
            fields: every column there is, by name.
            condition: whether it must be true or false for a row, as a cut is.

        Raises:
            ExpressionError: for a column that is not there, or of a kind or a shape that does not fit.
        """
        used = [fields[name] for name in self.names if name in fields]
        known = Known(
            {field.name: type_of_kind(field.kind) for field in used},
            {field.name: field.shape for field in used if field.shape},
            fields,
        )
        with explained(self.text):
            for node in postorder(self._root):
                if isinstance(node, Constant) and (name := node.written) in fields:
                    raise Wrong(
                        node.position, f"{name} is a number here and a column too; write `{name}` for the column"
                    )
            found = self._type(known)
            if condition:
                check_condition(self._root, found)

    def evaluate(self, columns: Mapping[str, Raw], rows: int) -> Evaluated:
        """Its value in each row, shape (rows,): float64 with NaN for missing, int64 or uint64, or bool.

        Args:
            columns: those in `names`, of that many rows.
            rows: how many.

        Raises:
            ExpressionError: as `check`; for numbers other than 0 and 1 where a condition stands; and for a pixel that
                the image lacks.
        """
        types = {name: type_of_column(columns[name]) for name in self.names if name in columns}
        with explained(self.text), np.errstate(all="ignore"):
            kind = self._type(Known(types, {}, types))
            found = fold(self._root, lambda node, values: value_of(node, values, columns))
            plain = truths(found, self._root.position, "this") if kind == "truth" else _numbers(found)
        every = cast("Evaluated", np.asarray(plain))
        return every if every.ndim else cast("Evaluated", np.full(rows, every))

    def holds(self, columns: Mapping[str, Raw], rows: int) -> NDArray[np.bool_]:
        """Whether it is true in each row, shape (rows,), as a cut needs it: of numbers 1 is true, 0 and missing false.

        Raises:
            ExpressionError: as `evaluate`, and for other numbers.
        """
        found = self.evaluate(columns, rows)
        wrong = found[~np.isnan(found) & (found != 0) & (found != 1)]
        with explained(self.text):
            if len(wrong):
                raise Wrong(
                    self._root.position,
                    "this must be true or false for each row, such as pt > 20; it gives numbers such as "
                    f"{float(wrong[0]):.4g}",
                )
        return np.asarray(found == 1)

    def bounds(self) -> tuple[Bound, ...]:
        """What must hold of single columns for the whole to be true, so that a reader may pass over other rows.

        Those are the comparisons of a column with a constant that `&` joins: `20 < pt & abs(eta) < 2` has `pt > 20`.
        """
        return tuple(bound for node in _joined(self._root) if isinstance(node, Comparison) for bound in _bounds(node))

    def _type(self, known: Known) -> Type:
        found: Type = fold(self._root, lambda node, types: type_of(node, types, known))
        if found in SEVERAL and not isinstance(self._root, Name):
            several = "a list" if found == "list" else "an image"
            raise Wrong(
                self._root.position,
                f"this gives {several} in each row, not one value; take sum, len, min, max, mean, any or all of it",
            )
        if found not in NUMERIC:
            refuse_number(found, self._root.position, self._root.said)
        return found


def parse(text: str) -> Expression:
    """Read an expression, such as ``sqrt(px**2 + py**2)`` or ``pt > 20 & abs(eta) < 2.5 & process == "ttbar"``.

    From loosest to strongest: `|`, `&`, `~` (also ``||``, ``&&``, ``!`` and the words or, and, not), the comparisons,
    `+ -`, `* / // %`, the minus before a number, `**`. Comparisons in a row hold together as they do in mathematics:
    ``20 < pt <= 50``. A column's name with other signs than letters, digits, _ and dots goes in backticks; texts go
    in quotes. ``jet_pt[0]`` is the first value of a list, ``jet_pt[-1]`` the last, ``image[3, 4]`` a pixel;
    ``sum(jet_pt > 30)`` counts.

    Raises:
        ExpressionError: with a sentence that names the character where it goes wrong.
    """
    with explained(text):
        root = tree(text)
    nodes = postorder(root)
    names = tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, Name)))
    return Expression(text, names, root)


def _joined(root: Node) -> Iterator[Node]:
    """The conditions that `&` joins to the whole, in order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Logic) and node.sign == "&":
            waiting.extend(reversed(node.operands))
        else:
            yield node


def _bounds(comparison: Comparison) -> Iterator[Bound]:
    operands = comparison.operands
    for left, sign, right in zip(operands, comparison.signs, operands[1:], strict=False):
        if isinstance(left, Name):
            yield from _bound(left.name, sign, right)
        elif isinstance(right, Name):
            yield from _bound(right.name, FLIPPED[sign], left)


def _bound(name: str, sign: str, limit: Node) -> Iterator[Bound]:
    number = _constant(limit)
    if number is not None and sign in get_args(Sign):
        yield Bound(name, cast(Sign, sign), number)


def _constant(root: Node) -> float | None:
    """The number that a part without columns is; None for every other part."""
    if any(isinstance(node, Name) for node in postorder(root)):
        return None
    try:
        if fold(root, lambda node, types: node.type(types, Known({}, {}, ()))) not in NUMERIC:
            return None
        with np.errstate(all="ignore"):
            number = fold(root, lambda node, values: node.value(values, {}))
            found = float(numbers(number))
    except Wrong:
        return None
    exact = whole(number)
    rounded = exact is not None and int(exact) != int(found)
    return found if np.isfinite(found) and not rounded else None


def _numbers(value: Value) -> NDArray[np.float64] | Whole:
    """Whole numbers as they are, all others as float64."""
    given = value.values if isinstance(value, Raw) else np.asarray(value)
    exact = whole(value) if given.dtype.kind in "iu" else None
    return np.asarray(numbers(value)) if exact is None else exact
