"""What the kept model says of every row of the opened parts, with each row's origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mltui.core.errors import InputError
from mltui.core.snapshot import Scores
from mltui.core.table import Integers
from mltui.record.arrays import Arrays, load_arrays, write_arrays
from mltui.record.folder import RunFolder
from mltui.record.snapshots import sound_scores

LARGEST = 1 << 33


@dataclass(frozen=True)
class PartPredictions:
    """One part's scores and where its rows came from.

    Attributes:
        scores: target, scores and weights.
        file: shape (rows,), index into the files of `Predictions`.
        entry: shape (rows,), the row's number in its file, from 0.
    """

    scores: Scores
    file: Integers
    entry: Integers


@dataclass(frozen=True)
class Predictions:
    """The scored parts by name, the files that rows came from, and the class labels (none for regression)."""

    parts: Mapping[str, PartPredictions]
    files: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def write_predictions(folder: RunFolder, predictions: Predictions) -> None:
    """Replace a run's predictions, piece by piece: the arrays may be larger than memory.

    Raises:
        OSError: where they cannot be written; the old ones then stand.
    """
    arrays = _named(predictions)
    for part, rows in predictions.parts.items():
        arrays |= _of_part(part, rows)
    write_arrays(folder.predictions, arrays)


def add_predictions(folder: RunFolder, part: str, rows: PartPredictions, others: Predictions) -> None:
    """Put one more part, or another version of it, beside a run's predictions.

    Args:
        others: files and classes, for a run that has none yet.

    Raises:
        OSError: where they cannot be written; the old ones then stand.
        InputError: where the old ones are damaged.
    """
    try:
        write_arrays(
            folder.predictions,
            {**_named(others), **_of_part(part, rows)},
            keep=lambda name: "/" in name and not name.startswith(f"{part}/"),
        )
    except ValueError as error:
        raise InputError(f"{folder.predictions} cannot be used as a run's predictions: {error}") from None


def _named(predictions: Predictions) -> Arrays:
    return {
        "files": np.array(predictions.files, dtype=np.str_),
        "classes": np.array(predictions.classes, dtype=np.str_),
    }


def _of_part(part: str, rows: PartPredictions) -> Arrays:
    return {
        **rows.scores.arrays(part),
        f"{part}/file": rows.file,
        f"{part}/entry": rows.entry,
    }


def read_predictions(folder: RunFolder, only: Sequence[str] | None = None) -> Predictions | None:
    """A run's predictions, or None where it has none yet.

    Args:
        only: the parts to read, where they are there; None: all.

    Raises:
        InputError: where the file is damaged or not one that mltui wrote.
    """
    try:
        arrays = load_arrays(folder.predictions, limit=LARGEST, wanted=_wanted(only))
        parts = {name.rpartition("/")[0] for name in arrays if "/" in name}
        return Predictions(
            {part: _part(arrays, part) for part in sorted(parts)},
            tuple(str(name) for name in arrays["files"]),
            tuple(str(label) for label in arrays["classes"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{folder.predictions} cannot be used as a run's predictions: {error}") from None


def _wanted(only: Sequence[str] | None) -> Callable[[str], bool]:
    return lambda name: only is None or "/" not in name or name.rpartition("/")[0] in only


def _part(arrays: Arrays, part: str) -> PartPredictions:
    scores = Scores.read(arrays, part)
    file = arrays[f"{part}/file"].astype(np.int64)
    entry = arrays[f"{part}/entry"].astype(np.int64)
    if not sound_scores(scores) or file.shape != entry.shape or file.shape != scores.target.shape:
        raise ValueError(f"the arrays of {part} do not fit together")
    return PartPredictions(scores, file, entry)
