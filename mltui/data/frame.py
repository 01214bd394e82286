"""Gathers the wanted columns of all files into one frame in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.table import Floats, Integers
from mltui.data import memory
from mltui.data.kinds import order_of
from mltui.data.part import Wanted
from mltui.data.plan import Plan
from mltui.data.readers.raw import Field, Listing, Raw
from mltui.data.stack import Order, Stack, alphabetical, picked
from mltui.data.stream import Piece, Progress, Stream

_CHUNK_BYTES, _LEAST_CHUNK_ROWS = 64_000_000, 1_000
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Frame:
    """Columns of one or several files, one file's rows after the other's.

    Attributes:
        columns: what was wanted, columns by name and expressions by text.
        fields: what is known of every column of the first file, by name, with the kinds that the user says.
        listings: of each file. paths: each file once; of a catalogue dataset its name.
        file, entry: shape (rows,), index into `paths` and number in the file, from 0: where each row came from.
        sample: shape (rows,), index into data.samples; empty without samples.
        weights: shape (rows,), from data.weight and those of the samples; None where neither says any.
        training_weights: shape (rows,), from data.training_weight; None without it.
        whole: where only the first rows of each file were read, how many there are in all (for text, about); else None.
        cut_away: rows that the cut took away. unlabelled: rows passed over since they have no target.
        odd: by column, how many values were taken as missing since they are not of its kind.
        notes: what the readers say of the files, each sentence once.
    """

    columns: dict[str, Raw]
    fields: dict[str, Field]
    listings: tuple[Listing, ...]
    paths: tuple[Path | str, ...]
    file: Integers
    entry: Integers
    sample: NDArray[np.int16]
    weights: Floats | None = None
    training_weights: Floats | None = None
    whole: int | None = None
    cut_away: int = 0
    unlabelled: int = 0
    odd: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.entry)

    def take(self, rows: NDArray[np.integer]) -> Frame:
        """The frame of these rows, in this order."""
        return replace(
            self,
            columns={name: picked(raw, rows) for name, raw in self.columns.items()},
            file=self.file[rows],
            entry=self.entry[rows],
            sample=self.sample[rows] if len(self.sample) else self.sample,
            weights=None if self.weights is None else self.weights[rows],
            training_weights=None if self.training_weights is None else self.training_weights[rows],
        )

    @property
    def listing(self) -> Listing:
        """The first file's."""
        return self.listings[0]

    @property
    def unusable(self) -> dict[str, str]:
        """The columns that cannot be read, or not in every file, each with the reason."""
        return {name: column.why for name, column in self.fields.items() if column.kind == "unusable"}


def collect(
    plan: Plan,
    wanted: Wanted,
    *,
    at_most: int | None = None,
    targets: Sequence[str] = (),
    only: list[Integers] | None = None,
    progress: Progress | None = None,
) -> Frame:
    """Read what is wanted of the opened files into memory.

    Args:
        at_most: so many rows of all files together, from the beginning of each.
        targets: wanted columns; rows without a value of each of them are passed over.
        only: of each part of the plan, the sorted entries to keep.
        progress: told the share that is read, from 0 to 1.

    Raises:
        InputError: where a file cannot be read, does not fit into memory, or lacks what the first one has; and where
            an expression or a cut does not fit, or the cut leaves nothing.
    """
    plan.check(wanted)
    limited = at_most is not None and at_most < plan.rows
    limits = [_share(part.listing.rows, at_most or 0, plan.rows) if limited else None for part in plan.parts]
    kept = sum(map(len, only)) if only is not None else plan.rows
    _check_room(min(kept, at_most or kept), plan, wanted)
    # where what is read is not what stays, chunk by chunk, so that both are not held whole
    passing = only is not None or bool(wanted.expressions) or any(part.passing for part in plan.parts)
    size = _chunk_rows(plan, wanted) if passing else None
    stream = Stream(plan, wanted, limits=limits, size=size, targets=targets, only=only, progress=progress)
    return _stacked(stream, plan, wanted, plan.rows if limited else None, min(kept, at_most or kept))


def _check_room(rows: int, plan: Plan, wanted: Wanted) -> None:
    row_bytes = plan.row_bytes(wanted)
    if memory.room(rows, row_bytes):
        return
    columns = "1 column" if wanted.width == 1 else f"{wanted.width:,} columns"
    raise InputError(
        f"{rows:,} rows of {columns} need {memory.shown(rows * row_bytes * memory.PEAK)} of memory and "
        f"{memory.shown(memory.available())} is free; choose fewer features or files",
        key="data.files",
    )


