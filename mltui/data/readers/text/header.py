"""Finds the columns' names in a text: in its first line, in several, in a comment, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mltui.core.errors import InputError
from mltui.data.readers.raw import STANDARD_MISSING, How
from mltui.data.readers.text.dialect import BLANKS, Layout, Record, split
from mltui.data.readers.text.numerals import is_moment, is_number
from mltui.data.readers.text.units import unit_alone

_MOST_LINES = 10


@dataclass(frozen=True)
class Heading:
    """The columns' names.

    Attributes:
        names: one for each field of a row, each once.
        nameless: the places, from 0, of those that the file gives no name.
        units: of some of them, by place, from a line of units.
        found: whether the file has a header, in a line of its own or in a comment.
        rows: how many rows of the layout are the header's.
        notes: sentences on what was done.
    """

    names: tuple[str, ...]
    nameless: frozenset[int] = frozenset()
    units: dict[int, str] = field(default_factory=dict)
    found: bool = True
    rows: int = 1
    notes: tuple[str, ...] = ()


def heading(layout: Layout, how: How) -> Heading:
    """The names in a layout, or made up where it has none.

    Raises:
        InputError: where the header and the rows below it have different numbers of fields.
    """
    records, count = layout.records, layout.dialect.fields
    lines = _header_lines(layout, how)
    named = _in_a_comment(layout) if how.header is not False and (lines == 0 or how.header is None) else None
    if named and (lines == 0 or how.header):
        return _made(named, found=True, rows=0, notes=("The columns' names stand in a comment.",))
    if how.header is True and lines == 0:
        lines = 1
    if lines == 0:
        return _made([""] * count, found=False, rows=0)
    first, notes = _fitting(records, count)
    below = [record.fields for record in records[1:lines] if len(record.fields) == count]
    units: dict[int, str] = {}
    names: Sequence[str] = first
    if below and _distinct(first):
        units = {place: unit_alone(text) for place, text in enumerate(below[0]) if unit_alone(text)}
        notes += (_said_of_lines(lines, bool(units)),)
    elif below:
        names = ["_".join(filter(None, parts)) for parts in zip(first, *below, strict=True)]
        notes += (f"The columns' names are put together from the first {lines} lines, such as {names[-1]}.",)
    return _made(names, found=True, rows=lines, notes=notes, units=units)


def _said_of_lines(lines: int, units: bool) -> str:
    what = "holds the units" if units else "is passed over"
    return f"The line under the header {what}." if lines == 2 else f"The first {lines} lines are the header."


def _fitting(records: Sequence[Record], count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The header's fields, as many as a row has.

    One that is short by one leaves the last column nameless where it is but a separator at the end of each line, else
    the first, as R does.

    Raises:
        InputError: for any other number.
    """
    record = records[0]
    have = len(record.fields)
    if have == count:
        return record.fields, ()
    if have == count - 1 and not any(row.fields[-1] for row in records[1:] if len(row.fields) == count):
        return (*record.fields, ""), ()
    if have == count - 1:
        return ("", *record.fields), (
            "The header has one name less than there are columns: the first is taken as nameless.",
        )
    raise InputError(
        f"has in its header, line {record.line + 1}, {have:,} {'field' if have == 1 else 'fields'}, "
        f"but in the rows below {count:,}; data.skip passes over lines before the header",
        key="data.files",
    )


def _made(
    names: Sequence[str],
    *,
    found: bool,
    rows: int,
    notes: tuple[str, ...] = (),
    units: dict[int, str] | None = None,
) -> Heading:
    """The heading with each name once: a nameless column is called by its place, a repeated name ends in it."""
    blank = frozenset(place for place, name in enumerate(names) if not name.strip())
    unique: list[str] = []
    taken: set[str] = set()
    repeated = []
    for place, name in enumerate(names, start=1):
        wanted = name.strip() or f"column_{place}"
        if wanted in taken:
            repeated.append(wanted)
            wanted = f"{wanted}_{place}"
            while wanted in taken:
                wanted += "_"
        taken.add(wanted)
        unique.append(wanted)
    if repeated:
        several = "names are repeated and end" if len(repeated) > 1 else "name is repeated and ends"
        notes += (f"{len(repeated):,} {several} in the column's place: {', '.join(repeated[:3])}.",)
    return Heading(tuple(unique), blank, units or {}, found, rows, notes)


