"""The torch loop: learns, repeats itself, is not moved by being watched, and says when it cannot go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mltui.core.errors import InputError
from mltui.core.events import Event
from mltui.evaluation.metrics import metrics
from mltui.inference.network import FittedNetwork
from mltui.inference.reload import load
from mltui.models.network_training import OPTIMIZERS
from mltui.record.state import RunState, fold
from mltui.training import network
from mltui.training.gate import Gate
from mltui.training.problem import Problem, Rows, TrainingError
from mltui.training.report import Predict, Reporter

Make = Callable[..., Problem]
SMALL = {"dataset": "moons", "options": {"samples": 200}}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def small(problem: Make, model: dict[str, Any] | None = None, **training: Any) -> Problem:
    settings = {"epochs": 5, "batch_size": 20, "device": "cpu", **training}
    return problem(model={"hidden_layers": [8], **(model or {})}, data=SMALL, training=settings)


def fit(problem: Problem, gate: Gate | None = None, pictures: Any = None) -> tuple[FittedNetwork, RunState]:
    """The fitted network, and the run as its events tell it."""
    events: list[Event] = []
    reporter = Reporter(
        lambda kind, **fields: events.append(Event(len(events), 1, kind, 0.0, fields)), {}, gate, pictures
    )
    fitted = network.fit(problem, reporter)
    reporter.flush()
    return fitted, fold(RunState(), [Event.read(event.document()) for event in events])


def reweighted(problem: Problem, weights: np.ndarray) -> Problem:
    train = replace(problem.train, weights=weights)
    return replace(problem, parts={**problem.parts, "train": train}, weighted=True)


def validated(problem: Problem, fitted: FittedNetwork) -> dict[str, Any]:
    rows = problem.validation
    assert rows is not None
    return metrics(rows.scored(fitted.predict(rows.x)), problem.task, problem.classes, problem.weighted)


def points(state: RunState, name: str, part: str) -> np.ndarray:
    series = state.curve(name, part)
    assert series is not None
    return series.values


def test_two_classes_are_learnt_and_every_epoch_is_a_point(problem: Make) -> None:
    made = small(problem, epochs=60, learning_rate=0.03)
    fitted, state = fit(made)
    assert validated(made, fitted)["auc"] > 0.95
    for curve, series in zip(state.curves, state.series, strict=True):
        np.testing.assert_array_equal(series.steps, np.arange(1, 61))
        assert np.isfinite(series.values).all(), curve
    assert points(state, "loss", "train")[-1] < points(state, "loss", "train")[0]
    assert fitted.kept == 60


def test_the_last_points_are_the_fitted_model_s_metrics(problem: Make) -> None:
    made = small(problem)
    fitted, state = fit(made)
    found = validated(made, fitted)
    for name in ("loss", "accuracy", "auc"):
        assert points(state, name, "validation")[-1] == found[name]


def test_many_classes_give_probabilities_that_add_up(problem: Make) -> None:
    made = problem("iris", {"hidden_layers": [16]}, training={"epochs": 40, "device": "cpu"})
    fitted, _ = fit(made)
    scores = fitted.predict(made.train.x)
    assert scores.shape == (len(made.train), 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert validated(made, fitted)["accuracy"] > 0.85


def test_a_regression_in_a_large_unit_is_learnt_and_told_in_that_unit(problem: Make) -> None:
    made = problem("plane", {"hidden_layers": [16]}, training={"epochs": 30, "device": "cpu"})
    large = {
        part: replace(rows, target=rows.target.astype(np.float64) * 1e6 + 5e7) for part, rows in made.parts.items()
    }
    made = replace(made, parts=large)
    fitted, state = fit(made)
    found = validated(made, fitted)
    assert found["r2"] > 0.95
    assert points(state, "rmse", "validation")[-1] == found["rmse"]
    assert points(state, "loss", "train")[-1] == pytest.approx(points(state, "rmse", "train")[-1] ** 2)


def test_a_constant_target_is_predicted(problem: Make) -> None:
    made = problem("plane", {"hidden_layers": [4]}, training={"epochs": 30, "device": "cpu"})
    made = replace(made, parts={part: replace(r, target=np.full(len(r), 3.0)) for part, r in made.parts.items()})
    fitted, _ = fit(made)
    np.testing.assert_allclose(fitted.predict(made.train.x), 3, atol=0.3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser_goes_downhill(problem: Make, optimizer: str) -> None:
    whole = optimizer in ("gradient_descent", "newton", "genetic")
    settings = {"epochs": 10, "optimizer": optimizer, "learning_rate": 0.1 if whole else 0.01, "device": "cpu"}
    made = problem(
        model={"hidden_layers": [8]}, data=SMALL, training=settings if whole else {**settings, "batch_size": 20}
    )
    _, state = fit(made)
    losses = points(state, "loss", "train")
    assert losses[-1] < losses[0]


def test_the_same_experiment_twice_is_the_same_and_another_seed_is_not(problem: Make) -> None:
    made = small(problem, {"dropout": 0.2})
    once, again = (fit(made)[0].predict(made.train.x) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    other = replace(made, experiment=replace(made.experiment, seed=2))
    assert np.abs(fit(other)[0].predict(made.train.x) - once).max() > 1e-3


class Onlooker:
    """Asks for scores at every chance."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.asked = 0

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        self.asked += 1
        once = predict(self.rows.x)
        np.testing.assert_array_equal(once, predict(self.rows.x))

    glance = look

    def changed(self) -> list[tuple[float, str]] | None:
        return None


