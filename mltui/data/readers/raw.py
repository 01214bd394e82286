"""What every reader gives: a listing of a file's columns before reading, and columns as plain arrays after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Value
from mltui.core.sections import Data

STANDARD_MISSING = frozenset({"", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "?"})
"""Texts that mean a missing value in any file."""
MOST_LABELS = 100_000
"""So many different texts of a column are told apart; one with more is of the kind text, which cannot be used."""
MICROSECONDS_A_DAY = 86_400e6
"""Dates are numbers of days."""
Kind = Literal["number", "ordered", "category", "date", "image", "list", "text", "unusable"]


@dataclass(frozen=True)
class Raw:
    """One column of some rows as read.

    Attributes:
        values: shape (rows,): floating with NaN for missing, whole, or bool; with `categories`, whole codes into them,
            -1 for missing; of dates, float64 days since 1970-01-01 UTC; of images, shape (rows, *shape); of lists, the
            values of all rows one after the other.
        categories: the distinct texts of a text column, in the order of their codes; None for all else.
        offsets: shape (rows + 1,), where each row's values begin in `values` of a column of lists; None for all else.
        date: whether the values are dates.
        odd: how many values could not be read as what the column is, and were taken as missing.
    """

    values: NDArray[np.generic]
    categories: tuple[str, ...] | None = None
    offsets: NDArray[np.int64] | None = None
    date: bool = False
    odd: int = 0

    def __len__(self) -> int:
        return len(self.values) if self.offsets is None else len(self.offsets) - 1

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value, shape (rows,): of an image all its pixels, of a list an empty one."""
        if self.offsets is not None:
            return np.asarray(np.diff(self.offsets) == 0)
        if self.categories is not None:
            return np.asarray(self.values == -1)
        if self.values.dtype.kind != "f":
            return np.zeros(len(self.values), np.bool_)
        known = np.isfinite(self.values)
        return np.asarray(~known.reshape(len(known), -1).any(axis=1) if known.ndim > 1 else ~known)

    @property
    def empty(self) -> bool:
        """Whether no row has a value; where one of the first has, that is known at once."""
        first = Raw(self.values[:16], self.categories) if self.offsets is None else self
        return bool(first.missing.all()) and bool(self.missing.all())

    def numbers(self) -> NDArray[np.float64]:
        """The values of a number column as float64; infinities count as missing and are NaN."""
        values = self.values.astype(np.float64)
        if self.values.dtype.kind == "f":
            values[~np.isfinite(values)] = np.nan
        return values


@dataclass(frozen=True)
class Field:
    """What is known of one column before its values are read.

    Attributes:
        name: as the file has it, or as `columns` gives it.
        kind: as guessed from the first rows or the file's own types, or as the user says.
        unit, title: as the file tells them, in the header's words or in attributes.
        shape: of one row's value, for an image.
        why: why it cannot be used, in words that follow "it": "holds raw bytes"; only where kind is unusable or list.
        row_bytes: what one row of it takes in memory, about.
    """

    name: str
    kind: Kind = "number"
    unit: str = ""
    title: str = ""
    shape: tuple[int, ...] = ()
    why: str = ""
    row_bytes: float = field(default=8.0, compare=False)


@dataclass(frozen=True)
class Listing:
    """What a file holds, learnt by reading little of it.

    Attributes:
        fields: every column, in order; also those that cannot be used.
        rows: how many; where not `exact`, about how many.
        tables: the names of all tables in the file from which `data.tree` may choose; empty where it holds only one
            that needs no name. table: the one that this listing is of.
        guesses: what was guessed of how the file is to be read, by the [data] key that would overrule it, such as
            {"header": False, "separator": "tab"}; what the user has set is no guess and is not here.
        notes: sentences for the user, such as "4 blank rows are passed over."
    """

    fields: tuple[Field, ...]
    rows: int = 0
    exact: bool = True
    tables: tuple[str, ...] = ()
    table: str = ""
    guesses: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Every column by its name, in order."""
        return {column.name: column for column in self.fields}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that can be read, lists among them, in order."""
        return tuple(column.name for column in self.fields if column.kind != "unusable")

    @property
    def row_bytes(self) -> float:
        """What one row of all columns that can be read takes in memory, about."""
        return sum(column.row_bytes for column in self.fields if column.kind != "unusable")

    @property
    def unusable(self) -> dict[str, str]:
        """The columns that cannot be read, each with the reason."""
        return {column.name: column.why for column in self.fields if column.kind == "unusable"}


