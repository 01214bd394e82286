"""Each optimiser does what its paper says, as torch has it, and goes on from its state bit for bit."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from mltui.core.errors import InputError
from mltui.models.layers import Dense
from mltui.models.network_training import BY_SLOPE, OPTIMIZERS
from mltui.training import penalties
from mltui.training.optimizers import Optimiser, State, genetic, newton, optimiser

Array = NDArray[np.float64]
Slope = Callable[[Array], Array]
Loss = Callable[[], torch.Tensor]

RATE, DECAY, MOMENTUM, ALPHA, BETA1, BETA2, EPSILON = 0.1, 0.05, 0.8, 0.9, 0.7, 0.95, 1e-3
SETTINGS: dict[str, Any] = {
    "learning_rate": RATE, "weight_decay": DECAY, "momentum": MOMENTUM, "alpha": ALPHA, "beta1": BETA1,
    "beta2": BETA2, "epsilon": EPSILON,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def made(name: str, parameters: list[torch.nn.Parameter], seed: int = 1, **settings: Any) -> Optimiser:
    return optimiser({"optimizer": name, "learning_rate": 0.1, **settings}, parameters, seed)


def parameter(*values: float) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.tensor(values, dtype=torch.float64))


def network(hidden: tuple[int, ...] = (4,), seed: int = 3) -> tuple[torch.nn.Module, Loss]:
    """A small network, and its loss on a few rows of exclusive or, a little blurred."""
    module = Dense(inputs=2, outputs=1, hidden=hidden, activations=["tanh"] * len(hidden)).build(seed)
    x = torch.tensor([[0.0, 0.1], [0.1, 1.0], [1.0, 0.0], [0.9, 1.0]])
    target = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    return module, lambda: torch.nn.functional.binary_cross_entropy_with_logits(module(x), target)


def weights(module: torch.nn.Module) -> torch.Tensor:
    return torch.nn.utils.parameters_to_vector(module.parameters()).detach().clone()


def worth(loss: Loss) -> float:
    return float(loss().detach())


# -- the papers' formulas --------------------------------------------------------------------------------------------
def descent(w: Array, slope: Slope) -> Iterator[Array]:
    while True:
        w = w - RATE * (slope(w) + DECAY * w)
        yield w


def polyak(w: Array, slope: Slope) -> Iterator[Array]:
    velocity = np.zeros_like(w)
    while True:
        velocity = MOMENTUM * velocity + slope(w) + DECAY * w
        w = w - RATE * velocity
        yield w


def nesterov(w: Array, slope: Slope) -> Iterator[Array]:
    velocity = np.zeros_like(w)
    while True:
        here = slope(w) + DECAY * w
        velocity = MOMENTUM * velocity + here
        w = w - RATE * (here + MOMENTUM * velocity)
        yield w


def rmsprop(w: Array, slope: Slope) -> Iterator[Array]:
    square = np.zeros_like(w)
    while True:
        here = slope(w) + DECAY * w
        square = ALPHA * square + (1 - ALPHA) * here**2
        w = w - RATE * here / (np.sqrt(square) + EPSILON)
        yield w


def adam(w: Array, slope: Slope, *, decoupled: bool = False) -> Iterator[Array]:
    mean, square, step = np.zeros_like(w), np.zeros_like(w), 0
    while True:
        step += 1
        here = slope(w)
        if decoupled:
            w = w - RATE * DECAY * w
        else:
            here = here + DECAY * w
        mean = BETA1 * mean + (1 - BETA1) * here
        square = BETA2 * square + (1 - BETA2) * here**2
        unbiased, spread = mean / (1 - BETA1**step), square / (1 - BETA2**step)
        w = w - RATE * unbiased / (np.sqrt(spread) + EPSILON)
        yield w


def adamw(w: Array, slope: Slope) -> Iterator[Array]:
    return adam(w, slope, decoupled=True)


def nadam(w: Array, slope: Slope) -> Iterator[Array]:
    mean, square, step, product = np.zeros_like(w), np.zeros_like(w), 0, 1.0
    while True:
        step += 1
        now, after = (BETA1 * (1 - 0.5 * 0.96 ** (place * 0.004)) for place in (step, step + 1))
        product *= now
        here = slope(w) + DECAY * w
        mean = BETA1 * mean + (1 - BETA1) * here
        square = BETA2 * square + (1 - BETA2) * here**2
        ahead = after * mean / (1 - product * after) + (1 - now) * here / (1 - product)
        w = w - RATE * ahead / (np.sqrt(square / (1 - BETA2**step)) + EPSILON)
        yield w


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("gradient_descent", descent),
        ("sgd", descent),
        ("momentum", polyak),
        ("nesterov", nesterov),
        ("rmsprop", rmsprop),
        ("adam", adam),
        ("adamw", adamw),
        ("nadam", nadam),
    ],
)
def test_the_first_steps_are_the_paper_s(name: str, formula: Callable[[Array, Slope], Iterator[Array]]) -> None:
    curvature = np.array([[3.0, 1.0, 0.2], [1.0, 2.0, -0.5], [0.2, -0.5, 1.0]])
    floor, start = np.array([0.5, -1.0, 2.0]), np.array([2.0, 1.0, -1.0])
    first, rest = parameter(*start[:2]), parameter(start[2])
    tensors = torch.from_numpy(curvature), torch.from_numpy(floor)

    def loss() -> torch.Tensor:
        away = torch.cat([first, rest]) - tensors[1]
        return 0.5 * away @ tensors[0] @ away

    moving = made(name, [first, rest], **SETTINGS)
    wanted = formula(start, lambda w: curvature @ (w - floor))
    for _ in range(3):
        moving.step(loss)
        got = torch.cat([first, rest]).detach().numpy()
        # torch keeps nadam's product of momenta in single precision
        np.testing.assert_allclose(got, next(wanted), rtol=1e-6 if name == "nadam" else 1e-12)


TORCH: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "gradient_descent": lambda p: torch.optim.SGD(p, RATE, weight_decay=DECAY, fused=True),
    "sgd": lambda p: torch.optim.SGD(p, RATE, weight_decay=DECAY, fused=True),
    "momentum": lambda p: torch.optim.SGD(p, RATE, MOMENTUM, weight_decay=DECAY, fused=True),
    "nesterov": lambda p: torch.optim.SGD(p, RATE, MOMENTUM, weight_decay=DECAY, nesterov=True, fused=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, RATE, ALPHA, EPSILON, DECAY),
    "adam": lambda p: torch.optim.Adam(p, RATE, (BETA1, BETA2), EPSILON, DECAY, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, RATE, (BETA1, BETA2), EPSILON, DECAY, fused=True),
    "nadam": lambda p: torch.optim.NAdam(p, RATE, (BETA1, BETA2), EPSILON, DECAY, foreach=True),
}


@pytest.mark.parametrize("clip_norm", [None, 0.05])
@pytest.mark.parametrize("name", BY_SLOPE)
def test_the_numbers_are_those_of_torch_s_classes_to_the_last_bit(name: str, clip_norm: float | None) -> None:
    (ours, our_loss), (theirs, their_loss) = network((5, 3)), network((5, 3))
    moving = made(name, list(ours.parameters()), **SETTINGS, clip_norm=clip_norm)
    torch_s = TORCH[name](theirs.parameters())
    for _ in range(6):
        moving.step(our_loss)
        torch_s.zero_grad()
        their_loss().backward()  # type: ignore[no-untyped-call]
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(theirs.parameters(), clip_norm)
        torch_s.step()
    assert torch.equal(weights(ours), weights(theirs))


@pytest.mark.gpu
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_graphics_card_moves_the_same_way(name: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    here, there = (torch.nn.Parameter(torch.tensor([2.0, -1.0], device=device)) for device in ("cpu", "cuda"))
    for one in (here, there):
        moving = made(name, [one], **{**SETTINGS, "clip_norm": 1.0})
        for _ in range(3):
            moving.step(lambda one=one: (one - 0.3).square().sum())  # type: ignore[misc]
        made(name, [one]).restore(moving.state())
    np.testing.assert_allclose(there.detach().cpu(), here.detach(), rtol=1e-5)


# -- down the slope --------------------------------------------------------------------------------------------------
def steps_to_the_floor(name: str, **settings: Any) -> int:
    """Of a ravine, fifty times as steep across as along."""
    place = parameter(10.0, 1.0)
    moving = made(name, [place], learning_rate=0.02, **settings)
    for step in range(1, 2000):
        moving.step(lambda: 0.5 * (place[0] ** 2 + 50 * place[1] ** 2))
        if float(place.detach().norm()) < 1e-2:
            return step
    return 2000


def test_momentum_reaches_the_floor_of_a_ravine_in_fewer_steps() -> None:
    plain = steps_to_the_floor("sgd")
    assert steps_to_the_floor("momentum", momentum=0.9) < plain / 2
    assert steps_to_the_floor("nesterov", momentum=0.9) < plain / 2
    assert steps_to_the_floor("nesterov", momentum=0.0) == steps_to_the_floor("momentum", momentum=0.0) == plain


def test_a_long_slope_is_cut_and_a_short_one_is_not() -> None:
    far, near = parameter(30.0, 40.0), parameter(0.003, 0.004)
    for place in (far, near):
        made("sgd", [place], clip_norm=0.5).step(lambda place=place: 0.5 * place.square().sum())  # type: ignore[misc]
    np.testing.assert_allclose(far.detach(), [30.0 - 0.03, 40.0 - 0.04], rtol=1e-7)
    np.testing.assert_allclose(near.detach(), [0.0027, 0.0036])


@pytest.mark.parametrize("name", BY_SLOPE)
def test_changed_values_count_from_the_next_step_on(name: str) -> None:
    place = parameter(1.0, -2.0)
    moving = made(name, [place])
    moving.step(lambda: place.square().sum())
    before = place.detach().clone()
    moving.learning_rate = 0.0
    moving.step(lambda: place.square().sum())
    assert torch.equal(place, before)
    moving.learning_rate = 0.1
    moving.step(lambda: place.square().sum())
    assert not torch.equal(place, before)

    still = parameter(5.0, -2.0)
    decaying = made(name, [still])
    decaying.weight_decay = 1.0
    decaying.step(lambda: 0 * still.sum())
    assert (still.detach().abs() < torch.tensor([5.0, 2.0])).all(), "without a slope the decay alone moves the weights"


def test_what_the_loss_does_not_touch_stays() -> None:
    touched, other = parameter(1.0), parameter(1.0)
    for name in BY_SLOPE:
        made(name, [touched, other]).step(lambda: touched.square().sum())
    assert float(touched.detach()) < 1
    assert float(other.detach()) == 1


def test_only_some_see_the_whole_part() -> None:
    whole = {name for name in OPTIMIZERS if made(name, [parameter(1.0)]).whole}
    assert whole == {"gradient_descent", "newton", "genetic"}


def test_an_unknown_optimiser_is_refused() -> None:
    with pytest.raises(InputError, match="optimizer cannot be 'lbfgs'"):
        made("lbfgs", [parameter(1.0)])


# -- newton ----------------------------------------------------------------------------------------------------------
def parabola(place: torch.Tensor) -> torch.Tensor:
    return 0.5 * (3 * place[0] ** 2 + 2 * place[0] * place[1] + 2 * place[1] ** 2) - place[0] - 4 * place[1]


def test_newton_solves_a_quadratic_in_one_step() -> None:
    place = parameter(70.0, -30.0)
    made("newton", [place], learning_rate=1.0).step(lambda: parabola(place))
    np.testing.assert_allclose(place.detach(), np.linalg.solve([[3, 1], [1, 2]], [1, 4]), atol=1e-9)


def test_newton_s_learning_rate_is_the_share_of_the_way() -> None:
    place = parameter(5.0, 5.0)
    made("newton", [place], learning_rate=0.25).step(lambda: parabola(place))
    floor = np.linalg.solve([[3, 1], [1, 2]], [1, 4])
    np.testing.assert_allclose(place.detach(), 0.75 * np.array([5, 5]) + 0.25 * floor, atol=1e-9)


def test_newton_counts_the_weight_decay() -> None:
    place = parameter(5.0, 5.0)
    made("newton", [place], learning_rate=1.0, weight_decay=2.0).step(lambda: parabola(place))
    np.testing.assert_allclose(place.detach(), np.linalg.solve([[5, 1], [1, 4]], [1, 4]), atol=1e-9)


def test_newton_leaves_a_saddle_downwards() -> None:
    """Undamped it would go to the saddle at (0, 0) and stay."""
    place = parameter(1.0, 0.1)
    moving = made("newton", [place], learning_rate=1.0)
    values = []
    for _ in range(30):
        moving.step(lambda: place[0] ** 2 - place[1] ** 2 + 0.25 * place[1] ** 4)
        values.append(float(place[0].detach() ** 2 - place[1].detach() ** 2 + 0.25 * place[1].detach() ** 4))
    assert values == sorted(values, reverse=True)
    np.testing.assert_allclose(place.detach(), [0, np.sqrt(2)], atol=1e-4)


def test_newton_goes_down_a_loss_without_curvature() -> None:
    """To the median, for the absolute error of a constant."""
    place, rows = parameter(-40.0), torch.tensor([0.0, 1.0, 2.0, 3.0, 10.0])
    moving = made("newton", [place], learning_rate=1.0)
    values = []
    for _ in range(40):
        moving.step(lambda: (rows - place).abs().mean())
        values.append(float((rows - place.detach()).abs().mean()))
    assert values == sorted(values, reverse=True)
    assert float(place.detach()) == pytest.approx(2, abs=0.1)


def test_newton_never_goes_up_and_learns_exclusive_or() -> None:
    module, loss = network()
    moving = made("newton", list(module.parameters()), learning_rate=1.0)
    values = [worth(loss)]
    for _ in range(40):
        moving.step(loss)
        values.append(worth(loss))
    assert all(after <= before + 1e-6 for before, after in itertools.pairwise(values))
    assert values[-1] < 0.05


def test_newton_in_pieces_is_newton(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for held in (newton.BYTES, 1):
        monkeypatch.setattr(newton, "BYTES", held)
        module, loss = network()
        moving = made("newton", list(module.parameters()), learning_rate=1.0)
        moving.step(loss)
        ends.append(weights(module))
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-5)


def test_newton_compares_by_the_same_luck() -> None:
    """With dropout too no step leads up, for one draw of it, and the generator moves on as by one look."""
    module, _ = network()
    x, target = torch.randn(16, 2), torch.rand(16, 1)

    def loss() -> torch.Tensor:
        return (torch.nn.functional.dropout(module(x), 0.5) - target).square().mean()

    moving = made("newton", list(module.parameters()), learning_rate=1.0)
    torch.manual_seed(5)
    before = worth(loss)
    after_one = torch.get_rng_state()
    torch.manual_seed(5)
    moving.step(loss)
    assert torch.equal(torch.get_rng_state(), after_one)
    torch.manual_seed(5)
    assert worth(loss) < before


def test_newton_refuses_a_large_network() -> None:
    module = Dense(inputs=30, outputs=1, hidden=(64,), activations=["relu"]).build(1)
    with pytest.raises(InputError, match="at most 2,000 weights, and this one has 2,049") as refused:
        made("newton", list(module.parameters()))
    assert refused.value.key == "training.optimizer"


# -- genetic ---------------------------------------------------------------------------------------------------------
def test_the_genetic_one_never_gets_worse_and_learns_exclusive_or() -> None:
    module, loss = network()
    moving = made("genetic", list(module.parameters()), learning_rate=0.5, population=30)
    values = [worth(loss)]
    for _ in range(30):
        moving.step(loss)
        values.append(worth(loss))
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.1


def test_the_genetic_one_s_luck_is_the_seed_s_alone() -> None:
    ends = []
    for seed, other in ((1, 1), (1, 2), (2, 1)):
        module, loss = network()
        moving = made("genetic", list(module.parameters()), seed, population=10)
        torch.manual_seed(other)
        for _ in range(3):
            moving.step(loss)
        ends.append(weights(module))
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


def test_the_genetic_one_mutates_by_the_learning_rate() -> None:
    """From weights of zero, the others are zero too until they have mutated."""
    places = []
    for rate in (0.01, 1.0):
        place = torch.nn.Parameter(torch.zeros(200))
        moving = made("genetic", [place], learning_rate=rate, population=4)
        for _ in range(2):
            moving.step(lambda place=place: -place.square().sum())  # type: ignore[misc]
        places.append(float(place.detach().std()))
    assert places == pytest.approx([0.01, 1.0], rel=0.2)


def test_the_genetic_one_goes_on_from_weights_that_were_moved() -> None:
    place = parameter(5.0, 5.0)
    moving = made("genetic", [place], population=4)
    moving.step(lambda: place.square().sum())
    penalties.soft_threshold([place], 100.0)
    moving.step(lambda: place.square().sum())
    assert place.tolist() == [0, 0]


def test_the_genetic_one_counts_the_weight_decay() -> None:
    place = parameter(5.0, 5.0)
    moving = made("genetic", [place], weight_decay=1.0, population=20)
    for _ in range(50):
        moving.step(lambda: 0 * place.sum())
    assert float(place.detach().norm()) < 3


def test_weights_that_give_no_number_do_not_survive() -> None:
    place = parameter(1.0)
    moving = made("genetic", [place], learning_rate=3.0, population=20)
    for _ in range(5):
        moving.step(lambda: place.sum().log())
    assert 0 < float(place.detach()) <= 1


def test_the_genetic_one_refuses_a_population_beyond_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(genetic, "MOST", 99)
    with pytest.raises(InputError, match=r"population = 50 networks of 2 weights are too many") as refused:
        made("genetic", [parameter(1.0, 2.0)])
    assert refused.value.key == "training.population"


# -- states ----------------------------------------------------------------------------------------------------------
def written(state: State) -> State:
    """As a checkpoint keeps it, and gives it back."""
    return State(load(save(dict(state.tensors))), json.loads(json.dumps(state.facts, allow_nan=False)))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_goes_on_bit_for_bit(name: str) -> None:
    module, loss = network()
    moving = made(name, list(module.parameters()), **SETTINGS)
    for _ in range(3):
        moving.step(loss)
    moving.learning_rate, moving.weight_decay = 0.07, 0.003
    state, then = moving.state(), weights(module)
    for _ in range(4):
        moving.step(loss)

    again, loss_again = network(seed=8)
    torch.nn.utils.vector_to_parameters(then.clone(), again.parameters())
    resumed = made(name, list(again.parameters()), seed=9, **SETTINGS)
    resumed.restore(written(state))
    for _ in range(4):
        resumed.step(loss_again)
    assert torch.equal(weights(again), weights(module))
    assert (resumed.learning_rate, resumed.weight_decay) == (0.07, 0.003)


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS) - {"gradient_descent", "sgd"}))
def test_without_its_state_it_would_go_elsewhere(name: str) -> None:
    """So that the test above is one."""
    module, loss = network()
    moving = made(name, list(module.parameters()), **SETTINGS)
    for _ in range(3):
        moving.step(loss)
    then = weights(module)
    moving.step(loss)
    again, loss_again = network(seed=8)
    torch.nn.utils.vector_to_parameters(then.clone(), again.parameters())
    made(name, list(again.parameters()), seed=9, **SETTINGS).step(loss_again)
    assert not torch.equal(weights(again), weights(module))
