"""What is read beside target and features: what a split goes by, what is only looked at, what tells processes apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mltui.core.errors import InputError
from mltui.core.sections import Split
from mltui.data.part import Term, term
from mltui.data.readers.raw import Listing


@dataclass(frozen=True)
class Beside:
    """Columns and expressions that a table holds beside its features.

    Attributes:
        terms: by name or text.
    """

    terms: Mapping[str, Term] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are columns; they tell rows apart, so that they are no features unless asked for by name."""
        return tuple(text for text, each in self.terms.items() if isinstance(each.meant, str))

    @property
    def kept(self) -> tuple[str, ...]:
        """Those that a table keeps as they are, by name or text."""
        return tuple(text for text, each in self.terms.items() if each.key != PROCESS)


NOTHING = Beside()
SPECTATORS = "data.spectators"
PROCESS = "data.process"
_NUMBERS = {"split.fold_by": "the number of a fold", SPECTATORS: "a number"}


def beside(split: Split | None, listing: Listing, spectators: Sequence[str] = (), process: str | None = None) -> Beside:
    """What a split needs of each row, what is to be looked at without being learnt from, and where a row comes from.

    Raises:
        InputError: with the key at fault, for what is neither a column nor an expression, and for a column that holds
            no single value in each row.
    """
    asked = {} if split is None else {"split.column": split.column, "split.fold_by": split.fold_by}
    terms: dict[str, Term] = {}
    for key, text in asked.items():
        found = term(text, listing, key)
        if found is not None:
            _check(found, listing)
            if split is not None and (key == "split.fold_by" or split.by == "time"):
                _check_number(found, listing)
            terms.setdefault(found.text, found)
    for text in spectators:
        found = term(text, listing, SPECTATORS)
        if found is not None:
            _check(found, listing)
            _check_number(found, listing)
            terms.setdefault(found.text, found)
    found = term(process, listing, PROCESS)
    if found is not None:
        _check(found, listing)
        terms.setdefault(found.text, found)
    return Beside(terms)


def _check(asked: Term, listing: Listing) -> None:
    if not isinstance(asked.meant, str):
        return
    found = listing.by_name[asked.meant]
    if found.kind == "unusable":
        raise InputError(f"{asked.key}: the column {found.name} cannot be used, it {found.why}", key=asked.key)
    if found.kind in ("list", "image"):
        what = "a list" if found.kind == "list" else "an image"
        raise InputError(
            f"{asked.key}: the column {found.name} holds {what} in each row, and must hold one value", key=asked.key
        )


def _check_number(asked: Term, listing: Listing) -> None:
    """See that what must be a number, such as a fold or a time, is no text, whose codes would pass for numbers."""
    if isinstance(asked.meant, str) and listing.by_name[asked.meant].kind in ("category", "text"):
        wanted = _NUMBERS.get(asked.key, "a time, a number or a date")
        raise InputError(f"{asked.key}: the column {asked.meant} holds text, and must hold {wanted}", key=asked.key)
