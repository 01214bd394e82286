"""What the kept model says of every row of the opened parts, with each row's origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mltui.core.errors import InputError
from mltui.core.snapshot import Scores
from mltui.core.table import Integers
from mltui.record.arrays import Arrays, load_arrays, save_arrays
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
    """Replace a run's predictions.

    Raises:
        OSError: where they cannot be written; the old ones then stand.
    """
    arrays: Arrays = {
        "files": np.array(predictions.files, dtype=np.str_),
        "classes": np.array(predictions.classes, dtype=np.str_),
    }
    for part, rows in predictions.parts.items():
        arrays |= {
            f"{part}/target": rows.scores.target,
            f"{part}/scores": rows.scores.scores,
            f"{part}/weights": rows.scores.weights,
            f"{part}/file": rows.file,
            f"{part}/entry": rows.entry,
        }
    save_arrays(folder.predictions, arrays)


def read_predictions(folder: RunFolder) -> Predictions | None:
    """A run's predictions, or None where it has none yet.

    Raises:
        InputError: where the file is damaged or not one that mltui wrote.
    """
    try:
        arrays = load_arrays(folder.predictions, limit=LARGEST)
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


def _part(arrays: Arrays, part: str) -> PartPredictions:
    scores = Scores(
        arrays[f"{part}/target"],
        arrays[f"{part}/scores"].astype(np.float64),
        arrays[f"{part}/weights"].astype(np.float64),
    )
    file = arrays[f"{part}/file"].astype(np.int64)
    entry = arrays[f"{part}/entry"].astype(np.int64)
    if not sound_scores(scores) or file.shape != entry.shape or file.shape != scores.target.shape:
        raise ValueError(f"the arrays of {part} do not fit together")
    return PartPredictions(scores, file, entry)
