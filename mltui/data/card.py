"""The dataset card: one catalogue entry, its settings, and how to make its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mltui.core.hyperparameters import Hyperparameter, Value
from mltui.core.sections import Task
from mltui.core.table import Floats, Table


@dataclass(frozen=True)
class Law:
    """What is known of how rows are drawn: the best answer that there can be.

    Attributes:
        features: the columns that it is a function of, in order.
        classes: the labels; none for a regression.
        answer: takes places, shape (rows, features), and a full set of options; gives the probability of each class
            there, shape (rows, classes), or the expected value, shape (rows,).
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    answer: Callable[[Floats, Mapping[str, Value]], Floats]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One dataset of the catalogue.

    Attributes:
        name: as the experiment file says it, and `title` as a person does.
        family: how the catalogue groups it: playground, textbook, physics.
        about: two or three sentences: what the rows are, where they are from, what to try with them.
        options: its settings.
        targets: how many values a regression is to predict.
        classes: how many a classification is to tell apart.
        make: the table for a full set of options; heavy imports happen inside it.
        points: of a dataset that is made in plain NumPy the function that makes it, for `mltui code`: it takes the
            options but for the seed by their names, and rng.
        law: that the rows are drawn by, where it has a closed form.
    """

    name: str
    title: str
    family: str
    task: Task
    about: str
    source: str
    options: tuple[Hyperparameter, ...]
    make: Callable[[Mapping[str, Value]], Table]
    targets: int = 1
    classes: int = 2
    points: Callable[..., tuple[NDArray[Any], ...]] | None = None
    law: Law | None = None
