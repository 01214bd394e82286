"""Small tables for the tests of preprocessing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mltui.core.table import Column, Floats, Table

MIXED = (Column("a"), Column("kind", "category", categories=("x", "y", "z")), Column("b"))
EVERY_KIND = (
    Column("a"), Column("k", "category", categories=("x", "y", "z")), Column("b"),
    Column("o", "ordered", categories=("low", "middle", "high")), Column("image", "image", shape=(3, 2)),
)  # fmt: skip


def numbers(matrix: Floats) -> Table:
    columns = tuple(Column(f"n{i}") for i in range(matrix.shape[1]))
    values = {f"n{i}": matrix[:, i] for i in range(matrix.shape[1])}
    return Table(columns, values, "regression", np.zeros(len(matrix)), "y")


def mixed(codes: list[int], categories: tuple[str, ...] = ("x", "y", "z")) -> Table:
    rows = len(codes)
    columns = (MIXED[0], replace(MIXED[1], categories=categories), MIXED[2])
    values = {"a": np.arange(rows) * 1.0, "kind": np.array(codes), "b": np.ones(rows)}
    places = np.arange(rows)
    return Table(columns, values, "regression", np.zeros(rows), "y", file=np.zeros(rows, np.int64), entry=places)


def every_kind(rows: int, seed: int) -> Table:
    """Numbers with holes and infinities, whole numbers, categories, an order, images."""
    rng = np.random.default_rng(seed)
    a = rng.normal(50, 3, rows)
    a[rng.random(rows) < 0.1] = np.nan
    a[0] = np.inf
    values: dict[str, np.ndarray] = {
        "a": a.astype(np.float32),
        "k": rng.integers(-1, 2, rows).astype(np.int32),
        "b": rng.integers(0, 9, rows).astype(np.int16),
        "o": rng.integers(-1, 3, rows).astype(np.int32),
        "image": rng.random((rows, 3, 2), np.float32),
    }
    return Table(
        EVERY_KIND, values, "regression", np.zeros(rows), "y", file=np.zeros(rows, np.int64), entry=np.arange(rows)
    )
