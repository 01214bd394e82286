"""Declarations and checks that several model families share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.models.card import Complexity, Shape

THREADS = Hyperparameter(
    name="threads",
    kind="integer",
    default=None,
    help="Processor threads this run may use. Empty: a modest share of the machine.",
    low=1,
    high=1024,
    log=True,
    optional=True,
    expert=True,
)
EARLY_STOPPING = Hyperparameter(
    name="early_stopping",
    kind="integer",
    default=None,
    help="Stop after this many steps without gain, keep the best. Empty: never.",
    low=1,
    high=100_000,
    log=True,
    optional=True,
)
CLASS_WEIGHT = Hyperparameter(
    name="class_weight",
    kind="choice",
    default="none",
    choices=("none", "balanced"),
    help="balanced lets rare classes count as much as common ones. Classification only.",
    expert=True,
)


ROWS = "training_size"


def curve_over(complexity: Complexity) -> Hyperparameter:
    """What the curve of a model runs over that is fitted in one go."""
    return Hyperparameter(
        name="curve",
        kind="choice",
        default=ROWS,
        choices=(ROWS, complexity.name),
        help=f"What the curve runs over: rows to fit, or values of {complexity.name}.",
    )


def thread_count(training: Mapping[str, Value]) -> int:
    """The threads a run was given, 1 where nobody said."""
    threads = training.get("threads")
    return threads if isinstance(threads, int) else 1


def in_single(estimator: Any) -> bool:
    """Whether it looks at inputs in single precision: trees do, alone and together; all else computes in double."""
    each = getattr(estimator, "estimator", None)
    return hasattr(estimator, "min_samples_split") or hasattr(each, "min_samples_split")


def for_task(key: str, value: Value, shape: Shape, choices: Mapping[Task, tuple[str, ...]], auto: str) -> str:
    """A choice whose right values depend on the task; ``auto`` stands for the task's usual one.

    Raises:
        InputError: where the value belongs to the other task.
    """
    right = choices[shape.task]
    if value == "auto":
        return auto
    if value not in right:
        raise InputError(
            f"model.{key} = {value} does not suit {shape.task}; there it is one of {', '.join(('auto', *right))}",
            key=f"model.{key}",
        )
    return str(value)


def class_weight(hyperparameters: Mapping[str, Value], shape: Shape) -> dict[str, str | None]:
    """The class_weight argument of a classifier; nothing for a regressor.

    Raises:
        InputError: where classes are to be balanced and there are none.
    """
    value = hyperparameters["class_weight"]
    if shape.task == "classification":
        return {"class_weight": None if value == "none" else str(value)}
    if value != "none":
        raise InputError(
            "model.class_weight balances classes, and a regression has none; leave it none", key="model.class_weight"
        )
    return {}


def weight_argument(estimator: Any) -> str:
    """What an estimator's fit calls the weights of rows; a pipeline hands them to its last step."""
    steps = getattr(estimator, "steps", None)
    return f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"
