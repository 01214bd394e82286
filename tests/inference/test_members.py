"""Which model scores which row, tried with members whose answers tell them apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mltui.core.errors import InputError
from mltui.core.members import fold_name
from mltui.core.table import Column, Table
from mltui.inference.members import NEW, NOBODY, SEALED, TOGETHER, Members
from mltui.record.folder import RunFolder
from tests.inference.conftest import Runs

pytestmark = pytest.mark.xdist_group("inference")

SCORES = {"fold 1": 0.1, "fold 2": 0.2, "fold 3": 0.6, "refit": 0.9, "": 0.5}


class Constant:
    """A member that says the same of every row."""

    def __init__(self, score: float) -> None:
        self._score = score

    def score(self, table: Table, rows: np.ndarray) -> np.ndarray:
        return np.full(len(rows), self._score)


def members(
    runs: Runs, folds: int, *, refit: bool = False, kept: tuple[int, ...] | None = None, run: str = "plain"
) -> Members:
    found = Members.load(runs[run])
    every: dict[str, object] = {name: Constant(score) for name, score in SCORES.items()}
    names = tuple(map(fold_name, range(folds) if kept is None else kept)) or ("",)
    return Members(found.folder, found.experiment, found.card, folds, names, refit, _read=every)  # type: ignore[arg-type]


def table(rows: int, **others: np.ndarray) -> Table:
    return Table(
        (Column("x"),), {"x": np.zeros(rows)}, "classification", np.zeros(rows), "y", ("b", "s"), others=others
    )


@pytest.mark.parametrize(
    ("folds", "refit", "expected"),
    [
        (0, False, [0.5, 0.5, 0.5]),
        (0, True, [0.5, 0.9, 0.9]),
        (3, False, [0.2, 0.3, 0.3]),
        (3, True, [0.2, 0.9, 0.9]),
    ],
)
def test_known_new_and_sealed_rows(runs: Runs, folds: int, refit: bool, expected: list[float]) -> None:
    known = np.array([1 if folds else 0, NEW, SEALED])
    scored = members(runs, folds, refit=refit).score(table(3), np.arange(3), known)
    np.testing.assert_allclose(scored.scores, expected)
    assert scored.fold.tolist()[1:] == [TOGETHER, TOGETHER]


def test_the_rows_asked_for_come_back_in_their_order(runs: Runs) -> None:
    scored = members(runs, 3).score(table(9), np.array([8, 2, 5, 0]), np.array([2, 0, NEW, 1]))
    np.testing.assert_allclose(scored.scores, [0.6, 0.1, 0.3, 0.2])


def test_a_held_out_row_whose_model_was_never_trained_has_no_score(runs: Runs) -> None:
    found = members(runs, 3, kept=(0, 1)).score(table(3), np.arange(3), np.array([2, 1, NEW]))
    np.testing.assert_allclose(found.scores, [np.nan, 0.2, 0.15])
    assert found.fold.tolist() == [NOBODY, 1, TOGETHER]


def test_fold_by_is_for_new_rows_alone_and_gives_way_to_a_refit(runs: Runs) -> None:
    fold = np.array([1.0, 0.0, np.nan, 7.0, 0.5])
    given, known = table(5, **{"event % 2": fold}), np.array([0, NEW, NEW, NEW, NEW])
    scored = members(runs, 2, run="fold_by").score(given, np.arange(5), known)
    assert scored.fold.tolist() == [0, 0, TOGETHER, TOGETHER, TOGETHER]
    np.testing.assert_allclose(scored.scores, [0.1, 0.1, 0.15, 0.15, 0.15])
    again = members(runs, 2, run="fold_by", refit=True).score(given, np.arange(5), known)
    np.testing.assert_allclose(again.scores, [0.1, 0.9, 0.9, 0.9, 0.9])


def test_the_test_part_is_scored_together(runs: Runs) -> None:
    np.testing.assert_allclose(members(runs, 3).score_test(table(2), np.arange(2)), 0.3)
    np.testing.assert_allclose(members(runs, 3, refit=True).score_test(table(2), np.arange(2)), 0.9)


def test_no_rows_have_no_scores(runs: Runs) -> None:
    for name, shape in (("plain", (0,)), ("folds", (0,)), ("network", (0, 3))):
        found = Members.load(runs[name])
        columns = found.member(found.together[0]).preprocessing.columns
        empty = Table(columns, {c.name: np.zeros(0) for c in columns}, "classification", np.zeros(0), "y")
        assert found.score(empty, np.arange(0)).scores.shape == shape


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not a run folder: it has no resolved\.toml"):
        Members.load(RunFolder(tmp_path))
    with pytest.raises(InputError, match=r"^run 7 is no longer there \(.*\)$"):
        Members.load(RunFolder(tmp_path / "7"))


def test_models_lie_under_their_names(runs: Runs) -> None:
    folder = runs["folds"]
    assert [folder.member_model(fold_name(k)).name for k in range(3)] == ["fold-1", "fold-2", "fold-3"]
    assert folder.member_model("") == folder.model
    assert Members.load(runs["refit"]).together == ("refit",)
