"""The decision tree, and the settings of trees that forests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.card import Complexity, ModelCard, Shape
from mltui.models.shared import CLASS_WEIGHT, class_weight, curve_over, for_task

_COMPLEXITY = Complexity("max_depth", (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20))

_CRITERIA: dict[Task, tuple[str, ...]] = {
    "classification": ("gini", "entropy", "log_loss"),
    "regression": ("squared_error", "absolute_error", "poisson"),
}

MAX_DEPTH = Hyperparameter(
    name="max_depth",
    kind="integer",
    default=5,
    help="Questions in a row at most; deep trees learn by heart. Empty: no limit.",
    low=1,
    high=10_000,
    optional=True,
)
MIN_SAMPLES_LEAF = Hyperparameter(
    name="min_samples_leaf",
    kind="integer",
    default=1,
    help="Rows every leaf must hold; more give a smoother, more cautious answer.",
    low=1,
    high=1_000_000,
    log=True,
)
MIN_SAMPLES_SPLIT = Hyperparameter(
    name="min_samples_split",
    kind="integer",
    default=2,
    help="Rows a node needs before it may ask another question.",
    low=2,
    high=1_000_000,
    log=True,
    expert=True,
)
MAX_LEAF_NODES = Hyperparameter(
    name="max_leaf_nodes",
    kind="integer",
    default=None,
    help="Leaves at most, the most useful first. Empty: no limit.",
    low=2,
    high=1_000_000,
    log=True,
    optional=True,
    expert=True,
)
MAX_FEATURES = Hyperparameter(
    name="max_features",
    kind="choice",
    default="all",
    choices=("all", "sqrt", "log2"),
    help="Features that each question may choose from, drawn anew every time.",
    expert=True,
)
CRITERION = Hyperparameter(
    name="criterion",
    kind="choice",
    default="auto",
    choices=("auto", *_CRITERIA["classification"], *_CRITERIA["regression"]),
    help="How a question is judged; auto: gini for classes, squared_error for values.",
    expert=True,
)
CCP_ALPHA = Hyperparameter(
    name="ccp_alpha",
    kind="number",
    default=0.0,
    help="Pruning: cut branches that gain less than this per leaf.",
    low=0,
    high=1e9,
    log=True,
    expert=True,
)


def criterion(hyperparameters: Mapping[str, Value], shape: Shape) -> str:
    """How splits are judged, as the library says it.

    Raises:
        InputError: where the criterion belongs to the other task.
    """
    usual = _CRITERIA[shape.task][0]
    return for_task("criterion", hyperparameters["criterion"], shape, _CRITERIA, usual)


def _decision_tree(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k != "class_weight"}
    settings["criterion"] = criterion(hyperparameters, shape)
    if settings["max_features"] == "all":
        settings["max_features"] = None
    kind = DecisionTreeClassifier if shape.task == "classification" else DecisionTreeRegressor
    return kind(**settings, **class_weight(hyperparameters, shape), random_state=seed)


DECISION_TREE = ModelCard(
    name="decision_tree",
    title="Decision tree",
    family="tree",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Questions about one feature at a time cut the plane into rectangles. Easy to read, careless of scale, and"
    " quick to learn noise by heart: set max_depth against that and watch both curves.",
    hyperparameters=(
        MAX_DEPTH,
        MIN_SAMPLES_LEAF,
        replace(MAX_LEAF_NODES, expert=False),
        MIN_SAMPLES_SPLIT,
        MAX_FEATURES,
        CRITERION,
        CCP_ALPHA,
        CLASS_WEIGHT,
    ),
    training=(curve_over(_COMPLEXITY),),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_decision_tree,
    complexity=_COMPLEXITY,
)
