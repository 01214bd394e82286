"""The generators against the definitions of the network playground."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.table import Floats, Table
from mltui.data.catalogue import CATALOGUE, declared

CLOUDS = ("circles", "xor", "gaussians", "spiral", "moons", "plane", "gaussian_plane")


def made(name: str, samples: int = 400, noise: float = 0.0, seed: int = 3) -> tuple[Table, Floats, Floats]:
    table = CATALOGUE[name].make({"samples": samples, "noise": noise, "seed": seed})
    return table, table.values["x1"].astype(np.float64), table.values["x2"].astype(np.float64)


@pytest.mark.parametrize("name", CLOUDS)
def test_same_seed_same_points_and_other_seed_others(name: str) -> None:
    first, again, other = (made(name, seed=seed, noise=0.1)[0] for seed in (1, 1, 2))
    assert np.array_equal(first.values["x1"], again.values["x1"])
    assert np.array_equal(first.target, again.target)
    assert not np.array_equal(first.values["x1"], other.values["x1"])


@pytest.mark.parametrize("name", CLOUDS)
@given(samples=st.integers(10, 300), noise=st.floats(0, 1), seed=st.integers(0, 2**31))
def test_any_options_give_a_whole_table(name: str, samples: int, noise: float, seed: int) -> None:
    table, x, y = made(name, samples, noise, seed)
    assert len(table) == samples == len(x) == len(y) == len(table.target)
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert np.isfinite(table.target.astype(np.float64)).all()
    assert table.files == (name,)
    assert list(table.entry) == list(range(samples))


@pytest.mark.parametrize("name", [n for n in CLOUDS if CATALOGUE[n].task == "classification"])
def test_b_is_the_positive_of_two_classes_in_the_playground_frame(name: str) -> None:
    table, x, y = made(name, 2000, noise=0.05)
    assert table.classes == ("a", "b")
    assert 0.4 < np.mean(table.target == 1) < 0.6
    assert np.percentile(np.abs(np.concatenate([x, y])), 99) <= 6


def test_circles_are_told_apart_by_their_radius() -> None:
    table, x, y = made("circles")
    radius = np.hypot(x, y)
    assert np.array_equal(radius < 3, table.target == 1)
    assert radius[table.target == 1].max() <= 2.5
    assert radius[table.target == 0].min() >= 3.5


def test_circles_overlap_with_noise() -> None:
    table, x, y = made("circles", noise=0.5)
    assert not np.array_equal(np.hypot(x, y) < 3, table.target == 1)


def test_xor_is_the_sign_of_the_product_with_a_gap_around_the_axes() -> None:
    table, x, y = made("xor")
    assert np.array_equal(x * y > 0, table.target == 1)
    assert np.abs(x).min() >= 0.3
    assert np.abs(y).min() >= 0.3


def test_gaussians_have_their_centres_and_variance() -> None:
    table, x, y = made("gaussians", 40_000, noise=0.25)
    for code, centre in ((1, 2), (0, -2)):
        rows = table.target == code
        assert np.mean(x[rows]) == pytest.approx(centre, abs=0.06)
        assert np.mean(y[rows]) == pytest.approx(centre, abs=0.06)
        assert np.var(x[rows]) == pytest.approx(0.5 + 7 * 0.25, rel=0.05)


def test_spiral_angle_follows_the_radius_and_gives_the_arm() -> None:
    table, x, y = made("spiral")
    radius = np.hypot(x, y)
    moving = radius > 0
    angle = 1.75 * 2 * np.pi * radius / 5
    arm = np.where(table.target == 1, 0, np.pi)
    assert np.allclose(x[moving], (radius * np.sin(angle + arm))[moving])
    assert np.allclose(y[moving], (radius * np.cos(angle + arm))[moving])
    assert radius.max() < 5


def test_moons_lie_on_the_half_circles_of_scikit_learn() -> None:
    table, x, y = made("moons")
    across, up = x / 3 + 0.5, y / 3 + 0.25
    upper = table.target == 0
    assert np.allclose(np.hypot(across[upper], up[upper]), 1)
    assert up[upper].min() >= -1e-12
    assert np.allclose(np.hypot(across[~upper] - 1, up[~upper] - 0.5), 1)
    assert up[~upper].max() <= 0.5 + 1e-12


def test_plane_is_the_scaled_sum() -> None:
    table, x, y = made("plane")
    assert np.allclose(table.target.astype(np.float64), (x + y) / 10)
    assert table.task == "regression"


def test_gaussian_plane_takes_the_tallest_of_six_hills() -> None:
    table, x, y = made("gaussian_plane")
    hills = [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]
    for i in range(len(table)):  # the playground's own loop
        label = 0.0
        for cx, cy, sign in hills:
            new = sign * min(1, max(0, 1 - np.hypot(x[i] - cx, y[i] - cy) / 2))
            if abs(new) > abs(label):
                label = new
        assert float(table.target[i]) == pytest.approx(label)


def test_noise_moves_the_values_of_a_plane_and_not_its_places() -> None:
    still, x, _ = made("plane", noise=0.0)
    moved, x_moved, _ = made("plane", noise=0.3)
    assert np.array_equal(x, x_moved)
    assert not np.allclose(still.target.astype(np.float64), moved.target.astype(np.float64))


def test_every_default_passes_its_own_check_and_every_card_speaks() -> None:
    for name, options in declared().items():
        for option in options:
            assert option.check(option.default) == option.default
        card = CATALOGUE[name]
        assert card.name == name
        assert card.about.count(". ") >= 1
        assert card.source
