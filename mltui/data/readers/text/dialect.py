"""Guesses how a text is laid out: its separator, its comment lines, and where in it the table begins."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mltui.core.errors import InputError
from mltui.data.readers.raw import How
from mltui.data.readers.text import foreign
from mltui.data.readers.text.numerals import decimal_of, is_moment, is_number

COMMENTS = ("#", "%", "//")
BLANKS = " "
"""The separator that stands for any run of blanks and tabs."""
MOST_COLUMNS = 100_000
_LINES = 300
_FEWEST = 20
_LETTERS = 60_000
_CANDIDATES = ("\t", ";", "|", ",", BLANKS, ":")
WORDS = {"tab": "\t", "space": BLANKS}
_PIECE = re.compile(r'"((?:[^"]|"")*)"(?=[ \t]|$)|(\S+)')
_NAMED_BY_EXCEL = re.compile(r'"?sep=([,;\t|])"?')
_MOST_TITLES = 50
"""Lines before the table that have fewer fields than it."""


@dataclass(frozen=True)
class Record:
    """One row of text: the number of its first line in what was looked at, from 0, and its fields without blanks."""

    line: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Dialect:
    """How rows are written.

    Attributes:
        separator: one letter; a space stands for any run of blanks and tabs.
        decimal: of numbers.
        comment: what a line that is none of the table begins with; empty where no line is one.
        quoted: whether double quotes hold a field together.
        padded: whether blanks stand beside separators.
        fields: how many a row has.
    """

    separator: str
    decimal: str = "."
    comment: str = "#"
    quoted: bool = True
    padded: bool = False
    fields: int = 1


@dataclass(frozen=True)
class Layout:
    """What the first lines of a text say.

    Attributes:
        records: the rows among them, the header's too; from the first that has as many fields as the table.
        skip: how many lines are passed over before it because they are neither rows nor comments.
        remarks: the comment lines before the first row, without their sign.
    """

    dialect: Dialect
    records: tuple[Record, ...]
    skip: int
    remarks: tuple[str, ...]


def guess(text: str, how: How, *, tabs: bool, whole: bool) -> Layout:
    """The layout of a text from its beginning.

    Args:
        tabs: whether the file's name says that tabs separate, which settles a doubt.
        whole: whether that is all of it; else its last line may be cut off and is not looked at.

    Raises:
        InputError: for a text without a row.
    """
    foreign.check(text)
    every = [line.removesuffix("\r") for line in text.split("\n")]
    if not whole and len(every) > 1:
        every.pop()
    excel = _NAMED_BY_EXCEL.fullmatch(every[0]) if how.skip in (None, 1) else None
    skip = 1 if excel else how.skip or 0
    lines = _few(every[skip:][:_LINES])
    comment = _comment(lines)
    body = [(number, line) for number, line in enumerate(lines, skip) if _counts(line, comment)]
    if not body:
        raise InputError("holds no row", key="data.files")
    foreign.check_rows([line for _, line in body])
    _not_too_wide(body[0][1])
    separator = WORDS.get(how.separator or "", how.separator or (excel[1] if excel else ""))
    separator = separator or _separator([line for _, line in body], tabs=tabs)
    records = split(body, separator)
    count = _usual(records)
    first = _first(records, count) if how.skip is None else 0
    before = lines[: records[first].line - skip]
    remarks = tuple(line[len(comment) :] for line in before if comment and line.startswith(comment))
    kept = records[first:]
    fields = [field for record in kept[1:] or kept for field in record.fields]
    decimal = how.decimal or decimal_of(fields)
    if not how.decimal and separator == "," and not any("," in field for field in fields):
        decimal = "."
    dialect = Dialect(
        separator,
        decimal,
        comment,
        quoted=_quoted([line for _, line in body], separator),
        padded=separator != BLANKS and any(_padded(line, separator) for _, line in body),
        fields=count,
    )
    return Layout(dialect, kept, records[first].line if first else skip, remarks)


def _few(lines: list[str]) -> list[str]:
    """Fewer of them where they are long, so that a guess takes no longer for ten thousand columns."""
    length = 0
    for place, line in enumerate(lines):
        length += len(line)
        if length > _LETTERS and place >= _FEWEST:
            return lines[:place]
    return lines


def split(lines: Sequence[tuple[int, str]], separator: str) -> tuple[Record, ...]:
    """The rows that numbered lines make; a quoted field may go over several of them."""
    if separator == BLANKS:
        return tuple(Record(number, _by_blanks(line)) for number, line in lines)
    rows = csv.reader((line + "\n" for _, line in lines), delimiter=separator, skipinitialspace=separator != "\t")
    found, begin = [], 0
    try:
        for row in rows:
            found.append(Record(lines[begin][0], tuple(field.strip() for field in row)))
            begin = rows.line_num
    except csv.Error:
        return tuple(Record(number, tuple(f.strip() for f in line.split(separator))) for number, line in lines)
    return tuple(found)


def _by_blanks(line: str) -> tuple[str, ...]:
    return tuple((quoted or plain).replace('""', '"') for quoted, plain in _PIECE.findall(line))


def _counts(line: str, comment: str) -> bool:
    """Whether a line is neither a comment nor blank; separators alone make a blank one too."""
    return bool(line.strip(" \t,;|\r\ufeff")) and not (comment and line.startswith(comment))


def _comment(lines: Sequence[str]) -> str:
    """The sign before comments: what the first line begins with, else a hash; none where most rows begin with it."""
    full = [line for line in lines if line.strip()]
    first = full[0] if full else ""
    sign = next((sign for sign in COMMENTS if first.startswith(sign)), COMMENTS[0])
    count = sum(line.startswith(sign) for line in full)
    return "" if count > len(full) / 2 and not all(line.startswith(sign + " ") for line in full) else sign


def _not_too_wide(line: str) -> None:
    if max(line.count(sign) for sign in _CANDIDATES) >= MOST_COLUMNS:
        raise InputError(
            f"has more than {MOST_COLUMNS:,} fields in its first row, too many for columns", key="data.files"
        )


def _separator(lines: Sequence[str], *, tabs: bool) -> str:
    """What divides most lines into equally many clean fields."""
    scores = {
        sign: _score(split(list(enumerate(lines)), sign)) for sign in _CANDIDATES if any(sign in x for x in lines)
    }
    if any("\t" in line for line in lines):
        scores.setdefault(BLANKS, _score(split(list(enumerate(lines)), BLANKS)))
    if tabs and scores.get("\t", 0) > 0:
        return "\t"
    best = max(scores, key=lambda sign: scores[sign], default=",")
    return best if scores.get(best, 0) > 0 else ","


def _score(records: Sequence[Record]) -> float:
    """The share of rows with the usual number of fields, times the share of clean fields; 0 for single fields."""
    count = _usual(records)
    if count < 2:
        return 0
    same = [record for record in records if len(record.fields) == count]
    fields = [field for record in same[: max(3, 10_000 // count)] for field in record.fields]
    clean = sum(_clean(field) for field in fields) / len(fields)
    return len(same) / len(records) * clean if len(same) * 2 > len(records) else 0


def _clean(field: str) -> float:
    """How much a field looks like one value: 1 for a number or a date, less where signs that separate stand in it."""
    if not field or is_number(field) or is_number(field, ",") or is_moment(field):
        return 1
    if any(sign in field for sign in ";\t|") or field.endswith(","):
        return 0
    pieces = [is_number(piece) for piece in re.split(r"[ ,:]+", field)]
    if len(pieces) > 1 and all(pieces):
        return 0.3
    if "," in field:
        return 0.4
    if " " in field or ":" in field:
        return 0.5 if pieces[0] or pieces[-1] else 0.9
    return 0.97


def _usual(records: Sequence[Record]) -> int:
    """How many fields most rows have; of the later ones rather than of what stands before the table."""
    counts = Counter(len(record.fields) for record in records)
    return max(counts, key=lambda count: (counts[count], count)) if counts else 0


def _first(records: Sequence[Record], count: int) -> int:
    """The first row of the table: lines with at most half as many fields before it are titles."""
    for place, record in enumerate(records[:_MOST_TITLES]):
        if len(record.fields) * 2 > count or count < 2:
            return place
    return 0


def _quoted(lines: Sequence[str], separator: str) -> bool:
    """Whether quotes hold fields together: not where they stand inside fields only, as in 5' 10"."""
    if not any('"' in line for line in lines):
        return True
    sign = r"[ \t]" if separator == BLANKS else re.escape(separator)
    return any(re.search(rf'(?:^|{sign})\s*"', line) for line in lines)


def _padded(line: str, separator: str) -> bool:
    line = re.sub(r'"[^"]*"', '""', line)
    blank = " " if separator == "\t" else "[ \t]"
    return bool(re.search(rf"{blank}{re.escape(separator)}|{re.escape(separator)}{blank}|^{blank}|{blank}$", line))
