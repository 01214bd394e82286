"""The raw rows behind the scores that snapshots hold: what of them is worth keeping, within bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.sample import Sample, SampleRows
from mltui.core.sections import Part
from mltui.core.table import Column, Table
from mltui.evaluation.images import brief, scale
from mltui.training.problem import Rows

MOST_BYTES = 16 << 20
"""What the values of all columns together take at most; those that no longer fit are left out."""
MOST_PIXELS = 8 << 20
"""Of the images of all rows, a byte each; larger ones are left out altogether."""


def sample_of(samples: Mapping[Part, Rows], sizes: Mapping[Part, int]) -> Sample:
    """The sample's rows with every scalar variable that there is room for: the features first, then what else was read;
    and the pixels of the first column of images or signals.

    Args:
        samples: of each part the rows that snapshots score.
        sizes: how many rows each part has.
    """
    table = next(iter(samples.values())).whole
    scalars = [(column, table.values[column.name]) for column in table.columns if column.kind != "image"]
    beside = [(Column(name), values) for name, values in table.others.items() if name not in table.values]
    image = next((column for column in table.columns if column.kind == "image"), None)
    pixels, ends = _pixels(samples, table.values[image.name]) if image is not None else ({}, (0.0, 1.0))
    kept = list(_that_fit([*scalars, *beside], sum(len(rows) for rows in samples.values())))
    features = set(table.features)
    columns = tuple(column for column, _ in kept)
    return Sample(
        columns,
        {
            part: _rows(rows, table, {column.name: values for column, values in kept}, sizes[part], pixels.get(part))
            for part, rows in samples.items()
        },
        features=sum(column.name in features for column in columns),
        left_out=len(table.columns) + len(beside) - len(columns) - bool(pixels),
        files=table.files,
        trees=table.trees,
        processes=table.processes,
        classes=table.classes,
        targets=tuple(column.name for column in table.targets),
        image=image if pixels else None,
        scale=ends,
    )


def _that_fit(
    columns: list[tuple[Column, NDArray[np.generic]]], rows: int
) -> Iterator[tuple[Column, NDArray[np.generic]]]:
    left = MOST_BYTES
    for column, values in columns:
        taken = rows * values.dtype.itemsize + 4 * len(column.categories) * max(map(len, column.categories), default=0)
        if taken <= left:
            left -= taken
            yield column, values


def _pixels(
    samples: Mapping[Part, Rows], values: NDArray[np.generic]
) -> tuple[dict[Part, NDArray[np.uint8]], tuple[float, float]]:
    """The images of each part, a byte a pixel, and the ends of their scale; none where there is no room for them."""
    first = brief(values[:1])
    if first.ndim not in (2, 3) or sum(len(rows) for rows in samples.values()) * first.size > MOST_PIXELS:
        return {}, (0.0, 1.0)
    small = {part: np.nan_to_num(brief(_of(rows, values)).astype(np.float64)) for part, rows in samples.items()}
    low, high = scale(np.concatenate([np.ravel(part) for part in small.values()]))
    shares = {part: np.clip((found - low) / (high - low), 0, 1) for part, found in small.items()}
    return {part: np.round(255 * share).astype(np.uint8) for part, share in shares.items()}, (low, high)


def _of(rows: Rows, column: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.array(column if rows.places is None else column[rows.places])


def _rows(
    rows: Rows,
    table: Table,
    values: Mapping[str, NDArray[np.generic]],
    whole: int,
    pixels: NDArray[np.uint8] | None,
) -> SampleRows:
    return SampleRows(
        {name: _of(rows, column) for name, column in values.items()},
        rows.target,
        rows.weights,
        rows.file,
        rows.entry,
        rows.process if table.processes else np.zeros(0, np.int16),
        whole,
        pixels,
    )
