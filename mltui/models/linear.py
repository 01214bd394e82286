"""The linear models: a weighted sum of the features, for values and, through the sigmoid, for classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Condition, Hyperparameter, Value
from mltui.models.card import Complexity, ModelCard, Shape
from mltui.models.network_training import CHANGEABLE, CONTROLS, TRAINING, only_with, with_changes
from mltui.models.shared import CLASS_WEIGHT, class_weight, curve_over
from mltui.models.single_layer import FIT_INTERCEPT, INITIALIZATION, single_layer

_GRADIENT: Condition = ("model.solver", ("gradient",))
_LBFGS: Condition = ("model.solver", ("lbfgs",))
_BY_GRADIENT: Mapping[tuple[str, Value], Mapping[str, Any]] = {
    ("solver", "gradient"): {
        "engine": "network",
        "axis": "epoch",
        "controls": CONTROLS,
        "build": single_layer,
        "steps": "training.epochs",
        "weights": "any",
        "changeable": CHANGEABLE,
    }
}
"""The loop of networks trains it then."""
_C = Complexity("C", (1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e3, 1e4))
_OF_LOGISTIC = ("C", "max_iter", "tol", "fit_intercept")


def _logistic_regression(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    import inspect

    from sklearn.linear_model import LogisticRegression

    settings: dict[str, Any] = {name: hyperparameters[name] for name in _OF_LOGISTIC}
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

    return LinearRegression(positive=hyperparameters["positive"], fit_intercept=hyperparameters["fit_intercept"])


LOGISTIC_REGRESSION = ModelCard(
    name="logistic_regression",
    title="Logistic regression",
    family="linear",
    engine="estimator",
    tasks=("classification",),
    about="A straight boundary with a soft edge: the sigmoid of a weighted sum gives the probability. Quick, hard to"
    " overfit, and the measure that anything more complicated should beat. Turn C first. With solver = gradient"
    " it is the smallest of all networks.",
    hyperparameters=(
        Hyperparameter(
            name="solver",
            kind="choice",
            default="lbfgs",
            choices=("lbfgs", "gradient"),
            help="lbfgs: to the end in one go; gradient: step by step, as networks learn.",
        ),
        Hyperparameter(
            name="C",
            kind="number",
            default=1.0,
            help="Freedom of the coefficients: small values shrink them and soften the edge.",
            above=0,
            high=1e9,
            log=True,
            only=_LBFGS,
        ),
        Hyperparameter(
            name="l1_ratio",
            kind="number",
            default=0.0,
            help="How to shrink: 0 (L2) makes all of them smaller, 1 (L1) makes some zero.",
            low=0,
            high=1,
            only=_LBFGS,
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
            only=_LBFGS,
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
            only=_LBFGS,
        ),
        FIT_INTERCEPT,
        replace(CLASS_WEIGHT, only=_LBFGS),
        replace(INITIALIZATION, only=_GRADIENT),
    ),
    training=(
        replace(curve_over(_C), expert=True, only=_LBFGS),
        *only_with(
            with_changes(
                TRAINING,
                loss={"help": "What is made small; auto: cross_entropy. hinge: a support vector machine."},
                monitor={"choices": ("loss", "accuracy", "auc", "significance")},
            ),
            _GRADIENT,
        ),
    ),
    complexity=_C,
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_logistic_regression,
    variants=_BY_GRADIENT,
)

LINEAR_REGRESSION = ModelCard(
    name="linear_regression",
    title="Linear regression",
    family="linear",
    engine="estimator",
    tasks=("regression",),
    about="The plane with the smallest squared error, found in one step, without a choice to make. What it misses is"
    " what is curved in the data: look at the residuals. With solver = gradient it is the smallest of all networks.",
    hyperparameters=(
        Hyperparameter(
            name="solver",
            kind="choice",
            default="exact",
            choices=("exact", "gradient"),
            help="exact: by algebra, in one go; gradient: step by step, as networks learn.",
        ),
        Hyperparameter(
            name="positive",
            kind="boolean",
            default=False,
            help="Allow no negative slope: every feature may only add.",
            only=("model.solver", ("exact",)),
        ),
        FIT_INTERCEPT,
        replace(INITIALIZATION, only=_GRADIENT),
    ),
    training=only_with(
        with_changes(
            TRAINING,
            loss={
                "choices": ("auto", "squared", "absolute", "huber"),
                "help": "What is made small; auto: squared. absolute and huber bear with outliers.",
            },
            monitor={"choices": ("loss", "rmse", "r2")},
        ),
        _GRADIENT,
    ),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_linear_regression,
    weights="positive",  # scikit-learn takes their roots
    variants=_BY_GRADIENT,
)
