"""Tables to divide, and what must hold of every division."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.sections import PARTS, Split
from mltui.core.table import Column, Table
from mltui.data.division import Division
from mltui.data.split import split


def table_of(
    codes: Sequence[int] | NDArray[Any],
    others: Mapping[str, Sequence[Any] | NDArray[Any]] | None = None,
    *,
    file: Sequence[int] | NDArray[Any] = (),
    files: tuple[str, ...] = (),
) -> Table:
    """A table of classes a, b, … with the columns to split by."""
    target = np.asarray(codes, np.int64)
    return Table(
        (Column("x"),),
        {"x": np.arange(len(target)) * 1.0},
        "classification",
        target,
        "y",
        tuple("abcdefgh"[: int(target.max(initial=1)) + 1]),
        others={name: np.asarray(values) for name, values in (others or {}).items()},
        files=files,
        file=np.asarray(file, np.int64),
        entry=np.arange(len(file)),
    )


def regression(rows: int, others: Mapping[str, Any] | None = None) -> Table:
    """A table with numbers to learn."""
    values = {name: np.asarray(each) for name, each in (others or {}).items()}
    return Table(
        (Column("x"),), {"x": np.arange(rows) * 1.0}, "regression", np.linspace(0, 1, rows), "y", others=values
    )


def divided(table: Table, spec: Split, folder: Path = Path()) -> Division:
    """The division, once it is seen to be one: disjoint parts, the same again, and folds that make up the pool."""
    found, again = split(table, spec, folder), split(table, spec, folder)
    assert all(np.array_equal(found.parts[part], again.parts[part]) for part in PARTS)
    assert list(found.parts) == list(PARTS)
    everything = np.concatenate([found.parts[part] for part in PARTS])
    assert len(np.unique(everything)) == len(everything)
    assert set(everything.tolist()) <= set(range(len(table)))
    assert found.folds == (spec.folds or 1)
    assert set(found.pool.tolist()) == set(everything.tolist()) - set(found.parts["test"].tolist())
    assert (found.fold is None) == (spec.folds is None)
    if found.fold is not None:
        _check_folds(found)
    return found


def _check_folds(found: Division) -> None:
    assert found.fold is not None
    assert found.fold.shape == found.parts["train"].shape
    assert not len(found.parts["validation"])
    held_out = []
    for number in range(found.folds):
        member = found.member(number)
        assert set(member) == {"train", "validation"}
        assert not set(member["train"].tolist()) & set(member["validation"].tolist())
        assert len(member["train"]) + len(member["validation"]) == len(found.pool)
        assert len(member["train"])
        assert len(member["validation"])
        held_out += member["validation"].tolist()
    assert sorted(held_out) == sorted(found.pool.tolist())


def sides(found: Division) -> list[NDArray[Any]]:
    """The rows of everything that must not share a group: the test part, and each fold or both other parts."""
    if found.fold is None:
        return [found.parts[part] for part in PARTS]
    return [found.parts["test"], *(found.member(number)["validation"] for number in range(found.folds))]
