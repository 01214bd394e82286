"""The part of an expression that takes one value of a list, or one pixel of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mltui.data.expression import functions
from mltui.data.expression.errors import Wrong
from mltui.data.expression.nodes import Constant, Known, Name, Node
from mltui.data.expression.values import Type, Value, numbers, refuse_number
from mltui.data.readers.raw import Raw


@dataclass(frozen=True, eq=False)
class Index(Node):
    """One value of a list, or one pixel of an image."""

    base: Node
    indices: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The list or image, then the indices."""
        return self.base, *self.indices

    def type(self, types: Sequence[Type], known: Known) -> Type:
        """A number."""
        if types[0] not in ("list", "image"):
            raise Wrong(self.position, f"{self.base.said} has one value in each row; leave the brackets out")
        for node, kind in zip(self.indices, types[1:], strict=True):
            refuse_number(kind, node.position, node.said)
            whole = isinstance(node, Constant) and float(node.number).is_integer()
            if not whole and (isinstance(node, Constant) or types[0] == "image"):
                raise Wrong(node.position, f"{node.said} is no index; write a whole number, 0 for the first")
        if types[0] == "list" and len(self.indices) > 1:
            raise Wrong(self.indices[1].position, f"{self.base.said} has one index, not {len(self.indices)}")
        shape = known.shapes.get(self.base.name) if isinstance(self.base, Name) else None
        if types[0] == "image" and shape is not None:
            self._pixel(shape)
        return "number"

    def value(self, values: Sequence[Value], columns: Mapping[str, Raw]) -> Value:
        """The value at that place, missing where a list is too short."""
        raw = values[0]
        assert isinstance(raw, Raw)
        if raw.offsets is not None:
            return functions.picked(raw, numbers(values[1]))
        return functions.picked(raw, np.float64(self._pixel(raw.values.shape[1:])))

    def _pixel(self, shape: tuple[int, ...]) -> int:
        """The pixel's place when all pixels of an image stand in a row."""
        size = " x ".join(str(length) for length in shape)
        if len(self.indices) != len(shape):
            raise Wrong(self.position, f"{self.base.said} has {size} pixels; write {len(shape)} indices")
        place = 0
        for node, length in zip(self.indices, shape, strict=True):
            index = int(numbers(node.value((), {})))
            if not -length <= index < length:
                raise Wrong(
                    node.position, f"{self.base.said} has {size} pixels; this index goes from 0 to {length - 1}"
                )
            place = place * length + index % length
        return place
