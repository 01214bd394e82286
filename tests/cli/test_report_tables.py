"""A run's numbers in plain tables: weights, folds, yields, variations, and how often the test part was opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mltui.cli.asked import Asked
from mltui.cli.output import Output
from mltui.cli.report import summary
from mltui.cli.report_tables import print_tables
from mltui.record.folder import RunFolder
from mltui.record.state import RunState
from tests.ui.moments import events, pipeline, state, told, variation

METRICS: dict[str, Any] = {
    "auc": 0.781, "accuracy": 0.998, "baseline": 0.999, "unweighted": {"auc": 0.751, "accuracy": 0.646},
    "events": {"rows": 8800, "sum_of_weights": 3042234.2, "effective": 4312.4},
}  # fmt: skip
JUDGED: dict[str, Any] = {
    "part": "validation", "metrics": METRICS, "spread": {"auc": {"mean": 0.78, "deviation": 0.0053}},
    "yields": told(events()).document(), "variations": {"JES_up": variation(1)},
}  # fmt: skip


def printed(run: RunState, capsys: pytest.CaptureFixture[str], mode: Any = "plain") -> str:
    print_tables(Output(mode), run)
    return capsys.readouterr().out


def test_weighted_and_unweighted_stand_side_by_side_with_the_spread_over_folds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = state(("evaluated", JUDGED))
    folded = replace(run, started={**run.started, "members": ["fold 1", "fold 2"]})
    lines = printed(folded, capsys).splitlines()
    head = next(line for line in lines if line.startswith("metric"))
    assert head.split("  ")[-1].strip() == "test"
    assert [word for word in head.replace("over folds", "folds").split() if word != "metric"] == [
        "train", "validation", "unweighted", "folds", "test",
    ]  # fmt: skip
    auc = next(line for line in lines if line.startswith("auc"))
    assert auc.split() == ["auc", "sealed", "0.781", "0.751", "0.780", "+/-", "0.0053", "sealed"]
    assert any(line.split()[:3] == ["sum", "of", "weights"] and "3,042,234" in line for line in lines)
    assert any(line.startswith("baseline") for line in lines)


def test_the_yields_and_variations_of_a_weighted_run(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(state(("evaluated", JUDGED)), capsys)
    found = told(events())
    assert "yields, validation, each process scaled to all rows, above 0.50, events expected at 140/fb" in said
    line = next(line for line in said.splitlines() if line.startswith("ttbar"))
    assert f"{found.processes[1].rows}" in line
    assert "5.00" in line
    assert f"S/sqrt(B) {found.s_over_sqrt_b:.3g}" in said
    assert "variations, validation" in said
    assert next(line for line in said.splitlines() if line.startswith("JES_up")).split()[1:5] == [
        "0.875", "0.800", "1.020", "1.020",
    ]  # fmt: skip


def test_rows_that_count_as_one_each_have_no_table_of_yields(capsys: pytest.CaptureFixture[str]) -> None:
    by_class = [{"name": name, "label": name, "rows": 9, "expected": 45.0} for name in ("background", "signal")]
    judged = {"part": "validation", "metrics": {"auc": 0.9}, "yields": {"threshold": 0.5, "processes": by_class}}
    assert "yields" not in printed(state(("evaluated", judged), weighted=False), capsys)


def test_the_openings_stand_wherever_numbers_of_the_test_part_do(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(state(("evaluated", JUDGED), ("evaluated", {**JUDGED, "part": "test", "opening": 2})), capsys)
    assert said.count("test (opened 2 times)") == 3
    assert "sealed" in said  # the train part has no numbers here


def test_the_inputs_are_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(state(("pipeline", pipeline(3))), capsys)
    assert said.startswith("inputs: 4 variables, impute (a missing number becomes its column's median), onehot (")
    assert said.rstrip().endswith("standard (mean 0, spread 1), 5 inputs")


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_on_a_terminal_no_row_is_wider_than_it(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    run = state(("evaluated", JUDGED), ("evaluated", {**JUDGED, "part": "test", "opening": 2}))
    said = printed(run, capsys, "terminal")
    assert "0.781" in said
    assert "S/√B" in said
    assert "opened 2 times" in said
    assert [line for line in said.splitlines() if len(line) > int(columns)] == []


@pytest.mark.parametrize(
    ("started", "said"),
    [
        ({}, "run 7 stopped: moons, mlp, in 20 ms"),
        ({"axis": "fit"}, "run 7 stopped: moons, mlp, fitted at once, in 20 ms"),
    ],
)
def test_a_run_that_never_began_was_not_fitted_at_once(started: dict[str, str], said: str, tmp_path: Path) -> None:
    state = RunState(run="7", phase="stopped", seconds=0.02, started=started)
    assert summary(RunFolder(tmp_path / "7"), state, Asked(data="moons", model="mlp")) == said
