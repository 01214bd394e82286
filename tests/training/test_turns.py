"""Models trained in turn: each is prepared from its own rows alone, and a stop within any keeps what there is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mltui.core.experiment import Experiment
from mltui.core.prediction import Request
from mltui.inference.asked import known
from mltui.inference.members import Members
from mltui.inference.predict import Prediction
from mltui.record.control import Command, send
from mltui.record.folder import RunFolder
from mltui.record.predictions import PartPredictions, read_predictions
from mltui.training.gate import Gate, Stopped
from mltui.training.keeping import Keeping
from mltui.training.pictures import Album
from mltui.training.prepare import Prepared, Ready, prepare
from mltui.training.report import Reporter, Turn
from mltui.training.surroundings import write_resolved
from mltui.training.turns import Outcome, Turns
from mltui.training.unseal import unseal

ROWS = 240
TREE = {"name": "decision_tree", "max_depth": 3}
BOOSTING = {"name": "hist_gradient_boosting", "max_iter": 6}


@pytest.fixture
def planted(tmp_path: Path) -> Callable[..., Experiment]:
    """Rows of fold 1 alone have x near 1000, a category of their own, and no hole in y."""
    rng = np.random.default_rng(4)
    event = rng.permutation(ROWS)
    fold = event % 3
    lines = ["event,x,y,kind,label"]
    for number, one in zip(event, fold, strict=True):
        label = rng.integers(2)
        hole = "" if one != 1 and rng.random() < 0.2 else f"{rng.normal():.4f}"
        kind = "rare" if one == 1 else "ab"[rng.integers(2)]
        lines.append(f"{number},{rng.normal(label) + 1000 * (one == 1):.5f},{hole},{kind},{'bs'[label]}")
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")

    def make(**more: Any) -> Experiment:
        split = {"folds": 3, "fold_by": "event % 3", **more.pop("split", {})}
        data = {"files": [str(tmp_path / "e.csv")], "target": "label", "exclude": ["event"]}
        document = {"data": data, "split": split, "model": TREE, "training": {}, **more}
        if document["model"] is BOOSTING:
            document["training"] = {"threads": 1}
        return Experiment.check(document, known())

    return make


def test_the_preprocessing_of_a_model_knows_nothing_of_the_rows_that_judge_it(
    planted: Callable[..., Experiment], tmp_path: Path
) -> None:
    """Fitted on what it is judged by too, the mean of the second model would lie hundreds of its spreads away."""
    prepared = prepare(planted(), tmp_path)
    assert prepared.names == ("fold 1", "fold 2", "fold 3")
    for index in range(3):
        ready = prepared.member(index)
        train, validation = ready.problem.train, ready.problem.validation
        assert validation is not None
        assert not set(train.entry) & set(validation.entry)
        assert len(train) + len(validation) == len(prepared.divided.parts["train"])
        place = ready.preprocessing.names.index("x")
        assert abs(train.x[:, place].mean()) < 1e-6, "mean 0 over the rows it was fitted on"
        assert train.x[:, place].std() == pytest.approx(1, abs=1e-5)
        assert (validation.x[:, place].mean() > 100) == (index == 1)
        assert ("kind=rare" in ready.preprocessing.names) == (index != 1)


def test_a_refit_is_prepared_from_all_rows_but_the_test_part(
    planted: Callable[..., Experiment], tmp_path: Path
) -> None:
    prepared = prepare(planted(split={"refit": True}, model=BOOSTING), tmp_path)
    assert prepared.names[-1] == "refit"
    ready = prepared.member(3, steps=4)
    assert set(ready.problem.parts) == {"train"}
    assert sorted(ready.problem.train.entry) == sorted(prepared.divided.table.entry[prepared.divided.parts["train"]])
    assert not set(ready.problem.train.entry) & set(prepared.divided.table.entry[prepared.divided.parts["test"]])
    assert ready.problem.experiment.model.hyperparameters["max_iter"] == 4
    assert ready.problem.experiment.training["early_stopping"] is None
    assert prepared.member(0).problem.experiment.model.hyperparameters["max_iter"] == 6


def folds_of(rows: PartPredictions) -> set[int]:
    assert rows.fold is not None
    return {int(fold) for fold in np.unique(rows.fold)}


class Trip:
    """Trains the models of an experiment in this process, as the worker does."""

    def __init__(self, asked: Experiment, path: Path) -> None:
        self.folder = RunFolder(path)
        self.folder.resolved.write_text(asked.to_toml())
        self.prepared: Prepared = prepare(asked, path)
        self.gate = Gate()
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.now = 0.0
        self.alive: list[int] = []
        self._problems: list[weakref.ref[Any]] = []
        self.keeping = Keeping(self.folder)

    def clock(self) -> float:
        """Every look at it is a second later, so that everything is said at once."""
        self.now += 1.0
        return self.now

    def emit(self, kind: str, **fields: Any) -> None:
        self.said.append((kind, fields))
        self.heard(kind, fields)

    def heard(self, kind: str, fields: dict[str, Any]) -> None: ...

    def draw(self, ready: Ready, *, keeping: bool) -> Album:
        self._problems.append(weakref.ref(ready.problem))
        gc.collect()
        self.alive.append(sum(one() is not None for one in self._problems))
        return Album(self.folder, ready.problem, ready.preprocessing, print, keeping=keeping)

    def go(self) -> Outcome:
        first = self.prepared.member(0)
        write_resolved(self.folder, self.prepared, first.problem)
        album = self.draw(first, keeping=True)
        turns = [Turn(name, tuple(self.prepared.parts(index))) for index, name in enumerate(self.prepared.names)]
        reporter = Reporter(self.emit, {}, self.gate, album, self.clock, turns=turns)
        train = Turns(self.prepared, first, reporter, self.gate, self.draw, self.keeping, lambda share: None)
        del first
        outcome = train.run(album)
        self.keeping.finish(outcome.predictions(self.prepared.divided))
        return outcome


class StopWithin(Trip):
    """Is asked to stop once one of the models has reported a tree."""

    member = 1

    def heard(self, kind: str, fields: dict[str, Any]) -> None:
        if kind == "progress" and fields.get("member") == self.member and fields["axis"]:
            self.gate.ask("stop")


def test_never_two_problems_are_in_memory(planted: Callable[..., Experiment], tmp_path: Path) -> None:
    trip = Trip(planted(split={"refit": True}), tmp_path)
    outcome = trip.go()
    assert outcome.complete
    assert trip.alive == [1, 1, 1, 1]


def test_a_stop_within_the_second_model_keeps_both_and_leaves_the_third_ones_rows(
    planted: Callable[..., Experiment], tmp_path: Path
) -> None:
    trip = StopWithin(planted(model=BOOSTING, split={"refit": True}), tmp_path)
    outcome = trip.go()
    assert (outcome.trained, outcome.complete) == (2, False)
    assert outcome.cut_short(trip.prepared.names).startswith("The run was stopped: 2 of 3 folds have a model.")
    assert folds_of(outcome.parts["validation"]) == {0, 1}
    assert folds_of(outcome.parts["train"]) == {0, 2}, "each by the model after its own fold's"
    assert np.isfinite(outcome.parts["validation"].scores.scores).all()
    assert outcome.kept[0] == 6
    assert outcome.kept[1] < 6
    assert not (trip.folder.model / "fold-3").exists()
    assert not (trip.folder.model / "refit").exists()
    members = Members.load(trip.folder)
    assert members.kept == ("fold 1", "fold 2")
    table = trip.prepared.divided.table
    rows = trip.prepared.divided.parts["train"]
    fold = trip.prepared.divided.division.fold
    assert fold is not None
    again = members.score(table, rows, fold)
    np.testing.assert_array_equal(np.isnan(again.scores), fold == 2)


def test_rows_whose_model_a_stop_came_before_have_no_score_also_when_their_file_is_predicted_on(
    planted: Callable[..., Experiment], tmp_path: Path
) -> None:
    """They are the run's own, and both of the models that there are were trained on them."""
    trip = StopWithin(planted(model=BOOSTING, split={"train": 0.8, "validation": 0.2, "test": 0.0}), tmp_path)
    outcome = trip.go()
    assert folds_of(outcome.parts["validation"]) == {0, 1}
    report = Prediction(trip.folder, Request(("e.csv",), tmp_path / "out", tmp_path)).run()
    asked, scored = pl.read_csv(tmp_path / "e.csv"), pl.read_csv(tmp_path / "out" / "e.csv")
    last = (asked["event"] % 3 == 2).to_numpy()
    np.testing.assert_array_equal(np.isnan(scored["score"].to_numpy()), last)
    rows = outcome.parts["validation"]
    np.testing.assert_allclose(scored["score"].to_numpy()[rows.entry], rows.scores.scores, rtol=1e-6)
    assert report["unscored"] == last.sum()
    assert report["known"] == {"train": 0, "validation": ROWS, "test": 0}
    assert any(note.startswith(f"{ROWS - last.sum():,} rows are the run's own, each") for note in report["notes"])


