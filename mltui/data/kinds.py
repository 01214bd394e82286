"""Takes a column for what the user says it is, where that is not what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Value, shown
from mltui.data.readers import series
from mltui.data.readers.raw import MOST_LABELS, STANDARD_MISSING, Field, Kind, Listing, Raw
from mltui.data.stack import Order, alphabetical

KINDS: tuple[Kind, ...] = ("number", "category", "ordered", "text", "date")
"""What a user may say by one word."""
_KEY = "data.kinds"
_DAY = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def kind_of(value: Value, name: str) -> Kind:
    """The kind that a user's word, pattern or list of labels means.

    Raises:
        InputError: for anything else, with the nearest right word.
    """
    if isinstance(value, tuple | list):
        labels = [_label(item) for item in value]
        if len(labels) < 2 or len(set(labels)) < len(labels):
            raise InputError(f"{_KEY}: the labels of {name} must be at least two, each once", key=_KEY)
        return "ordered"
    if isinstance(value, str) and "%" in value:
        return "date"
    found = next((kind for kind in KINDS if kind == value), None)
    if found is None:
        raise InputError(
            f"{_KEY}: the column {name} cannot be {shown(value)}; {nearest(str(value), KINDS)} "
            'A date may also be given by its pattern, such as "%d.%m.%Y", and an order by the list of its labels.',
            key=_KEY,
        )
    return found


def listed(listing: Listing, kinds: Mapping[str, Value]) -> Listing:
    """The listing with the kinds that the user says.

    Raises:
        InputError: for a column that is not there or cannot be taken for that, or a kind that does not exist.
    """
    if not kinds:
        return listing
    by_name = {field.name: field for field in listing.fields}
    for name, value in kinds.items():
        if name not in by_name:
            raise InputError(f"{_KEY}: there is no column {name!r}; {nearest(name, by_name)}", key=_KEY)
        by_name[name] = _relabelled(by_name[name], kind_of(value, name))
    return replace(listing, fields=tuple(by_name.values()))


def _relabelled(field: Field, kind: Kind) -> Field:
    if field.kind == "unusable":
        raise InputError(f"{_KEY}: the column {field.name} cannot be used, it {field.why}", key=_KEY)
    if field.kind in ("image", "list"):
        raise InputError(f"{_KEY}: the column {field.name} holds {field.kind}s, which are no {kind}", key=_KEY)
    return replace(field, kind=kind, why="")


def order_of(value: Value) -> Order:
    """How the labels of a column with this overrule follow each other."""
    if isinstance(value, tuple | list):
        wanted = tuple(_label(item) for item in value)
        return lambda _: wanted
    return natural if value == "ordered" else alphabetical


def natural(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in the order of the numbers they are or hold, as a person would sort them: v2 before v10."""
    return tuple(sorted(labels, key=_natural_key))


def _natural_key(label: str) -> tuple[int, float, list[tuple[int, float, str]], str]:
    number = _number(label)
    if number is not None:
        return 0, number, [], label
    parts = re.findall(r"\d{1,300}|\D+", label)
    return 1, 0.0, [(0, float(p), "") if p[0].isascii() and p.isdigit() else (1, 0.0, p) for p in parts], label


def overruled(raw: Raw, value: Value, name: str) -> Raw:
    """The column as the user says it is; one that already is that stays as it is.

    A number becomes the label that a person would write ("1", "2.5"); a text that is no number or no date is missing
    and counted as odd; a number taken for a date is seconds since 1970, or with a pattern its digits are read.

    Raises:
        InputError: where that cannot be.
    """
    kind = kind_of(value, name)
    if kind == "number":
        return _as_number(raw)
    if kind == "date":
        return _as_date(raw, value if isinstance(value, str) and "%" in value else None, name)
    text = _as_text(raw, name)
    if kind != "ordered":
        return text
    return _ordered(text, value)


