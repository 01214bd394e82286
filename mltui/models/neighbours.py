"""Nearest neighbours: no training, the rows themselves are the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.models.card import Complexity, ModelCard, Shape
from mltui.models.shared import THREADS, curve_over, thread_count

_COMPLEXITY = Complexity("n_neighbors", (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233))


def _knn(hyperparameters: Mapping[str, Value], training: Mapping[str, Value], shape: Shape, _seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    kind = KNeighborsClassifier if shape.task == "classification" else KNeighborsRegressor
    # the trees are searched by threads, brute force by OpenMP: neither starts a process
    return kind(**hyperparameters, n_jobs=thread_count(training))


KNN = ModelCard(
    name="knn",
    title="Nearest neighbours",
    family="neighbours",
    engine="estimator",
    tasks=("classification", "regression"),
    about="Asks the nearest rows of the training part and lets them vote. Learns nothing ahead, so the answer is slow"
    " and the memory long; scale the features, or the largest decides alone. Turn n_neighbors first.",
    hyperparameters=(
        Hyperparameter(
            name="n_neighbors",
            kind="integer",
            default=15,
            help="Neighbours asked; few follow every point, many smooth the boundary.",
            low=1,
            high=100_000,
            log=True,
        ),
        Hyperparameter(
            name="weights",
            kind="choice",
            default="uniform",
            choices=("uniform", "distance"),
            help="Whether all neighbours count alike, or the closer ones more.",
        ),
        Hyperparameter(
            name="metric",
            kind="choice",
            default="euclidean",
            choices=("euclidean", "manhattan", "chebyshev"),
            help="What near means: straight line, sum of the sides, or longest side.",
        ),
        Hyperparameter(
            name="algorithm",
            kind="choice",
            default="auto",
            choices=("auto", "kd_tree", "ball_tree", "brute"),
            help="How neighbours are found; changes the time, not the answer.",
            expert=True,
        ),
        Hyperparameter(
            name="leaf_size",
            kind="integer",
            default=30,
            help="Rows in a leaf of the search tree; changes time and memory, not the answer.",
            low=1,
            high=100_000,
            log=True,
            expert=True,
            only=("model.algorithm", ("auto", "kd_tree", "ball_tree")),
        ),
    ),
    training=(curve_over(_COMPLEXITY), THREADS),
    axis="training_size",
    controls=frozenset({"pause", "step", "stop"}),
    build=_knn,
    complexity=_COMPLEXITY,
    weights="none",
    live_rows=1_000,
)
