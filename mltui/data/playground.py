"""Two-feature point clouds with the definitions of the network playground (playground.tensorflow.org), vectorised."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.core.table import Column, Floats, Integers, Table
from mltui.data.card import Dataset

CLASSES = ("a", "b")
_SOURCE = "Generated here, after the network playground (playground.tensorflow.org)"
_PLANE_CENTRES = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
_PLANE_SIGNS = np.array([1, -1, 1, -1, 1, -1])

Points = tuple[Floats, Integers | Floats]
"""Places, shape (samples, 2), and what is to be learnt of each, shape (samples,): 0 or 1, or a value; shape
(samples, targets) where there are several values."""
Generator = Callable[[int, float, np.random.Generator], Points]


def circles(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """A disc of radius 2.5 (b) in a ring from 3.5 to 5 (a); noise moves each point by up to ±5 × noise."""
    label = _halves(samples)
    radius = np.where(label == 1, rng.uniform(0, 2.5, samples), rng.uniform(3.5, 5, samples))
    angle = rng.uniform(0, 2 * np.pi, samples)
    places = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    return places + rng.uniform(-5, 5, (samples, 2)) * noise, label


def xor(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Four squares 0.6 apart, b where x1 and x2 have the same sign; noise moves each point by up to ±5 × noise."""
    places = rng.uniform(-5, 5, (samples, 2))
    places += np.where(places > 0, 0.3, -0.3)
    label = (places[:, 0] * places[:, 1] >= 0).astype(np.int64)
    return places + rng.uniform(-5, 5, (samples, 2)) * noise, label


