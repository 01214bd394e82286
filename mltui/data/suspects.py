"""Finds the columns that should not be features unless asked for: weights, row numbers, the truth, hopeless ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.data.readers.raw import Raw
from mltui.data.target import MOST_CLASSES, Target

_WEIGHT = re.compile("weights?|wgts?")
_BESIDE_WEIGHT = re.compile(
    "events?|evt|sample|train|training|test|mc|gen|generator|kaggle|lumi|xs|xsec|total|final|nominal|norm|base|scale"
    "|pu|pileup|reco|lhe|btag|trigger|sidecar"
)
_TRUTH = re.compile("truth|true|labels?|targets?")
_ROW = re.compile(
    "runs?|events?|evt|entry|lumi|luminosity|ls|bx|block|section|rows?|rownames?|sample|index|idx|number|num|nr|no|id"
    "|unnamed"
)
_COUNTING = frozenset({"number", "num", "nr", "no", "rows", "block", "section", "ls"})
"""Words that may as well count something else than rows, in columns that say the same for many."""
MOST_TEXTS = 1_000
"""More different texts than this cannot be a feature, though asked for: each would be an input of its own."""
_MANY_TEXTS, _SOME_TEXTS = 100, 20
"""More different texts than this are no feature unless asked for; of some, where half the rows say something new."""
LARGEST_NUMBER = 1e150
"""Larger numbers have no square, so that no scale can be found for their column."""
_FEW = 50
"""A column with more different values than this is not taken for the target under another name."""
_FIRST_ROWS = 10_000
_LED = 4
"""A first column before so many in all is taken for an index where it counts the rows; x before y is a place."""


def left_out(columns: Mapping[str, Raw], target: Target | None, target_name: str | None) -> dict[str, str]:
    """Which of these columns should not be features unless asked for, each with the reason."""
    reasons: dict[str, str] = {}
    for place, (name, raw) in enumerate(columns.items()):
        leads = place == 0 and len(columns) >= _LED
        reason = _by_name(name, raw, leads) or _by_values(raw)
        if not reason and target is not None and (told := _told(raw, target, target_name)):
            reason = f"follows from the target {told}, row by row"
        if reason:
            reasons[name] = reason
    return reasons


def words(name: str) -> list[str]:
    """A column's name in lower-case words: `genWeight_up2` is gen, weight, up."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def like_weight(name: str) -> bool:
    """Whether a column's name says that it holds event weights (and not a thing's weight, as in curb-weight)."""
    rest = [word for word in words(name) if not _WEIGHT.fullmatch(word)]
    return len(rest) < len(words(name)) and all(_BESIDE_WEIGHT.fullmatch(word) for word in rest)


def like_row_number(name: str) -> bool:
    """Whether every word of a column's name is one for the row's number or the event's."""
    parts = words(name)
    return bool(parts) and all(_ROW.fullmatch(word) for word in parts)


def too_large(raw: Raw) -> str:
    """Why a number column cannot be computed with, or nothing; shape (rows,) or an image's."""
    values = raw.values
    if values.dtype.kind != "f" or not values.size:
        return ""
    largest = max(abs(float(np.fmax.reduce(values, axis=None))), abs(float(np.fmin.reduce(values, axis=None))))
    if not np.isfinite(largest):
        known = values[np.isfinite(values)]
        largest = float(np.abs(known).max(initial=0.0))
    return f"holds numbers as large as {largest:.2g}, too large to compute with" if largest > LARGEST_NUMBER else ""


def _by_name(name: str, raw: Raw, leads: bool) -> str:
    parts = words(name)
    if like_weight(name) and raw.categories is None:
        return "looks like event weights"
    if any(_TRUTH.fullmatch(word) for word in parts):
        return "looks like the truth"
    if raw.values.ndim > 1 or (raw.categories is None and not _whole(raw)):
        return ""
    if like_row_number(name) and (not _COUNTING.issuperset(parts) or _many(raw, 0.5)):
        return "looks like a number for the row"
    if parts and parts[-1].endswith("id") and _many(raw, 0.5 if parts[-1] == "id" else 0.99):
        return "looks like a number for the row"
    may_count = raw.categories is None and raw.values.dtype.kind != "f" and (leads or parts in ([], ["column"]))
    return "counts the rows" if may_count and _counts(raw.values) else ""


def _whole(raw: Raw) -> bool:
    """Whether all numbers that are there are whole; floats may be read from a table that holds nothing else."""
    if raw.values.dtype.kind != "f":
        return True
    for values in (raw.values[:_FIRST_ROWS], raw.values):  # the first rows mostly tell
        known = values[~np.isnan(values)]
        if not np.array_equal(known, np.floor(known)):
            return False
    return True


def _counts(values: NDArray[np.generic]) -> bool:
    """Whether whole numbers go up by one from row to row."""
    first = values[:_FIRST_ROWS].astype(np.int64)
    if len(first) <= 10 or np.any(np.diff(first) != 1):
        return False
    return bool(np.all(np.diff(values.astype(np.int64)) == 1))


def _many(raw: Raw, share: float) -> bool:
    return len(np.unique(raw.values)) > len(raw.values) * share


def _by_values(raw: Raw) -> str:
    if raw.empty:
        return "has no value in any row"
    if raw.categories is None:
        return too_large(raw)
    count = len(raw.categories)
    if count > _MANY_TEXTS or (count > _SOME_TEXTS and count > len(raw.values) / 2):
        return f"has {count:,} different texts"
    return ""


def _told(raw: Raw, target: Target, name: str | None) -> str | None:
    """Which target the column tells, or None; of one alone it is the name that is given."""
    names = target.names or (name,)
    return next((n for n, each in zip(names, target.each(), strict=True) if _tells(raw, each)), None)


def _tells(raw: Raw, target: Target) -> bool:
    """Whether the column is the target under other names: every value of it belongs to one class."""
    if raw.values.ndim > 1 or _differs_soon(raw, target):
        return False
    both = target.present & ~raw.missing
    values = raw.values[both]
    if target.task == "regression":
        return bool(np.array_equal(values.astype(np.float64), target.values[both]))
    distinct, codes = np.unique(values, return_inverse=True)
    if not 2 <= len(distinct) <= _FEW or len(values) < 5 * len(distinct):
        return False
    if raw.categories is None and len(distinct) != len(target.classes):
        return False
    return _pairs(codes, target.values[both]) == len(distinct)


def _differs_soon(raw: Raw, target: Target) -> bool:
    """Whether the first rows already say no, which spares sorting all."""
    first = raw.values[:_FIRST_ROWS]
    if target.task == "classification":
        known = first[~np.isnan(first)] if first.dtype.kind == "f" else first
        return len(np.unique(known)) > _FEW
    if raw.categories is not None:
        return True
    wanted = target.values[:_FIRST_ROWS].astype(np.float64)
    values = first.astype(np.float64)
    return bool(np.any((values != wanted) & np.isfinite(values) & target.present[:_FIRST_ROWS]))


def _pairs(codes: NDArray[np.int64], classes: NDArray[np.generic]) -> int:
    return len(np.unique(codes * MOST_CLASSES + classes.astype(np.int64)))