def _with_room(stream: Stream, plan: Plan, wanted: Wanted) -> Iterator[Piece]:
    """The pieces; a packed text may hold far more rows than its size lets expect, and then is asked again.

    Raises:
        InputError: where there is no room for a quarter more.
    """
    rows, expected = 0, plan.rows
    for piece in stream:
        rows += len(piece)
        if rows > expected:
            expected = rows + rows // 4
            if not memory.room(expected - rows, plan.row_bytes(wanted)):
                raise InputError(
                    f"{rows:,} rows are read, more than the size of {plan.parts[0].name} lets expect, and only "
                    f"{memory.shown(memory.available())} of memory is free; choose fewer features or files",
                    key="data.files",
                )
        yield piece


def _chunk_rows(plan: Plan, wanted: Wanted) -> int:
    needed = max(sum(part.listing.by_name[name].row_bytes for name in part.needed(wanted)) for part in plan.unlike)
    return max(_LEAST_CHUNK_ROWS, int(_CHUNK_BYTES / max(1.0, needed + plan.row_bytes(wanted))))


def _share(rows: int, most: int, whole: int) -> int:
    return max(1, most * rows // whole)


def _stacked(stream: Stream, plan: Plan, wanted: Wanted, whole: int | None, expected: int) -> Frame:
    stacks = {name: Stack(name, order(plan, name), expected) for name in (*wanted.columns, *wanted.expressions)}
    entries, weights, training_weights, places = [], [], [], []
    for piece in _with_room(stream, plan, wanted):
        where = Path(str(plan.paths[piece.file])).name
        for name, raw in piece.columns.items():
            stacks[name].add(raw, where)
        entries.append(piece.entry)
        places.append((len(piece), piece.file, piece.sample))
        if piece.weights is not None:
            weights.append(piece.weights)
        if piece.training_weights is not None:
            training_weights.append(piece.training_weights)
    counts = [count for count, _, _ in places]
    if not sum(counts):
        raise nothing(stream, plan)
    return Frame(
        {name: stacks.pop(name).joined() for name in list(stacks)},
        {column.name: column for column in plan.listing.fields},
        tuple(part.listing for part in plan.parts),
        plan.paths,
        _spread([file for _, file, _ in places], counts, np.int64),
        _joined(entries),
        _spread([sample for _, _, sample in places], counts, np.int16) if plan.data.samples else np.zeros(0, np.int16),
        weights=_joined(weights) if weights else None,
        training_weights=_joined(training_weights) if training_weights else None,
        whole=whole,
        cut_away=stream.cut_away,
        unlabelled=stream.unlabelled,
        odd=stream.odd,
        notes=tuple(dict.fromkeys(note for part in plan.parts for note in part.listing.notes)),
    )


def order(plan: Plan, name: str) -> Order:
    """How the labels of a wanted column follow each other."""
    return order_of(plan.data.kinds[name]) if name in plan.data.kinds else alphabetical


def _joined(arrays: list[NDArray[Number]]) -> NDArray[Number]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _spread(values: list[int], counts: list[int], dtype: type[Number]) -> NDArray[Number]:
    """A value for each of so many rows; the first file's zeros take no memory until they are written."""
    if not any(values):
        return np.zeros(sum(counts), dtype)
    return np.repeat(np.array(values, dtype), counts)


def nothing(stream: Stream, plan: Plan) -> InputError:
    """What to say of a stream that left no row."""
    seen = stream.cut_away + stream.unlabelled
    keys = list(dict.fromkeys(key for part in plan.parts for key, _ in part.cuts))
    cuts = f"{' and '.join(keys)} {'leaves' if len(keys) == 1 else 'leave'}"
    if stream.cut_away and stream.cut_away == seen:
        return InputError(f"{cuts} none of the {seen:,} rows", key=keys[0])
    if stream.cut_away:
        return InputError(f"{cuts} no row that has a {' and a '.join(plan.data.targets)}", key=keys[0])
    if stream.unlabelled:
        targets = ", ".join(plan.data.targets)
        one = f"the target {targets} has no value in any row"
        each = f"no row has a value of each target ({targets})"
        return InputError(one if len(plan.data.targets) == 1 else each, key="data.target")
    names = ", ".join(part.name for part in plan.parts[:3])
    return InputError(f"{names} holds no rows", key="data.files")
