"""Which process each row comes from: as the samples say, or a column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.data import samples
from mltui.data.beside import PROCESS
from mltui.data.frame import Frame
from mltui.data.target import MOST_CLASSES, labels_of


def by_row(frame: Frame, data: Data) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The names of the processes and each row's index into them, shape (rows,); both empty where nothing says them.

    Raises:
        InputError: where the column of data.process lacks a value in some row, or has too many.
    """
    if data.samples:
        names, of = samples.processes(data)
        return names, of[frame.sample]
    if data.process is None:
        return (), np.zeros(0, np.int16)
    raw = frame.columns[data.process]
    names, codes = labels_of(raw)
    if len(names) > MOST_CLASSES:
        raise InputError(
            f"the process {data.process} has more than {MOST_CLASSES} different values, too many to tell apart",
            key=PROCESS,
        )
    if missing := int(np.count_nonzero(codes < 0)):
        raise InputError(
            f"the process {data.process} has no value in {missing:,} of {len(codes):,} rows; a cut can leave them out",
            key=PROCESS,
        )
    return names, codes.astype(np.int16)


def renumbered(names: tuple[str, ...], process: NDArray[np.integer], known: tuple[str, ...]) -> NDArray[np.integer]:
    """Each row's index into names that are known already.

    Raises:
        InputError: for a process that is none of them.
    """
    strange = [name for name in names if name not in known]
    if strange:
        raise InputError(
            f"the process {strange[0]!r} is none of those without the variation ({', '.join(known[:5])})", key=PROCESS
        )
    return np.array([known.index(name) for name in names], np.int16)[process] if names else process
