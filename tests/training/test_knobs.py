"""Each knob of a network's training has the effect that the lectures promise, seen on a whole fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mltui.core.errors import InputError
from mltui.core.experiment import Experiment
from mltui.core.snapshot import Layers
from mltui.inference.asked import known
from mltui.inference.network import FittedNetwork
from mltui.record.state import RunState
from mltui.training.prepare import prepare
from mltui.training.problem import Problem, TrainingError
from mltui.training.report import Predict
from tests.training.test_network import fit, points

Make = Callable[..., Problem]
MOONS = {"dataset": "moons", "options": {"samples": 200}}

HALF = 2.0**-11
"""How far rounding to half precision goes."""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def moons(problem: Make, model: dict[str, Any] | None = None, **training: Any) -> Problem:
    settings = {"epochs": 8, "batch_size": 20, "device": "cpu", **training}
    return problem(model={"hidden_layers": [8], **(model or {})}, data=MOONS, training=settings)


def learnt(problem: Make, model: dict[str, Any] | None = None, **training: Any) -> tuple[FittedNetwork, RunState]:
    return fit(moons(problem, model, **training))


def weights_of(fitted: FittedNetwork) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in fitted.module.state_dict().items()}


class Eye:
    """Keeps what the layers hold after each epoch."""

    def __init__(self, x: np.ndarray | None = None, plane: np.ndarray | None = None) -> None:
        self.seen: list[Layers] = []
        self._x, self._plane = x, plane

    def look(self, step: float, predict: Predict, inside: Any = None, known: Any = None) -> None:
        self.seen.append(inside(self._x, self._plane))

    def glance(self, step: float, predict: Predict, inside: Any = None) -> None: ...
    def changed(self) -> None:
        return None


def test_zero_initialisation_never_breaks_the_symmetry(problem: Make) -> None:
    fitted, _ = learnt(problem, {"initialization": "zero", "activation": "sigmoid"}, epochs=20, learning_rate=0.1)
    hidden = weights_of(fitted)["hidden_1.weight"]
    assert np.abs(hidden).max() > 0.01, "they did move"
    np.testing.assert_allclose(hidden, np.tile(hidden[0], (8, 1)), rtol=1e-5)
    other, _ = learnt(problem, {"initialization": "glorot", "activation": "sigmoid"}, epochs=20, learning_rate=0.1)
    assert np.abs(np.diff(weights_of(other)["hidden_1.weight"], axis=0)).max() > 0.1


def test_stacked_linear_layers_stay_straight(problem: Make) -> None:
    """A boundary of linear layers is one line: the logit of the middle of two points is the mean of theirs."""
    straight, _ = learnt(problem, {"hidden_layers": [8, 8], "activation": "linear"})
    bent, _ = learnt(problem, {"hidden_layers": [8, 8], "activation": "tanh"}, epochs=40)
    ends = np.array([[-1.5, 1.0], [1.5, -0.5]], np.float32)
    every = np.concatenate([ends, ends.mean(axis=0, keepdims=True)])

    def bend(fitted: FittedNetwork) -> float:
        left, right, middle = fitted.outputs(torch.from_numpy(every))[:, 0].tolist()
        return float(abs(middle - (left + right) / 2))

    assert bend(straight) < 1e-5
    assert bend(bent) > 0.05


def test_dropout_is_off_when_the_network_is_asked(problem: Make) -> None:
    fitted, _ = learnt(problem, {"dropout": 0.5, "input_dropout": 0.3})
    x = np.zeros((5, 2), np.float32)
    np.testing.assert_array_equal(fitted.predict(x), fitted.predict(x))
    fitted.module.train()
    torch.manual_seed(1)
    assert len(set(fitted.module(torch.ones(64, 2))[:, 0].tolist())) > 10, "on while it trains"
    np.testing.assert_array_equal(fitted.predict(x), fitted.predict(x))


def test_batch_norm_is_judged_by_running_statistics(problem: Make) -> None:
    """One row at a time gives what all together give: by the batch's own spread a single row could not."""
    made = moons(problem, {"normalization": "batch"}, epochs=20)
    fitted, _ = fit(made)
    together = fitted.predict(made.train.x[:20])
    alone = np.concatenate([fitted.predict(made.train.x[row : row + 1]) for row in range(20)])
    np.testing.assert_allclose(alone, together, rtol=1e-6)
    statistics = weights_of(fitted)
    names = [name for name in statistics if name.endswith("running_mean")]
    assert names
    assert all(np.abs(statistics[name]).max() > 0 for name in names)


