"""Opens the files that a [data] section names and learns what they hold, before a row is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import Value
from mltui.core.sections import Data, Sample
from mltui.data import catalogued
from mltui.data.expression import Expression, ExpressionError, parse
from mltui.data.files import found
from mltui.data.kinds import listed
from mltui.data.readers.raw import Field, How, Listing, Reader, Source
from mltui.data.readers.registry import READERS, reader_of

_KEPT_OPEN = 16
"""So many files stay open between looking and reading; of more, each is opened again."""
_READING_KEYS = ("tree", "header", "columns", "separator", "decimal", "encoding", "skip")

_File = tuple[Path | str, int, Reader]
"""Where it is, its sample, and who reads it."""


@dataclass(frozen=True)
class Wanted:
    """What is to be read: columns by name, and expressions by their text."""

    columns: tuple[str, ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many columns the result has."""
        return len(self.columns) + len(self.expressions)


@dataclass(frozen=True)
class Part:
    """One file as it is to be read.

    Attributes:
        path: a path, an address, or the name of a catalogue dataset.
        sample: index into data.samples; -1 without samples.
        listing: what it holds, with the kinds that the user says.
        cuts: those of the section and of its sample, each with its key.
        weight: what its rows count, a column or an expression; None: as one. `weight_key`: where that is said.
    """

    path: Path | str
    sample: int
    how: How
    reader: Reader
    listing: Listing
    cuts: tuple[tuple[str, Expression], ...]
    weight: Expression | str | None
    weight_key: str
    _source: Source | None

    @property
    def name(self) -> str:
        """The file's name, for a sentence."""
        return Path(str(self.path)).name

    @property
    def passing(self) -> bool:
        """Whether rows or columns are read of it that do not stay: those of cuts and of a weight that is worked out."""
        return bool(self.cuts) or isinstance(self.weight, Expression)

    def source(self) -> AbstractContextManager[Source]:
        """The file, still open or opened again."""
        return self.reader.open(self.path, self.how) if self._source is None else nullcontext(self._source)

    def needed(self, wanted: Wanted) -> tuple[str, ...]:
        """The columns to read of this file for what is wanted, each once."""
        weight = self.weight if isinstance(self.weight, Expression) else None
        expressions = [*wanted.expressions.values(), *(cut for _, cut in self.cuts), *([weight] if weight else [])]
        named = [self.weight] if isinstance(self.weight, str) else []
        return tuple(dict.fromkeys([*wanted.columns, *named, *(n for e in expressions for n in e.names)]))


@dataclass(frozen=True)
class Plan:
    """All files of a [data] section, opened.

    Attributes:
        data: the section; with the target of a catalogue dataset filled in.
    """

    data: Data
    parts: tuple[Part, ...]

    @cached_property
    def listing(self) -> Listing:
        """The first file's, which decides the columns' names; those that another file lacks cannot be used."""
        first = self.parts[0].listing
        absent: dict[str, str] = {}
        for part in self.unlike:
            for name in set(first.names).difference(part.listing.names):
                absent.setdefault(name, part.name)
        fields = tuple(
            replace(column, kind="unusable", why=f"is not in {absent[column.name]}")
            if column.name in absent
            else column
            for column in first.fields
        )
        return replace(first, fields=fields)

    @cached_property
    def unlike(self) -> list[Part]:
        """The first part of each sample and each set of columns: of 10,000 files alike one stands for all."""
        found: dict[tuple[int, int], Part] = {}
        for part in self.parts:
            found.setdefault((part.sample, id(part.listing.fields)), part)
        return list(found.values())

    @cached_property
    def rows(self) -> int:
        """Of all files together, about, before any cut."""
        return sum(part.listing.rows for part in self.parts)

    @cached_property
    def paths(self) -> tuple[Path | str, ...]:
        """Each file once, in order."""
        return tuple(dict.fromkeys(part.path for part in self.parts))

    @cached_property
    def weighted(self) -> bool:
        """Whether any row's weight is said."""
        return any(part.weight is not None for part in self.parts)

    def row_bytes(self, wanted: Wanted) -> float:
        """What one row of what is wanted takes in memory, about: 8 bytes a value, 4 a pixel."""
        fields = self.listing.by_name
        sizes = [
            4 * math.prod(fields[name].shape) if name in fields and fields[name].shape else 8 for name in wanted.columns
        ]
        return float(sum(sizes) + 8 * len(wanted.expressions))

    def check(self, wanted: Wanted) -> None:
        """See that every file has what is wanted of it, so that a mistake is told before reading.

        Raises:
            InputError: naming the column or the place in an expression, and the file where that is not the first.
        """
        for part in self.unlike:
            _check_columns(part, wanted.columns, self.parts[0], "data.files")
            if isinstance(part.weight, str):
                _check_columns(part, (part.weight,), self.parts[0], part.weight_key)
            also = "" if part is self.parts[0] else f" (in {part.name})"
            for expression in wanted.expressions.values():
                _check_expression(expression, part.listing, "data.features", also)
            for key, cut in part.cuts:
                _check_expression(cut, part.listing, key, also, condition=True)
            if isinstance(part.weight, Expression):
                _check_expression(part.weight, part.listing, part.weight_key, also)


