"""What a user should know of their columns before training: each finding names columns and says one sentence."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value, shown
from mltui.data.readers.raw import Raw
from mltui.training.facts import Facts, at_the_end

NAMED = 3
"""Columns that a sentence names; the others it counts."""
_SAMPLED_ROWS = 256
_FEW_VALUES, _ROWS_A_VALUE, _NOT_BY_CHANCE = 50, 4, 5
_MUCH_MISSING = 0.2
_ROWS_TO_COUNT = 20
Columns = Mapping[str, Raw]
AllFacts = Mapping[str, Facts]


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        kind: constant, duplicate, identifier, infinite, missing, sentinel, odd, alone, repeats, small, weights, …
        columns: which it is about, all of them.
        sentence: what a user reads.
        suggests: what would go into [data] where the user takes the hint.
    """

    kind: str
    columns: tuple[str, ...]
    sentence: str
    suggests: Mapping[str, Value] = field(default_factory=dict)


def on_columns(columns: Columns, facts: AllFacts) -> list[Finding]:
    """Everything that the features by themselves show, the most harmful first.

    Args:
        columns: the features, by name. facts: theirs, and of other columns that may hold the same numbers.
    """
    single = [name for name, raw in columns.items() if raw.offsets is None]
    found = [*sentinels(columns, facts), *infinite(facts, columns), *missing(facts, single)]
    return [*found, *identifiers(columns, facts), *constant(facts, columns), *duplicates(columns, facts)]


def sentinels(columns: Columns, facts: AllFacts) -> list[Finding]:
    """Numbers such as -999 that seem to stand for missing, one finding for each such number."""
    by_value: dict[float, list[str]] = defaultdict(list)
    for name in columns:
        if (value := facts[name].sentinel) is not None:
            by_value[value].append(name)
    return [_sentinel(value, names, columns, facts) for value, names in by_value.items()]


def _sentinel(value: float, sure: list[str], columns: Columns, facts: AllFacts) -> Finding:
    holding = [name for name, raw in columns.items() if name not in sure and _holds(raw, facts[name], value)]
    likely = {name for name in holding if at_the_end(np.sort(_known(columns[name])), value)}
    names = [name for name in columns if name in sure or name in likely]
    counts = {name: int(np.count_nonzero(columns[name].values == value)) for name in names}
    most = max(names, key=lambda name: counts[name])
    share = percent(counts[most] / max(1, facts[most].rows))
    number = shown(value)
    kept = [name for name in holding if name not in likely]
    where = f"in {share} of the rows of {most}" if len(names) == 1 else f"in up to {share} of the rows of {told(names)}"
    if kept:
        said = f"{number} stands {where}, far from all else; it may mean missing there, but not in {told(kept)}."
        return Finding("sentinel", tuple(names), said)
    said = f"{number} stands {where}, far from all else; if it means missing, put it into data.missing."
    return Finding("sentinel", tuple(names), said, {"missing": (int(value) if value.is_integer() else value,)})


def _holds(raw: Raw, fact: Facts, value: float) -> bool:
    within = fact.low is not None and fact.high is not None and fact.low <= value <= fact.high
    return within and raw.values.ndim == 1 and not raw.date and bool(np.any(raw.values == value))


def _known(raw: Raw) -> NDArray[np.generic]:
    return raw.values[~raw.missing]


def infinite(facts: AllFacts, names: Iterable[str]) -> list[Finding]:
    """Infinite values."""
    found = [name for name in names if facts[name].infinite]
    if not found:
        return []
    has = "has infinite values" if len(found) == 1 else "have infinite values"
    most = max(facts[name].infinite for name in found)
    rows = f"in {most:,} {'row' if most == 1 else 'rows'}" if len(found) == 1 else f"in up to {most:,} rows each"
    return [Finding("infinite", tuple(found), f"{told(found)} {has} {rows}; they count as missing.")]


def missing(facts: AllFacts, names: Iterable[str]) -> list[Finding]:
    """Columns that lack many of their values."""
    shares = {name: facts[name].missing / facts[name].rows for name in names if facts[name].rows}
    much = [name for name, share in shares.items() if _MUCH_MISSING <= share < 1]
    much.sort(key=lambda name: -shares[name])
    if not much:
        return []
    first = [f"{name} ({percent(shares[name])})" for name in much[:NAMED]]
    listed = told([*first, *much[NAMED:]])
    if len(much) == 1:
        return [Finding("missing", tuple(much), f"{much[0]} is missing in {percent(shares[much[0]])} of the rows.")]
    return [Finding("missing", tuple(much), f"Many values are missing in {listed}.")]


def identifiers(columns: Columns, facts: AllFacts) -> list[Finding]:
    """Whole numbers that only rise or are called an id, and texts that are different in nearly every row."""
    found = [name for name, raw in columns.items() if _identifies(name, raw, facts[name])]
    if not found:
        return []
    looks, it = ("looks", "it is") if len(found) == 1 else ("look", "each is")
    said = f"{told(found)} {looks} like a number or name of the row: {it} different in nearly every one."
    return [Finding("identifier", tuple(found), said)]


def _identifies(name: str, raw: Raw, fact: Facts) -> bool:
    known = fact.rows - fact.missing
    if raw.date or fact.distinct is None or known < _ROWS_TO_COUNT:
        return False
    if raw.categories is not None:
        return fact.distinct > 0.9 * known
    return fact.whole and (fact.rises or (name.lower().endswith("id") and fact.distinct > 0.5 * known))


