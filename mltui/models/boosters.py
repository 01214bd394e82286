"""Gradient boosting by the packages XGBoost and LightGBM, which extras bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.boosting import GRADIENT_BOOSTING
from mltui.models.card import QUICK, ModelCard, Shape
from mltui.models.library import loaded
from mltui.models.shared import CLASS_WEIGHT, EARLY_STOPPING, THREADS, class_weight, for_task, thread_count
from mltui.models.tree import MAX_DEPTH

_XGBOOST: dict[Task, tuple[str, ...]] = {
    "classification": (),
    "regression": (
        "reg:squarederror",
        "reg:absoluteerror",
        "reg:pseudohubererror",
        "count:poisson",
        "reg:gamma",
        "reg:tweedie",
    ),
}
_LIGHTGBM: dict[Task, tuple[str, ...]] = {
    "classification": (),
    "regression": ("regression", "regression_l1", "huber", "quantile", "poisson", "gamma", "tweedie"),
}


def _xgboost(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    library = loaded("xgboost")
    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k != "objective"}
    objective = for_task("objective", hyperparameters["objective"], shape, _XGBOOST, "reg:squarederror")
    # silent: what it prints would be lost in a log, and what is wrong it raises
    own = {"n_jobs": thread_count(training), "random_state": seed, "verbosity": 0}
    if shape.task == "classification":
        return library.XGBClassifier(**settings, **own)
    return library.XGBRegressor(**settings, objective=objective, **own)


def _lightgbm(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape, seed: int) -> Any:
    library = loaded("lightgbm")
    settings: dict[str, Any] = {k: v for k, v in hyperparameters.items() if k not in ("objective", "class_weight")}
    objective = for_task("objective", hyperparameters["objective"], shape, _LIGHTGBM, "regression")
    if settings["max_depth"] is None:
        settings["max_depth"] = -1
    if settings["subsample"] != 1:
        settings["subsample_freq"] = 1  # else it draws no rows at all
    if objective not in ("huber", "quantile"):
        del settings["alpha"]
    # one way of building histograms: otherwise it tries both on the clock, and the last digits depend on the winner
    own = {"deterministic": True, "force_row_wise": True, "verbosity": -1}
    own |= {"n_jobs": thread_count(training), "random_state": seed}
    if shape.task == "classification":
        return library.LGBMClassifier(**settings, **class_weight(hyperparameters, shape), **own)
    return library.LGBMRegressor(**settings, **class_weight(hyperparameters, shape), objective=objective, **own)


_BY_NAME = {h.name: h for h in GRADIENT_BOOSTING.hyperparameters}
_SUBSAMPLE = _BY_NAME["subsample"]
_COLSAMPLE = Hyperparameter(
    name="colsample_bytree",
    kind="number",
    default=1.0,
    help="Share of the features that each tree may ask, drawn anew for each.",
    above=0,
    high=1,
)
_REG_LAMBDA = Hyperparameter(
    name="reg_lambda",
    kind="number",
    default=1.0,
    help="Shrinks leaves that rest on few rows, by the square of their value.",
    low=0,
    high=1e9,
    log=True,
    first=0.1,
    expert=True,
)
_REG_ALPHA = Hyperparameter(
    name="reg_alpha",
    kind="number",
    default=0.0,
    help="Pulls leaves towards 0 by their value itself; weak ones become 0.",
    low=0,
    high=1e9,
    log=True,
    first=0.1,
    expert=True,
)
_MIN_CHILD_WEIGHT = Hyperparameter(
    name="min_child_weight",
    kind="number",
    default=1.0,
    help="What the rows of a leaf must weigh together, by the loss's curvature.",
    low=0,
    high=1e9,
    log=True,
    first=0.001,
)
_GAMMA = Hyperparameter(
    name="gamma",
    kind="number",
    default=0.0,
    help="What a question must gain to be asked; more gives smaller trees.",
    low=0,
    high=1e9,
    log=True,
    first=0.1,
    expert=True,
)
_MAX_BIN = Hyperparameter(
    name="max_bin",
    kind="integer",
    default=256,
    help="Steps each feature is rounded to before it is split; fewer are faster, coarser.",
    low=2,
    high=65_536,
    log=True,
    expert=True,
)

XGBOOST = ModelCard(
    name="xgboost",
    title="XGBoost",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Small trees one after another, each correcting what the sum so far gets wrong, with a price on every leaf."
    " Much used for tables of measured quantities. Turn learning_rate and n_estimators together and max_depth next, and"
    " watch the validation curve turn upwards.",
    hyperparameters=(
        replace(_BY_NAME["learning_rate"], default=0.3),
        _BY_NAME["n_estimators"],
        replace(
            MAX_DEPTH,
            default=6,
            high=1_000,
            optional=False,
            help="Questions in a row: how many features one correction may combine.",
        ),
        _MIN_CHILD_WEIGHT,
        _SUBSAMPLE,
        _COLSAMPLE,
        replace(
            _COLSAMPLE,
            name="colsample_bynode",
            help="Share of the features that a question may choose from, drawn anew each time.",
            expert=True,
        ),
        _REG_LAMBDA,
        _REG_ALPHA,
        _GAMMA,
        Hyperparameter(
            name="grow_policy",
            kind="choice",
            default="depthwise",
            choices=("depthwise", "lossguide"),
            help="Which leaf is split next: the highest up, or the one that gains most.",
            expert=True,
            only=("model.tree_method", ("hist", "approx")),
        ),
        Hyperparameter(
            name="max_leaves",
            kind="integer",
            default=0,
            help="Leaves at most. 0: no limit but that of the depth.",
            low=0,
            high=1_000_000,
            log=True,
            first=2,
            expert=True,
            only=("model.tree_method", ("hist", "approx")),
        ),
        Hyperparameter(
            name="tree_method",
            kind="choice",
            default="hist",
            choices=("hist", "approx", "exact"),
            help="Thresholds by steps made once, or for each tree, or at every value.",
            expert=True,
        ),
        replace(_MAX_BIN, only=("model.tree_method", ("hist", "approx"))),
        Hyperparameter(
            name="objective",
            kind="choice",
            default="auto",
            choices=("auto", *_XGBOOST["regression"]),
            help="What a tree corrects; auto: log loss for classes, squarederror for values.",
            expert=True,
        ),
    ),
    training=(EARLY_STOPPING, THREADS),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_xgboost,
    library="xgboost",
    live_rows=QUICK,
    weights="positive",
    steps="model.n_estimators",
)

LIGHTGBM = ModelCard(
    name="lightgbm",
    title="LightGBM",
    family="ensemble",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Boosting on histograms whose trees always split the leaf that gains most. The quickest on many rows, and"
    " quick to learn few by heart. Turn num_leaves and min_child_samples against that, learning_rate and n_estimators"
    " together, and watch the validation curve turn upwards.",
    hyperparameters=(
        _BY_NAME["learning_rate"],
        _BY_NAME["n_estimators"],
        Hyperparameter(
            name="num_leaves",
            kind="integer",
            default=31,
            help="Leaves a tree may have: how intricate one correction can be.",
            low=2,
            high=131_072,
            log=True,
        ),
        replace(MAX_DEPTH, default=None, high=1_000),
        Hyperparameter(
            name="min_child_samples",
            kind="integer",
            default=20,
            help="Rows every leaf must hold; more give a smoother, more cautious answer.",
            low=1,
            high=1_000_000,
            log=True,
        ),
        _SUBSAMPLE,
        replace(_COLSAMPLE, expert=True),
        replace(_REG_LAMBDA, default=0.0),
        _REG_ALPHA,
        replace(_GAMMA, name="min_split_gain"),
        replace(_MIN_CHILD_WEIGHT, default=0.001, expert=True),
        replace(_MAX_BIN, default=255),
        Hyperparameter(
            name="objective",
            kind="choice",
            default="auto",
            choices=("auto", *_LIGHTGBM["regression"]),
            help="What a tree corrects; auto: log loss for classes, regression for values.",
            expert=True,
        ),
        Hyperparameter(
            name="alpha",
            kind="number",
            default=0.9,
            help="quantile: share of values to lie below. huber: error from which they are linear.",
            above=0,
            below=1,
            expert=True,
            only=("model.objective", ("huber", "quantile")),
        ),
        CLASS_WEIGHT,
    ),
    training=(EARLY_STOPPING, THREADS),
    axis="tree",
    controls=frozenset({"pause", "step", "stop"}),
    build=_lightgbm,
    library="lightgbm",
    live_rows=QUICK,
    steps="model.n_estimators",
    several=False,
)
