"""What a description and its pictures are about: the first rows of some data, with the roles of their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Column, Table
from mltui.data.assemble import assemble, coded
from mltui.data.expression import ExpressionError, parse
from mltui.data.frame import Frame, collect
from mltui.data.guess import guess_target
from mltui.data.part import Wanted
from mltui.data.plan import Plan, opened
from mltui.data.readers.raw import Listing, Raw
from mltui.data.roles import candidates, named, wanted, why_not
from mltui.data.samples import labelled
from mltui.data.suspects import left_out
from mltui.data.target import Target
from mltui.data.titles import titled

MOST_ROWS, MOST_BYTES = 200_000, 160_000_000
"""Of larger files only the first rows are read: a description is wanted at once, and is kept in memory."""
_LEAST_ROWS = 100
_OF_TARGET = ("data.target", "data.positive", "data.task", "data.features")
"""The keys whose mistakes may come of a wrong guess."""


@dataclass(frozen=True)
class Subject:
    """Some data as far as they were looked at.

    Attributes:
        data: the section, with the target filled in where it was guessed.
        frame: the rows that were read, of every usable column and every expression.
        reader: the name of the format.
        guessed: what was filled in, by key.
        target: coded, for every row of the frame; None without one.
        target_name: what it is called; of several targets all names.
        features: the names and texts of what a run would learn from.
        reasons: why each other column is no feature.
        table: what a run would get of these rows; None where there is no target, or none that serves.
        trouble: why the guessed target or the first rows do not serve.
    """

    data: Data
    frame: Frame
    reader: str
    guessed: Mapping[str, str] = field(default_factory=dict)
    target: Target | None = None
    target_name: str = ""
    features: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    table: Table | None = None
    trouble: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels of the target's classes; none where there are none."""
        return self.target.classes if self.target is not None else ()

    def column(self, name: str) -> Raw:
        """A column's values, or those of any expression.

        Raises:
            InputError: where there is no such column, and the text is no expression of those there are.
        """
        if name in self.frame.columns:
            return self.frame.columns[name]
        try:
            expression = parse(name)
            expression.check(self.frame.fields)
        except ExpressionError as error:
            raise InputError(error.sentence, key="data.features") from None
        unread = [column for column in expression.names if column not in self.frame.columns]
        if unread:
            raise InputError(f"the column {unread[0]} was not read, it is not in every file", key="data.features")
        try:
            return Raw(expression.evaluate(self.frame.columns, len(self.frame)))
        except ExpressionError as error:  # what only the rows tell, such as a flag that is neither 0 nor 1
            raise InputError(error.sentence, key="data.features") from None

    def about(self, name: str) -> Column:
        """A column's title and unit."""
        title, unit = titled(name, self.frame.fields.get(name), self.data.titles)
        return Column(name, unit=unit, title=title)


def look(data: Data, folder: Path, progress: Callable[[float], None] | None = None) -> Subject:
    """Read the first rows of the data and find the roles of their columns.

    Raises:
        InputError: where nothing can be read, or a key that the user set is wrong.
    """
    with opened(data, folder, guess_table=True) as plan:
        asked = plan.data
        needed = wanted(asked, plan.listing)
        columns = dict.fromkeys([*plan.listing.names, *needed.columns])
        everything = Wanted(tuple(columns), needed.expressions)
        frame = collect(plan, everything, at_most=_rows(plan, everything.width), progress=progress)
        reader = plan.parts[0].reader.name
    guess = _guess(asked, frame, needed)
    subject = Subject(replace(asked, target=asked.target or guess), frame, reader)
    if guess is not None:
        subject = replace(subject, guessed={"target": guess})
    return _with_roles(subject, chosen=guess is None)


def _rows(plan: Plan, width: int) -> int:
    row = max(plan.listing.row_bytes, 8 * width, 1)
    return min(MOST_ROWS, max(_LEAST_ROWS, int(MOST_BYTES / row)))


def _guess(data: Data, frame: Frame, needed: Wanted) -> str | None:
    """The column that looks like the target among those that the user has given no other role."""
    if data.targets or labelled(data):
        return None
    used = {
        *data.features,
        data.weight,
        data.training_weight,
        data.process,
        *(name for e in needed.expressions.values() for name in e.names),
    }
    used.update(named(data.exclude, (*frame.fields, *data.features), "data.exclude", {}))
    header = frame.listing.guesses.get("header", data.header) is not False or bool(data.columns)
    single = {name: raw for name, raw in frame.columns.items() if raw.offsets is None and raw.values.ndim == 1}
    columns = {name: raw for name, raw in single.items() if name not in used}
    return guess_target(columns, headerless=not header)


def _with_roles(subject: Subject, chosen: bool) -> Subject:
    """The features with what they are to tell.

    Args:
        chosen: whether the user named the target, so that its mistakes are the user's.
    """
    data, frame = subject.data, subject.frame
    names = candidates(data, _listing(frame))
    reasons = _by_kind(frame)
    if not data.targets and not labelled(data):
        return _without_target(subject, names, reasons)
    try:
        target, target_name = coded(frame, data)
        table, left = assemble(frame, data, names)
    except InputError as error:
        if frame.whole is None and (chosen or error.key not in _OF_TARGET):
            raise
        found = _without_target(subject, names, reasons)
        return replace(found, target_name=", ".join(data.targets), trouble=_sentence(error.sentence))
    return replace(
        subject,
        target=target,
        target_name=target_name,
        features=table.features,
        reasons={**reasons, **left},
        table=table,
    )


def _listing(frame: Frame) -> Listing:
    """The first file's listing, with the kinds that the user says and without what was not read."""
    fields = [f for f in frame.fields.values() if f.name in frame.columns or f.kind == "unusable"]
    return replace(frame.listing, fields=tuple(fields))


def _by_kind(frame: Frame) -> dict[str, str]:
    return {field.name: why for field in frame.fields.values() if (why := why_not(field))}


def _without_target(subject: Subject, names: list[str], reasons: Mapping[str, str]) -> Subject:
    data, columns = subject.data, subject.frame.columns
    left = {} if data.features else left_out({name: columns[name] for name in names}, None, None)
    features = tuple(name for name in names if name not in left)
    return replace(subject, features=features, reasons={**reasons, **left})


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
