"""The linear models: a weighted sum of the features, for values and, through the sigmoid, for classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import ModelCard, Shape
from mltui.models.shared import CLASS_WEIGHT, class_weight

FIT_INTERCEPT = Hyperparameter(
    name="fit_intercept",
    kind="boolean",
    default=True,
    help="Learn a constant as well; without it the line must pass through the origin.",
    expert=True,
)


def _logistic_regression(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    import inspect

    from sklearn.linear_model import LogisticRegression

    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k not in ("class_weight", "l1_ratio")}
    settings |= class_weight(hyperparameters, shape)
    if hyperparameters["l1_ratio"]:
        # only saga knows the L1 penalty for any number of classes
        settings |= {"solver": "saga", "l1_ratio": hyperparameters["l1_ratio"]}
        if inspect.signature(LogisticRegression).parameters["penalty"].default == "l2":
            settings["penalty"] = "elasticnet"  # scikit-learn before 1.8 wants it said
    return LogisticRegression(**settings, random_state=seed)


def _linear_regression(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], _shape: Shape, _seed: int
) -> Any:
    from sklearn.linear_model import LinearRegression

    return LinearRegression(**hyperparameters)


LOGISTIC_REGRESSION = ModelCard(
    name="logistic_regression",
    title="Logistic regression",
    family="linear",
    engine="estimator",
    tasks=("classification",),
    about="A straight boundary with a soft edge: the sigmoid of a weighted sum gives the probability. Quick, hard to"
    " overfit, and the measure that anything more complicated should beat. Turn C first.",
    hyperparameters=(
        Hyperparameter(
            name="C",
            kind="number",
            default=1.0,
            help="Freedom of the coefficients: small values shrink them and soften the edge.",
            above=0,
            high=1e9,
            log=True,
        ),
        Hyperparameter(
            name="l1_ratio",
            kind="number",
            default=0.0,
            help="How to shrink: 0 (L2) makes all coefficients smaller, 1 (L1) makes some zero.",
            low=0,
            high=1,
        ),
        Hyperparameter(
            name="max_iter",
            kind="integer",
            default=1000,
            help="Steps the solver may take; a warning says if it needed more.",
            low=1,
            high=1_000_000,
            log=True,
            expert=True,
        ),
        Hyperparameter(
            name="tol",
            kind="number",
            default=1e-4,
            help="The solver stops when the slope of the loss is smaller than this.",
            above=0,
            high=1,
            log=True,
            expert=True,
        ),
        FIT_INTERCEPT,
        CLASS_WEIGHT,
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_logistic_regression,
)

LINEAR_REGRESSION = ModelCard(
    name="linear_regression",
    title="Linear regression",
    family="linear",
    engine="estimator",
    tasks=("regression",),
    about="The plane with the smallest squared error, found in one step, without a choice to make. What it misses is"
    " what is curved in the data: look at the residuals.",
    hyperparameters=(
        Hyperparameter(
            name="positive",
            kind="boolean",
            default=False,
            help="Allow no negative slope: every feature may only add.",
        ),
        FIT_INTERCEPT,
    ),
    training=(),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_linear_regression,
    weights="positive",  # scikit-learn takes their roots
)
