"""A toy search in proton collisions: a heavy resonance to two Z bosons, seen as two leptons and two jets.

The kinematics are those of two-body decays of resonances and of falling spectra; the matrix elements are not. Momenta
are rows of (energy, px, py, pz) in GeV, with the beam along z.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, generated, number, samples

Z_MASS = 91.19
Z_WIDTH = 2.495
W_MASS = 80.37
W_WIDTH = 2.085
TOP_MASS = 172.5
BOTTOM_MASS = 4.8
CROSS_SECTIONS = np.array([55.0, 27.0, 3.9])
"""Of the order of those of Z to ee or mumu with two jets (arXiv:1702.05725, both flavours, for leptons and jets that
are seen), of top pairs to ee or mumu (832 pb at NNLO times 3.2 %), and of ZZ and WZ to two such leptons and two quarks
(16.9 pb times 9.4 % and 51.1 pb times 4.5 %); in pb at 13 TeV."""
ORDER = ("signal", "Z + jets", "top pairs", "ZZ and WZ")
"""The processes as they are generated; the cross-sections are those of the last three."""
NAMES = tuple(sorted(ORDER))
JES = 0.03
"""By which share the energies of all jets go up and down together in the variations."""
MOST_NEGATIVE = 0.35
"""The share of negative weights is nowhere larger."""


def collisions(
    samples: int,
    signal: float,
    mass: float,
    luminosity: float,
    negative: float,
    smearing: float,
    rng: np.random.Generator,
) -> tuple[Floats, Integers, Floats]:
    """Events with two leptons and two jets: half signal, a third Z + jets, the rest tops and pairs; and their weights.

    A weight is the cross-section times the luminosity over the number generated, so that the weights of a process add
    up to the events that are expected of it after the selection. As in a generator at next-to-leading order some are
    negative: an event of probability f to be negative weighs 1/(1 - 2f) with its sign, so that sums stay unbiased.
    """
    few = samples // 12
    shares = [samples - 6 * few, 4 * few, few, few]
    cross_sections = [signal / 1000, *CROSS_SECTIONS]
    x, weight = [], []
    for process, (rows, cross_section) in enumerate(zip(shares, cross_sections, strict=True)):
        found, signs, tried = _selected(process, rows, mass, negative, smearing, rng)
        x.append(np.column_stack([found, np.full(rows, NAMES.index(ORDER[process]))]))
        weight.append(signs * cross_section * 1000 * luminosity / tried)
    y = np.repeat([1, 0], [shares[0], samples - shares[0]])
    return np.concatenate(x), y, np.concatenate(weight)


def _selected(
    process: int, rows: int, mass: float, negative: float, smearing: float, rng: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """So many events of a process that pass the selection, their signed weights, and of how many that were tried."""
    found, signs = [], []
    passed, tried, size = 0, 0, max(100, 2 * rows)
    while passed < rows:
        leptons, quarks, neutrinos, weight = _events(process, size, mass, negative, rng)
        x, keep = _measured(leptons, quarks, neutrinos, smearing, rng)
        found.append(x[keep])
        signs.append(weight[keep])
        passed += int(keep.sum())
        tried += size
    return np.concatenate(found)[:rows], np.concatenate(signs)[:rows], tried * rows / max(1, passed)


def _events(
    process: int, size: int, mass: float, negative: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    """Two leptons and two quarks, each shape (events, 2, 4), what escapes, shape (events, 4), and the weights."""
    nothing = np.zeros((size, 4))
    if process == 2:
        system = 2 * TOP_MASS + 2 + rng.exponential(130, size)
        first, second = _decay(_moving(system, rng), np.full(size, TOP_MASS), np.full(size, TOP_MASS), rng)
        bottom, lepton, neutrino = _top_decay(first, rng)
        antibottom, antilepton, antineutrino = _top_decay(second, rng)
        leptons, quarks = np.stack([lepton, antilepton], axis=1), np.stack([bottom, antibottom], axis=1)
        return leptons, quarks, neutrino + antineutrino, _signs(_transverse(quarks.sum(axis=1)), 0.6 * negative, rng)
    to_leptons = _resonance(Z_MASS, Z_WIDTH, 66, 116, size, rng)
    to_quarks = _resonance(Z_MASS, Z_WIDTH, 66, 116, size, rng)
    if process == 0:
        system = mass + 0.02 * mass * np.tan(rng.uniform(-1.4, 1.4, size))
    elif process == 1:
        to_quarks = 40 + rng.exponential(90, size)
        system = to_leptons + to_quarks + 10 + rng.exponential(110, size)
    else:
        is_w = rng.uniform(size=size) < 0.6
        to_quarks = np.where(is_w, _resonance(W_MASS, W_WIDTH, 60, 100, size, rng), to_quarks)
        system = to_leptons + to_quarks + 5 + rng.exponential(100, size)
    system = np.maximum(system, to_leptons + to_quarks + 1)
    leptonic, hadronic = _decay(_moving(system, rng), to_leptons, to_quarks, rng)
    leptons = np.stack(_decay(leptonic, np.zeros(size), np.zeros(size), rng), axis=1)
    quarks = np.stack(_decay(hadronic, np.zeros(size), np.zeros(size), rng), axis=1)
    return leptons, quarks, nothing, _signs(_transverse(hadronic), negative if process == 1 else 0.0, rng)


def _top_decay(top: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """The b quark, the lepton and the neutrino of a top quark, each shape (events, 4)."""
    size = len(top)
    bottom, boson = _decay(top, np.full(size, BOTTOM_MASS), _resonance(W_MASS, W_WIDTH, 60, 100, size, rng), rng)
    lepton, neutrino = _decay(boson, np.zeros(size), np.zeros(size), rng)
    return bottom, lepton, neutrino


def _signs(pt: Floats, negative: float, rng: np.random.Generator) -> Floats:
    """Weights of mean 1, negative with a probability that rises from 0 to twice `negative` with a momentum."""
    probability = np.minimum(2 * negative * pt / (pt + 60), MOST_NEGATIVE)
    return np.asarray(np.where(rng.uniform(size=len(pt)) < probability, -1.0, 1.0) / (1 - 2 * probability))


def _resonance(mass: float, width: float, low: float, high: float, size: int, rng: np.random.Generator) -> Floats:
    """Masses of a Breit-Wigner between two ends."""
    begin, end = np.arctan([2 * (low - mass) / width, 2 * (high - mass) / width])
    return np.asarray(mass + width / 2 * np.tan(rng.uniform(begin, end, size)))


def _moving(mass: Floats, rng: np.random.Generator) -> Floats:
    """Systems of these masses with a falling transverse momentum and a normal rapidity, shape (events, 4)."""
    pt, angle = rng.exponential(18, len(mass)), rng.uniform(0, 2 * np.pi, len(mass))
    rapidity = rng.normal(0, 1, len(mass)) * np.maximum(0.2, 1.1 - 0.25 * np.log(mass / 200))
    across = np.sqrt(mass**2 + pt**2)
    along = across * np.sinh(rapidity)
    return np.stack([across * np.cosh(rapidity), pt * np.cos(angle), pt * np.sin(angle), along], axis=1)


def _decay(parent: Floats, one: Floats, other: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Two daughters of these masses, back to back and in any direction where the parent rests."""
    mass = _invariant(parent)
    momentum = np.sqrt(np.maximum((mass**2 - (one + other) ** 2) * (mass**2 - (one - other) ** 2), 0)) / (2 * mass)
    cosine, angle = rng.uniform(-1, 1, len(mass)), rng.uniform(0, 2 * np.pi, len(mass))
    sine = np.sqrt(1 - cosine**2)
    direction = np.stack([sine * np.cos(angle), sine * np.sin(angle), cosine], axis=1)
    energy = np.sqrt(one**2 + momentum**2)
    first = _boosted(np.column_stack([energy, momentum[:, None] * direction]), parent, mass)
    return first, parent - first


