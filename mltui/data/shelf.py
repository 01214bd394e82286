"""Reads a table that is larger than memory: onto disk piece by piece, once, and from there as memory maps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mltui.core.table import Integers
from mltui.data import cache, disk, memory
from mltui.data.frame import Frame, collect, nothing, order
from mltui.data.part import Wanted
from mltui.data.plan import Plan
from mltui.data.readers.raw import Raw
from mltui.data.readers.registry import with_beside
from mltui.data.stream import Progress, Stream

_READ = (
    "tree", "weight", "training_weight", "luminosity", "cut", "missing", "kinds",
    "header", "columns", "separator", "decimal", "encoding", "skip",
)  # fmt: skip
"""The [data] keys that decide what the rows of a column are."""
_ENTRY, _FILE, _SAMPLE = "#entry", "#file", "#sample"
_WEIGHTS, _TRAINING = "#weights", "#training_weights"
READING = 0.6
"""The share of the way to a first epoch that putting the table on disk takes, about."""


def frame(
    plan: Plan,
    wanted: Wanted,
    *,
    targets: Sequence[str] = (),
    only: list[Integers] | None = None,
    progress: Progress | None = None,
    learner: str | None = None,
) -> Frame:
    """What is wanted of the opened files: in memory where it fits there, else on disk.

    Args:
        targets, only, progress: as `frame.collect` takes them.
        learner: a model that needs all rows in memory at once; None: a table on disk serves.

    Raises:
        InputError: as `frame.collect` and `kept`, and where the learner's rows are more than fit.
    """
    rows, size = (plan.rows if only is None else sum(map(len, only))), _row_bytes(plan, wanted)
    if plan.data.dataset is not None or memory.room(rows, size):
        return collect(plan, wanted, targets=targets, only=only, progress=progress)
    if learner is not None and not any(part.cuts for part in plan.parts):  # a cut may leave few enough
        raise memory.too_large(learner, rows, f"{wanted.width:,} columns", size * memory.PEAK)
    return kept(plan, wanted, targets=targets, only=only, progress=progress)


def kept(
    plan: Plan,
    wanted: Wanted,
    *,
    targets: Sequence[str] = (),
    only: list[Integers] | None = None,
    progress: Progress | None = None,
) -> Frame:
    """What `frame.collect` reads, on disk: read now, or found there from an earlier run.

    Args:
        targets: wanted columns; rows without a value of each of them are passed over.
        only: of each part of the plan, the sorted entries to keep, as data.rows draws them.
        progress: told the share that is done, from 0 to `READING`; it may raise to give up.

    Raises:
        InputError: as `frame.collect`, and where the disk has no room.
        OSError: where the disk refuses in the middle.
    """
    plan.check(wanted)

    def tell(share: float) -> None:
        if progress is not None:
            progress(READING * share)

    def make(folder: Path) -> Mapping[str, Any]:
        return _written(plan, wanted, _stream(plan, wanted, targets, only, tell), folder, tell)

    rows = plan.rows if only is None else sum(map(len, only))
    identity = {**key(plan, wanted, targets), "rows": None if only is None else rows}
    folder, about = cache.entry(identity, int(rows * _row_bytes(plan, wanted)), make, hold=lambda: tell(0.0))
    tell(1.0)
    return _frame(plan, folder, about)


def key(plan: Plan, wanted: Wanted, targets: Sequence[str]) -> dict[str, Any]:
    """All that decides what lies on disk."""
    data = dataclasses.asdict(plan.data)
    return {
        "what": "table",
        "files": [cache.identity(path) for path in with_beside(plan.paths)],
        "data": {name: _plain(data[name]) for name in _READ},
        "samples": _plain([{k: v for k, v in sample.items() if k != "label"} for sample in data["samples"]]),
        "wanted": [list(wanted.columns), list(wanted.expressions)],
        "targets": list(targets),
        "variation": None if plan.varied is None else _plain(dataclasses.asdict(plan.varied.variation)),
    }


def _row_bytes(plan: Plan, wanted: Wanted) -> float:
    """What one row takes, with its weights, its target and its origin."""
    return plan.row_bytes(wanted) + 3 * 8 + 8 * _fit_weighted(plan)


def _fit_weighted(plan: Plan) -> bool:
    return any(part.training_weight is not None for part in plan.parts)


def _stream(plan: Plan, wanted: Wanted, targets: Sequence[str], only: list[Integers] | None, tell: Progress) -> Stream:
    size = disk.chunk_rows(_row_bytes(plan, wanted))
    return Stream(plan, wanted, size=size, targets=targets, only=only, progress=tell)


def _written(plan: Plan, wanted: Wanted, stream: Stream, folder: Path, tell: Progress) -> dict[str, Any]:
    names = [*wanted.columns, *wanted.expressions, _ENTRY, *([_WEIGHTS] if plan.weighted else [])]
    names += [_TRAINING] if _fit_weighted(plan) else []
    names += [_FILE] if len(plan.paths) > 1 else []
    names += [_SAMPLE] if plan.data.samples else []
    stacks = {
        name: disk.DiskStack(name, folder / f"{place:05d}", order(plan, name)) for place, name in enumerate(names)
    }
    rows = 0
    for piece in stream:
        if not len(piece):
            continue
        rows += len(piece)
        columns = {**{name: _finite(raw) for name, raw in piece.columns.items()}, _ENTRY: Raw(piece.entry)}
        columns |= {} if piece.weights is None else {_WEIGHTS: Raw(piece.weights)}
        columns |= {} if piece.training_weights is None else {_TRAINING: Raw(piece.training_weights)}
        columns |= {_FILE: Raw(np.full(len(piece), piece.file, np.int32))}
        columns |= {_SAMPLE: Raw(np.full(len(piece), piece.sample, np.int16))}
        where = Path(str(plan.paths[piece.file])).name
        for name, stack in stacks.items():
            stack.add(columns[name], where)
    if not rows:
        raise nothing(stream, plan)
    described = []
    for stack in stacks.values():
        described.append(stack.joined())
        tell(1.0)
    return {
        "rows": rows,
        "columns": described,
        "cut_away": stream.cut_away,
        "unlabelled": stream.unlabelled,
        "odd": stream.odd,
    }


def _frame(plan: Plan, folder: Path, about: Mapping[str, Any]) -> Frame:
    columns = {column["name"]: disk.opened(folder, column) for column in about["columns"]}
    kept = (_ENTRY, _FILE, _SAMPLE, _WEIGHTS, _TRAINING)
    beside = {name: columns.pop(name).values for name in kept if name in columns}
    rows = about["rows"]
    return Frame(
        columns,
        {column.name: column for column in plan.listing.fields},
        tuple(part.listing for part in plan.parts),
        plan.paths,
        file=beside.get(_FILE, np.broadcast_to(np.int64(0), (rows,))),  # type: ignore[arg-type]
        entry=beside[_ENTRY],  # type: ignore[arg-type]
        sample=beside.get(_SAMPLE, np.zeros(0, np.int16)),  # type: ignore[arg-type]
        weights=beside.get(_WEIGHTS),  # type: ignore[arg-type]
        training_weights=beside.get(_TRAINING),  # type: ignore[arg-type]
        cut_away=about["cut_away"],
        unlabelled=about["unlabelled"],
        odd=about["odd"],
        notes=tuple(dict.fromkeys(note for part in plan.parts for note in part.listing.notes)),
    )


def _finite(raw: Raw) -> Raw:
    """Infinities count as missing; what finds them later would copy the whole column."""
    if raw.values.dtype.kind != "f" or not np.isinf(raw.values).any():
        return raw
    return dataclasses.replace(raw, values=np.where(np.isinf(raw.values), np.nan, raw.values).astype(raw.values.dtype))


def _plain(value: Any) -> Any:
    """Tuples as lists, as JSON gives them back."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
