"""The parts of an expression: what each is for given columns, and what it gives for their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from mltui.core.errors import nearest
from mltui.data.expression.comparing import Side, check_pair, compared
from mltui.data.expression.errors import Wrong, shown
from mltui.data.expression.values import Numbers, Truths, Type, Value, named, numbers, refuse_number, truths
from mltui.data.expression.whole import arithmetic, constant
from mltui.data.readers.raw import Raw

Step = TypeVar("Step")
ARITHMETIC: Mapping[str, Callable[..., Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "//": np.floor_divide,
    "%": np.remainder,
    "**": np.power,
}


@dataclass(frozen=True)
class Known:
    """What is known of the columns before their values are read.

    Attributes:
        types: of the columns that the expression needs and that are there, by name.
        shapes: of one row's value, of those images of which it is known.
        names: of every column there is.
    """

    types: Mapping[str, Type]
    shapes: Mapping[str, tuple[int, ...]]
    names: Iterable[str]


@dataclass(frozen=True, eq=False)
class Node:
    """A part of an expression, with its place in the text, counted from 1."""

    position: int

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts it is made of, in order."""
        return ()

    @property
    def said(self) -> str:
        """What a sentence calls it."""
        return "this"

    @property
    def by_value(self) -> bool:
        """Whether of lists and images it is made value by value, and is then such a column itself."""
        return False

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """What it is, its children being of these types.

        Raises:
            Wrong: where it cannot be made of them.
        """
        raise NotImplementedError

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """What it gives, its children giving these values: one for all rows, or one a row.

        Raises:
            Wrong: for numbers other than 0 and 1 where a condition stands, or a pixel that the image lacks.
        """
        raise NotImplementedError


def postorder(root: Node) -> list[Node]:
    """Every part, the children before what they make; without recursion, so that any length is harmless."""
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(node.children)
    return found[::-1]


def fold(root: Node, step: Callable[[Node, list[Step]], Step]) -> Step:
    """What a step makes of the root, from what it makes of the children, and so on down."""
    results: list[Step] = []
    for node in postorder(root):
        first = len(results) - len(node.children)
        made = step(node, results[first:])
        del results[first:]
        results.append(made)
    return results.pop()


@dataclass(frozen=True, eq=False)
class Constant(Node):
    """A number or a truth value; `written` is the word that stands for it, where it is one such as pi."""

    number: float | bool
    written: str = ""

    @property
    def said(self) -> str:
        """The word or the number."""
        return self.written or (str(self.number) if isinstance(self.number, int) else f"{self.number:g}")

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number or a truth value."""
        return "truth" if isinstance(self.number, bool) else "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """Itself."""
        return np.bool_(self.number) if isinstance(self.number, bool) else constant(self.number)


@dataclass(frozen=True, eq=False)
class Literal(Node):
    """A text in quotes."""

    text: str

    @property
    def said(self) -> str:
        """The text in quotes."""
        return f'"{shown(self.text)}"'

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A literal."""
        return "literal"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """Itself."""
        return self.text


@dataclass(frozen=True, eq=False)
class Name(Node):
    """A column."""

    name: str

    @property
    def said(self) -> str:
        """The name as an expression writes it."""
        return named(self.name)

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """What the column is."""
        if self.name not in known.types:
            wrong, others = shown(self.name, 200), (shown(name, 200) for name in known.names)
            raise Wrong(self.position, f"there is no column {shown(self.name)}; {nearest(wrong, others)}")
        found = known.types[self.name]
        if found == "unusable":
            refuse_number(found, self.position, self.said)
        return found

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """The column."""
        return columns[self.name]


@dataclass(frozen=True, eq=False)
class Negative(Node):
    """A number with the other sign."""

    operand: Node

    by_value = True

    @property
    def children(self) -> tuple[Node, ...]:
        """The number."""
        return (self.operand,)

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number."""
        refuse_number(types[0], self.operand.position, self.operand.said)
        return "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """The number with the other sign."""
        found = arithmetic("-", np.int64(0), values[0])
        return -numbers(values[0]) if found is None else found


@dataclass(frozen=True, eq=False)
class Arithmetic(Node):
    """Two numbers joined by a sign; truth values count as 0 and 1."""

    sign: str
    left: Node
    right: Node

    by_value = True

    @property
    def children(self) -> tuple[Node, ...]:
        """Both numbers."""
        return self.left, self.right

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number."""
        for child, kind in zip(self.children, types, strict=True):
            refuse_number(kind, child.position, child.said)
        return "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """What the sign makes of them, whole where they are; missing where one is."""
        exact = arithmetic(self.sign, *values)
        if exact is not None:
            return exact
        left, right = (numbers(value) for value in values)
        found = ARITHMETIC[self.sign](left, right)
        if self.sign == "**":  # IEEE 754 has 1 ** NaN = NaN ** 0 = 1, and missing would no longer be missing
            return unless_missing(found, left, right)
        return found


@dataclass(frozen=True, eq=False)
class Comparison(Node):
    """Two values compared, or several in a row as in 20 < pt <= 50; false where one is missing, also with !=."""

    operands: tuple[Node, ...]
    signs: tuple[str, ...]

    by_value = True

    @property
    def children(self) -> tuple[Node, ...]:
        """The values."""
        return self.operands

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A truth value."""
        sides = [self._side(node, kind) for node, kind in zip(self.operands, types, strict=True)]
        for left, sign, right in zip(sides, self.signs, sides[1:], strict=False):
            check_pair(left, sign, right)
        return "truth"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """Whether every comparison holds."""
        found: Truths = np.bool_(True)
        for place, sign in enumerate(self.signs):
            found = found & compared(values[place], sign, values[place + 1], self.operands[place].position)
        return found

    @staticmethod
    def _side(node: Node, kind: Type) -> Side:
        text = node.text if isinstance(node, Literal) else None
        return Side(node.position, node.said, kind, text, isinstance(node, Constant))


@dataclass(frozen=True, eq=False)
class Logic(Node):
    """Conditions joined by & or |, or one turned round by ~."""

    sign: str
    operands: tuple[Node, ...]

    by_value = True

    @property
    def children(self) -> tuple[Node, ...]:
        """The conditions."""
        return self.operands

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A truth value."""
        for node, kind in zip(self.operands, types, strict=True):
            check_condition(node, kind)
        return "truth"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """Whether all, any, or not the one holds."""
        found = [truths(value, node.position, node.said) for value, node in zip(values, self.operands, strict=True)]
        if self.sign == "~":
            return ~found[0]
        return found[0] & found[1] if self.sign == "&" else found[0] | found[1]


def unless_missing(found: Numbers, *arguments: Numbers) -> Numbers:
    """What was found, and missing where an argument is, as with few functions NaN does not go through by itself."""
    for argument in arguments:
        found = np.where(np.isnan(argument), np.nan, found)[()]
    return found


def check_condition(node: Node, kind: Type) -> None:
    """Refuse what can be no condition.

    Raises:
        Wrong: for anything but a truth value or a number that may be 0 or 1.
    """
    if kind == "date" or (isinstance(node, Constant) and node.number not in (0, 1)):
        raise Wrong(
            node.position, f"{node.said} stands for a condition; compare it with something, as in x > {node.said}"
        )
    refuse_number(kind, node.position, node.said)