def test_batch_norm_meets_no_batch_of_one_row(problem: Make) -> None:
    made = moons(problem, {"normalization": "batch"}, batch_size=17)
    assert len(made.fit) % 17 == 1
    _, state = fit(made)
    assert state.step == 8


def test_l1_makes_exact_zeros_and_l2_only_smaller_weights(problem: Make) -> None:
    plain, _ = learnt(problem, epochs=20)
    sparse, _ = learnt(problem, epochs=20, l1=0.1, optimizer="sgd", learning_rate=0.1)
    small, _ = learnt(problem, epochs=20, weight_decay=0.1)

    def zeros(fitted: FittedNetwork) -> int:
        return sum(int((v == 0).sum()) for name, v in weights_of(fitted).items() if name.endswith("weight"))

    def size(fitted: FittedNetwork) -> float:
        return sum(float(np.square(v).sum()) for name, v in weights_of(fitted).items() if name.endswith("weight"))

    assert zeros(plain) == zeros(small) == 0
    assert zeros(sparse) > 4
    assert size(small) < 0.7 * size(plain)


def test_max_norm_holds_every_neuron_s_weights(problem: Make) -> None:
    free, _ = learnt(problem, {"activation": "tanh"}, epochs=20, learning_rate=0.1)
    held, _ = learnt(problem, {"activation": "tanh", "max_norm": 0.5}, epochs=20, learning_rate=0.1)

    def longest(fitted: FittedNetwork) -> float:
        return max(
            float(np.linalg.norm(v, axis=1).max()) for name, v in weights_of(fitted).items() if name.endswith("weight")
        )

    assert longest(free) > 1
    assert longest(held) <= 0.5 + 1e-6


def test_clipping_tames_a_learning_rate_that_explodes(problem: Make) -> None:
    settings = {"epochs": 10, "optimizer": "sgd", "learning_rate": 3.0, "batch_size": 32, "device": "cpu"}
    wild = problem("plane", {"hidden_layers": [32, 32]}, preprocess={"scale": "none"}, training=settings)
    with pytest.raises(
        TrainingError, match=r"after epoch \d+: a learning_rate of 3 .* try 0.3 or training.clip_norm = 1"
    ):
        fit(wild)
    tame = problem(
        "plane", {"hidden_layers": [32, 32]}, preprocess={"scale": "none"}, training={**settings, "clip_norm": 0.01}
    )
    _, state = fit(tame)
    assert np.isfinite(points(state, "loss", "train")).all()


def test_noise_is_for_training_alone_and_keeps_the_boundary_soft(problem: Make) -> None:
    sharp, _ = learnt(problem, {"hidden_layers": [32]}, epochs=60, learning_rate=0.05)
    soft, _ = learnt(problem, {"hidden_layers": [32]}, epochs=60, learning_rate=0.05, noise=1.0)
    x = np.random.default_rng(1).normal(size=(200, 2)).astype(np.float32)
    np.testing.assert_array_equal(soft.predict(x), soft.predict(x))
    assert np.abs(soft.predict(x) - 0.5).mean() < np.abs(sharp.predict(x) - 0.5).mean() - 0.05


@pytest.mark.parametrize("monitor", ["loss", "accuracy", "auc"])
def test_patience_goes_by_the_monitored_number_and_look_back_restores_its_best_epoch(
    problem: Make, monitor: str
) -> None:
    made = moons(problem, {"hidden_layers": [64]}, epochs=60, learning_rate=0.1, early_stopping=5, monitor=monitor)
    fitted, state = fit(made)
    values = points(state, monitor, "validation")
    best = int(values.argmin() if monitor == "loss" else values.argmax()) + 1
    assert fitted.kept == best == state.kept
    assert len(values) == min(60, best + 5)
    rows = made.validation
    assert rows is not None
    right = (fitted.predict(rows.x) > 0.5) == rows.target
    assert right.mean() == pytest.approx(points(state, "accuracy", "validation")[best - 1])


def test_a_metric_of_the_other_task_is_no_monitor(problem: Make) -> None:
    with pytest.raises(InputError, match=r"training.monitor = r2 does not suit classification; .* loss, accuracy, auc"):
        fit(moons(problem, monitor="r2"))