def gaussians(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two normal clouds around (2, 2) (b) and (-2, -2) (a) of variance 0.5 + 7 × noise."""
    label = _halves(samples)
    centre = np.where(label == 1, 2.0, -2.0)[:, None]
    return centre + rng.normal(0, np.sqrt(0.5 + 7 * noise), (samples, 2)), label


def spiral(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two arms of 1.75 turns that wind out to radius 5, half a turn apart; noise moves each point by up to ±noise."""
    label = _halves(samples)
    size = np.where(label == 1, np.sum(label == 1), np.sum(label == 0))
    along = np.where(label == 1, np.cumsum(label) - 1, np.cumsum(1 - label) - 1) / size
    angle = 1.75 * along * 2 * np.pi + np.where(label == 1, 0, np.pi)
    places = 5 * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return places + rng.uniform(-1, 1, (samples, 2)) * noise, label


def moons(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Two interleaved half circles, scikit-learn's `make_moons` centred and three times as large; normal noise."""
    label = _halves(samples)
    angle = rng.uniform(0, np.pi, samples)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    places = np.where(label[:, None] == 1, lower, upper) + rng.normal(0, 1, (samples, 2)) * noise
    return 3 * (places - [0.5, 0.25]), label


def plane(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """The value (x1 + x2) / 10, from -1.2 to 1.2, read off at a place moved by up to ±6 × noise."""
    places, moved = _displaced(samples, noise, rng)
    return places, moved.sum(axis=1) / 10


def gaussian_plane(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Six hills and dips of radius 2 and height 1, signs alternating; read off at a place moved by ±6 × noise."""
    places, moved = _displaced(samples, noise, rng)
    distance = np.linalg.norm(moved[:, None, :] - _PLANE_CENTRES, axis=2)
    heights = _PLANE_SIGNS * np.clip(1 - distance / 2, 0, 1)
    tallest = np.argmax(np.abs(heights), axis=1)
    return places, heights[np.arange(samples), tallest]


def oscillator(samples: int, noise: float, rng: np.random.Generator) -> Points:
    """Position and velocity of a mass on a spring of 2 rad/s, let go at rest 1 m off, after a time and by its damping.

    With the damping rate g and w² = 2² - g² the position is exp(-g t) (cos w t + g/w sin w t), and the velocity its
    derivative, -exp(-g t) 2²/w sin w t (Landau and Lifshitz, Mechanics, section 25). Normal noise is added to both.
    """
    places = np.column_stack([rng.uniform(0, 6, samples), rng.uniform(0, 1, samples)])
    time, damping = places.T
    frequency = np.sqrt(4 - damping**2)
    decay, angle = np.exp(-damping * time), frequency * time
    position = decay * (np.cos(angle) + damping / frequency * np.sin(angle))
    velocity = -decay * 4 / frequency * np.sin(angle)
    return places, np.column_stack([position, velocity]) + rng.normal(0, 1, (samples, 2)) * noise


def _halves(samples: int) -> Integers:
    """Labels 0 and 1 in equal numbers; the odd one is a 1."""
    return np.arange(samples, 0, -1) % 2


def _displaced(samples: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    places = rng.uniform(-6, 6, (samples, 2))
    return places, places + rng.uniform(-6, 6, (samples, 2)) * noise


def _options(noise: float) -> tuple[Hyperparameter, ...]:
    return (
        Hyperparameter(
            name="samples",
            kind="integer",
            default=500,
            low=10,
            high=1_000_000,
            log=True,
            help="How many points; with few, a model learns them by heart.",
        ),
        Hyperparameter(
            name="noise",
            kind="number",
            default=noise,
            low=0,
            high=1,
            help="How far points stray; more makes the best possible score worse.",
        ),
        Hyperparameter(
            name="seed",
            kind="integer",
            default=1,
            low=0,
            high=2**31,
            help="Another seed draws other points of the same kind.",
        ),
    )


_PLACE = (Column("x1"), Column("x2"))


def _card(
    name: str,
    title: str,
    task: Task,
    generate: Generator,
    about: str,
    noise: float = 0.1,
    features: tuple[Column, Column] = _PLACE,
    targets: tuple[Column, ...] = (),
) -> Dataset:
    def make(options: Mapping[str, Value]) -> Table:
        return _table(name, task, generate, options, features, targets)

    return Dataset(
        name=name,
        title=title,
        family="playground",
        task=task,
        about=about,
        source=_SOURCE,
        options=_options(noise),
        make=make,
        targets=len(targets) or 1,
        points=generate,
    )


def _table(
    name: str,
    task: Task,
    generate: Generator,
    options: Mapping[str, Value],
    features: tuple[Column, Column],
    targets: tuple[Column, ...],
) -> Table:
    samples, noise, seed = int(options["samples"]), float(options["noise"]), int(options["seed"])  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    places, target = generate(samples, noise, rng)
    order = rng.permutation(samples)
    places, target = places[order], target[order]
    return Table(
        columns=features,
        values={column.name: places[:, at].copy() for at, column in enumerate(features)},
        task=task,
        target=target,
        target_name=", ".join(c.name for c in targets) or ("class" if task == "classification" else "value"),
        targets=targets,
        classes=CLASSES if task == "classification" else (),
        files=(name,),
        file=np.zeros(samples, np.int64),
        entry=np.arange(samples),
    )


DATASETS = (
    _card(
        "circles",
        "Circles",
        "classification",
        circles,
        "A disc of one colour inside a ring of the other. No straight line parts them, so logistic regression stays "
        "near a coin toss, while a handful of hidden units bend the boundary into a closed curve. Try one hidden layer "
        "of 2, 3 and 4 units, then raise the noise and watch which models chase single points.",
    ),
    _card(
        "xor",
        "Exclusive or",
        "classification",
        xor,
        "Class b where both coordinates have the same sign. Neither coordinate alone says anything, only both together "
        "do: this kept early perceptrons from fame. Try a decision tree of depth 1, then 2, and a network with and "
        "without a hidden layer.",
    ),
    _card(
        "gaussians",
        "Two Gaussians",
        "classification",
        gaussians,
        "Two round clouds. The best boundary is the straight line between them, so a simple model is already the best "
        "one. Raise the noise until the clouds overlap and compare how much logistic regression and a deep tree lose "
        "between training and validation.",
    ),
    _card(
        "spiral",
        "Spiral",
        "classification",
        spiral,
        "Two arms wound around each other, the hardest picture of the playground. It needs a wide or deep network and "
        "patience, while nearest neighbours find it easy. Try more units, another activation and other learning rates, "
        "and watch the surface wind itself up.",
    ),
    _card(
        "moons",
        "Two moons",
        "classification",
        moons,
        "Two interleaved half circles, the classic of the scikit-learn gallery. A straight line gets most points right "
        "and a gentle curve nearly all. Try nearest neighbours with 1 and with 50 neighbours: the first draws islands, "
        "the second smooths them away.",
        noise=0.2,
    ),
    _card(
        "plane",
        "Plane",
        "regression",
        plane,
        "The value to predict is the sum of the coordinates: a tilted plane. Linear regression finds it exactly; a "
        "tree builds it from steps. Compare the two surfaces, then add noise and see that the plane hardly moves.",
        noise=0.0,
    ),
    _card(
        "gaussian_plane",
        "Hills and dips",
        "regression",
        gaussian_plane,
        "Six hills and dips on a flat floor. A plane fits nothing of it, and its R² stays near zero; a network or "
        "boosted trees raise the hills one after another. Try few and many hidden units, and few and many samples.",
        noise=0.0,
    ),
    _card(
        "oscillator",
        "Damped oscillator",
        "regression",
        oscillator,
        "Two values to predict at once: where a mass on a spring is, and how fast it moves, after a time and by its "
        "damping. Both swing, a quarter of a turn apart, and die away. One network learns them together in its hidden "
        "layer; t turns the pictures to the other. A plane fits neither; try few and many hidden units, and a forest.",
        noise=0.02,
        features=(Column("time", unit="s"), Column("damping", unit="1/s")),
        targets=(Column("position", unit="m"), Column("velocity", unit="m/s")),
    ),
)
