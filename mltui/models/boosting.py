"""Boosting with trees that look at every value of a feature: AdaBoost and gradient boosting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.card import ModelCard, Shape
from mltui.models.shared import EARLY_STOPPING, for_task
from mltui.models.tree import CCP_ALPHA, MAX_DEPTH, MAX_FEATURES, MAX_LEAF_NODES, MIN_SAMPLES_LEAF, MIN_SAMPLES_SPLIT

_ADABOOST_LOSSES: dict[Task, tuple[str, ...]] = {
    "classification": (),
    "regression": ("linear", "square", "exponential"),
}
_LOSSES: dict[Task, tuple[str, ...]] = {
    "classification": ("log_loss", "exponential"),
    "regression": ("squared_error", "absolute_error", "huber", "quantile"),
}
_TREE = ("max_depth", "min_samples_leaf", "min_samples_split", "max_features", "max_leaf_nodes", "ccp_alpha")
"""AdaBoost's settings that are those of each of its trees."""


def _adaboost(hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k not in (*_TREE, "loss")}
    of_tree: dict[str, Any] = {name: hyperparameters[name] for name in _TREE}
    if of_tree["max_features"] == "all":
        of_tree["max_features"] = None
    loss = for_task("loss", hyperparameters["loss"], shape, _ADABOOST_LOSSES, "linear")
    if shape.task == "classification":
        depth = {"max_depth": 1 if of_tree["max_depth"] is None else of_tree["max_depth"]}
        return AdaBoostClassifier(DecisionTreeClassifier(**{**of_tree, **depth}), **settings, random_state=seed)
    depth = {"max_depth": 3 if of_tree["max_depth"] is None else of_tree["max_depth"]}
    return AdaBoostRegressor(DecisionTreeRegressor(**{**of_tree, **depth}), **settings, loss=loss, random_state=seed)


def _gradient_boosting(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k not in ("loss", "alpha")}
    settings["loss"] = for_task("loss", hyperparameters["loss"], shape, _LOSSES, _LOSSES[shape.task][0])
    if settings["max_features"] == "all":
        settings["max_features"] = None
    # no part of the rows is set aside: stopping early is the loop's, by the run's own validation part
    if shape.task == "classification":
        return GradientBoostingClassifier(**settings, random_state=seed)
    return GradientBoostingRegressor(**settings, alpha=hyperparameters["alpha"], random_state=seed)


ADABOOST = ModelCard(
    name="adaboost",
    title="AdaBoost",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Very small trees one after another, each looking hardest at the rows that those before got wrong; the better"
    " a tree, the more its vote counts. Turn n_estimators first, then max_depth. Its probabilities of two classes stay"
    " near one half: it ranks well and promises little.",
    hyperparameters=(
        Hyperparameter(
            name="n_estimators",
            kind="integer",
            default=50,
            help="Trees that vote, each made for what those before got wrong.",
            low=1,
            high=100_000,
            log=True,
        ),
        Hyperparameter(
            name="learning_rate",
            kind="number",
            default=1.0,
            help="How strongly rows that were got wrong gain weight; small needs more trees.",
            above=0,
            high=100,
            log=True,
        ),
        replace(
            MAX_DEPTH,
            default=None,
            help="Questions in a row in one tree. Empty: 1 for classes, 3 for values.",
        ),
        MIN_SAMPLES_LEAF,
        MIN_SAMPLES_SPLIT,
        MAX_LEAF_NODES,
        MAX_FEATURES,
        CCP_ALPHA,
        Hyperparameter(
            name="loss",
            kind="choice",
            default="auto",
            choices=("auto", *_ADABOOST_LOSSES["regression"]),
            help="What a large error counts when values are learnt; auto: linear.",
            expert=True,
        ),
    ),
    training=(EARLY_STOPPING,),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_adaboost,
    weights="positive",  # they become the rows' shares, of which the logarithm is taken
    steps="model.n_estimators",
    several=False,
)

GRADIENT_BOOSTING = ModelCard(
    name="gradient_boosting",
    title="Gradient boosting",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Small trees one after another, each fitted to what the sum so far gets wrong, with thresholds at every value"
    " of a feature. Turn learning_rate and n_estimators together, and watch the validation curve turn upwards. For more"
    " than some ten thousand rows hist_gradient_boosting does the same much faster.",
    hyperparameters=(
        Hyperparameter(
            name="learning_rate",
            kind="number",
            default=0.1,
            help="How much of each tree's correction is taken; small steps need more trees.",
            above=0,
            high=10,
            log=True,
        ),
        Hyperparameter(
            name="n_estimators",
            kind="integer",
            default=100,
            help="Corrections made, one tree each (one a class for many classes).",
            low=1,
            high=100_000,
            log=True,
        ),
        replace(MAX_DEPTH, default=3, help="Questions in a row: how many features one correction may combine."),
        MIN_SAMPLES_LEAF,
        Hyperparameter(
            name="subsample",
            kind="number",
            default=1.0,
            help="Share of the rows that each tree sees; less is quicker, and forgets noise.",
            above=0,
            high=1,
        ),
        MIN_SAMPLES_SPLIT,
        MAX_LEAF_NODES,
        MAX_FEATURES,
        Hyperparameter(
            name="min_impurity_decrease",
            kind="number",
            default=0.0,
            help="What a question must gain to be asked; more gives smaller trees.",
            low=0,
            high=1e9,
            log=True,
            expert=True,
        ),
        CCP_ALPHA,
        Hyperparameter(
            name="loss",
            kind="choice",
            default="auto",
            choices=("auto", *_LOSSES["classification"], *_LOSSES["regression"]),
            help="What a tree corrects; auto: log_loss for classes, squared_error for values.",
            expert=True,
        ),
        Hyperparameter(
            name="alpha",
            kind="number",
            default=0.9,
            help="Share of values to lie below (quantile), or of errors taken squared (huber).",
            above=0,
            below=1,
            expert=True,
            only=("model.loss", ("huber", "quantile")),
        ),
    ),
    training=(EARLY_STOPPING,),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_gradient_boosting,
    weights="positive",  # where those of a leaf cancel, scikit-learn divides by zero
    steps="model.n_estimators",
    several=False,
)
