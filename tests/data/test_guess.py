"""Which column is guessed to be the one to learn."""

from __future__ import annotations

import numpy as np
import pytest

from mltui.data.guess import guess_by_name, guess_target
from mltui.data.readers.raw import Raw

ROWS = 60
FLOATS = Raw(np.linspace(0, 1, ROWS))
WHOLE = Raw(np.arange(ROWS) % 3)
WHOLE_FLOATS = Raw((np.arange(ROWS) % 2).astype(float))
COUNT = Raw(np.arange(ROWS))
TEXT = Raw(np.arange(ROWS, dtype=np.int32) % 2, ("no", "yes"))
MANY_TEXTS = Raw(np.arange(ROWS, dtype=np.int32), tuple(f"t{i:02}" for i in range(ROWS)))


@pytest.mark.parametrize(
    ("names", "guess"),
    [
        (["a", "Label", "b"], "Label"),
        (["Class", "b"], "Class"),
        (["a", "is_signal"], "is_signal"),
        (["isSignal", "pt"], "isSignal"),
        (["is_sig", "pt"], "is_sig"),
        (["class", "TARGET"], "TARGET"),
        (["type", "label"], "label"),
        (["Type", "pt"], "Type"),
        (["classification", "pt"], "classification"),
        (["Survived", "Age"], "Survived"),
        (["x", "y", "z"], None),
        (["x", "z", "y"], "y"),
        (["x", "y"], "y"),
        (["pt", "eta"], None),
        ([], None),
    ],
)
def test_a_name_that_says_target(names: list[str], guess: str | None) -> None:
    assert guess_by_name(names) == guess


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ({"a": FLOATS, "b": WHOLE}, "b"),
        ({"a": FLOATS, "b": TEXT}, "b"),
        ({"b": TEXT, "a": FLOATS}, None),
        ({"a": FLOATS, "b": MANY_TEXTS}, None),
        ({"a": FLOATS, "b": COUNT}, None),
        ({"a": FLOATS, "b": WHOLE_FLOATS}, None),
        ({"a": FLOATS, "b": WHOLE, "weight": Raw(np.ones(ROWS, np.int64))}, "b"),
        ({"a": FLOATS, "EventNumber": WHOLE}, None),
        ({"a": FLOATS, "nJet": WHOLE}, None),
        ({"label": Raw(np.ones(ROWS)), "b": WHOLE}, "b"),
        ({"Type": Raw(np.zeros(ROWS, np.int32), ("S",)), "b": FLOATS}, None),
        ({"a": FLOATS, "when": Raw(np.arange(ROWS) % 3, date=True)}, None),
        ({"picture": Raw(np.zeros((ROWS, 2, 2)))}, None),
        ({}, None),
    ],
)
def test_the_last_column_where_it_holds_a_few_classes(columns: dict[str, Raw], guess: str | None) -> None:
    assert guess_target(columns) == guess


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ({"column_1": WHOLE, "column_2": FLOATS}, "column_1"),
        ({"column_1": WHOLE_FLOATS, "column_2": FLOATS, "weight": FLOATS}, "column_1"),
        ({"column_1": FLOATS, "column_2": WHOLE}, "column_2"),
        ({"column_1": WHOLE, "column_2": WHOLE}, "column_1"),
        ({"column_1": WHOLE, "column_2": TEXT}, "column_2"),
        ({"column_1": COUNT, "column_2": FLOATS}, None),
    ],
)
def test_without_a_header_the_first_column_may_be_it(columns: dict[str, Raw], guess: str | None) -> None:
    assert guess_target(columns, headerless=True) == guess
