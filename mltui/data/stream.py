"""Streams the wanted rows of all files, piece by piece: missing values out, kinds overruled, cut, expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.table import Floats, Integers
from mltui.data.expression import ExpressionError
from mltui.data.kinds import overruled
from mltui.data.missing import cleaned
from mltui.data.part import Part, Term, Wanted, blaming
from mltui.data.plan import Plan, own_tree
from mltui.data.readers.raw import Bound, Chunk, Raw
from mltui.data.stack import Family, agreed, family, picked
from mltui.data.variation import put_in

Progress = Callable[[float], None]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Piece:
    """Some rows of one file, as wanted.

    Attributes:
        columns: what was wanted, columns and expressions, each under its name or text.
        weights: shape (rows,), or None where nothing in the whole section has a weight.
        training_weights: shape (rows,), or None where the section says none.
        entry: shape (rows,), each row's number in the file, from 0.
        file: index into the plan's paths. sample: index into data.samples, -1 without samples.
    """

    columns: dict[str, Raw]
    weights: Floats | None
    training_weights: Floats | None
    entry: Integers
    file: int
    sample: int

    def __len__(self) -> int:
        return len(self.entry)


class Stream:
    """The pieces of a plan, once; afterwards what was passed over.

    Attributes:
        cut_away: rows that a cut took away. unlabelled: rows without a target, where those are passed over.
        odd: by column, how many values were taken as missing since they are not of its kind.
    """

    def __init__(
        self,
        plan: Plan,
        wanted: Wanted,
        *,
        limits: Sequence[int | None] | None = None,
        size: int | None = None,
        targets: Sequence[str] = (),
        only: Sequence[Integers] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            limits: of each part, how many rows from its beginning; None: all.
            size: at most about so many rows a piece; None: as suits the library where all is kept.
            targets: wanted columns; rows without a value of each of them are passed over.
            only: of each part, the sorted entries to keep of those that the cut leaves.
            progress: told the share of rows read after every piece, from 0 to 1.

        Raises:
            InputError: where a file lacks what is wanted, or an expression does not fit.
        """
        plan.check(wanted)
        self._plan = plan
        self._wanted = wanted
        self._limits = limits or [None] * len(plan.parts)
        self._size = size
        self._targets = targets
        self._only = only
        self._progress = progress
        self._known: dict[str, tuple[Family, str]] = {}
        self._paths = {path: place for place, path in enumerate(plan.paths)}
        self._rows = self._count()
        self._read = 0
        self.cut_away = 0
        self.unlabelled = 0
        self.odd: dict[str, int] = {}

    def __iter__(self) -> Iterator[Piece]:
        for place, part in enumerate(self._plan.parts):
            yield from self._of(part, place)
        self._tell(1.0)

    def _of(self, part: Part, place: int) -> Iterator[Piece]:
        limit, names = self._limits[place], part.needed(self._wanted)
        read = left = 0
        with blaming(part.key, own_tree(self._plan.data, part.sample)), part.source() as source:
            for chunk in source.chunks(names, rows=limit, size=self._size, bounds=_bounds(part, self._plan)):
                read, self._read = read + len(chunk), self._read + len(chunk)
                columns = self._understood(chunk, part)
                kept, entry = _cut(columns, chunk.entry, part)
                left += len(entry)
                yield self._piece(kept, entry, part, place)
                self._tell(self._read / max(1, self._rows))
        if part.cuts:
            # a reader may pass over what a bound excludes without showing it
            whole = min(limit or part.listing.rows, part.listing.rows) if part.listing.exact else read
            self.cut_away += max(read, whole) - left

    def _understood(self, chunk: Chunk, part: Part) -> dict[str, Raw]:
        """The chunk's columns with missing values out and of the kinds that the user says."""
        data, where = self._plan.data, part.name
        columns = {}
        for name, raw in chunk.columns.items():
            if len(raw) != len(chunk):
                raise InputError(
                    f"{where} is damaged: its column {name} has {len(raw)} values in {len(chunk)} rows",
                    key="data.files",
                )
            column = cleaned(raw, data.missing)
            if name in data.kinds:
                column = overruled(column, data.kinds[name], name)
            self._known[name] = agreed(name, self._known.get(name, ("nothing", where)), (family(column), where))
            if column.odd:
                self.odd[name] = self.odd.get(name, 0) + column.odd
            columns[name] = column
        return put_in(columns, part.replaced, data, len(chunk))

    def _piece(self, columns: dict[str, Raw], entry: Integers, part: Part, place: int) -> Piece:
        absent = np.zeros(len(entry), np.bool_)
        for name in self._targets:
            absent |= columns[name].missing
        if absent.any():
            self.unlabelled += int(absent.sum())
            columns, entry = _picked(columns, ~absent), entry[~absent]
        if self._only is not None:
            chosen = _among(entry, self._only[place])
            columns, entry = _picked(columns, chosen), entry[chosen]
        values = {name: columns[name] for name in self._wanted.columns}
        for text, expression in self._wanted.expressions.items():
            values[text] = Raw(_told(self._wanted.key(text), expression.evaluate, columns, len(entry)))
        rows = len(entry)
        weights = _weights(part.weight, "weight", part, columns, rows) if self._plan.weighted else None
        own = part.training_weight
        training = None if own is None else _weights(own, "training weight", part, columns, rows)
        return Piece(values, weights, training, entry, self._paths[part.path], part.sample)

    def _count(self) -> int:
        """About how many rows there are to read."""
        return sum(
            part.listing.rows if limit is None else min(limit, part.listing.rows)
            for part, limit in zip(self._plan.parts, self._limits, strict=True)
        )

    def _tell(self, share: float) -> None:
        if self._progress is not None:
            self._progress(min(1.0, share))