def _boosted(resting: Floats, parent: Floats, mass: Floats) -> Floats:
    """Momenta in the frame where the parent rests as they are where it moves."""
    energy = np.sum(parent * resting, axis=1)
    energy = energy / mass
    factor = (resting[:, 0] + energy) / (parent[:, 0] + mass)
    return np.column_stack([energy, resting[:, 1:] + factor[:, None] * parent[:, 1:]])


def _measured(
    leptons: Floats, quarks: Floats, neutrinos: Floats, smearing: float, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """What a detector gives of events, with the jets as they are and 3 % up and down, and which pass the selection.

    Leptons are smeared by 1.5 %, jets by 0.8/sqrt(pt) and 4 % added in quadrature, and what is missing by 0.6 times the
    root of the sum of jet momenta (all times `smearing`). Selected are leptons of |eta| below 2.5 and pt above 25 and
    15 GeV, jets of |eta| below 4 and pt above 25 GeV, and lepton pairs of 66 to 116 GeV.
    """
    size = len(leptons)
    leptons = leptons * (1 + 0.015 * smearing * rng.normal(size=(size, 2)))[..., None]
    pt = _transverse(quarks)
    resolution = smearing * np.sqrt(0.64 / np.maximum(pt, 5) + 0.0016)
    jets = quarks * np.maximum(1 + resolution * rng.normal(size=(size, 2)), 0.1)[..., None]
    noise = 0.6 * smearing * np.sqrt(pt.sum(axis=1))[:, None] * rng.normal(size=(size, 2))
    missing = neutrinos[:, 1:3] + noise
    leptons, jets = _ordered(leptons), _ordered(jets)
    keep = (np.abs(_pseudorapidity(leptons)) < 2.5).all(axis=1) & (np.abs(_pseudorapidity(jets)) < 4).all(axis=1)
    pair = leptons.sum(axis=1)
    keep &= (_transverse(leptons)[:, 0] > 25) & (_transverse(leptons)[:, 1] > 15) & (_transverse(jets)[:, 1] > 25)
    keep &= (_invariant(pair) > 66) & (_invariant(pair) < 116)
    both = np.stack([pair, jets.sum(axis=1)], axis=1)
    tilt = np.abs(_pseudorapidity(both[:, 0]) - _pseudorapidity(both[:, 1]))
    plain = np.column_stack([_transverse(leptons), _invariant(pair), _transverse(pair), _apart(leptons)])
    scaled = [
        _of_jets(pair, jets * scale, missing - (scale - 1) * jets.sum(axis=1)[:, 1:3])
        for scale in (1, 1 + JES, 1 - JES)
    ]
    return np.column_stack([plain, _apart(jets), tilt, *scaled]), keep


def _ordered(pairs: Floats) -> Floats:
    """Pairs of momenta, shape (events, 2, 4), the one of the larger transverse momentum first."""
    swapped = _transverse(pairs)[:, 1] > _transverse(pairs)[:, 0]
    return np.where(swapped[:, None, None], pairs[:, ::-1], pairs)


def _of_jets(pair: Floats, jets: Floats, missing: Floats) -> Floats:
    """What depends on the jets' scale, shape (events, 6), in the order of the columns."""
    both = jets.sum(axis=1)
    return np.column_stack(
        [_transverse(jets), _invariant(both), _transverse(both), _invariant(pair + both), np.hypot(*missing.T)]
    )


def _transverse(momenta: Floats) -> Floats:
    return np.hypot(momenta[..., 1], momenta[..., 2])


def _invariant(momenta: Floats) -> Floats:
    square = momenta[..., 0] ** 2 - np.sum(momenta[..., 1:] ** 2, axis=-1)
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _pseudorapidity(momenta: Floats) -> Floats:
    return np.arcsinh(momenta[..., 3] / np.maximum(_transverse(momenta), 1e-9))


def _apart(pairs: Floats) -> Floats:
    """The distance of two momenta in pseudorapidity and angle."""
    turned = np.arctan2(pairs[..., 2], pairs[..., 1])
    angle = np.abs((turned[:, 0] - turned[:, 1] + np.pi) % (2 * np.pi) - np.pi)
    return np.hypot(_pseudorapidity(pairs)[:, 0] - _pseudorapidity(pairs)[:, 1], angle)


_FEATURES = (
    Column("lep1_pt", unit="GeV", title="leading lepton pT"),
    Column("lep2_pt", unit="GeV", title="second lepton pT"),
    Column("m_ll", unit="GeV", title="lepton pair mass"),
    Column("pt_ll", unit="GeV", title="lepton pair pT"),
    Column("dR_ll", title="ΔR of the leptons"),
    Column("dR_jj", title="ΔR of the jets"),
    Column("deta_ll_jj", title="Δη of lepton and jet pair"),
)
_OF_JETS = (
    Column("jet1_pt", unit="GeV", title="leading jet pT"),
    Column("jet2_pt", unit="GeV", title="second jet pT"),
    Column("m_jj", unit="GeV", title="jet pair mass"),
    Column("pt_jj", unit="GeV", title="jet pair pT"),
    Column("m_lljj", unit="GeV", title="mass of all four"),
    Column("met", unit="GeV", title="missing transverse momentum"),
)

DATASETS = (
    generated(
        collisions,
        columns=(*_FEATURES, *_OF_JETS),
        beside=tuple(Column(f"{column.name}_JES_{way}", unit="GeV") for way in ("up", "down") for column in _OF_JETS),
        target=Column("class"),
        processes=NAMES,
        classes=("background", "signal"),
        title="Search in pp collisions",
        family="physics",
        about=(
            "A heavy resonance to two Z bosons, seen as two leptons and two jets at 13 TeV, over Z + jets, top pairs "
            "and ZZ and WZ, whose yields stand in Yields. The weights add up to the events expected at the luminosity, "
            "so that a cut has a significance; signal is one in thousands, so set preprocess.balance = classes, or "
            "calling all of it background is a good fit. Some weights are negative, the more the harder the jets: try "
            "negative_weights keep, drop and absolute. As a variation, jet energies 3 % up or down, replace = { m_jj = "
            '"m_jj_JES_up", … }; with a cut such as jet2_pt > 40 events then move across it.'
        ),
        source="Generated here: two-body decays and falling spectra; cross-sections as measured or computed at 13 TeV",
        options=(
            samples(20_000, low=300),
            number(
                "signal", 10.0, 0.01, 100_000, "Cross-section times branching fraction of the signal [fb].", log=True
            ),
            number("mass", 500.0, 250, 3000, "The mass of the resonance [GeV].", log=True),
            number("luminosity", 140.0, 0.001, 10_000, "The integrated luminosity [1/fb].", log=True),
            number("negative", 0.15, 0, 0.3, "About which share of Z + jets has negative weights; fewer of the tops."),
            number("smearing", 1.0, 0, 5, "The detector's resolution, in units of a usual one."),
            SEED,
        ),
    ),
)
