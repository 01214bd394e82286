"""Jets, showers and tracks against the formulas they are made by, and who can tell them apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.generators import calorimeter, tracks
from mltui.data.read import read


def made(dataset: str, samples: int = 1000, features: tuple[str, ...] = (), **options: Any) -> Table:
    return read(Data(dataset=dataset, features=features, options={"samples": samples, **options}), Path())


def values(table: Table, name: str) -> Floats:
    return table.values[name].astype(np.float64)


@settings(max_examples=15)
@given(rows=st.integers(10, 60), seed=st.integers(0, 2**31))
@pytest.mark.parametrize("name", ["jets", "calorimeter", "tracks"])
def test_any_seed_gives_whole_images(name: str, rows: int, seed: int) -> None:
    table = made(name, rows, seed=seed)
    assert len(table) == rows
    assert all(np.isfinite(values(table, column)).all() for column in table.features)


@pytest.mark.parametrize(("prongs", "mass"), [("three", 172.5), ("two", 80.4)])
def test_a_heavy_jet_has_its_particle_s_mass_and_prongs(prongs: str, mass: float) -> None:
    table = made("jets", features=("mass", "image"), prongs=prongs, spread=0.01, pt=800.0)
    heavy = table.target == 1
    assert np.median(values(table, "mass")[heavy]) == pytest.approx(mass, rel=0.02)
    # angles of a two-body decay are about 2m / pt apart; the image is turned along its longer side
    image = values(table, "image")[heavy]
    place = (np.arange(16) + 0.5) / 8 - 1
    along = np.sqrt(np.einsum("nij,j->n", image, place**2))
    aside = np.sqrt(np.einsum("nij,i->n", image, place**2))
    assert np.mean(along >= aside * 0.9) > 0.95
    assert np.median(along) == pytest.approx(mass / 800, rel=0.3)


def test_images_of_jets_are_centred_flipped_and_add_up_to_one() -> None:
    image = values(made("jets", 400, size=33), "image")
    assert np.median(image.sum(axis=(1, 2))) == pytest.approx(1, abs=1e-6)
    place = (np.arange(33) + 0.5) / 16.5 - 1
    whole = image.sum(axis=(1, 2)) > 0.9999
    assert np.abs(np.einsum("nij,j->n", image[whole], place)).max() < 0.05
    assert (image[:, :, :17].sum(axis=(1, 2)) >= image[:, :, 17:].sum(axis=(1, 2))).mean() > 0.95


def test_the_mass_tells_much_of_a_top_jet_and_the_pixels_nearly_as_much() -> None:
    table = made("jets", 2000, features=("mass", "image"))
    x, half = values(table, "image").reshape(2000, -1), 1000
    line = LogisticRegression(C=100, max_iter=200).fit(x[:half], table.target[:half])
    pixels = roc_auc_score(table.target[half:], line.decision_function(x[half:]))
    mass = roc_auc_score(table.target, values(table, "mass"))
    assert 0.8 < pixels < 0.999
    assert 0.8 < mass < 0.999
    assert made("jets").features == ("image",)  # the mass is no feature unless it is named


@pytest.mark.parametrize("energy", [5.0, 20.0, 100.0])
def test_an_electron_s_shower_is_deepest_where_the_review_of_particle_physics_says(energy: float) -> None:
    rng = np.random.default_rng(1)
    layers = calorimeter.electromagnetic(np.full(500, energy), np.zeros(500), rng)
    deepest = np.log(energy / calorimeter.CRITICAL_ENERGY) - 0.5
    # a gamma distribution of shape a = 1 + deepest/2 and rate 1/2 has the mean a/b = deepest + 2
    depth = (np.arange(calorimeter.LAYERS) * 2 + 1) @ layers.mean(axis=0) / layers.mean(axis=0).sum()
    assert depth == pytest.approx(deepest + 2, abs=0.2)
    assert layers.sum(axis=1).max() <= energy * 1.0001
    assert layers.sum(axis=1).mean() > 0.97 * energy


def test_the_resolution_is_the_sampling_term_and_a_shower_is_as_narrow_as_moliere_says() -> None:
    table = made("calorimeter", 2000, features=("cells", "energy"), lowest=25.0, highest=25.0, stochastic=0.3)
    electrons = values(table, "cells")[table.target == 1]
    seen = electrons.sum(axis=(1, 2)) / 25
    assert seen.mean() == pytest.approx(1, abs=0.02)
    assert seen.std() == pytest.approx(0.3 / np.sqrt(25), rel=0.15)
    profile = electrons.sum(axis=(0, 1)) / electrons.sum()
    assert profile[5:7].sum() > 0.8  # in two cells of a Molière radius around the middle
    pions = values(table, "cells")[table.target == 0]
    assert pions.sum(axis=(1, 2)).std() > 2 * electrons.sum(axis=(1, 2)).std()
    # an interaction has not yet happened after d with probability exp(-d / λ): then the first layers see but a track
    track = np.mean(pions[:, :5].sum(axis=(1, 2)) < 0.7)
    assert track == pytest.approx(
        np.exp(-5 * 2 * calorimeter.RADIATION_LENGTH / calorimeter.INTERACTION_LENGTH), abs=0.12
    )


def test_energies_in_the_wrong_order_are_told() -> None:
    with pytest.raises(InputError, match="lowest must not be above highest"):
        made("calorimeter", lowest=30.0, highest=20.0)


def test_tracks_of_b_jets_miss_the_vertex_and_others_by_their_errors() -> None:
    table = made("tracks", 3000, displaced=0.0, length=40)
    every = values(table, "tracks")
    there = every[..., 4] == 1
    light = there & (table.target == 0)[:, None]
    assert every[light][:, 0].std() == pytest.approx(1, abs=0.03)
    of_b = there & (table.target == 1)[:, None]
    assert every[of_b][:, 0].std() > 3
    assert np.array_equal(there.sum(axis=1), values(table, "number"))
    assert np.all(every[~there] == 0)
    miss = np.hypot(every[..., 0], every[..., 1])
    assert (np.diff(miss, axis=1) < 1e-5).all()  # the first misses most


def test_worse_resolution_and_fewer_tracks_tell_less() -> None:
    def separation(**options: Any) -> float:
        table = made("tracks", 2000, **options)
        first = np.hypot(*values(table, "tracks")[:, min(1, options.get("length", 15) - 1), :2].T)
        return float(roc_auc_score(table.target, first))

    assert separation(resolution=500.0) < separation() - 0.05
    assert separation(displaced=0.3) < separation() - 0.02
    assert made("tracks", 20).columns[0].shape[1] == tracks.VARIABLES