@contextmanager
def opened(data: Data, folder: Path, *, guess_table: bool = False) -> Iterator[Plan]:
    """The files of a section, relative to a folder, or its catalogue dataset.

    Args:
        guess_table: whether a table may be chosen where a file has several and none is named.

    Raises:
        InputError: for a file that is not there or cannot be read, and for a key that does not fit its format.
    """
    if data.dataset is not None:
        table = catalogued.made(data)
        asked = catalogued.as_asked(data, table)
        files: list[_File] = [(data.dataset, -1, catalogued.reader_of(table))]
    else:
        asked = data
        files = _files(data, folder)
    if not files:
        raise InputError('data needs files, such as files = ["events.csv"]', key="data.files")
    with ExitStack() as stack:
        keep = stack if len(files) <= _KEPT_OPEN else None
        yield Plan(asked, tuple(_alike(_part(asked, *file, guess_table, keep) for file in files)))


@contextmanager
def blaming(data: Data, place: int) -> Iterator[None]:
    """Let what a reader says of a sample's file name the key of that sample.

    Raises:
        InputError: the same sentence, its key that of the sample.
    """
    try:
        yield
    except InputError as error:
        own_tree = place >= 0 and (data.samples[place].tree is not None or data.tree is None)
        if place < 0 or error.key not in ("data.files", "data.tree") or (error.key == "data.tree" and not own_tree):
            raise
        last = error.key.removeprefix("data.")
        raise InputError(error.sentence, key=f"data.samples.{place}.{last}") from error


def parsed(text: str, key: str) -> Expression:
    """An expression of the experiment file.

    Raises:
        InputError: with its key, naming the sign at fault and its place.
    """
    try:
        return parse(text)
    except ExpressionError as error:
        raise InputError(f"{key}: {error.sentence}", key=key) from None


def _alike(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, equal columns told by one and the same tuple, for ten thousand files may have as many columns."""
    known: dict[tuple[Field, ...], tuple[Field, ...]] = {}
    for part in parts:
        fields = known.setdefault(part.listing.fields, part.listing.fields)
        yield replace(part, listing=replace(part.listing, fields=fields))


def _files(data: Data, folder: Path) -> list[_File]:
    said = [(-1, "data.files", data.files)]
    said += [(place, f"data.samples.{place}.files", sample.files) for place, sample in enumerate(data.samples)]
    return [(path, place, reader_of(path, key)) for place, key, files in said for path in found(files, folder, key)]


def _part(data: Data, path: Path | str, place: int, reader: Reader, guess_table: bool, keep: ExitStack | None) -> Part:
    sample = data.samples[place] if place >= 0 else Sample()
    key = f"data.samples.{place}" if place >= 0 else "data"
    _check_keys(data, sample, key, path, reader)
    how = How.of(data, sample.tree, guess_table=guess_table)
    source = None
    with blaming(data, place):
        if keep is not None:
            source = keep.enter_context(reader.open(path, how))
            found_there = source.listing
        else:
            with reader.open(path, how) as looked:
                found_there = looked.listing
    listing = listed(found_there, data.kinds)
    weight_key = f"{key}.weight" if sample.weight is not None else "data.weight"
    return Part(
        path, place, how, reader, listing, _cuts(data, sample, key),
        _weight(sample.weight or data.weight, listing, weight_key), weight_key, source,
    )  # fmt: skip


def _check_keys(data: Data, sample: Sample, key: str, path: Path | str, reader: Reader) -> None:
    """Refuse what says how another format is to be read."""
    said: dict[str, Value] = {name: getattr(data, name) for name in _READING_KEYS}
    for name, value in {**said, "tree": sample.tree or data.tree}.items():
        if value in (None, ()) or name in reader.keys:
            continue
        where = f"{key}.{name}" if name == "tree" and sample.tree is not None else f"data.{name}"
        if data.dataset is not None:
            raise InputError(f"{where} is for files; leave it out with the dataset {data.dataset}", key=where)
        able = [other.name for other in READERS if name in other.keys]
        every = " and ".join([*filter(None, [", ".join(able[:-1])]), able[-1]])
        raise InputError(f"{where} is for {every}; {Path(str(path)).name} is {reader.name}", key=where)


def _cuts(data: Data, sample: Sample, key: str) -> tuple[tuple[str, Expression], ...]:
    said = (("data.cut", data.cut), (f"{key}.cut", sample.cut))
    return tuple((where, parsed(text, where)) for where, text in said if text is not None)


def _weight(text: str | None, listing: Listing, key: str) -> Expression | str | None:
    """A column of that name, else an expression."""
    if text is None or text in listing.by_name:
        return text
    return parsed(text, key)


def _check_columns(part: Part, names: tuple[str, ...], first: Part, key: str) -> None:
    usable, unusable = set(part.listing.names), part.listing.unusable
    for name in names:
        if name in unusable:
            raise InputError(f"the column {name} of {part.name} cannot be used, it {unusable[name]}", key=key)
        if name not in usable:
            raise InputError(
                f"{part.name} has no column {name!r}, which {first.name} has; {nearest(name, usable)}",
                key=key,
            )


def _check_expression(
    expression: Expression, listing: Listing, key: str, also: str, *, condition: bool = False
) -> None:
    try:
        expression.check(listing.by_name, condition=condition)
    except ExpressionError as error:
        raise InputError(f"{key}: {error.sentence}{also}", key=key) from None
