"""What a systematic variation makes of the [data] section: stand-ins for columns, other files, another weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from mltui.core.errors import InputError, nearest
from mltui.core.hyperparameters import shown
from mltui.core.sections import Data, Variation
from mltui.data.expression import ExpressionError
from mltui.data.kinds import overruled
from mltui.data.part import Term, parsed
from mltui.data.readers.raw import Field, Listing, Raw
from mltui.data.samples import processes

_LABELLED = ("category", "ordered", "text")


@dataclass(frozen=True)
class Varied:
    """A variation of the data, and its place among data.variations."""

    variation: Variation
    place: int

    def key(self, name: str) -> str:
        """The dotted key of one of its keys."""
        return f"data.variations.{self.place}.{name}"

    def samples(self, data: Data) -> list[int]:
        """The samples whose rows vary, by index; of data without samples -1."""
        if not data.samples:
            return [-1]
        names, of = processes(data)
        wanted = self.variation.process
        return [place for place in range(len(data.samples)) if wanted in (None, names[of[place]])]

    def files(self, data: Data, said: list[tuple[int, str, tuple[str, ...]]]) -> list[tuple[int, str, tuple[str, ...]]]:
        """The files to read: sample, key and names, of those of the section, each told alike.

        Raises:
            InputError: where the variation's own files may stand for those of several samples.
        """
        wanted = self.samples(data)
        chosen = [(place, key, names) for place, key, names in said if place in wanted]
        own = self.variation.files
        if not own:
            return chosen
        if len(chosen) > 1:
            raise InputError(
                f"{self.key('files')}: the process {self.variation.process} has {len(chosen)} entries of data.samples, "
                "and these files can stand for one; give each a process of its own",
                key=self.key("files"),
            )
        return [(place, self.key("files"), own) for place, _, _ in chosen]

    def replaced(self, data: Data, listing: Listing) -> dict[str, Term]:
        """By the column that is replaced, what stands in for it.

        Raises:
            InputError: for a column that is not there, the target, and what cannot stand in for it.
        """
        key = self.key("replace")
        return {name: _stand_in(name, text, data, listing, key) for name, text in self.variation.replace.items()}

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Let a sentence that does not name a key of the variation say which one is read.

        Raises:
            InputError: the same, so made.
        """
        try:
            yield
        except InputError as error:
            if (error.key or "").startswith("data.variations."):
                raise
            said = f"the variation {self.variation.name}: {error.sentence}"
            raise InputError(said, key=self.key("name")) from error


def varied(data: Data, variation: Variation) -> Varied:
    """A variation with its place among those of the section; behind them where it is none of them."""
    places = [place for place, each in enumerate(data.variations) if each == variation]
    return Varied(variation, places[0] if places else len(data.variations))


def put_in(columns: dict[str, Raw], replaced: Mapping[str, Term], data: Data, rows: int) -> dict[str, Raw]:
    """The columns with all replacements made at once, each from the columns as they were read.

    Raises:
        InputError: where only the rows tell that an expression does not fit.
    """
    found = {name: _values(name, asked, columns, data, rows) for name, asked in replaced.items()}
    return {**columns, **found} if found else columns


def _values(name: str, asked: Term, columns: Mapping[str, Raw], data: Data, rows: int) -> Raw:
    if isinstance(asked.meant, str):
        raw = columns[asked.meant]
        own = asked.meant in data.kinds
    else:
        try:
            values = asked.meant.evaluate(columns, rows)
        except ExpressionError as error:
            raise InputError(f"{asked.key}: {error.sentence}", key=asked.key) from None
        raw, own = Raw(np.asarray(values)), False
    return overruled(raw, data.kinds[name], name) if name in data.kinds and not own else raw


def _stand_in(name: str, text: object, data: Data, listing: Listing, key: str) -> Term:
    if name not in listing.by_name:
        raise InputError(f"{key}: there is no column {name!r}; {nearest(name, listing.by_name)}", key=key)
    if name in data.targets:
        raise InputError(f"{key} has {name}, which is the target; a variation leaves it as it is", key=key)
    written = text if isinstance(text, str) else shown(text)
    asked = Term(written if written in listing.by_name else parsed(written, key), key)
    _check_alike(name, asked, data, listing)
    return asked


def _check_alike(name: str, asked: Term, data: Data, listing: Listing) -> None:
    """See that the stand-in is of the column's kind, or can be made so."""
    key, old = asked.key, listing.by_name[name]
    if isinstance(asked.meant, str):
        new = listing.by_name[asked.meant]
        if new.kind == "unusable":
            raise InputError(f"{key}: the column {new.name} cannot be used, it {new.why}", key=key)
    else:
        try:
            asked.meant.check(listing.by_name)
        except ExpressionError as error:
            raise InputError(f"{key}: {error.sentence}", key=key) from None
        new = Field(name)
    alike = old.kind == new.kind or (old.kind in _LABELLED and new.kind in _LABELLED)
    if old.kind != "unusable" and (not alike or old.shape != new.shape) and name not in data.kinds:
        raise InputError(
            f"{key}: the column {name} is of the kind {old.kind} and {asked.text} of the kind {new.kind}; "
            "a stand-in must be of the same kind",
            key=key,
        )
