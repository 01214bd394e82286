"""Ising spins on a square lattice, drawn by cluster updates: ordered, critical and disordered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value
from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, generated, number, samples, whole

CRITICAL = 2.269185314213022
"""The critical temperature 2 / ln(1 + sqrt 2) in units of J/k_B (Onsager, Phys. Rev. 65 (1944) 117)."""


def ising(
    samples: int, size: int, coldest: float, hottest: float, critical: float, sweeps: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Integers]:
    """Lattices of spins ±1 with periodic edges, each by itself, at temperatures drawn evenly between two.

    Class 0 is above the critical temperature, 1 below; but where `critical` is above 0, class 0 is nearer to it than by
    this share, and the others are 1 and 2.
    """
    if coldest >= hottest:
        raise ValueError("coldest must be below hottest")
    temperature = rng.uniform(coldest, hottest, samples)
    spins = spins_at(temperature, size, sweeps, rng)
    away = temperature / CRITICAL - 1
    y = np.where(away > 0, 0, 1)
    if critical > 0:
        y = np.where(np.abs(away) < critical, 0, y + 1)
    return spins.reshape(samples, -1).astype(np.float32), y


def spins_at(temperature: Floats, size: int, sweeps: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Spins at temperatures in J/k_B, shape (samples, size, size), after so many updates of Swendsen and Wang.

    Half of the lattices begin all alike, half at random; equal neighbours are tied with probability 1 - exp(-2/T), and
    every cluster of ties takes a side by chance (Phys. Rev. Lett. 58 (1987) 86).
    """
    samples = len(temperature)
    spins = np.where(rng.integers(0, 2, (samples, size, size)) == 1, 1, -1).astype(np.int8)
    spins[::2] = 1
    tie = (1 - np.exp(-2 / temperature))[:, None, None]
    site = np.arange(spins.size, dtype=np.int32).reshape(spins.shape)
    for _ in range(sweeps):
        one, other = [], []
        for axis in (1, 2):
            tied = (spins == np.roll(spins, -1, axis)) & (rng.random(spins.shape, np.float32) < tie)
            one.append(site[tied])
            other.append(np.roll(site, -1, axis)[tied])
        cluster = _clusters(spins.size, np.concatenate(one), np.concatenate(other))
        side = np.where(rng.integers(0, 2, spins.size, np.int8) == 1, 1, -1).astype(np.int8)
        spins = (spins.ravel() * side[cluster]).reshape(spins.shape)
    return spins


def _clusters(sites: int, one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each site the lowest or another site of its cluster, the same for all, given the ties between sites."""
    root = np.arange(sites, dtype=np.int32)
    while len(one):
        above, below = np.maximum(root[one], root[other]), np.minimum(root[one], root[other])
        apart = above != below
        one, other, above, below = one[apart], other[apart], above[apart], below[apart]
        root[above] = below
        while True:
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further
    return root


def onsager_magnetisation(temperature: Floats) -> Floats:
    """The spontaneous magnetisation of the infinite lattice a spin (Yang, Phys. Rev. 85 (1952) 808)."""
    inside = 1 - np.sinh(2 / np.minimum(temperature, CRITICAL)) ** -4.0
    return np.asarray(np.where(temperature < CRITICAL, np.maximum(inside, 0) ** 0.125, 0.0))


def _columns(options: Mapping[str, Value]) -> tuple[Column, ...]:
    size = int(options["size"])  # type: ignore[arg-type]
    return (Column("spins", "image", shape=(size, size)),)


def _classes(options: Mapping[str, Value]) -> tuple[str, ...]:
    return ("critical", "disordered", "ordered") if options["critical"] else ("disordered", "ordered")


DATASETS = (
    generated(
        ising,
        columns=_columns,
        target=Column("phase"),
        classes=_classes,
        title="Ising spins",
        family="physics",
        about=(
            "Spins up or down on a square lattice with periodic edges, each lattice a Monte Carlo run of its own at a "
            "temperature around the critical 2.269 J/k_B. Ordered ones are up or down by chance, so that no weighted "
            "sum of spins tells them from disordered ones: a linear model stays near guessing while a forest or a "
            "network with hidden units does not. With critical = 0 there are two classes; then the square of the "
            "magnetisation, mean(spins) ** 2, says nearly all."
        ),
        source="Generated here by Swendsen-Wang updates, Phys. Rev. Lett. 58 (1987) 86",
        options=(
            samples(1000, 100_000),
            whole("size", 16, 2, 64, "Spins along one side; the transition is sharper in larger lattices."),
            number("coldest", 1.5, 0.1, 100, "The lowest temperature [J/k_B].", log=True),
            number("hottest", 3.5, 0.1, 100, "The highest temperature [J/k_B].", log=True),
            number("critical", 0.0, 0, 1, "Temperatures nearer to the critical one than by this share are a class."),
            whole(
                "sweeps",
                25,
                0,
                1000,
                "Cluster updates of each lattice; near the critical temperature 5 forget the last.",
            ),
            SEED,
        ),
    ),
)
