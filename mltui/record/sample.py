"""The raw rows of a run's sample, written once when it starts, and found again among its final predictions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.sample import Sample, SampleRows
from mltui.core.snapshot import Scores
from mltui.core.table import Column, Integers
from mltui.record.arrays import load_arrays, save_arrays
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions
from mltui.record.snapshots import sound_surface

LARGEST = 1 << 26


def write_sample(folder: RunFolder, sample: Sample) -> None:
    """Replace a run's sample.

    Raises:
        OSError: where it cannot be written; an old one then stands.
    """
    save_arrays(folder.sample, sample.arrays(), sync=False)


def read_sample(folder: RunFolder) -> Sample | None:
    """A run's sample, or None where there is none whose arrays fit together."""
    try:
        sample = Sample.read(load_arrays(folder.sample, limit=LARGEST))
        sound = _sound(sample)
    except (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None
    return sample if sound else None


def scored(sample: Sample, parts: Mapping[str, Scores]) -> dict[str, Scores]:
    """Of the scores of a snapshot those that are of the sample's rows, by part.

    With folds the live pictures of later models are of other rows, which are told by their targets and weights.
    """
    return {
        part: scores
        for part, scores in parts.items()
        if part in sample.parts
        and np.array_equal(scores.target, sample.parts[part].target)
        and np.array_equal(scores.weights, sample.parts[part].weights)
    }


def scored_at_last(sample: Sample, parts: Mapping[str, PartPredictions]) -> dict[str, Scores]:
    """Of the final predictions those of the sample's rows in their order, found by file and entry.

    A part of which a row is not among the predictions is left out.
    """
    found: dict[str, Scores] = {}
    for part, rows in sample.parts.items():
        if part in parts:
            places = _places(rows, parts[part])
            if places is not None:
                found[part] = parts[part].scores.take(places)
    return scored(sample, found)


def _places(rows: SampleRows, among: PartPredictions) -> Integers | None:
    """Where each row is among the predictions."""
    order = np.lexsort((among.entry, among.file))
    kept = np.rec.fromarrays([among.file[order], among.entry[order]])
    wanted = np.rec.fromarrays([rows.file, rows.entry])
    at = np.minimum(np.searchsorted(kept, wanted), max(0, len(order) - 1))
    if not len(order) or not np.array_equal(kept[at], wanted):
        return None
    return np.asarray(order[at], np.int64)


def _sound(sample: Sample) -> bool:
    """Whether the arrays fit together, so that whoever draws them need not ask."""
    return (
        len({column.name for column in sample.columns}) == len(sample.columns)
        and 0 <= sample.features <= len(sample.columns)
        and sample.left_out >= 0
        and len(sample.trees) in (0, len(sample.files))
        and (sample.truth is None or sound_surface(sample.truth))
        and all(np.isfinite(sample.scale))
        and all(_sound_rows(sample, rows) for rows in sample.parts.values())
    )


def _sound_rows(sample: Sample, rows: SampleRows) -> bool:
    count = rows.target.shape[0] if rows.target.ndim in (1, 2) else -1
    targets = rows.target.shape[1:]
    return (
        {rows.weights.shape, rows.file.shape, rows.entry.shape} == {(count,)}
        and rows.target.dtype.kind in "biuf"
        and targets == ((len(sample.targets),) if sample.targets else ())
        and _within(rows.file, len(sample.files))
        and (
            rows.process.shape == (0,)
            or (rows.process.shape == (count,) and _within(rows.process, len(sample.processes)))
        )
        and _sound_pixels(sample, rows, count)
        and all(_sound_values(column, rows.values[column.name], count) for column in sample.columns)
        and (not sample.classes or _within(rows.target, len(sample.classes)))
    )


def _sound_pixels(sample: Sample, rows: SampleRows, count: int) -> bool:
    if rows.pixels is None or sample.image is None:
        return rows.pixels is None and sample.image is None
    sides = {part.pixels.shape[1:] for part in sample.parts.values() if part.pixels is not None}
    known, *shape = rows.pixels.shape
    return rows.pixels.dtype == np.uint8 and len(sides) == 1 and known == count and len(shape) in (1, 2) and all(shape)


def _sound_values(column: Column, values: NDArray[np.generic], count: int) -> bool:
    whole = values.dtype.kind in "biu"
    if values.shape != (count,) or not (whole or values.dtype.kind == "f"):
        return False
    return not column.categories or (whole and _within(values, len(column.categories), low=-1))


def _within(codes: NDArray[np.generic], count: int, low: int = 0) -> bool:
    if codes.dtype.kind not in "biu":
        return False
    numbers = codes.astype(np.int64)
    return not len(numbers) or bool(low <= numbers.min() and numbers.max() < count)
