"""Every loss: its slope, its weights, its values by hand and beside other libraries, and what the best constant has."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.special import expit, huber, softmax
from sklearn.metrics import brier_score_loss, hinge_loss, log_loss, mean_absolute_error, mean_squared_error

from mltui.core.errors import InputError
from mltui.models.card import Shape
from mltui.training.constant import constant_loss
from mltui.training.losses import CLASSIFICATION, REGRESSION, loss_of, named_loss, unit

ROWS = 8
VALUES, TWO_VALUES = Shape("regression", 2, 0), Shape("regression", 2, 0, targets=2)
TWO, THREE = Shape("classification", 2, 2), Shape("classification", 2, 3)
CASES = [*product((VALUES, TWO_VALUES), REGRESSION), *product((TWO, THREE), CLASSIFICATION)]
WEIGHTS = {
    "none": None,
    "positive": np.linspace(0.1, 1.9, ROWS),
    "negative": np.where(np.arange(ROWS) % 4 == 3, -0.5, 1.5),
}


def batch(shape: Shape, rows: int = ROWS) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of some network, and a target that they sometimes hit."""
    luck = np.random.default_rng(4)
    outputs = torch.from_numpy(luck.normal(0, 1.5, (rows, shape.outputs)))
    if shape.task == "regression":
        return outputs, torch.from_numpy(luck.normal(0, 1.5, (rows, shape.targets)))
    codes = torch.from_numpy(luck.integers(0, shape.classes, rows))
    return outputs, codes.double().unsqueeze(1) if shape.classes == 2 else codes


def of(shape: Shape, name: str, outputs: Any, target: Any, weights: Any = None) -> float:
    """A loss of arrays."""
    x, y = (torch.as_tensor(np.asarray(values)) for values in (outputs, target))
    return float(loss_of(shape, name)(x, y, None if weights is None else torch.as_tensor(np.asarray(weights))))


def label(value: object) -> str:
    return str(value) if isinstance(value, str) else ""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


# -- slopes and weights ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("weighted", WEIGHTS)
@pytest.mark.parametrize(("shape", "name"), CASES, ids=label)
def test_slopes_agree_with_finite_differences(shape: Shape, name: str, weighted: str) -> None:
    outputs, target = batch(shape)
    weights = WEIGHTS[weighted]
    loss, counts = loss_of(shape, name), None if weights is None else torch.from_numpy(weights)
    found = outputs.clone().requires_grad_()
    loss(found, target, counts).backward()  # type: ignore[no-untyped-call]
    assert found.grad is not None
    tiny = 1e-6
    for place in np.ndindex(*outputs.shape):
        up, down = outputs.clone(), outputs.clone()
        up[place] += tiny
        down[place] -= tiny
        wanted = float(loss(up, target, counts) - loss(down, target, counts)) / (2 * tiny)
        assert float(found.grad[place]) == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize(("shape", "name"), CASES, ids=label)
def test_a_loss_is_the_mean_over_rows_of_weight_times_loss(shape: Shape, name: str) -> None:
    outputs, target = batch(shape)
    loss = loss_of(shape, name)
    each = [float(loss(outputs[i : i + 1], target[i : i + 1], None)) for i in range(ROWS)]
    assert of(shape, name, outputs, target) == pytest.approx(np.mean(each))
    for weights in (WEIGHTS["positive"], WEIGHTS["negative"]):
        assert weights is not None
        assert of(shape, name, outputs, target, weights) == pytest.approx(np.mean(weights * each))


# -- values ----------------------------------------------------------------------------------------------------------
def test_values_by_hand() -> None:
    assert of(VALUES, "huber", [[0.5], [3.0]], [[0.0], [0.0]]) == (0.5 * 0.5**2 + 2.5) / 2
    assert of(VALUES, "absolute", [[0.5], [3.0]], [[0.0], [1.0]]) == 1.25
    assert of(TWO_VALUES, "squared", [[1.0, 3.0]], [[0.0, 0.0]]) == 5
    assert of(TWO, "hinge", [[2.0], [0.5], [-1.0]], [[1.0], [1.0], [1.0]]) == pytest.approx((0 + 0.5 + 2) / 3)
    assert of(TWO, "perceptron", [[2.0], [0.5], [-1.0]], [[0.0], [1.0], [1.0]]) == pytest.approx((2 + 0 + 1) / 3)
    logits = [[2.0, 0.0, 1.5], [0.0, 1.0, 3.0]]
    assert of(THREE, "hinge", logits, [0, 1]) == (0.5 + 3) / 2
    assert of(THREE, "perceptron", logits, [0, 1]) == (0 + 2) / 2
    even = [[0.0, 0.0, 0.0]]
    assert of(THREE, "absolute", even, [2]) == pytest.approx(4 / 3)
    assert of(THREE, "squared", even, [2]) == pytest.approx(6 / 9)
    assert of(THREE, "huber", even, [2]) == pytest.approx(3 / 9)


