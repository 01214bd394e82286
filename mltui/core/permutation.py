"""The permutation importance of a run's variables, as an event tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Permutation:
    """What is lost when the values of one variable are dealt out anew among the rows.

    Attributes:
        part: whose rows were asked.
        metric: what it is a loss of, such as auc. value: with all variables as they are.
        names: of the variables, as the data know them before any preprocessing.
        drops: of each, by how much the metric falls on average over the repeats; None where it is not defined.
        deviations: of each, the standard deviation over the repeats (of a sample: n - 1).
        rows, repeats: how many rows were asked, and how often each variable was dealt out.
        left_out: how many variables were not.
        why: where nothing was worked out, a sentence that says why.
    """

    part: str
    metric: str = ""
    value: float | None = None
    names: tuple[str, ...] = ()
    drops: tuple[float | None, ...] = ()
    deviations: tuple[float | None, ...] = ()
    rows: int = 0
    repeats: int = 0
    left_out: int = 0
    why: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Permutation | None:
        """From its JSON; None where its lists do not fit together."""
        names = tuple(str(name) for name in document.get("names") or ())
        drops, deviations = (tuple(_number(v) for v in document.get(key) or ()) for key in ("drops", "deviations"))
        if not len(names) == len(drops) == len(deviations):
            return None
        rows, repeats, left_out = (int(_number(document.get(key)) or 0) for key in ("rows", "repeats", "left_out"))
        return cls(
            str(document.get("part", "")),
            str(document.get("metric", "")),
            _number(document.get("value")),
            names,
            drops,
            deviations,
            rows,
            repeats,
            left_out,
            str(document.get("why", "")),
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