def _header_lines(layout: Layout, how: How) -> int:
    """How many of the first rows are the header."""
    records, count = layout.records, layout.dialect.fields
    if how.header is False:
        return 0
    later = [r.fields for r in records[min(_MOST_LINES, (len(records) + 1) // 2) :] if len(r.fields) == count]
    decimal = layout.dialect.decimal
    valued = [place for place in range(count) if _all_values([row[place] for row in later], decimal)]
    if not valued:
        return _of_texts_only(records, count)
    top = [_judged(_aligned(record, count), valued, decimal) for record in records[:_MOST_LINES] if record.fields]
    strong = 0
    while strong < len(top) and top[strong][0]:
        strong += 1
    full = [k for k in range(strong) if top[k][0] > top[k][1] and (k == 0 or _enough(records[k], top[k][0]))]
    if full:
        return full[-1] + 1
    return min(strong, 1)


def _enough(record: Record, texts: int) -> bool:
    """Whether a further line is a header line for certain, and not a row with an odd text in it."""
    return texts > 1 or any(unit_alone(text) for text in record.fields if text.startswith(("[", "(")))


def _aligned(record: Record, count: int) -> tuple[str, ...]:
    fields = record.fields if len(record.fields) != count - 1 else ("", *record.fields)
    return (*fields, *[""] * (count - len(fields)))[:count]


def _judged(fields: Sequence[str], valued: Sequence[int], decimal: str) -> tuple[int, int]:
    """How many texts, and how many values, a row has in the columns that hold values below."""
    there = [fields[place] for place in valued if fields[place] not in STANDARD_MISSING]
    values = sum(_is_value(text, decimal) for text in there)
    return len(there) - values, values


def _all_values(texts: Sequence[str], decimal: str) -> bool:
    there = [text for text in texts if text not in STANDARD_MISSING]
    return bool(there) and sum(_is_value(text, decimal) for text in there) >= 0.95 * len(there)


def _is_value(text: str, decimal: str) -> bool:
    return is_number(text, decimal) or is_moment(text) or text.lower() in ("true", "false")


def _of_texts_only(records: Sequence[Record], count: int) -> int:
    """In a table of texts alone the first row is a header unless its texts are found in the columns below."""
    first = records[0].fields
    if len(first) not in (count, count - 1) or any(is_number(text) for text in first):
        return 0
    if len(first) == count - 1:
        return 1
    below = [record.fields for record in records[1:] if len(record.fields) == count]
    again = sum(any(row[place] == text for row in below) for place, text in enumerate(first) if text)
    distinct = len({text for text in first if text}) == sum(bool(text) for text in first)
    return 1 if again <= 0.2 * count and (distinct or not again) else 0


def _distinct(names: Sequence[str]) -> bool:
    there = [name for name in names if name]
    return len(set(there)) >= 0.9 * len(names)


def _in_a_comment(layout: Layout) -> Sequence[str] | None:
    """The names in the last comment before the rows, where it has as many words as a row has fields."""
    if not layout.remarks:
        return None
    count = layout.dialect.fields
    text = layout.remarks[-1]
    for separator in dict.fromkeys((layout.dialect.separator, ",", BLANKS)):
        names = list(split([(0, text)], separator)[0].fields) if text.strip() else []
        if names and not names[0]:
            names[0] = layout.dialect.comment
        if len(names) == count and not any(is_number(name) for name in names) and _distinct(names):
            return names
    return None
