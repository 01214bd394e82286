"""What a fitted model found, as named arrays: coefficients, trees, importances, and the rows that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Floats, Integers

Arrays = Mapping[str, NDArray[np.generic]]
Piece = TypeVar("Piece")
Errors = Literal["least_squares", "likelihood", "penalised", "none"]
"""Where the errors of coefficients come from: the residuals, the curvature of the likelihood, that of the likelihood
with its penalty, or nowhere."""
Says = Literal["classes", "value", "step"]
"""What the nodes of a tree say: the weight of each class, the value, or what the tree adds to the score."""
LONGEST = 120
"""Signs of a name that are kept."""


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The weighted sums of a linear model, one for each row of it.

    Attributes:
        names: of the terms, as many as there are columns.
        rows: what each sum speaks for: a class, two classes (``a | b``, the first against the second), or a target.
        values: shape (rows, terms), for one unit of a term as the model sees it.
        intercepts: shape (rows,).
        errors: shape (rows, terms), standard errors; NaN where there is no formula. intercept_errors: shape (rows,).
        units: of each term in the data. scale: shape (terms,), how much of that is one unit of the term as the model
            sees it; NaN where the term is no column of the data that was only shifted and stretched.
        source: where the errors come from.
        left_out: how many terms, those of the smallest values, are not kept.
    """

    names: tuple[str, ...]
    rows: tuple[str, ...]
    values: Floats
    intercepts: Floats
    errors: Floats
    intercept_errors: Floats
    units: tuple[str, ...]
    scale: Floats
    source: str = "none"
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees node by node, each from its root down, level by level: a child always stands after its parent.

    Attributes:
        names: of the inputs that are asked. units: of each in the data.
        yes_or_no: shape (names,): 1 for an input that is 1 where a category is the one named, and 0 elsewhere.
        outputs: what the columns of `values` speak for: the classes, or the targets.
        says: what `values` are.
        strict: whether a row goes left below the threshold; otherwise also on it.
        total: how many trees the model has.
        kind: tree, or cuts: a set of cuts as a chain of questions, the vote being its signal efficiency.
        start: shape (trees + 1,): the first node of each tree; after the last one, the number of nodes.
        number: shape (trees,): which tree of the model it is, from 1.
        output: shape (trees,): the output that it speaks for; -1 for all.
        vote: shape (trees,): how much it counts beside the others; NaN where all count alike.
        feature: shape (nodes,): the input that is asked; -1 for a leaf.
        threshold: shape (nodes,), as the model sees the input. raw: likewise, in the unit of the data; NaN where the
            input is no column of the data that was turned into it by itself.
        left, right: shape (nodes,): the children, counted from the tree's first node; -1 for none.
        below: shape (nodes,): how many nodes hang below one whose children are not kept.
        inside: shape (nodes,): 0 where a cut takes the rows away; else 1.
        rows: shape (nodes,): training rows that come by. weight: shape (nodes,), what they count in the fit.
        values: shape (nodes, outputs), or (nodes, 1) where a tree speaks for one output: the weight of each class, the
            value, or what is added to the score.
        spread: shape (nodes,): the standard deviation of the target in a node; NaN where it is not known.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    yes_or_no: Integers
    outputs: tuple[str, ...]
    says: str
    strict: bool
    total: int
    kind: str
    start: Integers
    number: Integers
    output: Integers
    vote: Floats
    feature: Integers
    threshold: Floats
    raw: Floats
    left: Integers
    right: Integers
    below: Integers
    inside: Integers
    rows: Integers
    weight: Floats
    values: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Importances:
    """How much each input does for a model.

    Attributes:
        names: of the inputs.
        values: shape (inputs,), of sum 1, or all 0.
        spread: shape (inputs,): the standard deviation over the trees; NaN where there is none.
        kind: impurity (how much purer its questions make the nodes, by the rows that they are asked), or gain (how much
            they lower the loss).
        left_out: how many inputs, the least important ones, are not kept.
    """

    names: tuple[str, ...]
    values: Floats
    spread: Floats
    kind: str
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class Support:
    """Training rows that a support vector machine rests on, at their places in the plane.

    Attributes:
        x, y: shape (rows,). target: likewise, class codes or values.
        strength: shape (rows,): how much each counts, the largest of its dual coefficients.
        total: how many there are; the strongest are kept.
    """

    x: Floats
    y: Floats
    target: Floats
    strength: Floats
    total: int


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The training rows that decide for each of the points drawn in the plane, the nearest first.

    Attributes:
        x, y: shape (points, neighbours): their places in the plane. target: likewise, class codes or values.
        reach: shape (points,): the distance to the last neighbour that is asked, as the model measures it.
        asked: how many neighbours the model asks; the nearest are kept.
    """

    x: Floats
    y: Floats
    target: Floats
    reach: Floats
    asked: int


@dataclass(frozen=True, eq=False)
class Found:
    """What a fitted model found. What it has not is None."""

    coefficients: Coefficients | None = None
    trees: Trees | None = None
    importances: Importances | None = None
    support: Support | None = None
    neighbours: Neighbours | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What of it there is."""
        return tuple(name for name in _PIECES if getattr(self, name) is not None)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Flat named arrays, as an .npz file holds them."""
        flat: dict[str, NDArray[np.generic]] = {}
        for name in self.kinds:
            piece = getattr(self, name)
            flat |= {f"found/{name}/{part.name}": _array(getattr(piece, part.name)) for part in fields(piece)}
        return flat

    @classmethod
    def read(cls, arrays: Arrays) -> Found | None:
        """From its named arrays; None where there are none.

        Raises:
            KeyError: where one that belongs to another is absent.
        """
        there = {name.split("/")[1] for name in arrays if name.startswith("found/")}
        pieces = {name: _read(kind, arrays, f"found/{name}") for name, kind in _PIECES.items() if name in there}
        return cls(**pieces) if pieces else None


_PIECES: Mapping[str, type[Any]] = {
    "coefficients": Coefficients,
    "trees": Trees,
    "importances": Importances,
    "support": Support,
    "neighbours": Neighbours,
}
_READ: Mapping[str, Callable[[NDArray[Any]], Any]] = {
    "tuple[str, ...]": lambda array: tuple(str(text) for text in array),
    "str": str,
    "int": int,
    "bool": bool,
    "Floats": lambda array: array.astype(np.float64),
    "Integers": lambda array: array.astype(np.int64),
}
"""How a field of each type is read back."""


def _array(value: Any) -> NDArray[np.generic]:
    if isinstance(value, tuple):
        return np.array([text[:LONGEST] for text in value], np.str_)
    return np.asarray(value)


def _read(kind: type[Piece], arrays: Arrays, prefix: str) -> Piece:
    return kind(**{part.name: _READ[str(part.type)](arrays[f"{prefix}/{part.name}"]) for part in fields(kind)})  # type: ignore[arg-type]
