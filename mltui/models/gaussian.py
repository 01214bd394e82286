"""The models that take each class for a Gaussian: one shape for all, one each, or independent features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import ModelCard, Shape

_PRIORS = Hyperparameter(
    name="priors",
    kind="choice",
    default="frequencies",
    choices=("frequencies", "equal"),
    help="How likely a class is beforehand: as often as it occurs, or all alike.",
)


def _priors(hyperparameters: Mapping[str, Value], shape: Shape) -> dict[str, list[float] | None]:
    equal = hyperparameters["priors"] == "equal"
    return {"priors": [1 / shape.classes] * shape.classes if equal else None}


def _lda(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, _seed: int) -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(**{**hyperparameters, **_priors(hyperparameters, shape)})


def _qda(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, _seed: int) -> Any:
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

    return QuadraticDiscriminantAnalysis(**{**hyperparameters, **_priors(hyperparameters, shape)})


def _gaussian_nb(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, _seed: int) -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(**{**hyperparameters, **_priors(hyperparameters, shape)})


LDA = ModelCard(
    name="lda",
    title="Linear discriminant analysis",
    family="gaussian",
    engine="estimator",
    tasks=("classification",),
    about="Fisher's discriminant: each class is a Gaussian cloud about its own mean, all of one shape, so that the"
    " boundary between two is straight. Nothing needs turning. Best where clouds are round and few rows are there; a"
    " class that is curved or in two pieces is beyond it.",
    hyperparameters=(
        Hyperparameter(
            name="solver",
            kind="choice",
            default="svd",
            choices=("svd", "lsqr", "eigen"),
            help="How it is computed; lsqr and eigen know shrinkage.",
        ),
        Hyperparameter(
            name="shrinkage",
            kind="number",
            default=None,
            help="How far the shape is drawn to a round one: 0 to 1; for few rows. Empty: not.",
            low=0,
            high=1,
            optional=True,
            only=("model.solver", ("lsqr", "eigen")),
        ),
        _PRIORS,
        Hyperparameter(
            name="tol",
            kind="number",
            default=1e-4,
            help="Directions with less spread than this, in the features' own, are left out.",
            above=0,
            high=1,
            log=True,
            expert=True,
            only=("model.solver", ("svd",)),
        ),
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_lda,
    weights="none",
)

QDA = ModelCard(
    name="qda",
    title="Quadratic discriminant analysis",
    family="gaussian",
    engine="estimator",
    tasks=("classification",),
    about="Each class is a Gaussian cloud with a mean and a shape of its own, so that the boundary between two is an"
    " ellipse, a parabola or a hyperbola. It needs many rows of every class for its shape; raise reg_param where they"
    " are few.",
    hyperparameters=(
        Hyperparameter(
            name="reg_param",
            kind="number",
            default=0.0,
            help="How far each class's shape is drawn to a round one: 0 not at all, 1 all the way.",
            low=0,
            high=1,
        ),
        _PRIORS,
        Hyperparameter(
            name="tol",
            kind="number",
            default=1e-4,
            help="A class with less spread than this in some direction is called flat.",
            above=0,
            high=1,
            log=True,
            expert=True,
        ),
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_qda,
    weights="none",
)

GAUSSIAN_NB = ModelCard(
    name="gaussian_nb",
    title="Gaussian naive Bayes",
    family="gaussian",
    engine="estimator",
    tasks=("classification",),
    about="Each class has for each feature a mean and a width, and the features are taken for independent: their"
    " likelihoods are multiplied. Nothing is quicker, and nothing is surer of itself where features are correlated,"
    " since the same evidence counts twice: try preprocess.scale = pca.",
    hyperparameters=(
        _PRIORS,
        Hyperparameter(
            name="var_smoothing",
            kind="number",
            default=1e-9,
            help="Added to every variance, as a share of the largest; more is a softer answer.",
            low=0,
            high=1e9,
            log=True,
            first=1e-12,
        ),
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_gaussian_nb,
)
