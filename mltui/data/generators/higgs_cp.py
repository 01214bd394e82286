"""Higgs bosons to two tau leptons, each to a pion and a neutrino: the spin correlation that tells H from A.

Vectors are rows of (x, y, z), momenta of (energy, px, py, pz), in GeV. The beam is along z.
"""

from __future__ import annotations

import numpy as np

from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, generated, number, samples

TAU_MASS = 1.77693
PION_MASS = 0.13957
TAU_FLIGHT = 87.03
"""The mean flight c tau of a tau lepton, in micrometres."""


def higgs_cp(
    samples: int,
    mixing: float,
    mass: float,
    mass_of_a: float,
    impact: float,
    missing: float,
    rng: np.random.Generator,
) -> tuple[Floats, Integers]:
    """Decays of H, scalar, and of a boson A whose CP mixing angle is `mixing`: 90 degrees is a pseudoscalar.

    The polarimeter of a tau that decays to a pion is the pion's direction where the tau rests, h. With z along the
    negative tau and a the mixing angle the density of both is
    1 + h_z h'_z - cos 2a (h_x h'_x + h_y h'_y) - sin 2a (h_x h'_y - h_y h'_x), so that the angle between the decay
    planes is as 1 - pi²/16 cos(phi - 2a) (Krämer, Kühn, Stong, Zerwas, Z. Phys. C 64 (1994) 21; Berge, Bernreuther,
    Kirchner, Phys. Rev. D 92 (2015) 096012).
    """
    y = (np.arange(samples) % 2 == 0).astype(np.int64)
    angle = np.where(y == 1, 0.0, np.radians(mixing))
    minus, plus = polarimeters(angle, rng)
    return _measured(minus, plus, np.where(y == 1, mass, mass_of_a), impact, missing, rng), y


