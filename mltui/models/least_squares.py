"""The linear models by least squares beside linear regression: powers of the features, penalties, and classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import comb
from typing import Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import Complexity, ModelCard, Shape, WeightsTaken
from mltui.models.shared import CLASS_WEIGHT, class_weight, curve_over
from mltui.models.single_layer import FIT_INTERCEPT

MOST_TERMS = 5_000
"""Terms of a polynomial: solving for so many takes minutes, and memory with the square of them."""
_ALPHA = Hyperparameter(
    name="alpha",
    kind="number",
    default=1.0,
    help="How hard all coefficients are pulled towards zero; more is a smoother answer.",
    above=0,
    high=1e9,
    log=True,
)
_DEGREE = Complexity("degree", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15))
_STRENGTH = Complexity("alpha", (1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4))
_POSITIVE = Hyperparameter(
    name="positive",
    kind="boolean",
    default=False,
    help="Allow no negative slope: every feature may only add.",
    expert=True,
)
_WEIGHTS: WeightsTaken = "positive"
"""scikit-learn takes their roots."""


def _polynomial_regression(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, _seed: int
) -> Any:
    from sklearn.linear_model import LinearRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    _refuse_too_many(hyperparameters, shape.inputs)
    powers: Any = {name: hyperparameters[name] for name in ("degree", "interaction_only")}
    alpha, constant = hyperparameters["alpha"], hyperparameters["fit_intercept"]
    linear = Ridge(alpha=alpha, fit_intercept=constant) if alpha else LinearRegression(fit_intercept=constant)
    return make_pipeline(PolynomialFeatures(**powers, include_bias=False), linear)


def terms(inputs: int, degree: int, *, interaction_only: bool = False) -> int:
    """How many terms a polynomial of so many variables has, without its constant.

    >>> terms(2, 2), terms(2, 2, interaction_only=True), terms(1, 9)
    (5, 3, 9)
    """
    if interaction_only:
        return sum(comb(inputs, order) for order in range(1, min(degree, inputs) + 1))
    return comb(inputs + degree, degree) - 1


def _terms(hyperparameters: Mapping[str, Value], inputs: int) -> int:
    degree, only = int(str(hyperparameters["degree"])), bool(hyperparameters["interaction_only"])
    return terms(inputs, degree, interaction_only=only)


def _refuse_too_many(hyperparameters: Mapping[str, Value], inputs: int) -> None:
    degree = int(str(hyperparameters["degree"]))
    by_degree = {lower: _terms({**hyperparameters, "degree": lower}, inputs) for lower in range(1, degree + 1)}
    if by_degree[degree] <= MOST_TERMS:
        return
    able = max((lower for lower, count in by_degree.items() if count <= MOST_TERMS), default=0)
    raise InputError(
        f"a polynomial of degree {degree} in {inputs:,} inputs has {by_degree[degree]:,} terms, more than the "
        f"{MOST_TERMS:,} that can be solved for; {f'set model.degree = {able}' if able else 'choose fewer features'}",
        key="model.degree",
    )


def _ridge(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], _shape: Shape, seed: int) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(**hyperparameters, random_state=seed)


def _lasso(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], _shape: Shape, seed: int) -> Any:
    from sklearn.linear_model import Lasso

    return Lasso(**hyperparameters, random_state=seed)


def _least_squares_classifier(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    from sklearn.linear_model import RidgeClassifier

    settings: dict[str, Any] = {name: hyperparameters[name] for name in ("alpha", "fit_intercept")}
    if not settings["alpha"]:
        # Without a penalty the usual solver, by Cholesky, has no answer where features repeat each other; this one
        # finds the shortest of the many.
        settings |= {"solver": "lsqr", "tol": 1e-12}
    return RidgeClassifier(**settings, **class_weight(hyperparameters, shape), random_state=seed)


POLYNOMIAL_REGRESSION = ModelCard(
    name="polynomial_regression",
    title="Polynomial regression",
    family="linear",
    engine="estimator",
    tasks=("regression",),
    about="Powers and products of the features, each with a coefficient of its own by least squares. The textbook case"
    " of overfitting: raise degree and watch the training error fall while the validation error turns up. alpha holds"
    " the coefficients small, which tames high degrees.",
    hyperparameters=(
        Hyperparameter(
            name="degree",
            kind="integer",
            default=3,
            help="The highest power; 1 is a plane, high ones follow every point.",
            low=1,
            high=50,
        ),
        Hyperparameter(
            name="interaction_only",
            kind="boolean",
            default=False,
            help="Only products of different features, no powers of one.",
        ),
        replace(
            _ALPHA,
            default=0.0,
            low=0,
            above=None,
            first=1e-6,
            help="How hard the coefficients are pulled towards zero (ridge); 0: not at all.",
        ),
        FIT_INTERCEPT,
    ),
    training=(curve_over(_DEGREE),),
    complexity=_DEGREE,
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_polynomial_regression,
    weights=_WEIGHTS,
    columns=_terms,
)

RIDGE = ModelCard(
    name="ridge",
    title="Ridge regression",
    family="linear",
    engine="estimator",
    tasks=("regression",),
    about="Linear regression with a price on large coefficients: the squared error plus alpha times the sum of their"
    " squares. It calms features that say nearly the same, and never sets one to exactly zero. Turn alpha, and scale"
    " the features first.",
    hyperparameters=(
        _ALPHA,
        FIT_INTERCEPT,
        _POSITIVE,
        Hyperparameter(
            name="solver",
            kind="choice",
            default="auto",
            choices=("auto", "svd", "cholesky", "lsqr", "sag"),
            help="How the minimum is found; sag goes in random steps, for very many rows.",
            expert=True,
            only=("model.positive", (False,)),
        ),
    ),
    training=(curve_over(_STRENGTH),),
    complexity=_STRENGTH,
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_ridge,
    weights=_WEIGHTS,
)

LASSO = ModelCard(
    name="lasso",
    title="Lasso",
    family="linear",
    engine="estimator",
    tasks=("regression",),
    about="Linear regression with a price on the sizes of the coefficients, which sets those that help little to"
    " exactly zero: it chooses features. Turn alpha until few are left; of features that say the same it keeps one, by"
    " chance.",
    hyperparameters=(
        replace(_ALPHA, default=0.01, help="The price of a coefficient's size: the larger, the more become exactly 0."),
        FIT_INTERCEPT,
        _POSITIVE,
        Hyperparameter(
            name="max_iter",
            kind="integer",
            default=1000,
            help="Rounds over the coefficients at most; a warning says if it needed more.",
            low=1,
            high=1_000_000,
            log=True,
            expert=True,
        ),
        Hyperparameter(
            name="tol",
            kind="number",
            default=1e-4,
            help="It stops when the best answer can be no better than by this share.",
            above=0,
            high=1,
            log=True,
            expert=True,
        ),
        Hyperparameter(
            name="selection",
            kind="choice",
            default="cyclic",
            choices=("cyclic", "random"),
            help="Which coefficient is moved next: one after the other, or by chance.",
            expert=True,
        ),
    ),
    training=(curve_over(_STRENGTH),),
    complexity=_STRENGTH,
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_lasso,
    weights=_WEIGHTS,
)

LEAST_SQUARES_CLASSIFIER = ModelCard(
    name="least_squares_classifier",
    title="Least-squares classifier",
    family="linear",
    engine="estimator",
    tasks=("classification",),
    about="Linear regression on the classes written as numbers: -1 and +1, or of many classes a column each. Rows far"
    " on the right side are punished for being too right, so outliers drag the boundary along: compare logistic"
    " regression. The score is (f + 1) / 2 cut off at 0 and 1, of many classes the nearest shares that add up to one:"
    " no probability.",
    hyperparameters=(
        replace(
            _ALPHA,
            default=0.0,
            low=0,
            above=None,
            first=1e-3,
            help="How hard the coefficients are pulled towards zero; 0 is plain least squares.",
        ),
        FIT_INTERCEPT,
        CLASS_WEIGHT,
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_least_squares_classifier,
    weights=_WEIGHTS,
)
