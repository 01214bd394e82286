"""What is told of a preprocessing: its steps in words, each variable before and after, against NumPy."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mltui.core.events import finite
from mltui.core.sections import Preprocess
from mltui.core.table import Column, Floats, Table
from mltui.data.pipeline import described
from mltui.data.preprocess import Preprocessing
from tests.data.tables import every_kind, mixed, numbers


def told(table: Table, *scale: str, rows: Any = None, **spec: Any) -> dict[str, Any]:
    rows = np.arange(len(table)) if rows is None else rows
    made = Preprocessing.fit(table, Preprocess(scale, **spec), rows)
    found = described(made, table, rows)
    assert json.loads(json.dumps(finite(found), allow_nan=False)) == finite(found)
    return found


def steps(found: dict[str, Any]) -> list[tuple[str, int]]:
    return [(step["name"], step["inputs"]) for step in found["steps"]]


def test_a_number_before_and_after() -> None:
    values = np.random.default_rng(1).normal(40, 5, 500)
    values[::10] = np.nan
    found = told(numbers(values[:, None]), "standard")
    known = values[~np.isnan(values)]
    (before,), (after,) = found["variables"], found["outputs"]
    assert (before["name"], before["label"], before["kind"]) == ("n0", "n0", "number")
    assert (before["missing"], before["outputs"], before["more"]) == (50, ["n0"], 0)
    for key, right in {"mean": known.mean(), "deviation": known.std(), "low": known.min(), "high": known.max()}.items():
        assert before[key] == pytest.approx(right, rel=1e-7)
    counts, edges = np.histogram(known, 24)
    assert before["counts"] == counts.tolist()
    np.testing.assert_allclose(before["edges"], edges, rtol=1e-8)
    assert after["name"] == "n0"
    assert after["mean"] == pytest.approx(0, abs=1e-6)
    assert after["deviation"] == pytest.approx(1)
    assert sum(after["counts"]) == found["rows"] == 500
    assert (found["left_out"], found["outputs_left_out"]) == (0, 0)


def test_the_steps_in_their_order_with_the_inputs_after_each() -> None:
    table = every_kind(300, 1)  # 9 numbers and a category with two labels
    assert steps(told(table, "none")) == [("impute", 10), ("onehot", 11)]
    assert steps(told(table, "robust", "quantile")) == [
        ("impute", 10),
        ("onehot", 11),
        ("robust", 11),
        ("quantile", 11),
    ]
    assert steps(told(table, "standard", encode="ordinal"))[-2:] == [("ordinal", 10), ("standard", 10)]
    words = {step["name"]: step["words"] for step in told(table, "standard", impute="mean")["steps"]}
    assert words["impute"] == "a missing number becomes its column's mean"
    assert words["standard"] == "mean 0, spread 1"
    constant = told(mixed([0, 1, 2, 0]), "standard", "pca")  # b is constant
    assert steps(constant)[-1] == ("pca", 4)
    assert [output["name"] for output in constant["outputs"]] == ["pc1", "kind=x", "kind=y", "kind=z"]


def test_what_feeds_what() -> None:
    table = every_kind(300, 1)
    plain = {v["name"]: (v["outputs"], v["more"]) for v in told(table, "standard")["variables"]}
    assert plain["a"] == (["a"], 0)
    assert plain["k"] == (["k=x", "k=y"], 0)
    assert len(plain["image"][0]) == 6
    found = told(table, "pca")
    assert [output["name"] for output in found["outputs"]] == [*(f"pc{n}" for n in range(1, 10)), "k=x", "k=y"]
    turned = {v["name"]: (v["outputs"], v["more"]) for v in found["variables"]}
    assert turned["a"] == turned["image"] == ([f"pc{n}" for n in range(1, 9)], 1)
    assert turned["k"] == (["k=x", "k=y"], 0)


def test_a_category_is_told_by_its_labels_the_most_frequent_first() -> None:
    found = told(mixed([2, 2, 1, -1, 2, 1]), "standard")["variables"][1]
    assert (found["labels"], found["counts"], found["missing"]) == (["z", "y"], [3, 2], 1)
    assert (found["mean"], found["edges"]) == (None, [])
    ordered = told(every_kind(300, 1), "none")["variables"][3]
    assert (ordered["kind"], ordered["low"], ordered["high"]) == ("ordered", 0, 2)


def test_of_many_rows_and_variables_some_are_told() -> None:
    matrix = np.random.default_rng(2).normal(size=(12_000, 45))
    found = told(numbers(matrix), "standard")
    assert (found["rows"], len(found["variables"]), found["left_out"]) == (10_000, 40, 5)
    assert (len(found["outputs"]), found["outputs_left_out"]) == (40, 5)
    assert found["variables"][0]["mean"] == pytest.approx(0, abs=0.05)
    labels = tuple(f"label {n}" for n in range(100))
    many = Table((Column("k", "category", categories=labels),), {"k": np.arange(100)}, "regression", np.zeros(100), "y")
    found = told(many, "standard")
    (variable,) = found["variables"]
    assert (len(variable["outputs"]), variable["more"], len(variable["labels"])) == (8, 92, 24)
    assert (len(found["outputs"]), found["outputs_left_out"]) == (8, 92)
    assert len(json.dumps(told(numbers(matrix), "pca"))) < 100_000


def test_only_the_rows_asked_for_are_told() -> None:
    matrix = np.arange(20.0)[:, None]
    found = told(numbers(matrix), "none", rows=np.array([3, 4, 5]))
    assert (found["rows"], found["variables"][0]["low"], found["variables"][0]["high"]) == (3, 3, 5)


anything = st.floats() | st.sampled_from([1.7e308, -1.7e308, 5e-324, 0.0, 1e9])


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 2)), elements=anything))
def test_any_numbers_are_told_and_every_row_is_in_a_bin(matrix: Floats) -> None:
    found = told(numbers(matrix), "robust")
    for variable, values in zip(found["variables"], matrix.T, strict=True):
        known = values[np.isfinite(values)]
        assert sum(variable["counts"]) == len(known)
        assert variable["missing"] == len(values) - len(known)
        assert len(variable["edges"]) == (25 if len(known) else 0)
        assert variable["edges"] == sorted(variable["edges"])
    assert all(sum(output["counts"]) == len(matrix) for output in found["outputs"])


def test_categories_that_training_never_saw_are_counted() -> None:
    made = Preprocessing.fit(mixed([0, 1, 0, -1]), Preprocess())
    assert made.unseen(mixed([0, 1, -1, -1])) == {}
    assert made.unseen(mixed([0, 2, -1, 2])) == {"kind": 2}
    other = mixed([0, 1, 2, 0], categories=("new", "y", "x"))
    assert made.unseen(other) == {"kind": 2}, "labels count, not codes"
    assert made.unseen(other, np.array([1, 2, 3])) == {"kind": 1}
    table = every_kind(50, 1)
    ordered = Preprocessing.fit(table, Preprocess())
    assert ordered.unseen(table) == {}
    columns = (*table.columns[:3], replace(table.columns[3], categories=("low", "middle", "top")), table.columns[4])
    codes = np.asarray(table.values["o"])
    assert ordered.unseen(replace(table, columns=columns)) == {"o": int((codes == 2).sum())}
