"""Guesses which column of a file is the one to learn, and says so; the user decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from mltui.data.readers.raw import Raw
from mltui.data.suspects import like_row_number, like_weight
from mltui.data.target import FEW_WHOLE_NUMBERS

_OBVIOUS = (
    "target", "label", "labels", "survived", "class", "classlabel", "y", "signal", "issignal", "issig", "classid",
    "classification", "species", "diagnosis", "outcome", "disposition", "type",
)  # fmt: skip
"""Names that say target, the surest first, in lower case without signs: is_signal and IsSignal are issignal."""
_COUNT = re.compile(r"n[A-Z_]\w*")
_LOOKED_AT = 200_000


def guess_by_name(names: Sequence[str]) -> str | None:
    """The column whose name says target, or None."""
    plain = {_plain(name): name for name in reversed(names)}
    if {"x", "z"} <= plain.keys() and _plain(names[-1]) != "y":
        plain.pop("y", None)  # x, y and z are a place
    return next((plain[name] for name in _OBVIOUS if name in plain), None)


def guess_target(columns: Mapping[str, Raw], *, headerless: bool = False) -> str | None:
    """The column whose name says target, else the last one where it holds two or a few classes, or None.

    The last is the file's own, but for what is surely something else: where it holds one value only, the one before it
    is no better guess. A file without a header may have the target first, as LightGBM's do; there the last is taken
    before it only where it is text. An event weight, the number of a row or a count of objects (nJet) is never guessed.
    """
    varying = [name for name, raw in columns.items() if raw.offsets is not None or _varies(raw)]
    by_name = None if headerless else guess_by_name(varying)
    likely = {name: raw for name, raw in columns.items() if not _is_something_else(name)}
    if by_name is not None or not likely:
        return by_name
    names = [*likely]
    last, first = names[-1], names[0]
    if not headerless:
        return last if _few_classes(likely[last], whole_floats=False) else None
    order = (last, first) if likely[last].categories is not None else (first, last)
    return next((name for name in order if _few_classes(likely[name], whole_floats=True)), None)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def _is_something_else(name: str) -> bool:
    return like_weight(name) or like_row_number(name) or _COUNT.fullmatch(name) is not None


def _varies(raw: Raw) -> bool:
    values = raw.values[:_LOOKED_AT][~raw.missing[:_LOOKED_AT]]
    return len(values) > 0 and bool(np.any(values != values[0]))


def _few_classes(raw: Raw, *, whole_floats: bool) -> bool:
    """Whether a column holds two or a few labels or whole numbers, and does not count the rows."""
    if raw.offsets is not None or raw.values.ndim > 1 or raw.date:
        return False
    if raw.categories is not None:
        return 2 <= len(raw.categories) <= FEW_WHOLE_NUMBERS
    if raw.values.dtype.kind == "f" and not whole_floats:
        return False
    values = raw.values[~raw.missing][:_LOOKED_AT].astype(np.float64)
    distinct = np.unique(values)
    whole = bool(np.all(distinct == np.round(distinct)))
    return whole and 2 <= len(distinct) <= min(FEW_WHOLE_NUMBERS, max(2, len(values) - 1))
