"""Reads an expression into a tree by how strongly its signs bind (Pratt, POPL 1973, doi:10.1145/512927.512931)."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from mltui.core.errors import nearest
from mltui.data.expression import functions
from mltui.data.expression.calls import Call, Missing, Where
from mltui.data.expression.comparing import COMPARISONS
from mltui.data.expression.errors import Wrong, shown
from mltui.data.expression.nodes import Arithmetic, Comparison, Constant, Literal, Logic, Name, Negative, Node
from mltui.data.expression.places import Index
from mltui.data.expression.tokens import Token, tokens

DEEPEST = 64


class Level(IntEnum):
    """How strongly signs bind, the loosest first."""

    OR = 1
    AND = 2
    NOT = 3
    COMPARE = 4
    ADD = 5
    MULTIPLY = 6
    NEGATIVE = 7
    POWER = 8


_INFIX = {
    "|": Level.OR,
    "&": Level.AND,
    **dict.fromkeys(COMPARISONS, Level.COMPARE),
    **dict.fromkeys("+-", Level.ADD),
    **dict.fromkeys(("*", "/", "//", "%"), Level.MULTIPLY),
    "**": Level.POWER,
}
_BELOW, _ABOVE, _EQUAL = frozenset(("<", "<=")), frozenset((">", ">=")), frozenset(("==",))


def tree(text: str) -> Node:
    """The tree of an expression.

    Raises:
        Wrong: at the first piece that does not fit.
    """
    return _Parser(tokens(text)).whole()


class _Parser:
    def __init__(self, pieces: list[Token]) -> None:
        self._pieces = pieces
        self._place = 0
        self._depth = 0

    def _peek(self) -> Token:
        return self._pieces[self._place]

    def _take(self) -> Token:
        token = self._peek()
        self._place += token.kind != "end"
        return token

    def _is(self, *signs: str) -> bool:
        return self._peek().kind == "sign" and self._peek().text in signs

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise Wrong(1, "nothing is written; write a column's name or an expression such as pt > 20")
        root = self._expression(Level.OR)
        if self._peek().kind != "end":
            raise Wrong(self._peek().position, self._unexpected())
        return root

    def _unexpected(self) -> str:
        """Why a piece behind a whole expression does not fit."""
        if self._is(")", "]"):
            return f"{self._peek().text} closes nothing; leave it out"
        if self._is(","):
            return "a comma stands only between the arguments of a function"
        return f"before {self._peek().said} a sign is missing, such as + or &"

    def _expression(self, least: Level) -> Node:
        """As much as signs of this strength or more hold together."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Wrong(self._peek().position, f"brackets and signs go more than {DEEPEST} deep; write it simpler")
        left = self._prefix(least)
        while self._peek().kind == "sign" and (level := _INFIX.get(self._peek().text)) is not None and level >= least:
            left = self._infix(left, level)
        self._depth -= 1
        return left

    def _infix(self, left: Node, level: Level) -> Node:
        if level == Level.COMPARE:
            return self._comparison(left)
        sign = self._take()
        if level == Level.POWER:
            return Arithmetic(sign.position, sign.text, left, self._expression(Level.NEGATIVE))
        right = self._expression(Level(level + 1))
        if level in (Level.OR, Level.AND):
            return Logic(sign.position, sign.text, (left, right))
        return Arithmetic(sign.position, sign.text, left, right)

    def _comparison(self, left: Node) -> Node:
        """Comparisons in a row, which must all point the same way, so that a < b < c means what it says."""
        first = self._peek()
        operands, signs = [left], []
        while self._is(*COMPARISONS):
            sign = self._take()
            signs.append(sign.text)
            if len(signs) > 1 and not any(ways.issuperset(signs) for ways in (_BELOW, _ABOVE, _EQUAL)):
                raise Wrong(sign.position, f"{sign.text} does not go on from {signs[-2]}; write & between comparisons")
            operands.append(self._expression(Level.ADD))
        return Comparison(first.position, tuple(operands), tuple(signs))

    def _prefix(self, least: Level) -> Node:
        """A value, with the signs before and the indices behind it."""
        token = self._take()
        if token.kind == "sign" and token.text == "~":
            if least > Level.NOT:
                raise Wrong(
                    token.position, f"{token.text} turns a condition round; put it and the condition in brackets"
                )
            return Logic(token.position, "~", (self._expression(Level.NOT),))
        if token.kind == "sign" and token.text in "+-":
            operand = self._expression(Level.POWER)
            return operand if token.text == "+" else _negative(token, operand)
        return self._indexed(self._value(token))

    def _indexed(self, base: Node) -> Node:
        while self._is("["):
            opened = self._take()
            base = Index(opened.position, base, self._listed(opened, "]"))
        return base

    def _value(self, token: Token) -> Node:
        if token.kind == "number":
            return Constant(token.position, int(token.text) if token.text.isdigit() else float(token.text))
        if token.kind == "text":
            return Literal(token.position, token.text)
        if token.kind == "quoted":
            return Name(token.position, token.text)
        if token.kind == "name":
            return self._name(token)
        if token.kind == "sign" and token.text == "(":
            return self._group(token)
        if token.kind == "end":
            raise Wrong(token.position, "the end comes where a value must stand; write a number, a column or a bracket")
        raise Wrong(token.position, f"{token.said} stands where a value must; write a number, a column or a bracket")

    def _name(self, token: Token) -> Node:
        if self._is("("):
            return self._call(token)
        if token.text in functions.CONSTANTS:
            return Constant(token.position, functions.CONSTANTS[token.text], token.text)
        return Name(token.position, token.text)

    def _group(self, opened: Token) -> Node:
        inner = self._expression(Level.OR)
        self._close(opened, ")")
        return inner

    def _close(self, opened: Token, sign: str) -> None:
        if not self._is(sign):
            if self._peek().kind == "end":
                raise Wrong(opened.position, f"this {opened.text} is not closed; write {sign} behind what it holds")
            raise Wrong(self._peek().position, self._unexpected())
        self._take()

    def _listed(self, opened: Token, sign: str) -> tuple[Node, ...]:
        """What stands between commas up to a closing bracket; at least one."""
        found = [self._expression(Level.OR)]
        while self._is(","):
            self._take()
            found.append(self._expression(Level.OR))
        self._close(opened, sign)
        return tuple(found)

    def _call(self, name: Token) -> Node:
        if name.text not in functions.NAMES:
            near = nearest(shown(name.text, 200), functions.NAMES, at_most=len(functions.NAMES))
            raise Wrong(name.position, f"there is no function {name.said}; {near}")
        opened = self._take()
        if self._is(")"):
            raise Wrong(self._peek().position, f"{name.text} needs an argument between its brackets")
        return _called(name, self._listed(opened, ")"))


def _called(name: Token, arguments: tuple[Node, ...]) -> Node:
    make: Callable[..., Node] | None = {"where": Where, **dict.fromkeys(functions.MISSING, Missing)}.get(name.text)
    if make is None:
        return Call(name.position, name.text, arguments)
    wanted = 3 if make is Where else 1
    if len(arguments) != wanted:
        takes = "a condition and two values" if make is Where else "one value"
        raise Wrong(name.position, f"{name.text} takes {takes}, not {len(arguments)}")
    return make(name.position, *arguments)


def _negative(sign: Token, operand: Node) -> Node:
    """A number written with its sign is one constant, so that it may stand as an index or beside a label."""
    if isinstance(operand, Constant) and not isinstance(operand.number, bool):
        return Constant(sign.position, -operand.number)
    return Negative(sign.position, operand)