def test_a_stop_before_the_second_model_begins_keeps_the_first(
    planted: Callable[..., Experiment], tmp_path: Path
) -> None:
    class Saved(Keeping):
        def try_save(self) -> bool:
            saved = super().try_save()
            trip.gate.ask("stop")
            return saved

    trip = Trip(planted(), tmp_path)
    trip.keeping = Saved(trip.folder)
    outcome = trip.go()
    assert (outcome.trained, outcome.complete) == (1, False)
    assert [path.name for path in trip.folder.model.iterdir()] == ["fold-1"]
    assert folds_of(outcome.parts["validation"]) == {0}


def test_a_stop_before_there_is_a_model_at_all_passes(planted: Callable[..., Experiment], tmp_path: Path) -> None:
    trip = Trip(planted(model={"name": "mlp"}), tmp_path)
    trip.gate.ask("pause")

    trip.heard = lambda kind, fields: trip.gate.ask("stop") if kind == "paused" else None  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        trip.go()
    assert not trip.folder.model.exists()


def test_half_a_refit_is_not_kept(planted: Callable[..., Experiment], tmp_path: Path) -> None:
    trip = StopWithin(planted(model=BOOSTING, split={"refit": True}), tmp_path)
    trip.member = 3
    outcome = trip.go()
    assert (outcome.trained, outcome.complete) == (3, False)
    assert "not kept" in outcome.cut_short(trip.prepared.names)
    assert sorted(path.name for path in trip.folder.model.iterdir()) == ["fold-1", "fold-2", "fold-3"]
    assert len(outcome.parts["validation"]) == len(trip.prepared.divided.parts["train"])


