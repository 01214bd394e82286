"""Gravitational waves of two bodies that spiral into each other, in the noise of a detector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.hyperparameters import Value
from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, choice, generated, number, samples, whole

SUN = 4.925490947e-6
"""G M / c³ of the Sun, in seconds."""
MEGAPARSEC = 1.029271250e14
"""In seconds of light."""
RATE = 1024
"""Samples a second."""
MARGIN = 128
"""Samples before and after what is kept: what is divided by the noise's spectrum has its ends mixed."""
LOWEST = 20.0
"""Below this frequency, in Hz, the detector hears nothing."""


def chirps(
    samples: int,
    length: int,
    lightest: float,
    heaviest: float,
    distance: float,
    whitened: str,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], Integers]:
    """Strains of a detector in noise, half of them with the end of an inspiral, at 1024 samples a second.

    Both masses are drawn evenly between two ends, in solar masses; the end comes in the last quarter.
    """
    if lightest > heaviest:
        raise ValueError("lightest must not be above heaviest")
    y = (np.arange(samples) % 2 == 0).astype(np.int64)
    masses = rng.uniform(lightest, heaviest, (samples, 2))
    end = rng.uniform(0.75, 1.0, samples) * length / RATE
    phase = rng.uniform(0, 2 * np.pi, samples)
    seconds = np.arange(-MARGIN, length + MARGIN) / RATE
    count = len(seconds)
    strain, there = np.zeros((samples, count)), y == 1
    strain[there] = waveform(seconds[None, :] - end[there, None], masses[there], distance, phase[there])
    density = noise_density(np.fft.rfftfreq(count, 1 / RATE))
    # a Fourier component of noise has variance density · samples · rate / 4 in its real and in its imaginary part
    scale = np.sqrt(density * count * RATE / 4)
    noise = rng.normal(size=(2, samples, len(scale)))
    spectrum = np.fft.rfft(strain, axis=1) + scale * (noise[0] + 1j * noise[1])
    if whitened == "yes":
        spectrum = spectrum / np.sqrt(density * RATE / 2)
    spectrum[:, np.fft.rfftfreq(count, 1 / RATE) < LOWEST] = 0
    found = np.fft.irfft(spectrum, count, axis=1)[:, MARGIN : MARGIN + length]
    return (found if whitened == "yes" else found * 1e21).astype(np.float32), y


def waveform(seconds: Floats, masses: Floats, distance: float, phase: Floats) -> Floats:
    """The strain of inspirals by the quadrupole formula, seen face on, shape (events, samples).

    With M the chirp mass (m1 m2)^(3/5) / (m1 + m2)^(1/5) and t the time to the end, the frequency is
    (5 / (256 t))^(3/8) M^(-5/8) / pi, the phase -2 (t / (5 M))^(5/8), the amplitude 4 M^(5/3) (pi f)^(2/3) / distance
    (Maggiore, Gravitational Waves, volume 1, section 4.1). It ends at the frequency of the last stable orbit,
    1 / (6^(3/2) pi (m1 + m2)), or where half the sampling rate can follow it no more.

    Args:
        seconds: from the end, negative before it, shape (events, samples). masses: of the Sun, shape (events, 2).
        distance: in megaparsecs.
    """
    total = masses.sum(axis=1)[:, None] * SUN
    chirp = (masses.prod(axis=1) ** 0.6 / masses.sum(axis=1) ** 0.2)[:, None] * SUN
    left = np.maximum(-seconds, 1e-6)
    frequency = (5 / (256 * left)) ** 0.375 * chirp**-0.625 / np.pi
    amplitude = 4 * chirp ** (5 / 3) * (np.pi * frequency) ** (2 / 3) / (distance * MEGAPARSEC)
    turned = phase[:, None] - 2 * (left / (5 * chirp)) ** 0.625
    there = (seconds < 0) & (frequency < np.minimum(1 / (6**1.5 * np.pi * total), RATE / 2))
    return np.asarray(np.where(there, amplitude * np.cos(turned), 0.0))


def noise_density(frequency: NDArray[np.floating[Any]]) -> Floats:
    """One-sided power spectral density of Advanced LIGO at its design, in 1/Hz, for frequencies in Hz.

    1e-49 (x^-4.14 - 5 x^-2 + 111 (1 - x² + x⁴/2) / (1 + x²/2)) with x = f / 215 Hz (Sathyaprakash and Schutz, Living
    Reviews in Relativity 12 (2009) 2, table 1); below 20 Hz as at 20 Hz.
    """
    x = np.maximum(frequency, LOWEST) / 215
    return np.asarray(1e-49 * (x**-4.14 - 5 * x**-2 + 111 * (1 - x**2 + x**4 / 2) / (1 + x**2 / 2)))


def signal_to_noise(strain: Floats) -> Floats:
    """The best that a filter can do, sqrt(4 ∫ |h(f)|² / S(f) df) from 20 Hz on, shape (events,)."""
    length = strain.shape[1]
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    power = np.abs(np.fft.rfft(strain, axis=1) / RATE) ** 2 / noise_density(frequency)
    return np.asarray(np.sqrt(4 * power[:, frequency >= LOWEST].sum(axis=1) * RATE / length))


def _columns(options: Mapping[str, Value]) -> tuple[Column, ...]:
    length = int(options["length"])  # type: ignore[arg-type]
    white = options["whitened"] == "yes"
    return (Column("strain", "image", unit="" if white else "10⁻²¹", shape=(length,)),)


DATASETS = (
    generated(
        chirps,
        columns=_columns,
        target=Column("class"),
        classes=("noise", "with a chirp"),
        title="Chirps in noise",
        family="physics",
        about=(
            "Half a second of a gravitational-wave detector, every other one with the last turns of two black holes, "
            "whose pitch and loudness rise to the end. Before whitening the low frequencies drown all else. The chirp "
            "ends anywhere in the last quarter and with any phase, so that no single moment tells and a linear model "
            "finds nothing; how loud it is there says much, and a filter that slides over the signal would do best. "
            "Move the distance: twice as far is half as loud."
        ),
        source="Generated here: quadrupole formula; Advanced LIGO's noise of Living Rev. Relativity 12 (2009) 2",
        options=(
            samples(2000, 100_000),
            whole("length", 512, 64, 4096, "Samples of each signal, at 1,024 a second."),
            number("lightest", 20.0, 1, 100, "The lowest mass of a body [solar masses]."),
            number("heaviest", 40.0, 1, 100, "The highest mass of a body [solar masses]."),
            number("distance", 3000.0, 1, 100_000, "How far away they are [Mpc]; loudness falls with it.", log=True),
            choice("whitened", ("yes", "no"), "Whether each frequency is divided by the size of its noise."),
            SEED,
        ),
    ),
)
