"""What is done to the inputs, told: the steps in words, and each variable before and after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats, Table
from mltui.data.categories import indicators
from mltui.data.matrix import block, inputs, width
from mltui.data.preprocess import Preprocessing

ROWS = 10_000
VARIABLES = 40
OUTPUTS = 40
_FEW, _VALUES = 100, 8_000_000
"""So few rows and so many values are looked at where a row has very many inputs."""
_FEEDS = 8
"""So many of the outputs that a variable feeds are named."""
_BINS = 24
_PIXELS = 200_000
"""So many values of an image speak for all its pixels."""
SCALES: Mapping[str, str] = {
    "none": "as they are",
    "standard": "mean 0, spread 1",
    "minmax": "from 0 to 1",
    "robust": "median 0, quartiles 1 apart",
    "quantile": "a Gaussian, value for value",
    "pca": "uncorrelated sums, the widest first",
}
"""What every step of the scaling makes of the inputs, in words."""
_ENCODED = {"onehot": "a column of 0 and 1 for each category", "ordinal": "the number of each category"}
_IMPUTED = {"median": "its column's median", "mean": "its column's mean", "zero": "0"}


def described(preprocessing: Preprocessing, table: Table, rows: NDArray[np.integer]) -> dict[str, Any]:
    """What a preprocessing does to these rows, or to at most 10,000 of them, as JSON holds it; every row counts as one.

    Returns:
        rows: how many were looked at.
        steps: in order, each with name, words, and inputs, how many there are after it.
        variables: at most 40 features before them: name, label, kind, mean, deviation, low, high, missing (how many
            values), edges and counts of a histogram; outputs (at most 8 names of those it feeds), more (how many
            further). A category has labels in place of edges, the most frequent first; an image speaks for all its
            pixels.
        outputs: at most 40 inputs of the model: name, mean, deviation, low, high, edges, counts.
        left_out, outputs_left_out: how many further variables and outputs there are.
    """
    most = max(_FEW, min(ROWS, _VALUES // len(preprocessing.names)))
    some = rows if len(rows) <= most else np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
    columns = preprocessing.columns[:VARIABLES]
    feeds = _feeds(preprocessing)
    made = preprocessing.transform(table, some)
    components = _components(preprocessing)[:OUTPUTS]
    named = dict.fromkeys([*components, *(name for column in columns for name in feeds[column.name][:_FEEDS])])
    listed = list(named)[:OUTPUTS]
    place_of = {name: place for place, name in enumerate(preprocessing.names)}
    return {
        "rows": len(some),
        "steps": _steps(preprocessing),
        "variables": [
            {**_variable(table, column, some), "outputs": feeds[column.name][:_FEEDS],
             "more": max(0, len(feeds[column.name]) - _FEEDS)}
            for column in columns
        ],
        "outputs": [{"name": name, **_spread(made[:, place_of[name]].astype(np.float64))} for name in listed],
        "left_out": len(preprocessing.columns) - len(columns),
        "outputs_left_out": len(preprocessing.names) - len(listed),
    }  # fmt: skip


def _steps(preprocessing: Preprocessing) -> list[dict[str, Any]]:
    """Each step that does something, with how many inputs there are after it."""
    spec, total = preprocessing.spec, len(preprocessing.names)
    numbers = len(preprocessing.stand_ins)
    categories = sum(column.kind == "category" for column in preprocessing.columns)
    turned = preprocessing.turned
    made = total - (turned[-1] if turned else numbers)  # of categories
    found = []
    if numbers:
        found.append(("impute", f"a missing number becomes {_IMPUTED[spec.impute]}", numbers + categories))
    if categories:
        found.append((spec.encode, _ENCODED[spec.encode], numbers + made))
    components = iter(turned)
    for name in spec.scale:
        if name == "pca":
            numbers = next(components, numbers)
        if name != "none" and (numbers or (spec.encode == "ordinal" and name != "pca")):
            found.append((name, SCALES[name], numbers + made))
    return [{"name": name, "words": words, "inputs": count} for name, words, count in found]


def _feeds(preprocessing: Preprocessing) -> dict[str, list[str]]:
    """By feature, the names of the outputs that depend on it."""
    numbers = [column for column in preprocessing.columns if column.kind != "category"]
    components = _components(preprocessing)
    found = {column.name: components or inputs(column) for column in numbers}
    for column in preprocessing.columns:
        if column.kind == "category":
            onehot = preprocessing.spec.encode == "onehot"
            found[column.name] = indicators(column, preprocessing.seen[column.name]) if onehot else [column.name]
    return found


def _components(preprocessing: Preprocessing) -> list[str]:
    """The outputs that all numbers feed together; none without pca."""
    return list(preprocessing.names[: preprocessing.turned[-1]]) if preprocessing.turned else []


def _variable(table: Table, column: Column, rows: NDArray[np.integer]) -> dict[str, Any]:
    about = {"name": column.name, "label": column.label, "kind": column.kind}
    if column.kind == "image":
        rows = rows[: max(1, _PIXELS // width(column))]
    values = block(table, column, rows)
    if column.kind == "category":
        return {**about, **_shares(values[:, 0].astype(np.int64), column.categories)}
    known = ~np.isnan(values)
    return {**about, **_spread(values[known]), "missing": int(values.size - known.sum())}


def _shares(codes: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Any]:
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=len(labels))
    order = [int(code) for code in np.argsort(-counts, kind="stable")[:_BINS] if counts[code]]
    return {
        "mean": None, "deviation": None, "low": None, "high": None,
        "missing": int(len(codes) - known.sum()),
        "edges": [], "labels": [labels[code] for code in order], "counts": [int(counts[code]) for code in order],
    }  # fmt: skip


def _spread(values: Floats) -> dict[str, Any]:
    """Mean, deviation, extent and histogram of numbers; of none there are none."""
    if not len(values):
        return {"mean": None, "deviation": None, "low": None, "high": None, "edges": [], "counts": []}
    low, high = float(values.min()), float(values.max())
    scale = max(abs(low), abs(high)) or 1.0  # of the largest numbers there are no squares
    parts = values / scale
    begin, end = (low / scale, high / scale) if low < high else (low / scale - 0.5, low / scale + 0.5)
    counts = np.histogram((parts - begin) / (end - begin), _BINS, (0, 1))[0]
    with np.errstate(over="ignore"):
        edges = np.nan_to_num(scale * (begin + (end - begin) * np.linspace(0, 1, _BINS + 1)))
    return {
        "mean": _short(float(parts.mean()) * scale), "deviation": _short(float(parts.std()) * scale),
        "low": _short(low), "high": _short(high),
        "edges": [_short(edge) for edge in edges], "counts": [int(count) for count in counts],
    }  # fmt: skip


def _short(value: float) -> float:
    """To nine digits, which tell even dates apart."""
    return float(f"{value:.9g}")