def test_a_stop_within_the_last_fold_keeps_it_as_it_is(planted: Callable[..., Experiment], tmp_path: Path) -> None:
    trip = StopWithin(planted(model=BOOSTING), tmp_path)
    trip.member = 2
    outcome = trip.go()
    assert (outcome.trained, outcome.complete) == (3, False)
    assert "last fold" in outcome.cut_short(trip.prepared.names)
    assert folds_of(outcome.parts["validation"]) == {0, 1, 2}


def test_a_living_worker_is_paused_and_stopped_within_a_later_fold(workers: Any) -> None:
    run = workers.run(
        {
            "data": {"dataset": "moons", "options": {"samples": 200}},
            "split": {"folds": 40, "refit": True},
            "model": {"name": "mlp", "hidden_layers": [8]},
            "training": {"epochs": 60, "batch_size": 40, "device": "cpu", "threads": 1},
        }
    )
    run.until(lambda state: state.member >= 1, "the second fold")
    send(run.folder, Command("pause"))
    paused = run.until(lambda state: state.phase == "paused", "the pause")
    assert 0 < paused.done < 1
    send(run.folder, Command("step"))
    run.until(lambda state: run.kinds().count("paused") == 2, "one step")
    send(run.folder, Command("stop"))
    assert run.code() == 0
    state = run.state()
    assert state.phase == "stopped"
    assert any("folds have a model" in warning for warning in state.warnings)
    rows = read_predictions(run.folder).parts["validation"]  # type: ignore[union-attr]
    folds = sorted(int(path.name.removeprefix("fold-")) - 1 for path in run.folder.model.iterdir())
    assert 2 <= len(folds) < 40
    assert folds_of(rows) == set(folds)
    assert state.metrics["validation"]["events"]["rows"] == len(rows)
    assert unseal(run.folder.path) == 0
    assert run.state().metrics["test"]["auc"] > 0.5
