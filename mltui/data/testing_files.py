"""The files that split.test_files keep for the test part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError, nearest
from mltui.core.sections import Split
from mltui.core.table import Table
from mltui.data.division import Rows, chunks, row_type
from mltui.data.files import found
from mltui.data.grouping import Groups


@dataclass(frozen=True)
class Fixed:
    """What the test files leave.

    Attributes:
        test: their rows.
        free: shape (rows,), which rows the shares divide.
        notes: sentences for the user.
    """

    test: Rows
    free: NDArray[np.bool_]
    notes: tuple[str, ...] = ()


def chosen(table: Table, spec: Split, folder: Path, groups: Groups | None) -> Fixed | None:
    """The rows of the test files; None where none is named.

    Rows of other files that are in one group with rows of these are left out, and a note says how many.

    Raises:
        InputError: for a file that is not among the data's, or has no row left, and where no other row is left.
    """
    if not spec.test_files:
        return None
    named = {str(path): path for path in found(spec.test_files, folder, "split.test_files")}
    for path in named:
        if path not in table.files:
            known = nearest(PurePath(path).name, {PurePath(name).name for name in table.files})
            raise InputError(f"{PurePath(path).name} is not among the data's files; {known}", key="split.test_files")
    of_test = np.array([name in named for name in table.files], np.bool_)
    rows = [part.start + np.flatnonzero(of_test[table.file[part]]) for part in chunks(len(table))]
    test = np.concatenate(rows).astype(row_type(len(table)))
    free = np.ones(len(table), np.bool_)
    free[test] = False
    if not len(test) or not free.any():
        what = "no row of the test files is left" if not len(test) else "every row is of a test file"
        raise InputError(f"{what}; the test part and the others need rows", key="split.test_files")
    if groups is None or groups.said == "files":
        return Fixed(test, free)
    taken = np.zeros(groups.count, np.bool_)
    taken[groups.of[test]] = True
    shared = free & taken[groups.of]
    count = int(np.count_nonzero(shared))
    note = f"{count:,} rows of other files are in a group of {groups.said} with rows of the test files, and left out."
    return Fixed(test, free & ~shared, (note,) if count else ())