def polarimeters(mixing: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The pions' directions where their taus rest, each shape (events, 3), for mixing angles in radians."""
    minus, plus = np.empty((len(mixing), 3)), np.empty((len(mixing), 3))
    waiting = np.arange(len(mixing))
    while len(waiting):
        one, other = _directions(len(waiting), rng), _directions(len(waiting), rng)
        twice = 2 * mixing[waiting]
        together = one[:, 0] * other[:, 0] + one[:, 1] * other[:, 1]
        crossed = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
        density = 1 + one[:, 2] * other[:, 2] - np.cos(twice) * together - np.sin(twice) * crossed
        taken = rng.uniform(0, 2, len(waiting)) < density
        minus[waiting[taken]], plus[waiting[taken]] = one[taken], other[taken]
        waiting = waiting[~taken]
    return minus, plus


def plane_angle(minus: Floats, plus: Floats) -> Floats:
    """The angle from the negative to the positive pion around the negative tau, 0 to 2 pi, shape (events,)."""
    turned = np.arctan2(plus[:, 1], plus[:, 0]) - np.arctan2(minus[:, 1], minus[:, 0])
    return np.asarray(turned % (2 * np.pi))


def _measured(
    minus: Floats, plus: Floats, mass: Floats, impact: float, missing: float, rng: np.random.Generator
) -> Floats:
    """What a detector gives of decays, shape (events, 12), in the order of the columns."""
    size = len(mass)
    axis = _directions(size, rng)
    higgs = _produced(mass, rng)
    pions, neutrinos, offsets = [], np.zeros((size, 4)), []
    for direction, sign in ((minus, 1.0), (plus, -1.0)):
        along = np.sqrt(mass**2 / 4 - TAU_MASS**2)[:, None] * sign * axis
        tau = _boosted(np.column_stack([mass / 2, along]), higgs)
        momentum = (TAU_MASS**2 - PION_MASS**2) / (2 * TAU_MASS)
        resting = np.column_stack([np.full(size, TAU_MASS - momentum), momentum * _turned(direction, axis)])
        resting = _boosted(_boosted(resting, np.column_stack([mass / 2, along])), higgs)
        neutrinos += tau - resting
        flight = TAU_FLIGHT * rng.exponential(1, size)[:, None] * tau[:, 1:] / TAU_MASS
        offsets.append(_across(flight + impact * rng.normal(size=(size, 3)), resting[:, 1:]))
        pions.append(resting * (1 + 0.015 * rng.normal(size=size))[:, None])
    unseen = neutrinos[:, 1:3] + missing * rng.normal(size=(size, 2))
    of_pions = np.column_stack([part for pion in pions for part in (_transverse(pion), _pseudorapidity(pion))])
    both = pions[0] + pions[1]
    visible = np.sqrt(np.maximum(both[:, 0] ** 2 - np.sum(both[:, 1:] ** 2, axis=1), 0))
    return np.column_stack(
        [
            _acoplanarity(pions[0], pions[1], offsets[0], offsets[1]),
            of_pions,
            _turn(pions[0], pions[1]),
            visible,
            np.hypot(unseen[:, 0], unseen[:, 1]),
            _fractions(pions[0], pions[1], unseen),
            np.linalg.norm(offsets[0], axis=1),
            np.linalg.norm(offsets[1], axis=1),
        ]
    )


def _acoplanarity(minus: Floats, plus: Floats, offset: Floats, other: Floats) -> Floats:
    """phi* by the impact parameters, 0 to 2 pi (Berge, Bernreuther and Kirchner): where both pions together rest.

    Args:
        minus, plus: the pions' momenta. offset, other: their impact parameters, shape (events, 3).
    """
    both = minus + plus
    opposite = both * np.array([1, -1, -1, -1])
    axis = _boosted(minus, opposite)[:, 1:]
    zero = np.zeros((len(minus), 1))
    sides = []
    for each in (offset, other):
        unit = each / np.maximum(np.linalg.norm(each, axis=1), 1e-12)[:, None]
        sides.append(_across(_boosted(np.column_stack([zero, unit]), opposite)[:, 1:], axis))
    along = axis / np.linalg.norm(axis, axis=1)[:, None]
    sine = np.sum(along * np.cross(sides[0], sides[1]), axis=1)
    return np.asarray(np.arctan2(sine, np.sum(sides[0] * sides[1], axis=1)) % (2 * np.pi))


def _fractions(minus: Floats, plus: Floats, unseen: Floats) -> Floats:
    """Which share of its tau's energy each pion has, shape (events, 2), if neutrinos fly along their pions.

    That is the collinear approximation; where it has no solution between 0.02 and 1 the nearer end stands.
    """
    determinant = minus[:, 1] * plus[:, 2] - minus[:, 2] * plus[:, 1]
    determinant = np.where(np.abs(determinant) < 1e-6, 1e-6, determinant)
    one = (unseen[:, 0] * plus[:, 2] - unseen[:, 1] * plus[:, 1]) / determinant
    other = (minus[:, 1] * unseen[:, 1] - minus[:, 2] * unseen[:, 0]) / determinant
    return np.asarray(1 / (1 + np.clip(np.column_stack([one, other]), 0, 49)))


def _produced(mass: Floats, rng: np.random.Generator) -> Floats:
    """Bosons with a falling transverse momentum and a normal rapidity, shape (events, 4)."""
    size = len(mass)
    pt, angle, rapidity = rng.gamma(1.5, 25, size), rng.uniform(0, 2 * np.pi, size), rng.normal(0, 1.2, size)
    across = np.sqrt(mass**2 + pt**2)
    plane = [pt * np.cos(angle), pt * np.sin(angle)]
    return np.column_stack([across * np.cosh(rapidity), *plane, across * np.sinh(rapidity)])


def _directions(size: int, rng: np.random.Generator) -> Floats:
    """Unit vectors in any direction, shape (size, 3)."""
    cosine, angle = rng.uniform(-1, 1, size), rng.uniform(0, 2 * np.pi, size)
    sine = np.sqrt(1 - cosine**2)
    return np.column_stack([sine * np.cos(angle), sine * np.sin(angle), cosine])


def _turned(vectors: Floats, axis: Floats) -> Floats:
    """Vectors whose z is along an axis, a unit vector for each, in the frame of that axis."""
    aside = np.where(np.abs(axis[:, 2:]) < 0.9, np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]))
    first = _across(aside, axis)
    first = first / np.linalg.norm(first, axis=1)[:, None]
    second = np.cross(axis, first)
    return np.asarray(vectors[:, :1] * first + vectors[:, 1:2] * second + vectors[:, 2:] * axis)


