"""What the entries of data.samples say of their rows: the class and the process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import Data
from mltui.data.readers.raw import Raw

TARGET = "class"
"""What the target is called where the samples' labels are it."""


def labelled(data: Data) -> bool:
    """Whether the samples say the classes."""
    return bool(data.samples) and data.target is None


def target(data: Data, sample: NDArray[np.integer]) -> Raw:
    """The class of each row as a text column, from the index of its sample; shape (rows,)."""
    labels = [entry.label or "" for entry in data.samples]
    classes = tuple(sorted(set(labels)))
    codes = np.array([classes.index(label) for label in labels], np.int32)
    return Raw(codes[sample], classes)


def processes(data: Data) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The processes in the order in which the samples name them, and each sample's index into them.

    A sample that names none is its label; without that, its first file's name.
    """
    named = [entry.process or entry.label or Path(entry.files[0]).stem for entry in data.samples]
    names = tuple(dict.fromkeys(named))
    return names, np.array([names.index(name) for name in named], np.int16)
