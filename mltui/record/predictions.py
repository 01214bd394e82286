"""What the kept models say of every row of the opened parts, with each row's origin, and which rows are sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.snapshot import Scores
from mltui.core.table import Integers
from mltui.record.arrays import Arrays, load_arrays, write_arrays
from mltui.record.folder import RunFolder
from mltui.record.snapshots import sound_scores

LARGEST = 1 << 33
UNSCORED = "unscored"
"""Among the names of parts, those rows of the folds whose model a stop came before."""


@dataclass(frozen=True)
class PartPredictions:
    """One part's scores and where its rows came from.

    Attributes:
        scores: target, scores and weights.
        file: shape (rows,), index into the files of `Predictions`.
        entry: shape (rows,), the row's number in its file, from 0.
        fold: shape (rows,), the fold that holds the row out, from 0; None where the run has no folds.
        seeds: shape (rows, seeds), what each of several models of two classes says, of which the scores are the mean;
            None where there is one model, or that would be too much.
    """

    scores: Scores
    file: Integers
    entry: Integers
    fold: NDArray[np.integer] | None = None
    seeds: NDArray[np.floating] | None = None

    def __len__(self) -> int:
        return len(self.entry)


@dataclass(frozen=True)
class Places:
    """Which rows a part without scores has, and nothing else of them; all is as `PartPredictions` has it."""

    file: Integers
    entry: Integers
    fold: NDArray[np.integer] | None = None

    def __len__(self) -> int:
        return len(self.entry)


@dataclass(frozen=True)
class Predictions:
    """The predictions of a run.

    Attributes:
        parts: the scored parts by name.
        files: that rows came from.
        classes: their labels; none for regression.
        processes: what the scores' process is an index into; none where the data name none.
        sealed: the rows of the parts that have not been opened, by name.
        trees: the tree in each of the files, where samples name any; else none.
        targets: the names of several targets; none for one alone.
        unscored: with folds, the rows that no model has held out since a stop came before it; None: none.
    """

    parts: Mapping[str, PartPredictions]
    files: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    sealed: Mapping[str, Places] = field(default_factory=dict)
    trees: tuple[str, ...] = ()
    unscored: Places | None = None
    targets: tuple[str, ...] = ()


def write_predictions(folder: RunFolder, predictions: Predictions) -> None:
    """Replace a run's predictions, piece by piece: the arrays may be larger than memory.

    Raises:
        OSError: where they cannot be written; the old ones then stand.
    """
    arrays = _named(predictions)
    for part, rows in predictions.parts.items():
        arrays |= _of_part(part, rows)
    for part, places in predictions.sealed.items():
        arrays |= _of_places(part, places)
    if predictions.unscored is not None:
        arrays |= _of_places(UNSCORED, predictions.unscored)
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
        "processes": np.array(predictions.processes, dtype=np.str_),
        "trees": np.array(predictions.trees, dtype=np.str_),
        "targets": np.array(predictions.targets, dtype=np.str_),
    }


def _of_part(part: str, rows: PartPredictions) -> Arrays:
    seeds = {} if rows.seeds is None else {f"{part}/seeds": rows.seeds}
    return {**rows.scores.arrays(part), **_of_places(part, rows), **seeds}


def _of_places(part: str, rows: PartPredictions | Places) -> Arrays:
    fold = {} if rows.fold is None else {f"{part}/fold": rows.fold}
    return {f"{part}/file": rows.file, f"{part}/entry": rows.entry, **fold}


def read_predictions(folder: RunFolder, only: Sequence[str] | None = None) -> Predictions | None:
    """A run's predictions, or None where it has none yet.

    Args:
        only: the parts to read, where they are there; None: all.

    Raises:
        InputError: where the file is damaged or not one that mltui wrote.
    """
    try:
        arrays = load_arrays(folder.predictions, limit=LARGEST, wanted=_wanted(only))
        parts = sorted({name.rpartition("/")[0] for name in arrays if "/" in name})
        processes = tuple(str(name) for name in arrays.get("processes", ()))
        return Predictions(
            {part: _part(arrays, part, len(processes)) for part in parts if _is_open(arrays, part)},
            tuple(str(name) for name in arrays["files"]),
            tuple(str(label) for label in arrays["classes"]),
            processes,
            {part: _places(arrays, part) for part in parts if part != UNSCORED and not _is_open(arrays, part)},
            tuple(str(name) for name in arrays.get("trees", ())),
            _places(arrays, UNSCORED) if UNSCORED in parts else None,
            tuple(str(name) for name in arrays.get("targets", ())),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{folder.predictions} cannot be used as a run's predictions: {error}") from None


def _wanted(only: Sequence[str] | None) -> Callable[[str], bool]:
    return lambda name: only is None or "/" not in name or name.rpartition("/")[0] in only


def _is_open(arrays: Arrays, part: str) -> bool:
    """Whether a part holds more than the rows' places."""
    return any(f"{part}/{name}" in arrays for name in ("scores", "target", "weights"))


def _part(arrays: Arrays, part: str, processes: int) -> PartPredictions:
    scores, places = Scores.read(arrays, part), _places(arrays, part)
    if not sound_scores(scores) or places.file.shape != scores.weights.shape:
        raise ValueError(f"the arrays of {part} do not fit together")
    if len(scores.process) and not 0 <= scores.process.min() <= scores.process.max() < processes:
        raise ValueError(f"{part} has rows of a process without a name")
    seeds = arrays.get(f"{part}/seeds")
    if seeds is not None and (seeds.ndim != 2 or len(seeds) != len(scores)):
        raise ValueError(f"the arrays of {part} do not fit together")
    each = None if seeds is None else seeds.astype(np.float64)
    return PartPredictions(scores, places.file, places.entry, places.fold, each)


def _places(arrays: Arrays, part: str) -> Places:
    file, entry = (arrays[f"{part}/{name}"].astype(np.int64) for name in ("file", "entry"))
    fold = arrays.get(f"{part}/fold")
    if file.ndim != 1 or file.shape != entry.shape or (fold is not None and fold.shape != file.shape):
        raise ValueError(f"the arrays of {part} do not fit together")
    return Places(file, entry, None if fold is None else fold.astype(np.int64))
