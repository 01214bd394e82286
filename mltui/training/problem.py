"""What a trainer is given, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mltui.core.experiment import Experiment
from mltui.core.sections import Part, Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers, Table
from mltui.data.disk import on_disk
from mltui.inference.fitted import Inputs
from mltui.models.card import ModelCard, Shape

LIVE_ROWS = 10_000
"""At most so many rows of a part speak for it while training goes on; all of them do at the end."""


class TrainingError(Exception):
    """A training that cannot go on: one sentence for the user, and the cause that the failed event names."""

    def __init__(self, sentence: str, *, cause: str = "crash") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause


@dataclass(frozen=True)
class Rows:
    """One part's rows, preprocessed; in memory, or on disk and memory-mapped.

    Attributes:
        x: shape (rows, inputs).
        target: shape (rows,): class codes (int64) or values (float64).
        weights: shape (rows,); ones where the table has none.
        whole: the table that the rows are from.
        places: shape (rows,), their numbers in it; None where they are all of it, in its order.
        origin: of each row the file and the entry, where they are at hand in this order; else the table is asked.
    """

    x: Inputs
    target: NDArray[np.generic]
    weights: Floats
    whole: Table
    places: NDArray[np.integer] | None = None
    origin: tuple[Integers, Integers] | None = None

    def __len__(self) -> int:
        return len(self.target)

    @property
    def table(self) -> Table:
        """The raw rows behind x, in the same order; made anew at each call."""
        return self.whole if self.places is None else self.whole.take(self.places)

    @property
    def file(self) -> Integers:
        """Shape (rows,), index into the table's files."""
        return self._of(0, self.whole.file)

    @property
    def entry(self) -> Integers:
        """Shape (rows,), each row's number in its file."""
        return self._of(1, self.whole.entry)

    @property
    def on_disk(self) -> bool:
        """Whether x is a view of a file, which is to be read from its beginning and never copied as a whole."""
        return on_disk(self.x)

    def take(self, rows: NDArray[np.integer]) -> Rows:
        """These rows, in this order, in memory."""
        places = rows if self.places is None else self.places[rows]
        return Rows(self.x[rows], self.target[rows], self.weights[rows], self.whole, places)

    def _of(self, which: int, column: Integers) -> Integers:
        if self.origin is not None:
            return self.origin[which]
        return column if self.places is None else column[self.places]

    def sampled(self, at_most: int) -> NDArray[np.integer]:
        """The row numbers of a fixed sample, the same in every run and at every step, in order."""
        if len(self) <= at_most:
            return np.arange(len(self))
        return np.sort(np.random.default_rng(0).choice(len(self), at_most, replace=False))

    def sample(self, at_most: int) -> Rows:
        """That sample; all rows where they are few enough."""
        return self if len(self) <= at_most else self.take(self.sampled(at_most))

    def scored(self, scores: Floats) -> Scores:
        """What a model's answers to these rows are worth, for `evaluation`."""
        return Scores(self.target, scores, self.weights)


@dataclass(frozen=True)
class Problem:
    """An experiment ready to be fitted.

    Attributes:
        shape: what the model is built for.
        classes: the labels; with two, the second is the positive one. Empty for regression.
        parts: train, and validation where the split has one; the sealed test part is never here.
        weighted: whether the data carry weights.
        threads: how many threads the fit may use.
        device: the device to train on, such as cpu or cuda:0; estimators stay on the CPU.
        axes: the two features to draw the model over, as the preview of the data has them; fewer where there are fewer.
    """

    experiment: Experiment
    card: ModelCard
    shape: Shape
    classes: tuple[str, ...]
    parts: Mapping[Part, Rows]
    weighted: bool = False
    threads: int = 1
    device: str = "cpu"
    axes: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """What the target asks for."""
        return self.shape.task

    @property
    def train(self) -> Rows:
        """The rows to fit on."""
        return self.parts["train"]

    @property
    def validation(self) -> Rows | None:
        """The rows that judge while the user chooses, or None where the split leaves none."""
        return self.parts.get("validation")

    @property
    def fit_weights(self) -> Floats | None:
        """The training rows' weights scaled to mean 1, so that a learning rate means the same whatever their unit.

        Negative ones stay negative. None where the data carry no weights.

        Raises:
            TrainingError: where the weights do not add up to something positive.
        """
        mean = self.fit_weight
        return None if mean is None else self.train.weights / mean

    @property
    def fit_weight(self) -> float | None:
        """The training rows' mean weight, which counts as 1 in the fit; None where the data carry no weights.

        Raises:
            TrainingError: where the weights do not add up to something positive.
        """
        if not self.weighted:
            return None
        mean = float(np.mean(self.train.weights))
        if not mean > 0:
            raise TrainingError(
                f"the weights of the {len(self.train):,} training rows add up to {mean * len(self.train):.3g}; "
                "training needs a positive sum, so choose another weight column or more rows",
                cause="input",
            )
        return mean

    @cached_property
    def live(self) -> Mapping[Part, Rows]:
        """Of each part the fixed sample that the live curves are computed on."""
        return {part: rows.sample(LIVE_ROWS) for part, rows in self.parts.items()}
