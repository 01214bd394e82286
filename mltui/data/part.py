"""One file as it is to be read, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from mltui.core.errors import InputError, nearest
from mltui.data.expression import Expression, ExpressionError, parse
from mltui.data.readers.raw import How, Listing, Reader, Source

FILES, TEST_FILES = "data.files", "split.test_files"
"""The keys that name files."""


@dataclass(frozen=True)
class Term:
    """A column by its name or an expression, and the key that asks for it."""

    meant: Expression | str
    key: str

    @property
    def text(self) -> str:
        """As it was written."""
        return self.meant if isinstance(self.meant, str) else self.meant.text

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it needs."""
        return (self.meant,) if isinstance(self.meant, str) else self.meant.names


def term(text: str | None, listing: Listing, key: str) -> Term | None:
    """What a text of the experiment file means: a column of that name, else an expression.

    Raises:
        InputError: with its key, naming the sign at fault and its place.
    """
    if text is None:
        return None
    return Term(text if text in listing.by_name else parsed(text, key), key)


def parsed(text: str, key: str) -> Expression:
    """An expression of the experiment file.

    Raises:
        InputError: with its key, naming the sign at fault and its place.
    """
    try:
        return parse(text)
    except ExpressionError as error:
        raise InputError(f"{key}: {error.sentence}", key=key) from None


@dataclass(frozen=True)
class Wanted:
    """What is to be read: columns by name, and expressions by their text.

    Attributes:
        keys: by name or text, the key that asks for it, where that is not data.features.
    """

    columns: tuple[str, ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many columns the result has."""
        return len(self.columns) + len(self.expressions)

    def key(self, text: str) -> str:
        """The key that asks for an expression."""
        return self.keys.get(text, "data.features")


@dataclass(frozen=True)
class Part:
    """One file as it is to be read.

    Attributes:
        path: a path, an address, or the name of a catalogue dataset.
        sample: index into data.samples; -1 without samples.
        key: the key that names the file.
        listing: what it holds, with the kinds that the user says.
        cuts: those of the section and of its sample, each with its key.
        weight: what its rows count; None: as one. training_weight: what they count in the fit; None: as everywhere.
        scale: what both are multiplied with; None: as they are.
        replaced: by column, what stands in for it wherever it is used, as a variation of the data says.
    """

    path: Path | str
    sample: int
    key: str
    how: How
    reader: Reader
    listing: Listing
    cuts: tuple[tuple[str, Expression], ...]
    weight: Term | None
    training_weight: Term | None
    scale: float | None
    replaced: Mapping[str, Term]
    _source: Source | None

    @property
    def name(self) -> str:
        """The file's name, for a sentence."""
        return Path(str(self.path)).name

    @property
    def weights(self) -> tuple[Term, ...]:
        """The weights that are read of it."""
        return tuple(each for each in (self.weight, self.training_weight) if each is not None)

    @property
    def passing(self) -> bool:
        """Whether rows or columns are read of it that do not stay: those of cuts and of weights that are worked out."""
        return bool(self.cuts) or any(isinstance(weight.meant, Expression) for weight in self.weights)

    def source(self) -> AbstractContextManager[Source]:
        """The file, still open or opened again."""
        return self.reader.open(self.path, self.how) if self._source is None else nullcontext(self._source)

    def used(self, wanted: Wanted) -> tuple[str, ...]:
        """The columns that are used for what is wanted, each once."""
        expressions = [*wanted.expressions.values(), *(cut for _, cut in self.cuts)]
        weights = [name for weight in self.weights for name in weight.names]
        return tuple(dict.fromkeys([*wanted.columns, *weights, *(n for e in expressions for n in e.names)]))

    def needed(self, wanted: Wanted) -> tuple[str, ...]:
        """The columns to read of this file for what is wanted, each once: in place of some, what stands in for them."""
        used = self.used(wanted)
        read = [self.replaced[name].names if name in self.replaced else (name,) for name in used]
        return tuple(dict.fromkeys(name for names in read for name in names))

    def check(self, wanted: Wanted, first: Part) -> None:
        """See that the file has what is wanted of it, and what its cuts and weights need.

        Args:
            first: the part whose columns the user was shown.

        Raises:
            InputError: naming the column or the place in an expression, and the file where that is not the first.
        """
        for name in wanted.columns:
            self._check_column(name, first, wanted.keys.get(name, FILES) if self is first else self.key)
        for text, expression in wanted.expressions.items():
            self._check_expression(expression, first, wanted.key(text))
        for key, cut in self.cuts:
            self._check_expression(cut, first, key, condition=True)
        for weight in self.weights:
            if isinstance(weight.meant, str):
                self._check_column(weight.meant, first, weight.key)
            else:
                self._check_expression(weight.meant, first, weight.key)

    def _check_column(self, name: str, first: Part, key: str) -> None:
        if name in self.replaced:
            return
        key = self._blamed(key)
        usable, unusable = set(self.listing.names), self.listing.unusable
        if name in unusable:
            raise InputError(f"the column {name} of {self.name} cannot be used, it {unusable[name]}", key=key)
        if name not in usable:
            has = f"{first.name} has" if self is not first else "the data have"
            raise InputError(f"{self.name} has no column {name!r}, which {has}; {nearest(name, usable)}", key=key)

    def _check_expression(self, expression: Expression, first: Part, key: str, *, condition: bool = False) -> None:
        also = "" if self is first else f" (in {self.name})"
        try:
            expression.check(self.listing.by_name, condition=condition)
        except ExpressionError as error:
            raise InputError(f"{key}: {error.sentence}{also}", key=self._blamed(key)) from None

    def _blamed(self, key: str) -> str:
        """The key at fault where this file does not have what that key asks for."""
        return self.key if self.key == TEST_FILES or self.key.startswith("data.variations.") else key


@contextmanager
def blaming(key: str, own_tree: bool) -> Iterator[None]:
    """Let what a reader says of a file name the key of that file.

    Args:
        key: the key that names the file, such as data.samples.0.files.
        own_tree: whether the tree to read of it is said beside that key too.

    Raises:
        InputError: the same sentence, its key that of the file.
    """
    try:
        yield
    except InputError as error:
        if error.key == FILES and key != FILES:
            raise InputError(error.sentence, key=key) from error
        if error.key == "data.tree" and own_tree:
            raise InputError(error.sentence, key=f"{key.rpartition('.')[0]}.tree") from error
        raise