@dataclass(frozen=True)
class How:
    """What the user says of how files are to be read; None and empty mean: guess.

    `guess_table` says that where a file holds several tables and none is named, the one that looks most like the
    data may be taken, and said in the guesses; without it that is an error which names them.
    """

    tree: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    skip: int | None = None
    missing: frozenset[str] = frozenset()
    kinds: Mapping[str, Value] = field(default_factory=dict)
    guess_table: bool = False

    @classmethod
    def of(cls, data: Data, tree: str | None = None, *, guess_table: bool = False) -> How:
        """What a [data] section says; `tree` of a sample goes before the section's own."""
        return cls(
            tree=tree or data.tree,
            header=data.header,
            columns=data.columns,
            separator=data.separator,
            decimal=data.decimal,
            encoding=data.encoding,
            skip=data.skip,
            missing=frozenset(str(value) for value in data.missing),
            kinds=data.kinds,
            guess_table=guess_table,
        )


@dataclass(frozen=True)
class Bound:
    """A comparison of a column with a number that every wanted row fulfils, so that a reader may skip the others."""

    name: str
    sign: Literal["<", "<=", ">", ">=", "=="]
    number: float


@dataclass(frozen=True)
class Chunk:
    """Some rows of some columns.

    Attributes:
        columns: by name, all of the same length.
        entry: shape (rows,), each row's number in the file, from 0.
    """

    columns: dict[str, Raw]
    entry: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.entry)


class Source(Protocol):
    """An opened file."""

    @property
    def listing(self) -> Listing:
        """What it holds."""
        ...

    def chunks(
        self,
        names: Sequence[str],
        *,
        rows: int | None = None,
        size: int | None = None,
        bounds: Sequence[Bound] = (),
    ) -> Iterator[Chunk]:
        """The named columns, chunk by chunk from the file's beginning; nothing else is read.

        Args:
            names: of the listing.
            rows: stop after so many rows of the file.
            size: at most about so many rows a chunk, for tables that do not fit into memory; None: as suits the
                library when everything is to be kept, and as many chunks as it likes.
            bounds: rows that do not fulfil these may be passed over where the library can do that without reading.

        The kind of a column is the same in every chunk; the categories of a text column may differ from chunk to
        chunk, and its codes are into those of their own chunk.

        Raises:
            InputError: where the file is damaged.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One format.

    Attributes:
        name: as a sentence says it.
        endings: of the file names it takes, with the dot, in lower case.
        keys: the [data] keys that say how this format is to be read; others of their kind are refused for it.
        open: from a path (or, for ROOT, an address such as root://host//file.root) and what the user says to an opened
            file; as a context manager. It raises InputError where the file cannot be read, has no table, has several
            and none is chosen, has no rows, or where what the user says does not fit.
        addresses: whether it takes addresses at all.
        beside: the other files that are read with one, such as that of its rows' weights.
    """

    name: str
    endings: tuple[str, ...]
    keys: frozenset[str]
    open: Callable[[Path | str, How], AbstractContextManager[Source]]
    addresses: bool = False
    beside: Callable[[Path], tuple[Path, ...]] = lambda path: ()


class NoRows(InputError):
    """A sound file with columns and without a row.

    Attributes:
        names: its columns.
    """

    def __init__(self, sentence: str, names: Iterable[str]) -> None:
        super().__init__(sentence, key="data.files")
        self.names = tuple(names)


@contextmanager
def reading(path: Path | str, format_name: str) -> Iterator[None]:
    """Turn whatever a reading library raises into one sentence.

    Raises:
        InputError: naming the file and what the library said.
    """
    name = Path(str(path)).name
    try:
        yield
    except (InputError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError:
        raise InputError(f"{name} does not fit into memory", key="data.files") from None
    except BaseException as error:  # a panic in a native library is not an Exception
        said = " ".join(str(error).split())[:120].rstrip(" .")
        raise InputError(
            f"{name} cannot be read as {format_name}: {said or type(error).__name__}", key="data.files"
        ) from error
