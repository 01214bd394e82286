"""Says what was guessed of a text, for the user to see and to overrule."""

from __future__ import annotations

from collections.abc import Sequence

from mltui.core.hyperparameters import Value
from mltui.data.readers.raw import How
from mltui.data.readers.text.columns import Column
from mltui.data.readers.text.dialect import WORDS, Layout
from mltui.data.readers.text.header import Heading
from mltui.data.readers.text.parsing import Parser

_WORDS = {sign: word for word, sign in WORDS.items()}
_MOST_NOTES = 5
_LONGEST = 40
_MOST_SAID = 3
"""Columns of one kind that a note names."""


def guesses(layout: Layout, named: Heading, columns: tuple[Column, ...], encoding: str, how: How) -> dict[str, Value]:
    """What was guessed, by the [data] key that would overrule it; without what the user has said."""
    dialect = layout.dialect
    found: dict[str, Value] = {"header": named.found}
    if dialect.fields > 1:
        found["separator"] = _WORDS.get(dialect.separator, dialect.separator)
    found["decimal"] = dialect.decimal
    found["encoding"] = encoding
    if layout.skip:
        found["skip"] = layout.skip
    said = {key for key in found if getattr(how, key) is not None}
    kinds = {column.name: column.guessed for column in columns if column.guessed is not None}
    known: dict[str, Value] = {key: value for key, value in found.items() if key not in said}
    return {**known, "kinds": kinds} if kinds else known


def of_names(named: Heading, columns: Sequence[Column], dropped: int, how: How) -> list[str]:
    """Sentences on where the columns' names are from."""
    said = [] if how.columns else list(named.notes)
    nameless = [column.name for column in columns if column.place in named.nameless]
    if not named.found and not how.columns:
        said.append(_without_header([column.name for column in columns]))
    elif nameless and not how.columns:
        said.append(f"{_many(len(nameless), 'column has', 'columns have')} no name: {_some(nameless)}.")
    if dropped:
        said.append(f"{_many(dropped, 'column', 'columns')} without name and values left out.")
    return said


def of_rows(parser: Parser, *, whole: bool) -> list[str]:
    """Sentences on lines that are passed over."""
    least = "" if whole else "At least "
    said = []
    if parser.blank:
        said.append(f"{least}{_many(parser.blank, 'blank row is', 'blank rows are')} passed over.")
    if parser.comments:
        lines = _many(parser.comments, "line that begins", "lines that begin")
        are = "is passed over as a comment" if parser.comments == 1 else "are passed over as comments"
        said.append(f"{least}{lines} with {parser.dialect.comment} {are}.")
    return said


def of_columns(columns: Sequence[Column]) -> list[str]:
    """Sentences on guesses of what a column is that could be wrong."""
    said = [
        f"The column {column.name} is taken for numbers: {_many(column.odd, 'text', 'texts')} such as "
        f"{column.example[:_LONGEST]!r} {'counts' if column.odd == 1 else 'count'} as missing."
        for column in columns
        if column.odd and column.guessed == "number"
    ]
    said += [
        f"The dates of {column.name} could have day and month the other way round; they are read as {column.pattern}."
        for column in columns
        if column.doubtful
    ]
    rest = len(said) - _MOST_NOTES
    return said if rest <= 1 else [*said[:_MOST_NOTES], f"The same holds for {rest:,} more columns."]


def _without_header(names: list[str]) -> str:
    if len(names) == 1:
        return f"There is no header: the column is called {names[0]}."
    between = "and" if len(names) == 2 else "to"
    return f"There is no header: the columns are called {names[0]} {between} {names[-1]}."


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _some(names: list[str]) -> str:
    rest = len(names) - _MOST_SAID
    return ", ".join(names[:_MOST_SAID]) + (f" and {rest} more" if rest > 0 else "")
