"""Taking rows of a table keeps every column, the weights and the provenance together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mltui.core.errors import nearest
from mltui.core.table import Column, Table


def test_a_label_names_the_unit_where_one_is_known() -> None:
    assert [column.label for column in table(False).columns] == ["pt [GeV]", "flavour"]
    assert replace(table(False), target_name="mass", target_unit="GeV").target_label == "mass [GeV]"
    assert table(False).target_label == "label"


def table(weights: bool) -> Table:
    return Table(
        columns=(Column("pt", unit="GeV"), Column("flavour", kind="category", categories=("b", "c"))),
        values={"pt": np.array([1.0, np.nan, 3.0, 4.0]), "flavour": np.array([0, 1, -1, 0])},
        task="classification",
        target=np.array([0, 1, 1, 0]),
        target_name="label",
        classes=("background", "signal"),
        weights=np.array([1.0, -0.5, 2.0, 1.0]) if weights else None,
        files=("a.root", "b.root"),
        file=np.array([0, 0, 1, 1]),
        entry=np.array([0, 1, 0, 1]),
    )


def test_a_title_stands_for_the_name() -> None:
    assert Column("m_jj", unit="GeV", title="di-jet mass").label == "di-jet mass [GeV]"
    assert replace(table(False), target_title="origin").target_label == "origin"


def test_take_keeps_processes_and_images() -> None:
    images = np.arange(16.0).reshape(4, 2, 2)
    whole = replace(
        table(False),
        columns=(Column("picture", kind="image", shape=(2, 2)),),
        values={"picture": images},
        processes=("ttbar", "H"),
        process=np.array([0, 1, 1, 0], np.int16),
    )
    taken = whole.take(np.array([2, 0]))
    np.testing.assert_array_equal(taken.values["picture"], images[[2, 0]])
    assert taken.process.tolist() == [1, 0]
    assert len(table(False).take(np.array([1])).process) == 0


@pytest.mark.parametrize("weights", [True, False])
def test_take_keeps_rows_together_in_the_order_asked_for(weights: bool) -> None:
    taken = table(weights).take(np.array([3, 1, 1]))
    assert len(taken) == 3
    np.testing.assert_array_equal(taken.values["pt"], [4.0, np.nan, np.nan])
    np.testing.assert_array_equal(taken.values["flavour"], [0, 1, 1])
    np.testing.assert_array_equal(taken.target, [0, 1, 1])
    np.testing.assert_array_equal(taken.file, [1, 0, 0])
    np.testing.assert_array_equal(taken.entry, [1, 1, 1])
    np.testing.assert_array_equal(taken.weights_or_ones(), [1.0, -0.5, -0.5] if weights else [1, 1, 1])
    assert (taken.weights is None) is not weights
    assert taken.features == ("pt", "flavour")


def test_a_label_carries_the_unit() -> None:
    assert [column.label for column in table(False).columns] == ["pt [GeV]", "flavour"]


@pytest.mark.parametrize(
    ("wrong", "known", "words"),
    [
        ("learning_rat", ["learning_rate", "epochs"], "did you mean learning_rate?"),
        ("zzz", ["b", "a"], "known here: a, b."),
        (
            "zzz",
            [f"k{i:02}" for i in range(14)],
            "known here: " + ", ".join(f"k{i:02}" for i in range(12)) + " and 2 more.",
        ),
        ("zzz", [], "nothing can be set here."),
    ],
)
def test_nearest(wrong: str, known: list[str], words: str) -> None:
    assert nearest(wrong, known) == words
