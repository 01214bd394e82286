"""What a trainer is given, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mltui.core.experiment import Experiment
from mltui.core.process import Process
from mltui.core.sections import Part, Task
from mltui.core.snapshot import Scores
from mltui.core.table import Floats, Integers, Table
from mltui.data.disk import on_disk
from mltui.data.laid_out import put_away
from mltui.data.origins import Origins
from mltui.inference.fitted import Inputs
from mltui.models.card import ModelCard, Shape
from mltui.training import fit_weights


class TrainingError(Exception):
    """A training that cannot go on: one sentence for the user, and the cause that the failed event names."""

    def __init__(self, sentence: str, *, cause: str = "crash") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause


def fixed_sample(rows: int, at_most: int) -> NDArray[np.integer]:
    """At most so many of these rows, by number and in order; the same ones every time."""
    if rows <= at_most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, at_most, replace=False))


@dataclass(frozen=True)
class Rows:
    """One part's rows, preprocessed; in memory, or on disk and memory-mapped.

    Attributes:
        x: shape (rows, inputs).
        target: shape (rows,): class codes (int64) or values (float64); shape (rows, targets) for several targets.
        weights: shape (rows,), by which the rows are judged; ones where the table has none.
        whole: the table that the rows are from.
        places: shape (rows,), their numbers in it; None where they are all of it, in its order.
        origin: of each row the file and the entry, where they are at hand in this order; else the table is asked.
        training_weights: shape (rows,), what the fit takes in place of the weights; None where that is the weights.
    """

    x: Inputs
    target: NDArray[np.generic]
    weights: Floats
    whole: Table
    places: NDArray[np.integer] | None = None
    origin: tuple[Integers, Integers] | None = None
    training_weights: Floats | None = None

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
    def process(self) -> NDArray[np.integer]:
        """Shape (rows,), index into the table's processes; empty where it names none."""
        column = self.whole.process
        return column if self.places is None or not self.whole.processes else column[self.places]

    @property
    def on_disk(self) -> bool:
        """Whether x is a view of a file, which is to be read from its beginning and never copied as a whole."""
        return on_disk(self.x)

    def take(self, rows: NDArray[np.integer]) -> Rows:
        """These rows, in this order, in memory."""
        places = rows if self.places is None else self.places[rows]
        training = None if self.training_weights is None else self.training_weights[rows]
        return Rows(self.x[rows], self.target[rows], self.weights[rows], self.whole, places, training_weights=training)

    def _of(self, which: int, column: Integers) -> Integers:
        if self.origin is not None:
            return self.origin[which]
        return column if self.places is None else column[self.places]

    def sampled(self, at_most: int) -> NDArray[np.integer]:
        """The row numbers of a fixed sample, the same in every run and at every step, in order."""
        return fixed_sample(len(self), at_most)

    def sample(self, at_most: int) -> Rows:
        """That sample; all rows where they are few enough."""
        return self if len(self) <= at_most else self.take(self.sampled(at_most))

    def scored(self, scores: Floats) -> Scores:
        """What a model's answers to these rows are worth, for `evaluation`."""
        return Scores(self.target, scores, self.weights, self.process)


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
        origins: what the inputs are in the data, where that is known.
        processes: what all rows of the data add up to, which the events that some of them stand for are scaled to.
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
    origins: Origins | None = None
    processes: tuple[Process, ...] = ()

    @property
    def task(self) -> Task:
        """What the target asks for."""
        return self.shape.task

    @property
    def expected(self) -> bool:
        """Whether the rows stand for events of a signal and a background, whose significance can be told."""
        return self.weighted and len(self.classes) == 2 and bool(self.processes)

    @property
    def axis(self) -> str:
        """What the curves run over: the card's axis, or the setting whose values are compared."""
        asked = self.experiment.training.get("curve")
        own = self.card.complexity is not None and self.card.engine == "estimator"
        return str(asked) if own and asked else self.card.axis

    @property
    def train(self) -> Rows:
        """The training part as it is judged."""
        return self.parts["train"]

    @property
    def validation(self) -> Rows | None:
        """The rows that judge while the user chooses, or None where the split leaves none."""
        return self.parts.get("validation")

    @property
    def weights_given(self) -> bool:
        """Whether the data carry weights for the fit."""
        return self.weighted or self.train.training_weights is not None

    @property
    def fit_weighted(self) -> bool:
        """Whether the rows to fit on count differently; never where the model takes no weights."""
        asked = self.weights_given or self.experiment.preprocess.balance != "none"
        return asked and self.card.weights != "none"

    @cached_property
    def fit(self) -> Rows:
        """The rows to fit on, their weights being those of the fit, of mean 1; ones where `fit_weighted` is false.

        Rows whose weight in the fit is 0, as that of a dropped negative one, are left out; of a part on disk, which
        is read as it lies there, they stay with that weight.

        Raises:
            InputError: where the weights leave nothing to learn from, or classes are to be balanced and there are none.
        """
        asked = self._weights_asked
        rows = self.train
        if not self.weights_given:
            return self._scaled(rows)
        given = rows.weights if rows.training_weights is None else rows.training_weights
        weights = fit_weights.signed(given, asked.negative)
        if self.card.weights == "none":
            weights = fit_weights.counted(weights)
        fit_weights.refuse_unfit(given, weights, rows.target, asked)
        rows = replace(rows, weights=weights)
        return self._scaled(rows if rows.on_disk or weights.all() else rows.take(np.flatnonzero(weights)))

    def fit_on(self, chosen: NDArray[np.integer]) -> Rows:
        """Some of the rows to fit on, weighted as if they were all of them.

        Raises:
            InputError: where their weights leave nothing to learn from.
        """
        rows = self.fit.take(chosen)
        if self.fit_weighted:
            fit_weights.refuse_unfit(rows.weights, rows.weights, rows.target, self._weights_asked)
        return self._scaled(rows)

    @property
    def _weights_asked(self) -> fit_weights.Asked:
        key = "data.weight" if self.train.training_weights is None else "data.training_weight"
        return fit_weights.Asked.of(self.experiment.preprocess, self.classes, key)

    def _scaled(self, rows: Rows) -> Rows:
        if not self.fit_weighted:
            return rows
        weights = fit_weights.scaled(rows.weights, rows.target, self._weights_asked.balance)
        return replace(rows, weights=put_away(weights) if rows.on_disk else weights)

    @cached_property
    def live_places(self) -> Mapping[Part, NDArray[np.integer]]:
        """Of each part, which of its rows are the fixed sample that the live curves are computed on; in order."""
        return {part: rows.sampled(self.card.live_rows) for part, rows in self.parts.items()}

    @cached_property
    def live(self) -> Mapping[Part, Rows]:
        """Of each part that sample."""
        places = self.live_places
        return {part: r if len(places[part]) == len(r) else r.take(places[part]) for part, r in self.parts.items()}