@pytest.mark.parametrize(
    ("name", "task"), [("hinge", "moons"), ("squared", "moons"), ("absolute", "plane"), ("huber", "plane")]
)
def test_the_loss_that_is_minimised_has_a_curve_of_its_own(problem: Make, name: str, task: str) -> None:
    settings = {"epochs": 12, "batch_size": 20, "device": "cpu", "loss": name}
    fitted, state = fit(problem(task, {"hidden_layers": [8]}, training=settings))
    assert state.curves[0].name == f"{name}_loss"
    own = points(state, f"{name}_loss", "validation")
    assert own[-1] < own[0]
    assert len(points(state, "loss", "validation")) == 12
    assert fitted.kept == 12


def test_the_usual_loss_has_no_second_curve(problem: Make) -> None:
    _, state = learnt(problem, loss="cross_entropy")
    assert [curve.name for curve in state.curves] == ["loss", "loss", "accuracy", "accuracy", "auc", "auc"]


def test_absolute_error_is_told_in_the_target_s_unit(problem: Make) -> None:
    made = problem("plane", {"hidden_layers": [8]}, training={"epochs": 3, "loss": "absolute", "device": "cpu"})
    large = {part: replace(rows, target=rows.target.astype(np.float64) * 1000) for part, rows in made.parts.items()}
    fitted, state = fit(replace(made, parts=large))
    rows = large["validation"]
    wanted = np.abs(fitted.predict(rows.x) - rows.target.astype(np.float64)).mean()
    assert points(state, "absolute_loss", "validation")[-1] == pytest.approx(wanted, rel=1e-5)


def test_a_run_that_learns_nothing_says_so(problem: Make) -> None:
    _, dead = learnt(problem, {"initialization": "zero"}, epochs=4)  # relu of zero passes nothing back
    assert any("has learnt nothing" in sentence for sentence in dead.warnings)
    assert any("(cross entropy) of 0.693 is no lower than the 0.693" in sentence for sentence in dead.warnings)
    _, alive = learnt(problem, epochs=4)
    assert not alive.warnings


@pytest.mark.parametrize("more", [{"balance": "classes"}, {"balance": "classes", "negative_weights": "drop"}])
def test_what_is_learnt_of_a_rare_class_is_seen_with_the_weights_of_the_fit(more: dict[str, Any]) -> None:
    """By the weights of the data, one signal in six thousand, no answer is better than that there is none."""
    document = {
        "data": {"dataset": "collisions", "options": {"samples": 300}},
        "preprocess": more,
        "model": {"name": "mlp"},
        "training": {"epochs": 5, "device": "cpu"},
    }
    made = prepare(Experiment.check(document, known()), Path()).member(0).problem
    _, state = fit(made)
    assert not [sentence for sentence in state.warnings if "learnt nothing" in sentence]
    still = {**document, "model": {"name": "mlp", "initialization": "zero", "activation": "relu"}}
    _, dead = fit(prepare(Experiment.check(still, known()), Path()).member(0).problem)
    assert any("has learnt nothing" in sentence for sentence in dead.warnings)


def test_sigmoid_layers_lose_the_gradient_that_relu_layers_pass_on(problem: Make) -> None:
    deep: dict[str, Any] = {"hidden_layers": [16] * 5}
    ratios = {}
    for activation, start in (("sigmoid", "glorot"), ("relu", "he")):
        eye = Eye()
        fit(moons(problem, {**deep, "activation": activation, "initialization": start}, epochs=1), pictures=eye)
        gradients = eye.seen[0].gradients
        assert eye.seen[0].names == (*(f"hidden_{n}" for n in range(1, 6)), "output")
        ratios[activation] = gradients[0] / gradients[-1]
    assert ratios["sigmoid"] < 1e-2
    assert ratios["relu"] > 0.1


def test_the_layers_hold_what_the_network_computes(problem: Make) -> None:
    made = moons(problem, {"hidden_layers": [6, 4], "activation": "tanh", "dropout": 0.3}, epochs=2)
    eye = Eye(made.train.x[:10])
    fitted, _ = fit(made, pictures=eye)
    last = eye.seen[-1]
    assert len(eye.seen) == 3
    x = made.train.x[:10].astype(np.float64)
    first = np.tanh(x @ last.weights["hidden_1"].T + last.biases["hidden_1"])
    second = np.tanh(first @ last.weights["hidden_2"].T + last.biases["hidden_2"])
    np.testing.assert_allclose(last.activations["hidden_1"], first, rtol=HALF, atol=1e-5)
    np.testing.assert_allclose(last.activations["hidden_2"], second, rtol=HALF, atol=1e-5)
    logit = second @ last.weights["output"].T + last.biases["output"]
    np.testing.assert_allclose(fitted.predict(made.train.x[:10]), 1 / (1 + np.exp(-logit[:, 0])), atol=1e-5)


