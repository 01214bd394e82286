"""Keeps rows of one group or of one file together: which group each row is in, and what part each group goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import Split
from mltui.core.table import Table
from mltui.data.division import Rows, chunks

Codes = NDArray[np.integer]


@dataclass(frozen=True)
class Groups:
    """Which rows stay together.

    Attributes:
        of: shape (rows,), the group of each row, from 0.
        count: how many there are.
        said: what they are called, such as "files"; key: of the experiment, that says so.
        notes: sentences for the user.
    """

    of: Codes
    count: int
    said: str
    key: str
    notes: tuple[str, ...] = ()

    def shared_out(
        self, table: Table, spec: Split, rows: Rows, shares: NDArray[np.float64], wanted: str, rng: np.random.Generator
    ) -> NDArray[np.int8]:
        """The share that each of these rows goes to, shape (len(rows),); len(shares) where it stays unused.

        Args:
            shares: above 0 those that get at least one group.
            wanted: what is to be given groups, for a sentence, such as "5 folds one each".

        Raises:
            InputError: where there are fewer groups than shares.
        """
        sizes = np.bincount(self.of[rows], minlength=self.count)
        there = np.flatnonzero(sizes)
        if len(there) < np.count_nonzero(shares):
            raise InputError(f"there {self._counted(len(there))}, too few to give {wanted}", key=self.key)
        strata = np.zeros(self.count, np.int64)
        if table.task == "classification" and spec.stratify:
            strata = _largest_class(table, rows, self.of, self.count)
        place = np.zeros(self.count, np.int8)
        place[there] = filled(sizes[there], strata[there], shares, rng)
        return np.asarray(place[self.of[rows]])

    def _counted(self, number: int) -> str:
        if self.said == "files":
            return "is 1 file" if number == 1 else f"are {number} files"
        return f"{'is 1 group' if number == 1 else f'are {number} groups'} of {self.said}"


def groups(table: Table, spec: Split) -> Groups | None:
    """The groups that the split must not divide; None where it divides by chance or time.

    A file named twice, for two of its trees, is one file. A row without a group is a group of its own, and a note
    says how many there are.
    """
    if spec.by == "file":
        return _by_file(table)
    if spec.by == "group" and spec.column is not None:
        return _by_value(table.others[spec.column], spec.column)
    return None


def _by_file(table: Table) -> Groups:
    paths = list(dict.fromkeys(table.files))
    number = np.array([paths.index(path) for path in table.files], np.int32)
    of = number[table.file] if len(table.file) else np.zeros(len(table), np.int32)
    return Groups(of, max(1, len(paths)), "files", "split.by")


def _by_value(values: NDArray[Any], column: str) -> Groups:
    unknown = ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros(len(values), np.bool_)
    known, of = np.unique(values, return_inverse=True)
    of = of.astype(np.int32 if len(values) < 1 << 31 else np.int64)
    alone = np.flatnonzero(unknown)
    of[alone] = len(known) + np.arange(len(alone), dtype=of.dtype)
    note = f"{len(alone):,} rows have no {column}; each of them is taken as a group of its own."
    return Groups(of, len(known) + len(alone), column, "split.column", (note,) if len(alone) else ())


def _largest_class(table: Table, rows: Rows, of: Codes, count: int) -> NDArray[np.int64]:
    """The class that most rows of each group are of, shape (count,)."""
    best, most = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for code in range(len(table.classes)):
        found = np.zeros(count, np.int64)
        for part in chunks(len(rows)):
            chosen = rows[part]
            found += np.bincount(of[chosen[table.target[chosen] == code]], minlength=count)
        best[found > most] = code
        np.maximum(most, found, out=most)
    return best


def filled(
    sizes: NDArray[np.integer], strata: NDArray[np.integer], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int8]:
    """The share that each group goes to, shape (groups,); len(shares) where it stays unused.

    In each stratum the groups, in random order, fill the shares one after the other; a group on the border of two
    goes to that which has more than half of its rows. What a stratum gave a share too much or too little the next one,
    which is larger, makes good. Then each share that has none is given a group.

    Args:
        sizes: how many rows each group has; at least as many groups as shares above 0.
        strata: what each group is of, such as its class.
    """
    wanted = np.append(shares, max(0.0, 1 - shares.sum()))
    place = np.zeros(len(sizes), np.int8)
    owed = np.zeros(len(wanted))
    rows = np.bincount(strata, weights=sizes)
    for stratum in np.argsort(rows, kind="stable"):
        members = np.flatnonzero(strata == stratum)
        if not len(members):
            continue
        rng.shuffle(members)
        due = wanted * rows[stratum] + owed
        ends = np.cumsum(np.maximum(due, 0))
        ends *= rows[stratum] / ends[-1]
        middles = np.cumsum(sizes[members]) - sizes[members] / 2
        place[members] = np.searchsorted(ends[:-1], middles, side="right")
        owed = due - np.bincount(place[members], weights=sizes[members], minlength=len(wanted))
    return _each_one(place, sizes, wanted, len(shares))


def _each_one(
    place: NDArray[np.int8], sizes: NDArray[np.integer], wanted: NDArray[np.float64], shares: int
) -> NDArray[np.int8]:
    """Give each share above 0 that has no group one of the share that can best do without."""
    needed = wanted > 0
    needed[shares:] = False
    for empty in np.flatnonzero(needed):
        groups = np.bincount(place, minlength=len(wanted))
        if groups[empty]:
            continue
        over = np.bincount(place, weights=sizes, minlength=len(wanted)) - wanted * sizes.sum()
        donor = int(np.argmax(np.where(groups > needed, over, -np.inf)))
        members = np.flatnonzero(place == donor)
        fits = np.argmin(np.abs(sizes[members] - wanted[empty] * sizes.sum()))
        place[members[fits]] = empty
    return place
