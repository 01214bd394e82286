"""The model card: one declaration from which form, file check, help and training all come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mltui.core.events import Axis
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task

Engine = Literal["network", "estimator"]
Control = Literal["pause", "step", "stop"]


@dataclass(frozen=True)
class Shape:
    """What a model is built for: the task, the columns after preprocessing, the classes (0 for regression)."""

    task: Task
    inputs: int
    classes: int


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """One model of the catalogue.

    Attributes:
        name: as the experiment file says it, and `title` as a person does.
        family: how the catalogue groups it: linear, neighbours, tree, ensemble, network.
        engine: which loop trains it.
        about: two or three sentences for a student: what it does, when it fits, what to turn first.
        hyperparameters: of the model, basics first; `training`: the [training] keys it offers.
        axis: what its live curve runs over.
        controls: what a running fit can be asked to do; every run can be stopped by ending its worker.
        build: makes the untrained model from hyperparameters, training settings, shape and seed; heavy imports
            happen inside it. An estimator card returns a scikit-learn estimator, a network card a torch module.
    """

    name: str
    title: str
    family: str
    engine: Engine
    tasks: tuple[Task, ...]
    about: str
    hyperparameters: tuple[Hyperparameter, ...]
    training: tuple[Hyperparameter, ...]
    axis: Axis
    controls: frozenset[Control]
    build: Callable[[Mapping[str, Value], Mapping[str, Value], Shape, int], Any]