def _picked(columns: Mapping[str, Raw], rows: NDArray[np.bool_]) -> dict[str, Raw]:
    return {name: picked(raw, rows) for name, raw in columns.items()}


def _among(entry: Integers, chosen: Integers) -> NDArray[np.bool_]:
    """Which entries are among the sorted chosen ones."""
    if not len(chosen):
        return np.zeros(len(entry), np.bool_)
    places = np.searchsorted(chosen, entry)
    return np.asarray(chosen[np.minimum(places, len(chosen) - 1)] == entry)


def _bounds(part: Part, plan: Plan) -> tuple[Bound, ...]:
    """What of the cuts a reader may use: comparisons of columns that are taken as they stand in the file."""
    every = [bound for _, cut in part.cuts for bound in cut.bounds()]
    return tuple(bound for bound in every if bound.name not in plan.data.kinds and bound.name not in part.replaced)


def _cut(columns: dict[str, Raw], entry: Integers, part: Part) -> tuple[dict[str, Raw], Integers]:
    kept: NDArray[np.bool_] | None = None
    for key, cut in part.cuts:
        holds = _told(key, cut.holds, columns, len(entry))
        kept = holds if kept is None else kept & holds
    if kept is None or kept.all():
        return columns, entry
    return _picked(columns, kept), entry[kept]


def _told(
    key: str, work_out: Callable[[Mapping[str, Raw], int], NDArray[Number]], columns: Mapping[str, Raw], rows: int
) -> NDArray[Number]:
    """What an expression gives; what only the rows tell, such as a flag that is neither 0 nor 1, is refused."""
    try:
        return work_out(columns, rows)
    except ExpressionError as error:
        raise InputError(f"{key}: {error.sentence}", key=key) from None


def _weights(weight: Term | None, what: str, part: Part, columns: Mapping[str, Raw], rows: int) -> Floats:
    found = np.ones(rows) if weight is None else _counted(weight, what, columns, rows)
    return found if part.scale is None else found * part.scale


def _counted(weight: Term, what: str, columns: Mapping[str, Raw], rows: int) -> Floats:
    if not isinstance(weight.meant, str):
        return _told(weight.key, weight.meant.evaluate, columns, rows).astype(np.float64, copy=False)
    raw = columns[weight.meant]
    if raw.categories is not None and family(raw) == "text":
        raise InputError(
            f"the {what} {weight.meant} holds text such as {raw.categories[0]!r}, and must be numbers", key=weight.key
        )
    if raw.date or raw.offsets is not None or raw.values.ndim > 1:
        raise InputError(f"the {what} {weight.meant} must be one number in each row", key=weight.key)
    return raw.values.astype(np.float64, copy=False) if raw.categories is None else np.full(rows, np.nan)