def _as_number(raw: Raw) -> Raw:
    if raw.categories is None:
        return replace(raw, date=False)
    import polars as pl

    found = series.numbers(pl.Series(raw.categories, dtype=pl.String))  # as texts are read
    return _by_label(raw, found.to_list(), date=False)


def _as_date(raw: Raw, pattern: str | None, name: str) -> Raw:
    if raw.date:
        return raw
    if raw.categories is None and pattern is None:
        return Raw(raw.numbers() / _DAY, date=True, odd=raw.odd)
    text = _as_text(raw, name)
    labels = text.categories or ()
    return _by_label(text, [days(label) for label in labels] if pattern is None else _dated(labels, pattern), date=True)


def _dated(labels: Sequence[str], pattern: str) -> list[float | None]:
    """The days of each label by a pattern, read as texts are; None where it does not fit."""
    import polars as pl

    try:
        return series.dates(pl.Series(labels, dtype=pl.String), pattern).to_list()
    except (pl.exceptions.PolarsError, ValueError):
        return [None] * len(labels)


def _by_label(raw: Raw, found: Sequence[float | None], *, date: bool) -> Raw:
    """The number found for each label; rows whose label gives none are odd."""
    numbers = np.array([*(np.nan if number is None else number for number in found), np.nan])
    values = numbers[raw.values]
    return Raw(values, date=date, odd=raw.odd + int(np.sum(np.isnan(values) & (raw.values != -1))))


def _as_text(raw: Raw, name: str) -> Raw:
    if raw.categories is not None:
        return raw
    distinct, codes = np.unique(raw.values, return_inverse=True)
    if len(distinct) > MOST_LABELS:
        raise InputError(
            f"{_KEY}: the column {name} has more than {MOST_LABELS:,} different values, too many for labels", key=_KEY
        )
    labels = day_labels(distinct) if raw.date else number_labels(distinct)
    known = [place for place, label in enumerate(labels) if label]
    order = sorted(known, key=lambda place: labels[place])
    recode = np.full(len(labels) + 1, -1, np.int32)
    recode[order] = np.arange(len(order))
    return Raw(recode[codes], tuple(labels[place] for place in order), odd=raw.odd)


def _ordered(text: Raw, value: Value) -> Raw:
    labels = order_of(value)(text.categories or ())
    if labels == text.categories:
        return text
    places = {label: code for code, label in enumerate(labels)}
    by_number = {number: code for label, code in places.items() if (number := _number(label)) is not None}
    recode = [places.get(label, by_number.get(_number(label) or np.nan, -1)) for label in text.categories or ()]
    values = np.array([*recode, -1], np.int32)[text.values]
    return Raw(values, labels, odd=text.odd + int(np.sum((values == -1) & (text.values != -1))))


def number_labels(distinct: NDArray[np.generic]) -> list[str]:
    """What a person would write for each number; empty for one that is none."""
    if distinct.dtype.kind == "b":
        return ["true" if value else "false" for value in distinct]
    if distinct.dtype.kind in "iu":
        return [str(value) for value in distinct.tolist()]
    return [_written(float(str(value))) if np.isfinite(value) else "" for value in distinct]  # str: float32 is 0.1


def day_labels(days: NDArray[np.generic]) -> list[str]:
    """Each date as year-month-day, with the time where it has one; empty where it is none."""
    labels = []
    for day in days.astype(np.float64).tolist():
        if not np.isfinite(day) or not -1e6 < day < 1e6:
            labels.append("")
            continue
        text = str(np.datetime64(0, "s") + np.timedelta64(round(day * _DAY), "s"))
        labels.append(text.removesuffix("T00:00:00"))
    return labels


def _written(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _label(item: object) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    return _written(float(item)) if isinstance(item, float) else str(item)


def _number(text: str) -> float | None:
    if text in STANDARD_MISSING:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def days(text: str) -> float | None:
    """The days from 1970-01-01 UTC to a date written as ISO 8601 has it; None for any other text.

    >>> days("1970-01-02T12:00")
    1.5
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (known - _EPOCH).total_seconds() / _DAY
