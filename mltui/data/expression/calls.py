"""The parts of an expression that are function calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from mltui.data.expression import functions
from mltui.data.expression.errors import Wrong
from mltui.data.expression.nodes import Known, Node, check_condition, unless_missing
from mltui.data.expression.values import SEVERAL, Type, Value, is_several, numbers, refuse_number, truths
from mltui.data.expression.whole import together
from mltui.data.readers.raw import Raw


@dataclass(frozen=True, eq=False)
class Call(Node):
    """A function of numbers, row by row; or of one list or image, over its values."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments

    @property
    def by_value(self) -> bool:
        """Unless it is of all values of a row together."""
        return self.function in functions.ELEMENTWISE and not self._may_reduce

    @property
    def _may_reduce(self) -> bool:
        return len(self.arguments) == 1 and self.function in functions.REDUCTIONS

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number; a truth value of any and all."""
        if self._may_reduce and types[0] in SEVERAL:
            return "truth" if self.function in functions.TRUTHS else "number"
        if self.function not in functions.ELEMENTWISE:
            self._refuse_all_but_lists(types)
        elementwise = functions.ELEMENTWISE[self.function]
        if not elementwise.least <= len(types) <= elementwise.most:
            raise Wrong(self.position, f"{self.function} takes {self._takes(elementwise)}, not {len(types)}")
        for node, kind in zip(self.arguments, types, strict=True):
            refuse_number(kind, node.position, node.said)
        return "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """What the function gives."""
        if self._may_reduce and is_several(only := values[0]):
            return functions.REDUCTIONS[self.function](only)
        if self.function in functions.WHOLE and (exact := together(*values)) is not None:
            return functions.ELEMENTWISE[self.function].compute(*exact)
        found = [numbers(value) for value in values]
        result = functions.ELEMENTWISE[self.function].compute(*found)
        if self.function in ("pow", "hypot"):  # they may give a number where an argument is missing
            return unless_missing(result, *found)
        return result

    def _refuse_all_but_lists(self, types: Sequence[Type]) -> None:
        if len(types) != 1:
            raise Wrong(self.position, f"{self.function} takes one list or image, not {len(types)} values")
        raise Wrong(self.position, f"{self.function} takes a list or an image, and {self.arguments[0].said} is neither")

    def _takes(self, elementwise: functions.Elementwise) -> str:
        if elementwise.most == functions.MANY:
            return "two or more numbers, or one list"
        return "one number" if elementwise.most == 1 else f"{elementwise.most} numbers"


@dataclass(frozen=True, eq=False)
class Where(Node):
    """One value where a condition holds, the other where it does not."""

    condition: Node
    one: Node
    other: Node

    by_value = True

    @property
    def children(self) -> tuple[Node, ...]:
        """The condition and both values."""
        return self.condition, self.one, self.other

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number, or of two truth values one of them."""
        check_condition(self.condition, types[0])
        for node, kind in zip(self.children[1:], types[1:], strict=True):
            refuse_number(kind, node.position, node.said)
        return "truth" if set(types[1:]) == {"truth"} else "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """The value that the condition chooses."""
        holds = truths(values[0], self.condition.position, self.condition.said)
        one, other = (_plain(value) for value in values[1:])
        if one.dtype.kind == "b" and other.dtype.kind == "b":
            return np.where(holds, one, other)[()]
        exact = together(*values[1:])
        first, second = (numbers(one), numbers(other)) if exact is None else exact
        return cast("Value", np.where(holds, first, second)[()])


@dataclass(frozen=True, eq=False)
class Missing(Node):
    """Whether a value is missing: no number, no label, an empty list, an image without a pixel."""

    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The value."""
        return (self.operand,)

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A truth value."""
        if types[0] == "literal":
            refuse_number(types[0], self.operand.position, self.operand.said)
        return "truth"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """Whether it is missing; what is infinite is no number either."""
        value = values[0]
        return value.missing if isinstance(value, Raw) else ~np.isfinite(numbers(value))


def _plain(value: Value) -> NDArray[np.generic]:
    return value.values if isinstance(value, Raw) and value.values.dtype.kind == "b" else np.asarray(numbers(value))
