"""The ensembles of trees: forests that average, and gradient boosting on histograms that corrects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.card import QUICK, ModelCard, Shape
from mltui.models.shared import CLASS_WEIGHT, EARLY_STOPPING, THREADS, class_weight, for_task, thread_count
from mltui.models.tree import (
    CCP_ALPHA,
    CRITERION,
    MAX_DEPTH,
    MAX_LEAF_NODES,
    MIN_SAMPLES_LEAF,
    MIN_SAMPLES_SPLIT,
    criterion,
)

_LOSSES: dict[Task, tuple[str, ...]] = {
    "classification": ("log_loss",),
    "regression": ("squared_error", "absolute_error", "poisson", "gamma", "quantile"),
}


def _random_forest(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if shape.task == "classification" else RandomForestRegressor
    return kind(**_of_forest(hyperparameters, training, shape), random_state=seed)


def _extra_trees(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    kind = ExtraTreesClassifier if shape.task == "classification" else ExtraTreesRegressor
    return kind(**_of_forest(hyperparameters, training, shape), random_state=seed)


def _of_forest(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape) -> dict[str, Any]:
    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k != "class_weight"}
    settings["criterion"] = criterion(hyperparameters, shape)
    if settings["max_features"] == "auto":
        settings["max_features"] = "sqrt" if shape.task == "classification" else 1.0
    elif settings["max_features"] == "all":
        settings["max_features"] = 1.0
    # n_jobs is threads here, never processes: the trees release the interpreter lock
    return {**settings, **class_weight(hyperparameters, shape), "n_jobs": thread_count(training)}


def _hist_gradient_boosting(
    hyperparameters: Mapping[str, Value], _training: Mapping[str, Value], shape: Shape, seed: int
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    apart = ("class_weight", "loss", "quantile", "interaction_cst")
    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k not in apart}
    loss = for_task("loss", hyperparameters["loss"], shape, _LOSSES, _LOSSES[shape.task][0])
    if loss == "quantile":
        quantile = hyperparameters["quantile"]
        settings["quantile"] = 0.5 if quantile is None else quantile
    if hyperparameters["interaction_cst"] != "all":
        settings["interaction_cst"] = hyperparameters["interaction_cst"]
    kind = HistGradientBoostingClassifier if shape.task == "classification" else HistGradientBoostingRegressor
    # threads come from OpenMP's limit in the worker; stopping early is the loop's, by the run's own validation part
    return kind(loss=loss, **settings, **class_weight(hyperparameters, shape), early_stopping=False, random_state=seed)


N_ESTIMATORS = Hyperparameter(
    name="n_estimators",
    kind="integer",
    default=100,
    help="Trees that vote; more make the answer calmer, never worse, only slower.",
    low=1,
    high=100_000,
    log=True,
)
_BOOTSTRAP = Hyperparameter(
    name="bootstrap",
    kind="boolean",
    default=True,
    help="Each tree sees its own draw of rows; without it all see the same.",
    expert=True,
)
_OF_FORESTS = (
    N_ESTIMATORS,
    replace(MAX_DEPTH, default=None),
    MIN_SAMPLES_LEAF,
    Hyperparameter(
        name="max_features",
        kind="choice",
        default="auto",
        choices=("auto", "sqrt", "log2", "all"),
        help="Features a question may choose from; auto: sqrt for classes, all for values.",
    ),
    Hyperparameter(
        name="max_samples",
        kind="number",
        default=None,
        help="Share of the rows drawn for each tree; less makes trees more different.",
        above=0,
        high=1,
        optional=True,
        expert=True,
        only=("model.bootstrap", (True,)),
    ),
    _BOOTSTRAP,
    MAX_LEAF_NODES,
    MIN_SAMPLES_SPLIT,
    CRITERION,
    CCP_ALPHA,
    CLASS_WEIGHT,
)

RANDOM_FOREST = ModelCard(
    name="random_forest",
    title="Random forest",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Many deep trees, each grown on its own draw of the rows and asking only some of the features; their mean is"
    " calmer than any of them. Hard to get wrong: add trees until the curve lies flat.",
    hyperparameters=_OF_FORESTS,
    training=(THREADS,),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_random_forest,
    weights="positive",  # scikit-learn draws a tree's rows with them as probabilities
    negative_with=("bootstrap", False),
    steps="model.n_estimators",
)

EXTRA_TREES = replace(
    RANDOM_FOREST,
    name="extra_trees",
    title="Extra trees",
    about="A forest whose trees draw the threshold of each question by chance and keep the best of a few. Quicker to"
    " grow than a random forest and often smoother. Add trees until the curve lies flat; then raise min_samples_leaf if"
    " the data are noisy.",
    hyperparameters=tuple(replace(h, default=False) if h is _BOOTSTRAP else h for h in _OF_FORESTS),
    build=_extra_trees,
    live_rows=QUICK,
)

HIST_GRADIENT_BOOSTING = ModelCard(
    name="hist_gradient_boosting",
    title="Gradient boosting (histograms)",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Small trees one after another, each correcting what the sum so far gets wrong. The strongest first choice"
    " for tables of measured quantities. Turn learning_rate and max_iter together, and watch the validation curve"
    " turn upwards.",
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
            name="max_iter",
            kind="integer",
            default=100,
            help="Corrections made, one tree each (one a class for many classes).",
            low=1,
            high=100_000,
            log=True,
        ),
        Hyperparameter(
            name="max_leaf_nodes",
            kind="integer",
            default=31,
            help="Leaves a tree may have: how intricate one correction can be. Empty: no limit.",
            low=2,
            high=100_000,
            log=True,
            optional=True,
        ),
        replace(MAX_DEPTH, default=None),
        replace(MIN_SAMPLES_LEAF, default=20),
        Hyperparameter(
            name="l2_regularization",
            kind="number",
            default=0.0,
            help="Shrinks leaves that rest on few rows.",
            low=0,
            high=1e9,
            log=True,
        ),
        Hyperparameter(
            name="max_features",
            kind="number",
            default=1.0,
            help="Share of the features a split may choose from, drawn anew each time.",
            above=0,
            high=1,
            expert=True,
        ),
        Hyperparameter(
            name="max_bins",
            kind="integer",
            default=255,
            help="Steps each feature is rounded to before it is split; fewer are faster, coarser.",
            low=2,
            high=255,
            expert=True,
        ),
        Hyperparameter(
            name="interaction_cst",
            kind="choice",
            default="all",
            choices=("all", "pairwise", "no_interactions"),
            help="Which features may meet in one tree: any, only two, or none with another.",
            expert=True,
        ),
        Hyperparameter(
            name="loss",
            kind="choice",
            default="auto",
            choices=("auto", *_LOSSES["classification"], *_LOSSES["regression"]),
            help="What a tree corrects; auto: log_loss for classes, squared_error for values.",
            expert=True,
        ),
        Hyperparameter(
            name="quantile",
            kind="number",
            default=None,
            help="The share of values to lie below the answer. Empty: half.",
            above=0,
            below=1,
            optional=True,
            expert=True,
            only=("model.loss", ("quantile",)),
        ),
        CLASS_WEIGHT,
    ),
    training=(EARLY_STOPPING, THREADS),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_hist_gradient_boosting,
    steps="model.max_iter",
    several=False,
    live_rows=QUICK,
    negative_rows=200_000,  # of more, scikit-learn draws those that it bins by, the weights as probabilities
)
