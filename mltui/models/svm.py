"""Support vector machines: the widest margin between classes, or a tube about values, in the space of a kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import Complexity, ModelCard, Shape
from mltui.models.shared import CLASS_WEIGHT, class_weight, curve_over

_C = Complexity("C", (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3))
_NOT_SHARED = ("class_weight", "epsilon", "gamma", "max_iter")


def _svm(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    from sklearn.svm import SVC, SVR

    settings: dict[str, Any] = {name: value for name, value in hyperparameters.items() if name not in _NOT_SHARED}
    gamma, max_iter = hyperparameters["gamma"], hyperparameters["max_iter"]
    settings |= {"gamma": "scale" if gamma is None else gamma, "max_iter": -1 if max_iter is None else max_iter}
    balanced = class_weight(hyperparameters, shape)
    if shape.task == "regression":
        return SVR(**settings, epsilon=0.1 if hyperparameters["epsilon"] is None else hyperparameters["epsilon"])
    if hyperparameters["epsilon"] is not None:
        raise InputError(
            "model.epsilon is the half width of the tube of a regression, and classes have none; leave it out",
            key="model.epsilon",
        )
    # what decides between classes of equally many votes is what the scores decide by
    return SVC(**settings, **balanced, break_ties=shape.classes > 2, random_state=seed)


SVM = ModelCard(
    name="svm",
    title="Support vector machine",
    family="kernel",
    engine="estimator",
    tasks=("classification", "regression"),
    about="The boundary with the widest margin between the classes; only the rows at its edge, the support vectors,"
    " hold it. A kernel bends it. Scale the features, then turn C and gamma together. Scores are the sigmoid of the"
    " distance from the boundary, of many classes the softmax of their votes: they rank, and are no probabilities."
    " Values are learnt in their own unit, and C must suit it.",
    hyperparameters=(
        Hyperparameter(
            name="kernel",
            kind="choice",
            default="rbf",
            choices=("linear", "rbf", "poly", "sigmoid"),
            help="How alike two rows are: linear draws straight lines, rbf any curve.",
        ),
        Hyperparameter(
            name="C",
            kind="number",
            default=1.0,
            help="The price of a row on the wrong side; small: wide margin, calm boundary.",
            above=0,
            high=1e9,
            log=True,
        ),
        Hyperparameter(
            name="gamma",
            kind="number",
            default=None,
            help="How near a row must be to count; large learns by heart. Empty: by the spread.",
            above=0,
            high=1e9,
            log=True,
            optional=True,
            only=("model.kernel", ("rbf", "poly", "sigmoid")),
        ),
        Hyperparameter(
            name="degree",
            kind="integer",
            default=3,
            help="The power of the polynomial kernel.",
            low=1,
            high=50,
            only=("model.kernel", ("poly",)),
        ),
        Hyperparameter(
            name="epsilon",
            kind="number",
            default=None,
            help="Errors up to this, in the target's unit, cost nothing. Regression only.",
            low=0,
            high=1e9,
            log=True,
            first=0.01,
            optional=True,
        ),
        Hyperparameter(
            name="coef0",
            kind="number",
            default=0.0,
            help="A constant in the kernel: with it low powers count beside the highest.",
            expert=True,
            only=("model.kernel", ("poly", "sigmoid")),
        ),
        Hyperparameter(
            name="tol",
            kind="number",
            default=1e-3,
            help="The solver stops when the conditions of the optimum hold to this.",
            above=0,
            high=1,
            log=True,
            expert=True,
        ),
        Hyperparameter(
            name="max_iter",
            kind="integer",
            default=None,
            help="Steps the solver may take; a warning says if it needed more. Empty: any.",
            low=1,
            high=1_000_000_000,
            log=True,
            optional=True,
            expert=True,
        ),
        CLASS_WEIGHT,
    ),
    training=(curve_over(_C),),
    complexity=_C,
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_svm,
    weights="positive",  # libsvm leaves the other rows out
    several=False,
    live_rows=500,
    quadratic_above=20_000,
)
