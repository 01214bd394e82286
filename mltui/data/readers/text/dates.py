"""Finds the pattern that a column of dates and times is written by."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mltui.data.readers import series

if TYPE_CHECKING:
    import polars as pl

_LIKELY = re.compile(
    r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}(?:\D.*)?|\d{1,2}[ -][A-Za-z]{3,9}[ ,-].*|[A-Za-z]{3,9}\.? \d{1,2},? \d{2,4}.*"
    r"|\d{1,2}[:.]\d{2}(?:[:.]\d{2}.*)?(?: ?[AaPp][Mm])?"
)
_DAYS_LONG = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y",
)  # fmt: skip
_DAYS_SHORT = ("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%y", "%d %b %y")
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S%.f", "%I:%M %p", "%I:%M:%S %p", "%H.%M.%S", "%H.%M")
_ZONES = ("", "%#z", " %#z")
_FIRST = 50
_DISTINCT = 5_000


@dataclass(frozen=True)
class Found:
    """A pattern; `doubtful` where day and month could be the other way round."""

    pattern: str
    doubtful: bool = False


def pattern_of(texts: pl.Series, most_odd: float, *, digits: bool = False) -> Found | None:
    """The pattern that texts are dates by, or None where they are none.

    Args:
        texts: null where missing.
        most_odd: the share of them that need not fit.
        digits: whether 20190323 may be a date too.
    """
    distinct = texts.drop_nulls().unique(maintain_order=True).head(_DISTINCT)
    first = distinct.head(_FIRST)
    if not len(first) or not (digits or _LIKELY.fullmatch(str(first[0]))):
        return None
    fits: dict[str, int] = {}
    for pattern in _patterns(str(first[0]), digits=digits):
        if _share(first, pattern) >= 1 - max(most_odd, 0.1 if len(first) >= 20 else 0):
            share = _share(distinct, pattern)
            if share >= 1 - most_odd:
                fits[pattern] = round(share * len(distinct))
    if not fits:
        return None
    best = max(fits.values())
    equal = [pattern for pattern, count in fits.items() if count == best]
    other = _turned(equal[0])
    if other == equal[0] or other not in equal:
        return Found(equal[0])
    return Found(_by_change(distinct, equal[0], other), doubtful=True)


def _patterns(example: str, *, digits: bool) -> Iterator[str]:
    if digits:
        yield from ("%Y%m%d", "%Y%m%d%H%M%S")
    days = _DAYS_LONG if re.search(r"\d{4}", example) else _DAYS_SHORT
    if re.search(r"\d[:.]\d{2}", example) is None or re.fullmatch(r"[^ T:]*", example):
        yield from days
    for day, link, time, zone in itertools.product(days, " T", _TIMES, _ZONES):
        if link in example:
            yield f"{day}{link}{time}{zone}"
            if example.endswith("Z") and not zone:
                yield f"{day}{link}{time}Z"
    yield from _TIMES


def _share(texts: pl.Series, pattern: str) -> float:
    import polars as pl

    try:
        read = series.dates(texts, pattern)
    except pl.exceptions.PolarsError:
        return 0
    return 1 - read.null_count() / len(texts)


def _turned(pattern: str) -> str:
    """The pattern with day and month the other way round."""
    return pattern.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _by_change(distinct: pl.Series, pattern: str, other: str) -> str:
    """Of two patterns that both fit the one whose days change more often than its months; the day first in a tie."""
    numbers = distinct.str.extract_all(r"\d+")
    first, second = numbers.list.get(0).n_unique(), numbers.list.get(1).n_unique()
    day_first, month_first = sorted((pattern, other), key=lambda p: p.index("%d"))
    return month_first if second > first else day_first
