"""Axes of dates: numbers of days since 1970 with ticks where years, months, days or hours begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mltui.plots.axes import Axis, linear

_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -719_162.0, 2_932_896.0
"""The days of the years 1 and 9999."""
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_MONTHS = (1, 3, 6)
_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000)


def date_axis(low: float, high: float, at_most: int) -> Axis:
    """An axis between two dates, its ticks where a round piece of time begins.

    Args:
        low, high: days since 1970-01-01 UTC; beyond the years 1 to 9999 they are plain numbers.
        at_most: so many ticks at most, from 2.
    """
    if not _FIRST <= low < high <= _LAST:
        return linear(low, high, at_most, snap=False)
    for ticks in _tries(low, high, max(at_most, 2)):
        if len(ticks) <= max(at_most, 2):
            return Axis(low, high, tuple(ticks))
    return linear(low, high, at_most, snap=False)


def _tries(low: float, high: float, at_most: int) -> Iterator[list[tuple[float, str]]]:
    """Ticks from the finest steps that are not far too many to the coarsest."""
    span = high - low
    for seconds in _SECONDS:
        if span * _DAY / seconds <= 2 * at_most:
            yield _evenly(low, high, seconds)
    for months in (*_MONTHS, *(12 * years for years in _YEARS)):
        if span / 30 / months <= 2 * at_most:
            yield _monthly(low, high, months)


def _evenly(low: float, high: float, seconds: int) -> list[tuple[float, str]]:
    first = -int(-low * _DAY // seconds)
    last = int(high * _DAY // seconds)
    form = "%Y-%m-%d" if seconds >= _DAY else "%m-%d %H:%M" if seconds >= 60 else "%H:%M:%S"
    return [_tick(number * seconds / _DAY, form) for number in range(first, last + 1)]


def _monthly(low: float, high: float, months: int) -> list[tuple[float, str]]:
    begin = _EPOCH + timedelta(days=low)
    month = (begin.year * 12 + begin.month - 1) // months * months
    ticks = []
    while month // 12 <= 9999:
        day = (datetime(max(month // 12, 1), month % 12 + 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(days=1)
        if day > high:
            break
        if day >= low:
            ticks.append(_tick(day, "%Y" if months >= 12 else "%Y-%m"))
        month += months
    return ticks


def _tick(day: float, form: str) -> tuple[float, str]:
    return day, (_EPOCH + timedelta(days=day)).strftime(form)
