"""Tells numbers from other text, one field at a time, the way that the whole file is read later."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?:Z| ?[+-]\d{2}:?\d{2})?"
_MOMENT = re.compile(rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}(?:[ T]{_CLOCK})?|{_CLOCK}|\d{{1,2}}\.\d{{2}}\.\d{{2}}")
_WORDS = r"[+-]?(?:inf|infinity|nan)"
_POINT = re.compile(rf"{_PLAIN}|{_WORDS}|[+-]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?", re.IGNORECASE)
_COMMA = re.compile(
    rf"{_PLAIN.replace(chr(92) + '.', ',')}|{_WORDS}|[+-]?\d+\.\d*|[+-]?\d{{1,3}}(?:\.\d{{3}})+(?:,\d*)?", re.IGNORECASE
)
_WITH_COMMA = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_WITH_POINT = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?\d{1,3}(?:,\d{3})+\.\d*")


def is_moment(text: str) -> bool:
    """Whether a field looks like a date or a time of day written in digits."""
    return bool(_MOMENT.fullmatch(text))


def is_number(text: str, decimal: str = ".") -> bool:
    """Whether a field is a number, with or without thousands set apart."""
    return bool((_POINT if decimal == "." else _COMMA).fullmatch(text))


def decimal_of(fields: Iterable[str]) -> str:
    """The decimal sign of most numbers; a comma before three digits each time sets thousands apart."""
    commas = points = 0
    only_groups = True
    for text in fields:
        if _WITH_COMMA.fullmatch(text) or _GROUPS.fullmatch(text):
            commas += 1
            only_groups = only_groups and bool(_GROUPS.fullmatch(text))
        elif _WITH_POINT.fullmatch(text):
            points += 1
    return "," if commas > points and not only_groups else "."
