"""Runs of several seeds: each model that of a run with its seed alone, judged together by the mean of their scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mltui.cli.asked import Asked
from mltui.cli.documents import run_document
from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.source import Source
from mltui.data.read import read
from mltui.inference.asked import known
from mltui.inference.members import Members
from mltui.plots import members
from mltui.record.predictions import PartPredictions, read_predictions
from mltui.runs.watch import Watch
from mltui.training.turns import Outcome
from tests.training.conftest import Run, Workers

pytestmark = pytest.mark.xdist_group("folds")

MOONS = {"dataset": "moons", "options": {"samples": 200, "noise": 0.3}}
NETWORK: dict[str, Any] = {
    "data": MOONS,
    "model": {"name": "mlp", "hidden_layers": [6], "dropout": 0.1},
    "training": {"epochs": 6, "batch_size": 20, "early_stopping": 2, "device": "cpu", "threads": 1},
}
FOREST: dict[str, Any] = {
    "data": MOONS,
    "model": {"name": "random_forest", "n_estimators": 4, "max_depth": 3},
    "training": {"threads": 1},
}
DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "network": {**NETWORK, "seed": 5, "seeds": 3},
    **{f"network {seed}": {**NETWORK, "seed": seed} for seed in (5, 6, 7)},
    "forest": {**FOREST, "seeds": 2},
    "refit": {**FOREST, "seeds": 2, "split": {"refit": True}},
    "exact": {"data": {"dataset": "plane"}, "seeds": 2, "model": {"name": "linear_regression"}},
}


@pytest.fixture(scope="module")
def runs(workers: Workers) -> dict[str, Run]:
    return workers.in_one(DOCUMENTS, opened=["forest"])


def part(run: Run, name: str) -> PartPredictions:
    predictions = read_predictions(run.folder)
    assert predictions is not None
    return predictions.parts[name]


def test_each_model_is_that_of_a_run_with_its_seed_alone(runs: Mapping[str, Run]) -> None:
    state = runs["network"].state()
    assert state.members == ("seed 5", "seed 6", "seed 7")
    for seed in (5, 6, 7):
        alone = runs[f"network {seed}"]
        for name in ("loss", "auc"):
            mine, own = state.curve(name, "validation", f"seed {seed}"), alone.state().curve(name, "validation")
            assert mine is not None
            assert own is not None
            np.testing.assert_array_equal(mine.values, own.values)
        kept = (runs["network"].folder.model / f"seed-{seed}" / "network.safetensors").read_bytes()
        assert kept == (alone.folder.model / "network.safetensors").read_bytes()


def test_they_are_judged_by_the_mean_of_their_scores_with_the_spread_of_the_single_ones(
    runs: Mapping[str, Run],
) -> None:
    state = runs["network"].state()
    alone = [runs[f"network {seed}"] for seed in (5, 6, 7)]
    for name in ("train", "validation"):
        rows = part(runs["network"], name)
        assert rows.fold is None
        mean = np.mean([part(one, name).scores.scores for one in alone], axis=0)
        np.testing.assert_allclose(rows.scores.scores, mean, rtol=1e-12)
        assert state.metrics[name]["auc"] == pytest.approx(roc_auc_score(rows.scores.target, mean))
        single = [one.state().metrics[name]["auc"] for one in alone]
        found = state.spread[name]["auc"]
        assert found["mean"] == pytest.approx(np.mean(single), rel=1e-12)
        assert found["deviation"] == pytest.approx(np.std(single, ddof=1), rel=1e-9)


def test_what_each_of_them_says_of_the_validation_is_kept_for_the_spread_of_its_curves(
    runs: Mapping[str, Run],
) -> None:
    rows = part(runs["network"], "validation")
    assert rows.seeds is not None
    for place, seed in enumerate((5, 6, 7)):
        alone = part(runs[f"network {seed}"], "validation")
        np.testing.assert_allclose(rows.seeds[:, place], alone.scores.scores, rtol=1e-6)
    assert part(runs["network"], "train").seeds is None
    assert part(runs["network 5"], "validation").seeds is None
    last = Watch(runs["network"].folder).look().snapshot
    assert last is not None
    np.testing.assert_array_equal(last.seeds["validation"], rows.seeds)


def test_all_of_them_speak_for_a_row(runs: Mapping[str, Run]) -> None:
    """The sealed part once it is opened, rows of the run's own, and new ones, which a refit alone scores."""
    forest = Members.load(runs["forest"].folder)
    table = read(forest.experiment.data, runs["forest"].folder.path)
    table = table.take(np.argsort(table.entry))
    rows = np.arange(len(table))
    mean = np.mean([forest.member(name).score(table, rows) for name in ("seed 1", "seed 2")], axis=0)
    for name in ("test", "validation"):
        kept = part(runs["forest"], name)
        np.testing.assert_allclose(kept.scores.scores, mean[kept.entry], rtol=1e-12)
    np.testing.assert_allclose(forest.score(table, rows).scores, mean, rtol=1e-12)
    refit = Members.load(runs["refit"].folder)
    np.testing.assert_array_equal(refit.score(table, rows).scores, refit.member("refit").score(table, rows))
    own = refit.score(table, rows, np.zeros(len(rows), np.int64)).scores
    np.testing.assert_allclose(own, mean, rtol=1e-12, err_msg="of its own rows, those speak that were judged")


def test_seeds_that_change_nothing_are_told_of(runs: Mapping[str, Run]) -> None:
    exact = runs["exact"].state()
    assert exact.spread["validation"]["rmse"]["deviation"] == 0
    assert [one for one in exact.warnings if "the same" in one], exact.warnings
    assert not [one for one in runs["network"].state().warnings if "the same" in one]


def test_what_is_said_of_them(runs: Mapping[str, Run]) -> None:
    run = runs["network"]
    assert members.said(run.state()) == "3 seeds"
    assert members.last(run.state()) == "seed 7 (3 of 3)"
    document = run_document(run.folder, run.state(), Asked.read(run.folder))
    assert set(document["spread"]) == {"train", "validation"}
    lines = members.lines(run.state(), "loss", previous=False)
    assert [line.label for line in lines].count("each seed") == 3
    names = [f"seed {seed}" for seed in (1, 2, 3)]
    assert Outcome(trained=2).cut_short(names).startswith("The run was stopped: 2 of 3 seeds have a model")


def test_what_is_asked_is_written_and_read_back() -> None:
    asked = Experiment.check({**NETWORK, "seeds": 4}, known())
    assert asked.judged == ("seed 1", "seed 2", "seed 3", "seed 4")
    assert Experiment.parse(Source("asked.toml", asked.to_toml()), known()) == asked
    with pytest.raises(InputError, match=r"seeds and split\.folds each train several models") as refused:
        Experiment.check({**NETWORK, "seeds": 4, "split": {"folds": 3}}, known())
    assert refused.value.key == "seeds"
    with pytest.raises(InputError, match="seeds must be a whole number from 2 to 1000 or none, not 1"):
        Experiment.check({**NETWORK, "seeds": 1}, known())