def over_the_plane() -> np.ndarray:
    """Shape (20, 20, 2): a grid of inputs."""
    return np.stack(np.meshgrid(np.linspace(-2, 2, 20), np.linspace(-1, 1, 20)), axis=-1).astype(np.float32)


@pytest.mark.parametrize("activation", ["tanh", "linear", "maxout"])
def test_the_maps_hold_what_each_neuron_computes_over_the_plane(problem: Make, activation: str) -> None:
    made = moons(problem, {"hidden_layers": [6, 4], "activation": activation, "dropout": 0.3}, epochs=1)
    plane = over_the_plane()
    eye = Eye(plane.reshape(-1, 2), plane)
    fitted, _ = fit(made, pictures=eye)
    last = eye.seen[-1]
    assert (last.widths, last.functions) == ((2, 6, 4, 1), (activation, activation, "linear"))
    np.testing.assert_allclose(last.maps["input"], plane.transpose(2, 0, 1), rtol=HALF, atol=1e-5)
    for name, width in (("hidden_1", 6), ("hidden_2", 4)):
        assert last.maps[name].shape == (width, 20, 20)
        np.testing.assert_allclose(
            last.maps[name].reshape(width, -1).T, last.activations[name], rtol=2 * HALF, atol=1e-5
        )
    answers = 1 / (1 + np.exp(-last.maps["output"].ravel().astype(np.float64)))
    np.testing.assert_allclose(answers, fitted.predict(plane.reshape(-1, 2)), rtol=2 * HALF, atol=1e-5)


def test_of_a_large_network_no_more_is_kept_than_was_promised(problem: Make) -> None:
    made = moons(problem, {"hidden_layers": [700, 90, 400]}, epochs=1)
    plane = over_the_plane()
    eye = Eye(np.zeros((200, 2)), plane)
    fit(made, pictures=eye)
    last = eye.seen[-1]
    assert last.weights == {}
    assert {name: len(maps) for name, maps in last.maps.items()} == {
        "input": 2, "hidden_1": 65, "hidden_2": 65, "hidden_3": 65, "output": 1
    }  # fmt: skip
    assert list(last.activations) == ["hidden_2", "hidden_3"]
    assert sum(values.nbytes for values in last.arrays().values()) < 500_000


def test_mixed_precision_learns_too(problem: Make) -> None:
    made = moons(problem, epochs=30, learning_rate=0.03, precision="mixed")
    fitted, state = fit(made)
    assert points(state, "auc", "validation")[-1] > 0.9
    assert fitted.module.state_dict()["output.weight"].dtype == torch.float32


@pytest.mark.parametrize(("model", "dataset", "wanted"), [
    ({"name": "logistic_regression", "solver": "gradient"}, "moons", 0.9),
    ({"name": "logistic_regression", "solver": "gradient"}, "iris", 0.95),
    ({"name": "perceptron"}, "iris", 0.8),
    ({"name": "linear_regression", "solver": "gradient"}, "plane", 0.95),
])  # fmt: skip
def test_linear_models_by_gradient(problem: Make, model: dict[str, Any], dataset: str, wanted: float) -> None:
    made = problem(dataset, model, training={"epochs": 60, "device": "cpu"})
    _, state = fit(made)
    name = "r2" if dataset == "plane" else "auc"
    assert points(state, name, "validation")[-1] > wanted


def test_logistic_regression_by_gradient_comes_to_the_solver_s_answer(problem: Make) -> None:
    from sklearn.linear_model import LogisticRegression

    settings = {"epochs": 400, "optimizer": "gradient_descent", "learning_rate": 2.0, "device": "cpu"}
    made = problem("moons", {"name": "logistic_regression", "solver": "gradient"}, training=settings)
    fitted, _ = fit(made)
    exact = LogisticRegression(C=1e9, max_iter=1000).fit(made.train.x, made.train.target)
    np.testing.assert_allclose(fitted.predict(made.train.x), exact.predict_proba(made.train.x)[:, 1], atol=0.01)
