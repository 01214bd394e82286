"""Tracks of jets with and without a b hadron: sequences of varying length, the least likely from the vertex first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value
from mltui.core.table import Column, Integers
from mltui.data.generators.making import SEED, generated, number, samples, whole

B_MASS = 5.279
B_FLIGHT = 455.0
"""The mean flight c tau of a b hadron, in micrometres."""
VARIABLES = 5
"""Of a track: what it misses across and along the beam over the errors, log10 of pt, angle to the jet, and 1."""
MOST = 40


def tracks(
    samples: int, length: int, resolution: float, displaced: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Integers]:
    """Jets of 20 to 200 GeV: the variables of their tracks, zeros where there are no more; then pt and the number.

    A b hadron takes 0.7 of the jet's momentum on average, flies, and decays to tracks that miss the vertex by its
    flight times their angle to it. Both kinds of jets have tracks from the vertex, and a few from long-lived light
    hadrons.
    """
    y = (np.arange(samples) % 2 == 0).astype(np.int64)
    jet = 20 * np.exp(rng.uniform(0, np.log(10), samples))
    from_b = np.where(y == 1, np.clip(rng.poisson(4.9, samples), 1, MOST // 2), 0)
    from_vertex = np.clip(rng.poisson(3 + 2 * np.log(jet / 20)) + 1, 1, MOST // 2) + np.where(y == 1, 0, 2)
    place = np.arange(MOST)[None, :]
    exists = place < (from_b + from_vertex)[:, None]
    of_b = place < from_b[:, None]
    parent = jet * np.where(y == 1, rng.beta(7, 3, samples), 0.0)
    share = rng.exponential(1, (samples, MOST)) * exists
    b_share = np.where(of_b, share, 0) / np.maximum(np.sum(share * of_b, axis=1, keepdims=True), 1e-9)
    rest = np.where(of_b, 0, share) / np.maximum(np.sum(share * ~of_b, axis=1, keepdims=True), 1e-9)
    # two thirds of the momentum are in charged particles
    pt = np.maximum((b_share * parent[:, None] + rest * (jet - parent)[:, None]) * 2 / 3, 0.5)
    sideways = np.where(of_b, 1.2, 0.4)[..., None] * rng.normal(size=(samples, MOST, 2))
    angle = sideways / pt[..., None]
    flight = B_FLIGHT * rng.exponential(1, samples) * parent / B_MASS
    missed = np.where(of_b[..., None], np.clip(angle, -1, 1) * flight[:, None, None], 0.0)
    strange = exists & ~of_b & (rng.uniform(size=exists.shape) < displaced)
    missed = np.where(strange[..., None], rng.normal(0, 1000, missed.shape), missed)
    error = np.sqrt(resolution**2 + (100 / pt) ** 2)[..., None]
    significance = missed / error + rng.normal(size=missed.shape)
    found = np.concatenate(
        [significance, np.log10(pt)[..., None], np.linalg.norm(angle, axis=2)[..., None], exists[..., None]], axis=2
    )
    found = np.where(exists[..., None], found, 0)
    order = np.argsort(-np.where(exists, np.linalg.norm(significance, axis=2), -1), axis=1)[:, :length]
    found = np.take_along_axis(found, order[..., None], axis=1).reshape(samples, -1)
    return np.column_stack([found, jet, exists.sum(axis=1)]).astype(np.float32), y


def _columns(options: Mapping[str, Value]) -> tuple[Column, ...]:
    length = int(options["length"])  # type: ignore[arg-type]
    return (
        Column("tracks", "image", shape=(length, VARIABLES)),
        Column("jet_pt", unit="GeV", title="jet pT"),
        Column("number", title="number of tracks"),
    )


DATASETS = (
    generated(
        tracks,
        columns=_columns,
        target=Column("jet"),
        classes=("a light quark", "b quark"),
        title="Tracks of b jets",
        family="physics",
        about=(
            "Jets with and without a b hadron, which flies some millimetres before it decays, so that its tracks miss "
            "the vertex. Each row is a list of tracks, the one that misses by most errors first: miss across and along "
            "the beam over their errors, log10 of pT in GeV, angle to the jet, and 1 for a track that is there; zeros "
            'follow the last. Try the first track alone, features = ["tracks[0, 0]", "tracks[0, 1]"], then all; worsen '
            "the resolution."
        ),
        source="Generated here: b hadrons of c tau 455 µm with 4.9 charged tracks, Review of Particle Physics",
        options=(
            samples(3000, 100_000),
            whole("length", 15, 1, 40, "So many tracks are kept of each jet."),
            number("resolution", 15.0, 0, 1000, "Of a fast track's impact parameter [µm]; 100 µm GeV / pT is added."),
            number("displaced", 0.02, 0, 0.5, "The share of other tracks that are from long-lived light hadrons."),
            SEED,
        ),
    ),
)