def _across(vectors: Floats, axis: Floats) -> Floats:
    """The part of vectors that is perpendicular to an axis."""
    share = np.sum(vectors * axis, axis=1) / np.sum(axis**2, axis=1)
    return np.asarray(vectors - share[:, None] * axis)


def _boosted(resting: Floats, parent: Floats) -> Floats:
    """Momenta in the frame where a parent rests as they are where it moves."""
    mass = np.sqrt(np.maximum(parent[:, 0] ** 2 - np.sum(parent[:, 1:] ** 2, axis=1), 1e-12))
    energy = np.sum(parent * resting, axis=1) / mass
    factor = (resting[:, 0] + energy) / (parent[:, 0] + mass)
    return np.column_stack([energy, resting[:, 1:] + factor[:, None] * parent[:, 1:]])


def _transverse(momenta: Floats) -> Floats:
    return np.hypot(momenta[:, 1], momenta[:, 2])


def _pseudorapidity(momenta: Floats) -> Floats:
    return np.arcsinh(momenta[:, 3] / np.maximum(_transverse(momenta), 1e-9))


def _turn(one: Floats, other: Floats) -> Floats:
    """The angle between two momenta around the beam, 0 to pi."""
    angle = np.arctan2(one[:, 2], one[:, 1]) - np.arctan2(other[:, 2], other[:, 1])
    return np.abs((angle + np.pi) % (2 * np.pi) - np.pi)


DATASETS = (
    generated(
        higgs_cp,
        columns=(
            Column("phi_star", unit="rad", title="φ* of the decay planes"),
            Column("pt_minus", unit="GeV", title="π⁻ pT"),
            Column("eta_minus", title="π⁻ η"),
            Column("pt_plus", unit="GeV", title="π⁺ pT"),
            Column("eta_plus", title="π⁺ η"),
            Column("dphi", unit="rad", title="Δφ of the pions"),
            Column("m_vis", unit="GeV", title="visible mass"),
            Column("met", unit="GeV", title="missing transverse momentum"),
            Column("x_minus", title="π⁻ energy share, collinear"),
            Column("x_plus", title="π⁺ energy share, collinear"),
            Column("d_minus", unit="µm", title="π⁻ impact parameter"),
            Column("d_plus", unit="µm", title="π⁺ impact parameter"),
        ),
        target=Column("boson"),
        classes=("A", "H"),
        title="H or A to two taus",
        family="physics",
        about=(
            "Two Higgs doublets give a scalar H and a pseudoscalar A. Both decay to two taus, here each to a pion and "
            "a neutrino; only the angle φ* between the decay planes tells them apart, as 1 - π²/16 cos φ* for H and "
            "with a plus for A. Train on phi_star alone, on all but it, and on all: the energy shares say how much an "
            "event's φ* is worth. Then give A another mass: the energies give it away, and a model that is taught so "
            "finds what was assumed. φ* is hard for a line, as both ends and the middle matter: add cos(phi_star)."
        ),
        source="Generated here, after Z. Phys. C 64 (1994) 21 and Phys. Rev. D 92 (2015) 096012",
        options=(
            samples(10_000),
            number("mixing", 90.0, 0, 90, "The CP mixing angle of A in degrees: 90 is a pseudoscalar, 0 is H again."),
            number("mass", 125.0, 60, 1000, "The mass of H [GeV].", log=True),
            number(
                "mass_of_a", 125.0, 60, 1000, "The mass of A [GeV]; another one than that of H gives A away.", log=True
            ),
            number("impact", 10.0, 0, 1000, "The resolution of impact parameters [µm]."),
            number("missing", 12.0, 0, 100, "The resolution of the missing momentum along x and y [GeV]."),
            SEED,
        ),
    ),
)
