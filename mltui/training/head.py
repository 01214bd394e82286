"""The first rows of some data as short texts, as a table on a screen shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import shown
from mltui.data.kinds import day_labels
from mltui.data.readers.raw import Raw
from mltui.training.subject import Subject

ROWS, COLUMNS = 20, 100
_LONGEST = 100
_LISTED = 4
_FIRST_DAY = "1970-01-01"
"""Where dates are counted from; a file with times alone has them on this day."""


def head(subject: Subject) -> dict[str, Any]:
    """The names of at most `COLUMNS` columns and, of at most `ROWS` rows, their values as text; empty for missing."""
    names = list(subject.frame.columns)[:COLUMNS]
    count = min(ROWS, len(subject.frame))
    columns = [cells(subject.frame.columns[name], count) for name in names]
    return {"names": names, "rows": [[column[row] for column in columns] for row in range(count)]}


def cells(raw: Raw, count: int) -> list[str]:
    """The first values of a column as text."""
    if raw.offsets is not None:
        return [_list(raw.values[raw.offsets[row] : raw.offsets[row + 1]]) for row in range(count)]
    values = raw.values[:count]
    if raw.categories is not None:
        return ["" if code < 0 else raw.categories[int(code)][:_LONGEST] for code in values]
    if values.ndim > 1:
        return [_list(values[row].reshape(-1)) for row in range(count)]
    if raw.date:
        return days(values)
    return [_number(value) for value in values.tolist()]


def days(values: NDArray[Any]) -> list[str]:
    """Dates as year-month-day with the time where there is one; times alone where no day is told."""
    labels = day_labels(values)
    known = [label for label in labels if label]
    if not all(label.startswith(_FIRST_DAY) for label in known):
        return labels
    return [label.removeprefix(_FIRST_DAY).removeprefix("T") or "00:00:00" if label else "" for label in labels]


def _number(value: Any) -> str:
    return "" if isinstance(value, float) and np.isnan(value) else shown(value)


def _list(values: NDArray[Any]) -> str:
    first = ", ".join(_number(value) for value in values[:_LISTED].tolist())
    return f"[{first}{', ...' if len(values) > _LISTED else ''}]"
