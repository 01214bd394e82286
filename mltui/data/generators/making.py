"""From a plain generator of points to a card of the catalogue."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mltui.core.errors import InputError
from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.core.table import Column, Floats, Table
from mltui.data.card import Dataset, Law
from mltui.data.matrix import width

Columns = Callable[[Mapping[str, Value]], tuple[Column, ...]]
"""The columns by the options, as the size of an image may be one of them."""
Classes = Callable[[Mapping[str, Value]], tuple[str, ...]]
WEIGHT, PROCESS = "weight", "process"

SEED = Hyperparameter(
    name="seed",
    kind="integer",
    default=1,
    low=0,
    high=2**31,
    help="Another seed draws other rows of the same kind.",
)


def samples(default: int, high: int = 1_000_000, low: int = 10) -> Hyperparameter:
    """The declaration of how many rows are made."""
    return Hyperparameter(
        name="samples",
        kind="integer",
        default=default,
        low=low,
        high=high,
        log=True,
        help="How many rows; with few, a model learns them by heart.",
    )


def number(name: str, default: float, low: float, high: float, help: str, *, log: bool = False) -> Hyperparameter:
    """The declaration of a number between two ends, both allowed."""
    return Hyperparameter(name=name, kind="number", default=default, low=low, high=high, log=log, help=help)


def whole(name: str, default: int, low: int, high: int, help: str) -> Hyperparameter:
    """The declaration of a whole number between two ends, both allowed."""
    return Hyperparameter(name=name, kind="integer", default=default, low=low, high=high, help=help)


def choice(name: str, choices: tuple[str, ...], help: str) -> Hyperparameter:
    """The declaration of a choice, whose default is the first."""
    return Hyperparameter(name=name, kind="choice", default=choices[0], choices=choices, help=help)


def generated(
    points: Callable[..., tuple[NDArray[Any], ...]],
    *,
    columns: tuple[Column, ...] | Columns,
    target: Column,
    title: str,
    family: str,
    about: str,
    source: str,
    options: tuple[Hyperparameter, ...],
    classes: tuple[str, ...] | Classes = (),
    beside: tuple[Column, ...] = (),
    processes: tuple[str, ...] = (),
    law: Callable[..., Floats] | None = None,
) -> Dataset:
    """A card whose name is that of the function that makes its points.

    Args:
        points: takes the options but for the seed by their names, and rng, a NumPy generator; returns x, shape (rows,
            inputs), what the columns and then those beside give, images pixel by pixel and categories by their codes,
            last the index into the processes where there are any; y, shape (rows,), codes of classes or values; and
            weights, shape (rows,), where there are any. `mltui code` carries it over as `export.carried` says, so that
            it may use only NumPy and its own module.
        columns: the features. beside: what may stand in for them, and is no feature of itself.
        classes: their labels, in alphabetical order; none for regression.
        processes: the names of those that the rows come from, in alphabetical order, where the classes have several.
        law: takes places, shape (rows, inputs), and by their names those of the options that matter; what it gives is
            as `Law.answer` has it. Columns and classes are then the same whatever the options.
    """
    task: Task = "classification" if classes else "regression"
    name = points.__name__

    def make(given: Mapping[str, Value]) -> Table:
        found = columns(given) if callable(columns) else columns
        return _table(points, given, found, target, classes(given) if callable(classes) else classes, beside, processes)

    usual = classes({option.name: option.default for option in options}) if callable(classes) else classes

    return Dataset(
        name=name,
        title=title,
        family=family,
        task=task,
        about=about,
        source=source,
        options=options,
        make=make,
        classes=len(usual) or 2,
        points=points,
        law=_law(law, columns, classes) if law else None,
    )


def _law(law: Callable[..., Floats], columns: tuple[Column, ...] | Columns, classes: tuple[str, ...] | Classes) -> Law:
    if callable(columns) or callable(classes):
        raise TypeError("a law is of columns and classes that do not depend on the options")
    _, *names = inspect.signature(law).parameters
    return Law(
        tuple(column.name for column in columns),
        classes,
        lambda places, options: law(places, **{name: options[name] for name in names}),
    )


def _table(
    points: Callable[..., tuple[NDArray[Any], ...]],
    options: Mapping[str, Value],
    columns: tuple[Column, ...],
    target: Column,
    classes: tuple[str, ...],
    beside: tuple[Column, ...],
    processes: tuple[str, ...],
) -> Table:
    rng = np.random.default_rng(options["seed"])  # type: ignore[arg-type]
    asked = {name: value for name, value in options.items() if name != "seed"}
    try:
        x, y, *weight = points(**asked, rng=rng)
    except ValueError as error:
        raise InputError(f"data.options: {error}", key="data.options") from None
    order = rng.permutation(len(y))
    x, y = x[order], y[order]
    origin = (Column(PROCESS, "category", categories=processes),) if processes else ()
    every = split_up(x, (*columns, *beside, *origin))
    return Table(
        columns=columns,
        values={column.name: every[column.name] for column in columns},
        task="classification" if classes else "regression",
        target=y,
        target_name=target.name,
        target_unit=target.unit,
        target_title=target.title,
        classes=classes,
        weights=weight[0][order] if weight else None,
        weight_name=WEIGHT if weight else "",
        others={column.name: every[column.name] for column in beside},
        processes=processes,
        process=every[PROCESS].astype(np.int16) if processes else np.zeros(0, np.int16),
        files=(points.__name__,),
        file=np.zeros(len(y), np.int64),
        entry=np.arange(len(y)),
    )


def split_up(x: NDArray[Any], columns: tuple[Column, ...]) -> dict[str, NDArray[Any]]:
    """The columns of inputs, shape (rows, inputs), each by its name and of its own shape."""
    found, start = {}, 0
    for column in columns:
        values = x[:, start : start + width(column)]
        start += width(column)
        if column.shape:
            found[column.name] = np.ascontiguousarray(values).reshape(len(x), *column.shape)
        else:
            found[column.name] = values[:, 0].astype(np.int64 if column.categories else values.dtype)
    return found
