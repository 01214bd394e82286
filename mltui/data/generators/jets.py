"""Images of jets: one prong of a quark or gluon, or the prongs of a boosted top quark or W boson."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value
from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, choice, generated, number, samples, whole

TOP = 172.5
BOSON = 80.37
PARTS = 20
"""Constituents of each prong."""


def jets(
    samples: int, size: int, pt: float, prongs: str, spread: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Integers]:
    """Jets of one transverse momentum [GeV] as pixels in a window of ±1 in eta and phi, then their masses [GeV].

    A quark or gluon radiates once, the share of momentum and the angle drawn evenly in their logarithms, as the soft
    and collinear limit of QCD has them. A W goes to two quarks, a top to a b and a W, isotropic where they rest.
    """
    y = (np.arange(samples) % 2 == 0).astype(np.int64)
    heavy = int(y.sum())
    momenta = np.empty((samples, 3, 3))
    momenta[y == 1] = _decayed(heavy, pt, prongs == "three", rng)
    momenta[y == 0] = _radiated(samples - heavy, pt, rng)
    share = rng.exponential(1, (samples, 3, PARTS))
    share /= share.sum(axis=2, keepdims=True)
    weight = (momenta[..., :1] * share).reshape(samples, -1)
    places = momenta[..., None, 1:] + spread * rng.normal(size=(samples, 3, PARTS, 2))
    places = places.reshape(samples, -1, 2)
    return np.column_stack([_image(places, weight, size), _mass_of(places, weight)]).astype(np.float32), y


def _radiated(samples: int, pt: float, rng: np.random.Generator) -> Floats:
    """Of each jet three prongs' pt, eta and phi; the third has nothing."""
    share = np.exp(rng.uniform(np.log(0.03), np.log(0.5), samples))
    angle = np.exp(rng.uniform(np.log(0.1), np.log(1.0), samples))
    turned = rng.uniform(0, 2 * np.pi, samples)
    aside = angle[:, None] * np.column_stack([np.cos(turned), np.sin(turned)])
    found = np.zeros((samples, 3, 3))
    found[:, 0, 0], found[:, 1, 0] = pt * (1 - share), pt * share
    found[:, 1, 1:] = aside
    return found


def _decayed(samples: int, pt: float, three: bool, rng: np.random.Generator) -> Floats:
    """Of each jet three prongs' pt, eta and phi; the third of a W has nothing."""
    mass = TOP if three else BOSON
    parent = np.tile([np.hypot(mass, pt), pt, 0.0, 0.0], (samples, 1))
    if three:
        bottom, parent = _two_bodies(parent, TOP, 0.0, BOSON, rng)
    else:
        bottom = np.zeros((samples, 4))
    quark, antiquark = _two_bodies(parent, BOSON, 0.0, 0.0, rng)
    momenta = np.stack([quark, antiquark, bottom], axis=1)
    across = np.hypot(momenta[..., 1], momenta[..., 2])
    eta = np.arcsinh(momenta[..., 3] / np.maximum(across, 1e-9))
    return np.stack([across, eta, np.arctan2(momenta[..., 2], momenta[..., 1])], axis=2)


def _two_bodies(
    parent: Floats, mass: float, one: float, other: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Two daughters of these masses, in any direction where the parent rests, as (energy, px, py, pz)."""
    momentum = np.sqrt((mass**2 - (one + other) ** 2) * (mass**2 - (one - other) ** 2)) / (2 * mass)
    cosine, angle = rng.uniform(-1, 1, len(parent)), rng.uniform(0, 2 * np.pi, len(parent))
    sine = np.sqrt(1 - cosine**2)
    resting = momentum * np.column_stack([sine * np.cos(angle), sine * np.sin(angle), cosine])
    at_rest = np.sqrt(one**2 + momentum**2)
    energy = (parent[:, 0] * at_rest + np.sum(parent[:, 1:] * resting, axis=1)) / mass
    factor = (at_rest + energy) / (parent[:, 0] + mass)
    first = np.column_stack([energy, resting + factor[:, None] * parent[:, 1:]])
    return first, parent - first


def _image(places: Floats, weight: Floats, size: int) -> Floats:
    """The constituents as pixels, shape (samples, size²), whose sum is 1 where all are in the window.

    Each jet is moved to its centre, turned so that it is longest along the second axis, and flipped so that the
    heavier halves come first.
    """
    share = weight / weight.sum(axis=1, keepdims=True)
    centred = places - np.sum(share[..., None] * places, axis=1, keepdims=True)
    spread = np.einsum("ij,ijk,ijl->ikl", share, centred, centred)
    angle = 0.5 * np.arctan2(2 * spread[:, 0, 1], spread[:, 0, 0] - spread[:, 1, 1])
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]
    along = centred[..., 0] * cosine + centred[..., 1] * sine
    aside = centred[..., 1] * cosine - centred[..., 0] * sine
    aside, along = _flipped(aside, share), _flipped(along, share)
    row, column = (np.floor((each + 1) / 2 * size).astype(np.int64) for each in (aside, along))
    inside = (row >= 0) & (row < size) & (column >= 0) & (column < size)
    jet = np.broadcast_to(np.arange(len(places))[:, None], row.shape)
    pixel = (jet * size + row) * size + column
    counted = np.bincount(pixel[inside], share[inside], minlength=len(places) * size * size)
    return counted.reshape(len(places), -1).astype(np.float64)


def _flipped(along: Floats, share: Floats) -> Floats:
    """Places on one axis, with the heavier side below 0."""
    heavier = np.sum(share * np.sign(along), axis=1, keepdims=True)
    return np.asarray(np.where(heavier > 0, -along, along))


def _mass_of(places: Floats, weight: Floats) -> Floats:
    """The masses of jets of massless constituents, shape (samples,)."""
    energy = np.sum(weight * np.cosh(places[..., 0]), axis=1)
    along = np.sum(weight * np.sinh(places[..., 0]), axis=1)
    x, y = (np.sum(weight * turn(places[..., 1]), axis=1) for turn in (np.cos, np.sin))
    return np.asarray(np.sqrt(np.maximum(energy**2 - x**2 - y**2 - along**2, 0)))


def _columns(options: Mapping[str, Value]) -> tuple[Column, ...]:
    size = int(options["size"])  # type: ignore[arg-type]
    return (Column("image", "image", shape=(size, size)),)


DATASETS = (
    generated(
        jets,
        columns=_columns,
        beside=(Column("mass", unit="GeV", title="jet mass"),),
        target=Column("class"),
        classes=("QCD", "heavy"),
        title="Jet images",
        family="physics",
        about=(
            "Jets of 500 GeV as pixels, shares of their momentum: of a quark or gluon, which radiates once, and of a "
            "boosted top quark or W, which decays into three or two prongs. Each is moved to its centre, turned and "
            "flipped, as taggers do. The mass, sqrt(z(1-z)) θ pT, is kept aside: put it into data.features and see how "
            "much of a tagger it is. Lower pt until the prongs leave the window."
        ),
        source="Generated here: two-body decays, and one splitting of the soft and collinear limit of QCD",
        options=(
            samples(2000, 100_000),
            whole("size", 16, 4, 64, "Pixels along one side."),
            number("pt", 500.0, 200, 3000, "The transverse momentum [GeV]; prongs come closer with it.", log=True),
            choice("prongs", ("three", "two"), "What heavy is: a top quark with three, or a W with two."),
            number("spread", 0.05, 0, 0.5, "How far constituents lie from their prong, in eta and phi."),
            SEED,
        ),
    ),
)