def constant(facts: AllFacts, names: Iterable[str]) -> list[Finding]:
    """Columns that say the same in every row."""
    found = [name for name in names if facts[name].constant]
    if not found:
        return []
    has = "has" if len(found) == 1 else "each have"
    return [
        Finding("constant", tuple(found), f"{told(found)} {has} the same value in every row, of no use to a model.")
    ]


def duplicates(columns: Columns, facts: AllFacts) -> list[Finding]:
    """Columns that repeat another, value by value or, where they have few values, in other words.

    Flags that are nearly always the same agree by chance, and are passed over.
    """
    usable = [name for name, raw in columns.items() if raw.offsets is None and _varies(raw, facts[name])]
    same = equal_groups({name: _fingerprint(columns[name]) for name in usable}, lambda name: _digest(columns[name]))
    seen = {name for group in same for name in group[1:]}
    few = [name for name in usable if name not in seen and _few_values(facts[name])]
    codes = {name: _first_come(columns[name]) for name in few}
    renamed = equal_groups({name: _sampled(codes[name]).tobytes() for name in few}, lambda name: _hash(codes[name]))
    return [*_repeated(same, "repeats", "value by value"), *_repeated(renamed, "says the same as", "in other words")]


def _few_values(fact: Facts) -> bool:
    """Whether each value stands in several rows, so that two columns change together by no chance."""
    return 2 <= (fact.distinct or 0) <= min(_FEW_VALUES, (fact.rows - fact.missing) / _ROWS_A_VALUE)


def _varies(raw: Raw, fact: Facts) -> bool:
    if fact.distinct is None:
        return len(raw) > 0 and not fact.constant
    if fact.distinct > _FEW_VALUES:
        return True
    values = raw.values[~np.isnan(raw.values)] if raw.values.dtype.kind == "f" else raw.values
    _, counts = np.unique(values, return_counts=True)
    return len(counts) > 1 and int(counts.sum() - counts.max()) >= _NOT_BY_CHANCE


def _repeated(groups: Sequence[tuple[str, ...]], verb: str, how: str) -> list[Finding]:
    if not groups:
        return []
    pairs = [f"{name} {verb} {group[0]}" for group in groups for name in group[1:]]
    names = tuple(name for group in groups for name in group)
    return [Finding("duplicate", names, f"{told(pairs)}, {how}.")]


def equal_groups(fingerprints: Mapping[str, bytes], digest: Callable[[str], bytes]) -> list[tuple[str, ...]]:
    """The names whose columns are equal, by a cheap fingerprint first and the whole column's digest then."""
    alike: dict[bytes, list[str]] = defaultdict(list)
    for name, fingerprint in fingerprints.items():
        alike[fingerprint].append(name)
    equal: dict[bytes, list[str]] = defaultdict(list)
    for names in alike.values():
        if len(names) > 1:
            for name in names:
                equal[digest(name)].append(name)
    return [tuple(names) for names in equal.values() if len(names) > 1]


def _sampled(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.ascontiguousarray(values[:: max(1, len(values) // _SAMPLED_ROWS)])


def _fingerprint(raw: Raw) -> bytes:
    labels = b"" if raw.categories is None else repr(raw.categories[:10]).encode("utf-8", "replace")
    return labels + _comparable(_sampled(raw.values)).tobytes()


def _digest(raw: Raw) -> bytes:
    labels = b"" if raw.categories is None else repr(raw.categories).encode("utf-8", "replace")
    return _hash(_comparable(raw.values), labels)


def _comparable(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Numbers of one type, so that equal ones have equal bytes: -0 is 0, and one NaN is like another."""
    if values.dtype.kind in "iu" and values.dtype.itemsize >= 8:
        return np.ascontiguousarray(values.astype(np.int64))
    numbers = values.astype(np.float64) + 0.0
    numbers[np.isnan(numbers)] = np.nan
    whole = bool(np.all(numbers == np.floor(numbers))) and bool(np.all(np.abs(numbers) < 2.0**53))
    return numbers.astype(np.int64) if whole else numbers


def _hash(values: NDArray[np.generic], labels: bytes = b"") -> bytes:
    sum_ = hashlib.blake2b(labels, digest_size=16)
    sum_.update(np.ascontiguousarray(values).data)
    return sum_.digest()


def _first_come(raw: Raw) -> NDArray[np.int64]:
    """The values numbered in the order of their first rows, so that the same under other names is the same."""
    _, first, codes = np.unique(raw.values, return_index=True, return_inverse=True)
    ranks = np.empty(len(first), np.int64)
    ranks[np.argsort(first)] = np.arange(len(first))
    return ranks[codes]


def told(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    first = list(names[:NAMED])
    if len(names) > NAMED:
        return f"{', '.join(first)} and {len(names) - NAMED:,} more"
    return first[0] if len(first) == 1 else f"{', '.join(first[:-1])} and {first[-1]}"


def percent(share: float) -> str:
    """A share as a percentage, never 100 % for less than all."""
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1 %"
    if 99.9 < value < 100:
        return ">99.9 %"
    return f"{value:.0f} %" if value in (0, 100) or 9.95 <= value < 99.5 else f"{value:.1f} %"
