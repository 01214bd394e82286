"""What plots call a column: the user's title and unit, else those of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Value, shown
from mltui.data.readers.raw import Field

_WITH_UNIT = re.compile(r"(?P<title>.*?)\s*\[(?P<unit>[^\[\]]*)\]\s*", re.DOTALL)
_KEY = "data.titles"


def titled(name: str, field: Field | None, titles: Mapping[str, Value]) -> tuple[str, str]:
    """The title, empty where it is the name, and the unit of a column or an expression.

    A title may carry its unit, as in "di-jet mass [GeV]"; without one the file's unit stays.
    """
    unit = field.unit if field is not None else ""
    if name not in titles:
        return (field.title if field is not None else ""), unit
    text = str(titles[name]).strip()
    match = _WITH_UNIT.fullmatch(text)
    title, unit = (match["title"].strip(), match["unit"].strip()) if match else (text, unit)
    return ("" if title == name else title), unit


def check_titles(titles: Mapping[str, Value], known: Iterable[str]) -> None:
    """See that every title is of something that is there.

    Raises:
        InputError: with the nearest name; or where a title is no text.
    """
    names = set(known)
    for name, title in titles.items():
        if name not in names:
            raise InputError(f"{_KEY}: there is no column and no feature {name!r}; {nearest(name, names)}", key=_KEY)
        if not isinstance(title, str):
            raise InputError(f"{_KEY}: the title of {name} must be text, not {shown(title)}", key=_KEY)
