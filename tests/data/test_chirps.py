"""Chirps against the quadrupole formula, the noise against its density, and the filter that knows what it looks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import periodogram
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mltui.core.errors import InputError
from mltui.core.sections import Data
from mltui.core.table import Floats, Table
from mltui.data.generators.chirps import LOWEST, MEGAPARSEC, RATE, SUN, noise_density, signal_to_noise, waveform
from mltui.data.read import read


def made(**options: Any) -> Table:
    return read(Data(dataset="chirps", options={"samples": 400, "length": 256, **options}), Path())


def inspiral(mass: float, distance: float = 400.0, length: int = 1024) -> tuple[Floats, Floats]:
    """Seconds before the end and the strain of two equal bodies."""
    seconds = (np.arange(length) - length)[None, :] / RATE
    return -seconds[0], waveform(seconds, np.full((1, 2), mass), distance, np.zeros(1))[0]


def test_the_frequency_rises_as_the_quadrupole_formula_says() -> None:
    left, strain = inspiral(10.0)
    crossings = np.flatnonzero(np.diff(np.sign(strain)) != 0)
    found = 0.5 / np.diff(left[crossings] * -1)  # half a period between two
    middle = (left[crossings][1:] + left[crossings][:-1]) / 2
    chirp_mass = 10.0 / 2**0.2
    # 134 Hz (1.21 / M)^(5/8) (1 s / t)^(3/8), as Maggiore's eq. 4.20 puts it
    expected = 134 * (1.21 / chirp_mass) ** 0.625 * middle**-0.375
    early = middle > 0.2
    assert found[early].mean() == pytest.approx(expected[early].mean(), rel=0.03)


def test_loudness_falls_with_distance_and_grows_with_the_mass() -> None:
    assert inspiral(30.0, 800.0)[1] == pytest.approx(inspiral(30.0)[1] / 2)
    left, strain = inspiral(30.0)
    chirp = 30.0 / 2**0.2 * SUN
    at = np.argmin(np.abs(left - 0.4))
    frequency = (5 / (256 * 0.4)) ** 0.375 * chirp**-0.625 / np.pi
    largest = np.abs(strain[at - 25 : at + 25]).max()
    assert largest == pytest.approx(
        4 / (400 * MEGAPARSEC) * chirp ** (5 / 3) * (np.pi * frequency) ** (2 / 3), rel=0.05
    )
    last = 1 / (6**1.5 * np.pi * 60 * SUN)
    assert last == pytest.approx(4400 / 60, rel=0.01)  # 4,400 Hz for one solar mass


def test_the_noise_has_the_density_of_the_detector() -> None:
    table = made(distance=100_000.0, whitened="no", samples=600, length=512)
    noise = table.values["strain"][table.target == 0].astype(np.float64) * 1e-21
    frequency, power = periodogram(noise, RATE, window="boxcar", detrend=False)
    inside = (frequency > LOWEST) & (frequency < 500)
    assert np.median(power.mean(axis=0)[inside] / noise_density(frequency[inside])) == pytest.approx(1, abs=0.05)
    white = made(distance=100_000.0, samples=600, length=512).values["strain"].astype(np.float64)
    assert white.std() == pytest.approx(np.sqrt(1 - LOWEST / (RATE / 2)), rel=0.02)


def test_the_filter_that_knows_the_chirp_is_as_good_as_its_signal_to_noise_and_a_line_finds_nothing() -> None:
    """Of white noise and a known signal the AUC of the matched filter is Φ(ρ/√2); here the shape is not known."""
    table = made(samples=1000, lightest=30.0, heaviest=30.0001, distance=3000.0, length=256)
    x = table.values["strain"].astype(np.float64)
    _, strain = inspiral(30.0, 3000.0, 256)
    template = np.fft.rfft(strain) / np.sqrt(noise_density(np.fft.rfftfreq(256, 1 / RATE)) * RATE / 2)
    filtered = np.fft.rfft(x, axis=1) * template.conj()
    both = np.zeros((len(x), 256), complex)
    both[:, : filtered.shape[1]] = filtered  # only positive frequencies: the envelope, whatever the phase
    envelope = np.abs(np.fft.ifft(both, axis=1)).max(axis=1)
    matched = roc_auc_score(table.target, envelope)
    assert float(signal_to_noise(strain[None])[0]) > 3
    assert matched > 0.8
    half = len(x) // 2
    line = LogisticRegression(C=0.001).fit(x[:half], table.target[:half])
    assert roc_auc_score(table.target[half:], line.decision_function(x[half:])) < 0.6
    assert roc_auc_score(table.target, (x[:, -64:] ** 2).sum(axis=1)) < matched


def test_any_lengths_are_whole_and_of_their_shape() -> None:
    for length in (64, 100, 1024):
        table = made(samples=20, length=length)
        assert table.values["strain"].shape == (20, length)
        assert np.isfinite(table.values["strain"].astype(np.float64)).all()
        assert table.columns[0].kind == "image"


def test_no_end_of_the_window_tells_that_something_came() -> None:
    """A window of its own for the filter would have its first and last samples mixed, and a chirp begin with a jump."""
    table = made(distance=20.0, samples=2000, length=512)
    loud = np.sqrt(np.mean(table.values["strain"][table.target == 1].astype(np.float64) ** 2, axis=0))
    assert loud[:3].max() < 1.3 * loud[3:30].mean()


def test_what_half_the_sampling_rate_cannot_follow_is_not_there() -> None:
    for mass in (1.0, 1.4, 3.0):
        left, strain = inspiral(mass, length=2048)
        chirp = mass / 2**0.2 * SUN
        frequency = (5 / (256 * left)) ** 0.375 * chirp**-0.625 / np.pi
        assert not strain[frequency >= RATE / 2].any()
        assert strain[frequency < RATE / 2][-20:].any()


def test_masses_that_are_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="lightest must not be above heaviest"):
        made(lightest=50.0, heaviest=40.0)
