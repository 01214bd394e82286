"""A process: the rows of one origin and one class, and how many events they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Process:
    """What all rows of a process add up to, whichever part of the split they are in.

    Attributes:
        name: as the samples say it; where they name none, the class; of a process with rows of two classes
            ``name, class``.
        label: the class its rows are of.
        rows: how many have a weight.
        total: their sum of weights, the expected events.
        effective: the rows of weight one that would say as much, (sum w)^2 / sum w^2.
    """

    name: str
    label: str
    rows: int
    total: float
    effective: float

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Process:
        """From its JSON; unknown fields are ignored.

        Raises:
            KeyError, TypeError, ValueError: where it is none.
        """
        return cls(
            str(document["name"]),
            str(document["label"]),
            int(document["rows"]),
            float(document["total"]),
            float(document["effective"]),
        )
