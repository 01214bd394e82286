"""An expression of the experiment as NumPy writes it, from its checked tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from mltui.core.errors import InputError
from mltui.data.expression.calls import Call, Missing, Where
from mltui.data.expression.functions import ELEMENTWISE
from mltui.data.expression.nodes import (
    Arithmetic,
    Comparison,
    Constant,
    Literal,
    Logic,
    Name,
    Negative,
    Node,
    fold,
    postorder,
)
from mltui.data.expression.parser import tree
from mltui.data.readers.raw import Raw
from mltui.export.pieces import Level, Piece
from mltui.export.script import text

Columns = Mapping[str, Raw]


@dataclass(frozen=True)
class Translator:
    """Writes expressions over columns whose values are known, so that only what they need is written.

    Attributes:
        columns: by name, as the script has read them.
        table: what the script calls them together: ``table["pt"]`` is a column.
    """

    columns: Columns
    table: str = "events"

    def column(self, name: str) -> str:
        """A column."""
        return f"{self.table}[{text(name)}]"

    def number(self, expression: str, key: str) -> str:
        """The expression as a number of each row.

        Raises:
            InputError: where it takes what the script cannot say.
        """
        return self._whole(expression, key).number()

    def condition(self, expression: str, key: str) -> str:
        """The expression as true or false of each row.

        Raises:
            InputError: as `number`.
        """
        return self._whole(expression, key).condition(Level.COMPARE)

    def floating(self, expression: str, key: str, *, rows: str, factor: bool = False) -> str:
        """The expression as a number of each row that may have a fraction.

        Args:
            rows: the code of how many there are.
            factor: whether it is to stand before a times.

        Raises:
            InputError: as `number`.
        """
        root = tree(expression)
        if not any(isinstance(node, Name) for node in postorder(root)):
            return f"np.full({rows}, {self._of(root, expression, key).code}, float)"
        return self._of(root, expression, key).floating(Level.MULTIPLY if factor else Level.COMPARE)

    def conditions(self, expression: str, key: str) -> list[str]:
        """The conditions that `&` joins to the whole, each as it stands beside it; a single one without brackets.

        Raises:
            InputError: as `number`.
        """
        roots = _joined(tree(expression))
        if len(roots) == 1:
            return [self.condition(expression, key)]
        return [self._of(root, expression, key).condition(Level.AND) for root in roots]

    def _whole(self, expression: str, key: str) -> Piece:
        return self._of(tree(expression), expression, key)

    def _of(self, root: Node, expression: str, key: str) -> Piece:
        try:
            return fold(root, self._piece)
        except _Unsaid as error:
            raise InputError(
                f"{key} has {error} in {expression!r}, which mltui code does not write yet", key=key
            ) from None

    def _piece(self, node: Node, parts: list[Piece]) -> Piece:
        if isinstance(node, Name):
            return self._name(node)
        for kind, write in _WRITERS.items():
            if isinstance(node, kind):
                return write(node, parts)
        raise _Unsaid("a value of a list or a pixel of an image")

    def _name(self, node: Name) -> Piece:
        raw = self.columns[node.name]
        if raw.offsets is not None or raw.values.ndim > 1:
            raise _Unsaid(f"the lists or images of {node.name}")
        if raw.date:
            raise _Unsaid(f"the dates of {node.name}")
        missing = bool(raw.missing.any())
        label = raw.categories is not None
        return Piece(
            self.column(node.name), truth=raw.values.dtype.kind == "b", label=label, missing=missing,
            whole=not label and raw.values.dtype.kind in "iu", labels=raw.categories or (),
        )  # fmt: skip


class _Unsaid(Exception):
    """What the script cannot say, in words that follow "it has"."""


def _joined(root: Node) -> list[Node]:
    """The conditions that `&` joins to the whole, in order."""
    if isinstance(root, Logic) and root.sign == "&":
        return [each for operand in root.operands for each in _joined(operand)]
    return [root]


# -- one writer for each kind of node --------------------------------------------------------------------------------
def _constant(node: Node, _parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Constant)
    if isinstance(node.number, bool):
        return Piece(repr(node.number), truth=True, constant=True)
    if node.written:
        return Piece(f"np.{node.written}", missing=node.written == "nan", constant=True)
    level = Level.SIGN if node.number < 0 else Level.ATOM
    return Piece(repr(node.number), level, whole=isinstance(node.number, int), constant=True)


def _literal(node: Node, _parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Literal)
    return Piece(text(node.text), label=True, constant=True)


def _negative(_node: Node, parts: Sequence[Piece]) -> Piece:
    (part,) = parts
    return Piece(f"-{part.number(Level.SIGN)}", Level.SIGN, whole=part.whole, missing=part.missing)


def _arithmetic(node: Node, parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Arithmetic)
    left, right = parts
    missing = left.missing or right.missing
    if node.sign == "**":
        return _power(left, right)
    level = Level.ADD if node.sign in "+-" else Level.MULTIPLY
    both_whole = all(part.whole or part.truth for part in parts)
    whole = node.sign != "/" and both_whole
    if node.sign in ("//", "%") and whole and not right.constant:  # by zero there is no whole number
        whole = False
        first = f"{left.code}.0" if left.constant and left.whole else left.floating(level)
    else:
        first = left.number(level)
    code = f"{first} {node.sign} {right.number(Level(level + 1))}"
    return Piece(code, level, whole=whole, missing=missing or node.sign in ("/", "//", "%"))


def _power(base: Piece, exponent: Piece) -> Piece:
    missing = base.missing or exponent.missing
    code = f"{base.floating(Level.ATOM)} ** {exponent.number(Level.SIGN)}"
    if missing and not (exponent.constant and exponent.code not in ("0", "0.0", "np.nan")):
        # NumPy has nan ** 0 = 1 ** nan = 1
        known = " | ".join(f"np.isnan({part.code})" for part in (base, exponent) if part.missing)
        return Piece(f"np.where({known}, np.nan, {code})", missing=True)
    return Piece(code, Level.POWER, missing=missing or not exponent.constant)


def _comparison(node: Node, parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Comparison)
    pairs = [_pair(*each) for each in zip(parts, node.signs, parts[1:], strict=False)]
    if len(pairs) == 1:
        return pairs[0]
    return Piece(" & ".join(pair.at(Level.AND) for pair in pairs), Level.AND, truth=True)


def _as_label(piece: Piece, labels: tuple[str, ...]) -> Piece:
    """A number written beside a column of texts, as the one text that is this number."""
    same = [label for label in labels if _is_number(label) and float(label) == float(piece.code)]
    if not piece.constant or piece.truth or len(same) != 1:
        raise _Unsaid("a number beside a column of texts")
    return Piece(text(same[0]), label=True, constant=True)


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _pair(left: Piece, sign: str, right: Piece) -> Piece:
    if left.labels and not right.label:
        right = _as_label(right, left.labels)
    elif right.labels and not left.label:
        left = _as_label(left, right.labels)
    if left.label != right.label:
        raise _Unsaid("a number beside a label or a date")
    if left.label and sign not in ("==", "!="):
        raise _Unsaid("the order of labels")
    either = [part for part in (left, right) if part.missing]
    code = f"{left.number(Level.OR)} {sign} {right.number(Level.OR)}"
    if left.label and either and (sign == "!=" or len(either) == 2):
        known = [f'({part.code} != "")' for part in either]
    elif sign == "!=" and either:
        known = [f"~np.isnan({part.code})" for part in either]
    else:
        return Piece(code, Level.COMPARE, truth=True)
    return Piece(" & ".join([f"({code})", *known]), Level.AND, truth=True)


def _logic(node: Node, parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Logic)
    if node.sign == "~":
        return Piece(f"~{parts[0].condition(Level.SIGN)}", Level.SIGN, truth=True)
    level = Level.AND if node.sign == "&" else Level.OR
    return Piece(f" {node.sign} ".join(part.condition(level) for part in parts), level, truth=True)


def _call(node: Node, parts: Sequence[Piece]) -> Piece:
    assert isinstance(node, Call)
    name = node.function
    if name not in ELEMENTWISE or len(parts) < ELEMENTWISE[name].least:
        raise _Unsaid(f"{name} of a list or an image")
    missing = any(part.missing for part in parts)
    whole = all(part.whole or part.truth for part in parts)
    if name == "pow":
        return _power(*parts)
    if name in ("min", "max"):
        function = "np.minimum" if name == "min" else "np.maximum"
        code = reduce(lambda one, other: f"{function}({one}, {other})", [part.number() for part in parts])
        return Piece(code, whole=whole, missing=missing)
    called, keeps = _NUMPY.get(name, (ELEMENTWISE[name].compute.__name__, False))
    arguments = [part.number() if keeps else part.floating() for part in parts]
    code = f"np.{called}({', '.join(arguments)})"
    return Piece(code, whole=whole and keeps, missing=missing or name in _PARTIAL)


def _where(node: Node, parts: Sequence[Piece]) -> Piece:
    condition, one, other = parts
    truth = one.truth and other.truth
    chosen = (one.code, other.code) if truth else (one.number(), other.number())
    return Piece(
        f"np.where({condition.condition(Level.COMPARE)}, {', '.join(chosen)})",
        truth=truth, whole=one.whole and other.whole, missing=one.missing or other.missing,
    )  # fmt: skip


def _missing(_node: Node, parts: Sequence[Piece]) -> Piece:
    (part,) = parts
    if part.label:
        return Piece(f'{part.code} == ""', Level.COMPARE, truth=True)
    return Piece(f"~np.isfinite({part.number()})", Level.SIGN, truth=True)


_NUMPY: Mapping[str, tuple[str, bool]] = {
    "abs": ("abs", True), "fabs": ("abs", False), "round": ("rint", False), "clip": ("clip", True),
}  # fmt: skip
"""By function, what NumPy calls it where that is another name, and whether whole numbers stay whole in it."""
_PARTIAL = frozenset({
    "sqrt", "log", "log2", "log10", "log1p", "arcsin", "asin", "arccos", "acos", "arccosh", "acosh", "arctanh", "atanh",
})  # fmt: skip
"""Functions that give no number for some numbers."""
_WRITERS: Mapping[type[Node], Callable[[Node, Sequence[Piece]], Piece]] = {
    Constant: _constant,
    Literal: _literal,
    Negative: _negative,
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Logic: _logic,
    Call: _call,
    Where: _where,
    Missing: _missing,
}
