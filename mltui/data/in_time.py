"""Divides rows by their time: train the earliest, then validation, test the latest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.sections import PARTS, Part, Split
from mltui.core.table import Table
from mltui.data.division import Rows, row_type
from mltui.data.where_from import where_from


def divided(table: Table, spec: Split, free: NDArray[np.bool_] | None) -> dict[Part, Rows]:
    """The rows of each part, in time order; rows of one time are never divided.

    Rows left unused are the earliest.

    Args:
        free: shape (rows,), which rows are to be divided; None: all.

    Raises:
        InputError: for a row without a time, and where there are fewer times than parts.
    """
    assert spec.column is not None
    rows = np.arange(len(table)) if free is None else np.flatnonzero(free)
    times = table.others[spec.column][rows]
    _check_known(table, spec.column, rows, times)
    order = np.argsort(times, kind="stable")
    rows, times = rows[order].astype(row_type(len(table))), times[order]
    begins = np.append(np.flatnonzero(np.append(True, times[1:] != times[:-1])[: len(times)]), len(times))
    shares = np.array([spec.train, spec.validation, spec.test])
    ends = _ends(begins, np.append(max(0.0, 1 - shares.sum()), shares), spec.column)
    pieces = np.split(rows, ends[:-1])[1:]
    return dict(zip(PARTS, pieces, strict=True))


def notes(table: Table, spec: Split, parts: Mapping[Part, Rows]) -> tuple[str, ...]:
    """A sentence where the split goes by time, and rows of given test files are not later than all others."""
    if spec.by != "time" or spec.column is None:
        return ()
    times: NDArray[Any] = table.others[spec.column]
    known = np.concatenate([times[parts["train"]], times[parts["validation"]]])
    early = int(np.count_nonzero(times[parts["test"]] <= known.max()))
    of_test = f"{early:,} of the {len(parts['test']):,} rows of the test files"
    return (f"{of_test} are, by {spec.column}, no later than all others.",) if early else ()


def _check_known(table: Table, column: str, rows: Rows, times: NDArray[np.generic]) -> None:
    unknown = np.flatnonzero(~np.isfinite(times)) if times.dtype.kind == "f" else np.zeros(0, np.int64)
    if len(unknown):
        count = f"{len(unknown):,} rows have" if len(unknown) > 1 else "1 row has"
        raise InputError(
            f"{count} no time in {column}, the first {where_from(table, int(rows[unknown[0]]))}; "
            'leave such rows out by a cut, as in data.cut = "~ismissing(…)"',
            key="split.column",
        )


def _ends(begins: NDArray[np.int64], shares: NDArray[np.float64], column: str) -> NDArray[np.int64]:
    """Where each share ends, the unused one first: at the change of time nearest to its exact end.

    Args:
        begins: where each time begins, and at last the number of rows.
    """
    needed = np.append(False, shares[1:] > 0)
    times = len(begins) - 1
    if times < np.count_nonzero(needed):
        parts = ", ".join(part for part, share in zip(PARTS, shares[1:], strict=True) if share > 0)
        found = f"is 1 time in {column}" if times == 1 else f"are {times} different times in {column}"
        raise InputError(f"there {found}, too few to give {parts} one each", key="split.column")
    exact = np.cumsum(shares) / shares.sum() * begins[-1]
    after = np.searchsorted(begins, exact - 1e-6)
    before = np.maximum(after - 1, 0)
    nearest = np.where(exact - begins[before] <= begins[np.minimum(after, times)] - exact, before, after)
    # every share that is not 0 has a time of its own, and leaves enough for those behind it
    places = np.zeros(len(shares), np.int64)
    for share in range(len(shares)):
        least = (places[share - 1] if share else 0) + needed[share]
        most = times - np.count_nonzero(needed[share + 1 :])
        places[share] = np.clip(nearest[share], least, most)
    return np.asarray(begins[places])
