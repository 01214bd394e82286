"""Which file each input's scores are written into, and what its columns are called."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from mltui.core.errors import InputError
from mltui.core.prediction import Format
from mltui.data.readers.raw import Reader

FOLD = "fold"
SCORE, PREDICTION = "score", "prediction"
_LIKE: dict[str, Format] = {"ROOT": "root", "text": "csv", "Parquet": "parquet"}
"""By the format of the input, that of the output where none is asked for; Parquet where it is another."""


@dataclass(frozen=True)
class Columns:
    """The columns of an output.

    Attributes:
        scores: one of scores or predictions, or for many classes or several targets one for each, in their order.
        classes: what each of them is the score of; None for a regression's values.
        folds: whether there is a column of the fold whose model scored the row.
    """

    scores: tuple[str, ...]
    classes: tuple[str, ...] | None
    folds: bool

    @classmethod
    def of(cls, classes: Sequence[str], folds: bool, targets: Sequence[str] = ()) -> Columns:
        """For two classes `score`, of the positive one; for many `score_<class>`.

        For a regression `prediction`, of several targets `prediction_<target>`.
        """
        if not classes:
            return cls(_called(PREDICTION, targets) if targets else (PREDICTION,), None, folds)
        if len(classes) == 2:
            return cls((SCORE,), (classes[1],), folds)
        return cls(_called(SCORE, classes), tuple(classes), folds)

    @property
    def types(self) -> dict[str, np.dtype[np.float64] | np.dtype[np.int32]]:
        """Each column's type, in order."""
        scores = dict.fromkeys(self.scores, np.dtype(np.float64))
        return {**scores, FOLD: np.dtype(np.int32)} if self.folds else {**scores}

    def document(self) -> dict[str, Any]:
        """As a report has it."""
        classes = self.classes or [None] * len(self.scores)
        scores = [{"name": name, "class": label} for name, label in zip(self.scores, classes, strict=True)]
        return {"scores": scores, "fold": FOLD if self.folds else None}


def _called(what: str, of: Sequence[str]) -> tuple[str, ...]:
    """A name for each of several columns."""
    names: list[str] = []
    for each in of:
        name = f"{what}_{re.sub('[^A-Za-z0-9_]', '_', each)}"  # any other sign ends a branch's name in ROOT
        while name in names:
            name += "_"
        names.append(name)
    return tuple(names)


def format_like(reader: Reader) -> Format:
    """The format that answers an input of a format."""
    return _LIKE.get(reader.name, "parquet")


def placed(inputs: Sequence[Path | str], readers: Sequence[Reader], formats: Sequence[Format], out: Path) -> list[Path]:
    """Where each input's output goes: under the input's own name, with the ending of its format.

    Where that would put two into one file, the ending of the input's name stays in it; where that is not enough, the
    folders below the one that all inputs share are made in `out` too.

    Raises:
        InputError: where an output is there already, or `out` is a file.
    """
    names = [PurePosixPath(str(path)).name for path in inputs]
    stems = [_stem(name, reader) for name, reader in zip(names, readers, strict=True)]
    below = _below(inputs)
    for folders, of in (([""] * len(names), stems), ([""] * len(names), names), (below, stems), (below, names)):
        found = [out / at / f"{name}.{ending}" for at, name, ending in zip(folders, of, formats, strict=True)]
        if len(set(found)) == len(found):
            break
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out} is a file; it must be a folder")
    there = [path for path in found if os.path.lexists(path)]
    if there:
        more = f", and {len(there) - 1} more are" if len(there) > 1 else ""
        raise InputError(
            f"{there[0]} is already there{more}; nothing is overwritten: remove it, or name another folder with --out"
        )
    return found


def _stem(name: str, reader: Reader) -> str:
    endings = sorted((end for end in reader.endings if name.lower().endswith(end)), key=len)
    return (name[: -len(endings[-1])] if endings else PurePosixPath(name).stem) or name


def _below(inputs: Sequence[Path | str]) -> list[str]:
    """The folder of each input, relative to the one that all share."""
    folders = [os.path.dirname(str(path).partition("://")[2] or str(path)) for path in inputs]
    rooted = [os.path.normpath(f"/{folder}") for folder in folders]
    shared = os.path.commonpath(rooted)
    return [os.path.relpath(folder, shared) for folder in rooted]
