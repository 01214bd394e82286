"""Higgs bosons to two taus: the distributions of the papers, and who knows how much of the boson's parity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.generators.higgs_cp import TAU_FLIGHT, plane_angle, polarimeters
from mltui.data.read import read

AMPLITUDE = np.pi**2 / 16
"""Of the angle between the decay planes of two taus to pions."""


def made(**options: Any) -> Table:
    return read(Data(dataset="higgs_cp", options={"samples": 20_000, **options}), Path())


def of(table: Table, name: str, code: int | None = None) -> Floats:
    return table.values[name][slice(None) if code is None else table.target == code].astype(np.float64)


def phased(angle: Floats) -> tuple[float, float]:
    """Amplitude and phase of 1 - amplitude cos(angle - phase), by its first Fourier coefficients."""
    first = -2 * np.mean(np.exp(1j * angle))
    return float(np.abs(first)), float(np.degrees(np.angle(first)))


@pytest.mark.parametrize("mixing", [0.0, 30.0, 45.0, 80.0])
def test_the_decay_planes_have_the_amplitude_and_twice_the_mixing_angle_as_phase(mixing: float) -> None:
    rows = 50_000
    minus, plus = polarimeters(np.full(rows, np.radians(mixing)), np.random.default_rng(1))
    amplitude, phase = phased(plane_angle(minus, plus))
    assert amplitude == pytest.approx(AMPLITUDE, abs=4 * np.sqrt(2 / rows))
    assert phase == pytest.approx(2 * mixing, abs=np.degrees(4 * np.sqrt(2 / rows) / AMPLITUDE))
    # both spins along the line of flight add up to nothing: <h_z h'_z> of 1 + h_z h'_z is 1/9, each by itself 0
    assert np.mean(minus[:, 2] * plus[:, 2]) == pytest.approx(1 / 9, abs=4 / 3 / np.sqrt(rows))
    assert np.mean(minus, axis=0) == pytest.approx(0, abs=4 / np.sqrt(3 * rows))


def test_a_perfect_detector_sees_the_planes_by_impact_parameters_and_a_real_one_less() -> None:
    perfect, real = made(impact=0.0, missing=0.0), made(impact=10.0)
    for code, phase in ((1, 0.0), (0, 180.0)):
        amplitude, seen = phased(of(perfect, "phi_star", code))
        assert amplitude == pytest.approx(AMPLITUDE, abs=0.06)
        assert (seen - phase + 180) % 360 - 180 == pytest.approx(0, abs=6)
        blurred, _ = phased(of(real, "phi_star", code))
        assert 0.3 < blurred < amplitude - 0.05


def test_masses_flights_and_energy_shares_are_those_of_the_decay() -> None:
    table = made(impact=0.0, missing=0.0, mass=125.0)
    assert of(table, "m_vis").max() < 125 * 1.1
    share = of(table, "x_minus")
    # a pion of a tau without net polarisation has any share of its energy alike
    inside = share[(share > 0.1) & (share < 0.9)]
    assert inside.mean() == pytest.approx(0.5, abs=0.03)
    assert inside.std() == pytest.approx(0.8 / np.sqrt(12), rel=0.05)
    # an impact parameter is flight times angle: with p_T about m_tau/2 its size is that of c tau
    assert 0.3 * TAU_FLIGHT < np.median(of(table, "d_minus")) < TAU_FLIGHT


def test_other_variables_say_what_phi_star_is_worth_and_little_by_themselves() -> None:
    table = made(missing=0.0)
    cosine = -np.cos(of(table, "phi_star"))
    alone = roc_auc_score(table.target, cosine)
    shares = [np.clip(of(table, name), 0.03, 0.97) for name in ("x_minus", "x_plus")]
    sines = [2 * np.sqrt(share * (1 - share)) for share in shares]
    h_minus, h_plus = (2 * share - 1 for share in shares)
    ideal = cosine * sines[0] * sines[1] / (1 - h_minus * h_plus)  # h'_z of the positive pion looks backwards
    together = roc_auc_score(table.target, ideal)
    assert 0.64 < alone < together - 0.005
    assert roc_auc_score(table.target, of(table, "met")) == pytest.approx(0.5, abs=0.02)


def test_an_assumed_mass_is_learnt_and_misleads() -> None:
    equal, assumed = made(), made(mass_of_a=160.0)
    assert roc_auc_score(equal.target, of(equal, "m_vis")) == pytest.approx(0.5, abs=0.02)
    assert roc_auc_score(assumed.target, -of(assumed, "m_vis")) > 0.6


def test_without_mixing_a_is_h_again() -> None:
    table = made(mixing=0.0)
    assert roc_auc_score(table.target, -np.cos(of(table, "phi_star"))) == pytest.approx(0.5, abs=0.02)
