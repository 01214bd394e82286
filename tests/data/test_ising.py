"""Ising spins against Onsager's and Yang's solution, against all states of a small lattice, and what learns them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ellipk
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.generators.ising import CRITICAL, onsager_magnetisation, spins_at
from mltui.data.read import read


def made(**options: Any) -> Table:
    return read(Data(dataset="ising", options={"samples": 300, "size": 8, **options}), Path())


def energy(spins: Floats) -> Floats:
    """Of each lattice, in units of J a spin."""
    right, below = np.roll(spins, -1, axis=-1), np.roll(spins, -1, axis=-2)
    return np.asarray(-np.mean(spins * (right + below), axis=(-2, -1)))


def drawn(temperature: float, size: int, samples: int, seed: int = 1) -> tuple[Floats, Floats]:
    """The energies and the sizes of the magnetisation of lattices at one temperature."""
    spins = spins_at(np.full(samples, temperature), size, 25, np.random.default_rng(seed)).astype(np.float64)
    return energy(spins), np.abs(spins.mean(axis=(1, 2)))


def near(found: Floats, exact: float, extra: float = 0.0) -> bool:
    return bool(abs(found.mean() - exact) < 4 * found.std() / np.sqrt(len(found)) + extra)


@pytest.mark.parametrize("temperature", [1.5, 2.0, CRITICAL, 3.0])
def test_a_small_lattice_is_as_the_sum_over_all_its_states_says(temperature: float) -> None:
    bits = (np.arange(2**9)[:, None] >> np.arange(9)) & 1
    states: Floats = (2.0 * bits - 1).reshape(-1, 3, 3).astype(np.float64)
    energies = energy(states)
    weights = np.exp(-9 * energies / temperature)
    found, magnetisation = drawn(temperature, 3, 4000)
    assert near(found, float(np.average(energies, weights=weights)))
    assert near(magnetisation, float(np.average(np.abs(states.mean(axis=(1, 2))), weights=weights)))


@pytest.mark.parametrize("temperature", [1.6, 2.0, 2.1])
def test_the_magnetisation_is_that_of_yang(temperature: float) -> None:
    _, magnetisation = drawn(temperature, 24, 100)
    exact = float(onsager_magnetisation(np.array([temperature]))[0])
    assert exact == pytest.approx((1 - np.sinh(2 / temperature) ** -4) ** 0.125)
    assert near(magnetisation, exact, 0.002)


@pytest.mark.parametrize("temperature", [1.6, 2.0, 2.8, 3.5])
def test_the_energy_is_that_of_onsager(temperature: float) -> None:
    twice = 2 / temperature
    modulus = 2 * np.sinh(twice) / np.cosh(twice) ** 2
    integral = 2 / np.pi * (2 * np.tanh(twice) ** 2 - 1) * ellipk(modulus**2)
    found, _ = drawn(temperature, 24, 100)
    assert near(found, -(1 + integral) / np.tanh(twice), 0.002)


def test_no_spins_are_favoured_and_above_all_is_gone() -> None:
    spins = spins_at(np.full(400, 1.5), 8, 25, np.random.default_rng(2)).astype(np.float64)
    assert abs(np.mean(np.sign(spins.mean(axis=(1, 2))))) < 4 / np.sqrt(400)
    assert onsager_magnetisation(np.array([CRITICAL, 5.0])).tolist() == [0, 0]


def test_phases_are_those_of_the_temperature_and_columns_are_images() -> None:
    table = made(critical=0.1)
    assert table.classes == ("critical", "disordered", "ordered")
    assert table.columns[0].shape == (8, 8)
    magnetisation = np.abs(table.values["spins"].astype(np.float64).mean(axis=(1, 2)))
    means = [magnetisation[table.target == code].mean() for code in range(3)]
    assert means[1] < means[0] < means[2]
    assert made().classes == ("disordered", "ordered")
    with pytest.raises(InputError, match="coldest must be below hottest"):
        made(coldest=3.0, hottest=2.0)


def test_a_linear_model_fails_and_a_forest_does_not() -> None:
    train, test = (made(samples=800, seed=seed) for seed in (1, 2))
    x, x_test = (t.values["spins"].reshape(len(t), -1) for t in (train, test))
    common = max(np.bincount(test.target.astype(np.int64))) / len(test)
    linear = LogisticRegression(C=0.01).fit(x, train.target).score(x_test, test.target)
    forest = RandomForestClassifier(100, min_samples_leaf=2, random_state=0).fit(x, train.target)
    assert linear < common + 0.05
    assert forest.score(x_test, test.target) > 0.8
    assert roc_auc_score(test.target, x_test.mean(axis=1) ** 2) > 0.9
