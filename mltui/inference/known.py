"""Which rows of a file a run knows already: those that it trained on, judged by, or has sealed away."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.table import Integers
from mltui.inference.members import NEW, SEALED
from mltui.record.arrays import Arrays, load_arrays
from mltui.record.folder import RunFolder
from mltui.record.predictions import LARGEST, UNSCORED

PARTS = ("train", "validation", "test")
_PLACES = ("file", "entry", "fold")
_NAMES = ("files", "trees", "classes", "targets")


@dataclass(frozen=True)
class FileRows:
    """The rows of one file that a run knows.

    Attributes:
        entry: shape (rows,), their numbers in the file, sorted.
        part: shape (rows,), index into PARTS. holder: shape (rows,), as `Members.score` wants `known`.
        rest: the part that all other rows of the file may be in; None where they are in none.
    """

    entry: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    part: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    holder: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    rest: int | None = None

    def of(self, entry: Integers) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        """The part (-1 for none) and the holder of each of these rows."""
        unknown = -1 if self.rest is None else self.rest
        part = np.full(len(entry), unknown, np.int8)
        holder = np.full(len(entry), NEW if self.rest is None else SEALED, np.int16)
        if len(self.entry):
            place = np.minimum(np.searchsorted(self.entry, entry), len(self.entry) - 1)
            found = self.entry[place] == entry
            part[found], holder[found] = self.part[place[found]], self.holder[place[found]]
        return part, holder

    @property
    def tested(self) -> bool:
        """Whether rows of the test part are among them, or may be."""
        return self.rest is not None or bool(np.any(self.part == PARTS.index("test")))


@dataclass(frozen=True)
class Known:
    """What a run's folder says of the rows behind it.

    Attributes:
        files: that its rows came from. trees: the tree in each, where samples name any.
        classes: the labels; none for regression. targets: the names of several targets; none for one alone.
        sealed: whether its test part has not been opened.
    """

    folder: RunFolder
    experiment: Experiment
    files: tuple[str, ...]
    trees: tuple[str, ...]
    classes: tuple[str, ...]
    targets: tuple[str, ...]
    sealed: bool
    _untold: bool
    _places: dict[str, Arrays] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, folder: RunFolder, asked: Experiment) -> Known:
        """Read what the run wrote beside its scores.

        Raises:
            InputError: where that is not there or damaged.
        """
        names: set[str] = set()

        def wanted(name: str) -> bool:
            names.add(name)
            return name in _NAMES

        arrays = _load(folder, wanted)
        rows = asked.resolved.get("rows")
        tested = isinstance(rows, Mapping) and bool(rows.get("test"))
        files, trees, classes, targets = (tuple(str(value) for value in arrays.get(name, ())) for name in _NAMES)
        untold = tested and "test/entry" not in names
        return cls(folder, asked, files, trees, classes, targets, "test/scores" not in names, untold)

    def rows(self, path: Path | str, tree: str | None) -> FileRows:
        """The rows of a file that the run knows; a file is known by its content, wherever it lies.

        Those of a catalogue dataset are known by its name; whoever asks sees that they are the same ones.

        Args:
            tree: which of the file's trees is read, where one is named.

        Raises:
            InputError: where the file, or what the run wrote of its rows, cannot be read.
        """
        same = [at for at in self._same(path) if self._same_tree(at, tree)]
        if not same:
            return FileRows()
        places = self._read_places()
        folds = self.experiment.split.folds is not None
        named = (UNSCORED, *(part for part in PARTS if not (folds and part == "train")))
        parts = [part for part in named if f"{part}/entry" in places]
        found = [self._of(places, part, same) for part in reversed(parts)]  # a row of both counts as sealed
        entry = np.concatenate([one.entry for one in found]) if found else np.zeros(0, np.int64)
        _, first = np.unique(entry, return_index=True)
        rest = PARTS.index("test") if self._untold else None
        if not found:
            return FileRows(rest=rest)
        part, holder = (np.concatenate([getattr(one, name) for one in found]) for name in ("part", "holder"))
        return FileRows(entry[first], part[first], holder[first], rest)

    def _of(self, places: Arrays, part: str, same: Sequence[int]) -> FileRows:
        chosen = np.isin(places[f"{part}/file"], same)
        entry = places[f"{part}/entry"][chosen].astype(np.int64)
        holder = np.full(len(entry), SEALED if part == "test" else 0, np.int16)
        if part != "test" and f"{part}/fold" in places:
            holder = places[f"{part}/fold"][chosen].astype(np.int16)
        at = PARTS.index("validation" if part == UNSCORED else part)
        return FileRows(entry, np.full(len(entry), at, np.int8), holder)

    def _read_places(self) -> Arrays:
        if "all" not in self._places:
            places = _load(self.folder, lambda name: name.rpartition("/")[2] in _PLACES)
            shapes = {name: array.shape for name, array in places.items()}
            if any(shape != shapes.get(f"{name.rpartition('/')[0]}/file") for name, shape in shapes.items()):
                raise InputError(
                    f"{self.folder.predictions} cannot be used: its rows and their files do not fit together"
                )
            self._places["all"] = places
        return self._places["all"]

    def _same(self, path: Path | str) -> list[int]:
        """The run's files with the content of this one, by their index."""
        if self.experiment.data.dataset is not None:
            return [at for at, name in enumerate(self.files) if name == str(path) and not Path(path).is_file()]
        recorded = [entry for entry in self.experiment.resolved.get("files", ()) if isinstance(entry, Mapping)]
        names = {str(entry.get("path")) for entry in _alike(path, recorded)}
        return [at for at, name in enumerate(self.files) if name in names]

    def _same_tree(self, at: int, tree: str | None) -> bool:
        known = self.trees[at] if at < len(self.trees) else self.experiment.data.tree
        return not known or not tree or known == tree


def _alike(path: Path | str, recorded: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The recorded files with the content of this one: by sha256, or by size and time of change where they are large.

    One that is no longer there is known by its name.

    Raises:
        InputError: where the file cannot be read.
    """
    if isinstance(path, str) or not path.exists():
        name = path if isinstance(path, str) else os.path.abspath(path)
        return [entry for entry in recorded if entry.get("path") == name]
    try:
        found = path.stat()
        sized = [entry for entry in recorded if entry.get("bytes") == found.st_size]
        digest = ""
        if any("sha256" in entry for entry in sized):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", key="data.files") from None
    return [entry for entry in sized if entry.get("sha256", digest) == digest and _of_time(entry, found.st_mtime)]


def _of_time(entry: Mapping[str, Any], modified: float) -> bool:
    return "sha256" in entry or bool(entry.get("modified") == modified)


def _load(folder: RunFolder, wanted: Any) -> Arrays:
    try:
        return load_arrays(folder.predictions, limit=LARGEST, wanted=wanted)
    except FileNotFoundError:
        raise InputError(f"run {folder.id} has no {folder.predictions.name}; only a run that is over has one") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{folder.predictions} cannot be used as a run's predictions: {error}") from None
