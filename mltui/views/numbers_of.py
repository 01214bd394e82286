"""What a picture shows, in numbers: for JSON, for CSV, and for whoever draws it with another library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Draw = Literal["line", "step", "bar", "points", "matrix", "none"]
Value = float | int | str | bool | None


@dataclass(frozen=True, eq=False)
class Table:
    """Columns that belong together.

    Attributes:
        name: what they are.
        columns: equally long, by their names.
        draw: how they are drawn over `x`; a matrix has its rows' labels in `x`.
        x: the name of the column along the axis.
        x_label, y_label: what the axes are, with units. log_y: whether the upright one is logarithmic.
        beside: the names of columns that are not drawn, such as errors.
    """

    name: str
    columns: Mapping[str, Sequence[Any] | np.ndarray]
    draw: Draw = "none"
    x: str = ""
    x_label: str = ""
    y_label: str = ""
    log_y: bool = False
    beside: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON holds it; what is not a finite number is null."""
        return {"name": self.name, "columns": {name: plain(values) for name, values in self.columns.items()}}


@dataclass(frozen=True, eq=False)
class Numbers:
    """Single values by name, and tables."""

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Sequence[Table] = ()

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        values = {name: plain([value])[0] for name, value in self.values.items()}
        return {"values": values, "tables": [table.document() for table in self.tables]}


def bins(edges: np.ndarray) -> dict[str, np.ndarray]:
    """The first columns of a binned table: the middle, the lower and the upper edge of each bin."""
    return {"middle": edges[:-1] / 2 + edges[1:] / 2, "from": edges[:-1], "to": edges[1:]}


def plain(values: Sequence[Any] | np.ndarray) -> list[Value]:
    """Python's own numbers, truth values and words, None for what is not a finite number."""
    return [_plain(value) for value in (values.tolist() if isinstance(values, np.ndarray) else values)]


def _plain(value: Any) -> Value:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    number = float(value)
    return number if np.isfinite(number) else None


NOTHING = Numbers()
