"""Showers of electrons and charged pions in an iron calorimeter, seen from the side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, generated, number, samples

LAYERS = 20
"""Each two radiation lengths deep: 40 in all, 4.2 interaction lengths."""
CELLS = 12
"""Each one Molière radius wide."""
CRITICAL_ENERGY = 0.0217
"""Of iron, in GeV, as all that follows (Review of Particle Physics, atomic and nuclear properties)."""
RADIATION_LENGTH = 1.757
INTERACTION_LENGTH = 16.77
MOLIERE_RADIUS = 1.72
"""In cm."""
PER_CM = 0.0114
"""What a particle that does not shower leaves, in GeV a cm."""
FINE = 8
"""Steps of a layer in which a profile is summed."""


def calorimeter(
    samples: int, lowest: float, highest: float, stochastic: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Integers]:
    """The energies in the cells [GeV], layer by layer, and what came in; half of them electrons."""
    if lowest > highest:
        raise ValueError("lowest must not be above highest")
    y = (np.arange(samples) % 2 == 0).astype(np.int64)
    energy = rng.uniform(lowest, highest, samples)
    centre = rng.uniform(-0.5, 0.5, samples)
    found = np.empty((samples, LAYERS, CELLS))
    for kind, showers in ((1, _electrons), (0, _pions)):
        rows = y == kind
        found[rows] = showers(energy[rows], centre[rows], rng)
    quantum = max(stochastic, 1e-3) ** 2
    seen = quantum * rng.poisson(found / quantum)
    return np.column_stack([seen.reshape(samples, -1), energy]).astype(np.float32), y


def _electrons(energy: Floats, centre: Floats, rng: np.random.Generator) -> Floats:
    zero = np.zeros(len(energy))
    return electromagnetic(energy, zero, rng)[:, :, None] * _across(centre, MOLIERE_RADIUS / 3)[:, None, :]


def electromagnetic(energy: Floats, start: Floats, rng: np.random.Generator) -> Floats:
    """What an electromagnetic cascade leaves in each layer, shape (showers, layers), in GeV.

    At depth t in radiation lengths from its start it leaves as (bt)^(a-1) exp(-bt) with b = 0.5 and its largest at
    (a-1)/b = ln(E/E_c) - 0.5 (Review of Particle Physics, passage of particles through matter), which here varies by
    0.4 from shower to shower.
    """
    deepest = np.log(np.maximum(energy, 10 * CRITICAL_ENERGY) / CRITICAL_ENERGY) - 0.5
    deepest = np.maximum(deepest + 0.4 * rng.normal(size=len(energy)), 0.5)
    return _deposited(energy, start, 0.5 * deepest[:, None], 0.5)


def _pions(energy: Floats, centre: Floats, rng: np.random.Generator) -> Floats:
    """Charged pions: ionisation up to the first interaction, then a mixture of neutral pions and hadrons.

    The electromagnetic share is 1 - (E / 1 GeV)^(0.82 - 1) on average (Gabriel et al., Nucl. Instrum. Meth. A 338
    (1994) 336) and varies by 0.15. Of the rest, which falls off with the interaction length, 70 % is seen.
    """
    per_length = RADIATION_LENGTH / INTERACTION_LENGTH
    start = rng.exponential(1 / per_length, len(energy))
    share = np.clip(1 - np.maximum(energy, 1.0) ** (0.82 - 1) + 0.15 * rng.normal(size=len(energy)), 0.02, 0.98)
    light = electromagnetic(share * energy, start, rng)
    heavy = _deposited(0.7 * (1 - share) * energy, start, np.full((len(energy), 1), 0.5), per_length)
    edges = 2.0 * np.arange(LAYERS)
    track = PER_CM * RADIATION_LENGTH * np.clip(start[:, None] - edges, 0, 2)
    narrow, wide = _across(centre, MOLIERE_RADIUS / 3), _across(centre, INTERACTION_LENGTH / 4.36)
    found = light[:, :, None] * narrow[:, None, :] + heavy[:, :, None] * wide[:, None, :]
    own = np.clip(np.round(centre + (CELLS - 1) / 2).astype(np.int64), 0, CELLS - 1)
    found[np.arange(len(energy)), :, own] += track
    return found


def _deposited(energy: Floats, start: Floats, power: Floats, rate: float) -> Floats:
    """Energies in layers of a shower that goes as depth^power exp(-rate depth) from its start, shape (showers, 1)."""
    depth = (np.arange(60 * FINE) + 0.5) * 2 / FINE
    shape = (rate * depth) ** power * np.exp(-rate * depth)
    shape *= (energy / shape.sum(axis=1))[:, None]
    layer = ((start[:, None] + depth) / 2).astype(np.int64)
    row = np.broadcast_to(np.arange(len(energy))[:, None], layer.shape)
    inside = layer < LAYERS
    place = row[inside] * LAYERS + layer[inside]
    summed = np.bincount(place, shape[inside], minlength=len(energy) * LAYERS)
    return summed.reshape(-1, LAYERS).astype(np.float64)


def _across(centre: Floats, radius: float) -> Floats:
    """Which share falls into each cell, shape (showers, cells), of a shower that hits at a place in cells.

    Around the axis the density is R² / (r² + R²)² / pi, of which r² / (r² + R²) lie within r: for R a third of the
    Molière radius, 90 % within that radius. Seen from the side x / (2 sqrt(x² + R²)) of it lie between the axis and x.
    """
    edges = (np.arange(CELLS + 1) - CELLS / 2 - centre[:, None]) * MOLIERE_RADIUS
    return np.diff(edges / (2 * np.sqrt(edges**2 + radius**2)), axis=1)


DATASETS = (
    generated(
        calorimeter,
        columns=(Column("cells", "image", unit="GeV", shape=(LAYERS, CELLS)),),
        beside=(Column("energy", unit="GeV", title="energy of the particle"),),
        target=Column("particle"),
        classes=("charged pion", "electron"),
        title="Calorimeter showers",
        family="physics",
        about=(
            "Electrons and charged pions in 20 layers of iron, 2 radiation lengths each, seen from the side in cells "
            "of one Molière radius. An electron's shower begins at once, is narrow, and is deepest at ln(E/E_c) - 0.5 "
            "radiation lengths; a pion's begins anywhere, is wide, and fluctuates. All cells together leave hardly a "
            "doubt: only a pion that gives all to neutral pions at once, one in ten thousand, looks the same. Try the "
            'first cells alone, one, two, four: features = ["cells[0, 5]", …]; energy is kept aside.'
        ),
        source="Generated here after the Review of Particle Physics and Nucl. Instrum. Meth. A 338 (1994) 336",
        options=(
            samples(2000, 100_000),
            number("lowest", 10.0, 1, 1000, "The lowest energy [GeV].", log=True),
            number("highest", 50.0, 1, 1000, "The highest energy [GeV].", log=True),
            number(
                "stochastic", 0.2, 0, 2, "The resolution at 1 GeV, as a share; it falls with the root of the energy."
            ),
            SEED,
        ),
    ),
)