@pytest.mark.parametrize("weights", [None, WEIGHTS["positive"]], ids=["plain", "weighted"])
def test_values_are_those_of_other_libraries(weights: np.ndarray | None) -> None:
    outputs, target = (values.numpy() for values in batch(TWO))
    logits, codes = outputs[:, 0], target[:, 0]
    names = ("cross_entropy", "squared", "hinge", "absolute")
    got = [of(TWO, name, outputs, target, weights) for name in names]
    wanted = [
        log_loss(codes, expit(logits), sample_weight=weights),
        brier_score_loss(codes, expit(logits), sample_weight=weights),
        hinge_loss(2 * codes - 1, logits, sample_weight=weights),
        mean_absolute_error(codes, expit(logits), sample_weight=weights),
    ]
    np.testing.assert_allclose(got, wanted)

    outputs, codes = (values.numpy() for values in batch(THREE))
    shares, true = softmax(outputs, 1), np.eye(3)[codes]
    wanted = [
        log_loss(codes, shares, labels=[0, 1, 2], sample_weight=weights),
        3 * mean_squared_error(true, shares, sample_weight=weights),
        hinge_loss(codes, outputs, labels=[0, 1, 2], sample_weight=weights),
        3 * mean_absolute_error(true, shares, sample_weight=weights),
    ]
    np.testing.assert_allclose([of(THREE, name, outputs, codes, weights) for name in names], wanted)

    outputs, target = (values.numpy() for values in batch(TWO_VALUES))
    wanted = [
        mean_squared_error(target, outputs, sample_weight=weights),
        mean_absolute_error(target, outputs, sample_weight=weights),
        np.average(huber(1.0, target - outputs).mean(1), weights=weights),
    ]
    np.testing.assert_allclose([of(TWO_VALUES, name, outputs, target, weights) for name in REGRESSION], wanted)


def test_at_their_edge_margins_still_push() -> None:
    """Else a perceptron whose weights are zero would never move."""
    for shape, codes, name, at in [
        (TWO, torch.tensor([[1.0], [0.0]]), "perceptron", torch.zeros(2, 1)),
        (TWO, torch.tensor([[1.0], [0.0]]), "hinge", torch.tensor([[1.0], [-1.0]])),
        (THREE, torch.tensor([2, 0]), "perceptron", torch.zeros(2, 3)),
        (THREE, torch.tensor([2, 0]), "hinge", torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])),
    ]:
        outputs = at.clone().requires_grad_()
        loss_of(shape, name)(outputs, codes, None).backward()  # type: ignore[no-untyped-call]
        slope = outputs.grad
        assert slope is not None
        wanted = [[-0.5], [0.5]] if shape is TWO else [[0.25, 0.25, -0.5], [-0.5, 0.25, 0.25]]
        assert slope.tolist() == wanted, (shape, name)


def test_huge_logits_make_no_nonsense() -> None:
    for shape, name in CASES:
        outputs, target = batch(shape)
        assert math.isfinite(of(shape, name, 1e4 * outputs, target)), (shape, name)


# -- names -----------------------------------------------------------------------------------------------------------
def test_auto_is_by_the_task() -> None:
    assert named_loss(VALUES) == "squared"
    assert named_loss(TWO) == named_loss(THREE) == "cross_entropy"
    for shape in (VALUES, TWO, THREE):
        outputs, target = batch(shape)
        assert of(shape, "auto", outputs, target) == of(shape, named_loss(shape), outputs, target)


@pytest.mark.parametrize("refusing", [named_loss, loss_of])
def test_a_loss_of_the_other_task_is_refused(refusing: Callable[[Shape, str], object]) -> None:
    with pytest.raises(InputError, match="hinge does not suit regression; there it is one of squared") as refused:
        refusing(VALUES, "hinge")
    assert refused.value.key == "training.loss"


def test_units_bring_losses_back() -> None:
    """The loss of the scaled target times the unit is the loss in the target's own unit."""
    outputs, target = batch(VALUES)
    spread = 3.0
    for name in ("squared", "absolute"):
        own = of(VALUES, name, outputs * spread, target * spread)
        assert of(VALUES, name, outputs, target) * unit(VALUES, name, spread) == pytest.approx(own)
    own = huber(spread, (outputs - target).numpy() * spread).mean()
    assert of(VALUES, "huber", outputs, target) * unit(VALUES, "huber", spread) == pytest.approx(own)
    assert unit(TWO, "squared", 1.0) == unit(THREE, "auto", 7.0) == 1


# -- the best constant -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("weighted", ["none", "negative"])
@pytest.mark.parametrize(("shape", "name"), CASES, ids=label)
def test_no_constant_is_better_than_the_best(shape: Shape, name: str, weighted: str) -> None:
    _, target = batch(shape)
    weights = WEIGHTS[weighted]

    def loss(constant: np.ndarray) -> float:
        return of(shape, name, np.tile(constant, (ROWS, 1)), target, weights)

    codes = target.numpy() if shape.task == "regression" else target.numpy().reshape(ROWS).astype(np.int64)
    best = constant_loss(codes, weights, shape, name)
    luck = np.random.default_rng(5)
    tried = [loss(luck.normal(0, 4, shape.outputs)) for _ in range(20)]
    start = luck.normal(0, 1, shape.outputs)
    found = minimize(loss, start, method="Nelder-Mead", options={"maxfev": 200, "xatol": 1e-3}).fun
    assert min(*tried, found) >= best - 1e-9
    assert found == pytest.approx(best, abs=0.02)


def test_a_best_constant_need_not_exist() -> None:
    codes, weights = np.array([0, 0, 1]), np.array([2.0, 2.0, -1.0])
    assert math.isnan(constant_loss(codes, weights, TWO))
    for name in REGRESSION:
        assert math.isnan(constant_loss(np.array([1.0, 2.0]), np.array([1.0, -1.5]), VALUES, name))
        assert math.isnan(constant_loss(np.array([]), None, VALUES, name))
    assert math.isnan(constant_loss(np.array([], np.int64), None, TWO))


def test_a_class_without_rows_costs_nothing() -> None:
    assert constant_loss(np.array([1, 1]), None, TWO) == 0
    assert constant_loss(np.array([0, 2]), None, THREE) == pytest.approx(np.log(2))


def test_of_classes_as_frequent_the_best_hinge_prefers_none() -> None:
    assert constant_loss(np.array([0, 1, 2]), None, THREE, "hinge") == 1
