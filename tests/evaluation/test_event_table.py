"""The columns of a sample's events: what stands in which, for each task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mltui.core.sample import Sample, SampleRows
from mltui.core.sections import Task
from mltui.core.snapshot import Scores
from mltui.core.table import Column
from mltui.evaluation.event_table import EventColumn, given_columns, judged_columns

ROWS = SampleRows(
    {"pt": np.array([1.5, np.nan]), "kind": np.array([-1, 1])},
    np.array([0, 1]),
    np.array([1.0, -2.0]),
    np.array([0, 1]),
    np.array([7, 2**40]),
    np.array([1, 0], np.int16),
)
COLUMNS = Column("pt", unit="GeV", title="p_T"), Column("kind", "category", categories=("ee", "mm"))


def sample(rows: SampleRows = ROWS, **more: Any) -> Sample:
    return Sample(COLUMNS, {"validation": rows}, features=2, files=("a", "b"), **more)


def event_columns(made: Sample, part: str, scores: Scores, task: Task, *given: Any, **more: Any) -> list[EventColumn]:
    return [*judged_columns(scores, task, *given, **more), *given_columns(made, part)]


def test_a_classification_says_true_said_score_and_loss_then_weight_origin_and_variables() -> None:
    made = sample(trees=("s", "b"), processes=("ttbar", "H"))
    columns = event_columns(
        made, "validation", Scores(ROWS.target, np.array([0.25, 0.25]), ROWS.weights), "classification", ("b", "s")
    )
    assert [(c.name, c.text(0), c.text(1)) for c in columns] == [
        ("true", "b", "s"),
        ("said", "b", "b"),
        ("score", 0.25, 0.25),
        ("loss", -np.log(0.75), -np.log(0.25)),
        ("weight", 1.0, -2.0),
        ("process", "H", "ttbar"),
        ("file", "a:s", "b:b"),
        ("entry", 7, 2**40),
        ("pt", 1.5, None),
        ("kind", None, "mm"),
    ]
    assert [c.title for c in columns if c.variable] == ["p_T [GeV]", "kind"]


def test_the_threshold_decides_what_is_said() -> None:
    scores = Scores(ROWS.target, np.array([0.25, 0.25]), np.ones(2))
    said = {
        t: event_columns(sample(), "validation", scores, "classification", ("b", "s"), t)[1].text(1) for t in (0.2, 0.3)
    }
    assert said == {0.2: "s", 0.3: "b"}


def test_of_many_classes_the_score_is_that_of_the_true_one() -> None:
    scores = Scores(np.array([0, 2]), np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]), np.ones(2))
    columns = {c.name: c for c in event_columns(sample(), "validation", scores, "classification", ("x", "y", "z"))}
    assert [columns["said"].text(row) for row in (0, 1)] == ["y", "z"]
    assert [columns["score"].text(row) for row in (0, 1)] == [0.2, 0.8]
    assert "process" not in columns
    plain = {c.name for c in given_columns(sample(replace(ROWS, weights=np.ones(2))), "validation")}
    assert "weight" not in plain


def test_a_regression_of_several_targets_is_looked_at_one_by_one() -> None:
    true = np.array([[1.0, 5.0], [2.0, np.nan]])
    scores = Scores(true, np.array([[1.5, 4.0], [2.0, 6.0]]), np.ones(2))
    told = [
        [
            (c.name, c.text(0), c.text(1))
            for c in event_columns(sample(), "validation", scores, "regression", (), target=t)[:3]
        ]
        for t in (0, 1)
    ]
    assert told[0] == [("true", 1.0, 2.0), ("predicted", 1.5, 2.0), ("residual", 0.5, 0.0)]
    assert told[1] == [("true", 5.0, None), ("predicted", 4.0, 6.0), ("residual", -1.0, None)]
