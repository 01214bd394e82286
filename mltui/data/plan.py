"""Opens the files that a [data] section names and learns what they hold, before a row is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value
from mltui.core.sections import Data, Sample
from mltui.data import catalogued
from mltui.data.expression import Expression
from mltui.data.files import found
from mltui.data.kinds import listed
from mltui.data.part import FILES, TEST_FILES, Part, Wanted, blaming, parsed, term
from mltui.data.readers.raw import Field, How, Listing, Reader
from mltui.data.readers.registry import READERS, reader_of
from mltui.data.samples import scale
from mltui.data.variation import Varied

_KEPT_OPEN = 16
"""So many files stay open between looking and reading; of more, each is opened again."""
_READING_KEYS = ("tree", "header", "columns", "separator", "decimal", "encoding", "skip")


@dataclass(frozen=True)
class _File:
    """Where it is, its sample, the key that names it, and who reads it."""

    path: Path | str
    sample: int
    key: str
    reader: Reader


@dataclass(frozen=True)
class Plan:
    """All files of a [data] section, opened.

    Attributes:
        data: the section; with the target of a catalogue dataset filled in.
        varied: the variation of it that is read; None: none.
    """

    data: Data
    parts: tuple[Part, ...]
    varied: Varied | None = None

    @cached_property
    def listing(self) -> Listing:
        """The first file's, which decides the columns' names; those that another file lacks cannot be used."""
        first = self.parts[0].listing
        absent: dict[str, str] = {}
        for part in self.unlike:
            if part.key == TEST_FILES:  # it must have what the others have
                continue
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
        found: dict[tuple[int, str, int], Part] = {}
        for part in self.parts:
            found.setdefault((part.sample, part.key, id(part.listing.fields)), part)
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
        return any(part.weight is not None or part.scale is not None for part in self.parts)

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
            part.check(wanted, self.parts[0])


@contextmanager
def opened(
    data: Data,
    folder: Path,
    *,
    guess_table: bool = False,
    test_files: tuple[str, ...] = (),
    varied: Varied | None = None,
) -> Iterator[Plan]:
    """The files of a section, relative to a folder, or its catalogue dataset.

    Args:
        test_files: files to read too, where the section does not name them already.
        varied: a variation to read in place of the data as they are.
        guess_table: whether a table may be chosen where a file has several and none is named.

    Raises:
        InputError: for a file that is not there or cannot be read, and for a key that does not fit its format.
    """
    if data.dataset is not None and test_files:
        raise InputError(f"{TEST_FILES} is for files; leave it out with the dataset {data.dataset}", key=TEST_FILES)
    if data.dataset is not None:
        table = catalogued.made(data)
        asked = catalogued.as_asked(data, table)
        files = [_File(data.dataset, -1, FILES, catalogued.reader_of(table))]
    else:
        asked = data
        files = _files(data, folder, test_files, varied)
    if not files:
        raise InputError('data needs files, such as files = ["events.csv"]', key="data.files")
    with ExitStack() as stack:
        keep = stack if len(files) <= _KEPT_OPEN else None
        yield Plan(asked, tuple(_alike(_part(asked, file, guess_table, keep, varied) for file in files)), varied)


def own_tree(data: Data, sample: int) -> bool:
    """Whether the tree that is read for a sample, given by its index, is said in the sample itself."""
    return sample >= 0 and (data.samples[sample].tree is not None or data.tree is None)


def _alike(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, equal columns told by one and the same tuple, for ten thousand files may have as many columns."""
    known: dict[tuple[Field, ...], tuple[Field, ...]] = {}
    for part in parts:
        fields = known.setdefault(part.listing.fields, part.listing.fields)
        yield replace(part, listing=replace(part.listing, fields=fields))


def _files(data: Data, folder: Path, test_files: tuple[str, ...], varied: Varied | None) -> list[_File]:
    said = [(-1, FILES, data.files)]
    said += [(place, f"data.samples.{place}.files", sample.files) for place, sample in enumerate(data.samples)]
    if varied is not None:
        said = varied.files(data, said)
    files = [
        _File(path, at, key, reader_of(path, key)) for at, key, names in said for path in found(names, folder, key)
    ]
    if varied is not None and (varied.variation.files or varied.variation.process):
        return files  # the test files are among those of the samples, or not read at all
    known = {file.path for file in files}
    for path in found(test_files, folder, TEST_FILES):
        if path not in known and data.samples:
            raise InputError(
                f"{TEST_FILES} has {Path(str(path)).name}, which no entry of data.samples names, so that its class is "
                "not known",
                key=TEST_FILES,
            )
        if path not in known:
            files.append(_File(path, -1, TEST_FILES, reader_of(path, TEST_FILES)))
    return files


def _part(data: Data, file: _File, guess_table: bool, keep: ExitStack | None, varied: Varied | None) -> Part:
    sample = data.samples[file.sample] if file.sample >= 0 else Sample()
    key = f"data.samples.{file.sample}" if file.sample >= 0 else "data"
    _check_keys(data, sample, key, file.path, file.reader)
    how = How.of(data, sample.tree, guess_table=guess_table)
    source = None
    with blaming(file.key, own_tree(data, file.sample)):
        if keep is not None:
            source = keep.enter_context(file.reader.open(file.path, how))
            found_there = source.listing
        else:
            with file.reader.open(file.path, how) as looked:
                found_there = looked.listing
    listing = listed(found_there, data.kinds)
    weight, weight_key = (data.weight, "data.weight") if sample.weight is None else (sample.weight, f"{key}.weight")
    if varied is not None and varied.variation.weight is not None:
        weight, weight_key = varied.variation.weight, varied.key("weight")
    return Part(
        path=file.path,
        sample=file.sample,
        key=file.key,
        how=how,
        reader=file.reader,
        listing=listing,
        cuts=_cuts(data, sample, key),
        weight=term(weight, listing, weight_key),
        training_weight=None if varied else term(data.training_weight, listing, "data.training_weight"),
        scale=scale(data, file.sample, None if varied is None else varied.variation.generated),
        replaced={} if varied is None else varied.replaced(data, listing),
        _source=source,
    )


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
