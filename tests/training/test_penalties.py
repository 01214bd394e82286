"""What keeps weights small and blurs inputs: exact zeros, held norms, noise that can be had again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mltui.training.optimizers import optimiser
from mltui.training.penalties import hold_norms, noisy, soft_threshold


def test_a_threshold_moves_every_weight_towards_zero_and_not_across() -> None:
    weights = torch.nn.Parameter(torch.tensor([1.0, -1.0, 0.25, -0.25, 0.0]))
    soft_threshold([weights], 0.25)
    assert weights.tolist() == [0.75, -0.75, 0, 0, 0]


def regression(l1: float) -> torch.Tensor:
    """The weights for eight features of which two count, by steps down the slope with the penalty after each."""
    luck = torch.Generator().manual_seed(3)
    x = torch.randn(200, 8, generator=luck, dtype=torch.float64)
    target = 2 * x[:, 0] - 3 * x[:, 5] + 0.1 * torch.randn(200, generator=luck, dtype=torch.float64)
    weights = torch.nn.Parameter(torch.zeros(8, dtype=torch.float64))
    moving = optimiser({"optimizer": "gradient_descent", "learning_rate": 0.1}, [weights], 1)
    for _ in range(300):
        moving.step(lambda: 0.5 * (x @ weights - target).square().mean())
        soft_threshold([weights], 0.1 * l1)
    return weights.detach()


def test_the_l1_penalty_makes_exact_zeros() -> None:
    free, held = regression(0.0), regression(0.3)
    assert (free != 0).all()
    assert (held == 0).tolist() == [place not in (0, 5) for place in range(8)]
    assert held[[0, 5]].abs().tolist() < free[[0, 5]].abs().tolist()


def test_the_l1_penalty_s_answer_is_the_lasso_s() -> None:
    from sklearn.linear_model import Lasso

    luck = torch.Generator().manual_seed(3)
    x = torch.randn(200, 8, generator=luck, dtype=torch.float64)
    target = 2 * x[:, 0] - 3 * x[:, 5] + 0.1 * torch.randn(200, generator=luck, dtype=torch.float64)
    wanted = Lasso(alpha=0.3, fit_intercept=False, tol=1e-12, max_iter=10_000).fit(x.numpy(), target.numpy()).coef_
    np.testing.assert_allclose(regression(0.3).numpy(), wanted, atol=1e-9)


@pytest.mark.parametrize("shape", [(6, 4), (6, 2, 3, 3)], ids=["dense", "convolution"])
def test_every_neuron_s_norm_is_held(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    weights = torch.nn.Parameter(torch.randn(shape) * torch.logspace(-2, 1, 6).reshape(6, *[1] * (len(shape) - 1)))
    before = weights.detach().clone()
    hold_norms([weights], 1.0)
    after, norms = weights.detach().flatten(1), before.flatten(1).norm(dim=1)
    assert (after.norm(dim=1) <= 1 + 1e-6).all()
    assert ((norms < 1).any(), (norms > 1).any()) == (True, True)
    assert torch.equal(after[norms <= 1], before.flatten(1)[norms <= 1]), "short ones stay as they are"
    long = norms > 1
    np.testing.assert_allclose(after[long], before.flatten(1)[long] / norms[long, None], rtol=1e-5)


def test_noise_has_the_spread_asked_for_and_can_be_had_again() -> None:
    x = torch.ones(200, 50)
    luck = torch.Generator().manual_seed(7)
    state = luck.get_state()
    first, second = noisy(x, 0.3, luck), noisy(x, 0.3, luck)
    luck.set_state(state)
    assert torch.equal(noisy(x, 0.3, luck), first)
    assert not torch.equal(first, second)
    assert float((first - x).mean()) == pytest.approx(0, abs=0.01)
    assert float((first - x).std()) == pytest.approx(0.3, rel=0.03)
    assert (x == 1).all(), "the inputs themselves stay"


def test_without_noise_nothing_is_drawn() -> None:
    x, before = torch.ones(3, 2), torch.get_rng_state()
    assert noisy(x, 0.0) is x
    assert torch.equal(torch.get_rng_state(), before)
    noisy(x, 0.1)
    assert not torch.equal(torch.get_rng_state(), before), "else from torch's own generator"