def test_being_watched_changes_nothing(problem: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = small(problem, {"dropout": 0.3})
    alone, unwatched = fit(made)
    monkeypatch.setattr("mltui.training.report.INTERVAL", 0.0)
    onlooker = Onlooker(made.train)
    watched, state = fit(made, pictures=onlooker)
    assert onlooker.asked > 30, "looked at within epochs too"
    np.testing.assert_array_equal(alone.predict(made.train.x), watched.predict(made.train.x))
    np.testing.assert_array_equal(points(state, "loss", "validation"), points(unwatched, "loss", "validation"))


def test_early_stopping_keeps_the_best_epoch_and_its_weights(problem: Make) -> None:
    made = small(problem, {"hidden_layers": [64, 64]}, epochs=300, learning_rate=0.02, early_stopping=8)
    fitted, state = fit(made)
    losses = points(state, "loss", "validation")
    assert len(losses) < 300
    best = int(losses.argmin()) + 1
    assert fitted.kept == best == state.kept
    assert len(losses) == best + 8
    assert validated(made, fitted)["loss"] == pytest.approx(losses.min())


def test_early_stopping_without_validation_rows_is_the_user_s_to_mend(problem: Make) -> None:
    made = small(problem, early_stopping=3)
    with pytest.raises(InputError, match=r"early_stopping needs validation rows") as caught:
        fit(replace(made, parts={"train": made.train}))
    assert caught.value.key == "training.early_stopping"


def test_no_validation_is_no_hindrance(problem: Make) -> None:
    made = small(problem)
    _, state = fit(replace(made, parts={"train": made.train}))
    assert {curve.part for curve in state.curves} == {"train"}
    assert state.step == 5


def test_the_unit_of_the_weights_does_not_matter(problem: Make) -> None:
    made = small(problem)
    weights = np.random.default_rng(3).uniform(0.5, 2, len(made.train))
    once, scaled = (fit(reweighted(made, weights * factor))[0].predict(made.train.x) for factor in (1, 1024))
    np.testing.assert_array_equal(once, scaled)
    assert np.abs(fit(made)[0].predict(made.train.x) - once).max() > 1e-3, "the weights do matter"


@pytest.mark.parametrize("dataset", ["moons", "iris"])
def test_a_row_of_weight_two_is_two_rows(problem: Make, dataset: str) -> None:
    settings = {"epochs": 3, "batch_size": 100_000, "optimizer": "sgd", "device": "cpu"}
    made = problem(dataset, {"hidden_layers": [8], "activation": "tanh"}, training=settings)
    rng = np.random.default_rng(1)
    counts = rng.integers(1, 4, len(made.train))
    weighted, _ = fit(reweighted(made, counts.astype(float)))
    repeated = replace(made, parts={**made.parts, "train": made.train.take(np.repeat(np.arange(len(counts)), counts))})
    plain, _ = fit(repeated)
    np.testing.assert_allclose(weighted.predict(made.train.x), plain.predict(made.train.x), atol=1e-5)


def test_negative_weights_are_taken(problem: Make) -> None:
    made = small(problem, epochs=20)
    weights = np.where(np.arange(len(made.train)) % 10 == 0, -0.5, 1.0)
    fitted, _ = fit(reweighted(made, weights))
    assert validated(made, fitted)["auc"] > 0.8


def test_weights_that_sum_to_nothing_are_refused_in_words(problem: Make) -> None:
    made = small(problem)
    with pytest.raises(
        InputError, match=r"the weights of the 120 training rows add up to -120; .* positive sum"
    ) as error:
        fit(reweighted(made, -np.ones(len(made.train))))
    assert error.value.key == "preprocess.negative_weights"


def test_an_exploding_loss_ends_in_a_sentence(problem: Make) -> None:
    settings = {"epochs": 50, "optimizer": "sgd", "learning_rate": 1000.0, "device": "cpu"}
    made = problem("plane", {"hidden_layers": [32, 32]}, preprocess={"scale": "none"}, training=settings)
    with pytest.raises(TrainingError) as caught:
        fit(made)
    assert caught.value.cause == "diverged"
    assert "no longer a number after epoch" in caught.value.sentence
    assert "learning_rate of 1000" in caught.value.sentence
    assert "try 100" in caught.value.sentence
    assert "preprocess.scale" in caught.value.sentence


def test_a_stop_keeps_what_there_is(problem: Make) -> None:
    gate = Gate()
    gate.ask("stop")
    fitted, state = fit(small(problem), gate)
    assert fitted.kept is not None
    assert 0 < fitted.kept < 1
    assert state.curve("loss", "train") is not None
    assert np.isfinite(fitted.predict(small(problem).train.x)).all()


@pytest.mark.parametrize("dataset", ["moons", "iris", "plane"])
def test_what_is_saved_comes_back_the_same(problem: Make, dataset: str, tmp_path: Path) -> None:
    made = problem(dataset, {"hidden_layers": [8]}, training={"epochs": 2, "device": "cpu"})
    fitted, _ = fit(made)
    fitted.save(tmp_path)
    loaded = load(tmp_path, made.card)
    np.testing.assert_array_equal(loaded.predict(made.train.x), fitted.predict(made.train.x))
    assert loaded.kept == fitted.kept == 2
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".json"}


def test_no_rows_give_no_scores(problem: Make) -> None:
    made = small(problem, epochs=1)
    assert fit(made)[0].predict(np.zeros((0, 2), np.float32)).shape == (0,)


def test_many_validation_rows_are_sampled_for_the_curves_but_not_for_the_loss(problem: Make) -> None:
    whole = small(problem)
    made = replace(whole, card=replace(whole.card, live_rows=20))
    fitted, state = fit(made)
    assert len(made.live["validation"]) == 20
    found = validated(made, fitted)
    assert points(state, "loss", "validation")[-1] == pytest.approx(found["loss"], rel=1e-5)
    live = made.live["validation"]
    sampled = metrics(live.scored(fitted.predict(live.x)), made.task, made.classes, False)
    assert points(state, "accuracy", "validation")[-1] == sampled["accuracy"]


@pytest.mark.gpu
def test_a_graphics_card_learns_the_same(problem: Make) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    made = replace(small(problem, epochs=60, learning_rate=0.03), device="cuda:0")
    once, again = fit(made)[0], fit(made)[0]
    assert validated(made, once)["auc"] > 0.95
    np.testing.assert_array_equal(once.predict(made.train.x), again.predict(made.train.x))
