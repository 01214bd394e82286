"""The pictures of statistics books as generators: mixtures, curves with noise, blobs, outliers and potatoes."""

from __future__ import annotations

import numpy as np

from mltui.core.table import Column, Floats, Integers
from mltui.data.generators.making import SEED, choice, generated, number, samples, whole

Points = tuple[Floats, Integers]
Curve = tuple[Floats, Floats]


def mixture(samples: int, centres: int, rng: np.random.Generator) -> Points:
    """Two classes of ten clouds each (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2.3.3).

    A point is drawn from a normal of variance 1/5 in both directions around one of its class's ten centres.
    """
    y = np.arange(samples) % 2
    middle = mixture_centres(centres)
    return middle[y, rng.integers(0, 10, samples)] + rng.normal(0, np.sqrt(0.2), (samples, 2)), y


def mixture_centres(seed: int) -> Floats:
    """The centres of the mixture, shape (2, 10, 2): from unit normals around (1, 0), BLUE, and (0, 1), ORANGE."""
    rng = np.random.default_rng(seed)
    return np.array([[[1.0, 0.0]], [[0.0, 1.0]]]) + rng.normal(size=(2, 10, 2))


def mixture_law(places: Floats, centres: int) -> Floats:
    """The true probability of either class at places, shape (rows, 2); the Bayes boundary is at 1/2."""
    return _posterior(places, mixture_centres(centres).reshape(20, 2), np.full(20, np.sqrt(0.2)), np.arange(20) // 10)


def _posterior(
    places: Floats, centres: Floats, widths: Floats, classes: Integers, shares: Floats | None = None
) -> Floats:
    """The probability of each class at places, shape (rows, classes), by Bayes' theorem, of round normal clouds.

    Args:
        places: shape (rows, 2). centres: shape (clouds, 2). widths: shape (clouds,). classes: shape (clouds,), codes.
        shares: shape (clouds,), of the rows in each; None where all are equal.
    """
    shares = np.ones(len(centres)) if shares is None else shares
    distance = np.sum((places[:, None] - centres) ** 2, axis=2)
    with np.errstate(divide="ignore"):
        logs = np.log(shares) - 2 * np.log(widths) - distance / (2 * widths**2)
    density = np.exp(logs - logs.max(axis=1, keepdims=True))
    of_class = np.column_stack([density[:, classes == code].sum(axis=1) for code in range(classes.max() + 1)])
    return np.asarray(of_class / of_class.sum(axis=1, keepdims=True))


def line(samples: int, slope: float, noise: float, rng: np.random.Generator) -> Curve:
    """A straight line through 0 over 0 to 1 with normal noise."""
    x = rng.uniform(0, 1, (samples, 1))
    return x, line_law(x, slope) + rng.normal(0, 1, samples) * noise


def line_law(x: Floats, slope: float) -> Floats:
    """The line at places, shape (rows, 1)."""
    return np.asarray(slope * x[:, 0])


def polynomial(samples: int, reach: float, noise: float, rng: np.random.Generator) -> Curve:
    """2x - 10x^5 + 15x^10 over 0 to reach with normal noise (Mehta et al., Physics Reports 810 (2019), II)."""
    x = rng.uniform(0, reach, (samples, 1))
    return x, polynomial_law(x) + rng.normal(0, 1, samples) * noise


def polynomial_law(x: Floats) -> Floats:
    """The polynomial at places, shape (rows, 1)."""
    return np.asarray(2 * x[:, 0] - 10 * x[:, 0] ** 5 + 15 * x[:, 0] ** 10)


def curve(samples: int, shape: str, noise: float, rng: np.random.Generator) -> Curve:
    """A smooth curve over -1 to 1 with normal noise."""
    x = rng.uniform(-1, 1, (samples, 1))
    return x, curve_law(x, shape) + rng.normal(0, 1, samples) * noise


def curve_law(x: Floats, shape: str) -> Floats:
    """The curve at places, shape (rows, 1).

    wiggles: 0.2 + 0.4x² + 0.3x sin 15x + 0.05 cos 50x (Nielsen, Neural Networks and Deep Learning, chapter 4);
    runge: 1 / (1 + 25x²), on which interpolating polynomials swing (Runge 1901); sine: sin 2πx; step: |x| below 1/2.
    """
    at = x[:, 0]
    if shape == "wiggles":
        return np.asarray(0.2 + 0.4 * at**2 + 0.3 * at * np.sin(15 * at) + 0.05 * np.cos(50 * at))
    if shape == "runge":
        return np.asarray(1 / (1 + 25 * at**2))
    if shape == "sine":
        return np.asarray(np.sin(2 * np.pi * at))
    return np.where(np.abs(at) < 0.5, 1.0, 0.0)


def blobs(samples: int, separation: float, ratio: float, rng: np.random.Generator) -> Points:
    """Three round clouds at the corners of a triangle, b and c of unit width, a so many times as wide."""
    y = np.arange(samples) % 3
    wide = np.where(y == 0, ratio, 1.0)[:, None]
    return _corners(separation)[y] + rng.normal(0, 1, (samples, 2)) * wide, y


def blobs_law(places: Floats, separation: float, ratio: float) -> Floats:
    """The true probability of each class at places, shape (rows, 2)."""
    return _posterior(places, _corners(separation), np.array([ratio, 1.0, 1.0]), np.arange(3))


def _corners(separation: float) -> Floats:
    """The corners of a triangle of equal sides, shape (3, 2)."""
    triangle = np.array([[0.0, 1.0], [np.sqrt(0.75), -0.5], [-np.sqrt(0.75), -0.5]])
    return np.asarray(triangle * (separation / np.sqrt(3)))


def gaussian_ring(samples: int, modes: int, width: float, rng: np.random.Generator) -> Points:
    """Narrow clouds at equal steps on a circle of radius 4, every other one of the other class."""
    which = rng.integers(0, modes, samples)
    return _on_circle(which, modes) + rng.normal(0, 1, (samples, 2)) * width, which % 2


def gaussian_ring_law(places: Floats, modes: int, width: float) -> Floats:
    """The true probability of either class at places, shape (rows, 2)."""
    which = np.arange(modes)
    return _posterior(places, _on_circle(which, modes), np.full(modes, width), which % 2)


def _on_circle(which: Integers, modes: int) -> Floats:
    angle = 2 * np.pi * which / modes
    return 4 * np.column_stack([np.cos(angle), np.sin(angle)])


def gaussian_grid(samples: int, side: int, width: float, rng: np.random.Generator) -> Points:
    """Narrow clouds on a square grid of unit steps around 0, the classes alternating as on a chess board."""
    place = rng.integers(0, side, (samples, 2))
    return place - (side - 1) / 2 + rng.normal(0, 1, (samples, 2)) * width, place.sum(axis=1) % 2


def gaussian_grid_law(places: Floats, side: int, width: float) -> Floats:
    """The true probability of either class at places, shape (rows, 2)."""
    place = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    return _posterior(places, np.asarray(place - (side - 1) / 2), np.full(len(place), width), place.sum(axis=1) % 2)


def outliers(samples: int, share: float, distance: float, rng: np.random.Generator) -> Points:
    """Two clouds of unit width 4 apart, and a share of b's points far on their own, right side.

    As in Bishop, Pattern Recognition and Machine Learning, figure 4.4.
    """
    y = np.arange(samples) % 2
    x = rng.normal(0, 1, (samples, 2))
    x[:, 0] += np.where(y == 1, 2.0, -2.0)
    away = (y == 1) & (rng.uniform(size=samples) < share)
    x[away] += np.array([distance, -distance])
    return x, y


def outliers_law(places: Floats, share: float, distance: float) -> Floats:
    """The true probability of either class at places, shape (rows, 2)."""
    centres = np.array([[-2.0, 0.0], [2.0, 0.0], [2.0 + distance, -distance]])
    return _posterior(places, centres, np.ones(3), np.array([0, 1, 1]), np.array([1.0, 1 - share, share]))


def potatoes(samples: int, rng: np.random.Generator) -> Points:
    """Potatoes of two kinds: size [cm], colour (brown, red, yellow), and shape (long, oval, round), by their codes.

    Given the kind the three are independent: size is normal of deviation 1.2 around 6 and 8, the shares of the colours
    and shapes are in the tables below.
    """
    y = np.arange(samples) % 2
    size = rng.normal(np.where(y == 1, 6.0, 8.0), 1.2)
    colour = np.array([[0.6, 0.1, 0.3], [0.1, 0.3, 0.6]])
    form = np.array([[0.2, 0.3, 0.5], [0.5, 0.4, 0.1]])
    return np.column_stack([np.maximum(size, 1), _drawn(colour[y], rng), _drawn(form[y], rng)]), y


def _drawn(shares: Floats, rng: np.random.Generator) -> Integers:
    """A code for each row of shares, shape (rows, codes)."""
    return np.asarray((rng.uniform(size=(len(shares), 1)) > np.cumsum(shares, axis=1)).sum(axis=1))


_PLACE = (Column("x1"), Column("x2"))
_AT = (Column("x"),)
_CLASS, _VALUE = Column("class"), Column("y")
_NOISE = "The standard deviation of the noise; no model explains its square."
_WIDTH = "The standard deviation of each cloud."

DATASETS = (
    generated(
        mixture,
        law=mixture_law,
        columns=_PLACE,
        target=_CLASS,
        classes=("BLUE", "ORANGE"),
        title="Mixture, BLUE and ORANGE",
        family="textbook",
        about=(
            "Each colour is a mixture of ten small clouds, so that the best possible boundary is known and is bent. At "
            "the default centres it is right on 78 % of new points, and no model beats that. Try nearest neighbours "
            "with 1, 15 and 100 neighbours against a line: one neighbour is perfect in training and poor on new "
            "points."
        ),
        source="Generated here, after Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2.3.3",
        options=(
            samples(200),
            whole("centres", 8, 0, 2**31, "Which twenty centres; each draw has its own boundary."),
            SEED,
        ),
    ),
    generated(
        line,
        law=line_law,
        columns=_AT,
        target=_VALUE,
        title="Line with noise",
        family="textbook",
        about=(
            "y = slope x and normal noise. Linear regression in closed form and by gradient descent must agree; look "
            "at their path and at what a learning rate that is too large does. Then fit polynomials of degree 1, 3 and "
            "10 to few points: the more flexible one is nearer in training and farther on new points."
        ),
        source="Generated here, after Mehta et al., Physics Reports 810 (2019) 1, section II",
        options=(
            samples(100),
            number("slope", 2.0, -100, 100, "The slope of the line."),
            number("noise", 0.3, 0, 100, _NOISE),
            SEED,
        ),
    ),
    generated(
        polynomial,
        law=polynomial_law,
        columns=_AT,
        target=_VALUE,
        title="Polynomial of tenth degree with noise",
        family="textbook",
        about=(
            "y = 2x - 10x⁵ + 15x¹⁰ and normal noise. With little noise and many points the true degree wins; with few "
            "points or much noise a straight line predicts better, though it is wrong: bias against variance. To see "
            "extrapolation fail, raise the reach to 1.2 and judge by the largest x: features = x, split.by = time and "
            "split.column = x."
        ),
        source="Generated here, after Mehta et al., Physics Reports 810 (2019) 1, section II",
        options=(
            samples(100),
            number("reach", 1.0, 0.1, 1.5, "x is drawn from 0 to here."),
            number("noise", 0.3, 0, 100, _NOISE),
            SEED,
        ),
    ),
    generated(
        curve,
        law=curve_law,
        columns=_AT,
        target=_VALUE,
        title="A smooth curve",
        family="textbook",
        about=(
            "One input, one output, hardly any noise: a network with one hidden layer comes as close as one likes, "
            "given enough units. Try widths of 2, 10 and 100 with tanh and with relu, and beside them polynomials on "
            "runge, which swing at the ends the more the higher their degree."
        ),
        source="Generated here, after Nielsen, Neural Networks and Deep Learning, chapter 4, and Runge (1901)",
        options=(
            samples(300),
            choice("shape", ("wiggles", "runge", "sine", "step"), "Which curve; step is the one that is not smooth."),
            number("noise", 0.02, 0, 10, _NOISE),
            SEED,
        ),
    ),
    generated(
        blobs,
        law=blobs_law,
        columns=_PLACE,
        target=_CLASS,
        classes=("a", "b", "c"),
        title="Three blobs",
        family="textbook",
        about=(
            "Three round clouds at the corners of a triangle, of which a may be wider than the others. Of equal widths "
            "the best boundaries are straight lines and lda is the best model. With ratio 4 they are circles: whatever "
            "goes to the nearest centre gives a's flanks to b and c, while qda and gaussian_nb know how wide each is."
        ),
        source="Generated here",
        options=(
            samples(600),
            number("separation", 5.0, 0, 100, "How far the centres are apart, in widths of b and c."),
            number("ratio", 1.0, 0.1, 20, "How many times as wide a is as b and c.", log=True),
            SEED,
        ),
    ),
    generated(
        gaussian_ring,
        law=gaussian_ring_law,
        columns=_PLACE,
        target=_CLASS,
        classes=("a", "b"),
        title="Ring of Gaussians",
        family="textbook",
        about=(
            "Narrow clouds on a circle, the classes taking turns. A line is as good as a coin; a tree needs about one "
            "cut for each cloud, nearest neighbours none. It is also the usual test of generative models, which like "
            "to forget some of the clouds."
        ),
        source="Generated here",
        options=(
            samples(1000),
            whole("modes", 8, 2, 100, "How many clouds."),
            number("width", 0.3, 0.01, 3, _WIDTH, log=True),
            SEED,
        ),
    ),
    generated(
        gaussian_grid,
        law=gaussian_grid_law,
        columns=_PLACE,
        target=_CLASS,
        classes=("a", "b"),
        title="Grid of Gaussians",
        family="textbook",
        about=(
            "Narrow clouds on a square grid, the classes as on a chess board. Each coordinate by itself says nothing, "
            "so that a tree finds its first cuts by luck alone and must be deep. Compare nearest neighbours, a forest "
            "and networks of growing width."
        ),
        source="Generated here",
        options=(
            samples(1000),
            whole("side", 5, 2, 20, "Clouds along one side."),
            number("width", 0.1, 0.01, 1, _WIDTH, log=True),
            SEED,
        ),
    ),
    generated(
        outliers,
        law=outliers_law,
        columns=_PLACE,
        target=_CLASS,
        classes=("a", "b"),
        title="Two clouds and outliers",
        family="textbook",
        about=(
            "Two clouds that a line parts well, and some points of b far away on b's own side, which should disturb "
            "nobody. The least-squares classifier wants every b to score 1, punishes them for scoring too high, and "
            "tilts; logistic regression and the support vector machine with kernel = linear do not care. Raise the "
            "distance and watch, with preprocess.scale = none, as scaling would squeeze what is near together."
        ),
        source="Generated here, after Bishop, Pattern Recognition and Machine Learning, figure 4.4",
        options=(
            samples(400),
            number("share", 0.1, 0, 0.5, "Which share of b lies far away."),
            number("distance", 20.0, 0, 1000, "How far to the right, and as far down."),
            SEED,
        ),
    ),
    generated(
        potatoes,
        columns=(
            Column("size", unit="cm"),
            Column("colour", "category", categories=("brown", "red", "yellow")),
            Column("shape", "category", categories=("long", "oval", "round")),
        ),
        target=Column("kind"),
        classes=("floury", "waxy"),
        title="Potatoes",
        family="textbook",
        about=(
            "A sack of potatoes, floury and waxy, of which one knows the size, a number, and colour and shape, labels. "
            "The three are independent given the kind, so that nothing beats their product, which logistic regression "
            "learns; gaussian_nb takes the labels for bell curves and falls short. Look at the histograms by class, at "
            "what onehot makes of the labels, and at the questions that a tree asks first."
        ),
        source="Generated here; the shares are made up",
        options=(samples(500), SEED),
    ),
)
