"""Decides which columns are features: those the user named, or those that do not look like something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Data
from mltui.data.readers.raw import Listing, Raw
from mltui.data.target import Target

_WEIGHT = re.compile("weights?|wgts?")
_BESIDE_WEIGHT = re.compile(
    "events?|evt|sample|train|training|test|mc|gen|generator|kaggle|lumi|xs|xsec|total|final|nominal|norm|base|scale"
    "|pu|pileup|reco|lhe|btag|trigger"
)
_TRUTH = re.compile("truth|true|labels?|targets?")
_ROW = re.compile(
    "runs?|events?|evt|entry|lumi|luminosity|ls|bx|block|section|rows?|rownames?|sample|index|idx|number|num|nr|no|id"
    "|unnamed"
)
MOST_LABELS = 1_000
"""More different texts than this cannot be a feature."""
LARGEST_NUMBER = 1e150
"""Larger numbers have no square, so that no scale can be found for their column."""


def named(patterns: Iterable[str], names: Sequence[str], key: str, unusable: Mapping[str, str]) -> list[str]:
    """The names that a list of names and globs means, in the list's order, each once.

    Raises:
        InputError: for a pattern that nothing matches, or a name whose column cannot be used.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        if pattern in names:
            chosen[pattern] = None
            continue
        if pattern in unusable:
            raise InputError(f"{key}: the column {pattern} cannot be used, it {unusable[pattern]}", key=key)
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            raise InputError(f"{key}: there is no column {pattern!r}; {nearest(pattern, names)}", key=key)
        chosen.update(dict.fromkeys(matches))
    return list(chosen)


def candidates(data: Data, listing: Listing) -> list[str]:
    """The columns that may be features, by name alone.

    Raises:
        InputError: for names that no column has, and for a target or a weight among the features.
    """
    names = listing.names
    for role, name in (("target", data.target), ("weight", data.weight)):
        if name is not None:
            named([_literal(name, names)], names, f"data.{role}", listing.unusable)
            if name in data.features:
                raise InputError(f"data.features has {name}, which is the {role}", key="data.features")
    if data.target is not None and data.target == data.weight:
        raise InputError(f"data.weight is {data.weight}, which is the target", key="data.weight")
    excluded = named(data.exclude, (*names, *listing.unusable), "data.exclude", {})
    chosen = named(data.features, names, "data.features", listing.unusable) if data.features else names
    return [name for name in chosen if name not in (data.target, data.weight, *excluded)]


def _literal(name: str, names: Sequence[str]) -> str:
    """A single column's name, which is no glob: its signs stand for themselves."""
    return name if name in names else re.sub(r"[\[*?]", lambda sign: f"[{sign.group()}]", name)


def left_out(columns: Mapping[str, Raw], target: Target | None, target_name: str | None) -> dict[str, str]:
    """Which of these columns should not be features unless asked for, each with the reason."""
    reasons: dict[str, str] = {}
    for name, raw in columns.items():
        reason = _by_name(name, raw) or _by_values(raw)
        if not reason and target is not None and _tells(raw, target):
            reason = f"follows from the target {target_name}, row by row"
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


def _by_name(name: str, raw: Raw) -> str:
    parts = words(name)
    if like_weight(name) and raw.categories is None:
        return "looks like event weights"
    if any(_TRUTH.fullmatch(word) for word in parts):
        return "looks like the truth"
    if raw.categories is None and raw.values.dtype.kind == "f":
        return ""
    if parts and all(_ROW.fullmatch(word) for word in parts):
        return "looks like a number for the row"
    if parts and parts[-1].endswith("id") and _distinct(raw) > len(raw.values) * (0.5 if parts[-1] == "id" else 0.99):
        return "looks like a number for the row"
    counter = parts in ([], ["column"]) and bool(np.all(np.diff(raw.values.astype(np.int64)) == 1))
    return "counts the rows" if counter and raw.categories is None and len(raw.values) > 10 else ""


def _by_values(raw: Raw) -> str:
    if raw.missing.all():
        return "has no value in any row"
    if raw.categories is None:
        return too_large(raw)
    count = len(raw.categories)
    if count > 100 or (count > 20 and count > len(raw.values) / 2):
        return f"has {count:,} different texts"
    return ""


def too_large(raw: Raw) -> str:
    """Why a number column cannot be computed with, or nothing."""
    largest = np.nanmax(np.abs(raw.numbers()), initial=0.0)
    return f"holds numbers as large as {largest:.2g}, too large to compute with" if largest > LARGEST_NUMBER else ""


def _tells(raw: Raw, target: Target) -> bool:
    """Whether the column is the target under other names: every value of it belongs to one class."""
    both = target.present & ~raw.missing
    values = raw.values[both]
    if target.task == "regression":
        return raw.categories is None and bool(np.array_equal(values.astype(np.float64), target.values[both]))
    distinct, codes = np.unique(values, return_inverse=True)
    if not 2 <= len(distinct) <= 50 or len(values) < 5 * len(distinct):
        return False
    if raw.categories is None and len(distinct) != len(target.classes):
        return False
    return _pairs(codes, target.values[both]) == len(distinct)


def _pairs(codes: NDArray[np.int64], classes: NDArray[np.generic]) -> int:
    return len(np.unique(codes * 1000 + classes.astype(np.int64)))


def _distinct(raw: Raw) -> int:
    return len(np.unique(raw.values))
